from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from botocore.session import Session

from edactl.aws.guard import is_read_only
from edactl.aws.session import AwsSession, CallReport
from edactl.core.settings import ConnectionOptions, SandboxEndpoint, Setting
from edactl.errors import AwsError, ConfigError, DryRunBroken, ExitStatus, NotFound, Unreachable
from tests.scripted_aws import (
    Answer,
    Request,
    identity_answer,
    scripted_aws,
    silent_endpoint,
)

DEAD = "http://127.0.0.1:9"
ELSEWHERE = "http://192.0.2.1"  # documentation addresses: nobody answers
REGION = Setting("eu-west-1", "--region")


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials of nobody."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDAKIDAKIDAKID9999")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An AWS configuration file to write."""
    path = tmp_path / "config"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))
    return path


def _to(url: str) -> ConnectionOptions:
    return ConnectionOptions(region=REGION, endpoint_url=Setting(url, "--endpoint-url"))


# -- region and profile ------------------------------------------------------------------------


def test_no_region_is_a_config_error() -> None:
    with pytest.raises(ConfigError, match="no region is set") as caught:
        _ = AwsSession(ConnectionOptions()).region

    assert caught.value.hint == "add --region eu-west-1, or export AWS_REGION=eu-west-1"


def test_no_region_stops_a_call_before_it_is_made(keys: None) -> None:
    with pytest.raises(ConfigError, match="no region is set"):
        AwsSession(ConnectionOptions()).call("sqs", "list_queues")


def test_the_region_comes_from_the_profile_and_says_so(config: Path) -> None:
    config.write_text("[profile prod]\nregion = eu-north-1\n", "utf-8")

    session = AwsSession(ConnectionOptions(profile=Setting("prod", "--profile")))

    assert session.region_setting == Setting("eu-north-1", "profile prod")


def test_the_region_of_the_options_wins_over_the_profile(config: Path) -> None:
    config.write_text("[default]\nregion = eu-north-1\n", "utf-8")

    assert AwsSession(ConnectionOptions(region=REGION)).region_setting == REGION
    assert AwsSession(ConnectionOptions()).region_setting == Setting(
        "eu-north-1", "profile default"
    )


@pytest.mark.parametrize("source", ["--profile", "AWS_PROFILE"])
def test_an_unknown_profile_is_a_config_error_with_its_source(source: str) -> None:
    with pytest.raises(ConfigError) as caught:
        AwsSession(ConnectionOptions(profile=Setting("nope", source)))

    assert caught.value.message == f'profile "nope" not found (from {source})'
    assert caught.value.hint == "aws configure list-profiles"


@pytest.mark.parametrize("content", [b"[profile\nno ini", b"\xff\xfe\x00"])
def test_a_broken_configuration_is_a_config_error(config: Path, content: bytes) -> None:
    config.write_bytes(content)

    with pytest.raises(ConfigError, match="cannot be read"):
        AwsSession(ConnectionOptions(region=REGION))


def test_an_unreadable_configuration_is_a_config_error(config: Path) -> None:
    config.mkdir()

    session = AwsSession(ConnectionOptions(region=REGION))

    assert session.profile_setting == Setting("default", "default")  # botocore takes it for none


PROFILE_WITH_KEYS = """
[profile prod]
region = eu-north-1
aws_access_key_id = AKIDPROFPROFPROF7777
aws_secret_access_key = s
"""


def test_keys_of_the_environment_win_over_a_profile_of_the_environment(
    keys: None, config: Path
) -> None:
    config.write_text(PROFILE_WITH_KEYS, "utf-8")

    session = AwsSession(ConnectionOptions(profile=Setting("prod", "AWS_PROFILE")))

    assert session.credentials_setting == Setting("…9999", "AWS_ACCESS_KEY_ID")
    assert session.credentials_source == "env"
    assert session.region == "eu-north-1"


def test_a_profile_of_the_command_line_wins_over_keys_of_the_environment(
    keys: None, config: Path
) -> None:
    config.write_text(PROFILE_WITH_KEYS, "utf-8")

    session = AwsSession(ConnectionOptions(profile=Setting("prod", "--profile")))

    assert session.credentials_setting == Setting("…7777", "configuration file, profile prod")


def test_no_credentials_are_no_setting() -> None:
    session = AwsSession(ConnectionOptions(region=REGION))

    assert session.credentials_setting is None
    assert session.credentials_source is None


def test_half_of_a_key_is_a_config_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")

    with pytest.raises(ConfigError, match="no credentials: Partial credentials"):
        _ = AwsSession(ConnectionOptions(region=REGION)).credentials_setting


# -- endpoints -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variable", "service"),
    [
        ("AWS_ENDPOINT_URL", "events"),
        ("AWS_ENDPOINT_URL_EVENTBRIDGE", "events"),
        ("AWS_ENDPOINT_URL_SQS", "sqs"),
        ("AWS_ENDPOINT_URL_SFN", "stepfunctions"),
        ("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "logs"),
        ("AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING", "application-autoscaling"),
    ],
)
def test_the_endpoint_of_a_service_is_the_one_that_botocore_takes(
    monkeypatch: pytest.MonkeyPatch, keys: None, variable: str, service: str
) -> None:
    monkeypatch.setenv(variable, DEAD)

    session = AwsSession(ConnectionOptions(region=REGION, endpoint_variables={variable: DEAD}))
    client = session.client(service)
    by_botocore = Session().create_client(service, region_name="eu-west-1")

    assert session.endpoint_of(service) == Setting(DEAD, variable)
    assert client.meta.endpoint_url == DEAD == by_botocore.meta.endpoint_url
    assert client.meta.config.inject_host_prefix is False


def test_without_an_endpoint_the_host_prefix_of_a_service_stays(keys: None) -> None:
    session = AwsSession(ConnectionOptions(region=REGION))

    client = session.client("stepfunctions")

    assert session.endpoint_of("stepfunctions") is None
    assert client.meta.config.inject_host_prefix is True


PROFILE_WITH_SERVICES = """
[profile dev]
region = eu-west-1
endpoint_url = http://127.0.0.1:9
services = local
[services local]
sqs =
  endpoint_url = http://127.0.0.1:10
