"""Follow the messages of a queue itself: looking at each one, or taking each one.

Both change what consumers see, so nobody gets them without asking: `lease` raises receive counts,
`consume` deletes. A mirror of what feeds the queue (`edactl.ops.queue_mirror`) changes nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from edactl.ops.queue_peek import Leases, Look, peek

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from edactl.core.message import BatchFailure, Message, Received
    from edactl.core.queue import Queue, RedrivePolicy

SWEEP = 1000
"""Messages held at once, far below the 120,000 in flight that SQS allows."""
SHORTEST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 20.0
CONSUME_LEASE_SECONDS = 60
_REMEMBERED = 100_000
_CONSUME_WAIT_SECONDS = 1
_BATCH = 10


class Takes(Leases, Protocol):
    """Receives messages, gives them back, and deletes them."""

    def delete_messages(self, queue: Queue, handles: Sequence[str], /) -> list[BatchFailure]:
        """Delete messages; gives those that were not."""
        ...


@dataclass(frozen=True)
class Follow:
    """How to follow: `wait` sleeps that many seconds, or less when asked to stop."""

    stop: Callable[[], bool]
    wait: Callable[[float], object]
    clock: Callable[[], float]
    redrive_policy: RedrivePolicy | None = None


class Seen:
    """Ids of messages seen, the newest of them: memory stays bounded."""

    def __init__(self, capacity: int = _REMEMBERED) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()
        self._capacity = capacity

    def first_time(self, message_id: str) -> bool:
        """Whether this id is new; remembers it."""
        new = message_id not in self._ids
        self._ids[message_id] = None
        self._ids.move_to_end(message_id)
        if len(self._ids) > self._capacity:
            self._ids.popitem(last=False)
        return new


def follow_under_lease(queue: Queue, leases: Leases, follow: Follow) -> Iterator[Message]:
    """Each message of the queue once, given back before it is shown.

    Sweeps the queue, then pauses: 1 s while new messages come, up to 20 s while none do, since each
    sweep raises the receive count of all that waits. Raises GuardError when the redrive policy has
    hardly a receive left, after showing what was seen.
    """
    seen = Seen()
    pause_seconds = SHORTEST_PAUSE_SECONDS
    while not follow.stop():
        look = Look(SWEEP, 0, follow.redrive_policy, follow.clock, follow.stop)
        peeked = peek(queue, leases, look)
        fresh = [one for one in peeked.messages if seen.first_time(one.message_id)]
        yield from fresh
        if peeked.guard is not None:
            raise peeked.guard
        pause_seconds = (
            SHORTEST_PAUSE_SECONDS if fresh else min(LONGEST_PAUSE_SECONDS, 2 * pause_seconds)
        )
        follow.wait(pause_seconds)


@dataclass
class Consumed:
    """How many messages were deleted after they were shown, and how many could not be."""

    deleted: int = 0
    not_deleted: int = 0


def consume(
    queue: Queue, takes: Takes, follow: Follow, *, limit: int | None, counts: Consumed
) -> Iterator[Message]:
    """Each message, deleted once the caller has come back for the next one.

    A message whose showing fails is not deleted: it is given back with the rest of its batch. Ends
    by itself at `limit`; a caller that leaves earlier is taken to have failed.
    """
    left = limit
    while not follow.stop() and (left is None or left > 0):
        batch = takes.receive(
            queue,
            count=_BATCH if left is None else min(_BATCH, left),
            wait_seconds=_CONSUME_WAIT_SECONDS,
            visibility_seconds=CONSUME_LEASE_SECONDS,
        )
        yield from _shown_then_deleted(queue, takes, follow, batch, counts)
        left = None if left is None else left - len(batch)


def _shown_then_deleted(
    queue: Queue, takes: Takes, follow: Follow, batch: Sequence[Received], counts: Consumed
) -> Iterator[Message]:
    shown: list[str] = []
    try:
        for one in batch:
            if follow.stop():
                break
            yield one.message
            shown.append(one.receipt_handle)
    finally:
        if shown:
            failed = len(takes.delete_messages(queue, shown))
            counts.deleted += len(shown) - failed
            counts.not_deleted += failed
        if rest := [one.receipt_handle for one in batch[len(shown) :]]:
            takes.release(queue, rest)
