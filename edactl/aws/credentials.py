"""A role on top of the profile: assumed with external id and MFA, refreshed before it expires."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    CredentialProvider,
    DeferredRefreshableCredentials,
)
from botocore.exceptions import BotoCoreError, NoCredentialsError, ProfileNotFound
from botocore.utils import JSONFileCache

from edactl.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.session import Session

    from edactl.core.settings import ConnectionOptions, Setting

SESSION_NAME = "edactl"


def check_profile(session: Session, profile: Setting) -> None:
    """Raises ConfigError when the named profile is not there, or the configuration is broken."""
    try:
        session.get_scoped_config()
    except ProfileNotFound:
        raise ConfigError(
            f'profile "{profile.value}" not found (from {profile.source})',
            hint="aws configure list-profiles",
        ) from None
    except BotoCoreError as error:
        raise ConfigError(
            f"the AWS configuration cannot be read: {error}", hint="check ~/.aws/config"
        ) from None


class _RoleProvider(CredentialProvider):
    """Assumes one role when credentials are first asked for."""

    METHOD = "assume-role"
    CANONICAL_NAME = "edactl-role"

    def __init__(self, fetch: Callable[[], Any]) -> None:
        super().__init__()
        self._fetch = fetch

    def load(self) -> Any:
        """Credentials that assume the role on first use, and again before they expire."""
        return DeferredRefreshableCredentials(refresh_using=self._fetch, method=self.METHOD)


def assume_role_on_top(
    session: Session,
    base: Session,
    options: ConnectionOptions,
    ask_mfa_code: Callable[[str], str],
) -> None:
    """Make `session` act as the role, which `base` (the profile) assumes.

    Role credentials are cached where the AWS CLI caches its own (mode 0600), so that an MFA code is
    asked for once an hour, not once a command.
    """
    extra = {"RoleSessionName": SESSION_NAME}
    if options.external_id:
        extra["ExternalId"] = options.external_id
    if options.mfa_serial:
        extra["SerialNumber"] = options.mfa_serial

    def fetch() -> Any:
        source = base.get_credentials()
        if source is None:
            raise NoCredentialsError
        fetcher = AssumeRoleCredentialFetcher(
            client_creator=lambda service, **keys: base.create_client(
                service, **{"config": _sts_config(options), **_endpoint(options), **keys}
            ),
            source_credentials=source,
            role_arn=str(options.role_arn),
            extra_args=extra,
            mfa_prompter=ask_mfa_code,
            cache=JSONFileCache(),  # type: ignore[arg-type] # a mapping, the stubs say dict
        )
        return fetcher.fetch_credentials()

    session.get_component("credential_provider").insert_before("env", _RoleProvider(fetch))


def _sts_config(options: ConnectionOptions) -> Config:
    region = options.region.value if options.region else None
    return Config(region_name=region, connect_timeout=5, read_timeout=30)


def _endpoint(options: ConnectionOptions) -> dict[str, str]:
    return {"endpoint_url": options.endpoint_url.value} if options.endpoint_url else {}
