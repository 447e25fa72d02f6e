from __future__ import annotations

from pathlib import Path

import botocore.exceptions
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from edactl.aws.session import AwsSession, CallReport
from edactl.aws.translate import translate
from edactl.aws.wire_log import mask
from edactl.core.settings import ConnectionOptions, SandboxEndpoint, Setting, connection_options
from edactl.errors import (
    AccessDenied,
    AwsError,
    ConfigError,
    EdactlError,
    ExitStatus,
    GuardError,
    NotFound,
    Throttled,
    Unreachable,
    UsageError,
)

DEAD = "http://127.0.0.1:9"


def _session(**options: object) -> AwsSession:
    settings = {
        "region": Setting("eu-west-1", "--region"),
        "endpoint_url": Setting(DEAD, "--endpoint-url"),
    }
    return AwsSession(ConnectionOptions(**{**settings, **options}))  # type: ignore[arg-type] # as typed


def _all_botocore_errors() -> list[type[BotoCoreError]]:
    found, left = [], [BotoCoreError]
    while left:
        kind = left.pop()
        found.append(kind)
        left += [sub for sub in kind.__subclasses__() if sub.__module__.startswith("botocore")]
    return sorted(set(found), key=lambda kind: kind.__name__)


class _Anything(dict[str, object]):
    """Fills every placeholder of a botocore message."""

    def __missing__(self, key: str) -> str:
        return key


@pytest.mark.parametrize("kind", _all_botocore_errors(), ids=lambda kind: kind.__name__)
def test_every_botocore_error_has_a_status_below_255(kind: type[BotoCoreError]) -> None:
    error = kind.__new__(kind)
    Exception.__init__(error, "it failed")

    raised = translate(error, service="sqs", operation="send_message", resource="", region="r")

    assert isinstance(raised, EdactlError)
    assert raised.status in {ExitStatus.USAGE, ExitStatus.CONFIG, ExitStatus.AWS}


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        ("AWS.SimpleQueueService.NonExistentQueue", NotFound, "does not exist in eu-west-1"),
        ("QueueDoesNotExist", NotFound, 'queue "orders" does not exist'),
        ("AccessDenied", AccessDenied, "lacks sqs:SendMessage"),
        ("AccessDeniedException", AccessDenied, "lacks sqs:SendMessage"),
        ("ExpiredToken", ConfigError, "expired"),
        ("InvalidClientTokenId", ConfigError, "does not know these credentials"),
        ("ThrottlingException", Throttled, "throttles"),
        ("KMS.DisabledException", AwsError, "is disabled"),
        ("Strange", AwsError, "request id r-1"),
    ],
)
def test_an_answer_of_aws_becomes_its_kind(code: str, kind: type[EdactlError], words: str) -> None:
    error = ClientError(
        {
            "Error": {"Code": code, "Message": "the key is disabled"},
            "ResponseMetadata": {
                "RequestId": "r-1",
                "HTTPStatusCode": 400,
                "HostId": "",
                "HTTPHeaders": {},
                "RetryAttempts": 0,
            },
        },
        "SendMessageBatch",
    )

    raised = translate(
        error,
        service="sqs",
        operation="send_message_batch",
        resource='queue "orders"',
        region="eu-west-1",
    )

    assert type(raised) is kind
    assert words in raised.message


def test_access_denied_carries_the_action_and_the_request_id() -> None:
    error = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PublishBatch")

    raised = translate(error, service="sns", operation="x", resource="", region="r")

    assert isinstance(raised, AccessDenied)
    assert raised.action == "sns:Publish"
    assert raised.hint is not None


def test_a_lost_answer_says_that_it_may_have_happened() -> None:
    error = botocore.exceptions.ReadTimeoutError(endpoint_url=DEAD)

    raised = translate(error, service="sqs", operation="send_message", resource="", region="r")

    assert isinstance(raised, Unreachable)
    assert "may have happened" in raised.message


def test_a_parameter_that_aws_does_not_take_is_a_usage_error() -> None:
    error = botocore.exceptions.ParamValidationError(report="bad")

    assert isinstance(
        translate(error, service="sqs", operation="x", resource="", region="r"), UsageError
    )


def test_a_dead_endpoint_is_unreachable_and_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    reports: list[CallReport] = []
    options = ConnectionOptions(
        region=Setting("eu-west-1", "x"), endpoint_url=Setting(DEAD, "--endpoint-url")
    )

    with pytest.raises(Unreachable):
        AwsSession(options, on_call=reports.append).call("sqs", "list_queues", attempts=1)

    assert [(one.service, one.operation, one.error_code) for one in reports] == [
        ("sqs", "list_queues", "EndpointConnectionError")
    ]


