"""Run one task to its true end: launch it, watch it, and try again what is worth it.

One clientToken an attempt: an attempt whose answer was lost or throttled is asked again with the
same token, and ECS starts one task for it. Before another attempt the tasks of this run are looked
for, since the answer that failed may be wrong; one that is found is watched instead.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from edactl.core.pacing import backoff_seconds
from edactl.core.task import LaunchFailure
from edactl.core.task_failure import classify
from edactl.core.task_failure_rule import FailureClass, FailureRule
from edactl.core.task_outcome import Judgement, Outcome, StoppedFor, judge, with_essentials
from edactl.core.task_request import RUN_TAG, client_token
from edactl.core.task_result import Attempt, Ended
from edactl.errors import AwsError, Unreachable
from edactl.ops.task_watch import Tasks, TaskWatch, Watched

if TYPE_CHECKING:
    from collections.abc import Callable

    from edactl.core.task import Task, TaskDefinition
    from edactl.core.task_request import TaskRequest
    from edactl.ops.task_log_follow import LogFollow, Timing

SPOT_LOSSES = 2
"""After so many failures of Spot the next attempt is on demand, when that is allowed."""
MOST_INTERRUPTIONS = 3
_OUTCOMES: dict[StoppedFor, Outcome] = {
    StoppedFor.CANCEL: "cancelled",
    StoppedFor.TIMEOUT: "timed_out",
    StoppedFor.LAUNCH_TIMEOUT: "never_started",
}
_BASE_SECONDS = 2.0
_CAP_SECONDS = {FailureClass.QUOTA: 60.0}
_USUAL_CAP_SECONDS = 20.0
_LEAST_PAUSE_SECONDS = 0.5


class Launches(Tasks, Protocol):
    """Starts tasks, and looks for those that were started."""

    def run(self, request: TaskRequest, token: str, /) -> Task | LaunchFailure:
        """One task, or why there is none."""
        ...

    def started_by(self, cluster: str, started_by: str, /) -> list[Task]:
        """The tasks that somebody of this name started."""
        ...


@dataclass(frozen=True)
class RunLimits:
    """How long a run may take, in seconds, and how it may end.

    `launch_seconds` is for each launch, with its retries; it begins anew when a task that ran was
    interrupted. `fallback` lets Spot's failures be followed by on-demand capacity.
    """

    launch_seconds: float
    seconds: float | None = None
    fallback: bool = False
    keep: bool = False
    detach: bool = False


@dataclass
class TaskRun:
    """One run. `resumed` says that an earlier process may have begun it: look before launching."""

    tasks: Launches
    definition: TaskDefinition
    job: str
    limits: RunLimits
    timing: Timing
    stop: Callable[[], bool]
    follow: Callable[[Task], LogFollow]
    note: Callable[[str], None]
    warn: Callable[[str], None]
    resumed: bool = False
    attempts: list[Attempt] = field(default_factory=list)
    _token_number: int = 1
    _losses: int = 0
    _interruptions: int = 0
    _launch_deadline: float = 0.0
    _deadline: float | None = None
    _known: set[str] = field(default_factory=set)

    def run(self, request: TaskRequest) -> Ended:
        """How it ended, after every attempt. Raises what makes looking at a task impossible."""
        started = self.timing.clock()
        self._launch_deadline = started + self.limits.launch_seconds
        if self.limits.seconds is not None:
            self._deadline = started + self.limits.seconds
        ended = self._attempts_of(request)
        if ended.task is None:
            self._tell_of_a_ghost(request)
        return ended

    def _attempts_of(self, request: TaskRequest) -> Ended:
        while True:
            ended = self._attempt(request)
            self.attempts.append(Attempt.of(len(self.attempts) + 1, request, ended))
            rule = ended.judgement.failure if ended.judgement else None
            if rule is None or not self._worth_another(rule, request, ended):
                return ended
            following = self._next_request(rule, request)
            self._pause(rule, following, instead=following is not request)
            request = following
            if early := self._called_off(ended):
                return early

    # -- one attempt -----------------------------------------------------------------------------

    def _attempt(self, request: TaskRequest) -> Ended:
        token = client_token(self.job, self._token_number)
        launched = self._launched(request, token)
        if isinstance(launched, Ended):
            return launched
        self._token_number += 1
        self._known.add(launched.task_arn)
        self.note(f"task {launched.task_id} is {launched.last_status.lower()}")
        if self.limits.detach:
            return Ended(launched, None, token)
        container = request.overrides.container
        watched = self._watch(request, launched)
        return Ended(*self._judged(watched, container), token)

    def _launched(self, request: TaskRequest, token: str) -> Task | Ended:
        made = self._already_made(request)
        if made is not None:
            self.note(f"found task {made.task_id}, which an earlier attempt of this run started")
            return made
        try:
            answer = self.tasks.run(request, token)
        except AwsError as error:
            code = "Unreachable" if isinstance(error, Unreachable) else error.code
            rule = classify("error", code, error.message)
            return self._not_launched(rule, error.message, token)
        if isinstance(answer, LaunchFailure):
            self._token_number += 1  # a definite no: the next attempt is another one
            words = f"{answer.reason}: {answer.detail}" if answer.detail else answer.reason
            return self._not_launched(classify("failure", "", answer.reason), words, token)
        return answer

    def _not_launched(self, rule: FailureRule, words: str, token: str) -> Ended:
        said = f"{rule.says}: {words.rstrip('.')}. What to do: {rule.fix}"
        return Ended(None, Judgement("never_started", None, said, rule), token)

    def _already_made(self, request: TaskRequest) -> Task | None:
        """The newest task of this run that is not known yet, one that still runs first."""
        if not self.attempts and not self.resumed:
            return None
        try:
            found = self.tasks.started_by(request.cluster, request.started_by)
        except AwsError as error:
            self.warn(f"cannot look for tasks of earlier attempts: {error.message}")
            return None
        tag = request.tags.get(RUN_TAG)
        mine = [
            one
            for one in found
            if one.task_arn not in self._known
            and (tag is None or (one.tags or {}).get(RUN_TAG) == tag)
        ]
        mine.sort(key=lambda one: (not one.stopped, str(one.created_at)))
        return mine[-1] if mine else None

    def _tell_of_a_ghost(self, request: TaskRequest) -> None:
        """A warning, when a task runs though the answers that would have told of it failed."""
        failure = self.attempts[-1].failure_class
        if failure is None or not FailureClass(failure).retried:
            return
        made = self._already_made(request)
        if made is not None and not made.stopped:
            self.warn(f"ECS did start task {made.task_id}: edactl task stop {made.task_arn}")

    def _watch(self, request: TaskRequest, task: Task) -> Watched:
        return TaskWatch(
            self.tasks,
            request.cluster,
            self.follow(task),
            self.timing,
            self.stop,
            self._launch_deadline,
            self._deadline,
            self.limits.keep,
            self.note,
            self.warn,
        ).until_stopped(task)

    def _judged(self, watched: Watched, container: str) -> tuple[Task, Judgement | None]:
        task = with_essentials(watched.task, self.definition)
        if watched.lost:
            rule = classify("stop", "", "")
            words = "ECS took the task, and does not know it after a minute"
            return task, Judgement("never_started", None, words, rule)
        if not watched.left_running:
            return task, judge(task, container, watched.stopped_for)
        if self.limits.keep and watched.stopped_for is StoppedFor.CANCEL:
            return task, None
        outcome = _OUTCOMES[watched.stopped_for or StoppedFor.CANCEL]
        asked = "left to run" if self.limits.keep else "asked to stop"
        words = f"it was {asked}; it is still {task.last_status}: edactl task show {task.task_arn}"
        return task, Judgement(outcome, None, words)

    # -- and the next ------------------------------------------------------------------------------

    def _worth_another(self, rule: FailureRule, request: TaskRequest, ended: Ended) -> bool:
        """Whether the kind of failure, the capacity and the time left allow another attempt."""
        if not rule.kind.retried or self.stop():
            return False
        if rule.kind is FailureClass.INTERRUPTED and ended.task and ended.task.ran:
            self._interruptions += 1
            if not request.on_spot or self._interruptions >= MOST_INTERRUPTIONS:
                return False
            self._launch_deadline = self.timing.clock() + self.limits.launch_seconds
        return self.timing.clock() < self._launch_deadline

    def _next_request(self, rule: FailureRule, request: TaskRequest) -> TaskRequest:
        if rule.kind in {FailureClass.CAPACITY, FailureClass.INTERRUPTED} and request.on_spot:
            self._losses += 1
            if self.limits.fallback and self._losses >= SPOT_LOSSES:
                return request.on_demand()
        return request

    def _pause(self, rule: FailureRule, request: TaskRequest, *, instead: bool) -> None:
        cap = _CAP_SECONDS.get(rule.kind, _USUAL_CAP_SECONDS)
        number = len(self.attempts)
        seconds = backoff_seconds(number, self.timing.random(), base=_BASE_SECONDS, cap=cap)
        seconds = max(_LEAST_PAUSE_SECONDS, seconds)
        self.note(
            f"{rule.says} ({rule.kind.value}): attempt {number + 1}, on"
            f" {request.provider or 'the same capacity'}{' instead of Spot' if instead else ''},"
            f" in {seconds:.0f} s"
        )
        self.timing.wait(seconds)

    def _called_off(self, ended: Ended) -> Ended | None:
        """The end, when it came while waiting for the next attempt."""
        if self.stop():
            words = "stopped on your request, before another attempt"
            return Ended(ended.task, Judgement("cancelled", None, words), ended.token)
        if self._deadline is not None and self.timing.clock() >= self._deadline:
            words = f"--timeout passed before another attempt; the last: {ended.explanation}"
            return Ended(ended.task, Judgement("timed_out", None, words), ended.token)
        if self.timing.clock() >= self._launch_deadline:
            return ended
        return None
