"""Which account, region and endpoint a command talks to, and where each setting came from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edactl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

ENDPOINT_VARIABLE = "AWS_ENDPOINT_URL"
_WEB_ADDRESS = re.compile(
    r"https?://(?:[^/@\s]*@)?(\[[0-9a-fA-F:.]+\]|[^/:@\s]+)(?::\d+)?(?:/\S*)?"
)
_ROLE_ARN = re.compile(r"arn:[a-z-]+:iam::\d{12}:role/\S+")
_LOOPBACK = re.compile(r"localhost|127(?:\.\d{1,3}){3}|\[::1\]")


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
    """What flags and environment say about the connection; AWS configuration fills the rest.

    `endpoint_variables` are AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_<SERVICE> of the environment.
    """

    profile: Setting | None = None
    region: Setting | None = None
    endpoint_url: Setting | None = None
    role_arn: str | None = None
    external_id: str | None = None
    mfa_serial: str | None = None
    sandbox: SandboxEndpoint | None = None
    endpoint_variables: Mapping[str, str] = field(default_factory=dict)


def connection_options(
    flags: Mapping[str, str | None],
    environment: Mapping[str, str],
    *,
    sandbox: SandboxEndpoint | None = None,
) -> ConnectionOptions:
    """Flags win over the environment. boto3 alone does not read AWS_REGION; this does.

    A sandbox is where it is whatever the environment says of accounts: only flags count then.
    Raises UsageError for flags that contradict each other or can mean nothing.
    """
    _check_flags(flags, sandbox=sandbox)
    account = {} if sandbox else environment
    return ConnectionOptions(
        profile=_first(
            (flags.get("profile"), "--profile"),
            (account.get("AWS_PROFILE"), "AWS_PROFILE"),
            (account.get("AWS_DEFAULT_PROFILE"), "AWS_DEFAULT_PROFILE"),
        ),
        region=_first(
            (flags.get("region"), "--region"),
            (account.get("AWS_REGION"), "AWS_REGION"),
            (account.get("AWS_DEFAULT_REGION"), "AWS_DEFAULT_REGION"),
        ),
        endpoint_url=_first((flags.get("endpoint_url"), "--endpoint-url")),
        role_arn=flags.get("role_arn"),
        external_id=flags.get("external_id"),
        mfa_serial=flags.get("mfa_serial"),
        sandbox=sandbox,
        endpoint_variables={
            name: value
            for name, value in account.items()
            if name == ENDPOINT_VARIABLE or name.startswith(f"{ENDPOINT_VARIABLE}_")
        },
    )


def _first(*candidates: tuple[str | None, str]) -> Setting | None:
    for value, source in candidates:
        if value:
            return Setting(value, source)
    return None


def _check_flags(flags: Mapping[str, str | None], *, sandbox: SandboxEndpoint | None) -> None:
    for name in ("external_id", "mfa_serial"):
        if flags.get(name) and not flags.get("role_arn"):
            raise UsageError(
                f"{_spelt(name)} belongs to --role-arn, which is not given",
                hint=f"add --role-arn, or put {name} with role_arn into a profile",
            )
    role = flags.get("role_arn")
    if role and not _ROLE_ARN.fullmatch(role):
        raise UsageError(
            f'--role-arn "{role}" is not the ARN of a role',
            hint="a role's ARN is arn:aws:iam::ACCOUNT:role/NAME",
        )
    url = flags.get("endpoint_url")
    if url and not is_web_address(url):
        raise UsageError(
            f'--endpoint-url "{url}" is not a URL', hint="--endpoint-url http://127.0.0.1:4566"
        )
    if sandbox:
        for name in ("profile", "role_arn", "endpoint_url"):
            if flags.get(name):
                raise UsageError(
                    f"{_spelt(name)} asks for an account of AWS, --sandbox for none",
                    hint=f"drop {_spelt(name)}, or --sandbox and EDACTL_SANDBOX",
                )


def _spelt(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def is_web_address(url: str) -> bool:
    """Whether this is http:// or https:// and a host."""
    return _WEB_ADDRESS.fullmatch(url) is not None


def is_loopback(url: str) -> bool:
    """Whether the host of this URL is this machine itself."""
    match = _WEB_ADDRESS.fullmatch(url)
    return match is not None and _LOOPBACK.fullmatch(match[1]) is not None


@dataclass(frozen=True)
class ConfiguredEndpoints:
    """The endpoint URLs of environment and profile.

    `services` are those of the profile's `services` section, by service id as that section spells
    it (`eventbridge`). Source: AWS SDKs and tools reference, "Service-specific endpoints".
    """

    variables: Mapping[str, str] = field(default_factory=dict)
    profile: str = "default"
    profile_url: str | None = None
    services_section: str | None = None
    services: Mapping[str, str] = field(default_factory=dict)

    def of_service(self, service_id: str) -> Setting | None:
        """The URL for one service, by its id as `EventBridge` or `CloudWatch Logs`."""
        name = service_id.replace(" ", "_")
        variable = f"{ENDPOINT_VARIABLE}_{name.upper()}"
        return _first(
            (self.variables.get(variable), variable),
            (self.variables.get(ENDPOINT_VARIABLE), ENDPOINT_VARIABLE),
            (self.services.get(name.lower()), self._section),
            (self.profile_url, f"profile {self.profile}"),
        )

    def of_every_service(self) -> Setting | None:
        """The URL for the services that have none of their own."""
        return _first(
            (self.variables.get(ENDPOINT_VARIABLE), ENDPOINT_VARIABLE),
            (self.profile_url, f"profile {self.profile}"),
        )

    def of_single_services(self) -> dict[str, Setting]:
        """The URLs for one service each, by service id as the profile spells it."""
        found: dict[str, Setting] = {}
        if ENDPOINT_VARIABLE not in self.variables:
            found = {name: Setting(url, self._section) for name, url in self.services.items()}
        for variable, url in self.variables.items():
            name = variable.removeprefix(f"{ENDPOINT_VARIABLE}_")
            if name != variable and url:
                found[name.lower()] = Setting(url, variable)
        return dict(sorted(found.items()))

    @property
    def _section(self) -> str:
        return f"services {self.services_section} of profile {self.profile}"
