"""The one AWS session layer: where a call goes, as whom, how often, and what its failure means.

Retry policy: botocore's adaptive mode, five attempts in all, for connection errors, time-outs, 5xx
and throttles; 5 s to connect, 30 s to read (a long poll takes 20), 60 s where there is one attempt.
A refused connection on this machine itself is not tried again: nothing that listens there comes up
by waiting. Operations that must see each ambiguity ask for a client with `attempts=1`, hot loops
for one that does not `validate`: neither slows itself down, since who sees the throttles answers
them.

Translation of botocore's errors happens behind `AwsSession` alone (`edactl.aws.translate`).
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from edactl import __version__
from edactl.aws.connection import CONNECT_SECONDS, READ_SECONDS, Connection
from edactl.aws.guard import refuse_writes
from edactl.aws.translate import Call, translate
from edactl.aws.wire_log import write_log_to
from edactl.core.settings import ConnectionOptions, Setting, is_loopback
from edactl.errors import ConfigError, EdactlError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from botocore.client import BaseClient

READ_ONCE_SECONDS = 60
ATTEMPTS = 5


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

    `read_only` lets only reading operations through, whoever calls (dry-run switches it on);
    `looks` also lets messages be received, for a dry run that looks at them and gives them back.
    `workers` is how many threads will call at once; the connection pool is that large.
    `on_call` gets each finished call, `on_wait` a line for each time that no answer came and the
    call is made again, `on_log` botocore's masked log line by line, and `ask_mfa_code` is called
    with a prompt when a role needs a code.
    """

    def __init__(  # noqa: PLR0913 -- the layer's knobs, each by keyword
        self,
        options: ConnectionOptions,
        *,
        read_only: bool = False,
        looks: bool = False,
        workers: int = 1,
        on_call: Callable[[CallReport], None] | None = None,
        on_wait: Callable[[str], None] | None = None,
        on_log: Callable[[str], None] | None = None,
        ask_mfa_code: Callable[[str], str] | None = None,
    ) -> None:
        self._workers = workers
        self._on_call = on_call
        self._on_wait = on_wait
        self._clients: dict[tuple[str, int, bool], BaseClient] = {}
        self._lock = threading.Lock()
        self.read_only = read_only
        self._looks = looks
        write_log_to(on_log)
        self._connection = Connection(options, ask_mfa_code=ask_mfa_code or _nobody_to_ask)
        self._connection.botocore.register("before-parameter-build", self._guard)
        self._connection.botocore.register("needs-retry", _give_up_on_this_machine)
        self._connection.botocore.register("needs-retry", self._tell_of_wait)
        self._connection.botocore.register("before-parse", _refuse_what_aws_never_says)

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
            with self._translated(service, operation, resource):
                client = self.client(service, attempts=attempts, validate=validate)
                answer: dict[str, Any] = getattr(client, operation)(**parameters)
        except EdactlError as error:
            code = getattr(error, "code", type(error).__name__)
            request_id = getattr(error, "request_id", None)
            self._report(service, operation, request_id, started, code)
            raise
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
        """The region and where it came from. Raises ConfigError when none is set."""
        return self._connection.region_setting

    @property
    def profile_setting(self) -> Setting:
        """The profile in force and where it came from."""
        return self._connection.profile_setting

    @property
    def endpoint_setting(self) -> Setting | None:
        """The endpoint URL of every service without one of its own; None is AWS's."""
        return self._connection.endpoint_setting

    def endpoint_of(self, service: str) -> Setting | None:
        """The endpoint URL in force for a service, whoever set it; None is AWS's own."""
        return self._connection.endpoint_of(service)

    @property
    def service_endpoints(self) -> dict[str, Setting]:
        """The endpoint URLs of single services, by service id; none when one holds for all."""
        return self._connection.service_endpoints

    @property
    def credentials_source(self) -> str | None:
        """Where the credentials come from, in botocore's words: `env`, `sso`, `assume-role`."""
        with self._translated("sts", "", "credentials"):
            return self._connection.credentials_method

    @property
    def credentials_setting(self) -> Setting | None:
        """The last characters of the access key id, and where it came from."""
        with self._translated("sts", "", "credentials"):
            return self._connection.credentials_setting

    # -- construction ----------------------------------------------------------------------------

    def _make_client(self, service: str, attempts: int, *, validate: bool) -> BaseClient:
        endpoint = self._connection.endpoint_of(service)
        config = Config(
            region_name=self.region,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS if attempts > 1 else READ_ONCE_SECONDS,
            retries={
                "mode": "adaptive" if validate and attempts > 1 else "standard",
                "total_max_attempts": attempts,
            },
            max_pool_connections=max(10, self._workers),
            parameter_validation=validate,
            # botocore would build its own text of it twice a call: a tenth of a hot loop's time
            user_agent=None if validate else f"edactl/{__version__}",
            # botocore would put "sync-" or "api." before the host of an emulator
            inject_host_prefix=endpoint is None,
            # HTTP_PROXY is for the world; this machine is reached without
            proxies={} if endpoint and is_loopback(endpoint.value) else None,
        )
        return self._connection.botocore.create_client(
            service, config=config, endpoint_url=endpoint.value if endpoint else None
        )

    def _guard(self, **event: Any) -> None:
        """Before each call of any client of this session: a dry run only reads."""
        if self.read_only:
            model = event["model"]
            refuse_writes(model.service_model.service_name, model.name, looks=self._looks)

    def _tell_of_wait(self, **event: Any) -> None:
        """Minutes can go by before the last attempt fails: whoever waits learns for what."""
        timed_out = isinstance(event["caught_exception"], ReadTimeoutError | ConnectTimeoutError)
        if self._on_wait is None or not timed_out:
            return
        attempts = event["request_dict"]["context"]["client_config"].retries["total_max_attempts"]
        if event["attempts"] < attempts:
            model = event["operation"]
            self._on_wait(
                f"no answer to {model.service_model.service_name}:{model.name} from"
                f" {event['endpoint'].host}; asking again ({event['attempts'] + 1} of {attempts})"
            )

    @contextmanager
    def _translated(self, service: str, operation: str, resource: str) -> Iterator[None]:
        try:
            yield
        except (ClientError, BotoCoreError, ResponseParserError) as error:
            call = Call(
                service=service,
                operation=operation,
                resource=resource,
                region=self.region,
                profile=self.profile_setting.value,
                endpoint=self._connection.endpoint_of(service),
                known_regions=lambda: self._connection.botocore.get_available_regions(service),
            )
            raise translate(error, call) from error

    def _report(
        self, service: str, operation: str, request_id: str | None, started: float, code: str | None
    ) -> None:
        if self._on_call:
            seconds = time.monotonic() - started
            self._on_call(CallReport(service, operation, request_id or "", seconds, code))


def _nobody_to_ask(prompt: str) -> str:
    raise ConfigError(f"{prompt.rstrip(': ')}: nobody can be asked here")


def _give_up_on_this_machine(**event: Any) -> None:
    error = event["caught_exception"]
    if isinstance(error, EndpointConnectionError) and is_loopback(event["endpoint"].host):
        raise error


def _refuse_what_aws_never_says(**event: Any) -> None:
    """Botocore reads a web page or other text as an empty answer: a wrong port had no queues."""
    response = event["response_dict"]
    body = response["body"]
    if response["status_code"] >= 300 or not isinstance(body, bytes):  # noqa: PLR2004 -- HTTP success
        return
    start = body[:100].lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        raise ResponseParserError("it is a web page")
    protocol = event["operation_model"].service_model.resolved_protocol
    if protocol == "json" and start and not start.startswith(b"{"):
        raise ResponseParserError("it is no JSON object")
