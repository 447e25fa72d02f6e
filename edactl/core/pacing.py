"""Pace and patience: a token bucket and full-jitter backoff. Clock and randomness are passed in."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from math import sqrt


@dataclass
class Pace:
    """At most `per_second` items a second, evenly; the first `burst` go at once."""

    per_second: float
    started_at: float
    burst: int = 1
    taken: int = 0

    def seconds_until(self, count: int, now: float) -> float:
        """Take `count` items and return how long to wait before sending them, in seconds."""
        due = self.started_at + max(0, self.taken - self.burst + 1) / self.per_second
        self.taken += count
        return max(0.0, due - now)


RAMP_SECONDS = 10.0
_RAMP_START = 0.1


@dataclass
class RampedPace:
    """A slow start: from a tenth of `per_second` to all of it in ten seconds, then evenly.

    The first item goes at once.
    """

    per_second: float
    started_at: float
    taken: int = 0

    def seconds_until(self, count: int, now: float) -> float:
        """Take `count` items and return how long to wait before sending them, in seconds."""
        due = self.started_at + self._due_after(self.taken)
        self.taken += count
        return max(0.0, due - now)

    def _due_after(self, items: int) -> float:
        """When so many items have gone: the rate integrated and turned round."""
        gain = (1 - _RAMP_START) / RAMP_SECONDS
        on_ramp = self.per_second * RAMP_SECONDS * (1 + _RAMP_START) / 2
        if items >= on_ramp:
            return RAMP_SECONDS + (items - on_ramp) / self.per_second
        return (sqrt(_RAMP_START**2 + 2 * gain * items / self.per_second) - _RAMP_START) / gain


METER_SECONDS = 10.0
_SAMPLE_SECONDS = 0.5


@dataclass
class Meter:
    """How fast a count grows, over about the last ten seconds; since the start before that."""

    _samples: deque[tuple[float, int]] = field(default_factory=deque)

    def per_second(self, count: int, now: float) -> float:
        """The rate, now that the count is this; 0 for the first call."""
        if not self._samples or now - self._samples[-1][0] >= _SAMPLE_SECONDS:
            self._samples.append((now, count))
        while len(self._samples) > 1 and now - self._samples[1][0] >= METER_SECONDS:
            self._samples.popleft()
        since, before = self._samples[0]
        return (count - before) / (now - since) if now > since else 0.0


def backoff_seconds(attempt: int, random: float, *, base: float = 0.1, cap: float = 5.0) -> float:
    """Full jitter: anywhere up to base·2^attempt, capped. `attempt` is from 0, `random` below 1."""
    return random * min(cap, base * float(2**attempt))
