"""Pace and patience: a token bucket and full-jitter backoff. Clock and randomness are passed in."""

from __future__ import annotations

from dataclasses import dataclass


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


def backoff_seconds(attempt: int, random: float, *, base: float = 0.1, cap: float = 5.0) -> float:
    """Full jitter: anywhere up to base·2^attempt, capped. `attempt` is from 0, `random` below 1."""
    return random * min(cap, base * float(2**attempt))
