"""The one AWS session layer: where a call goes, as whom, how often, and what its failure means.

Retry policy: botocore's adaptive mode, five attempts in all, for connection errors, time-outs, 5xx
and throttles; 5 s to connect, 60 s to read (a long poll takes 20). Operations that must see each
ambiguity ask for a client with `attempts=1`.

Translation of botocore's errors happens behind `AwsSession.call` alone (`edactl.aws.translate`).
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from edactl import __version__
from edactl.aws.credentials import assume_role_on_top, check_profile
from edactl.aws.endpoints import configured_endpoint
from edactl.aws.guard import is_read_only
from edactl.aws.loader import ServiceFolderLoader
from edactl.aws.translate import translate
from edactl.core.settings import ConnectionOptions, Setting
from edactl.errors import ConfigError, GuardError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from botocore.client import BaseClient

CONNECT_SECONDS = 5
READ_SECONDS = 60
ATTEMPTS = 5
SANDBOX_REGION = "us-east-1"


@dataclass(frozen=True)
class CallReport:
    """One finished call, for `-v` and for the tests of IAM policies."""

    service: str
    operation: str
    request_id: str
    seconds: float
    error_code: str | None = None


class AwsSession:
    """The only door to AWS: cached clients, one retry policy, translated errors.

    `read_only` lets only reading operations through, whoever calls (dry-run switches it on).
    `workers` is how many threads will call at once; the connection pool is that large.
    """

    def __init__(
        self,
        options: ConnectionOptions,
        *,
        read_only: bool = False,
        workers: int = 1,
        on_call: Callable[[CallReport], None] | None = None,
        ask_mfa_code: Callable[[str], str] = input,
    ) -> None:
        self._options = options
        self._workers = workers
        self._on_call = on_call
        self._ask_mfa_code = ask_mfa_code
        self._clients: dict[tuple[str, int, bool], BaseClient] = {}
        self._lock = threading.Lock()
        self.read_only = read_only
        self._botocore = self._make_botocore_session()
        self._boto3 = boto3.Session(botocore_session=self._botocore)

    # -- calls ---------------------------------------------------------------------------------

    def call(
        self,
        service: str,
        operation: str,
        *,
        resource: str = "",
        attempts: int = ATTEMPTS,
        validate: bool = True,
        **parameters: Any,
    ) -> dict[str, Any]:
        """AWS's answer to one operation, named as boto3 names it (`put_events`).

        `resource` is what the operator calls the thing ("queue orders"); errors name it.
        Raises AwsError or one of its kinds, ConfigError, or GuardError when read-only.
        """
        started = time.monotonic()
        try:
            client = self.client(service, attempts=attempts, validate=validate)
            answer: dict[str, Any] = getattr(client, operation)(**parameters)
        except (ClientError, BotoCoreError) as error:
            raised = translate(
                error, service=service, operation=operation, resource=resource, region=self.region
            )
            code = getattr(raised, "code", type(error).__name__)
            self._report(service, operation, getattr(raised, "request_id", None), started, code)
            raise raised from error
        request_id = answer.get("ResponseMetadata", {}).get("RequestId")
        self._report(service, operation, request_id, started, None)
        return answer

    def pages(
        self,
        service: str,
        operation: str,
        *,
        items: str,
        resource: str = "",
        token: str = "NextToken",  # noqa: S107 -- a paging token
        **parameters: Any,
    ) -> Iterator[Any]:
        """Every item of a paged operation, to the end: `items` names the list in each answer."""
        while True:
            answer = self.call(service, operation, resource=resource, **parameters)
            yield from answer.get(items, [])
            if not answer.get(token):
                return
            parameters[token] = answer[token]

    def client(
        self, service: str, *, attempts: int = ATTEMPTS, validate: bool = True
    ) -> BaseClient:
        """The cached client of a service. Adapters use `call`; this is for event streams."""
        key = (service, attempts, validate)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._make_client(service, attempts, validate=validate)
            return self._clients[key]

    # -- facts ---------------------------------------------------------------------------------

    @property
    def region(self) -> str:
        """The region that calls go to. Raises ConfigError when none is set."""
        return self.region_setting.value

    @property
    def region_setting(self) -> Setting:
        """The region and where it came from."""
        if self._options.region:
            return self._options.region
        if self._options.sandbox:
            return Setting(SANDBOX_REGION, "sandbox default")
        profile = self.profile_setting
        configured = self._botocore.get_scoped_config().get("region")
        if configured:
            return Setting(str(configured), f"profile {profile.value}")
        raise ConfigError(
            "no region is set", hint="add --region eu-west-1, or export AWS_REGION=eu-west-1"
        )

    @property
    def profile_setting(self) -> Setting:
        """The profile in force and where it came from."""
        return self._options.profile or Setting("default", "default")

    @property
    def endpoint_setting(self) -> Setting | None:
        """The endpoint URL of a flag or the sandbox; None is AWS's own or a configured one."""
        if self._options.sandbox:
            return Setting(self._options.sandbox.url, "sandbox")
        return self._options.endpoint_url

    def endpoint_of(self, service: str) -> Setting | None:
        """The endpoint URL in force for a service, whoever set it; None is AWS's own."""
        return self.endpoint_setting or configured_endpoint(self._botocore, service)

    @property
    def credentials_source(self) -> str | None:
        """Where the credentials come from, in botocore's words: `env`, `sso`, `assume-role`."""
        found = self._botocore.get_credentials()
        return str(found.method) if found else None

    # -- construction ----------------------------------------------------------------------------

    def _make_botocore_session(self) -> botocore.session.Session:
        if self._options.sandbox:
            session = self._plain_session(None)
            session.session_var_map["profile"] = (None, None, None, None)  # not AWS_PROFILE
            session.set_config_variable("config_file", "/dev/null")
            session.set_config_variable("credentials_file", "/dev/null")
            session.set_credentials("sandbox", "sandbox")
        else:
            session = self._plain_session(self._options.profile)
            check_profile(session, self.profile_setting)
            if self._options.role_arn:
                base = self._plain_session(self._options.profile)
                assume_role_on_top(session, base, self._options, self._ask_mfa_code)
        session.register("before-call", self._guard)
        return session

    def _plain_session(self, profile: Setting | None) -> botocore.session.Session:
        session = botocore.session.Session(profile=profile.value if profile else None)
        if profile is None:
            session.set_config_variable("profile", None)
        session.register_component("data_loader", ServiceFolderLoader())
        session.user_agent_name = "edactl"
        session.user_agent_version = __version__
        return session

    def _make_client(self, service: str, attempts: int, *, validate: bool) -> BaseClient:
        endpoint = self.endpoint_setting
        config = Config(
            region_name=self.region,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "adaptive", "total_max_attempts": attempts},
            max_pool_connections=max(10, self._workers),
            parameter_validation=validate,
            inject_host_prefix=self.endpoint_of(service) is None,
        )
        return self._boto3.client(  # type: ignore[call-overload,no-any-return] # name is a variable
            service, config=config, endpoint_url=endpoint.value if endpoint else None
        )

    def _guard(self, **event: Any) -> None:
        """Before each call of any client of this session: a dry run only reads."""
        model = event["model"]
        service = model.service_model.service_name
        if self.read_only and not is_read_only(service, xform_name(model.name)):
            raise GuardError(f"a dry run does not call {service}:{model.name}; nothing was sent")

    def _report(
        self, service: str, operation: str, request_id: str | None, started: float, code: str | None
    ) -> None:
        if self._on_call:
            seconds = time.monotonic() - started
            self._on_call(CallReport(service, operation, request_id or "", seconds, code))
