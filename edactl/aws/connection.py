"""One botocore session and the settings it was made from, each with its source.

Order of precedence: flag, environment, AWS configuration, default. A sandbox's session reads
neither the environment nor any AWS file: nothing there can point it anywhere else.
"""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ProfileNotFound
from botocore.session import Session

from edactl import __version__
from edactl.aws.credentials import credential_provider
from edactl.aws.loader import ServiceFolderLoader
from edactl.core.settings import (
    ConfiguredEndpoints,
    ConnectionOptions,
    Setting,
    is_loopback,
    is_web_address,
)
from edactl.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SANDBOX_REGION = "us-east-1"
CONNECT_SECONDS = 5
READ_SECONDS = 30

# Source: the METHOD of each provider in botocore.credentials
_CREDENTIALS_IN_WORDS = {
    "env": "AWS_ACCESS_KEY_ID",
    "shared-credentials-file": "credentials file, profile {profile}",
    "config-file": "configuration file, profile {profile}",
    "custom-process": "credential_process of profile {profile}",
    "sso": "SSO login of profile {profile}",
    "login": "aws login of profile {profile}",
    "assume-role": "role_arn of profile {profile}",
    "assume-role-with-web-identity": "web identity token",
    "container-role": "role of the container (ECS, EKS)",
    "iam-role": "role of the EC2 instance",
}


class Connection:
    """Where calls go and as whom. Raises ConfigError, at once, for a profile that is not there."""

    def __init__(self, options: ConnectionOptions, *, ask_mfa_code: Callable[[str], str]) -> None:
        self.options = options
        self.botocore = _isolated_session() if options.sandbox else _session(options.profile)
        if options.sandbox:
            if not is_loopback(options.sandbox.url):
                raise ConfigError(
                    f"the sandbox's endpoint {options.sandbox.url} is not on this machine",
                    hint="edactl sandbox down; edactl sandbox up",
                )
            self.botocore.set_credentials("sandbox", "sandbox")
            return
        self._profile = self._read_profile()
        self.botocore.lazy_register_component(
            "credential_provider",
            lambda: credential_provider(
                self.botocore,
                options,
                region=self.region_setting.value,
                sts_endpoint=self.endpoint_of("sts"),
                ask_mfa_code=ask_mfa_code,
            ),
        )

    def _read_profile(self) -> Mapping[str, Any]:
        try:
            return self.botocore.get_scoped_config()
        except ProfileNotFound:
            profile = self.profile_setting
            raise ConfigError(
                f'profile "{profile.value}" not found (from {profile.source})',
                hint="aws configure list-profiles",
            ) from None
        except (BotoCoreError, OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"the AWS configuration cannot be read: {error}",
                hint="look at ~/.aws/config and ~/.aws/credentials, or AWS_CONFIG_FILE",
            ) from None

    @property
    def profile_setting(self) -> Setting:
        """The profile in force and where it came from."""
        if self.options.sandbox:
            return Setting("sandbox", "sandbox")
        return self.options.profile or Setting("default", "default")

    @property
    def region_setting(self) -> Setting:
        """The region and where it came from. Raises ConfigError when none is set."""
        if self.options.region:
            return self.options.region
        if self.options.sandbox:
            return Setting(SANDBOX_REGION, "sandbox")
        if configured := self._profile.get("region"):
            return Setting(str(configured), f"profile {self.profile_setting.value}")
        raise ConfigError(
            "no region is set", hint="add --region eu-west-1, or export AWS_REGION=eu-west-1"
        )

    @property
    def endpoint_setting(self) -> Setting | None:
        """The endpoint URL of every service without one of its own; None is AWS's."""
        return self._fixed_endpoint or self.configured_endpoints.of_every_service()

    def endpoint_of(self, service: str) -> Setting | None:
        """The endpoint URL in force for one service, whoever set it; None is AWS's.

        Raises ConfigError when what was set is no URL.
        """
        found = self._fixed_endpoint
        if found is None:
            service_id = self.botocore.get_service_model(service).service_id
            found = self.configured_endpoints.of_service(service_id)
        if found and not is_web_address(found.value):
            raise ConfigError(
                f'the endpoint of {service} is "{found.value}", which is no URL'
                f" (from {found.source})",
                hint="an endpoint is a URL as http://127.0.0.1:4566",
            )
        return found

    @property
    def service_endpoints(self) -> dict[str, Setting]:
        """The endpoint URLs of single services, by service id; none when one holds for all."""
        return {} if self._fixed_endpoint else self.configured_endpoints.of_single_services()

    @property
    def _fixed_endpoint(self) -> Setting | None:
        if self.options.sandbox:
            return Setting(self.options.sandbox.url, "sandbox")
        return self.options.endpoint_url

    @cached_property
    def configured_endpoints(self) -> ConfiguredEndpoints:
        """The endpoints that environment and profile set; none when told to ignore them."""
        if self.options.sandbox or self.botocore.get_config_variable(
            "ignore_configured_endpoint_urls"
        ):
            return ConfiguredEndpoints()
        section = self._profile.get("services")
        services = self.botocore.full_config.get("services", {}).get(section) or {}
        return ConfiguredEndpoints(
            variables=self.options.endpoint_variables,
            profile=self.profile_setting.value,
            profile_url=self._profile.get("endpoint_url"),
            services_section=section,
            services={
                name: values["endpoint_url"]
                for name, values in services.items()
                if isinstance(values, dict) and values.get("endpoint_url")
            },
        )

    @property
    def credentials_method(self) -> str | None:
        """Where credentials come from, in botocore's words; None when there are none."""
        found = self.botocore.get_credentials()
        return str(found.method) if found else None

    @property
    def credentials_setting(self) -> Setting | None:
        """The last characters of the access key id, and where it came from."""
        found = self.botocore.get_credentials()
        if found is None:
            return None
        key = str(found.get_frozen_credentials().access_key)
        return Setting(f"…{key[-4:]}", self._in_words(str(found.method)))

    def _in_words(self, method: str) -> str:
        if self.options.sandbox:
            return "sandbox"
        if self.options.role_arn:
            return "--role-arn"
        words = _CREDENTIALS_IN_WORDS.get(method, method)
        return words.format(profile=self.profile_setting.value)


def _session(profile: Setting | None) -> Session:
    """A session that reads AWS's files and environment.

    A profile of the environment is the session's default, not its choice: as in the AWS CLI, keys
    in the environment win over AWS_PROFILE, but not over --profile.
    """
    chosen = profile.value if profile and profile.source == "--profile" else None
    fallback = profile.value if profile else None
    session = Session(session_vars={"profile": (None, None, fallback, None)}, profile=chosen)
    return _named(session)


def _isolated_session() -> Session:
    """A session for which neither environment nor AWS files exist."""
    variables = {
        name: (None, None, default, convert)
        for name, (_, _, default, convert) in Session.SESSION_VARIABLES.items()
    }
    for name in ("config_file", "credentials_file"):
        variables[name] = (None, None, os.devnull, None)
    return _named(Session(session_vars=variables))


def _named(session: Session) -> Session:
    session.register_component("data_loader", ServiceFolderLoader())
    session.user_agent_name = "edactl"
    session.user_agent_version = __version__
    # for the clients that botocore makes itself, to get credentials with
    session.set_default_client_config(
        Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": 3},
        )
    )
    return session
