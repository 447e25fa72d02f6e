"""What the redrive engine works with: the queue it takes from, doors, a journal, a pace."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edactl.core.message import BatchFailure, Received
    from edactl.core.queue import Queue, QueueAttributes
    from edactl.core.redrive_delivery import Delivery
    from edactl.core.redrive_route import Carried, Route

LEASE_SECONDS = 120
"""How long a letter is hidden when it is received; extended every third of it while in hand."""


class Receiver(Protocol):
    """Receives, each call tried once: a lost answer has hidden its messages for a lease."""

    def receive(
        self, queue: Queue, *, count: int, wait_seconds: int, visibility_seconds: int
    ) -> list[Received]:
        """Up to `count` messages, hidden from others."""
        ...


class Keeper(Protocol):
    """Extends, ends and settles leases; each call may be repeated, and is."""

    def extend(
        self, queue: Queue, handles: Sequence[str], /, *, visibility_seconds: int
    ) -> list[BatchFailure]:
        """Hide messages from now on; gives those that were not."""
        ...

    def release(self, queue: Queue, handles: Sequence[str], /) -> list[BatchFailure]:
        """Give messages back; gives those that were not."""
        ...

    def delete_messages(self, queue: Queue, handles: Sequence[str], /) -> list[BatchFailure]:
        """Delete messages; gives those that were not."""
        ...

    def attributes(self, queue: Queue, /) -> QueueAttributes:
        """What SQS says of the queue, now."""
        ...


class Door(Protocol):
    """A way out to one destination."""

    @property
    def deduplicates(self) -> bool:
        """Whether it drops a letter that it has got within the last minutes."""
        ...

    def deliver(self, letters: Sequence[Carried], /) -> list[Delivery]:
        """What became of each letter, in their order; raises nothing that AWS can cause."""
        ...


class Doors(Protocol):
    """Knows the door of a route."""

    def open(self, route: Route, /) -> Door:
        """The door, made on first use. Raises EdactlError when there is nothing behind it."""
        ...


class JournalWriter(Protocol):
    """Takes lines. Raises EdactlError when the disk does not."""

    def write(self, lines: str, /) -> None:
        """Add whole lines; they outlive the process."""
        ...

    def save(self, lines: str, /) -> None:
        """Add whole lines, and return when they are on disk."""
        ...


class Pacer(Protocol):
    """Says when letters may go."""

    def wait(self, count: int, /) -> bool:
        """Return when `count` more may be sent; False when the run is to stop instead."""
        ...


class NoPace:
    """As fast as it goes."""

    def wait(self, _count: int) -> bool:
        """At once."""
        return True


class NoJournal:
    """For runs that move nothing, or keep what they move elsewhere."""

    def write(self, _lines: str) -> None:
        """Nothing."""

    def save(self, _lines: str) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Timing:
    """Clocks, randomness, and stops: after `stop` no more is taken, after `abort` no more is sent.

    `now` is in seconds since 1970; `clock` is monotonic. `wait` sleeps, ends early on a stop, and
    is True then.
    """

    now: Callable[[], float]
    clock: Callable[[], float]
    random: Callable[[], float]
    wait: Callable[[float], bool]
    stop: Callable[[], bool]
    abort: Event = field(default_factory=Event)
