"""Following a queue: what to ask it for, which messages are new, and taking them one by one."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from edactl.core.message import BatchFailure, Message, Received
    from edactl.core.queue import Queue, RedrivePolicy

CONSUME_LEASE_SECONDS = 60
_REMEMBERED = 100_000
_CONSUME_WAIT_SECONDS = 1
_BATCH = 10


class Leases(Protocol):
    """Receives messages, and gives them back."""

    def receive(
        self, queue: Queue, *, count: int, wait_seconds: int, visibility_seconds: int
    ) -> list[Received]:
        """Up to `count` messages, hidden from others."""
        ...

    def release(self, queue: Queue, handles: Sequence[str], /) -> list[BatchFailure]:
        """Give messages back; gives those that were not."""
        ...


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
