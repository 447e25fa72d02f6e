"""Which account, region and endpoint a command talks to, and where each setting came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Setting:
    """One value and where it came from: `--region`, `AWS_REGION`, `profile prod`."""

    value: str
    source: str


@dataclass(frozen=True)
class SandboxEndpoint:
    """A running embedded local AWS: its loopback URL and its own account id."""

    url: str
    account_id: str


@dataclass(frozen=True)
class ConnectionOptions:
    """What flags and environment say about the connection; AWS configuration fills the rest."""

    profile: Setting | None = None
    region: Setting | None = None
    endpoint_url: Setting | None = None
    role_arn: str | None = None
    external_id: str | None = None
    mfa_serial: str | None = None
    sandbox: SandboxEndpoint | None = None


def connection_options(
    flags: Mapping[str, str | None],
    environment: Mapping[str, str],
    *,
    sandbox: SandboxEndpoint | None = None,
) -> ConnectionOptions:
    """Flags win over the environment. boto3 alone does not read AWS_REGION; this does."""
    return ConnectionOptions(
        profile=_first(
            (flags.get("profile"), "--profile"),
            (environment.get("AWS_PROFILE"), "AWS_PROFILE"),
        ),
        region=_first(
            (flags.get("region"), "--region"),
            (environment.get("AWS_REGION"), "AWS_REGION"),
            (environment.get("AWS_DEFAULT_REGION"), "AWS_DEFAULT_REGION"),
        ),
        endpoint_url=_first((flags.get("endpoint_url"), "--endpoint-url")),
        role_arn=flags.get("role_arn"),
        external_id=flags.get("external_id"),
        mfa_serial=flags.get("mfa_serial"),
        sandbox=sandbox,
    )


def _first(*candidates: tuple[str | None, str]) -> Setting | None:
    for value, source in candidates:
        if value:
            return Setting(value, source)
    return None
