"""The scaling that is deployed for a service, out of Application Auto Scaling's answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber
from moto import mock_aws

from edactl.aws.scaling_policies import ScalingAlarms, ScalingPolicies
from edactl.aws.session import AwsSession
from edactl.core.deployed_scaling import DeployedPolicy, DeployedScaling
from edactl.core.scaling_policy.service_place import ServicePlace
from edactl.core.settings import ConnectionOptions, Setting

ORDERS = ServicePlace("flix", "orders")
NAMED: dict[str, Any] = {
    "ServiceNamespace": "ecs",
    "ResourceId": "service/flix/orders",
    "ScalableDimension": "ecs:service:DesiredCount",
}
CONFIGURATION: dict[str, Any] = {
    "TargetValue": 15.0,
    "CustomizedMetricSpecification": {
        "Metrics": [
            {"Id": "e1", "Expression": "TIME_SERIES(5)", "ReturnData": True},
        ]
    },
    "ScaleOutCooldown": 60,
}
POLICY: dict[str, Any] = {
    "PolicyName": "backlog",
    **NAMED,
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingScalingPolicyConfiguration": CONFIGURATION,
}


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> AwsSession:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "fake")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "fake")
    return AwsSession(ConnectionOptions(region=Setting("eu-west-1", "test")), read_only=True)


def test_a_policy_comes_back_as_it_was_put(session: AwsSession) -> None:
    with mock_aws():
        world = AwsSession(ConnectionOptions(region=Setting("eu-west-1", "test")))
        world.call("ecs", "create_cluster", clusterName="flix")
        world.call("ecs", "register_task_definition", family="t", containerDefinitions=[])
        service: dict[str, Any] = {
            "cluster": "flix",
            "serviceName": "orders",
            "taskDefinition": "t",
        }
        world.call("ecs", "create_service", **service, desiredCount=1)
        scaling = "application-autoscaling"
        world.call(scaling, "register_scalable_target", **NAMED, MinCapacity=2, MaxCapacity=40)
        world.call(scaling, "put_scaling_policy", **POLICY)

        found = ScalingPolicies(session).of_service(ORDERS)
        other = ScalingPolicies(session).of_service(ServicePlace("flix", "billing"))

    assert found is not None
    assert (found.minimum_tasks, found.maximum_tasks) == (2, 40)
    [policy] = found.policies
    assert policy.document == POLICY
    assert policy.configuration == CONFIGURATION
    assert other is None


def test_every_page_is_read_and_what_is_suspended_is_told(session: AwsSession) -> None:
    target = {
        **NAMED,
        "MinCapacity": 1,
        "MaxCapacity": 9,
        "RoleARN": "arn:aws:iam::1:role/r",
        "CreationTime": datetime(2026, 1, 31, tzinfo=UTC),
        "SuspendedState": {"DynamicScalingInSuspended": True, "ScheduledScalingSuspended": False},
    }
    step: dict[str, Any] = {"PolicyName": "step", **NAMED, "PolicyType": "StepScaling"}
    only_in_answers = {"PolicyARN": "arn:p", "CreationTime": datetime(2026, 1, 31, tzinfo=UTC)}
    alarms = {"Alarms": [{"AlarmName": "deep", "AlarmARN": "arn:deep"}]}
    asked = {
        "ServiceNamespace": "ecs",
        "ResourceIds": ["service/flix/orders"],
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    with Stubber(session.client("application-autoscaling")) as stub:
        stub.add_response("describe_scalable_targets", {"ScalableTargets": [target]}, asked)
        stub.add_response(
            "describe_scaling_policies",
            {"ScalingPolicies": [step | only_in_answers | alarms], "NextToken": "n"},
            NAMED,
        )
        stub.add_response(
            "describe_scaling_policies",
            {"ScalingPolicies": [POLICY | only_in_answers]},
            NAMED | {"NextToken": "n"},
        )
        found = ScalingPolicies(session).of_service(ORDERS)
        stub.assert_no_pending_responses()

    steps = DeployedPolicy("step", "StepScaling", step, ("deep",))
    tracking = DeployedPolicy("backlog", "TargetTrackingScaling", POLICY)
    assert found == DeployedScaling("service/flix/orders", 1, 9, (steps, tracking), ("scale-in",))
    assert steps.configuration == {}


def test_alarms_are_read_a_hundred_names_at_a_time(session: AwsSession) -> None:
    names = [f"a{number}" for number in range(101)]
    alarm = {
        "AlarmName": "a0",
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [],
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 3,
        "Threshold": 100.0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    with Stubber(session.client("cloudwatch")) as stub:
        for some, found in ((names[:100], [alarm]), (names[100:], [])):
            stub.add_response(
                "describe_alarms",
                {"MetricAlarms": found},
                {"AlarmNames": some, "AlarmTypes": ["MetricAlarm"]},
            )
        [found_one] = ScalingAlarms(session).named(names)
        stub.assert_no_pending_responses()

    assert (found_one.name, found_one.threshold) == ("a0", 100)
    assert (found_one.periods, found_one.datapoints, found_one.period_seconds) == (3, 3, 60)
    assert ScalingAlarms(session).named([]) == []


def scaled(number: int) -> dict[str, Any]:
    return {
        **NAMED,
        "ResourceId": f"service/flix/s{number}",
        "MinCapacity": 1,
        "MaxCapacity": 4,
        "RoleARN": "arn:role/x",
        "CreationTime": datetime(2026, 1, 1, tzinfo=UTC),
    }


def policy_of(number: int) -> dict[str, Any]:
    return {
        "PolicyARN": "arn:policy",
        "PolicyName": f"p{number}",
        "PolicyType": "StepScaling",
        "ServiceNamespace": "ecs",
        "ResourceId": f"service/flix/s{number}",
        "ScalableDimension": NAMED["ScalableDimension"],
        "CreationTime": datetime(2026, 1, 1, tzinfo=UTC),
    }


def test_the_policies_of_a_few_services_are_asked_for_one_by_one(session: AwsSession) -> None:
    places = [ServicePlace("flix", f"s{number}") for number in range(3)]
    common = {key: NAMED[key] for key in ("ServiceNamespace", "ScalableDimension")}
    with Stubber(session.client("application-autoscaling")) as stubber:
        stubber.add_response(
            "describe_scalable_targets",
            {"ScalableTargets": [scaled(0), scaled(2)]},
            common | {"ResourceIds": [one.resource_id for one in places]},
        )
        for number in (0, 2):
            stubber.add_response(
                "describe_scaling_policies",
                {"ScalingPolicies": [policy_of(number)]},
                common | {"ResourceId": f"service/flix/s{number}"},
            )
        found = ScalingPolicies(session).of_services(places)
        stubber.assert_no_pending_responses()

    assert {name: [one.name for one in scaling.policies] for name, scaling in found.items()} == {
        "service/flix/s0": ["p0"],
        "service/flix/s2": ["p2"],
    }


def test_the_policies_of_many_services_are_asked_for_at_once(session: AwsSession) -> None:
    places = [ServicePlace("flix", f"s{number}") for number in range(60)]
    common = {key: NAMED[key] for key in ("ServiceNamespace", "ScalableDimension")}
    with Stubber(session.client("application-autoscaling")) as stubber:
        for start, end in ((0, 50), (50, 60)):
            stubber.add_response(
                "describe_scalable_targets",
                {"ScalableTargets": [scaled(number) for number in range(start, end)]},
                common | {"ResourceIds": [one.resource_id for one in places[start:end]]},
            )
        stubber.add_response(
            "describe_scaling_policies",
            {"ScalingPolicies": [policy_of(number) for number in (0, 59, 99)]},
            common,
        )
        found = ScalingPolicies(session).of_services(places)
        stubber.assert_no_pending_responses()

    assert len(found) == 60
    assert [one.name for one in found["service/flix/s59"].policies] == ["p59"]
    assert found["service/flix/s1"].policies == ()
