"""Leases of very many messages: only ids and receipt handles are kept, and extended in time."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edactl.core.message import Received


class HeldLeases:
    """What is in hand: of each message the newest receipt handle, and when it needs to be extended.

    `lease_seconds` is how long SQS hides a message; a lease is due at half of it.
    """

    def __init__(self, lease_seconds: float) -> None:
        self._due_after_seconds = lease_seconds / 2
        self._handles: dict[str, str] = {}
        self._taken: deque[tuple[float, tuple[str, ...]]] = deque()

    def __len__(self) -> int:
        """How many messages are in hand."""
        return len(self._handles)

    @property
    def handles(self) -> list[str]:
        """The receipt handle of every message."""
        return list(self._handles.values())

    def take(self, received: Sequence[Received], now: float) -> list[Received]:
        """Those not seen before, in their order; of the others the newer handle counts."""
        fresh = [one for one in received if one.message.message_id not in self._handles]
        self._handles.update((one.message.message_id, one.receipt_handle) for one in received)
        if received:
            self._taken.append((now, tuple(one.message.message_id for one in received)))
        return fresh

    def due(self, now: float) -> list[str]:
        """The handles to extend now; they are taken to be extended."""
        ids: list[str] = []
        while self._taken and now - self._taken[0][0] >= self._due_after_seconds:
            ids += self._taken.popleft()[1]
        if ids:
            self._taken.append((now, tuple(ids)))
        return [self._handles[one] for one in ids]
