"""The server engine: SQS itself moves the letters, and is watched until it is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from edactl.errors import AwsError, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edactl.core.move_task import MoveTask

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 10.0
_APPEAR_SECONDS = 30.0
_CANCEL_SECONDS = 60.0


class Tasks(Protocol):
    """The move tasks of SQS."""

    def start(
        self, dlq_arn: str, *, destination_arn: str | None, rate_per_second: int | None
    ) -> str:
        """Start to move; gives the handle that cancels it."""
        ...

    def recent(self, dlq_arn: str, /) -> Sequence[MoveTask]:
        """The newest tasks, the newest first."""
        ...

    def cancel(self, handle: str, dlq_arn: str, /) -> int:
        """Ask SQS to stop."""
        ...


@dataclass(frozen=True)
class TaskWatch:
    """How a task is watched: `wait` sleeps that many seconds, or less when asked to stop."""

    tasks: Tasks
    stop: Callable[[], bool]
    wait: Callable[[float], object]
    clock: Callable[[], float]
    on_progress: Callable[[MoveTask], None]

    def run(
        self, dlq_arn: str, *, destination_arn: str | None, rate_per_second: int | None
    ) -> MoveTask:
        """Have SQS move the letters; the task when it is over.

        When asked to stop, SQS is asked to cancel it, and it is watched for up to a minute more.
        Raises what starting raises.
        """
        before = {one.started_at for one in self._recent(dlq_arn)}
        handle = self.tasks.start(
            dlq_arn, destination_arn=destination_arn, rate_per_second=rate_per_second
        )
        deadline = self.clock() + _APPEAR_SECONDS
        pause_seconds, cancelled = _FIRST_PAUSE_SECONDS, False
        while True:
            task = next((o for o in self._recent(dlq_arn) if o.started_at not in before), None)
            if task is not None:
                self.on_progress(task)
                if not task.is_active:
                    return task
            if self.stop() and not cancelled:
                cancelled = True
                self._cancel(handle, dlq_arn)
                deadline = self.clock() + _CANCEL_SECONDS
            if self.clock() >= deadline and (task is None or cancelled):
                return _or_raise(task, dlq_arn)
            self.wait(pause_seconds)
            pause_seconds = min(1.5 * pause_seconds, _LONGEST_PAUSE_SECONDS)

    def _recent(self, dlq_arn: str) -> Sequence[MoveTask]:
        return self.tasks.recent(dlq_arn)

    def _cancel(self, handle: str, dlq_arn: str) -> None:
        try:
            self.tasks.cancel(handle, dlq_arn)
        except NotFound:  # it is over
            return


def _or_raise(task: MoveTask | None, dlq_arn: str) -> MoveTask:
    if task is not None:
        return task
    name = dlq_arn.rpartition(":")[2]
    raise AwsError(
        f'queue "{name}": SQS took the move task, and does not list it',
        code="TaskNotListed",
        operation="sqs:ListMessageMoveTasks",
        hint=f"edactl dlq status {name}",
    )
