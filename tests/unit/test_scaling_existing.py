"""Policies that exist: read from AWS's documents, and acting together."""

from __future__ import annotations

import json
from typing import Any

import pytest

from edactl.core.deployed_scaling import DeployedPolicy, DeployedScaling, alarm_of
from edactl.core.scaling_sim.controllers import Bounds, Datapoint, TargetTracking, Together
from edactl.core.scaling_sim.existing import Agreed, ExistingPolicies, Limited
from edactl.core.scaling_sim.policy_json import (
    backlog_target_of,
    deployed_policies,
    policies_of_json,
)
from edactl.core.scaling_sim.simulator import Setting
from edactl.core.scaling_sim.steps import AlarmSteps
from edactl.core.scaling_sim.watched import watched_in
from edactl.core.scaling_sim.work import Constant
from edactl.errors import InputError

GIVEN = Bounds(1, 50)
POINT = Datapoint(60, 300, 20, 600, 10, 0.8)
VISIBLE, SENT = "ApproximateNumberOfMessagesVisible", "NumberOfMessagesSent"
CPU = {"PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}}


def stat(name: str, metric: str, statistic: str = "Average", **dimensions: str) -> dict[str, Any]:
    named = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    found = {"Namespace": "AWS/SQS", "MetricName": metric, "Dimensions": named}
    return {"Id": name, "MetricStat": {"Metric": found, "Stat": statistic}, "ReturnData": False}


def math_of(expression: str, *metrics: dict[str, Any]) -> dict[str, Any]:
    last = {"Id": "e1", "Expression": expression, "ReturnData": True}
    return {"CustomizedMetricSpecification": {"Metrics": [*metrics, last]}}


BACKLOG = math_of(
    "m1 / m2", stat("m1", VISIBLE, QueueName="orders"), stat("m2", "RunningTaskCount")
)


def as_json(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


def read(**fields: Any) -> ExistingPolicies:
    return policies_of_json(as_json(**fields), name="orders.json", where="orders.json")


def controller(found: ExistingPolicies) -> Any:
    limited = found.controller(GIVEN, Setting(Constant(2), 2), 100)
    assert isinstance(limited, Limited)
    return limited.controller


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (CPU, 80),
        (BACKLOG, 30),
        ({"CustomizedMetricSpecification": {"MetricName": VISIBLE}}, 300),
        ({"CustomizedMetricSpecification": {"MetricName": "CPUUtilization"}}, 80),
        (
            {
                "CustomizedMetricSpecification": {
                    "MetricName": "CPUUtilization",
                    "Statistic": "SampleCount",
                }
            },
            10,
        ),
        (
            math_of(
                "load / slots",
                stat("visible", VISIBLE),
                stat("sent", SENT, "Sum"),
                stat("run", "CPUUtilization", "SampleCount"),
                {"Id": "load", "Expression": "sent / 60 * 2 + visible", "ReturnData": False},
                {"Id": "slots", "Expression": "FILL(run, 1)", "ReturnData": False},
            ),
            32,
        ),
    ],
    ids=["cpu", "backlog", "depth", "own cpu", "samples", "load"],
)
def test_target_tracking_watches_what_its_metric_says(
    metric: dict[str, Any], expected: float
) -> None:
    found = read(TargetValue=60, ScaleOutCooldown=10, ScaleInCooldown=20, **metric)

    tracking = controller(found)
    assert isinstance(tracking, TargetTracking)
    assert tracking.metric(POINT) == expected
    assert (tracking.target, tracking.bounds) == (60, GIVEN)
    assert (tracking.out_cooldown_seconds, tracking.in_cooldown_seconds) == (10, 20)
    assert (found.text, found.left_out, found.is_fixed) == ("orders.json", (), False)


