"""Step scaling on alarms of one's own: N of M periods, and steps by how far the alarm is passed.

Documented: bounds of steps are relative to the alarm's threshold, the lower one belongs to a step
above the threshold and the upper one to a step below it; a percentage is rounded towards 0, but to
1 at least; in a cooldown a larger scale-out adds what it is larger by, and nothing scales in.
Assumed: an alarm that stays on acts every minute; a period is the last minutes, aligned to now.
Source: Application Auto Scaling user guide, "Step scaling policies"; CloudWatch user guide,
"Configuring how CloudWatch alarms treat missing data".
"""

from __future__ import annotations

import math
import operator
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edactl.core.deployed_scaling import DEFAULT_COOLDOWN_SECONDS
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edactl.core.scaling_sim.controllers import Bounds, Datapoint

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
_AGGREGATES: dict[str, Callable[[Sequence[float]], float]] = {
    "Average": lambda found: math.fsum(found) / len(found),
    "Sum": math.fsum,
    "SampleCount": math.fsum,
    "Maximum": max,
    "Minimum": min,
}
_WEEK_MINUTES = 7 * 24 * 60


@dataclass(frozen=True)
class AlarmRule:
    """When an alarm is on: `datapoints` of the last `periods` breach the threshold.

    Raises InputError for one that the model does not know, or that looks back over a week.
    """

    threshold: float
    comparison: str
    period_minutes: int = 1
    periods: int = 1
    datapoints: int = 1
    statistic: str = "Average"
    missing: str = "missing"

    def __post_init__(self) -> None:
        if self.comparison not in _COMPARISONS:
            raise InputError(
                f"an alarm on {self.comparison} cannot be simulated",
                hint="one with a threshold can",
            )
        if self.period_minutes * self.periods > _WEEK_MINUTES:
            raise InputError(
                f"an alarm on {self.periods} periods of {self.period_minutes} minutes cannot be"
                " simulated",
                hint="CloudWatch looks a week back at most",
            )

    def breached_by(self, value: float | None) -> bool:
        """Whether this datapoint breaches; a missing one only where it is said to."""
        if value is None:
            return self.missing == "breaching"
        return _COMPARISONS[self.comparison](value, self.threshold)


@dataclass
class WatchedAlarm:
    """An alarm in a run."""

    rule: AlarmRule
    metric: Callable[[Datapoint], float | None]
    _minutes: deque[float | None] = field(init=False)

    def __post_init__(self) -> None:
        self._minutes = deque(maxlen=self.rule.period_minutes * self.rule.periods)

    def passed_by(self, point: Datapoint) -> float | None:
        """By how much the threshold is passed while the alarm is on; None while it is off.

        The newest period tells it; one without data tells nothing.
        """
        self._minutes.append(self.metric(point))
        if len(self._minutes) < self.rule.period_minutes:
            return None
        values = [self._together(part) for part in self._periods()]
        if sum(map(self.rule.breached_by, values)) < self.rule.datapoints or values[-1] is None:
            return None
        return values[-1] - self.rule.threshold

    def _periods(self) -> list[list[float | None]]:
        """The whole periods that have passed, the newest last."""
        minutes, size = list(self._minutes), self.rule.period_minutes
        return [
            minutes[end - size : end]
            for end in range(len(minutes) % size + size, len(minutes) + 1, size)
        ]

    def _together(self, minutes: Sequence[float | None]) -> float | None:
        known = [one for one in minutes if one is not None]
        aggregate = _AGGREGATES.get(self.rule.statistic, _AGGREGATES["Average"])
        return aggregate(known) if known else None


@dataclass(frozen=True)
class Adjustment:
    """One step: from `lower` to `upper` beyond the threshold, None without a bound."""

    lower: float | None
    upper: float | None
    amount: int

    def covers(self, beyond: float) -> bool:
        """Whether this is the step for a metric so far beyond the threshold."""
        low = -math.inf if self.lower is None else self.lower
        high = math.inf if self.upper is None else self.upper
        return low <= beyond < high if beyond >= 0 else low < beyond <= high


@dataclass(frozen=True)
class StepRule:
    """What the steps change: tasks, a percentage of them, or their number itself."""

    adjustments: tuple[Adjustment, ...]
    kind: str = "ChangeInCapacity"
    cooldown_seconds: float = DEFAULT_COOLDOWN_SECONDS
    least: int = 1

    def change(self, beyond: float, tasks: int) -> int:
        """Tasks to add, or below 0 to take away."""
        amount = next((one.amount for one in self.adjustments if one.covers(beyond)), 0)
        if self.kind == "ExactCapacity":
            return amount - tasks
        if self.kind != "PercentChangeInCapacity":
            return amount
        size = max(math.floor(abs(amount) * tasks / 100), self.least) if amount else 0
        return size if amount > 0 else -size


@dataclass
class AlarmSteps:
    """A step policy with its alarms, as a controller."""

    rule: StepRule
    alarms: Sequence[WatchedAlarm]
    bounds: Bounds
    _quiet_until: float = -math.inf
    _added: int = 0

    def decide(self, point: Datapoint, desired: int, now: float) -> int:
        """The tasks wanted after this datapoint."""
        beyond = [one for alarm in self.alarms if (one := alarm.passed_by(point)) is not None]
        changes = [self.rule.change(one, desired) for one in beyond]
        change = max((one for one in changes if one > 0), default=min(changes, default=0))
        quiet = now < self._quiet_until
        if change > 0:
            added = self._added if quiet else 0
            wanted = self.bounds.clip(desired + max(0, change - added))
            self._added = max(change, added)
        elif change < 0 and not quiet:
            wanted, self._added = self.bounds.clip(desired + change), 0
        else:
            return desired
        if wanted != desired:
            self._quiet_until = now + self.rule.cooldown_seconds
        return wanted
