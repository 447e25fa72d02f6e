"""Watch one task to its end: poll it, show its lines, and stop it when it is time.

boto3's waiters give up after ten minutes, and take a task that is not visible yet for a failed one;
this one does neither. Source: ECS API reference, RunTask, on eventual consistency.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from edactl.core.task_outcome import StoppedFor
from edactl.errors import (
    AwsError,
    EdactlError,
    FailedInside,
    Terminated,
    Throttled,
    Unreachable,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edactl.core.task import Task
    from edactl.ops.task_log_follow import LogFollow, Timing

MISSING_SECONDS = 60.0
"""How long a task that was just made may be unknown to DescribeTasks."""
STOP_SECONDS = 300.0
"""How long a stopped task may take to end: stopTimeout is at most 120, then ECS cleans up."""
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS, _LOG_PAUSE_SECONDS = 0.5, 10.0, 2.0
_LEAST_PAUSE_SECONDS = 0.05
_PATIENCE_SECONDS = 300.0
_STOPPING = {
    StoppedFor.CANCEL: "stopping it, and waiting for its end; another Ctrl-C does not wait",
    StoppedFor.TIMEOUT: "--timeout passed: stopping it, and waiting for its end",
    StoppedFor.LAUNCH_TIMEOUT: "--launch-timeout passed: stopping it, and waiting for its end",
}


class Tasks(Protocol):
    """Looks at tasks and stops them."""

    def describe(self, cluster: str, arns: Sequence[str], /) -> list[Task]:
        """These tasks; those that are not known are left out."""
        ...

    def stop(self, cluster: str, arn: str, reason: str, /) -> None:
        """Ask for its end."""
        ...


@dataclass(frozen=True)
class Watched:
    """How watching ended: the task as seen last, and why it was asked to stop, if it was.

    `left_running` says that it was not waited for to the end; `lost`, that ECS does not know it.
    """

    task: Task
    stopped_for: StoppedFor | None = None
    left_running: bool = False
    lost: bool = False


@dataclass
class TaskWatch:
    """Watches one task. `stop` says whether the operator asked to end.

    `launch_deadline` is when it must have started, `deadline` when it must have ended. With `keep`
    a task that runs is left to run at either.
    """

    tasks: Tasks
    cluster: str
    logs: LogFollow
    timing: Timing
    stop: Callable[[], bool]
    launch_deadline: float
    deadline: float | None
    keep: bool
    note: Callable[[str], None]
    warn: Callable[[str], None]
    _stopped_for: StoppedFor | None = None
    _stop_sent: bool = False
    _ended: bool = False
    _unanswered_since: float | None = None

    def until_stopped(self, task: Task) -> Watched:
        """The task when it has stopped, its lines shown.

        Raises what makes looking impossible, and what a second signal raises; the task is named.
        """
        try:
            return self._watch(task)
        except (EdactlError, KeyboardInterrupt, Terminated):
            look = (
                "has ended: edactl task explain"
                if self._ended
                else "may still run: edactl task show"
            )
            self.warn(f"task {task.task_id} {look} {task.task_arn}")
            raise

    def _watch(self, task: Task) -> Watched:
        clock = self.timing.clock
        pause, look_at, seen_at = _FIRST_PAUSE_SECONDS, clock(), clock()
        give_up_at: float | None = None
        while True:
            self.logs.read()
            if clock() >= look_at:
                found = self._look(task)
                if found is not None:
                    seen_at = clock()
                    if found.last_status != task.last_status:
                        self.note(f"task {found.task_id} is {found.last_status.lower()}")
                    task = found
                elif clock() - seen_at > MISSING_SECONDS:
                    return Watched(task, self._stopped_for, lost=True)
                if task.stopped:
                    self._ended = True
                    self.logs.drain(task, self.timing)
                    return Watched(task, self._stopped_for)
                pause = min(1.5 * pause, _LONGEST_PAUSE_SECONDS)
                look_at = clock() + pause * (0.5 + self.timing.random())
            if self._due(task):
                if self.keep and self._stopped_for is not StoppedFor.LAUNCH_TIMEOUT:
                    return Watched(task, self._stopped_for, left_running=True)
                pause, look_at = _FIRST_PAUSE_SECONDS, clock()
                give_up_at = clock() + STOP_SECONDS
            self._send_stop(task)
            if give_up_at is not None and clock() >= give_up_at:
                return Watched(task, self._stopped_for, left_running=True)
            self.timing.wait(max(_LEAST_PAUSE_SECONDS, self._next(look_at) - clock()))

    def _next(self, look_at: float) -> float:
        """When there is something to do again: look at the task, read its lines, or stop it."""
        due = [look_at, self.timing.clock() + _LOG_PAUSE_SECONDS]
        if self.deadline is not None and self._stopped_for is None:
            due.append(self.deadline)
        return min(due)

    def _look(self, task: Task) -> Task | None:
        """The task as it is now, or as it was while ECS does not answer; None when unknown."""
        try:
            found = self.tasks.describe(self.cluster, [task.task_arn])
        except (Throttled, FailedInside, Unreachable):
            now = self.timing.clock()
            self._unanswered_since = self._unanswered_since or now
            if now - self._unanswered_since > _PATIENCE_SECONDS:
                raise
            return task
        self._unanswered_since = None
        return found[0] if found else None

    def _due(self, task: Task) -> bool:
        """Whether it is time to stop the task, for the first time."""
        if self._stopped_for is not None:
            return False
        now = self.timing.clock()
        if self.stop():
            self._stopped_for = StoppedFor.CANCEL
        elif self.deadline is not None and now >= self.deadline:
            self._stopped_for = StoppedFor.TIMEOUT
        elif now >= self.launch_deadline and not task.ran and task.last_status != "RUNNING":
            self._stopped_for = StoppedFor.LAUNCH_TIMEOUT
        return self._stopped_for is not None

    def _send_stop(self, task: Task) -> None:
        if self._stopped_for is None or self._stop_sent:
            return
        try:
            self.tasks.stop(self.cluster, task.task_arn, f"edactl: {self._stopped_for.value}")
            self._stop_sent = True
            self.note(f"{_STOPPING[self._stopped_for]} (task {task.task_id})")
        except AwsError as error:
            self.warn(f"the task could not be stopped yet: {error.message}")
