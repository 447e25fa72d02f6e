"""The doors of a run, each opened on first use, and the opener of queues."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from edactl.core.arn import QueueReference, parse_queue
from edactl.core.redrive_delivery import Refused
from edactl.core.redrive_route import Carried, Skip
from edactl.errors import AccessDenied, EdactlError, UsageError
from edactl.ops.redrive_origins import ChangingDoor
from edactl.ops.redrive_patience import ClosingDoor
from edactl.ops.redrive_sqs import SqsDoor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from edactl.core.letter import Letter
    from edactl.core.queue import Queue, QueueAttributes
    from edactl.core.redrive_plan import Chooser
    from edactl.core.redrive_route import Decision, Route
    from edactl.ops.redrive_patience import Patience
    from edactl.ops.redrive_ports import Door, Doors
    from edactl.ops.redrive_sqs import Sender


class DoorCache:
    """Opens each route's door once, by the opener of its kind; remembers refusals too.

    With patience, a door that nothing goes through does not stop the run.
    """

    def __init__(
        self,
        openers: Mapping[str, Callable[[Route], Door]],
        patience: Patience | None = None,
    ) -> None:
        self._openers, self._patience = openers, patience
        self._doors: dict[Route, Door | EdactlError] = {}
        self._lock = threading.Lock()

    def open(self, route: Route) -> Door:
        """The door of this route. Raises EdactlError when there is nothing behind it."""
        with self._lock:
            if route not in self._doors:
                self._doors[route] = self._opened(route)
            door = self._doors[route]
        if isinstance(door, EdactlError):
            raise door
        return door

    @property
    def in_vain(self) -> EdactlError | None:
        """Why nothing arrived anywhere, where that is for closed doors."""
        return self._patience.in_vain if self._patience else None

    @property
    def queues(self) -> list[Queue]:
        """The queues that letters have gone to so far."""
        with self._lock:
            doors = list(self._doors.values())
        return [queue for door in doors if (queue := _queue_of(door)) is not None]

    def _opened(self, route: Route) -> Door | EdactlError:
        opener = self._openers.get(route.door)
        if opener is None:
            return UsageError(f'this edactl has no door of the kind "{route.door}"')
        try:
            door = opener(route)
        except AccessDenied as error:
            return self._patience.closed(error) if self._patience else error
        except EdactlError as error:
            return error
        return self._patience.door(door) if self._patience else door


@dataclass(frozen=True)
class OpeningChooser:
    """A chooser for a look: leaves letters whose door does not open to them, and says why."""

    chooser: Chooser
    doors: Doors

    def decide(self, letter: Letter) -> Decision:
        """Where the letter goes and as what, or why it stays."""
        decision = self.chooser.decide(letter)
        if isinstance(decision, Carried):
            try:
                reason = _refusal(self.doors.open(decision.route), decision)
            except EdactlError as error:
                reason = error.message
            return Skip(reason) if reason else decision
        return decision


def _refusal(door: Door, letter: Carried) -> str | None:
    """Why the letter would not even be sent: its door is closed, or what it comes to is nothing."""
    match door:
        case ClosingDoor(inner=None, error=EdactlError() as error):
            return error.message
        case ClosingDoor(inner=inner) if inner is not None:
            return _refusal(inner, letter)
        case ChangingDoor():
            changed = door.change(letter)
            return (
                changed.message if isinstance(changed, Refused) else _refusal(door.inner, changed)
            )
        case SqsDoor() if door.is_too_large(letter):
            return f"larger than the {door.maximum_bytes} bytes that {door.queue.name} takes"
    return None


def _queue_of(door: Door | EdactlError | None) -> Queue | None:
    match door:
        case SqsDoor():
            return door.queue
        case ChangingDoor() | ClosingDoor():
            return _queue_of(door.inner)
    return None


class Finder(Protocol):
    """Finds queues."""

    def find(self, reference: QueueReference, /) -> Queue:
        """The queue that was meant."""
        ...

    def attributes(self, queue: Queue, /) -> QueueAttributes:
        """What SQS says of the queue, now."""
        ...


@dataclass(frozen=True)
class QueueOpener:
    """Makes doors to queues, as large as each queue takes.

    Letters of a queue go to queues of its type only, as SQS has it for redrives; those of other
    origins have no such `source`.
    """

    source: Queue | None
    finder: Finder
    sender: Sender
    run_id: str

    def __call__(self, route: Route) -> Door:
        """The door to a queue. Raises EdactlError when it is not there, or of the other type."""
        queue = self.finder.find(parse_queue(route.destination))
        if self.source is not None:
            refuse_other_type(self.source, queue)
        limit = self.finder.attributes(queue).maximum_message_size_bytes
        return SqsDoor(queue, limit, self.run_id, self.sender)


def refuse_other_type(source: Queue, destination: Queue) -> None:
    """Raises UsageError when one of the queues is FIFO and the other is not."""
    if source.is_fifo is destination.is_fifo:
        return
    kinds = ("FIFO", "standard") if source.is_fifo else ("standard", "FIFO")
    raise UsageError(
        f'queue "{source.name}" is {kinds[0]}, and queue "{destination.name}" is {kinds[1]}:'
        " letters go only between queues of one type",
        hint=f"name a queue of its type, or edactl dlq export {source.name} and edactl queue send",
    )
