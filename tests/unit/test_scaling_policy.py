"""The policy that is wanted, what is deployed, and how the two differ."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from edactl.core.deployed_scaling import DeployedPolicy, DeployedScaling
from edactl.core.ecs_service import Service
from edactl.core.scaling_policy.evidence import described, doubts, evidence_of
from edactl.core.scaling_policy.metric_math import metric_queries
from edactl.core.scaling_policy.plan import notices, wanted_state
from edactl.core.scaling_policy.requests import policy_request
from edactl.core.scaling_policy.state import Change, Range, State, changes
from edactl.core.scaling_policy.wanted import Slots
from edactl.errors import InputError
from tests.wanted_policies import wanted

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def steps(*adjustments: int) -> dict[str, Any]:
    configuration = {
        "AdjustmentType": "ChangeInCapacity",
        "StepAdjustments": [{"ScalingAdjustment": one} for one in adjustments],
    }
    return {
        "PolicyName": "steps",
        "PolicyType": "StepScaling",
        "StepScalingPolicyConfiguration": configuration,
    }


def test_a_cooldown_below_0_is_refused() -> None:
    with pytest.raises(InputError, match="a cooldown is 0 or more"):
        wanted(scale_in_cooldown_seconds=-1)


def test_load_per_slot_without_its_slots_is_refused() -> None:
    with pytest.raises(InputError, match="made of the processing time"):
        wanted(metric="load_per_slot")


@pytest.mark.parametrize(
    ("minimum", "expression"),
    [
        (1, "IF(FILL(running, REPEAT) > 0, FILL(running, REPEAT), 1)"),
        (0, "IF(FILL(running, 0) > 0, FILL(running, 0), 1)"),
    ],
)
def test_no_task_counts_as_one_and_a_late_count_as_the_last(minimum: int, expression: str) -> None:
    tasks = metric_queries(wanted(minimum_tasks=minimum))[-2]

    assert (tasks["Id"], tasks["Expression"]) == ("tasks", expression)


def test_numbers_in_an_expression_have_no_exponent() -> None:
    slots = Slots(0.000001, 1_000_000.0, 3)
    held = metric_queries(wanted(metric="load_per_slot", slots=slots))[-1]

    assert held["Expression"] == (
        "(sent / 60 * 0.000001 + visible * 0.000001 / 1000000) / (3 * tasks)"
    )


def test_only_the_last_query_is_held() -> None:
    for policy in (wanted(), wanted(metric="load_per_slot", slots=Slots(2.0, 120.0, 1))):
        queries = metric_queries(policy)
        assert [one["Id"] for one in queries if one["ReturnData"]] == [policy.metric]
        assert queries[-1]["Id"] == policy.metric


def test_what_aws_takes_by_default_is_no_change() -> None:
    after = wanted_state(wanted())
    assert after.policy is not None
    policy: dict[str, Any] = policy_request(wanted())
    configuration = policy["TargetTrackingScalingPolicyConfiguration"]
    del configuration["DisableScaleIn"]
    configuration["TargetValue"] = 15
    *_, held = configuration["CustomizedMetricSpecification"]["Metrics"]
    del held["ReturnData"]
    del held["Label"]

    assert changes(State(Range(2, 40), policy), after) == ()
    configuration["DisableScaleIn"] = True
    assert changes(State(Range(2, 40), policy), after) == (
        Change("policy.DisableScaleIn", True, None),
    )


def test_steps_are_compared_one_by_one() -> None:
    assert changes(State(None, steps(1, 5)), State(None, steps(1, 4))) == (
        Change("policy.StepAdjustments[1].ScalingAdjustment", 5, 4),
    )


def test_metrics_that_are_no_queries_are_left_out_of_a_comparison() -> None:
    odd: dict[str, Any] = {"PolicyName": "p", "XConfiguration": {"Metrics": ["odd", {"Id": "m"}]}}

    assert [one.field for one in changes(State(None, odd), State(None, None))] == [
        "policy.PolicyName",
        "policy.Metrics[m]",
    ]


def test_a_metric_is_told_with_its_unit_and_without_dimensions() -> None:
    metric = {"Namespace": "N", "MetricName": "M"}
    query: dict[str, Any] = {"MetricStat": {"Metric": metric, "Stat": "Sum", "Unit": "Count"}}

    assert described(query) == "N M Sum Count"
    assert described({"MetricStat": {"Stat": "Sum"}}) == "None None Sum"


def test_twenty_second_metrics_are_doubted_only_when_tasks_run() -> None:
    points = {"running": ((NOON, 9.0),), "backlog_per_task": ((NOON, 1.0),)}
    evidence = evidence_of(metric_queries(wanted()), points)

    assert doubts(evidence, wanted(), running_tasks=0, now=NOON) == ()
    assert doubts(evidence, wanted(), running_tasks=5, now=NOON) == ()
    [thrice] = doubts(evidence, wanted(), running_tasks=3, now=NOON)
    assert "9 tasks where 3 run" in thrice
    assert doubts(evidence, wanted(), running_tasks=9, now=NOON + timedelta(minutes=15)) == ()
    insights = wanted(task_count="container-insights")
    assert doubts(evidence, insights, running_tasks=3, now=NOON) == ()


def test_notices_are_of_what_a_run_really_changes() -> None:
    service = Service(
        *("orders", "jobs", "ACTIVE", 50, 50, 0, "t:1"), None, (), None, "arn", (), ()
    )
    policy = DeployedPolicy("cpu", "StepScaling", {})
    deployed = DeployedScaling("service/jobs/orders", 2, 40, (policy,))
    same = State(Range(2, 40), None)

    assert notices(same, same, deployed, service) == ()
    [deleted] = notices(same, State(None, None), deployed, service)
    assert "scheduled actions of jobs/orders are deleted" in deleted
    assert notices(State(None, None), same, None, service) == (
        "the desired count goes from 50 to 40 at once, to be within the range",
    )
