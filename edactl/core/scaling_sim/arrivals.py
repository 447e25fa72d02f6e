"""Arrivals: what a pattern or a file of counts says of each minute, and moments drawn from it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from edactl.core.times import parse_duration_seconds
from edactl.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from random import Random

MINUTE = 60.0
_RATE = re.compile(r"(\d+(?:\.\d+)?)/(s|m|h)")
_PER_SECOND = {"s": 1.0, "m": 1 / 60, "h": 1 / 3600}
_GAPS = frozenset({"", "-", "null", "none", "nan"})
_PATTERN_HINT = "steady:5/s, burst:5/s,20/s,at=1h,for=20m,every=4h or diurnal:2/s,20/s,period=24h"
_OPTIONS = {"burst": ("at", "for", "every"), "diurnal": ("period",), "steady": ()}
_DEFAULT_BURST = 4.0
MOST_MINUTES = 60 * 24 * 366
MOST_PER_SECOND = 20_000


@dataclass(frozen=True)
class Trace:
    """Messages of each minute. `exact` ones are counts to keep; others are means to draw from."""

    per_minute: tuple[float, ...]
    exact: bool = False
    gaps: int = 0
    messages: int | None = None

    @property
    def total(self) -> float:
        """Messages to expect in all."""
        return float(self.messages) if self.messages else math.fsum(self.per_minute)

    def times(self, factor: float) -> Trace:
        """The same traffic, `factor` times as much."""
        if factor == 1:
            return self
        return replace(self, per_minute=tuple(factor * one for one in self.per_minute))

    def moments(self, rng: Random) -> Iterator[list[float]]:
        """The arrivals of each minute in turn, in seconds from the start, in order."""
        left = self.messages
        for number, mean in enumerate(self.per_minute):
            found = (
                _counted(mean, number * MINUTE, rng)
                if self.exact
                else _drawn(mean, number * MINUTE, rng)
            )
            if left is not None:
                del found[left:]
                left -= len(found)
            yield found
            if left == 0:
                return


def _counted(count: float, start: float, rng: Random) -> list[float]:
    """A Poisson process of which the number is known: uniform moments in order."""
    random = rng.random
    return sorted([start + MINUTE * random() for _ in range(round(count))])


def _drawn(mean: float, start: float, rng: Random) -> list[float]:
    """A Poisson process: exponential gaps; it has no memory, so each minute starts anew."""
    if mean <= 0:
        return []
    gap, end, log, random = MINUTE / mean, start + MINUTE, math.log, rng.random
    found: list[float] = []
    add = found.append
    moment = start - gap * log(1.0 - random())
    while moment < end:
        add(moment)
        moment -= gap * log(1.0 - random())
    return found


@dataclass(frozen=True)
class Pattern:
    """A made-up trace: its mean a second as a function of seconds from the start."""

    rate: Callable[[float], float] = field(repr=False)

    def for_minutes(self, minutes: int) -> Trace:
        """The trace of so many minutes."""
        return Trace(tuple(self._minute(number) for number in range(minutes)))

    def for_messages(self, messages: int) -> Trace:
        """The trace that ends with the last of so many messages."""
        minutes: list[float] = []
        expected, wanted = 0.0, messages + 8 * math.sqrt(messages) + 10
        while expected < wanted and len(minutes) < MOST_MINUTES:
            minutes.append(self._minute(len(minutes)))
            expected += minutes[-1]
        if expected < wanted:
            raise UsageError(
                f"the pattern does not bring {messages} messages within a year",
                hint="a higher rate, or fewer --messages",
            )
        return Trace(tuple(minutes), messages=messages)

    def _minute(self, number: int) -> float:
        return MINUTE * self.rate((number + 0.5) * MINUTE)


def parse_pattern(text: str) -> Pattern:
    """The pattern that `steady:5/s` or its like means; `poisson` is another word for steady.

    Steady arrivals are a Poisson process of constant rate. Raises UsageError.
    """
    kind, _, rest = text.partition(":")
    kind = "steady" if kind == "poisson" else kind
    if kind not in _OPTIONS:
        raise _bad(text)
    rates: list[float] = []
    spans: dict[str, float] = {}
    for part in re.split("[,:]", rest):
        name, equals, value = part.partition("=")
        if not equals:
            rates.append(parse_rate(part, text))
        elif name in _OPTIONS[kind]:
            spans[name] = _seconds(value, text)
        elif name in {"to", "peak"} and kind != "steady":
            rates.append(parse_rate(value, text))
        else:
            raise _bad(text)
    if len(rates) > (1 if kind == "steady" else 2):
        raise _bad(text)
    base, peak = rates[0], rates[1] if len(rates) > 1 else _DEFAULT_BURST * rates[0]
    if kind == "burst":
        return _burst(base, peak, spans)
    if kind == "diurnal":
        return _diurnal(base, peak, spans.get("period", 86400.0))
    return Pattern(lambda _: base)


def _burst(base: float, peak: float, spans: dict[str, float]) -> Pattern:
    at, length = spans.get("at", 3600.0), spans.get("for", 1200.0)
    every = spans.get("every", math.inf)

    def rate(moment: float) -> float:
        since = moment - at
        if since < 0:
            return base
        return peak if math.fmod(since, every) < length else base

    return Pattern(rate)


def _diurnal(low: float, high: float, period: float) -> Pattern:
    """Lowest at the start, highest half a period later; a sine in between."""
    middle, half = (low + high) / 2, (high - low) / 2
    return Pattern(lambda moment: middle - half * math.cos(math.tau * moment / period))


def parse_rate(text: str, whole: str) -> float:
    """Messages a second in `5/s`, `300/m` or `1000/h`. Raises UsageError."""
    found = _RATE.fullmatch(text.strip())
    rate = float(found[1]) * _PER_SECOND[found[2]] if found else math.inf
    if rate > MOST_PER_SECOND:
        raise UsageError(
            f'"{text}" is not a rate, in "{whole}"',
            hint=f"5/s, 300/m or 1000/h, up to {MOST_PER_SECOND}/s",
        )
    return rate


def _seconds(text: str, whole: str) -> float:
    try:
        seconds = parse_duration_seconds(text)
    except InputError:
        seconds = 0.0
    if seconds <= 0:
        raise _bad(whole)
    return seconds


def _bad(text: str) -> UsageError:
    return UsageError(f'"{text}" is not a pattern of arrivals', hint=_PATTERN_HINT)


def read_counts(lines: Iterable[bytes], where: str) -> Trace:
    """The trace of a file: one count a line, a minute each; an empty line or `null` is a gap.

    A gap is no zero: it gets the mean of the counts on both sides of it. Lines that start with #
    are skipped, and so are empty ones at the end. Raises InputError with the line.
    """
    found: list[float | None] = []
    for number, line in enumerate(lines, start=1):
        text = line.decode("utf-8", "replace").strip()
        if not text.startswith("#"):
            found.append(None if text.lower() in _GAPS else _count(text, f"{where}:{number}"))
    while found and found[-1] is None:
        found.pop()
    if not found:
        raise InputError("there is no count in it", where=where, hint="one count a line, a minute")
    if len(found) > MOST_MINUTES:
        raise InputError("it is longer than a year", where=where, hint="one count a minute")
    return Trace(tuple(filled(found)), exact=True, gaps=sum(one is None for one in found))


def _count(text: str, where: str) -> float:
    try:
        count = float(text)
    except ValueError:
        count = math.nan
    if not 0 <= count <= MOST_PER_SECOND * MINUTE:
        raise InputError(
            f'"{text[:40]}" is not a count of messages',
            where=where,
            hint=f"one count a line, 0 to {MOST_PER_SECOND * 60}; an empty line is a gap",
        )
    return count


def filled(found: list[float | None]) -> Iterator[float]:
    """Each count; a gap is the mean of the known ones before and after it."""
    before = next(one for one in found if one is not None)
    after: list[float | None] = []
    coming: float | None = None
    for one in reversed(found):
        coming = coming if one is None else one
        after.append(coming)
    for one, coming in zip(found, reversed(after), strict=True):
        if one is not None:
            before = one
            yield one
        else:
            yield round((before + (before if coming is None else coming)) / 2)
