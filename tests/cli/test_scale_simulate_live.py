"""`edactl scale simulate` with the policies that are deployed, and a queue's own traffic."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from edactl.aws.session import AwsSession
from edactl.core.settings import ConnectionOptions, SandboxEndpoint, Setting
from edactl.sandbox.state import SandboxState
from tests.running import Run
from tests.scripted_scaling import ScalingWorld

Edactl = Callable[..., Run]
SCALING = "application-autoscaling"
SIMULATE = ("scale", "simulate", "--pattern", "steady:5/s", "--duration", "1h")
WORK = ("--service-time", "exponential:2s")
NAMED: dict[str, Any] = {
    "ServiceNamespace": "ecs",
    "ResourceId": "service/flix/orders",
    "ScalableDimension": "ecs:service:DesiredCount",
}
VISIBLE = {
    "Namespace": "AWS/SQS",
    "MetricName": "ApproximateNumberOfMessagesVisible",
    "Dimensions": [{"Name": "QueueName", "Value": "orders"}],
}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsSession]:
    """An account with the service flix/orders of three tasks."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "fake")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "fake")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    with mock_aws():
        session = AwsSession(ConnectionOptions(region=Setting("eu-west-1", "test")))
        session.call("ecs", "create_cluster", clusterName="flix")
        session.call("ecs", "register_task_definition", family="t", containerDefinitions=[])
        named: dict[str, Any] = {"cluster": "flix", "serviceName": "orders"}
        session.call("ecs", "create_service", **named, taskDefinition="t", desiredCount=3)
        yield session


def register(aws: AwsSession) -> None:
    aws.call(SCALING, "register_scalable_target", **NAMED, MinCapacity=2, MaxCapacity=40)


def track(aws: AwsSession, name: str, target: float, **metric: Any) -> None:
    aws.call(
        SCALING,
        "put_scaling_policy",
        **NAMED,
        PolicyName=name,
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": target,
            "ScaleOutCooldown": 60,
            "ScaleInCooldown": 300,
            **metric,
        },
    )


def math_metric() -> dict[str, Any]:
    dimensions = [
        {"Name": "ClusterName", "Value": "flix"},
        {"Name": "ServiceName", "Value": "orders"},
    ]
    running = {
        "Namespace": "ECS/ContainerInsights",
        "MetricName": "RunningTaskCount",
        "Dimensions": dimensions,
    }
    return {
        "CustomizedMetricSpecification": {
            "Metrics": [
                {
                    "Id": "m1",
                    "MetricStat": {"Metric": VISIBLE, "Stat": "Maximum"},
                    "ReturnData": False,
                },
                {
                    "Id": "m2",
                    "MetricStat": {"Metric": running, "Stat": "Average"},
                    "ReturnData": False,
                },
                {"Id": "e1", "Expression": "m1 / m2", "ReturnData": True},
            ]
        }
    }


def predefined(name: str) -> dict[str, Any]:
    return {"PredefinedMetricSpecification": {"PredefinedMetricType": name}}


def records(run: Run) -> list[dict[str, Any]]:
    assert run.status == 0, run.err
    return [json.loads(line) for line in run.out.splitlines()]


def test_deployed_metric_math_acts_as_the_policy_of_the_same_target(
    edactl: Edactl, aws: AwsSession
) -> None:
    register(aws)
    track(aws, "backlog", 15, **math_metric())
    named = ("--policy", "backlog:15,min=2,max=40", "--live", "flix/orders")
    mine, live = records(edactl(*SIMULATE, *WORK, *named))

    assert live["policy"] == "live:flix/orders"
    assert {**live, "policy": ""} == {**mine, "policy": ""}
    assert live["scaling_actions"] > 0


def test_alone_the_deployed_policy_is_the_only_one(edactl: Edactl, aws: AwsSession) -> None:
    register(aws)
    track(aws, "cpu", 70, **predefined("ECSServiceAverageCPUUtilization"))

    [live] = records(edactl(*SIMULATE, *WORK, "--live", "flix/orders"))

    assert live["policy"] == "live:flix/orders"
    assert 2 <= live["mean_tasks"] <= 40


def test_deployed_steps_act_on_their_alarm(
    edactl: Edactl, scaling: Callable[[ScalingWorld], ScalingWorld]
) -> None:
    steps = {
        "AdjustmentType": "ChangeInCapacity",
        "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 3}],
        "Cooldown": 60,
    }
    policy = {
        **NAMED,
        "PolicyName": "steps",
        "PolicyType": "StepScaling",
        "StepScalingPolicyConfiguration": steps,
    }
    alarm = {
        "AlarmName": "deep",
        **VISIBLE,
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 50,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    }
    target = {"MinCapacity": 2, "MaxCapacity": 40}
    world = ScalingWorld(target=target, policies={"steps": policy}, alarms=[alarm])
    scaling(world)
    run = edactl(*SIMULATE, *WORK, "--live", "jobs/orders", "--initial-tasks", "2")

    [live] = records(run)
    assert live["scaling_actions"] > 3
    assert 10 < live["mean_tasks"] <= 40, "10 are busy"
    assert world.sent("DescribeAlarms") == [{"AlarmNames": ["deep"], "AlarmTypes": ["MetricAlarm"]}]


