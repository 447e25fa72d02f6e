"""Credentials: botocore's chain, a role on top of it, MFA asked on the terminal, and one cache.

Role and SSO credentials are kept where the AWS CLI keeps its own (~/.aws/cli/cache, files of mode
0600): an MFA code is asked for once an hour, not once a command, whichever of the two asked.
"""

from __future__ import annotations

import getpass
import hashlib
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    DeferredRefreshableCredentials,
    create_credential_resolver,
)
from botocore.exceptions import NoCredentialsError
from botocore.utils import JSONFileCache, parse_timestamp

from edactl.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.session import Session

    from edactl.core.settings import ConnectionOptions, Setting

CACHE_DIRECTORY = "~/.aws/cli/cache"
_MFA_CODE = re.compile(r"\d{6}")
_NOT_IN_A_SESSION_NAME = re.compile(r"[^\w+=,.@-]", re.ASCII)


class CredentialProvider(Protocol):
    """What botocore asks for credentials."""

    def load_credentials(self) -> Any:
        """Credentials, or None when there are none."""
        ...


def credential_provider(
    session: Session,
    options: ConnectionOptions,
    *,
    region: str,
    sts_endpoint: Setting | None,
    ask_mfa_code: Callable[[str], str],
) -> CredentialProvider:
    """Botocore's chain for the profile, with the role of --role-arn on top when one is given."""
    ask = _checked(ask_mfa_code)
    # the role of an emulator must never be taken for a role of AWS: it is kept under its endpoint
    cache: Any = RoleCache(sts_endpoint.value if sts_endpoint else "")
    chain = create_credential_resolver(session, cache=cache, region_name=region)
    # the chain has no parameter for the prompter; its default would read data from stdin
    profile_role: Any = chain.get_provider("assume-role")
    profile_role._prompter = ask  # noqa: SLF001 -- as said
    if not options.role_arn:
        return chain
    return _RoleOnTop(session, options, chain, region, sts_endpoint, ask)


class _RoleOnTop:
    """The role of --role-arn, assumed on first use and again before it expires."""

    def __init__(  # noqa: PLR0913, PLR0917 -- made in one place
        self,
        session: Session,
        options: ConnectionOptions,
        chain: CredentialProvider,
        region: str,
        sts_endpoint: Setting | None,
        ask: Callable[[str], str],
    ) -> None:
        self._session = session
        self._options = options
        self._chain = chain
        self._place = {"region_name": region}
        if sts_endpoint:
            self._place["endpoint_url"] = sts_endpoint.value
        self._ask = ask

    def load_credentials(self) -> Any:
        """Credentials that call AssumeRole when they are first needed."""
        source = self._chain.load_credentials()
        if source is None:
            raise NoCredentialsError
        return DeferredRefreshableCredentials(
            refresh_using=lambda: self._fetcher(source).fetch_credentials(), method="assume-role"
        )

    def _fetcher(self, source: Any) -> AssumeRoleCredentialFetcher:
        identity = source.get_frozen_credentials().access_key
        return AssumeRoleCredentialFetcher(
            client_creator=lambda service, **keys: self._session.create_client(
                service, **{**self._place, **keys}
            ),
            source_credentials=source,
            role_arn=str(self._options.role_arn),
            extra_args=self._parameters(),
            mfa_prompter=self._ask,
            cache=RoleCache(f"{identity} {self._place}"),  # type: ignore[arg-type] # a mapping is all it needs
        )

    def _parameters(self) -> dict[str, str]:
        parameters = {"RoleSessionName": role_session_name()}
        if self._options.external_id:
            parameters["ExternalId"] = self._options.external_id
        if self._options.mfa_serial:
            parameters["SerialNumber"] = self._options.mfa_serial
        return parameters


def role_session_name() -> str:
    """`edactl-alice`: what CloudTrail shows; the same for each command of one user."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container may run as a user without a name
        return "edactl"
    return f"edactl-{_NOT_IN_A_SESSION_NAME.sub('-', user)}"[:64]


def _checked(ask: Callable[[str], str]) -> Callable[[str], str]:
    def ask_for_six_digits(prompt: str) -> str:
        code = ask(prompt).strip()
        if not _MFA_CODE.fullmatch(code):
            raise ConfigError(
                "an MFA code is 6 digits; no role was assumed",
                hint="run the command again, with the code that the device shows",
            )
        return code

    return ask_for_six_digits


class RoleCache:
    """Temporary credentials on disk, as botocore's fetchers want it: a mapping by cache key.

    An empty `scope` shares the entries of the AWS CLI; any other keeps its own, so that neither
    another identity nor another endpoint is served from them. What cannot be read is not there, and
    what cannot be written is not kept: a cache is no reason to fail.
    """

    def __init__(self, scope: str) -> None:
        self._scope = scope
        self._files = JSONFileCache(str(Path(CACHE_DIRECTORY).expanduser()))

    def __contains__(self, key: str) -> bool:
        try:
            self[key]
        except KeyError:
            return False
        return True

    def __getitem__(self, key: str) -> Any:
        entry = self._files[self._name(key)]
        try:
            credentials = entry["Credentials"]
            for name in ("AccessKeyId", "SecretAccessKey", "SessionToken"):
                _ = credentials[name]
            parse_timestamp(credentials["Expiration"])
        except (KeyError, TypeError, ValueError, OverflowError):
            raise KeyError(key) from None
        return entry

    def __setitem__(self, key: str, entry: Any) -> None:
        with suppress(OSError):
            self._files[self._name(key)] = entry

    def _name(self, key: str) -> str:
        if not self._scope:
            return key
        return hashlib.sha256(f"{self._scope} {key}".encode()).hexdigest()
