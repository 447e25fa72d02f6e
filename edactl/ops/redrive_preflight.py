"""What is looked at before a letter is touched. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from edactl.core.letter import Origin
from edactl.core.letter_origins import classify
from edactl.errors import AccessDenied, AwsError, GuardError, UsageError
from edactl.ops.redrive_doors import refuse_other_type

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edactl.core.letter import Letter
    from edactl.core.message import Message
    from edactl.core.move_task import MoveTask
    from edactl.core.queue import Queue, QueueAttributes


class TaskReader(Protocol):
    """Knows the move tasks of a DLQ."""

    def recent(self, dlq_arn: str, /) -> Sequence[MoveTask]:
        """The newest tasks."""
        ...


@dataclass(frozen=True)
class Preflight:
    """The queue that letters are taken from, and the one they all go to, if there is one.

    `hidden_by` says, in words, who hides letters of it, where that is known.
    """

    source: Queue
    attributes: QueueAttributes
    destination: Queue | None
    hidden_by: str = ""

    def check_destination(self) -> None:
        """Raises UsageError when letters cannot go there."""
        if self.destination is None:
            return
        if self.destination.arn == self.source.arn:
            raise UsageError(
                f'queue "{self.source.name}" is where the letters are; they cannot go there',
                hint="name another queue to send to",
            )
        refuse_other_type(self.source, self.destination)

    def check_tasks(self, tasks: TaskReader) -> list[str]:
        """Warnings. Raises GuardError while SQS itself moves letters out of this queue."""
        try:
            running = [one for one in tasks.recent(self.source.arn) if one.is_active]
        except AccessDenied as error:
            return [f"whether a move task runs is not known: {error.message}"]
        except AwsError:  # an endpoint without move tasks, or a queue that is no DLQ of SQS
            return []
        if running:
            raise GuardError(
                f'a move task of SQS is moving letters out of "{self.source.name}":'
                f" {running[0].moved} moved so far",
                hint=f"edactl dlq status {self.source.name} shows how far it is;"
                f" edactl dlq cancel {self.source.name} ends it",
            )
        return []

    def warnings(self) -> list[str]:
        """What the operator should know before letters are taken."""
        name, found = self.source.name, self.attributes
        warnings = []
        if found.in_flight:
            who = self.hidden_by or f"somebody else reads {name}"
            warnings.append(f"{who}: {found.in_flight} in flight, which are not taken")
        if found.redrive_policy is not None:
            policy = found.redrive_policy
            warnings.append(
                f"{name} has a DLQ of its own: what is received more than"
                f" {_times(policy.max_receive_count)} goes to {policy.dead_letter_queue_name}"
            )
        return warnings


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def refuse_nobodys(
    queue: Queue, sample: Sequence[Message], locate: Callable[[Letter], Letter]
) -> None:
    """Raises UsageError when a queue that no queue names as its DLQ holds no dead letter either.

    That is: no letter of the sample tells where it came from, and no subscription names the queue.
    """
    if sample and all(locate(classify(one)).origin is Origin.UNKNOWN for one in sample):
        raise nobodys(queue)


def nobodys(queue: Queue) -> UsageError:
    """The error that says that nothing tells that this queue is a DLQ."""
    return UsageError(
        f'queue "{queue.name}" is nobody\'s DLQ: no queue names it in its redrive policy, and'
        " its messages do not tell where they came from",
        hint="--to QUEUE says where they go; edactl dlq list shows the DLQs",
    )
