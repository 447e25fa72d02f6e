"""How long the work on one message takes: a distribution to draw from, with its mean and spread."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import TYPE_CHECKING, Protocol

from edactl.core.queueing.estimates import percentile_of, variation_of
from edactl.core.times import parse_duration_seconds
from edactl.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

_HINT = "exponential:1s, constant:1s, lognormal:2s,cv=1.5 or samples:FILE"


class Work(Protocol):
    """Seconds of work a message takes."""

    @property
    def mean_seconds(self) -> float:
        """Its mean."""
        ...

    @property
    def variation(self) -> float:
        """Its coefficient of variation, cv."""
        ...

    def percentile_seconds(self, percentile: float) -> float:
        """What `percentile` % of messages do not exceed."""
        ...

    def draw(self, count: int, rng: Random) -> list[float]:
        """So many of them, drawn anew."""
        ...

    def times(self, factor: float) -> Work:
        """The same, `factor` times as long."""
        ...


@dataclass(frozen=True)
class Constant:
    """Every message takes the same time."""

    mean_seconds: float
    variation: float = 0.0

    def percentile_seconds(self, percentile: float) -> float:
        """The same for every percentile."""
        _ = percentile
        return self.mean_seconds

    def draw(self, count: int, rng: Random) -> list[float]:
        """`count` times the same."""
        _ = rng
        return [self.mean_seconds] * count

    def times(self, factor: float) -> Constant:
        """`factor` times as long."""
        return Constant(self.mean_seconds * factor)


@dataclass(frozen=True)
class Exponential:
    """The work of the textbooks (M/M/m)."""

    mean_seconds: float
    variation: float = 1.0

    def percentile_seconds(self, percentile: float) -> float:
        """By the closed form."""
        return -self.mean_seconds * math.log(1 - percentile / 100)

    def draw(self, count: int, rng: Random) -> list[float]:
        """By inversion."""
        mean, log, random = -self.mean_seconds, math.log, rng.random
        return [mean * log(1.0 - random()) for _ in range(count)]

    def times(self, factor: float) -> Exponential:
        """`factor` times as long."""
        return Exponential(self.mean_seconds * factor)


@dataclass(frozen=True)
class LogNormal:
    """Work with a tail, by its mean and cv: the shape that most services show."""

    mean_seconds: float
    variation: float

    @property
    def _sigma(self) -> float:
        return math.sqrt(math.log(1 + self.variation**2))

    @property
    def _mu(self) -> float:
        return math.log(self.mean_seconds) - self._sigma**2 / 2

    def percentile_seconds(self, percentile: float) -> float:
        """By the closed form."""
        return math.exp(self._mu + self._sigma * NormalDist().inv_cdf(percentile / 100))

    def draw(self, count: int, rng: Random) -> list[float]:
        """From the normal distribution."""
        mu, sigma, exp, gauss = self._mu, self._sigma, math.exp, rng.gauss
        return [exp(gauss(mu, sigma)) for _ in range(count)]

    def times(self, factor: float) -> LogNormal:
        """`factor` times as long."""
        return LogNormal(self.mean_seconds * factor, self.variation)


@dataclass(frozen=True)
class Samples:
    """Measured work, in rising order; drawn from as it is."""

    ordered: tuple[float, ...] = field(repr=False)

    @property
    def mean_seconds(self) -> float:
        """The mean of the samples."""
        return math.fsum(self.ordered) / len(self.ordered)

    @property
    def variation(self) -> float:
        """The cv of the samples."""
        return variation_of(self.ordered)

    def percentile_seconds(self, percentile: float) -> float:
        """By nearest rank."""
        return percentile_of(self.ordered, percentile)

    def draw(self, count: int, rng: Random) -> list[float]:
        """With replacement."""
        return rng.choices(self.ordered, k=count)

    def times(self, factor: float) -> Samples:
        """`factor` times as long."""
        return Samples(tuple(one * factor for one in self.ordered))


def from_mean_and_p95(mean: float, p95: float) -> LogNormal | Constant:
    """The log-normal with this mean and 95th percentile, the less spread of the two there are.

    Raises UsageError when there is none: p95 below the mean, or above 3.87 times it.
    """
    z = NormalDist().inv_cdf(0.95)
    ratio = math.log(p95 / mean) if mean > 0 and p95 > 0 else -1.0
    inside = z * z - 2 * ratio
    if ratio < 0 or inside < 0:
        raise UsageError(
            f"a 95th percentile of {p95:g} s does not go with a mean of {mean:g} s",
            hint="it lies between 1 and 3.87 times the mean; else give durations with --samples",
        )
    sigma = z - math.sqrt(inside)
    if sigma <= 0:
        return Constant(mean)
    return LogNormal(mean, math.sqrt(math.exp(sigma * sigma) - 1))


def parse_work(text: str) -> Work | str:
    """The work that `exponential:1s` or its like means; of `samples:FILE` the file's name.

    Raises UsageError.
    """
    kind, _, rest = text.partition(":")
    first, _, more = rest.partition(",")
    if kind == "samples" and rest:
        return rest
    if kind == "lognormal":
        name, _, value = more.partition("=")
        if name == "cv" and (variation := _number(value)) > 0:
            return LogNormal(_positive(first, text), variation)
    if kind in {"exponential", "constant"} and not more:
        mean = _positive(first, text)
        return Exponential(mean) if kind == "exponential" else Constant(mean)
    raise UsageError(f'"{text}" is not a service time', hint=_HINT)


def read_samples(lines: Iterable[bytes], where: str) -> Samples:
    """The durations of a file, one a line as `1.5` (seconds), `300ms` or `2s`, in any order.

    Empty lines, and those that start with #, are skipped. Raises InputError with the line.
    """
    found: list[float] = []
    for number, line in enumerate(lines, start=1):
        text = line.decode("utf-8", "replace").strip()
        if text and not text.startswith("#"):
            found.append(_duration(text, f"{where}:{number}"))
    if not found:
        raise InputError(
            "there is no duration in it", where=where, hint="one a line, as 1.5 or 300ms"
        )
    if math.fsum(found) <= 0:
        raise InputError("every duration in it is 0", where=where, hint="seconds, or with a unit")
    return Samples(tuple(sorted(found)))


def _duration(text: str, where: str) -> float:
    number = _number(text)
    if math.isnan(number):
        try:
            number = parse_duration_seconds(text)
        except InputError:
            number = -1.0
    if not 0 <= number < math.inf:
        raise InputError(
            f'"{text[:40]}" is not a duration of work',
            where=where,
            hint="one a line, 0 or more: 1.5 (seconds), 300ms, 2s",
        )
    return number


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _positive(text: str, whole: str) -> float:
    try:
        seconds = parse_duration_seconds(text)
    except InputError:
        seconds = 0.0
    if seconds <= 0:
        raise UsageError(f'"{whole}" is not a service time', hint=_HINT)
    return seconds