def test_the_whole_input_and_the_answer_are_read_as_the_configuration_is() -> None:
    configuration = {"TargetValue": 60, **BACKLOG}
    whole = {"PolicyName": "x", "TargetTrackingScalingPolicyConfiguration": configuration}
    answer = {
        "ScalingPolicies": [whole | {"PolicyType": "TargetTrackingScaling"}],
        "ScalableTargets": [{"MinCapacity": 2, "MaxCapacity": 9}],
    }

    for document in (configuration, whole, answer):
        found = read(**document)
        tracking = controller(found)
        assert (tracking.target, tracking.metric(POINT)) == (60, 30)
        assert (tracking.out_cooldown_seconds, tracking.in_cooldown_seconds) == (300, 300)
        assert found.queues == {"orders"}
    assert found.bounds(GIVEN) == Bounds(2, 9)
    assert found.first_tasks(GIVEN, 100, 1) == 9


def test_of_many_services_targets_the_policy_s_own_is_taken() -> None:
    configuration = {"TargetValue": 60, **BACKLOG}
    policy = {
        "ResourceId": "service/b",
        "TargetTrackingScalingPolicyConfiguration": configuration,
    }
    targets = [
        {"ResourceId": "service/a", "MinCapacity": 1, "MaxCapacity": 3},
        {"ResourceId": "service/b", "MinCapacity": 2, "MaxCapacity": 9},
    ]

    found = read(ScalingPolicies=[policy], ScalableTargets=targets)

    assert found.bounds(GIVEN) == Bounds(2, 9)
    with pytest.raises(InputError, match="ScalableTargets are not what AWS says of it"):
        read(ScalingPolicies=[policy], ScalableTargets=targets[:1])


def test_policies_of_several_services_are_not_taken_for_those_of_one() -> None:
    one = {"TargetTrackingScalingPolicyConfiguration": {"TargetValue": 60, **BACKLOG}}
    policies = [one | {"ResourceId": f"service/{name}"} for name in "abcda"]

    with pytest.raises(
        InputError, match="policies of 4 services: service/a, service/b, service/c, …"
    ) as caught:
        read(ScalingPolicies=policies)
    assert "--resource-id service/CLUSTER/SERVICE" in (caught.value.hint or "")
    with pytest.raises(InputError, match=r"of 2 services: service/a, service/b$"):
        read(ScalingPolicies=policies[:2])


def test_without_a_running_task_a_division_has_no_datapoint() -> None:
    tracking = controller(read(TargetValue=60, **BACKLOG))

    assert tracking.metric(POINT._replace(running_tasks=0)) is None


STEPS = {
    "AdjustmentType": "ChangeInCapacity",
    "StepAdjustments": [
        {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 400, "ScalingAdjustment": 1},
        {"MetricIntervalLowerBound": 400.0, "ScalingAdjustment": 5},
    ],
    "Cooldown": 60,
    "MinAdjustmentMagnitude": 2,
}
DEEP = {
    "AlarmName": "deep",
    "Namespace": "AWS/SQS",
    "MetricName": VISIBLE,
    "Dimensions": [{"Name": "QueueName", "Value": "orders"}],
    "Statistic": "Maximum",
    "Period": 300,
    "EvaluationPeriods": 2,
    "DatapointsToAlarm": 1,
    "Threshold": 100.0,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    "TreatMissingData": "notBreaching",
}
STEP_POLICY: dict[str, Any] = {
    "PolicyName": "steps",
    "PolicyType": "StepScaling",
    "StepScalingPolicyConfiguration": STEPS,
    "Alarms": [{"AlarmName": "deep"}],
}


def test_a_step_policy_acts_on_its_alarm() -> None:
    found = read(ScalingPolicies=[STEP_POLICY], MetricAlarms=[DEEP, {**DEEP, "AlarmName": "no"}])

    steps = controller(found)
    assert isinstance(steps, AlarmSteps)
    assert (steps.rule.cooldown_seconds, steps.rule.least) == (60, 2)
    [alarm] = steps.alarms
    rule = alarm.rule
    assert (rule.threshold, rule.comparison) == (100, "GreaterThanOrEqualToThreshold")
    assert (rule.period_minutes, rule.periods, rule.datapoints) == (5, 2, 1)
    assert (rule.statistic, rule.missing) == ("Maximum", "notBreaching")
    assert found.queues == {"orders"}
    decided = [steps.decide(POINT, 10, 60.0 * minute) for minute in range(5)]
    assert decided == [10, 10, 10, 10, 11]


