"""Processing times that something else has measured: a CloudWatch metric, or a field of logs."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.core.queueing.estimates import Estimate, ratio_estimate
from edactl.core.scaling_sim.work import Constant, Exponential, LogNormal, from_mean_and_p95
from edactl.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edactl.core.scaling_sim.work import Work

UNIT_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}
"""The units that `--processing-time-unit` knows."""
CLOUDWATCH_UNITS = {"Seconds": "s", "Milliseconds": "ms", "Microseconds": "us"}
_PLAIN_FIELD = re.compile(r"[@\w][\w.]*")
_METRIC_HINT = "--processing-time-metric Orders/ProcessingTime,Service=orders"


@dataclass(frozen=True)
class MetricName:
    """A metric of CloudWatch: namespace, name and dimensions."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        rest = "".join(f",{name}={value}" for name, value in self.dimensions)
        return f"{self.namespace}/{self.name}{rest}"


def parse_metric(text: str) -> MetricName:
    """The metric that `NAMESPACE/NAME,Dimension=Value` means. Raises UsageError."""
    head, *rest = text.split(",")
    namespace, _, name = head.rpartition("/")
    pairs = [one.partition("=") for one in rest]
    if not namespace or not name or not all(key and value for key, _, value in pairs):
        raise UsageError(
            f'"{text}" is not a metric: NAMESPACE/NAME, then ,Dimension=Value of each dimension',
            hint=_METRIC_HINT,
        )
    return MetricName(namespace, name, tuple((key, value) for key, _, value in pairs))


@dataclass(frozen=True)
class Durations:
    """A number of durations, in the unit that they were measured in; None where not known."""

    samples: float
    mean: float
    p50: float | None = None
    p95: float | None = None
    deviation: float | None = None


@dataclass(frozen=True)
class MeasuredDurations:
    """What was measured, in seconds: the mean and two percentiles, None where not known.

    Of one period's percentile nothing is known but its value: `low` and `high` are 0 and infinite.
    """

    mean: Estimate
    p50: Estimate | None
    p95: Estimate | None

    def work(self) -> Work:
        """The distribution of this mean and 95th percentile; of the median where none fits.

        Where only the mean is known, the exponential one.
        """
        mean = self.mean.value
        if self.p95 is not None:
            try:
                return from_mean_and_p95(mean, self.p95.value)
            except UsageError:
                pass  # no log-normal has both
        if self.p50 is None or self.p50.value <= 0:
            return Exponential(mean)
        spread = (
            math.log(mean / self.p50.value) * 2
        )  # of a log-normal: mean / median = exp(sigma^2 / 2)
        return LogNormal(mean, math.sqrt(math.exp(spread) - 1)) if spread > 0 else Constant(mean)

    @property
    def mean_only(self) -> bool:
        """Whether nothing is known of the spread."""
        return self.p50 is None and self.p95 is None


def measured_durations(
    periods: Sequence[Durations], unit: str, where: str, hint: str
) -> MeasuredDurations:
    """Periods together: the mean of all, and the means of the periods' percentiles by size.

    Raises InputError where nothing was measured, or nothing above 0.
    """
    known = [one for one in periods if one.samples > 0]
    samples = math.fsum(one.samples for one in known)
    total = math.fsum(one.mean * one.samples for one in known)
    if samples <= 0:
        raise InputError("there is no datapoint in this time", where=where, hint=hint)
    if total <= 0:
        raise InputError("the durations are not above 0", where=where, hint=hint)
    scale = UNIT_SECONDS[unit]
    return MeasuredDurations(
        _scaled(_mean(known), scale, round(samples)),
        _percentile([(one.samples, one.p50) for one in known], scale),
        _percentile([(one.samples, one.p95) for one in known], scale),
    )


def _mean(periods: Sequence[Durations]) -> Estimate:
    """By what varies within the only period, or from one to the next."""
    if len(periods) == 1 and periods[0].deviation is not None:
        [one] = periods
        half = 1.96 * (one.deviation or 0.0) / math.sqrt(one.samples)
        return Estimate(one.mean, round(one.samples), max(0.0, one.mean - half), one.mean + half)
    return ratio_estimate([one.mean * one.samples for one in periods], [o.samples for o in periods])


def _scaled(one: Estimate, scale: float, samples: int) -> Estimate:
    return Estimate(one.value * scale, samples, one.low * scale, one.high * scale)


def _percentile(values: Sequence[tuple[float, float | None]], scale: float) -> Estimate | None:
    known = [(samples, value) for samples, value in values if value is not None]
    if not known:
        return None
    sizes = [samples for samples, _ in known]
    found = ratio_estimate([samples * value for samples, value in known], sizes)
    return _scaled(found, scale, round(math.fsum(sizes)))


def insights_query(field: str) -> str:
    """The Logs Insights query for the durations in a field. Raises UsageError.

    Source: CloudWatch Logs user guide, "CloudWatch Logs Insights language query syntax": names with
    other characters than letters, digits, `@`, `.` and `_` stand in backticks.
    """
    if "`" in field or not field.isprintable() or not field:
        raise UsageError(
            f'"{field}" names no field of a log', hint="--processing-time-field duration_ms"
        )
    name = field if _PLAIN_FIELD.fullmatch(field) else f"`{field}`"
    return (
        f"filter ispresent({name}) | stats count({name}) as samples, avg({name}) as mean,"
        f" stddev({name}) as deviation, pct({name}, 50) as p50, pct({name}, 95) as p95"
    )


def durations_of_row(row: dict[str, str]) -> Durations:
    """The one row that the query gives; none of it where the log has no such field."""
    numbers = {name: _number(value) for name, value in row.items()}
    return Durations(
        numbers.get("samples") or 0.0,
        numbers.get("mean") or 0.0,
        numbers.get("p50"),
        numbers.get("p95"),
        numbers.get("deviation"),
    )


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
