"""Launch a map's items: paced, grouped, and written down before they are sent.

Each RunTask has a clientToken and a startedBy of its own. What its answer means is decided in
`edactl.ops.task_map_answers`.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field, replace
from itertools import count as counter
from typing import TYPE_CHECKING, TypeAlias

from edactl.core.task_map import ItemRun
from edactl.core.task_map_journal import OpenCall, launching_line
from edactl.core.task_map_pace import (
    CALLS_PER_SECOND,
    TASKS_A_CALL,
    HoldBack,
    TokenBucket,
)
from edactl.core.task_request import client_token
from edactl.errors import AwsError
from edactl.ops.task_map_ports import Call, Launched, Searched

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edactl.core.task_map import MapPolicy
    from edactl.core.task_outcome import Judgement
    from edactl.ops.task_map_ports import Answer, Crew, MapTasks, MapTiming, StateFile

_LONGEST_SLEEP_SECONDS = 1.0


@dataclass(frozen=True)
class Search:
    """Look for the tasks of a call."""

    call: Call


@dataclass(frozen=True)
class Resend:
    """Send a call again, with the same token."""

    call: Call


Due: TypeAlias = ItemRun | Search | Resend


@dataclass
class Launcher:
    """Launches items. `next_item` gives the next new one, if there is one and room for it.

    `on_left` gets each item that is not tried any more. `halted` is why nothing is launched any
    more, when ECS refuses it all.
    """

    tasks: MapTasks
    crew: Crew
    state: StateFile
    timing: MapTiming
    policy: MapPolicy
    job: str
    per_second: float
    next_item: Callable[[], ItemRun | None]
    on_left: Callable[[ItemRun], None]
    calls_made: int = 0
    stopping: bool = False
    wake_at: float = 0.0
    in_flight: int = 0
    hold: HoldBack = field(default_factory=HoldBack)
    _ready: deque[ItemRun] = field(default_factory=deque)
    _later: list[tuple[float, int, Due]] = field(default_factory=list)
    _numbers: counter[int] = field(default_factory=counter)

    def __post_init__(self) -> None:
        """Begin with full buckets."""
        now = self.timing.clock()
        self._pace = TokenBucket.of_pace(self.per_second, now)
        self._calls = TokenBucket(CALLS_PER_SECOND, now, CALLS_PER_SECOND)
        self._group = int(max(1.0, min(self.per_second, TASKS_A_CALL)))

    @property
    def idle(self) -> bool:
        """Whether nothing waits to be launched, answered or looked for."""
        return not (self._ready or self._later or self.in_flight)

    def put(self, seconds: float, what: Due) -> None:
        """Do this after so many seconds."""
        at = self.timing.clock() + (0 if self.stopping else seconds)
        heapq.heappush(self._later, (at, next(self._numbers), what))

    def stop(self) -> None:
        """Launch nothing more; what may have been launched is looked for once."""
        self.stopping = True
        later, self._later = self._later, []
        for run in self._ready:
            self.on_left(run)
        self._ready.clear()
        for _, _, what in later:
            self._put_off(what)

    def _put_off(self, what: Due) -> None:
        if isinstance(what, ItemRun):
            self.on_left(what)
        else:
            self.put(0, Search(what.call))

    def step(self, pending_room: int) -> None:
        """Start what is due, so many tasks at most."""
        now = self.timing.clock()
        self.wake_at = now + _LONGEST_SLEEP_SECONDS
        self._take_due(now)
        if self._later:
            self.wake_at = min(self.wake_at, self._later[0][0])
        if self.stopping:
            return
        if now < self.hold.until:
            self.wake_at = min(self.wake_at, self.hold.until)
        else:
            self._launch(now, pending_room)

    def _take_due(self, now: float) -> None:
        while self._later and self._later[0][0] <= now:
            what = heapq.heappop(self._later)[2]
            match what:
                case Search(call):
                    self._start(call, self._searched)
                case Resend(call):
                    self._start(call, self._launched)
                case _ if self.stopping:
                    self.on_left(what)
                case _:
                    self._ready.append(what)

    def _launch(self, now: float, pending_room: int) -> None:
        calls = []
        while batch := self._batch():
            size = len(batch)
            if size > pending_room:
                break
            if self._pace.available(now) < size or self._calls.available(now) < 1:
                seconds = max(self._pace.seconds_until(size), self._calls.seconds_until(1))
                self.wake_at = min(self.wake_at, now + seconds)
                break
            self._pace.take(size)
            self._calls.take(1)
            pending_room -= size
            for _ in batch:
                self._ready.popleft()
            calls.append(self._written_down(batch))
        if calls:
            self.state.sync()
        for call in calls:
            self._start(call, self._launched)

    def _batch(self) -> list[ItemRun]:
        """The next items whose tasks are equal."""
        while len(self._ready) < self._group:
            run = self.next_item()
            if run is None:
                break
            run.begin(self.timing.clock(), self.policy)
            self._ready.append(run)
        batch: list[ItemRun] = []
        for run in self._ready:
            if len(batch) == self._group or (batch and run.request != batch[0].request):
                break
            batch.append(run)
        return batch

    def _written_down(self, batch: Sequence[ItemRun]) -> Call:
        self.calls_made += 1
        items = tuple(run.item.index for run in batch)
        asked = OpenCall(self.calls_made, items, len(items), self.timing.now(), batch[0].fell_back)
        self.state.write(launching_line(asked))
        return self.call(asked, batch)

    def call(self, asked: OpenCall, runs: Sequence[ItemRun]) -> Call:
        """The request for these items; the same number is the same request."""
        request = replace(runs[0].request, started_by=f"edactl/{self.job}/{asked.number}")
        waiting: list[tuple[ItemRun, Judgement | None]] = [(run, None) for run in runs]
        return Call(
            asked.number,
            request,
            client_token(self.job, asked.number),
            asked.count,
            waiting,
            asked.asked_at,
            asked.answered,
            set(asked.known),
        )

    # -- calls, each on a thread of the crew -------------------------------------------------------

    def _start(self, call: Call, work: Callable[[Call], Answer]) -> None:
        self.in_flight += 1
        self.crew.start(lambda: work(call))

    def _launched(self, call: Call) -> Answer:
        try:
            return Launched(call, self.tasks.run_many(call.request, call.token, call.count))
        except AwsError as error:
            return Launched(call, error)

    def _searched(self, call: Call) -> Answer:
        try:
            found = self.tasks.started_by(call.request.cluster, call.request.started_by)
        except AwsError as error:
            return Searched(call, error)
        return Searched(call, found)
