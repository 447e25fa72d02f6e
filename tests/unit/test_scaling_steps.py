"""Step policies with their alarms."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edactl.core.scaling_sim.controllers import Bounds, Datapoint, queue_depth
from edactl.core.scaling_sim.steps import Adjustment, AlarmRule, AlarmSteps, StepRule, WatchedAlarm
from edactl.errors import InputError

RULES = json.loads((Path(__file__).parents[1] / "cases" / "scaling_steps.json").read_text("utf-8"))
ANY = Bounds(0, 100)
OVER = "GreaterThanThreshold"
UP = StepRule((Adjustment(0, 100, 1), Adjustment(100, None, 5)), cooldown_seconds=120)


def point(visible: float) -> Datapoint:
    return Datapoint(0, visible, 0, 0, 1)


def alarm(comparison: str = OVER, **rule: int | str) -> WatchedAlarm:
    return WatchedAlarm(AlarmRule(100, comparison, **rule), queue_depth)  # type: ignore[arg-type] # cases


def passed(one: WatchedAlarm, *visible: float) -> list[float | None]:
    return [one.passed_by(point(each)) for each in visible]


def test_an_alarm_tells_by_how_much_it_is_passed() -> None:
    assert passed(alarm(), 100, 101, 300, 99) == [None, 1, 200, None]
    assert passed(alarm("GreaterThanOrEqualToThreshold"), 100, 99) == [0, None]
    assert passed(alarm("LessThanThreshold"), 100, 99) == [None, -1]
    assert passed(alarm("LessThanOrEqualToThreshold"), 100, 101) == [0, None]


def test_so_many_of_the_last_periods_must_breach() -> None:
    two_of_three = alarm(periods=3, datapoints=2)

    assert passed(two_of_three, 200, 0, 200, 200, 0) == [None, None, 100, 100, -100]


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [("Average", 100), ("Sum", 300), ("Maximum", 200), ("Minimum", 0), ("p90", 100)],
)
def test_a_period_is_what_the_statistic_makes_of_its_minutes(
    statistic: str, expected: float
) -> None:
    one = alarm("GreaterThanOrEqualToThreshold", period_minutes=2, statistic=statistic)

    assert passed(one, 100, 300)[-1] == (
        expected if expected > 0 or statistic == "Minimum" else None
    )


def test_periods_are_the_last_minutes_in_a_row() -> None:
    one = alarm(period_minutes=2, periods=2, datapoints=2)

    assert passed(one, 200, 200, 0, 400, 400) == [None, None, None, 100, None]


def test_a_missing_datapoint_breaches_only_where_it_is_said_to() -> None:
    seen: list[float | None] = [None, 150.0, None]

    def fed(missing: str) -> list[float | None]:
        values = iter(seen)
        rule = AlarmRule(100, OVER, periods=2, datapoints=2, missing=missing)
        one = WatchedAlarm(rule, lambda _: next(values))
        return [one.passed_by(point(0)) for _ in seen]

    assert fed("missing") == [None, None, None]
    assert fed("breaching") == [None, 50, None], "without a value no step can be chosen"


def test_an_alarm_without_a_threshold_is_refused() -> None:
    with pytest.raises(InputError, match="GreaterThanUpperThreshold cannot be simulated"):
        alarm("GreaterThanUpperThreshold")


STEPS, PERCENTAGES = RULES["steps"], RULES["percentages"]


@pytest.mark.parametrize(("beyond", "expected"), STEPS["cases"])
def test_bounds_count_from_the_threshold_and_belong_to_the_step_beyond_them(
    beyond: float, expected: int
) -> None:
    rule = StepRule(tuple(Adjustment(*one) for one in STEPS["adjustments"]))

    assert rule.change(beyond, 10) == expected
    assert UP.change(-1, 10) == 0, "no step covers it"


@pytest.mark.parametrize(("amount", "tasks", "least", "expected"), PERCENTAGES["cases"])
def test_a_percentage_is_rounded_to_less_but_never_to_nothing(
    amount: int, tasks: int, least: int, expected: int
) -> None:
    rule = StepRule((Adjustment(0, None, amount),), "PercentChangeInCapacity", least=least)

    assert rule.change(5, tasks) == expected


def test_an_exact_capacity_is_what_there_shall_be() -> None:
    assert StepRule((Adjustment(0, None, 4),), "ExactCapacity").change(1, 10) == -6


def decided(steps: AlarmSteps, *visible: float, tasks: int = 10) -> list[int]:
    found = []
    for minute, each in enumerate(visible):
        tasks = steps.decide(point(each), tasks, 60.0 * minute)
        found.append(tasks)
    return found


def test_an_alarm_that_stays_on_acts_again_after_its_cooldown() -> None:
    assert decided(AlarmSteps(UP, [alarm()], ANY), 150, 150, 150, 150) == [11, 11, 12, 12]


def test_a_larger_step_in_the_cooldown_adds_what_it_is_larger_by() -> None:
    assert decided(AlarmSteps(UP, [alarm()], ANY), 150, 900, 900) == [11, 15, 15]


def test_scale_in_waits_for_the_cooldown_and_stops_at_the_minimum() -> None:
    rule = StepRule((Adjustment(None, 0, -1), Adjustment(0, None, 2)), cooldown_seconds=120)
    both = [alarm(), alarm("LessThanThreshold")]
    steps = AlarmSteps(rule, both, Bounds(10, 100))

    assert decided(steps, 150, 50, 50, 50, 50, 50, 50) == [12, 12, 11, 11, 10, 10, 10]


def test_the_larger_of_two_scale_outs_wins_and_beats_a_scale_in() -> None:
    high = WatchedAlarm(AlarmRule(0, OVER), lambda _: 500.0)
    steps = AlarmSteps(UP, [alarm(), high], ANY)

    assert decided(steps, 150) == [15]
