"""Whatever stands in a policy's file is simulated or refused, and nothing else happens."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from edactl.core.scaling_sim.controllers import Bounds, Datapoint
from edactl.core.scaling_sim.policy_json import policies_of_json
from edactl.core.scaling_sim.simulator import Setting
from edactl.core.scaling_sim.work import Constant
from edactl.errors import InputError

VISIBLE = "ApproximateNumberOfMessagesVisible"
odd: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just([])
)


def mostly(value: Any) -> st.SearchStrategy[Any]:
    """This value, seldom something odd."""
    return st.one_of([st.just(value)] * 20 + [odd])


def a_document(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object with these fields, but for one at times."""
    whole = st.fixed_dictionaries(fields)
    without = st.builds(
        lambda found, name: {key: value for key, value in found.items() if key != name},
        whole,
        st.sampled_from(sorted(fields)),
    )
    return st.one_of(whole, whole, whole, without)


metric = a_document(
    Namespace=mostly("AWS/SQS"),
    MetricName=mostly(VISIBLE) | st.sampled_from(["RunningTaskCount", "CPUUtilization", "Other"]),
    Dimensions=mostly([{"Name": "QueueName", "Value": "orders"}]) | st.lists(odd, max_size=2),
)
leaf = a_document(
    Id=mostly("m1") | st.just("m2"),
    MetricStat=a_document(Metric=metric, Stat=mostly("Average"), Period=mostly(60)),
    ReturnData=mostly(value=False),
)
formula = a_document(
    Id=mostly("e1"),
    Expression=mostly("m1 / 2") | st.sampled_from(["m1 + m2", "e1", "IF(m1 > 1, m2)"]),
    ReturnData=mostly(value=True),
)
queries = st.tuples(leaf, formula) | st.lists(leaf | formula | odd, max_size=3)
custom = a_document(Metrics=queries, MetricName=mostly(VISIBLE), Statistic=mostly("Sum"))
tracking = a_document(
    TargetValue=mostly(60),
    CustomizedMetricSpecification=custom,
    ScaleOutCooldown=mostly(60),
    ScaleInCooldown=mostly(60),
    DisableScaleIn=mostly(value=False),
)
step = a_document(
    MetricIntervalLowerBound=mostly(0),
    MetricIntervalUpperBound=mostly(10),
    ScalingAdjustment=mostly(1) | st.integers(-200, 200),
)
steps = a_document(
    AdjustmentType=st.sampled_from(["ChangeInCapacity", "PercentChangeInCapacity"])
    | mostly("ExactCapacity"),
    StepAdjustments=st.lists(step, max_size=3),
    Cooldown=mostly(60),
    MinAdjustmentMagnitude=mostly(2),
)
alarm = a_document(
    AlarmName=mostly("deep"),
    MetricName=mostly(VISIBLE),
    Metrics=queries | odd,
    Dimensions=mostly([]),
    Statistic=mostly("Average"),
    Period=mostly(60),
    EvaluationPeriods=mostly(1),
    DatapointsToAlarm=mostly(1),
    Threshold=mostly(100),
    ComparisonOperator=mostly("GreaterThanThreshold"),
    TreatMissingData=mostly("missing"),
)
policy = a_document(
    PolicyName=mostly("p"),
    PolicyType=st.sampled_from(["StepScaling", "TargetTrackingScaling"]),
    TargetTrackingScalingPolicyConfiguration=tracking,
    StepScalingPolicyConfiguration=steps,
    Alarms=mostly([{"AlarmName": "deep"}]),
)
documents = (
    tracking
    | steps
    | policy
    | a_document(
        ScalingPolicies=st.lists(policy, max_size=3),
        MetricAlarms=st.lists(alarm, max_size=2),
        ScalableTargets=mostly([{"MinCapacity": 1, "MaxCapacity": 9}]) | st.lists(odd, max_size=2),
    )
)
POINTS = [Datapoint(60.0 * n, 300.0 * n, 2, 60, n % 3, 0.5) for n in range(8)]


@given(documents)
def test_any_document_is_simulated_or_refused(document: dict[str, Any]) -> None:
    try:
        found = policies_of_json(json.dumps(document).encode(), name="p", where="p")
    except InputError:
        return
    bounds = found.bounds(Bounds(1, 50))
    controller = found.controller(Bounds(1, 50), Setting(Constant(1)), 100)
    tasks = 5
    for point in POINTS:
        tasks = controller.decide(point, tasks, point.at_seconds)

    assert tasks == 5 or bounds.minimum <= tasks <= bounds.maximum
