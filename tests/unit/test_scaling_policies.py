"""Policies as they are written."""

from __future__ import annotations

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
from edactl.core.scaling_sim.simulator import Setting
from edactl.core.scaling_sim.work import Constant
from edactl.errors import UsageError

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
