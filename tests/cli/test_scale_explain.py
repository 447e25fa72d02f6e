"""`edactl scale explain`: one sentence, what to type next, and the timeline behind it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from edactl.aws.session import AwsSession
from edactl.core.settings import ConnectionOptions, SandboxEndpoint
from edactl.sandbox.state import SandboxState
from tests.cli.test_scale_apply import PLACE, TARGET, Scaling
from tests.running import Run
from tests.scripted_scaling import ScalingWorld, service, with_data

Edactl = Callable[..., Run]
CUSTOM = {
    "CustomizedMetricSpecification": {
        "Namespace": "Shop",
        "MetricName": "Backlog",
        "Statistic": "Average",
    }
}


def policy(name: str, **configuration: Any) -> dict[str, Any]:
    return {
        "PolicyName": name,
        "ServiceNamespace": "ecs",
        "ResourceId": "service/jobs/orders",
        "ScalableDimension": "ecs:service:DesiredCount",
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 15.0, **configuration},
    }


def alarm(name: str, state: str, comparison: str, *, ago: float = 20) -> dict[str, Any]:
    return {
        "AlarmName": name,
        "AlarmArn": f"arn:{name}",
        "StateValue": state,
        "StateReason": "Threshold Crossed",
        "StateUpdatedTimestamp": time.time() - 60 * ago,
        "ComparisonOperator": comparison,
        "ActionsEnabled": True,
    }


def at_its_maximum() -> ScalingWorld:
    """A service that wants more than it may have, and everything that tells of it."""
    now = time.time()
    world = with_data(
        service=service(
            desiredCount=9,
            runningCount=9,
            deployments=[
                {
                    "status": "PRIMARY",
                    "rolloutState": "COMPLETED",
                    "taskDefinition": "arn:t/orders:7",
                    "updatedAt": now - 3000,
                }
            ],
            events=[{"createdAt": now - 1100 - n, "message": f"event {n}"} for n in range(12)],
        ),
        target={"MinCapacity": 1, "MaxCapacity": 9},
        policies={"backlog": policy("backlog", **CUSTOM)},
        alarms=[
            alarm("high", "ALARM", "GreaterThanThreshold"),
            alarm("low", "OK", "LessThanThreshold"),
        ],
        queue={"ApproximateNumberOfMessages": "900", "ApproximateNumberOfMessagesNotVisible": "9"},
        tasks=["arn:aws:ecs:eu-west-1:0:task/jobs/t1"],
        protected=[{"taskArn": "arn:aws:ecs:eu-west-1:0:task/jobs/t1", "protectionEnabled": True}],
    )
    world.points["metric"] = [(now - 60, 99.0)]
    states = {
        "oldState": {"stateValue": "OK"},
        "newState": {"stateValue": "ALARM", "stateReason": "3 datapoints"},
    }
    world.alarm_history = [
        {"AlarmName": "high", "Timestamp": now - 1200, "HistoryData": json.dumps(states)}
    ]
    world.activities = [
        {
            "ActivityId": "a",
            "ServiceNamespace": "ecs",
            "ResourceId": "service/jobs/orders",
            "ScalableDimension": "ecs:service:DesiredCount",
            "Description": "Attempting to scale due to alarm triggered",
            "Cause": "monitor alarm high in state ALARM triggered policy backlog",
            "StartTime": now - 300,
            "StatusCode": "Failed",
            "NotScaledReasons": [{"Code": "AlreadyAtMaxCapacity", "MaxCapacity": 9}],
        }
    ]
    world.activities[0]["StatusCode"] = "Unfulfilled"
    return world


def story(run: Run) -> dict[str, Any]:
    assert run.status == 0, run.err
    found: dict[str, Any] = json.loads(run.out)
    return found


def test_a_service_at_its_maximum_is_told_with_its_timeline(
    edactl: Edactl, scaling: Scaling
) -> None:
    world = scaling(at_its_maximum())

    run = edactl("scale", "explain", "jobs/orders", "--queue", "orders", "--since", "2h")

    found = story(run)
    assert found["code"] == "at_maximum"
    assert found["verdict"] == (
        "jobs/orders did not scale out: it is at its maximum of 9 tasks; 900 messages wait in"
        " orders, 100 for each task that runs"
    )
    assert found["next"].startswith("edactl scale apply --service jobs/orders")
    assert f"try: {found['next']}" in run.err
    assert (found["service"], found["visible_messages"], found["unread"]) == (
        "jobs/orders",
        900,
        [],
    )
    sources = [one["source"] for one in found["timeline"]]
    assert sources.count("service") == 12
    assert {"alarm", "deployment", "task", "not scaled"} <= set(sources)
    assert world.writes == []


def test_a_table_has_the_sentence_on_top_and_ndjson_the_timeline(
    edactl: Edactl, scaling: Scaling
) -> None:
    scaling(at_its_maximum())

    table = edactl("scale", "explain", "jobs/orders", "-o", "table").out.splitlines()
    assert table[0].startswith("jobs/orders did not scale out")
    assert table[2].split() == ["AT", "SOURCE", "WHAT"]
    lines = edactl("scale", "explain", "jobs/orders", "-o", "ndjson").out.splitlines()
    records = [json.loads(line) for line in lines]
    assert [set(one) for one in records] == [{"at", "source", "what"}] * len(records)
    assert records[0]["source"] == "verdict"
    assert records[0]["what"] == table[0]
    only = edactl("scale", "explain", "jobs/orders", "--query", "code", "-o", "text")
    assert only.out == "at_maximum\n"


def test_what_aws_says_cannot_act_on_a_terminal(edactl: Edactl, scaling: Scaling) -> None:
    world = at_its_maximum()
    del world.activities[0]["NotScaledReasons"]
    world.activities[0]["StatusMessage"] = "no\x1b[2J"
    scaling(world)

    run = edactl("scale", "explain", "jobs/orders", "-o", "table")

    assert run.status == 0
    assert "no\\e[2J" in run.out.splitlines()[0]
    assert "\x1b" not in run.out + run.err


def test_a_service_that_is_not_registered_is_the_verdict_not_an_error(
    edactl: Edactl, scaling: Scaling
) -> None:
    scaling(ScalingWorld())

    run = edactl("scale", "explain", "jobs/orders", "-o", "table")

    assert run.status == 0
    assert run.out == "jobs/orders is not behind Application Auto Scaling: nothing scales it\n"
    assert "try: edactl scale apply --service jobs/orders" in run.err


def test_what_scale_apply_put_there_is_explained(edactl: Edactl, scaling: Scaling) -> None:
    world = scaling(with_data())
    assert edactl("scale", "apply", *PLACE, *TARGET, "--yes").status == 0
    world.alarms = [alarm("high", "OK", "GreaterThanThreshold")]

    found = story(edactl("scale", "explain", "jobs/orders"))

    assert found["code"] == "within_target"
    assert "backlog_per_task is 16, its target 15" in found["verdict"]


def test_a_predefined_metric_is_left_to_its_alarms(edactl: Edactl, scaling: Scaling) -> None:
    world = at_its_maximum()
    kind = {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}
    world.policies = {"cpu": policy("cpu", PredefinedMetricSpecification=kind)}
    world.alarms = [alarm("high", "INSUFFICIENT_DATA", "GreaterThanThreshold")]
    world.activities = []
    scaling(world)

    run = edactl("scale", "explain", "jobs/orders")

    assert story(run)["code"] == "no_data"
    assert world.sent("GetMetricData") == []


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ("DescribeScalingActivities", "scaling activities of jobs/orders"),
        ("DescribeAlarms", "alarms of the policies"),
        ("DescribeAlarmHistory", "history of alarm high"),
        ("GetTaskProtection", "tasks of jobs/orders"),
        ("GetMetricData", "the metric of policy backlog"),
        ("GetQueueAttributes", "orders"),
    ],
)
def test_what_may_not_be_read_is_named_and_the_rest_is_told(
    edactl: Edactl, scaling: Scaling, operation: str, said: str
) -> None:
    world = at_its_maximum()
    world.errors[operation] = ("AccessDeniedException", "not authorized")
    scaling(world)

    run = edactl("scale", "explain", "jobs/orders", "--queue", "orders")

    [unread] = story(run)["unread"]
    assert said in unread
    assert f"warning: left out: {unread}" in run.err
    assert story(run)["code"] == "at_maximum"


@pytest.mark.parametrize("operation", ["DescribeScalableTargets", "DescribeServices"])
def test_without_the_service_or_its_target_there_is_no_story(
    edactl: Edactl, scaling: Scaling, operation: str
) -> None:
    world = at_its_maximum()
    world.errors[operation] = ("AccessDeniedException", "not authorized")
    scaling(world)

    run = edactl("scale", "explain", "jobs/orders")

    assert (run.status, run.out) == (254, "")
    assert operation in run.err


def test_a_service_or_queue_that_does_not_exist_is_named(edactl: Edactl, scaling: Scaling) -> None:
    scaling(ScalingWorld(service=None))
    run = edactl("scale", "explain", "jobs/orders")
    assert (run.status, run.out) == (254, "")
    assert 'service "orders" does not exist in cluster "jobs"' in run.err
    world = at_its_maximum()
    world.errors["GetQueueUrl"] = ("QueueDoesNotExist", "no")
    scaling(world)
    run = edactl("scale", "explain", "jobs/orders", "--queue", "ordres")
    assert (run.status, run.out) == (254, "")
    assert 'queue "ordres" does not exist' in run.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("a/b/c",),
        ("arn:aws:sqs:eu-west-1:1:q",),
        ("jobs/orders", "--since", "tomorrow"),
        ("jobs/orders", "--since", "2999-01-01"),
        ("jobs/orders", "--since", "0s"),
        ("jobs/orders", "--queue", "o!"),
    ],
)
def test_a_wrong_command_line_asks_aws_for_nothing(
    edactl: Edactl, scaling: Scaling, arguments: tuple[str, ...]
) -> None:
    world = scaling(at_its_maximum())

    run = edactl("scale", "explain", *arguments)

    assert (run.status, run.out, world.requests) == (252, "", [])


@pytest.mark.parametrize(
    "arguments",
    [
        ("explain", "default/orders"),
        ("apply", "--queue", "q", "--service", "orders", *TARGET, "--dry-run"),
        ("simulate", "--pattern", "steady:1/s", "--processing-time", "1s", "--live", "orders"),
    ],
    ids=["explain", "apply", "simulate"],
)
def test_on_the_sandbox_it_is_said_that_nothing_scales_there(
    edactl: Edactl, sandbox: SandboxState, arguments: tuple[str, ...]
) -> None:
    session = AwsSession(ConnectionOptions(sandbox=SandboxEndpoint(sandbox.url, "0" * 12)))
    session.call("ecs", "create_cluster", clusterName="default")
    session.call(
        *("ecs", "register_task_definition"),
        family="orders",
        containerDefinitions=[{"name": "app", "image": "busybox", "memory": 128}],
    )
    session.call("ecs", "create_service", serviceName="orders", taskDefinition="orders")

    run = edactl("scale", *arguments)

    assert (run.status, run.out) == (254, "")
    said, hint = run.err.splitlines()
    assert (
        "the sandbox has no Application Auto Scaling: nothing there scales default/orders" in said
    )
    assert "--write DIR" in hint
