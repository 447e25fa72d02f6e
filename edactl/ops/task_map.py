"""Run one task an item: a bounded number at once, each watched to its end and counted once.

One thread decides; calls are made by a crew. An item is in memory from its launch to its end only.
Assume that the process dies between any two calls: what is about to be launched is on disk before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edactl.core.task_map import Again, ItemRun
from edactl.core.task_map_journal import cancelled_line, ended_line
from edactl.core.task_map_record import ItemRecord, MapTally, item_record
from edactl.core.task_outcome import StoppedFor
from edactl.ops.task_map_answers import LaunchAnswers
from edactl.ops.task_map_launch import Launcher, Search
from edactl.ops.task_map_ports import Launched, Looked, Searched, StopSent
from edactl.ops.task_map_watch import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from edactl.core.fargate_prices import Price
    from edactl.core.task import Task, TaskDefinition
    from edactl.core.task_map import MapPolicy
    from edactl.core.task_map_journal import OpenCall
    from edactl.core.task_outcome import Judgement
    from edactl.errors import AwsError
    from edactl.ops.task_map_ports import Answer, Crew, Keeper, MapTasks, MapTiming, StateFile

LONGEST_SLEEP_SECONDS = 0.25
"""How long a Ctrl-C may go unnoticed."""


@dataclass(frozen=True)
class MapPlan:
    """What to run, and how: at most `parallel` items in hand, `per_second` launches.

    Launches wait while `most_starting` tasks have not been seen to run. `keep` lets tasks run on
    when the operator stops the map.
    """

    job: str
    cluster: str
    definition: TaskDefinition
    policy: MapPolicy
    parallel: int
    per_second: float
    prices: Mapping[tuple[str, str], Price]
    most_starting: int
    keep: bool = False


@dataclass(frozen=True)
class Unfinished:
    """What an earlier process left: its number of calls, open ones, and tasks of items."""

    calls_made: int = 0
    open_calls: Sequence[tuple[OpenCall, Sequence[ItemRun]]] = ()
    running: Sequence[tuple[ItemRun, Task]] = ()


@dataclass
class TaskMap:
    """One run of a map over `items`, which come when there is room for them.

    `stopped` are the items whose tasks were stopped with the run, on the operator's request.
    """

    plan: MapPlan
    items: Iterator[ItemRun]
    tasks: MapTasks
    crew: Crew
    state: StateFile
    keeper: Keeper
    timing: MapTiming
    stop: Callable[[], bool]
    warn: Callable[[str], None]
    tally: MapTally
    unfinished: Unfinished = field(default_factory=Unfinished)
    _in_hand: int = 0
    _exhausted: bool = False
    _stopping: bool = False
    stopped: set[int] = field(default_factory=set)
    _over: list[tuple[ItemRun, Judgement]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Build the parts."""
        plan = self.plan
        common = (self.tasks, self.crew)
        self.watcher = Watcher(
            *common,
            self.timing,
            plan.policy,
            plan.cluster,
            plan.definition,
            self._task_ended,
            self.warn,
        )
        self.launcher = Launcher(
            *common,
            self.state,
            self.timing,
            plan.policy,
            plan.job,
            plan.per_second,
            self._next_item,
            self._left,
            self.unfinished.calls_made,
        )
        self.answers = LaunchAnswers(
            self.launcher,
            self.state,
            self.timing,
            plan.policy,
            self._task_started,
            self._ended,
            self._left,
            lambda: len(self.watcher.runs),
            self.warn,
        )

    @property
    def halted(self) -> AwsError | None:
        """Why nothing was launched any more, when ECS refused it."""
        return self.answers.halted

    @property
    def in_flight(self) -> int:
        """How many tasks are not at their end."""
        return len(self.watcher.runs)

    def run(self) -> Iterator[Sequence[ItemRecord]]:
        """After each step the records of the items that ended in it, each item once.

        They are written down as ended only after they were taken. Raises what makes looking at
        tasks impossible, or the state file unwritable.
        """
        self._take_up()
        while True:
            self._heed_the_operator()
            self.launcher.step(self.plan.most_starting - self.watcher.pending)
            self.watcher.step()
            if self._finished():
                return
            wake_at = min(self.launcher.wake_at, self.watcher.wake_at)
            seconds = wake_at - self.timing.clock()
            for answer in self.crew.collect(min(LONGEST_SLEEP_SECONDS, max(0.0, seconds))):
                self._take(answer)
            self.state.sync()
            records = self._settled()
            yield records
            self._write_down(records)

    def _take_up(self) -> None:
        """Go on with what an earlier process left."""
        for run, task in self.unfinished.running:
            run.resumed = True
            run.begin(self.timing.clock(), self.plan.policy)
            run.launched(task, "", self.timing.clock())
            self._in_hand += 1
            self.watcher.add(run, task)
        for asked, runs in self.unfinished.open_calls:
            for run in runs:
                run.begin(self.timing.clock(), self.plan.policy)
            self._in_hand += len(runs)
            self.launcher.put(0, Search(self.launcher.call(asked, runs)))

    def _heed_the_operator(self) -> None:
        if self._stopping or not self.stop():
            return
        self._stopping = True
        self.launcher.stop()
        if not self.plan.keep:
            self.watcher.stop_all()

    def _finished(self) -> bool:
        if not self.launcher.idle:
            return False
        return self.watcher.idle or (self._stopping and self.plan.keep)

    def _next_item(self) -> ItemRun | None:
        if self._exhausted or self._in_hand >= self.plan.parallel:
            return None
        run = next(self.items, None)
        self._exhausted = run is None
        self._in_hand += run is not None
        return run

    # -- answers -----------------------------------------------------------------------------------

    def _take(self, answer: Answer) -> None:
        match answer:
            case Launched(call, given):
                self.answers.answered(call, given)
            case Searched(call, found):
                self.answers.found(call, found)
            case Looked(arns, seen):
                self.watcher.looked(arns, seen)
            case StopSent(arn, error):
                self.watcher.stop_sent(arn, error)

    def _task_started(self, run: ItemRun, task: Task) -> None:
        self.tally.launched += 1
        self.watcher.add(run, task)
        if self._stopping and not self.plan.keep:
            self.watcher.stop_all()

    def _task_ended(self, run: ItemRun, judgement: Judgement) -> None:
        """Its task has ended: that is the item's end, or it is run again."""
        now, random = self.timing.clock(), self.timing.random()
        match run.ended(judgement, run.token, now, random, self.plan.policy):
            case Again(seconds):
                self.launcher.put(seconds, run)
            case _:
                self._ended(run, judgement)

    def _ended(self, run: ItemRun, judgement: Judgement) -> None:
        self._in_hand -= 1
        self._over.append((run, judgement))

    def _left(self, _run: ItemRun) -> None:
        self._in_hand -= 1

    # -- ends --------------------------------------------------------------------------------------

    def _settled(self) -> list[ItemRecord]:
        over, self._over = self._over, []
        records = []
        for run, judgement in over:
            record = item_record(run, judgement, self.plan.definition, self.plan.prices)
            records.append(record)
            stopped = run.stopped_for is StoppedFor.CANCEL and judgement.outcome == "cancelled"
            if stopped:
                self.stopped.add(run.item.index)
            self.tally.add(record, listed=not stopped)
        lost = [one for one in records if not one.succeeded and one.index not in self.stopped]
        if lost:
            self.keeper.keep(lost)
        return records

    def _write_down(self, records: Sequence[ItemRecord]) -> None:
        lines = [
            cancelled_line([one.index]) if one.index in self.stopped else ended_line(one)
            for one in records
        ]
        if lines:
            self.state.write("".join(lines))
            self.state.sync()
