"""Arrivals and processing times, as people write them and as they are drawn."""

from __future__ import annotations

import math
from statistics import mean

import pytest

from edactl.core.scaling_sim.arrivals import Trace, parse_pattern, read_counts
from edactl.core.scaling_sim.work import (
    Constant,
    Exponential,
    LogNormal,
    Samples,
    Work,
    from_mean_and_p95,
    parse_work,
    read_samples,
)
from edactl.errors import InputError, UsageError
from tests.seeded import generator


def minutes(text: str, count: int) -> list[float]:
    return [round(one, 6) for one in parse_pattern(text).for_minutes(count).per_minute]


@pytest.mark.parametrize("text", ["steady:5/s", "poisson:5/s", "steady:300/m", "steady:18000/h"])
def test_a_steady_pattern_has_one_rate(text: str) -> None:
    assert minutes(text, 3) == [300, 300, 300]


def test_a_burst_rises_for_a_while_and_comes_again() -> None:
    assert minutes("burst:1/s,3/s,at=2m,for=1m,every=3m", 7) == [60, 60, 180, 60, 60, 180, 60]
    assert minutes("burst:1/s:3/s,at=2m,for=1m", 5) == [60, 60, 180, 60, 60]
    assert minutes("burst:1/s,to=3/s,at=2m,for=1m", 4) == [60, 60, 180, 60]


def test_a_burst_is_four_times_the_base_after_an_hour_unless_told() -> None:
    found = minutes("burst:1/s", 90)

    assert (found[59], found[60], found[79], found[80]) == (60, 240, 240, 60)


def test_a_day_is_lowest_at_its_ends() -> None:
    found = minutes("diurnal:1/s,peak=3/s,period=4m", 4)

    assert found == pytest.approx([77.573593, 162.426407, 162.426407, 77.573593])


@pytest.mark.parametrize(
    "text",
    [
        "steady",
        "steady:5",
        "steady:x/s",
        "steady:5/s,6/s",
        "steady:5/s,at=1h",
        "steady:5/s,peak=6/s",
        "burst:1/s,2/s,3/s",
        "burst:1/s,at=soon",
        "burst:1/s,at=0s",
        "wavy:1/s",
        "steady:-5/s",
        "steady:20001/s",
    ],
)
def test_what_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_pattern(text)


def test_so_many_messages_and_no_more_are_drawn() -> None:
    trace = parse_pattern("steady:5/s").for_messages(1000)
    found = [moment for minute in trace.moments(generator(1)) for moment in minute]

    assert len(found) == trace.total == 1000
    assert found == sorted(found)
    assert found[-1] == pytest.approx(200, rel=0.15)


def test_a_pattern_too_slow_for_so_many_messages_is_refused() -> None:
    with pytest.raises(UsageError, match="within a year"):
        parse_pattern("steady:1/h").for_messages(100_000)


def test_a_pattern_is_poisson() -> None:
    counts = [
        len(one) for one in parse_pattern("steady:1/s").for_minutes(2000).moments(generator(2))
    ]
    average = mean(counts)

    assert average == pytest.approx(60, rel=0.01)
    assert sum((one - average) ** 2 for one in counts) / 2000 / average == pytest.approx(1, abs=0.1)


def test_counts_are_kept_exactly_and_within_their_minute() -> None:
    trace = read_counts([b"3\n", b"0\n", b"2\n"], "counts")
    found = list(trace.moments(generator(1)))

    assert [len(one) for one in found] == [3, 0, 2]
    assert all(0 <= one < 60 for one in found[0])
    assert all(120 <= one < 180 for one in found[2])
    assert found[0] == sorted(found[0])


def test_a_gap_is_no_zero() -> None:
    lines = [b"\n", b"10\n", b"null\n", b"-\n", b"20\n", b"# a note\n", b"NaN\n", b"0\n", b"\n"]
    trace = read_counts(lines, "counts")

    assert list(trace.per_minute) == [10, 10, 15, 15, 20, 10, 0]
    assert trace.gaps == 4


