"""What becomes of one item of a task map: launched, watched, tried again, and ended once. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from edactl.core.pacing import backoff_seconds
from edactl.core.task_failure_rule import FailureClass
from edactl.core.task_outcome import Judgement, StoppedFor
from edactl.core.task_result import Attempt, Ended

if TYPE_CHECKING:
    from edactl.core.task import Task
    from edactl.core.task_map_item import MapItem
    from edactl.core.task_request import TaskRequest

SPOT_LOSSES = 2
"""After so many losses on Spot an item goes on demand, when that is allowed."""
MOST_INTERRUPTIONS = 3
"""So many times a task on Spot may be interrupted without --retries."""
_BASE_SECONDS, _CAP_SECONDS = 2.0, 60.0
_MOST_DOUBLINGS = 6


@dataclass(frozen=True)
class MapPolicy:
    """How long each launch may take, how long each task may run, and what is tried again.

    `launch_seconds` is for each launch with what is tried again within it; `seconds` for each task,
    from its launch. `retries` is how often an item is run again whose task failed, timed out or was
    interrupted.
    """

    launch_seconds: float
    seconds: float | None = None
    retries: int = 0
    fallback: bool = False


@dataclass(frozen=True)
class Again:
    """The item is to be launched again after so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Over:
    """The item has ended."""

    judgement: Judgement


Next: TypeAlias = Again | Over


@dataclass
class ItemRun:
    """One item in hand, from its first launch to its end.

    `task` is the one that runs for it now, `token` that of its launch. `resumed` says that an
    earlier process launched it; `fell_back`, that the item left Spot for on-demand capacity.
    """

    item: MapItem
    request: TaskRequest
    launch_deadline: float = 0.0
    task: Task | None = None
    token: str = ""
    launched_at: float = 0.0
    seen_at: float = 0.0
    stopped_for: StoppedFor | None = None
    stop_asked_at: float | None = None
    resumed: bool = False
    possibly_repeated: bool = False
    fell_back: bool = False
    attempts: list[Attempt] = field(default_factory=list)
    retries_used: int = 0
    _losses: int = 0
    _interruptions: int = 0

    @property
    def runs(self) -> bool:
        """Whether its task was seen to run."""
        return self.task is not None and (self.task.ran or self.task.last_status == "RUNNING")

    def begin(self, now: float, policy: MapPolicy) -> None:
        """It is about to be launched, for the first time or after a task that ended."""
        self.launch_deadline = now + policy.launch_seconds

    def launched(self, task: Task, token: str, now: float) -> None:
        """ECS has started this task for it."""
        self.task, self.token = task, token
        self.launched_at = self.seen_at = now
        self.stopped_for = self.stop_asked_at = None

    def due(self, now: float, policy: MapPolicy) -> StoppedFor | None:
        """Why its task is to be stopped now, if it is."""
        if self.stopped_for is not None:
            return None
        if policy.seconds is not None and now >= self.launched_at + policy.seconds:
            return StoppedFor.TIMEOUT
        if now >= self.launch_deadline and not self.runs:
            return StoppedFor.LAUNCH_TIMEOUT
        return None

    def ended(
        self, judgement: Judgement, token: str, now: float, random: float, policy: MapPolicy
    ) -> Next:
        """What follows the end of an attempt: of its task, or of a launch that gave none."""
        self._note(judgement, token)
        if not self._worth_another(judgement, now, policy):
            return Over(judgement)
        self._choose_capacity(judgement, policy)
        self.task = None
        doublings = min(len(self.attempts), _MOST_DOUBLINGS)
        return Again(backoff_seconds(doublings, random, base=_BASE_SECONDS, cap=_CAP_SECONDS))

    def _note(self, judgement: Judgement, token: str) -> None:
        number = len(self.attempts) + 1
        self.attempts.append(Attempt.of(number, self.request, Ended(self.task, judgement, token)))

    def _worth_another(self, judgement: Judgement, now: float, policy: MapPolicy) -> bool:
        kind = judgement.failure.kind if judgement.failure else None
        match judgement.outcome:
            case "never_started":
                return kind is not None and kind.retried and now < self.launch_deadline
            case "interrupted" if kind is FailureClass.INTERRUPTED:
                self._interruptions += 1
                free = self.request.on_spot and self._interruptions < MOST_INTERRUPTIONS
                again = free or self._one_more(policy)
            case "failed":
                again = (kind is None or kind.retried) and self._one_more(policy)
            case "timed_out":
                again = self._one_more(policy)
            case _:
                return False
        if again:
            self.begin(now, policy)
        return again

    def _one_more(self, policy: MapPolicy) -> bool:
        if self.retries_used >= policy.retries:
            return False
        self.retries_used += 1
        return True

    def _choose_capacity(self, judgement: Judgement, policy: MapPolicy) -> None:
        kind = judgement.failure.kind if judgement.failure else None
        if kind in {FailureClass.CAPACITY, FailureClass.INTERRUPTED} and self.request.on_spot:
            self._losses += 1
            if policy.fallback and self._losses >= SPOT_LOSSES:
                self.fall_back()

    def fall_back(self) -> None:
        """Leave Spot."""
        self.request, self.fell_back = self.request.on_demand(), True