def test_a_bare_step_configuration_takes_the_alarms_of_its_file() -> None:
    assert isinstance(controller(read(**STEPS, MetricAlarms=[DEEP])), AlarmSteps)


def test_an_alarm_on_metric_math_is_read() -> None:
    queries = [
        stat("m1", VISIBLE) | {"MetricStat": {"Metric": {"MetricName": VISIBLE}, "Period": 120}},
        {"Id": "e1", "Expression": "m1 / 2"},
    ]
    alarm = alarm_of(
        {
            "AlarmName": "half",
            "Metrics": queries,
            "EvaluationPeriods": 1,
            "Threshold": 10,
            "ComparisonOperator": "GreaterThanThreshold",
        }
    )

    assert (alarm.period_seconds, alarm.datapoints, alarm.missing) == (120, 1, "missing")
    assert alarm.statistic == "Average"
    assert watched_in(alarm.queries).fresh()(POINT) == 150


MEMORY = {
    "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageMemoryUtilization"}
}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not a scaling policy"),
        (b'{"TargetTrackingScalingPolicyConfiguration":3}', "not a scaling policy"),
        (b'{"ScalingPolicies":[]}', "no scaling policy"),
        (b'{"ScalingPolicies":3}', "no scaling policy"),
        (b'{"ScalingPolicies":[3]}', "not a scaling policy"),
        (as_json(**CPU), "no TargetValue"),
        (as_json(TargetValue=True, **CPU), "no TargetValue"),
        (as_json(TargetValue=0, **CPU), "no TargetValue"),
        (as_json(TargetValue=1), "returns no metric cannot be simulated"),
        (as_json(TargetValue=1, **MEMORY), "ECSServiceAverageMemoryUtilization cannot be"),
        (
            as_json(TargetValue=1, **math_of("m1", stat("m1", "ApproximateAgeOfOldestMessage"))),
            "AWS/SQS ApproximateAgeOfOldestMessage cannot be simulated",
        ),
        (as_json(TargetValue=1, **math_of("RATE(m1)", stat("m1", VISIBLE))), "RATE"),
        (as_json(TargetValue=1, **math_of("m2", stat("m1", VISIBLE))), 'the id "m2"'),
        (
            as_json(TargetValue=1, **math_of("e2", {"Id": "e2", "Expression": "e1"})),
            'the id "e1"',
        ),
        (
            as_json(TargetValue=1, CustomizedMetricSpecification={"Metrics": []}),
            "None cannot be simulated",
        ),
        (as_json(TargetValue=1, CustomizedMetricSpecification={"Metrics": [{"Id": "m"}]}), "None"),
        (as_json(PolicyType="PredictiveScaling", PolicyName="p"), "p: PredictiveScaling cannot be"),
        (as_json(**STEP_POLICY), "steps: its steps act on alarms, which are not known"),
        (as_json(StepAdjustments=[{}], MetricAlarms=[DEEP]), "StepAdjustments are not"),
        (b'{"TargetValue":NaN}', "it is not JSON"),
        (
            as_json(**STEP_POLICY, MetricAlarms=[{**DEEP, "EvaluationPeriods": 10_081}]),
            "10081 periods of 5 minutes cannot be simulated",
        ),
        (as_json(**STEP_POLICY, MetricAlarms=[{}]), "MetricAlarms or ScalableTargets"),
        (as_json(**STEP_POLICY, ScalableTargets=[3]), "MetricAlarms or ScalableTargets"),
        (
            as_json(
                **STEP_POLICY,
                MetricAlarms=[{**DEEP, "ComparisonOperator": "LessThanLowerThreshold"}],
            ),
            "LessThanLowerThreshold cannot be simulated",
        ),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_cannot_be_simulated_is_refused(text: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        policies_of_json(text, name="p", where="p")
    assert refused.value.hint


def test_what_cannot_be_simulated_is_left_out_by_name_where_something_can() -> None:
    memory = {
        "PolicyName": "memory",
        "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 70, **MEMORY},
    }
    found = read(ScalingPolicies=[memory, STEP_POLICY], MetricAlarms=[DEEP])

    assert found.left_out == ("memory: ECSServiceAverageMemoryUtilization cannot be simulated",)
    assert isinstance(controller(found), AlarmSteps)


def tracked(name: str, target: float, **more: Any) -> DeployedPolicy:
    document = {"TargetTrackingScalingPolicyConfiguration": {"TargetValue": target} | more}
    return DeployedPolicy(name, "TargetTrackingScaling", document)


def test_what_is_deployed_has_the_bounds_of_its_target_and_what_is_suspended() -> None:
    policies = (tracked("cpu", 50, **CPU),)
    scaling = DeployedScaling("service/flix/orders", 2, 9, policies, ("scale-out",))
    found = deployed_policies(scaling, [], "flix/orders")

    assert found.text == "live:flix/orders"
    assert found.bounds(GIVEN) == Bounds(2, 9)
    limited = found.controller(GIVEN, Setting(Constant(2), 2), 100)
    decided = [limited.decide(POINT, 5, 60.0 * minute) for minute in range(4)]
    assert decided == [5] * 4, "busy, and suspended"


class Scripted:
    """Wants what it is told to, minute by minute."""

    def __init__(self, *wanted: int) -> None:
        self.wanted = list(wanted)

    def decide(self, point: Datapoint, desired: int, now: float) -> int:
        _ = point, desired, now
        return self.wanted.pop(0)


def test_a_controller_may_be_kept_from_scaling_in_or_out() -> None:
    def decided(**limits: bool) -> list[int]:
        limited = Limited(Scripted(9, 1, 5), **limits)
        return [limited.decide(POINT, 5, 0) for _ in range(3)]

    assert decided() == [9, 1, 5]
    assert decided(scales_in=False) == [9, 5, 5]
    assert decided(scales_out=False) == [5, 1, 5]


def test_target_tracking_policies_must_agree_to_scale_in() -> None:
    first, second = Scripted(9, 3, 3, 3, 2), Scripted(5, 5, 4, 2, 2)
    agreed = Agreed([first, second], 120)  # type: ignore[list-item] # scripted

    decided = [agreed.decide(POINT, 5, 60.0 * minute) for minute in range(5)]

    assert decided == [9, 5, 4, 5, 2], "the largest; then the cooldown of what was agreed"


def test_several_policies_act_together() -> None:
    policies = (
        tracked("cpu", 50, **CPU, ScaleInCooldown=10),
        tracked("backlog", 15, **BACKLOG, ScaleInCooldown=700),
        tracked("out only", 10, **BACKLOG, DisableScaleIn=True),
        DeployedPolicy("steps", "StepScaling", STEP_POLICY, ("deep",)),
    )
    scaling = DeployedScaling("service/flix/orders", 1, 9, policies)
    together = controller(deployed_policies(scaling, [alarm_of(DEEP)], "flix/orders"))

    assert isinstance(together, Together)
    agreed, out_only, steps = together.controllers
    assert isinstance(agreed, Agreed)
    assert agreed.in_cooldown_seconds == 700
    assert [one.in_cooldown_seconds for one in agreed.trackers] == [0, 0]
    assert isinstance(out_only, Limited)
    assert (out_only.scales_out, out_only.scales_in) == (True, False)
    assert isinstance(steps, AlarmSteps)


def test_the_target_of_a_watch_is_the_lowest_backlog_per_task_that_is_deployed() -> None:
    def target(*policies: DeployedPolicy) -> float | None:
        return backlog_target_of(DeployedScaling("service/a/b", 1, 9, policies))

    load = math_of("m1 + m2", stat("m1", VISIBLE), stat("m2", SENT))
    assert target(tracked("a", 20, **BACKLOG), tracked("b", 15, **BACKLOG)) == 15
    assert target(tracked("a", 0.75, **load), tracked("b", 50, **CPU)) is None
    assert target(DeployedPolicy("s", "StepScaling", STEP_POLICY)) is None
