"""What ECS's answers to a map's launches mean: tasks, another try, or the end of an item.

A request whose answer was lost or throttled is sent again with the same token: ECS starts nothing
new for it. Before an item that got no task is launched by another request, the tasks of the first
one are looked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edactl.core.task_failure import classify
from edactl.core.task_failure_rule import FailureClass, FailureRule
from edactl.core.task_map import Again
from edactl.core.task_map_journal import launched_line
from edactl.core.task_outcome import Judgement
from edactl.errors import AwsError, Unreachable
from edactl.ops.task_map_launch import Launcher, Resend, Search

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edactl.core.task import LaunchAnswer, LaunchFailure, Task
    from edactl.core.task_map import ItemRun, MapPolicy
    from edactl.ops.task_map_ports import Call, MapTiming, StateFile

TOKEN_SECONDS = 3600.0
"""How long ECS surely knows a clientToken and an ended task; unverified for tokens."""
REFUSALS_TO_HALT = 10
"""After so many launches in a row that ECS refuses for good, the rest is not tried."""
_SETTLE_SECONDS = 2.0
"""A task that was just made may not be listed yet. ECS API reference, RunTask: from two seconds."""
_OPERATION = "ecs:RunTask"
_NOTHING = "the answer holds neither a task nor a failure"


@dataclass
class LaunchAnswers:
    """Takes the answers to launches.

    `on_task` gets each item with its task, `on_end` each that ends without one, `on_left` each that
    is not tried any more. `running` says how many tasks of this run are not at their end.
    """

    launcher: Launcher
    state: StateFile
    timing: MapTiming
    policy: MapPolicy
    on_task: Callable[[ItemRun, Task], None]
    on_end: Callable[[ItemRun, Judgement], None]
    on_left: Callable[[ItemRun], None]
    running: Callable[[], int]
    warn: Callable[[str], None]
    launched: int = 0
    halted: AwsError | None = None
    _refusals: int = 0
    _told: set[str] = field(default_factory=set)

    def answered(self, call: Call, answer: LaunchAnswer | AwsError) -> None:
        """The answer to a launch, or the error instead of one."""
        self.launcher.in_flight -= 1
        if isinstance(answer, AwsError):
            self._refused(call, answer)
            return
        call.answered = True
        self._started(call, answer.tasks, [words_of(one) for one in answer.failures])
        if call.waiting:
            self._not_started(call, answer.failures)

    def found(self, call: Call, found: Sequence[Task] | AwsError) -> None:
        """The tasks that a call turned out to have started."""
        self.launcher.in_flight -= 1
        if isinstance(found, AwsError):
            self._unsearchable(call, found)
            return
        before = len(call.known)
        if found:
            self._started(call, found, [])
        some = len(call.known) > before
        if some:
            self.warn(
                f"found {len(call.known) - before} of its tasks that ECS started, though no answer"
                " said so: watched, not launched again"
            )
        if call.waiting and not call.answered:
            self._ask_again(call, some=some)
        else:
            self._go_on(call)

    # -- tasks -------------------------------------------------------------------------------------

    def _started(self, call: Call, tasks: Sequence[Task], failures: Sequence[str]) -> None:
        new = [task for task in tasks if task.task_arn not in call.known]
        call.known |= {task.task_arn for task in new}
        pairs = [(run, task) for (run, _), task in zip(call.waiting, new, strict=False)]
        for extra in new[len(pairs) :]:
            self.warn(f"ECS started one task too many: edactl task stop {extra.task_arn}")
        arns = {run.item.index: task.task_arn for run, task in pairs}
        self.state.write(launched_line(call.number, arns, failures))
        call.waiting = call.waiting[len(pairs) :]
        for run, task in pairs:
            run.launched(task, call.token, self.timing.clock())
            self.on_task(run, task)
        if pairs:
            self.launched += len(pairs)
            self._refusals = 0
            self.launcher.hold.launched()

    def _not_started(self, call: Call, failures: Sequence[LaunchFailure]) -> None:
        """For the items that got no task: look for one after a pause, then launch another, or end.

        An answer of seven tasks and three failures tells why three were not started.
        """
        ended = []
        seconds = _SETTLE_SECONDS
        reasons = [(one.reason, words_of(one)) for one in failures] or [("", _NOTHING)]
        for place, (run, _) in enumerate(call.waiting):
            reason, words = reasons[min(place, len(reasons) - 1)]
            rule = classify("failure", "", reason)
            self._hold_back(rule, run, words)
            judgement, pause = self._without_a_task(run, rule, words, call)
            seconds = max(seconds, pause)
            if judgement is not None and not rule.kind.retried:
                self.on_end(run, judgement)
            else:
                ended.append((run, judgement))
        refused = len(ended) < len(call.waiting)
        call.waiting = ended
        if ended:
            self.launcher.put(seconds, Search(call))
        if refused and not call.known:
            reason, words = reasons[0]
            self._count_refusal(AwsError(words, code=reason, operation=_OPERATION))

    def _without_a_task(
        self, run: ItemRun, rule: FailureRule, words: str, call: Call
    ) -> tuple[Judgement | None, float]:
        """The end that it comes to, if no more launches are worth it, and how long to pause."""
        said = f"{rule.says}: {words}. What to do: {rule.fix}"
        judgement = Judgement("never_started", None, said, rule)
        following = run.ended(
            judgement, call.token, self.timing.clock(), self.timing.random(), self.policy
        )
        if isinstance(following, Again):
            return None, following.seconds
        return judgement, 0.0

    def _go_on(self, call: Call) -> None:
        """No task is to be found for these: launch them by another request, or end them."""
        for run, judgement in call.waiting:
            if judgement is not None:
                self.on_end(run, judgement)
            elif self.launcher.stopping:
                self.on_left(run)
            else:
                self.launcher.put(0, run)
        call.waiting = []

    # -- no answer, or a refusal -------------------------------------------------------------------

    def _refused(self, call: Call, error: AwsError) -> None:
        code = "Unreachable" if isinstance(error, Unreachable) else error.code
        rule = classify("error", code, error.message)
        if not rule.kind.retried:
            self._refused_for_good(call, rule, error)
            return
        for run, _ in call.waiting:
            self._hold_back(rule, run, error.message)
        now = self.timing.clock()
        if self.launcher.stopping:
            self.launcher.put(0, Search(call))
        elif now < max(run.launch_deadline for run, _ in call.waiting):
            self.launcher.put(self.launcher.hold.until - now, Resend(call))
        else:
            call.answered = True  # it is not asked again; its tasks are looked for once
            call.waiting = [
                (run, self._without_a_task(run, rule, error.message, call)[0])
                for run, _ in call.waiting
            ]
            self.launcher.put(_SETTLE_SECONDS, Search(call))

    def _refused_for_good(self, call: Call, rule: FailureRule, error: AwsError) -> None:
        self.state.write(launched_line(call.number, {}, [error.message]))
        for run, _ in call.waiting:
            if self.launched == 0:
                self.on_left(run)
            else:
                judgement, _pause = self._without_a_task(run, rule, error.message, call)
                self.on_end(run, judgement or Judgement("never_started", None, error.message, rule))
        call.waiting = []
        self._count_refusal(error, most=REFUSALS_TO_HALT if self.launched else 1)

    def _count_refusal(self, error: AwsError, *, most: int = REFUSALS_TO_HALT) -> None:
        self._refusals += 1
        if self._refusals >= most and self.halted is None:
            self.halted = error
            self.launcher.stop()

    def _hold_back(self, rule: FailureRule, run: ItemRun, words: str) -> None:
        """Every launch waits when AWS has no room or throttles; the operator is told once each."""
        if not rule.kind.retried:
            return
        now = self.timing.clock()
        if now >= self.launcher.hold.until:
            self.launcher.hold.failed(rule.kind, now, self.timing.random())
        if rule.kind is FailureClass.QUOTA and self.running():
            run.begin(now, self.policy)  # its own tasks will end, and make room
        if rule.says not in self._told:
            self._told.add(rule.says)
            self.warn(f"{rule.says} ({words}): launches wait and go on. If it lasts: {rule.fix}")

    # -- a call of an earlier process, without an answer -------------------------------------------

    def _ask_again(self, call: Call, *, some: bool) -> None:
        """Send it again while ECS knows its token; later it would be another launch."""
        if self.launcher.stopping:
            self._go_on(call)
            return
        if self.timing.now() - call.asked_at < TOKEN_SECONDS:
            self.launcher.put(0, Resend(call))
            return
        call.answered = True
        for run, _ in [] if some else call.waiting:
            run.possibly_repeated = True
            self.warn(
                f"item {run.item.index} (line {run.item.line}) may have run already: it was being"
                " launched over an hour ago, and ECS forgets ended tasks after that; it is launched"
            )
        self._go_on(call)

    def _unsearchable(self, call: Call, error: AwsError) -> None:
        """Its tasks cannot be looked for now: later again, and never launched unseen."""
        rule = classify("error", error.code, error.message)
        if not self.launcher.stopping and (rule.kind.retried or isinstance(error, Unreachable)):
            now = self.timing.clock()
            self.launcher.hold.failed(rule.kind, now, self.timing.random())
            self.launcher.put(self.launcher.hold.until - now, Search(call))
            return
        self.warn(
            f"cannot look for tasks of earlier launches: {error.message}; {len(call.waiting)}"
            " of its items are left as they are"
        )
        for run, _ in call.waiting:
            self.on_left(run)
        call.waiting = []


def words_of(failure: LaunchFailure) -> str:
    """What ECS said of a launch that failed."""
    return f"{failure.reason}: {failure.detail}" if failure.detail else failure.reason
