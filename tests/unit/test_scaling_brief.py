from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from edactl.core.deployed_scaling import DeployedPolicy, DeployedScaling
from edactl.core.scaling_brief import brief_of

if TYPE_CHECKING:
    from edactl.core.record import JsonValue


def words(kind: str, configuration: dict[str, JsonValue]) -> str:
    policy = DeployedPolicy("mine", kind, {f"{kind}PolicyConfiguration": configuration}, ("high",))
    return brief_of(DeployedScaling("service/a/b", 0, 5, (policy,))).words


def custom(specification: dict[str, Any]) -> dict[str, JsonValue]:
    return {"TargetValue": 2.5, "CustomizedMetricSpecification": specification}


STAT = {"Metric": {"Namespace": "AWS/SQS", "MetricName": "Visible"}, "Stat": "Sum"}
EXPRESSION = {"Id": "e", "Expression": "m1/m2"}
PREDEFINED = {"PredefinedMetricType": "ECSServiceAverageMemoryUtilization"}
PAIR = {"PredefinedMetricPairSpecification": {"PredefinedMetricType": "ECSServiceCPUUtilization"}}


@pytest.mark.parametrize(
    ("kind", "configuration", "expected"),
    [
        (
            "TargetTrackingScaling",
            {"TargetValue": 60, "PredefinedMetricSpecification": PREDEFINED},
            "ECSServiceAverageMemoryUtilization at 60",
        ),
        (
            "TargetTrackingScaling",
            custom({"Namespace": "Mine", "MetricName": "Backlog"}),
            "Mine/Backlog at 2.5",
        ),
        (
            "TargetTrackingScaling",
            custom(
                {"Metrics": [{"Id": "m1", "MetricStat": STAT, "ReturnData": False}, EXPRESSION]}
            ),
            "m1/m2 at 2.5",
        ),
        (
            "TargetTrackingScaling",
            custom({"Metrics": [EXPRESSION | {"Label": "backlog per task"}]}),
            "backlog per task at 2.5",
        ),
        (
            "TargetTrackingScaling",
            custom({"Metrics": [{"Id": "m1", "MetricStat": STAT}]}),
            "AWS/SQS/Visible at 2.5",
        ),
        ("TargetTrackingScaling", {"TargetValue": 1}, "TargetTrackingScaling mine"),
        ("StepScaling", {"AdjustmentType": "ChangeInCapacity"}, "StepScaling mine"),
        (
            "PredictiveScaling",
            {"MetricSpecifications": [{"TargetValue": 40, **PAIR}]},
            "ECSServiceCPUUtilization at 40",
        ),
        ("PredictiveScaling", {"MetricSpecifications": []}, "PredictiveScaling mine"),
        (
            "TargetTrackingScaling",
            {"PredefinedMetricSpecification": {"PredefinedMetricType": "X"}},
            "X",
        ),
    ],
)
def test_a_policy_is_told_by_its_metric_and_target(
    kind: str, configuration: dict[str, JsonValue], expected: str
) -> None:
    assert words(kind, configuration) == f"0 to 5 tasks, {expected}"


def test_a_target_without_policies_and_one_that_is_suspended_say_so() -> None:
    brief = brief_of(DeployedScaling("service/a/b", 1, 4, suspended=("scale-out", "scale-in")))

    assert brief.words == "1 to 4 tasks, no policy, scale-out, scale-in suspended"
