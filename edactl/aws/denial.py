"""What AWS's own words of an access denial say: which action, on what, and which policy decided.

Source: IAM user guide, "Troubleshoot access denied error messages".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORDS = re.compile(
    r"(?:User|Principal):?\s+(?P<principal>\S+)\s+is not authorized to (?:perform|access):?\s+"
    r"(?P<action>[\w-]+:\w+)"
    r"(?:\s+on(?: this)? resource:?\s+(?P<resource>\S+))?"
    r"(?:\s+(?P<reason>(?:because|with)\s.*))?",
    re.IGNORECASE,
)
_TRAILER = re.compile(r" \(Service: [^()]*\)$")
"""What a service adds that was refused by another one, KMS above all; it names no fact more."""
_ACCOUNT = re.compile(r"arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:(\d{12}):")


@dataclass(frozen=True)
class Denial:
    """Facts of a denial; what AWS did not say is None. `reason` is AWS's own half sentence."""

    principal: str | None = None
    action: str | None = None
    resource: str | None = None
    reason: str | None = None

    @property
    def is_of_another_account(self) -> bool:
        """Whether the resource belongs to another account than the caller."""
        caller = _ACCOUNT.match(self.principal or "")
        owner = _ACCOUNT.match(self.resource or "")
        return bool(caller and owner and caller[1] != owner[1])

    def hint(self, action: str) -> str:
        """What to do about it."""
        where = f" on {self.resource}" if self.resource and self.resource != "*" else ""
        if action == "sts:AssumeRole":
            return (
                f"allow {action}{where} to the caller, and the caller in the role's trust policy;"
                " an external id or an MFA code may be missing or wrong"
            )
        if self.reason and "explicit deny" in self.reason:
            return f"find the policy that denies {action}{where}: an Allow does not beat it"
        if ":kms:" in where or action.startswith("kms:"):
            return (
                f"allow {action}{where} to the caller, in its policies or in the key's own; edactl"
                " iam-policy prints the least policy"
            )
        if self.is_of_another_account:
            return (
                f"it is of another account: allow {action}{where} in the resource's own policy,"
                " and to the caller"
            )
        return f"allow {action}{where} to the caller; edactl iam-policy prints the least policy"


def denial_of(text: str) -> Denial:
    """The facts in AWS's message; none when it is worded otherwise."""
    match = _WORDS.search(text)
    if match is None:
        return Denial()
    return Denial(
        principal=match["principal"],
        action=match["action"],
        resource=_plain(match["resource"]),
        reason=_plain(match["reason"]),
    )


def _plain(words: str | None) -> str | None:
    return _TRAILER.sub("", words).rstrip(" .") if words else None