def test_a_read_only_session_lets_no_client_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    session = _session()
    session.read_only = True

    with pytest.raises(GuardError):
        session.call("sqs", "purge_queue", QueueUrl=f"{DEAD}/1/q")
    with pytest.raises(GuardError):
        session.client("sqs").receive_message(QueueUrl=f"{DEAD}/1/q")  # type: ignore[attr-defined] # by name


def test_no_region_is_a_config_error() -> None:
    with pytest.raises(ConfigError, match="no region"):
        _ = _session(region=None).region


def test_the_region_comes_from_the_profile_and_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text("[profile prod]\nregion = eu-north-1\n", "utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))

    session = _session(region=None, profile=Setting("prod", "--profile"))

    assert session.region_setting == Setting("eu-north-1", "profile prod")


def test_an_unknown_profile_is_a_config_error() -> None:
    with pytest.raises(ConfigError, match='profile "nope" not found'):
        _session(profile=Setting("nope", "--profile"))


def test_a_broken_configuration_is_a_config_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text("[profile\nthis is no ini", "utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))

    with pytest.raises(ConfigError, match="cannot be read"):
        _session()


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        ("AWS_ENDPOINT_URL", DEAD),
        ("AWS_ENDPOINT_URL_EVENTBRIDGE", DEAD),
        ("AWS_ENDPOINT_URL_SQS", None),
    ],
)
def test_the_endpoint_of_a_service_comes_from_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, expected: str | None
) -> None:
    monkeypatch.setenv(variable, DEAD)

    found = _session(endpoint_url=None).endpoint_of("events")

    assert found == (Setting(DEAD, variable) if expected else None)


def test_ignored_endpoints_are_not_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", DEAD)
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")

    assert _session(endpoint_url=None).endpoint_of("events") is None


def test_a_sandbox_session_ignores_a_hostile_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text("[default]\nrole_arn = arn:aws:iam::1:role/x\nbroken", "utf-8")
    for name, value in {
        "AWS_CONFIG_FILE": str(config),
        "AWS_PROFILE": "prod",
        "AWS_ACCESS_KEY_ID": "AKIAREAL",
        "AWS_SECRET_ACCESS_KEY": "real",
        "AWS_ENDPOINT_URL": "http://192.0.2.1",
        "AWS_ENDPOINT_URL_SQS": "http://192.0.2.1",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    }.items():
        monkeypatch.setenv(name, value)

    session = AwsSession(ConnectionOptions(sandbox=SandboxEndpoint(DEAD, "000000000000")))
    client = session.client("sqs")

    assert client.meta.endpoint_url == DEAD
    assert session.region == "us-east-1"
    assert session.credentials_source == "explicit"


def test_a_role_is_assumed_with_external_id(
    monkeypatch: pytest.MonkeyPatch, sandbox: object
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    session = _session(
        endpoint_url=Setting(sandbox.url, "--endpoint-url"),  # type: ignore[attr-defined] # its state
        role_arn="arn:aws:iam::000000000000:role/ops",
        external_id="e-1",
    )

    answer = session.call("sts", "get_caller_identity")

    assert session.credentials_source == "assume-role"
    assert answer["Account"] == "000000000000"


def test_the_mfa_code_is_asked_for_once_a_role_needs_it(
    monkeypatch: pytest.MonkeyPatch, sandbox: object
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return "123456"

    options = ConnectionOptions(
        region=Setting("eu-west-1", "--region"),
        endpoint_url=Setting(sandbox.url, "--endpoint-url"),  # type: ignore[attr-defined] # its state
        role_arn="arn:aws:iam::000000000000:role/ops",
        mfa_serial="arn:aws:iam::000000000000:mfa/me",
    )
    AwsSession(options, ask_mfa_code=ask).call("sts", "get_caller_identity")
    AwsSession(options, ask_mfa_code=ask).call("sts", "get_caller_identity")

    assert len(asked) == 1
    assert "mfa/me" in asked[0]


def test_flags_win_over_the_environment_and_aws_region_over_the_default() -> None:
    environment = {"AWS_REGION": "a", "AWS_DEFAULT_REGION": "b", "AWS_PROFILE": "p"}

    options = connection_options({"profile": "q", "region": None}, environment)

    assert options.profile == Setting("q", "--profile")
    assert options.region == Setting("a", "AWS_REGION")
    assert connection_options({}, {"AWS_DEFAULT_REGION": "b"}).region == Setting(
        "b", "AWS_DEFAULT_REGION"
    )


@pytest.mark.parametrize(
    "secret_text",
    [
        "'Authorization': b'AWS4-HMAC-SHA256 Credential=AKIA/x, Signature=abc123'",
        "{'X-Amz-Security-Token': 'abc123'}",
        "<SecretAccessKey>abc123</SecretAccessKey>",
        '{"SessionToken": "abc123"}',
        "StringToSign:\nabc123",
        "Signature:\nabc123",
    ],
)
def test_no_secret_is_in_the_log(secret_text: str) -> None:
    assert "abc123" not in mask(secret_text)
