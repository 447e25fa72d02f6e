"""Estimates with their 95 % confidence intervals, from samples and from a queue's own metrics."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

CONFIDENCE = 0.95
EXACT_BELOW = 200
_Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
# Student's t at 97.5 %, by degrees of freedom; above the last the normal quantile serves.
_T = ((1, 12.706), (2, 4.303), (3, 3.182), (5, 2.571), (10, 2.228), (20, 2.086), (29, 2.045))


@dataclass(frozen=True)
class Estimate:
    """A value, from how many samples, and the interval that holds the true one 19 times in 20."""

    value: float
    samples: int
    low: float
    high: float


def percentile_of(ordered: Sequence[float], percentile: float) -> float:
    """The nearest-rank percentile of values in rising order; 0 when there are none."""
    if not ordered:
        return 0.0
    rank = math.ceil(percentile / 100 * len(ordered))
    return ordered[min(max(rank, 1), len(ordered)) - 1]


def mean_estimate(values: Sequence[float]) -> Estimate:
    """The mean, with Student's interval; of one sample the interval is unbounded above."""
    count = len(values)
    mean = math.fsum(values) / count
    if count == 1:
        return Estimate(mean, 1, 0.0, math.inf)
    variance = math.fsum((value - mean) ** 2 for value in values) / (count - 1)
    half = _student(count - 1) * math.sqrt(variance / count)
    return Estimate(mean, count, max(0.0, mean - half), mean + half)


def percentile_estimate(ordered: Sequence[float], percentile: float) -> Estimate:
    """A percentile of values in rising order, with the interval between two of them.

    Which two is a matter of ranks (binomial), whatever the distribution; exact below 200 samples.
    Where there are too few samples to have one above the percentile, the interval has no end.
    """
    count, share = len(ordered), percentile / 100
    value = percentile_of(ordered, percentile)
    low, high = _ranks(count, share)
    return Estimate(
        value,
        count,
        ordered[low - 1] if low >= 1 else 0.0,
        ordered[high - 1] if high <= count else math.inf,
    )


def _ranks(count: int, share: float) -> tuple[int, int]:
    """The ranks, from 1, of the samples between which the percentile lies; 0 and count + 1 if none.

    The rth sample is above the percentile unless r or more of all samples are below it.
    """
    tail = (1 - CONFIDENCE) / 2
    if count >= EXACT_BELOW:
        half = _Z * math.sqrt(count * share * (1 - share))
        return math.floor(count * share - half), math.ceil(count * share + half) + 1
    below, low, high = 0.0, 0, count + 1
    for number in range(count):
        below += math.comb(count, number) * share**number * (1 - share) ** (count - number)
        if below <= tail:
            low = number + 1
        if below >= 1 - tail:
            high = number + 1
            break
    return low, high


def variation_of(values: Sequence[float]) -> float:
    """The coefficient of variation, cv; 0 for one value."""
    mean = math.fsum(values) / len(values)
    if len(values) == 1 or mean <= 0:
        return 0.0
    variance = math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
    return math.sqrt(variance) / mean


def work_by_littles_law(
    in_flight: Sequence[float], deleted_per_minute: Sequence[float]
) -> Estimate:
    """Mean seconds of work a message, from NotVisible and Deleted of the same minutes.

    Little: messages in work = finished a second x seconds of work. Biased up by prefetched messages
    and by poison, which hold a place without being finished. Raises ZeroDivisionError when nothing
    was deleted.
    """
    return ratio_estimate(in_flight, [deleted / 60 for deleted in deleted_per_minute])


def ratio_estimate(above: Sequence[float], below: Sequence[float]) -> Estimate:
    """The sum of the first over that of the second, taken in pairs, by the delta method.

    Raises ZeroDivisionError where the second is 0 in sum.
    """
    count = len(above)
    ratio = math.fsum(above) / math.fsum(below)
    if count == 1:
        return Estimate(ratio, 1, 0.0, math.inf)
    rest = [one - ratio * two for one, two in zip(above, below, strict=True)]
    spread = math.sqrt(math.fsum(one * one for one in rest) / (count - 1) / count)
    half = _student(count - 1) * spread / (math.fsum(below) / count)
    return Estimate(ratio, count, max(0.0, ratio - half), ratio + half)


def dispersion_of(counts: Sequence[float]) -> float:
    """The index of dispersion of counts, variance over mean: 1 for Poisson, more for bursts."""
    count = len(counts)
    mean = math.fsum(counts) / count if count else 0.0
    if mean <= 0 or count == 1:
        return 1.0
    return math.fsum((one - mean) ** 2 for one in counts) / (count - 1) / mean


def _student(freedom: int) -> float:
    """Student's quantile; between two rows of the table the wider one."""
    return (
        next((t for top, t in reversed(_T) if top <= freedom), _T[0][1])
        if (freedom <= _T[-1][0])
        else _Z
    )