def test_what_cannot_be_simulated_is_warned_of(edactl: Edactl, aws: AwsSession) -> None:
    register(aws)
    track(aws, "memory", 70, **predefined("ECSServiceAverageMemoryUtilization"))
    refused = edactl(*SIMULATE, *WORK, "--live", "flix/orders")
    track(aws, "backlog", 15, **math_metric())
    run = edactl(*SIMULATE, *WORK, "--live", "flix/orders")

    assert refused.status == 252
    assert "memory: ECSServiceAverageMemoryUtilization cannot be simulated" in refused.err
    assert len(records(run)) == 1
    assert "is simulated without memory: ECSServiceAverageMemoryUtilization" in run.err


@pytest.mark.usefixtures("aws")
def test_a_service_that_does_not_exist_is_named(edactl: Edactl) -> None:
    run = edactl(*SIMULATE, *WORK, "--live", "flix/ordres")

    assert run.status == 254
    assert 'service "ordres" does not exist in cluster "flix"' in run.err


def test_a_service_that_does_not_scale_stays_as_it_is(edactl: Edactl, aws: AwsSession) -> None:
    bare = edactl(*SIMULATE, *WORK, "--live", "flix/orders")
    register(aws)
    without = edactl(*SIMULATE, *WORK, "--live", "flix/orders")

    assert (bare.status, without.status) == (252, 252)
    assert "flix/orders is not behind Application Auto Scaling: 3 tasks stay" in bare.err
    assert "flix/orders has no scaling policy: 3 tasks stay" in without.err
    for run in (bare, without):
        assert "--policy fixed:3 instead of --live" in run.err


def put_minutes(session: AwsSession) -> None:
    """Half an hour of the queue orders: 2 messages a second, 3 s of work each."""
    now = datetime.now(UTC)
    for name, value in {
        "NumberOfMessagesSent": 120.0,
        "NumberOfMessagesDeleted": 120.0,
        "ApproximateNumberOfMessagesNotVisible": 6.0,
    }.items():
        data = [
            {
                "MetricName": name,
                "Dimensions": [{"Name": "QueueName", "Value": "orders"}],
                "Timestamp": now - timedelta(minutes=2 + number),
                "Value": value,
            }
            for number in range(30)
        ]
        session.call("cloudwatch", "put_metric_data", Namespace="AWS/SQS", MetricData=data)


ACCOUNT = "000000000000"
QUEUE = ("scale", "simulate", "--queue", "orders", "--lookback", "1h", "--policy", "fixed:9")


def test_traffic_and_work_come_from_a_queue(edactl: Edactl, sandbox: SandboxState) -> None:
    put_minutes(AwsSession(ConnectionOptions(sandbox=SandboxEndpoint(sandbox.url, ACCOUNT))))
    run = edactl(*QUEUE)
    given = edactl(*QUEUE, "--service-time", "constant:1s")
    traffic = edactl(*QUEUE, "--pattern", "steady:1/s", "--duration", "10m")

    assert records(run)[0]["messages"] == 3600
    assert "work on orders: 3 s by Little's law, as exponential" in run.err
    assert records(given)[0]["messages"] == 3600
    assert "Little" not in given.err
    assert records(traffic)[0]["messages"] < 1000


@pytest.mark.usefixtures("sandbox")
def test_a_queue_with_no_data_is_named(edactl: Edactl) -> None:
    run = edactl(*QUEUE)

    assert run.status == 252
    assert 'CloudWatch has no data on queue "orders"' in run.err


def test_a_policy_that_watches_another_queue_is_warned_of(
    edactl: Edactl, sandbox: SandboxState, tmp_path: Path
) -> None:
    put_minutes(AwsSession(ConnectionOptions(sandbox=SandboxEndpoint(sandbox.url, ACCOUNT))))
    other = {**VISIBLE, "Dimensions": [{"Name": "QueueName", "Value": "billing"}]}
    file = tmp_path / "depth.json"
    file.write_text(json.dumps({"TargetValue": 9, "CustomizedMetricSpecification": other}))
    run = edactl(*QUEUE, "--policy", str(file))

    assert "depth.json watches billing, not orders: it is simulated on orders" in run.err
    assert "watches" not in edactl(*SIMULATE, *WORK, "--policy", str(file)).err


def test_suspended_scaling_is_simulated_as_such_and_told(
    edactl: Edactl, scaling: Callable[[ScalingWorld], ScalingWorld]
) -> None:
    depth = {"TargetValue": 9, "CustomizedMetricSpecification": VISIBLE}
    policy = {
        **NAMED,
        "PolicyName": "depth",
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": depth,
    }
    suspended = {"DynamicScalingOutSuspended": True, "DynamicScalingInSuspended": True}
    target = {"MinCapacity": 2, "MaxCapacity": 40, "SuspendedState": suspended}
    scaling(ScalingWorld(target=target, policies={"depth": policy}))
    run = edactl(*SIMULATE, *WORK, "--live", "jobs/orders")

    assert records(run)[0]["scaling_actions"] == 0
    assert "scale-out, scale-in suspended, and simulated so" in run.err
