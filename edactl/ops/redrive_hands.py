"""Letters in hand: their newest receipt handles, leases that are extended, and giving back."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.errors import EdactlError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from edactl.core.message import Received
    from edactl.core.queue import Queue
    from edactl.ops.redrive_ports import Keeper

MOST_HELD = 5000
"""Most letters that are kept out of sight until the end; SQS takes about 120,000 in flight."""
_LONGEST_SECONDS = 11.5 * 3600
"""SQS hides a message for at most 12 hours; API reference, ChangeMessageVisibility."""


@dataclass
class _Lease:
    handle: str
    received_at: float
    ends_at: float


class InHand:
    """The letters that this run hides from others, by id. Safe for threads."""

    def __init__(
        self, queue: Queue, keeper: Keeper, lease_seconds: int, clock: Callable[[], float]
    ) -> None:
        self.lease_seconds = lease_seconds
        self.lapsed = 0
        self._queue, self._keeper, self._clock = queue, keeper, clock
        self._leases: dict[str, _Lease] = {}
        self._held: dict[str, None] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many letters are in hand."""
        return len(self._leases)

    def take(self, received: Iterable[Received], asked_at: float) -> None:
        """Letters that were just received, by a call that began at `asked_at`."""
        ends_at = asked_at + self.lease_seconds
        with self._lock:
            for one in received:
                lease = _Lease(one.receipt_handle, asked_at, ends_at)
                self._leases[one.message.message_id] = lease

    def hold(self, ids: Iterable[str]) -> None:
        """Keep these out of sight until the end. Of too many the oldest are let go.

        They come back by themselves when their lease ends.
        """
        with self._lock:
            self._held.update((one, None) for one in ids if one in self._leases)
            while len(self._held) > MOST_HELD:
                oldest = next(iter(self._held))
                del self._held[oldest]
                self._leases.pop(oldest, None)
                self.lapsed += 1

    def drop(self, ids: Iterable[str]) -> None:
        """These are no longer in hand."""
        with self._lock:
            for one in ids:
                self._leases.pop(one, None)
                self._held.pop(one, None)

    def handles(self, ids: Iterable[str]) -> list[tuple[str, str]]:
        """The newest handle of each of these letters that is in hand, with its id."""
        with self._lock:
            return [(one, self._leases[one].handle) for one in ids if one in self._leases]

    def safe(self, message_id: str) -> bool:
        """Whether the lease lasts long enough to send and delete the letter."""
        margin = min(15.0, self.lease_seconds / 4)
        with self._lock:
            lease = self._leases.get(message_id)
            return lease is not None and lease.ends_at - self._clock() > margin

    def extend(self) -> None:
        """Extend what ends within two thirds of a lease. What cannot be extended will lapse."""
        for part in _parts(self._due()):
            asked_at = self._clock()
            try:
                failures = self._keeper.extend(
                    self._queue,
                    [handle for _, handle in part],
                    visibility_seconds=self.lease_seconds,
                )
            except EdactlError:  # tried again by the next beat, before the lease ends
                continue
            failed = {one.index for one in failures}
            self._extended([one for at, one in enumerate(part) if at not in failed], asked_at)

    def _due(self) -> list[tuple[str, str]]:
        now = self._clock()
        soon = now + self.lease_seconds * 2 / 3
        with self._lock:
            return [
                (message_id, lease.handle)
                for message_id, lease in self._leases.items()
                if lease.ends_at <= soon and now - lease.received_at < _LONGEST_SECONDS
            ]

    def _extended(self, part: Sequence[tuple[str, str]], asked_at: float) -> None:
        with self._lock:
            for message_id, handle in part:
                lease = self._leases.get(message_id)
                if lease is not None and lease.handle == handle:
                    lease.ends_at = asked_at + self.lease_seconds

    def release_all(self) -> int:
        """Give everything back at once; how many letters come back only when their lease ends."""
        with self._lock:
            handles = [lease.handle for lease in self._leases.values()]
            self._leases.clear()
            self._held.clear()
        late = 0
        for start in range(0, len(handles), 10):
            part = handles[start : start + 10]
            try:
                late += len(self._keeper.release(self._queue, part))
            except EdactlError:
                late += len(part)
        return late


def _parts(items: Sequence[tuple[str, str]]) -> Iterable[Sequence[tuple[str, str]]]:
    return (items[start : start + 10] for start in range(0, len(items), 10))
