from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from edactl.core.message import Outgoing
from edactl.sandbox.state import SandboxState
from tests.running import Run
from tests.sandbox_queues import SandboxQueues
from tests.scripted_sqs import error, scripted_sqs

Edactl = Callable[..., Run]
FIELDS = [
    *("name", "visible", "in_flight", "delayed", "oldest_age_seconds", "expires_in_seconds"),
    *("retention_seconds", "sources", "move_task", "arn", "url"),
]
ROLE = "arn:aws:iam::000000000000:role/r"


@pytest.fixture
def queues(sandbox: SandboxState) -> SandboxQueues:
    return SandboxQueues(sandbox)


@pytest.fixture
def real_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "fake")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "fake")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")


def records(run: Run) -> dict[str, dict[str, Any]]:
    assert run.status == 0, run.err
    return {one["name"]: one for one in map(json.loads, run.out.splitlines())}


def sources(record: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    return [(one["kind"], one["arn"], one["target"]) for one in record["sources"]]


def test_dlqs_are_listed_with_depth_and_sources_those_with_letters_first(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    queues.make_with_dlq("calm", 3)
    orders = queues.make_with_dlq("orders", 3)
    dlq = next(queues.sqs.list("orders-dlq"))
    queues.make("old-dlq")
    queues.sqs.send(dlq, [Outgoing("a"), Outgoing("b")])

    found = records(edactl("dlq", "list"))

    assert list(found) == ["orders-dlq", "calm-dlq"]
    assert list(found["orders-dlq"]) == FIELDS
    assert found["orders-dlq"]["visible"] == 2
    assert found["orders-dlq"]["retention_seconds"] == 345_600
    assert sources(found["orders-dlq"]) == [("queue", orders.arn, None)]
    assert found["orders-dlq"]["move_task"] is None


def test_all_adds_what_looks_like_a_dlq_and_prefix_narrows(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    queues.make_with_dlq("orders", 3)
    queues.make("old-dlq")

    assert list(records(edactl("dlq", "list", "--all"))) == ["old-dlq", "orders-dlq"]
    assert list(records(edactl("dlq", "list", "--all", "--prefix", "old"))) == ["old-dlq"]


def test_every_service_that_can_have_a_dlq_is_looked_at(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    names = ("rule-dlq", "schedule-dlq", "topic-dlq", "function-dlq", "failure-dlq", "stream-dlq")
    dlqs = {name: queues.make(name).arn for name in names}
    orders = queues.make("orders").arn
    rule = _rule(queues, orders, dlqs["rule-dlq"])
    schedule = _schedule(queues, orders, dlqs["schedule-dlq"])
    subscription = _subscription(queues, orders, dlqs["topic-dlq"])
    function = _function(queues, dlqs["function-dlq"], dlqs["failure-dlq"])
    stream = _mapping(queues, dlqs["stream-dlq"])
    queues.session.call(
        *("pipes", "create_pipe"), Name="clicks", Source=stream, Target=orders, RoleArn=ROLE
    )

    run = edactl("dlq", "list")

    found = records(run)
    assert "warning" not in run.err
    assert {name: sources(found[name]) for name in names} == {
        "rule-dlq": [("rule", rule, orders)],
        "schedule-dlq": [("schedule", schedule, orders)],
        "topic-dlq": [("subscription", subscription, orders)],
        "function-dlq": [("function", function, None)],
        "failure-dlq": [("function-destination", function, None)],
        "stream-dlq": [("event-source-mapping", stream, function)],
    }


def _rule(queues: SandboxQueues, target: str, dlq: str) -> str:
    call = queues.session.call
    call("events", "create_event_bus", Name="shop")
    answer = call(
        "events", "put_rule", Name="au", EventBusName="shop", EventPattern='{"source":["a"]}'
    )
    one = {"Id": "1", "Arn": target, "DeadLetterConfig": {"Arn": dlq}}
    two = {"Id": "2", "Arn": target}
    call("events", "put_targets", Rule="au", EventBusName="shop", Targets=[one, two])
    return str(answer["RuleArn"])


def _schedule(queues: SandboxQueues, target: str, dlq: str) -> str:
    answers = [
        queues.session.call(
            "scheduler",
            "create_schedule",
            Name=name,
            ScheduleExpression="rate(1 day)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": target, "RoleArn": ROLE, **more},
        )
        for name, more in (("nightly", {"DeadLetterConfig": {"Arn": dlq}}), ("plain", {}))
    ]
    return str(answers[0]["ScheduleArn"])


def _subscription(queues: SandboxQueues, endpoint: str, dlq: str) -> str:
    topic = queues.session.call("sns", "create_topic", Name="news")["TopicArn"]
    policy = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": dlq})}
    arns = [
        queues.session.call(
            "sns",
            "subscribe",
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=to,
            Attributes=attributes,
            ReturnSubscriptionArn=True,
        )["SubscriptionArn"]
        for to, attributes in ((endpoint, policy), (dlq, {}))
    ]
    return str(arns[0])


def _function(queues: SandboxQueues, dlq: str, on_failure: str) -> str:
    answer = queues.session.call(
        "lambda",
        "create_function",
        FunctionName="billing",
        Runtime="python3.11",
        Role=ROLE,
        Handler="app.handler",
        Code={"ZipFile": b"PK\x05\x06" + bytes(18)},
        DeadLetterConfig={"TargetArn": dlq},
    )
    queues.session.call(
        "lambda",
        "put_function_event_invoke_config",
        FunctionName="billing",
        DestinationConfig={"OnFailure": {"Destination": on_failure}},
    )
    return str(answer["FunctionArn"])


def _mapping(queues: SandboxQueues, dlq: str) -> str:
    queues.session.call("kinesis", "create_stream", StreamName="clicks", ShardCount=1)
    summary = queues.session.call("kinesis", "describe_stream_summary", StreamName="clicks")
    arn = str(summary["StreamDescriptionSummary"]["StreamARN"])
    queues.session.call(
        "lambda",
        "create_event_source_mapping",
        EventSourceArn=arn,
        FunctionName="billing",
        StartingPosition="LATEST",
        DestinationConfig={"OnFailure": {"Destination": dlq}},
    )
    return arn


def test_services_that_are_skipped_are_not_asked(edactl: Edactl, queues: SandboxQueues) -> None:
    orders, dlq = queues.make("orders").arn, queues.make("rule-dlq").arn
    _rule(queues, orders, dlq)

    assert list(records(edactl("dlq", "list"))) == ["rule-dlq"]
    assert records(edactl("dlq", "list", "--skip", "rules", "--skip", "functions")) == {}


def test_fail_if_any_is_1_when_there_are_letters_and_0_when_there_are_none(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    queues.make_with_dlq("orders", 3)
    assert edactl("dlq", "list", "--fail-if-any").status == 0

    queues.sqs.send(next(queues.sqs.list("orders-dlq")), [Outgoing("a")])
    run = edactl("dlq", "list", "--fail-if-any")

    assert run.status == 1
    assert json.loads(run.out)["name"] == "orders-dlq"


def test_letters_in_flight_are_letters_too(edactl: Edactl, queues: SandboxQueues) -> None:
    queues.make_with_dlq("orders", 3)
    dlq = next(queues.sqs.list("orders-dlq"))
    queues.sqs.send(dlq, [Outgoing("a")])
    queues.sqs.receive(dlq, count=1, wait_seconds=0, visibility_seconds=60)

    assert edactl("dlq", "list", "--fail-if-any").status == 1


def test_a_table_tells_sources_by_name(edactl: Edactl, queues: SandboxQueues) -> None:
    queues.make_with_dlq("orders", 3)

    run = edactl("dlq", "list", "-o", "table")

    assert run.status == 0
    head, row = run.out.splitlines()
    assert head.split("  ")[0] == "NAME"
    assert row.startswith("orders-dlq")
    assert "queue orders" in row


def test_the_age_of_the_first_letter_tells_how_long_it_has_left(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    queues.make_with_dlq("orders", 3)
    queues.sqs.send(next(queues.sqs.list("orders-dlq")), [Outgoing("a")])
    metric = {
        "MetricName": "ApproximateAgeOfOldestMessage",
        "Dimensions": [{"Name": "QueueName", "Value": "orders-dlq"}],
        "Timestamp": datetime.now(UTC),
        "Value": 90_000,
    }
    queues.session.call("cloudwatch", "put_metric_data", Namespace="AWS/SQS", MetricData=[metric])

    record = records(edactl("dlq", "list"))["orders-dlq"]
    table = edactl("dlq", "list", "-o", "table").out

    assert (record["oldest_age_seconds"], record["expires_in_seconds"]) == (90_000, 255_600)
    assert "1d1h    2d23h" in table


def test_an_account_without_dlqs_is_an_empty_list(edactl: Edactl, queues: SandboxQueues) -> None:
    assert edactl("dlq", "list", "-o", "json").out == "[]\n"


def test_a_service_to_skip_that_nobody_knows_is_a_wrong_command_line(edactl: Edactl) -> None:
    run = edactl("dlq", "list", "--skip", "queues")

    assert run.status == 252
    assert '--skip does not know "queues"' in run.err
    assert "one of rules, schedules, topics, functions" in run.err


POLICY = {"deadLetterTargetArn": "arn:aws:sqs:eu-west-1:1:dlq", "maxReceiveCount": 3}
QUEUES = {
    "orders": {"RedrivePolicy": json.dumps(POLICY)},
    "dlq": {"ApproximateNumberOfMessages": "5"},
}


SPOKEN = ("--skip", "schedules", "--skip", "functions")  # the endpoint speaks no REST


def answering(operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """SQS works and tells a running move task; every other service says no."""
    match operation:
        case "ListQueues":
            return 200, {"QueueUrls": [f"https://sqs/1/{name}" for name in QUEUES]}
        case "GetQueueAttributes":
            return 200, {"Attributes": QUEUES[request["QueueUrl"].rpartition("/")[2]]}
        case "ListMessageMoveTasks":
            task = {
                "Status": "RUNNING",
                "TaskHandle": "h",
                "ApproximateNumberOfMessagesMoved": 3,
                "ApproximateNumberOfMessagesToMove": 8,
            }
            return 200, {"Results": [task]}
    return error("AccessDeniedException", 403)


@pytest.mark.usefixtures("real_looking")
def test_a_service_that_says_no_is_a_warning_that_names_the_action(edactl: Edactl) -> None:
    with scripted_sqs(answering) as (url, _):
        run = edactl(
            "dlq", "list", "--endpoint-url", url, "--skip", "schedules", "--skip", "functions"
        )

    [record] = records(run).values()
    assert (record["name"], record["visible"]) == ("dlq", 5)
    assert record["move_task"]["moved"] == 3
    for action in ("events:ListEventBuses", "sns:ListSubscriptions", "cloudwatch:GetMetricData"):
        assert f"the caller lacks {action}" in run.err


@pytest.mark.usefixtures("real_looking")
def test_a_table_tells_how_far_a_move_task_is(edactl: Edactl) -> None:
    with scripted_sqs(answering) as (url, _):
        run = edactl("dlq", "list", "--endpoint-url", url, *SPOKEN, "-o", "table")

    assert run.status == 0
    assert run.out.splitlines()[1].endswith("queue orders  3 of 8")
