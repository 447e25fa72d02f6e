"""The same queue and policies minute by minute, messages as a fluid: a week in some 0.1 s.

In a minute with too few tasks the backlog grows as a fluid; in one with enough of them waits are
those of Erlang C with Allen and Cunneen's spread. Used to search among policies; what is advised is
then replayed message by message.
"""

from __future__ import annotations

import math
from bisect import bisect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from edactl.core.queueing.waits import late_share, mean_wait_seconds
from edactl.core.scaling_sim.arrivals import MINUTE
from edactl.core.scaling_sim.controllers import Datapoint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edactl.core.scaling_sim.controllers import Controller
    from edactl.core.scaling_sim.simulator import Setting


class FluidMinute(NamedTuple):
    """One minute of the model: its messages, those late, their mean wait, tasks and backlog."""

    messages: float
    late: float
    wait_seconds: float
    backlog: float
    desired_tasks: int


@dataclass(frozen=True)
class Fluid:
    """A whole run of the model."""

    minutes: Sequence[FluidMinute] = field(repr=False)

    @property
    def late_fraction(self) -> float:
        """Messages that are late, of all."""
        total = math.fsum(one.messages for one in self.minutes)
        return math.fsum(one.late for one in self.minutes) / total if total else 0.0

    @property
    def mean_tasks(self) -> float:
        """Tasks that are paid for, on average."""
        return sum(one.desired_tasks for one in self.minutes) / len(self.minutes)

    @property
    def highest_backlog(self) -> float:
        """The most messages that waited at the end of a minute."""
        return max(one.backlog for one in self.minutes)


@dataclass
class MinuteModel:
    """One policy against the counts of each minute."""

    setting: Setting
    controller: Controller
    tasks: int
    wait_limit_seconds: float
    _starting: list[tuple[float, int]] = field(default_factory=list)
    _known: dict[tuple[float, int], tuple[float, float]] = field(default_factory=dict)

    def run(self, per_minute: Sequence[float]) -> Fluid:
        """Replay these counts."""
        points: list[Datapoint] = []
        minutes: list[FluidMinute] = []
        backlog = 0.0
        delay = self.setting.publish_minutes
        for number, messages in enumerate(per_minute):
            now = number * MINUTE
            one, busy = self._minute(now, messages, backlog)
            backlog = one.backlog
            minutes.append(one)
            points.append(self._point(now + MINUTE, one, busy))
            if number >= delay:
                self._scale(points[number - delay], now + MINUTE)
        return Fluid(minutes)

    @property
    def _desired(self) -> int:
        return self.tasks + sum(count for _, count in self._starting)

    def _minute(self, now: float, messages: float, before: float) -> tuple[FluidMinute, float]:
        desired = self._desired
        task_minutes = float(self.tasks)
        while self._starting and self._starting[0][0] < now + MINUTE:
            ready, count = self._starting.pop(0)
            self.tasks += count
            task_minutes += count * (now + MINUTE - ready) / MINUTE
        rate = task_minutes * self.setting.task_rate
        after = max(0.0, before + messages - rate * MINUTE)
        first, last = _wait(before, rate), _wait(after, rate)
        queued, share = self._noise(messages, int(task_minutes), max(before, after))
        late = messages * max(self._over(first, last), share)
        wait = (first + last) / 2 + (queued * MINUTE / messages if messages else 0.0)
        busy = min(1.0, (before + messages - after) / (rate * MINUTE)) if rate else 0.0
        return FluidMinute(messages, late, wait, after + queued, desired), busy

    def _over(self, first: float, last: float) -> float:
        """The share of a minute in which the wait, from `first` to `last`, is over the limit."""
        low, high = sorted((first, last))
        if high <= self.wait_limit_seconds:
            return 0.0
        if low >= self.wait_limit_seconds or math.isinf(high):
            return 1.0
        return (high - self.wait_limit_seconds) / (high - low)

    def _noise(self, messages: float, tasks: int, backlog: float) -> tuple[float, float]:
        """Messages that wait by chance where there is no backlog, and the share that are late."""
        slots = tasks * self.setting.concurrency
        work = self.setting.work
        rate = messages / MINUTE
        if backlog >= 1 or rate * work.mean_seconds >= slots:
            return 0.0, 0.0
        key = (messages, slots)
        if key not in self._known:
            spread = work.variation
            wait = mean_wait_seconds(rate, work.mean_seconds, slots, variation=spread)
            limit = self.wait_limit_seconds
            self._known[key] = (
                min(rate * wait, messages),
                late_share(rate, work.mean_seconds, slots, limit, variation=spread),
            )
        return self._known[key]

    def _point(self, at: float, one: FluidMinute, busy: float) -> Datapoint:
        tasks = self.tasks
        held = busy * tasks * self.setting.concurrency
        share = busy if tasks else None
        return Datapoint(at, one.backlog, held, one.messages, tasks, share)

    def _scale(self, point: Datapoint, now: float) -> None:
        desired = self._desired
        wanted = self.controller.decide(point, desired, now)
        if wanted > desired:
            self._starting.append((now + self.setting.start_seconds, wanted - desired))
        while wanted < desired:
            if self._starting:
                desired -= self._starting.pop()[1]
                if desired < wanted:
                    self._starting.append((now + self.setting.start_seconds, wanted - desired))
                    break
            else:
                self.tasks -= desired - wanted
                break


def _wait(backlog: float, rate: float) -> float:
    if backlog <= 0:
        return 0.0
    return backlog / rate if rate > 0 else math.inf


def wait_percentile(minutes: Sequence[FluidMinute], percentile: float) -> float:
    """The wait that `percentile` % of messages do not exceed, each having its minute's mean."""
    pairs = sorted((one.wait_seconds, one.messages) for one in minutes if one.messages)
    if not pairs:
        return 0.0
    reached: list[float] = []
    total = 0.0
    for _, messages in pairs:
        total += messages
        reached.append(total)
    at = bisect(reached, total * percentile / 100 - 1e-9)
    return pairs[min(at, len(pairs) - 1)][0]
