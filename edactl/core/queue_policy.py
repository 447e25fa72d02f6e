"""Who may send to a queue, as its access policy says.

Source: IAM user guide, "IAM JSON policy elements"; SQS developer guide, "Access policy language".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edactl.core.record import JsonValue

_SEND = "sqs:sendmessage"


@dataclass(frozen=True)
class Grant:
    """One statement on sending: Allow or Deny, for whom, and under which conditions.

    `principals` are accounts, ARNs, service names, or `*` for anyone; those of a NotPrincipal
    begin with `not `. `conditions` is AWS's own document.
    """

    effect: str
    principals: tuple[str, ...]
    conditions: JsonValue


def senders(policy: str | None) -> tuple[Grant, ...]:
    """The statements of a queue's policy that are about SendMessage, in their order."""
    if policy is None:
        return ()
    document: JsonValue = json.loads(policy)
    statements = document.get("Statement") if isinstance(document, dict) else None
    return tuple(
        Grant(str(one.get("Effect", "")), _principals(one), one.get("Condition") or {})
        for one in _as_list(statements)
        if isinstance(one, dict) and _is_about_sending(one)
    )


def _is_about_sending(statement: dict[str, JsonValue]) -> bool:
    if "NotAction" in statement:
        return not _matches(statement["NotAction"])
    return _matches(statement.get("Action"))


def _matches(actions: JsonValue) -> bool:
    return any(fnmatchcase(_SEND, str(action).lower()) for action in _as_list(actions))


def _principals(statement: dict[str, JsonValue]) -> tuple[str, ...]:
    denied = "NotPrincipal" in statement
    named = statement.get("NotPrincipal" if denied else "Principal")
    groups = named.values() if isinstance(named, dict) else [named]
    principals = [str(one) for group in groups for one in _as_list(group)]
    return tuple(f"not {one}" if denied else one for one in principals)


def _as_list(value: JsonValue) -> list[JsonValue]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
