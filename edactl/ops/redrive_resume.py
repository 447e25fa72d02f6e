"""What a journal leaves to do: the ledger as it was, letters to delete, and leases to end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edactl.core.journal import End, Entry, Ids, Planned, SentIds, Skipped
from edactl.core.redrive import Ledger, Step
from edactl.errors import EdactlError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from edactl.core.queue import Queue
    from edactl.ops.redrive_books import Books
    from edactl.ops.redrive_ports import Keeper

_BATCH = 10
_BROKEN_OFF = "the run ended while it was being sent"


@dataclass
class Resumed:
    """A journal, read to its end.

    Letters that were skipped or failed are looked at again: they are still in the queue. Those that
    were planned and of which nothing more is known may have been sent; `lost_at` has them, with
    when. `handles` are the receipt handles that the run had of what is still in the queue.
    """

    ledger: Ledger = field(default_factory=Ledger)
    lost_at: dict[str, float] = field(default_factory=dict)
    handles: dict[str, str] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    ended: bool = False
    size_bytes: int = 0

    @property
    def is_done(self) -> bool:
        """Whether its run came to its end, and left nothing failed or half done."""
        left = self.lost_at or self.ledger.undeleted or self.failed
        return self.ended and not left

    @property
    def used(self) -> int:
        """How many letters it sent; those in doubt are still to be sent."""
        counts = self.ledger.counts
        return counts.sent + counts.ambiguous - len(self.ledger.unresolved)


def read_back(entries: Iterable[tuple[Entry, int]], where: str) -> Resumed:
    """What the entries of a journal leave to do. Raises InputError when they contradict."""
    resumed = Resumed()
    for number, (entry, size) in enumerate(entries, 2):
        resumed.size_bytes += size
        resumed.ended = isinstance(entry, End)
        try:
            _take(resumed, entry)
        except ValueError as error:
            raise InputError(
                f"the journal contradicts itself: {error}", where=f"{where}:{number}"
            ) from None
    for one in resumed.ledger.undecided:
        resumed.ledger.unknown(one, _BROKEN_OFF)
    resumed.lost_at = {
        one: at for one, at in resumed.lost_at.items() if resumed.ledger.step(one) is Step.AMBIGUOUS
    }
    return resumed


def _take(resumed: Resumed, entry: Entry) -> None:
    ledger = resumed.ledger
    match entry:
        case Planned():
            message_id = entry.message.message_id
            if ledger.step(message_id) is Step.PLANNED:  # a run between then and now was killed
                ledger.unknown(message_id, _BROKEN_OFF)
            ledger.receive(message_id)
            ledger.plan(message_id)
            resumed.handles[message_id] = entry.receipt_handle
            resumed.lost_at.setdefault(message_id, entry.planned_at)
        case SentIds(ids, once):
            for message_id, new_id in ids.items():
                ledger.sent(message_id, new_id, once=once)
                resumed.lost_at.pop(message_id, None)
                resumed.failed.discard(message_id)
        case Skipped(handles):
            resumed.handles.update(handles)
            for message_id in handles:
                if ledger.step(message_id) is Step.PLANNED:
                    _came_to(resumed, "returned", message_id)
        case Ids(what, ids):
            for message_id in ids:
                _came_to(resumed, what, message_id)


def _came_to(resumed: Resumed, what: str, message_id: str) -> None:
    ledger = resumed.ledger
    match what:
        case "deleted":
            ledger.deleted(message_id)
            resumed.handles.pop(message_id, None)
        case "ambiguous":
            ledger.unknown(message_id, "an answer was lost")
        case "failed" | "returned":
            if what == "failed":
                resumed.failed.add(message_id)
            ledger.give_back(message_id)
            if ledger.step(message_id) is not Step.AMBIGUOUS:
                resumed.lost_at.pop(message_id, None)


def settle_leases(resumed: Resumed, queue: Queue, keeper: Keeper, books: Books) -> None:
    """Delete what is known to have arrived, and give back what the broken run still hides.

    Where a lease has ended SQS refuses; such letters are met again as they are received.
    """
    arrived = {one: resumed.handles[one] for one in books.undeleted if one in resumed.handles}
    for part in _parts(arrived):
        try:
            failures = keeper.delete_messages(queue, [handle for _, handle in part])
        except EdactlError:
            continue
        failed = {one.index for one in failures}
        books.deleted([one for at, (one, _) in enumerate(part) if at not in failed])
    for part in _parts({k: v for k, v in resumed.handles.items() if k not in arrived}):
        try:
            keeper.release(queue, [handle for _, handle in part])
        except EdactlError:
            continue


def _parts(handles: Mapping[str, str]) -> Iterable[Sequence[tuple[str, str]]]:
    items = list(handles.items())
    return (items[start : start + _BATCH] for start in range(0, len(items), _BATCH))