"""


def test_the_endpoints_of_a_profile_are_the_ones_that_botocore_takes(
    keys: None, config: Path
) -> None:
    config.write_text(PROFILE_WITH_SERVICES, "utf-8")

    session = AwsSession(ConnectionOptions(profile=Setting("dev", "AWS_PROFILE")))

    assert session.endpoint_of("sqs") == Setting(
        "http://127.0.0.1:10", "services local of profile dev"
    )
    assert session.endpoint_of("events") == Setting(DEAD, "profile dev")
    assert session.endpoint_setting == Setting(DEAD, "profile dev")
    assert session.service_endpoints == {
        "sqs": Setting("http://127.0.0.1:10", "services local of profile dev")
    }
    botocore = Session(session_vars={"profile": (None, None, "dev", None)})
    for service in ("sqs", "events"):
        by_botocore = botocore.create_client(service)
        assert session.client(service).meta.endpoint_url == by_botocore.meta.endpoint_url


@pytest.mark.parametrize("where", ["environment", "profile"])
def test_ignored_endpoints_are_not_in_force(
    monkeypatch: pytest.MonkeyPatch, config: Path, where: str
) -> None:
    ignored = "" if where == "environment" else "ignore_configured_endpoint_urls = true\n"
    config.write_text(f"[default]\nendpoint_url = {DEAD}\n{ignored}", "utf-8")
    if where == "environment":
        monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")

    session = AwsSession(
        ConnectionOptions(region=REGION, endpoint_variables={"AWS_ENDPOINT_URL": DEAD})
    )

    assert session.endpoint_of("events") is None
    assert session.endpoint_setting is None


def test_an_endpoint_that_is_no_url_is_a_config_error_with_its_source(keys: None) -> None:
    session = AwsSession(
        ConnectionOptions(region=REGION, endpoint_variables={"AWS_ENDPOINT_URL": "localhost:4566"})
    )

    with pytest.raises(ConfigError, match=r'"localhost:4566", which is no URL \(from AWS_ENDP'):
        session.call("sqs", "list_queues")


def test_this_machine_is_reached_without_the_proxy_of_the_environment(
    keys: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", DEAD)
    monkeypatch.setenv("http_proxy", DEAD)
    with scripted_aws(lambda _request: identity_answer()) as endpoint:
        answer = AwsSession(_to(endpoint.url)).call("sts", "get_caller_identity")

    assert answer["Account"] == "123456789012"


# -- calls ---------------------------------------------------------------------------------------


def test_a_dead_endpoint_on_this_machine_is_given_up_at_once_and_reported(keys: None) -> None:
    reports: list[CallReport] = []

    with pytest.raises(Unreachable) as caught:
        AwsSession(_to(DEAD), on_call=reports.append).call("sqs", "list_queues")

    assert caught.value.message.startswith(
        f"sqs at {DEAD} (from --endpoint-url) could not be reached"
    )
    assert caught.value.hint == "start what listens there, or change --endpoint-url"
    assert caught.value.operation == "sqs:list_queues"
    [report] = reports
    assert (report.service, report.operation) == ("sqs", "list_queues")
    assert (report.request_id, report.error_code) == ("", "EndpointConnectionError")
    assert 0 <= report.seconds < 5


def test_whoever_waits_for_an_endpoint_that_never_answers_is_told_of_each_new_attempt(
    keys: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edactl.aws.session.READ_SECONDS", 0.05)
    told: list[str] = []
    with silent_endpoint() as url:
        session = AwsSession(_to(url), on_wait=told.append)
        with pytest.raises(Unreachable, match="no answer to sqs:list_queues"):
            session.call("sqs", "list_queues", attempts=2)

    assert told == [f"no answer to sqs:ListQueues from {url}; asking again (2 of 2)"]


def test_whoever_waits_for_credentials_is_told_as_well(
    keys: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edactl.aws.connection.READ_SECONDS", 0.05)
    told: list[str] = []
    with silent_endpoint() as url:
        options = replace(_to(url), role_arn="arn:aws:iam::111111111111:role/operators")
        with pytest.raises(Unreachable, match="no answer"):
            AwsSession(options, on_wait=told.append).call("sts", "get_caller_identity")

    assert told == [
        f"no answer to sts:AssumeRole from {url}; asking again (2 of 3)",
        f"no answer to sts:AssumeRole from {url}; asking again (3 of 3)",
    ]


def test_a_call_that_is_made_once_has_a_time_of_its_own_and_nobody_is_told_of_another(
    keys: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edactl.aws.session.READ_ONCE_SECONDS", 0.05)
    told: list[str] = []
    with silent_endpoint() as url, pytest.raises(Unreachable, match="no answer to sqs:list_queues"):
        AwsSession(_to(url), on_wait=told.append).call("sqs", "list_queues", attempts=1)

    assert told == []


def test_a_call_is_reported_with_its_request_id(keys: None) -> None:
    reports: list[CallReport] = []
    with scripted_aws(lambda _request: identity_answer()) as endpoint:
        AwsSession(_to(endpoint.url), on_call=reports.append).call("sts", "get_caller_identity")

    [report] = reports
    assert (report.operation, report.request_id, report.error_code) == (
        "get_caller_identity",
        "r-1",
        None,
    )


def test_a_refused_call_is_reported_with_code_and_request_id(keys: None) -> None:
    reports: list[CallReport] = []
    body = '{"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "no"}'
    with scripted_aws(lambda _request: Answer(400, body)) as endpoint:
        session = AwsSession(_to(endpoint.url), on_call=reports.append)
        with pytest.raises(NotFound, match='queue "orders" does not exist in eu-west-1'):
            session.call("sqs", "get_queue_url", resource='queue "orders"', QueueName="orders")

    assert [(one.error_code, one.request_id) for one in reports] == [("QueueDoesNotExist", "r-1")]


@pytest.mark.parametrize("status", [200, 500])
def test_an_answer_that_is_a_web_page_is_an_error_of_aws(keys: None, status: int) -> None:
    page = Answer(status, "<html><body>It works!</body></html>", "text/html")
    with scripted_aws(lambda _request: page) as endpoint:
        session = AwsSession(_to(endpoint.url))
        with pytest.raises(AwsError) as caught:
            session.call("sqs", "list_queues", attempts=1)

    assert caught.value.status == ExitStatus.AWS


@pytest.mark.parametrize("said", ["it works", "OK\n", "<<", "\ufeff{}", "[]", '""', "null"])
def test_an_answer_that_is_no_json_is_an_error_of_aws(keys: None, said: str) -> None:
    with scripted_aws(lambda _request: Answer(200, said, "application/json")) as endpoint:
        session = AwsSession(_to(endpoint.url))
        with pytest.raises(AwsError, match="is not AWS's: it is no JSON object"):
            session.call("events", "list_event_buses")


@pytest.mark.parametrize("said", ["", '{"EventBuses":[]}', ' \n{"EventBuses":[]}'])
def test_an_answer_may_be_empty(keys: None, said: str) -> None:
    with scripted_aws(lambda _request: Answer(200, said, "application/json")) as endpoint:
        answer = AwsSession(_to(endpoint.url)).call("events", "list_event_buses")

    assert answer.get("EventBuses", []) == []


def test_pages_are_read_to_the_end(keys: None) -> None:
    def answer(request: Request) -> Answer:
        if "NextToken" in request.body:
            return Answer(200, '{"QueueUrls": ["http://h/1/b"]}')
        return Answer(200, '{"QueueUrls": ["http://h/1/a"], "NextToken": "t"}')

    with scripted_aws(answer) as endpoint:
        found = list(AwsSession(_to(endpoint.url)).pages("sqs", "list_queues", items="QueueUrls"))

    assert found == ["http://h/1/a", "http://h/1/b"]


def test_a_throttle_is_tried_again_and_an_ambiguous_call_only_when_asked(keys: None) -> None:
    def answer(_request: Request) -> Answer:
        return Answer(503, "{}") if len(endpoint.requests) == 1 else Answer(200, "{}")

    with scripted_aws(answer) as endpoint:
        AwsSession(_to(endpoint.url)).call("sqs", "list_queues")
        assert len(endpoint.requests) == 2
        endpoint.requests.clear()
        with pytest.raises(AwsError):
            AwsSession(_to(endpoint.url)).call("sqs", "list_queues", attempts=1)
        assert len(endpoint.requests) == 1


def test_clients_are_cached_by_service_attempts_and_validation(keys: None) -> None:
    session = AwsSession(_to(DEAD), workers=32)

    first = session.client("sqs")

    assert session.client("sqs") is first
    assert session.client("sqs", attempts=1) is not first
    assert session.client("sqs", validate=False) is not first
    assert first.meta.config.max_pool_connections == 32  # type: ignore[attr-defined] # not in the stubs


def test_threads_share_one_client(keys: None) -> None:
    session = AwsSession(_to(DEAD), workers=8)
    found: list[object] = []

    threads = [
        threading.Thread(target=lambda: found.append(session.client("sqs"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len(set(map(id, found))) == 1


# -- dry run -------------------------------------------------------------------------------------


def test_a_read_only_session_lets_no_client_write(keys: None) -> None:
    with scripted_aws(lambda _request: Answer(200, "{}")) as endpoint:
        session = AwsSession(_to(endpoint.url), read_only=True)

        with pytest.raises(DryRunBroken, match="sqs:PurgeQueue") as caught:
            session.call("sqs", "purge_queue", QueueUrl=f"{endpoint.url}/1/q")
        with pytest.raises(DryRunBroken, match="sqs:ReceiveMessage"):
            session.client("sqs").receive_message(QueueUrl=f"{endpoint.url}/1/q")  # type: ignore[attr-defined] # by name
        assert endpoint.requests == []
        session.call("sqs", "list_queues")
        assert len(endpoint.requests) == 1

    assert caught.value.status == ExitStatus.BUG
    assert "nothing was sent" in caught.value.message


READING = {
    "cloudwatch": {"DescribeAlarms", "GetMetricData", "ListMetrics"},
    "events": {"DescribeEventBus", "ListRules", "ListTargetsByRule", "TestEventPattern"},
    "sns": {"GetSubscriptionAttributes", "ListSubscriptions"},
    "sqs": {
        "GetQueueAttributes",
        "GetQueueUrl",
        "ListDeadLetterSourceQueues",
        "ListMessageMoveTasks",
        "ListQueues",
        "ListQueueTags",
    },
    "sts": {"AssumeRole", "GetCallerIdentity"},
}
_WRITING_WORDS = (
    "Add", "Cancel", "Change", "Confirm", "Create", "Deactivate", "Activate", "Delete", "Disable",
    "Enable", "OptIn", "Publish", "Purge", "Put", "Receive", "Remove", "Send", "Set", "Start",
    "Stop", "Subscribe", "Tag", "Unsubscribe", "Untag", "Update", "Verify", "AddPermission",
)  # fmt: skip


@pytest.mark.parametrize("service", sorted(READING))
def test_every_operation_of_a_service_in_use_is_known_to_read_or_to_write(service: str) -> None:
    from botocore import xform_name

    for name in Session().get_service_model(service).operation_names:
        reads = is_read_only(service, xform_name(name))
        if name in READING[service]:
            assert reads, name
        if name.startswith(_WRITING_WORDS):
            assert not reads, name
        if reads:
            assert name.startswith(("Get", "List", "Describe", "Test", "AssumeRole")), name


# -- the sandbox ---------------------------------------------------------------------------------


def test_a_sandbox_session_ignores_a_hostile_environment(
    monkeypatch: pytest.MonkeyPatch, config: Path
) -> None:
    config.write_text("[default]\nrole_arn = arn:aws:iam::1:role/x\nbroken", "utf-8")
    for name, value in {
        "AWS_PROFILE": "prod",
        "AWS_DEFAULT_PROFILE": "prod",
        "AWS_ACCESS_KEY_ID": "AKIAREALREALREALREAL",
        "AWS_SECRET_ACCESS_KEY": "real",
        "AWS_SESSION_TOKEN": "real",
        "AWS_ENDPOINT_URL": ELSEWHERE,
        "AWS_ENDPOINT_URL_STS": ELSEWHERE,
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "AWS_USE_DUALSTACK_ENDPOINT": "true",
        "AWS_MAX_ATTEMPTS": "many",
        "AWS_RETRY_MODE": "never",
        "AWS_DEFAULTS_MODE": "none",
        "AWS_CA_BUNDLE": "/nowhere",
        "HTTP_PROXY": ELSEWHERE,
        "HTTPS_PROXY": ELSEWHERE,
        "http_proxy": ELSEWHERE,
    }.items():
        monkeypatch.setenv(name, value)

    with scripted_aws(lambda _request: identity_answer("000000000000")) as endpoint:
        session = AwsSession(
            ConnectionOptions(
                sandbox=SandboxEndpoint(endpoint.url, "000000000000"),
                endpoint_variables={"AWS_ENDPOINT_URL_STS": ELSEWHERE},
            )
        )
        answer = session.call("sts", "get_caller_identity")
        [request] = endpoint.requests

    assert answer["Account"] == "000000000000"
    assert "Credential=sandbox/" in request.headers["Authorization"]
    assert "X-Amz-Security-Token" not in request.headers
    assert session.region_setting == Setting("us-east-1", "sandbox")
    assert session.profile_setting == Setting("sandbox", "sandbox")
    assert session.endpoint_setting == Setting(endpoint.url, "sandbox")
    assert session.credentials_setting == Setting("…dbox", "sandbox")
    for service in ("events", "sqs", "sns", "cloudwatch"):
        assert session.client(service).meta.endpoint_url == endpoint.url


@pytest.mark.parametrize("url", [ELSEWHERE, "http://127.0.0.1.example.com:1", ""])
def test_a_sandbox_elsewhere_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="is not on this machine"):
        AwsSession(ConnectionOptions(sandbox=SandboxEndpoint(url, "000000000000")))
