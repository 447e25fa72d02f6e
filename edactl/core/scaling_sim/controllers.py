"""Scaling policies as small state machines that see one datapoint a minute.

Documented by AWS: capacity grows in proportion to the metric and is rounded up; a metric equal to
the target does nothing; scale-in is slower and is skipped if removing one unit would push the
metric over the target; a metric without data scales nothing; cooldowns. Observed, not documented:
3 of 3 datapoints scale out, 15 of 15 scale in. Assumed here: scale-in starts 10 % below the target
and takes away at most a quarter at once; no scale-in in either cooldown; from no task to one at
the first datapoint over the target. Source: Application Auto Scaling user guide.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

from edactl.core.deployed_scaling import DEFAULT_COOLDOWN_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

OUT_DATAPOINTS = 3
IN_DATAPOINTS = 15
SCALE_IN_BELOW = 0.9
MOST_SCALE_IN = 0.25
_UNTHINKABLE = 1e9


class Datapoint(NamedTuple):
    """What CloudWatch tells of one minute; `busy_share` is None while no task runs."""

    at_seconds: float
    visible: float
    in_flight: float
    sent: float
    running_tasks: float
    busy_share: float | None = None


@dataclass(frozen=True)
class Bounds:
    """The least and most tasks of a scalable target."""

    minimum: int
    maximum: int

    def clip(self, tasks: int) -> int:
        """`tasks` within the bounds."""
        return min(max(tasks, self.minimum), self.maximum)


class Controller(Protocol):
    """A scaling policy: sees each datapoint once it is published, and says how many tasks."""

    def decide(self, point: Datapoint, desired: int, now: float) -> int:
        """The tasks to have from now on."""
        ...


@dataclass(frozen=True)
class Fixed:
    """As many tasks as there are."""

    def decide(self, point: Datapoint, desired: int, now: float) -> int:
        """What there is."""
        _ = point, now
        return desired


@dataclass
class Alarm:
    """Breached when this many datapoints in a row are; a missing one breaks the row."""

    datapoints: int
    seen: int = 0

    def feed(self, *, breaching: bool) -> bool:
        """Whether the alarm is on after one more datapoint."""
        self.seen = self.seen + 1 if breaching else 0
        return self.seen >= self.datapoints


@dataclass
class TargetTracking:
    """Keeps a metric that is inversely proportional to the tasks near its target."""

    metric: Callable[[Datapoint], float | None]
    target: float
    bounds: Bounds
    out_cooldown_seconds: float = DEFAULT_COOLDOWN_SECONDS
    in_cooldown_seconds: float = DEFAULT_COOLDOWN_SECONDS
    out_datapoints: int = OUT_DATAPOINTS
    _high: Alarm = field(init=False)
    _low: Alarm = field(init=False)
    _quiet_until: float = -math.inf

    def __post_init__(self) -> None:
        self._high = Alarm(self.out_datapoints)
        self._low = Alarm(IN_DATAPOINTS)

    def decide(self, point: Datapoint, desired: int, now: float) -> int:
        """The tasks wanted after this datapoint.

        A scale-out acts in a cooldown too, if it is larger than what has already been added; tasks
        that still start count as added, since `desired` holds them.
        """
        value = self.metric(point)
        high = self._high.feed(breaching=value is not None and value > self.target)
        low = self._low.feed(breaching=value is not None and value < SCALE_IN_BELOW * self.target)
        if value is None:
            return desired
        if desired == 0:
            return self._from_zero(value, now)
        if high:
            wanted = self.bounds.clip(self._proportional(point.running_tasks, value))
            if wanted > desired:
                self._quiet_until = now + self.out_cooldown_seconds
                return wanted
        if low and now >= self._quiet_until:
            return self._scaled_in(point.running_tasks, value, desired, now)
        return desired

    def _proportional(self, running: float, value: float) -> int:
        """Tasks with which the metric would be at its target, rounded up."""
        return math.ceil(min(running * value / self.target - 1e-9, _UNTHINKABLE))

    def _from_zero(self, value: float, now: float) -> int:
        if value <= self.target:
            return 0
        self._quiet_until = now + self.out_cooldown_seconds
        return self.bounds.clip(1)

    def _scaled_in(self, running: float, value: float, desired: int, now: float) -> int:
        if running > 1 and value * running / (running - 1) > self.target:
            return desired
        most = desired - max(1, math.floor(desired * MOST_SCALE_IN))
        wanted = self.bounds.clip(max(self._proportional(running, value), most))
        if wanted >= desired:
            return desired
        self._quiet_until = now + self.in_cooldown_seconds
        return wanted


@dataclass(frozen=True)
class Step:
    """An adjustment by `change` tasks where the metric is at or beyond `bound`."""

    bound: float
    change: int


@dataclass
class StepScaling:
    """Fixed steps on an alarm of one period, which is the mean of some minutes.

    Documented: in a cooldown a larger step adds what it is larger by, and nothing scales in.
    """

    metric: Callable[[Datapoint], float | None]
    out: Sequence[Step]
    into: Step
    bounds: Bounds
    period_minutes: int = 5
    cooldown_seconds: float = DEFAULT_COOLDOWN_SECONDS
    _window: list[float] = field(default_factory=list)
    _quiet_until: float = -math.inf
    _added: int = 0

    def decide(self, point: Datapoint, desired: int, now: float) -> int:
        """The tasks wanted; a change comes only at the end of a period."""
        value = self.metric(point)
        if value is None:
            self._window.clear()
            return desired
        self._window.append(value)
        if len(self._window) < self.period_minutes:
            return desired
        mean = math.fsum(self._window) / len(self._window)
        self._window.clear()
        return self._stepped(mean, desired, now)

    def _stepped(self, mean: float, desired: int, now: float) -> int:
        quiet = now < self._quiet_until
        change = max((step.change for step in self.out if mean >= step.bound), default=0)
        if change:
            added = self._added if quiet else 0
            wanted = self.bounds.clip(desired + max(0, change - added))
            self._added = max(change, added)
        elif mean <= self.into.bound and not quiet:
            wanted, self._added = self.bounds.clip(desired + self.into.change), 0
        else:
            return desired
        if wanted != desired:
            self._quiet_until = now + self.cooldown_seconds
        return wanted


@dataclass(frozen=True)
class Together:
    """Several policies of one target: the largest scale-out wins, else the least scale-in.

    Assumed for step scaling beside target tracking: each may scale in by itself, as AWS says that
    step policies are not bound by what target tracking agrees on.
    """

    controllers: tuple[Controller, ...]

    def decide(self, point: Datapoint, desired: int, now: float) -> int:
        """What they want together."""
        wanted = [one.decide(point, desired, now) for one in self.controllers]
        if max(wanted) > desired:
            return max(wanted)
        return max((one for one in wanted if one < desired), default=desired)


def backlog_per_task(point: Datapoint) -> float:
    """Visible messages for each running task; with none running as if one did."""
    return point.visible / max(1.0, point.running_tasks)


def queue_depth(point: Datapoint) -> float:
    """Visible messages."""
    return point.visible


def cpu_percent(point: Datapoint) -> float | None:
    """The busy share of the slots, for work that needs the CPU all the time; None without tasks."""
    return None if point.busy_share is None else 100 * point.busy_share


def load_per_slot(
    work_seconds: float, concurrency: int, drain_seconds: float
) -> Callable[[Datapoint], float]:
    """Busy slots that the arrivals need, and those to drain the backlog in time, for each slot.

    Metric math over metrics that exist: `(sent / 60 x S + visible x S / D) / (C x running)`. Never
    0 under traffic, and inversely proportional to the tasks, as target tracking wants it.
    """

    def metric(point: Datapoint) -> float:
        needed = point.sent / 60 * work_seconds + point.visible * work_seconds / drain_seconds
        return needed / (concurrency * max(1.0, point.running_tasks))

    return metric
