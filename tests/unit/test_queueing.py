"""Closed forms of waits and surges, and estimates with their confidence."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from edactl.core.queueing.estimates import (
    Estimate,
    dispersion_of,
    mean_estimate,
    percentile_estimate,
    percentile_of,
    variation_of,
    work_by_littles_law,
)
from edactl.core.queueing.surge import Surge
from edactl.core.queueing.waits import (
    erlang_c,
    late_share,
    least_slots,
    mean_wait_seconds,
    wait_percentile_seconds,
)
from tests.seeded import generator

CASES: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "cases" / "queueing.json").read_text("utf-8")
)


@pytest.mark.parametrize(("slots", "load", "share"), CASES["erlang_c"]["cases"])
def test_erlang_c_is_that_of_the_table(slots: int, load: float, share: float) -> None:
    assert erlang_c(slots, load) == pytest.approx(share, abs=1e-6)


def test_no_load_waits_never_and_a_full_one_always() -> None:
    assert erlang_c(3, 0) == 0
    assert erlang_c(3, 3) == 1
    assert math.isinf(mean_wait_seconds(3, 1, 3))
    assert math.isinf(wait_percentile_seconds(3, 1, 3, 95))
    assert late_share(3, 1, 3, 100) == 1
    assert late_share(3, 0, 3, 100) == 0


@pytest.mark.parametrize(("rate", "slots", "mean", "p95", "p99"), CASES["mmc_waits"]["cases"])
def test_waits_of_exponential_work(
    rate: float, slots: int, mean: float, p95: float, p99: float
) -> None:
    assert mean_wait_seconds(rate, 1, slots) == pytest.approx(mean, rel=1e-3)
    assert wait_percentile_seconds(rate, 1, slots, 95) == pytest.approx(p95, rel=1e-3)
    assert wait_percentile_seconds(rate, 1, slots, 99) == pytest.approx(p99, rel=1e-3)


def test_most_messages_do_not_wait_at_all_under_little_load() -> None:
    assert wait_percentile_seconds(1, 1, 10, 95) == 0


@pytest.mark.parametrize(("variation", "mean"), [(0.0, 2.0), (1.0, 4.0), (1.5, 6.5)])
def test_one_slot_waits_as_pollaczek_and_khinchine_say(variation: float, mean: float) -> None:
    assert mean_wait_seconds(0.8, 1, 1, variation=variation) == pytest.approx(mean)


@pytest.mark.parametrize(("rate", "work", "wait", "slots"), CASES["staffing"]["cases"])
def test_the_fewest_slots_for_a_percentile(
    rate: float, work: float, wait: float, slots: int
) -> None:
    assert least_slots(rate, work, wait, 95) == slots


@pytest.mark.parametrize(
    ("target", "before", "after", "tasks", "predicted"), CASES["surges"]["cases"]
)
def test_the_peak_wait_after_a_surge(
    target: float, before: float, after: float, tasks: int, predicted: float
) -> None:
    surge = Surge(after, tasks, 0.5, 60, 60)

    assert surge.peak_wait_seconds(target) == pytest.approx(predicted, abs=1)


def test_the_largest_target_just_meets_the_wait() -> None:
    surge = Surge(20, 23, 0.5, 60, 60)
    target = surge.largest_target(130)

    assert target is not None
    assert surge.peak_wait_seconds(target) == pytest.approx(130)


def test_no_target_helps_where_the_lag_alone_is_too_long() -> None:
    surge = Surge(20, 12, 0.5, 60, 60)

    assert surge.largest_target(110) is None
    least = surge.least_tasks(110)
    assert Surge(20, least, 0.5, 60, 60).largest_target(110) is not None
    assert Surge(20, least - 1, 0.5, 60, 60).largest_target(110) is None


def test_tasks_that_keep_up_take_any_target() -> None:
    surge = Surge(5, 12, 0.5, 60, 60)

    assert surge.largest_target(1) == math.inf
    assert surge.peak_wait_seconds(60) == 0
    assert Surge(0, 1, 0.5, 60, 60).share_behind == 0
    assert Surge(5, 0, 0.5, 60, 60).largest_target(1e9) is None


def test_a_percentile_is_the_nearest_rank() -> None:
    assert percentile_of([1, 2, 3, 4], 50) == 2
    assert percentile_of([1, 2, 3, 4], 51) == 3
    assert percentile_of([1, 2, 3, 4], 0.001) == 1
    assert percentile_of([], 50) == 0


@pytest.mark.parametrize("load", [1900.0, 1960.0, 1990.0])
def test_many_slots_wait_as_the_limit_says(load: float) -> None:
    exact, limit = erlang_c(2000, load), erlang_c(2001, load * 2001 / 2000)

    assert limit == pytest.approx(exact, rel=0.1)
    assert erlang_c(1_000_000, 900_000) == 0


def test_staffing_of_many_slots_takes_no_time() -> None:
    assert 1_000_000 < least_slots(500_000, 2, 1, 95) < 1_010_000


def test_the_interval_of_a_mean_is_student_s() -> None:
    found = mean_estimate([1.0, 2.0, 3.0, 4.0])

    assert (found.value, found.samples) == (2.5, 4)
    half = 3.182 * math.sqrt(5 / 3 / 4)
    assert found.high == pytest.approx(2.5 + half)
    assert found.low == pytest.approx(max(0, 2.5 - half))


def test_one_sample_says_nothing_of_the_spread() -> None:
    assert mean_estimate([2.0]).high == math.inf
    assert work_by_littles_law([2.0], [60.0]).high == math.inf
    assert variation_of([2.0]) == 0
    assert variation_of([0.0, 0.0]) == 0


def test_many_samples_use_the_normal_quantile() -> None:
    values = [float(number % 2) for number in range(1000)]

    assert mean_estimate(values).high == pytest.approx(0.5 + 1.96 * 0.5 / math.sqrt(1000), rel=1e-3)


@pytest.mark.parametrize("count", [50, 500])
def test_the_interval_of_a_percentile_holds_the_true_one(count: int) -> None:
    hits = 0
    for seed in range(40):
        rng = generator(seed)
        found = percentile_estimate(sorted(rng.random() for _ in range(count)), 90)
        assert found.low <= found.value <= found.high
        hits += found.low <= 0.9 <= found.high

    assert hits >= 36


def test_a_percentile_that_no_sample_is_sure_to_exceed_has_no_end() -> None:
    assert percentile_estimate([1.0] * 71, 95).high == math.inf
    assert percentile_estimate([1.0] * 73, 95).high == 1
    assert percentile_estimate([3.0], 95) == Estimate(3.0, 1, 0.0, math.inf)


def test_the_ranks_of_an_interval_are_the_binomial_s() -> None:
    values = [float(number) for number in range(1, 101)]

    assert percentile_estimate(values, 50) == Estimate(50, 100, 40, 61)


def test_little_s_law_finds_the_time_of_the_work() -> None:
    found = work_by_littles_law([10.0, 12.0, 8.0, 10.0], [300.0, 360.0, 240.0, 300.0])

    assert found.value == pytest.approx(2.0)
    assert (found.low, found.high) == pytest.approx((2.0, 2.0))


def test_little_s_law_is_unsure_where_minutes_disagree() -> None:
    found = work_by_littles_law([10.0, 20.0, 6.0], [300.0, 300.0, 300.0])

    assert found.low < 2.4 < found.high
    assert found.value == pytest.approx(2.4)


def test_dispersion_tells_bursts_from_poisson() -> None:
    assert dispersion_of([5.0, 5.0, 5.0]) == 0
    assert dispersion_of([0.0, 10.0]) == 10
    assert dispersion_of([]) == dispersion_of([3.0]) == dispersion_of([0.0, 0.0]) == 1