@pytest.mark.parametrize("line", [b"x", b"-1", b"inf", b"1,2", b"1200001"])
def test_a_line_that_is_no_count_is_named(line: bytes) -> None:
    with pytest.raises(InputError, match="counts:2"):
        read_counts([b"1\n", line + b"\n"], "counts")


def test_a_file_without_counts_is_refused() -> None:
    with pytest.raises(InputError, match="no count"):
        read_counts([b"\n", b"# nothing\n"], "counts")


def test_more_than_a_year_is_refused() -> None:
    with pytest.raises(InputError, match="year"):
        read_counts([b"1\n"] * 527_041, "counts")


def test_traffic_can_be_multiplied() -> None:
    trace = Trace((1.0, 2.0))

    assert trace.times(1) is trace
    assert trace.times(2).per_minute == (2, 4)


@pytest.mark.parametrize(
    "work",
    [Constant(2), Exponential(2), LogNormal(2, 1.5), Samples((1.0, 2.0, 3.0))],
    ids=["constant", "exponential", "lognormal", "samples"],
)
def test_drawn_work_has_its_mean_its_spread_and_its_percentile(work: Work) -> None:
    drawn = sorted(work.draw(200_000, generator(3)))
    average = mean(drawn)
    spread = math.sqrt(sum((one - average) ** 2 for one in drawn) / len(drawn)) / average

    assert average == pytest.approx(2, rel=0.02)
    if not isinstance(work, Samples):
        assert spread == pytest.approx(work.variation, rel=0.05)
        assert drawn[190_000] == pytest.approx(work.percentile_seconds(95), rel=0.02)
    assert work.times(3).mean_seconds == pytest.approx(6)
    assert work.times(3).percentile_seconds(95) == pytest.approx(3 * work.percentile_seconds(95))


def test_a_mean_and_a_p95_make_a_log_normal() -> None:
    work = from_mean_and_p95(2, 6)

    assert work.mean_seconds == 2
    assert work.percentile_seconds(95) == pytest.approx(6)
    assert from_mean_and_p95(2, 2) == Constant(2)


@pytest.mark.parametrize(("average", "p95"), [(2, 1), (2, 8)])
def test_a_p95_that_no_such_work_has_is_refused(average: float, p95: float) -> None:
    with pytest.raises(UsageError, match="does not go with"):
        from_mean_and_p95(average, p95)


def test_service_times_as_they_are_written() -> None:
    assert parse_work("exponential:1s") == Exponential(1)
    assert parse_work("constant:200ms") == Constant(0.2)
    assert parse_work("lognormal:2s,cv=1.5") == LogNormal(2, 1.5)
    assert parse_work("samples:a,b.txt") == "a,b.txt"


@pytest.mark.parametrize(
    "text",
    [
        "exponential",
        "exponential:0s",
        "exponential:1s,cv=2",
        "lognormal:2s",
        "lognormal:2s,cv=0",
        "lognormal:2s,cv=x",
        "lognormal:x,cv=1",
        "samples:",
        "normal:1s",
        "constant:-1s",
    ],
)
def test_what_is_no_service_time_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not a service time"):
        parse_work(text)


def test_samples_may_come_in_any_order_and_with_units() -> None:
    found = read_samples([b"2\n", b"# note\n", b"\n", b"500ms\n", b"1e0\n"], "samples")

    assert found.ordered == (0.5, 1, 2)


@pytest.mark.parametrize("line", [b"-1", b"x", b"nan", b"inf", b"1 2"])
def test_a_line_that_is_no_duration_is_named(line: bytes) -> None:
    with pytest.raises(InputError, match="samples:2"):
        read_samples([b"1\n", line], "samples")


@pytest.mark.parametrize("lines", [[], [b"\n"], [b"0\n", b"0\n"]])
def test_samples_that_say_nothing_are_refused(lines: list[bytes]) -> None:
    with pytest.raises(InputError):
        read_samples(lines, "samples")
