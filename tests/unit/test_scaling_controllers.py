"""Scaling policies against the rules that AWS documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from edactl.core.scaling_sim.controllers import (
    Bounds,
    Controller,
    Datapoint,
    Fixed,
    Step,
    StepScaling,
    TargetTracking,
    Together,
    backlog_per_task,
    cpu_percent,
    load_per_slot,
    queue_depth,
)

BOUNDS = Bounds(1, 100)


def point(
    visible: float, running: float = 10, sent: float = 0, busy: float | None = 0.5
) -> Datapoint:
    return Datapoint(0, visible, 0, sent, running, busy)


def tracking(target: float = 100, **settings: Any) -> TargetTracking:
    return TargetTracking(backlog_per_task, target, settings.pop("bounds", BOUNDS), **settings)


def decided(
    controller: Controller, visible: Sequence[float], *, tasks: int = 10, start: float = 0
) -> list[int]:
    """The tasks after each datapoint, where tasks start at once."""
    found = []
    for number, one in enumerate(visible):
        tasks = controller.decide(point(one, tasks), tasks, start + 60 * number)
        found.append(tasks)
    return found


def test_capacity_grows_in_proportion_to_the_metric() -> None:
    assert decided(tracking(), [1500, 1500, 1500]) == [10, 10, 15]


def test_capacity_is_rounded_up() -> None:
    assert decided(tracking(), [1501] * 3)[-1] == 16


def test_a_metric_beyond_measure_asks_for_all_there_may_be() -> None:
    assert decided(tracking(1e-300), [1e30] * 3)[-1] == BOUNDS.maximum


def test_two_of_three_datapoints_do_nothing() -> None:
    assert decided(tracking(), [1500, 1500, 900, 1500, 1500]) == [10] * 5


def test_a_metric_equal_to_the_target_does_nothing() -> None:
    assert decided(tracking(), [1000] * 30) == [10] * 30


def test_missing_data_does_nothing_and_breaks_the_row() -> None:
    controller = TargetTracking(cpu_percent, 50, BOUNDS)
    seen = [0.9, 0.9, None, 0.9, 0.9, 0.9]

    found = [controller.decide(point(0, 10, busy=busy), 10, 0) for busy in seen]

    assert found == [10, 10, 10, 10, 10, 18]


def test_a_larger_scale_out_acts_within_the_cooldown_and_a_smaller_one_does_not() -> None:
    controller = tracking(out_cooldown_seconds=600)
    for _ in range(2):
        controller.decide(point(1500), 10, 0)
    assert controller.decide(point(1500), 10, 60) == 15
    assert controller.decide(point(1400), 15, 120) == 15
    assert controller.decide(point(2000), 15, 180) == 20


def test_tasks_that_still_start_count_as_added() -> None:
    controller = tracking()
    for _ in range(3):
        controller.decide(point(1500), 10, 0)

    assert controller.decide(point(1500, running=10), 15, 60) == 15


def test_fifteen_datapoints_below_the_target_scale_in_by_a_quarter_at_most() -> None:
    assert decided(tracking(), [100] * 15)[-2:] == [10, 8]


def test_a_little_below_the_target_is_no_reason_to_scale_in() -> None:
    assert decided(tracking(), [910] * 40)[-1] == 10


def test_nothing_scales_in_where_one_task_less_would_pass_the_target() -> None:
    assert decided(tracking(), [170] * 40, tasks=2)[-1] == 2


def test_scale_in_waits_for_its_cooldown() -> None:
    found = decided(tracking(in_cooldown_seconds=300), [0] * 21)

    assert found[14:20] == [8] * 5 + [6]


def test_nothing_scales_in_while_a_scale_out_cools_down() -> None:
    controller = tracking(out_cooldown_seconds=3600)
    decided(controller, [1500] * 3)

    assert decided(controller, [0] * 30, tasks=15, start=180)[-1] == 15


def test_capacity_stays_within_its_bounds() -> None:
    assert decided(tracking(bounds=Bounds(9, 12)), [99999] * 3)[-1] == 12
    assert decided(tracking(bounds=Bounds(9, 12)), [0] * 60)[-1] == 9


def test_scale_in_with_nothing_to_take_away_is_no_action() -> None:
    assert decided(tracking(), [0] * 20, tasks=1)[-1] == 1


def test_no_task_becomes_one_at_the_first_datapoint_over_the_target() -> None:
    controller = tracking(bounds=Bounds(0, 100))

    assert controller.decide(point(100, running=0), 0, 0) == 0
    assert controller.decide(point(101, running=0), 0, 60) == 1


def test_one_of_one_datapoint_scales_out_at_once() -> None:
    assert decided(tracking(out_datapoints=1), [1500]) == [15]


def steps(**settings: Any) -> StepScaling:
    return StepScaling(queue_depth, (Step(100, 1), Step(500, 5)), Step(0, -1), BOUNDS, **settings)


def test_steps_add_what_the_mean_of_the_period_asks_for() -> None:
    assert decided(steps(), [0, 0, 0, 0, 500]) == [10] * 4 + [11]
    assert decided(steps(), [500] * 5)[-1] == 15
    assert decided(steps(), [99] * 5)[-1] == 10
    assert decided(steps(), [0] * 5)[-1] == 9


def test_a_larger_step_in_the_cooldown_adds_what_it_is_larger_by() -> None:
    controller = steps(cooldown_seconds=1200)

    found = decided(controller, [100] * 5 + [500] * 5 + [500] * 5 + [0] * 5)

    assert found[4::5] == [11, 15, 15, 15]


def test_steps_wait_for_a_whole_period_of_data() -> None:
    controller = StepScaling(cpu_percent, (Step(50, 1),), Step(0, -1), BOUNDS)
    seen = [0.9, 0.9, None, 0.9, 0.9, 0.9, 0.9, 0.9]

    found = [controller.decide(point(0, 10, busy=busy), 10, 0) for busy in seen]

    assert found == [10] * 7 + [11]


def test_steps_at_their_bound_do_not_start_a_cooldown() -> None:
    controller = StepScaling(queue_depth, (Step(100, 1),), Step(0, -1), Bounds(10, 10))
    decided(controller, [0] * 5)

    assert controller._quiet_until < 0


def test_of_two_policies_the_larger_scale_out_wins_and_a_scale_in_only_alone() -> None:
    grows, shrinks = tracking(out_datapoints=1), steps(period_minutes=1)

    both = Together((grows, shrinks))
    assert both.decide(point(2000), 10, 0) == 20
    assert both.decide(point(0), 20, 9999) == 19
    assert both.decide(point(50), 19, 10060) == 19


def test_a_fixed_number_stays() -> None:
    assert Fixed().decide(point(99999), 7, 0) == 7


def test_metrics_divide_by_one_where_no_task_runs() -> None:
    assert backlog_per_task(point(50, running=0)) == 50
    assert cpu_percent(point(50, busy=None)) is None
    assert load_per_slot(2, 1, 120)(point(60, running=0, sent=60)) == 3


def test_load_per_slot_is_arrivals_and_backlog_over_slots() -> None:
    assert load_per_slot(2, 4, 100)(point(500, running=5, sent=300)) == (10 + 10) / 20
