"""How fast a task map may launch, and when it has to hold back."""

from __future__ import annotations

from dataclasses import dataclass, field

from edactl.core.pacing import backoff_seconds
from edactl.core.task_failure_rule import FailureClass

TASKS_PER_SECOND = 20.0
"""Fargate starts so many on-demand tasks a second for an account and region, and as many on Spot.

Source: ECS developer guide, "AWS Fargate throttling quotas" (burst 100), 2023; unverified since.
"""
CALLS_PER_SECOND = 20.0
"""RunTask, and StopTask: calls a second. Source: as above."""
TASKS_A_CALL = 10
"""ECS API reference, RunTask, count."""
MOST_PROVISIONING = 500
"""Tasks of a cluster in PROVISIONING that are to run on instances of an Auto Scaling group.

Source: ECS service quotas; unverified. Fargate has no such quota: its starts are limited by pace.
"""
_BASE_SECONDS, _CAP_SECONDS, _QUOTA_CAP_SECONDS = 1.0, 30.0, 60.0
_LEAST_SECONDS = 0.5
_MOST_DOUBLINGS = 8


@dataclass
class TokenBucket:
    """At most `per_second` a second; after a pause up to `capacity` at once. It starts full."""

    per_second: float
    updated_at: float
    capacity: float
    tokens: float = field(init=False)

    def __post_init__(self) -> None:
        """Start full."""
        self.tokens = self.capacity

    @classmethod
    def of_pace(cls, per_second: float, now: float) -> TokenBucket:
        """A bucket whose bursts stay below those of AWS's own."""
        capacity = max(1.0, min(per_second, float(TASKS_A_CALL)), per_second / 2)
        return cls(per_second, now, capacity)

    def available(self, now: float) -> int:
        """How many may go now."""
        grown = (now - self.updated_at) * self.per_second
        self.tokens = min(self.capacity, self.tokens + max(0.0, grown))
        self.updated_at = now
        return int(self.tokens + 1e-9)

    def take(self, count: int) -> None:
        """Use so many of those that are available."""
        self.tokens -= count

    def seconds_until(self, count: int) -> float:
        """How long until so many are there, from the last look."""
        return max(0.0, (min(count, self.capacity) - self.tokens) / self.per_second)


@dataclass
class HoldBack:
    """When AWS has no room or throttles, every launch waits: longer each time in a row."""

    until: float = 0.0
    in_a_row: int = 0

    def failed(self, kind: FailureClass, now: float, random: float) -> None:
        """A launch failed for a reason that passes."""
        cap = _QUOTA_CAP_SECONDS if kind is FailureClass.QUOTA else _CAP_SECONDS
        doublings = min(self.in_a_row, _MOST_DOUBLINGS)
        seconds = backoff_seconds(doublings, random, base=_BASE_SECONDS, cap=cap)
        self.until = max(self.until, now + max(_LEAST_SECONDS, seconds))
        self.in_a_row += 1

    def launched(self) -> None:
        """A launch went through."""
        self.in_a_row = 0
