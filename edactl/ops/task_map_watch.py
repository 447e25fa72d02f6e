"""Watch a map's tasks, a hundred at a time, and stop those that are to end."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from edactl.core.task_failure import classify
from edactl.core.task_map_pace import CALLS_PER_SECOND, TokenBucket
from edactl.core.task_outcome import Judgement, Outcome, StoppedFor, judge, with_essentials
from edactl.errors import AwsError, FailedInside, Throttled, Unreachable
from edactl.ops.task_map_ports import Looked, StopSent
from edactl.ops.task_watch import MISSING_SECONDS, STOP_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edactl.core.task import Task, TaskDefinition
    from edactl.core.task_map import ItemRun, MapPolicy
    from edactl.ops.task_map_ports import Answer, Crew, MapTasks, MapTiming

LOOKED_AT_ONCE = 100
_LOOKS_IN_FLIGHT = 4
_LEAST_SECONDS, _QUIET_SECONDS, _MOST_SECONDS, _SECONDS_A_TASK = 0.5, 5.0, 10.0, 0.01
_MOST_QUIET_SWEEPS = 8
_STOP_AGAIN_SECONDS = 2.0
_PATIENCE_SECONDS = 300.0
_OUTCOMES: dict[StoppedFor, Outcome] = {
    StoppedFor.CANCEL: "cancelled",
    StoppedFor.TIMEOUT: "timed_out",
    StoppedFor.LAUNCH_TIMEOUT: "never_started",
}


@dataclass
class Watcher:
    """The tasks that run. `on_end` gets each item whose task has ended, and how."""

    tasks: MapTasks
    crew: Crew
    timing: MapTiming
    policy: MapPolicy
    cluster: str
    definition: TaskDefinition
    on_end: Callable[[ItemRun, Judgement], None]
    warn: Callable[[str], None]
    runs: dict[str, ItemRun] = field(default_factory=dict)
    wake_at: float = 0.0
    pending: int = 0
    _batches: deque[list[str]] = field(default_factory=deque)
    _in_flight: int = 0
    _sweep_at: float = 0.0
    _quiet_sweeps: int = 0
    _to_stop: deque[tuple[float, str]] = field(default_factory=deque)
    _unanswered_since: float | None = None

    def __post_init__(self) -> None:
        """Begin with a full bucket of StopTask calls."""
        self._stops = TokenBucket(CALLS_PER_SECOND, self.timing.clock(), CALLS_PER_SECOND)

    @property
    def idle(self) -> bool:
        """Whether there is nothing to watch."""
        return not self.runs

    def add(self, run: ItemRun, task: Task) -> None:
        """Watch this item's task."""
        self.runs[task.task_arn] = run
        self.pending += not run.runs
        self._soon()

    def _soon(self) -> None:
        """Look again soon: something changes."""
        self._quiet_sweeps = 0
        self._sweep_at = min(self._sweep_at, self.timing.clock() + self._pause())

    def _pause(self) -> float:
        quiet = min(_QUIET_SECONDS, _LEAST_SECONDS * 1.5**self._quiet_sweeps)
        return min(_MOST_SECONDS, max(quiet, _SECONDS_A_TASK * len(self.runs)))

    def stop_all(self) -> None:
        """Stop every task, on the operator's request."""
        for arn, run in self.runs.items():
            if run.stopped_for is None:
                self._stop(arn, run, StoppedFor.CANCEL)

    def step(self) -> None:
        """Start what is due: looks, and stops."""
        now = self.timing.clock()
        if self.runs and now >= self._sweep_at and not self._batches and not self._in_flight:
            self._begin_sweep(now)
        while self._batches and self._in_flight < _LOOKS_IN_FLIGHT:
            self._look(self._batches.popleft())
        while self._to_stop and self._to_stop[0][0] <= now and self._stops.available(now) >= 1:
            self._send_stop(self._to_stop.popleft()[1])
        self.wake_at = self._sweep_at if self.runs else now + _MOST_SECONDS
        if self._to_stop:
            soon = now + self._stops.seconds_until(1)
            self.wake_at = min(self.wake_at, max(soon, self._to_stop[0][0]))

    def _begin_sweep(self, now: float) -> None:
        for arn, run in self.runs.items():
            why = run.due(now, self.policy)
            if why is not None:
                self._stop(arn, run, why)
        arns = list(self.runs)
        self._batches.extend(
            arns[start : start + LOOKED_AT_ONCE] for start in range(0, len(arns), LOOKED_AT_ONCE)
        )
        self._quiet_sweeps = min(self._quiet_sweeps + 1, _MOST_QUIET_SWEEPS)
        self._sweep_at = now + self._pause()

    def _look(self, arns: Sequence[str]) -> None:
        self._in_flight += 1

        def work() -> Answer:
            try:
                return Looked(arns, self.tasks.describe(self.cluster, arns))
            except AwsError as error:
                return Looked(arns, error)

        self.crew.start(work)

    def looked(self, arns: Sequence[str], found: list[Task] | AwsError) -> None:
        """What ECS said of these tasks. Raises what makes looking impossible."""
        self._in_flight -= 1
        now = self.timing.clock()
        if isinstance(found, AwsError):
            self._unanswered(found, now)
            return
        self._unanswered_since = None
        for task in found:
            run = self.runs.get(task.task_arn)
            if run is not None:
                self._seen(run, task, now)
        for arn in set(arns) - {task.task_arn for task in found}:
            run = self.runs.get(arn)
            if run is not None and now - run.seen_at > MISSING_SECONDS:
                self._end(arn, run, _lost(run))

    def _unanswered(self, error: AwsError, now: float) -> None:
        if not isinstance(error, Throttled | FailedInside | Unreachable):
            raise error
        self._unanswered_since = self._unanswered_since or now
        if now - self._unanswered_since > _PATIENCE_SECONDS:
            raise error

    def _seen(self, run: ItemRun, task: Task, now: float) -> None:
        if run.resumed and task.created_at is not None:
            run.launched_at = now - max(0.0, self.timing.now() - task.created_at.timestamp())
        if run.task is None or run.task.last_status != task.last_status:
            self._soon()
        ran = run.runs
        run.task, run.seen_at = task, now
        self.pending -= run.runs and not ran
        if task.stopped:
            run.task = with_essentials(task, self.definition)
            container = run.request.overrides.container
            self._end(task.task_arn, run, judge(run.task, container, run.stopped_for))
        elif run.stop_asked_at is not None and now - run.stop_asked_at > STOP_SECONDS:
            outcome = _OUTCOMES[run.stopped_for or StoppedFor.CANCEL]
            said = f"it was asked to stop; it is still {task.last_status}"
            self._end(task.task_arn, run, Judgement(outcome, None, said))

    def _end(self, arn: str, run: ItemRun, judgement: Judgement) -> None:
        del self.runs[arn]
        self.pending -= not run.runs
        self.on_end(run, judgement)

    # -- stopping ----------------------------------------------------------------------------------

    def _stop(self, arn: str, run: ItemRun, why: StoppedFor) -> None:
        run.stopped_for, run.stop_asked_at = why, self.timing.clock()
        self._to_stop.append((self.timing.clock(), arn))

    def _send_stop(self, arn: str) -> None:
        run = self.runs.get(arn)
        if run is None or run.stopped_for is None:
            return
        self._stops.take(1)
        reason = f"edactl: {run.stopped_for.value}"

        def work() -> Answer:
            try:
                self.tasks.stop(self.cluster, arn, reason)
            except AwsError as error:
                return StopSent(arn, error)
            return StopSent(arn, None)

        self.crew.start(work)

    def stop_sent(self, arn: str, error: AwsError | None) -> None:
        """Whether ECS was asked to stop a task; when not, it is asked again."""
        now = self.timing.clock()
        if error is None:
            self._soon()
        elif arn in self.runs:
            self.warn(f"task {arn.rpartition('/')[2]} could not be stopped yet: {error.message}")
            self._to_stop.append((now + _STOP_AGAIN_SECONDS, arn))


def _lost(run: ItemRun) -> Judgement:
    rule = replace(classify("stop", "", ""), says="ECS does not know it any more")
    if run.resumed:
        said = (
            "its task was launched, and ECS forgot how it ended, after an hour: look at its logs"
            " before it is run again"
        )
        return Judgement("interrupted", None, said, rule)
    said = "ECS took the task, and does not know it after a minute"
    return Judgement("never_started", None, said, rule)
