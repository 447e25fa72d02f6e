"""Message by message: a FIFO queue, slots of tasks that come and go, a policy once a minute.

A slot serves one message at a time, the oldest first. The slots' free times are a heap, so a
message costs O(log slots). Tasks that are taken away finish what they work on (as with task
protection); idle slots go first, and tasks that still start before those that run.
"""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass, field
from heapq import heappush, heapreplace
from operator import add
from typing import TYPE_CHECKING

from edactl.core.scaling_sim.arrivals import MINUTE
from edactl.core.scaling_sim.controllers import Datapoint

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from edactl.core.scaling_sim.arrivals import Trace
    from edactl.core.scaling_sim.controllers import Controller
    from edactl.core.scaling_sim.work import Work

MOST_DRAIN_MINUTES = 24 * 60


@dataclass(frozen=True)
class Setting:
    """What stays the same whatever the policy does."""

    work: Work
    concurrency: int = 1
    start_seconds: float = 60.0
    publish_seconds: float = 60.0

    @property
    def task_rate(self) -> float:
        """Messages a second that one busy task finishes."""
        return self.concurrency / self.work.mean_seconds

    @property
    def publish_minutes(self) -> int:
        """After how many minutes a datapoint can be seen."""
        return math.ceil(self.publish_seconds / MINUTE)


@dataclass(frozen=True)
class Minute:
    """The state at the end of one minute."""

    at_seconds: float
    sent: int
    backlog: int
    in_flight: int
    running_tasks: int
    desired_tasks: int
    longest_wait_seconds: float


@dataclass(frozen=True)
class Replay:
    """What happened: every message's wait and its age when done, in order, and each minute."""

    waits: array[float] = field(repr=False)
    ages: array[float] = field(repr=False)
    arrived: int
    left: int
    span_seconds: float
    task_seconds: float
    actions: int
    minutes: Sequence[Minute] = field(repr=False)


class Simulation:
    """One policy against one trace. Draws from the two generators it is given, in a fixed order."""

    def __init__(self, setting: Setting, controller: Controller, tasks: int) -> None:
        self._setting, self._controller = setting, controller
        self._running = tasks
        self._starting: list[tuple[float, int]] = []
        self._slots = [0.0] * (tasks * setting.concurrency)
        self._moments: list[float] = []
        self._work: list[float] = []
        self._next = 0
        self._waits: array[float] = array("d")
        self._ages: array[float] = array("d")
        self._begun_seconds = self._done_seconds = self._task_seconds = 0.0
        self._actions = 0
        self._points: list[Datapoint] = []
        self._minutes: list[Minute] = []

    def run(self, trace: Trace, *, arrivals: Random, works: Random) -> Replay:
        """Replay the whole trace, then let the queue drain for a day at most.

        Tasks and scaling actions are counted while the trace lasts; waits are of all messages.
        """
        now, span, arrived = 0.0, 0.0, 0
        for moments in trace.moments(arrivals):
            arrived += len(moments)
            self._moments += moments
            self._work += self._setting.work.draw(len(moments), works)
            span = moments[-1] if arrived == trace.messages and moments else now + MINUTE
            self._task_seconds += self._desired * (span - now)
            now = self._one_minute(now, len(moments))
        actions, task_seconds = self._actions, self._task_seconds
        for _ in range(MOST_DRAIN_MINUTES):
            if self._next >= len(self._moments):
                break
            now = self._one_minute(now, 0)
        left = len(self._moments) - self._next
        return Replay(
            self._waits, self._ages, arrived, left, span, task_seconds, actions, self._minutes
        )

    @property
    def _desired(self) -> int:
        return self._running + sum(count for _, count in self._starting)

    def _one_minute(self, start: float, sent: int) -> float:
        """Serve until the end of the minute, measure, and let the policy act; the end."""
        end = start + MINUTE
        first = len(self._waits)
        while self._starting and self._starting[0][0] < end:
            ready, count = self._starting.pop(0)
            self._serve(ready)
            for _ in range(count * self._setting.concurrency):
                heappush(self._slots, ready)
            self._running += count
        self._serve(end)
        self._measure(end, sent)
        self._decide(end)
        longest = max(self._waits[first:], default=0.0)
        point = self._points[-1]
        self._minutes.append(
            Minute(
                end,
                sent,
                int(point.visible),
                int(point.in_flight),
                self._running,
                self._desired,
                longest,
            )
        )
        return end

    def _serve(self, until: float) -> None:
        """Begin work on every message that a slot takes before `until`."""
        slots, moments, work = self._slots, self._moments, self._work
        first = at = self._next
        waits: list[float] = []
        add_wait = waits.append
        while slots and at < len(moments):
            moment, free = moments[at], slots[0]
            start = moment if moment > free else free  # noqa: FURB136 -- a third of the loop as max()
            if start >= until:
                break
            heapreplace(slots, start + work[at])
            add_wait(start - moment)
            at += 1
        begun = work[first:at]
        self._begun_seconds += math.fsum(begun)
        self._waits.extend(waits)
        self._ages.extend(map(add, waits, begun))
        self._next = at
        if at > len(moments) // 2:  # at most as many are moved as have been served
            del moments[:at]
            del work[:at]
            self._next = 0

    def _measure(self, now: float, sent: int) -> None:
        """The datapoint of the minute that ends `now`."""
        rest = [free - now for free in self._slots if free > now]
        done = self._begun_seconds - math.fsum(rest)
        busy, self._done_seconds = done - self._done_seconds, done
        room = len(self._slots) * MINUTE
        self._points.append(
            Datapoint(
                at_seconds=now,
                visible=len(self._moments) - self._next,
                in_flight=len(rest),
                sent=sent,
                running_tasks=self._running,
                busy_share=min(1.0, max(0.0, busy / room)) if room else None,
            )
        )

    def _decide(self, now: float) -> None:
        """Show the policy the newest datapoint that is published, and do as it says."""
        at = len(self._points) - 1 - self._setting.publish_minutes
        if at < 0:
            return
        desired = self._desired
        wanted = self._controller.decide(self._points[at], desired, now)
        if wanted > desired:
            self._starting.append((now + self._setting.start_seconds, wanted - desired))
        elif wanted < desired:
            self._remove(desired - wanted, now)
        self._actions += wanted != desired

    def _remove(self, count: int, now: float) -> None:
        while count and self._starting:
            ready, starting = self._starting.pop()
            kept = max(0, starting - count)
            count -= starting - kept
            if kept:
                self._starting.append((ready, kept))
        self._running -= count
        self._slots.sort()
        gone = self._slots[: count * self._setting.concurrency]
        del self._slots[: count * self._setting.concurrency]  # what is sorted is a heap
        rest = math.fsum(free - now for free in gone if free > now)
        self._task_seconds += rest / self._setting.concurrency
        self._begun_seconds -= rest
