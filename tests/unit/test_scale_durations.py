"""Processing times that a metric or a log has measured."""

from __future__ import annotations

import math

import pytest

from edactl.core.queueing.estimates import Estimate
from edactl.core.scaling_advice.durations import (
    Durations,
    MeasuredDurations,
    MetricName,
    durations_of_row,
    insights_query,
    measured_durations,
    parse_metric,
)
from edactl.core.scaling_sim.work import Constant, Exponential, LogNormal
from edactl.errors import InputError, UsageError


def test_a_metric_is_a_namespace_a_name_and_dimensions() -> None:
    bare, full = "Orders/Took", "AWS/Lambda/Duration,FunctionName=f,Resource=f:live"

    assert parse_metric(bare) == MetricName("Orders", "Took")
    assert parse_metric(full) == MetricName(
        "AWS/Lambda", "Duration", (("FunctionName", "f"), ("Resource", "f:live"))
    )
    assert (str(parse_metric(bare)), str(parse_metric(full))) == (bare, full)


@pytest.mark.parametrize("text", ["Took", "/Took", "Orders/", "Orders/Took,", "Orders/Took,a="])
def test_what_is_no_metric_is_refused_with_what_to_type(text: str) -> None:
    with pytest.raises(UsageError, match="is not a metric") as refused:
        parse_metric(text)
    assert "Orders/ProcessingTime,Service=orders" in str(refused.value.hint)


def test_periods_count_by_their_samples_and_come_out_in_seconds() -> None:
    periods = [
        Durations(100, 1000, p50=800, p95=3000),
        Durations(0, 0, p50=9000, p95=9000),
        Durations(300, 2000, p50=1600, p95=5000),
        Durations(100, 1500),
    ]
    found = measured_durations(periods, "ms", "metric m", "hint")

    assert found.mean.value == pytest.approx((100 * 1 + 300 * 2 + 100 * 1.5) / 500)
    assert found.mean.samples == 500
    assert found.mean.low < 1.7 < found.mean.high
    assert found.p50 is not None
    assert found.p95 is not None
    assert found.p50.value == pytest.approx(1.4)
    assert found.p95.value == pytest.approx(4.5)
    assert found.p95.samples == 400
    assert found.p95.low < 4.5 < found.p95.high
    assert found.mean_only is False


def test_the_deviation_of_one_period_gives_its_interval() -> None:
    found = measured_durations([Durations(400, 2, deviation=1)], "s", "f", "h").mean
    alone = measured_durations([Durations(400, 2)], "s", "f", "h").mean

    assert [found.low, found.high] == pytest.approx([2 - 0.098, 2 + 0.098])
    assert (alone.low, alone.high) == (0, math.inf)


@pytest.mark.parametrize(
    ("periods", "said"),
    [([], "no datapoint"), ([Durations(0, 5)], "no datapoint"), ([Durations(9, 0)], "not above 0")],
    ids=["none", "empty", "zero"],
)
def test_nothing_measured_is_told_with_where_it_was_looked_for(
    periods: list[Durations], said: str
) -> None:
    with pytest.raises(InputError, match=f"metric m: .*{said}") as refused:
        measured_durations(periods, "s", "metric m", "look there")
    assert refused.value.hint == "look there"


def known(mean: float, p50: float | None, p95: float | None) -> MeasuredDurations:
    found = [None if one is None else Estimate(one, 100, one, one) for one in (mean, p50, p95)]
    assert found[0] is not None
    return MeasuredDurations(found[0], found[1], found[2])


def test_the_distribution_has_the_mean_and_the_percentile_that_were_measured() -> None:
    work = known(2, 1.2, 6).work()

    assert isinstance(work, LogNormal)
    assert work.mean_seconds == 2
    assert work.percentile_seconds(95) == pytest.approx(6)


def test_where_no_log_normal_has_mean_and_p95_the_median_tells() -> None:
    tailed = known(2, 1, 20).work()

    assert isinstance(tailed, LogNormal)
    assert tailed.percentile_seconds(50) == pytest.approx(1)
    assert known(2, 2.5, 20).work() == Constant(2)


def test_a_mean_alone_is_taken_as_exponential() -> None:
    assert known(2, None, None).work() == Exponential(2)
    assert known(2, None, None).mean_only is True
    assert known(2, 0, 20).work() == Exponential(2)


def test_the_query_asks_for_count_mean_deviation_and_percentiles() -> None:
    assert insights_query("detail.took_ms") == (
        "filter ispresent(detail.took_ms) | stats count(detail.took_ms) as samples,"
        " avg(detail.took_ms) as mean, stddev(detail.took_ms) as deviation,"
        " pct(detail.took_ms, 50) as p50, pct(detail.took_ms, 95) as p95"
    )
    assert insights_query("@duration").startswith("filter ispresent(@duration) ")
    assert insights_query("took-ms").startswith("filter ispresent(`took-ms`) ")


@pytest.mark.parametrize("field", ["", "a`b", "a\nb"])
def test_a_field_cannot_end_the_query(field: str) -> None:
    with pytest.raises(UsageError, match="names no field"):
        insights_query(field)


def test_a_row_of_the_query_is_read() -> None:
    row = {"samples": "9", "mean": "2.5", "deviation": "1", "p50": "2", "p95": "NaN"}

    assert durations_of_row(row) == Durations(9, 2.5, 2, None, 1)
    assert durations_of_row({"samples": "", "mean": "x"}) == Durations(0, 0)
