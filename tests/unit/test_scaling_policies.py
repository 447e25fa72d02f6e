"""Policies as they are written, and as the JSON of existing ones."""

from __future__ import annotations

import json
from typing import Any

import pytest

from edactl.core.scaling_sim.controllers import (
    Bounds,
    Datapoint,
    StepScaling,
    TargetTracking,
    Together,
)
from edactl.core.scaling_sim.policies import Policy, parse_policy
from edactl.core.scaling_sim.policy_json import policy_of_json
from edactl.core.scaling_sim.simulator import Setting
from edactl.core.scaling_sim.work import Constant
from edactl.errors import InputError, UsageError

GIVEN = Bounds(1, 50)
POINT = Datapoint(60, 300, 20, 600, 10, 0.8)


def controller(policy: Policy) -> Any:
    return policy.controller(GIVEN, Setting(Constant(2), 2), 100)


@pytest.mark.parametrize(
    ("text", "value", "datapoints", "cooldown"),
    [
        ("cpu:70", 80, 3, 300),
        ("queue-depth:100", 300, 3, 60),
        ("backlog:60", 30, 3, 60),
        ("load:0.75", (20 + 6) / 20, 3, 60),
        ("step1:60", 30, 1, 60),
        ("step1:backlog=60", 30, 1, 60),
        ("step1:load=0.75", (20 + 6) / 20, 1, 60),
    ],
)
def test_a_policy_watches_its_metric(
    text: str, value: float, datapoints: int, cooldown: float
) -> None:
    found = controller(parse_policy(text))

    assert isinstance(found, TargetTracking)
    assert found.metric(POINT) == pytest.approx(value)
    assert (found.out_datapoints, found.out_cooldown_seconds) == (datapoints, cooldown)
    assert found.in_cooldown_seconds == 300
    assert found.bounds == GIVEN


def test_the_cdk_s_default_is_steps_and_cpu() -> None:
    both = controller(parse_policy("step"))

    assert isinstance(both, Together)
    steps, cpu = both.controllers
    assert isinstance(steps, StepScaling)
    assert [(one.bound, one.change) for one in steps.out] == [(100, 1), (500, 5)]
    assert (steps.into.bound, steps.into.change) == (0, -1)
    assert isinstance(cpu, TargetTracking)
    assert cpu.target == 50
    assert isinstance(controller(parse_policy("step-only")), StepScaling)


def test_a_policy_can_name_its_own_bounds() -> None:
    assert parse_policy("backlog:60,min=12").bounds(GIVEN) == Bounds(12, 50)
    assert parse_policy("backlog:60,min=60").bounds(GIVEN) == Bounds(60, 60)
    assert parse_policy("load:0.75,min=0,max=8").bounds(GIVEN) == Bounds(0, 8)


def test_it_starts_with_what_the_first_load_needs() -> None:
    assert parse_policy("backlog:60").first_tasks(GIVEN, 8, 1) == 10
    assert parse_policy("backlog:60").first_tasks(GIVEN, 8, 4) == 3
    assert parse_policy("backlog:60").first_tasks(GIVEN, 0, 1) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "fixed",
        "fixed:1.5",
        "fixed:-1",
        "fixed:3,min=1",
        "step:1",
        "backlog",
        "backlog:0",
        "backlog:x",
        "backlog:inf",
        "backlog:60,least=3",
        "backlog:60,min=x",
        "backlog:60,min=5,max=4",
        "load:-1",
        "fixed:20001",
        "backlog:60,min=20001",
        "backlog:1000001",
        "wild:1",
    ],
)
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_policy(text)


def math_metric(*names: str) -> dict[str, Any]:
    stats = [
        {"Id": f"m{n}", "MetricStat": {"Metric": {"MetricName": name}}}
        for n, name in enumerate(names)
    ]
    expression = {"Id": "e1", "Expression": "m0/m1", "ReturnData": True}
    return {"CustomizedMetricSpecification": {"Metrics": [*stats, expression]}}


VISIBLE = "ApproximateNumberOfMessagesVisible"
CPU = {"PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}}


def as_json(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


@pytest.mark.parametrize(
    ("metric", "kind"),
    [
        (CPU, "cpu"),
        (math_metric(VISIBLE, "RunningTaskCount"), "backlog"),
        (math_metric(VISIBLE, "NumberOfMessagesSent", "RunningTaskCount"), "load"),
        ({"CustomizedMetricSpecification": {"MetricName": VISIBLE}}, "queue-depth"),
    ],
    ids=["cpu", "backlog", "load", "queue-depth"],
)
def test_an_existing_policy_is_read(metric: dict[str, Any], kind: str) -> None:
    text = as_json(TargetValue=60, ScaleOutCooldown=10, ScaleInCooldown=20, **metric)
    found = policy_of_json(text, name="orders.json", where="orders.json")

    assert (found.text, found.kind, found.value) == ("orders.json", kind, 60)
    tracking = controller(found)
    assert (tracking.out_cooldown_seconds, tracking.in_cooldown_seconds) == (10, 20)
    whole = as_json(
        PolicyName="x", TargetTrackingScalingPolicyConfiguration={"TargetValue": 60, **metric}
    )
    without = policy_of_json(whole, name="w", where="w")
    assert (without.kind, without.out_cooldown_seconds) == (kind, None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not a scaling policy"),
        (b'{"TargetTrackingScalingPolicyConfiguration":3}', "not a scaling policy"),
        (as_json(**CPU), "no TargetValue"),
        (as_json(TargetValue=True, **CPU), "no TargetValue"),
        (as_json(TargetValue=0, **CPU), "no TargetValue"),
        (as_json(TargetValue=1), "cannot be simulated"),
        (as_json(TargetValue=1, **math_metric("RunningTaskCount")), "cannot be simulated"),
        (
            as_json(TargetValue=1, PredefinedMetricSpecification={"PredefinedMetricType": "x"}),
            "cannot be simulated",
        ),
    ],
    ids=["half", "deep", "array", "number", "none", "true", "zero", "bare", "other", "predefined"],
)
def test_what_cannot_be_simulated_is_refused(text: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said):
        policy_of_json(text, name="p", where="p")
