"""Sending the letters of a journal again: it is a backup, and the letters may be gone.

They are new messages. Where a letter still exists it is there twice then: nobody can tell.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from edactl.core.id_memory import IdMemory
from edactl.core.journal import Entry, Ids, Planned, SentIds, Skipped, ids_line
from edactl.core.letter_origins import classify
from edactl.core.redrive import LISTED_FAILURES, RedriveCounts, RedriveFailure
from edactl.core.redrive_delivery import Delivered, Refused, Unknown
from edactl.core.redrive_route import DROP_DOOR, SQS_DOOR, Carried, Route

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from edactl.errors import EdactlError
    from edactl.ops.redrive_books import Settled
    from edactl.ops.redrive_deliver import Deliverer
    from edactl.ops.redrive_ports import JournalWriter

_BATCH = 10
_PLANNED, _SENT, _STAYED, _RESTORED = 1, 2, 3, 4
Entries: TypeAlias = "Iterable[tuple[Entry, int]]"


@dataclass
class Backup:
    """What a journal holds: letters in full, of which some were sent, stayed or were restored.

    `memory` has the state of each id. A letter that was planned by several runs counts once.
    """

    memory: IdMemory = field(default_factory=IdMemory)
    letters: int = 0
    sent: int = 0
    stayed: int = 0
    restored: int = 0

    def selects(self, message_id: str, *, unsent: bool) -> bool:
        """Whether a letter is to be sent again: all that were not restored, or those not sent."""
        state = self.memory.get(message_id)
        return state in {_PLANNED, _STAYED} if unsent else state in {_PLANNED, _SENT}

    def count(self, *, unsent: bool) -> int:
        """How many letters are to be sent again."""
        if unsent:
            return self.letters - self.sent - self.restored
        return self.letters - self.stayed - self.restored


def read_backup(entries: Entries) -> Backup:
    """What became of each letter that the journal holds."""
    backup = Backup()
    for entry, _ in entries:
        match entry:
            case Planned(message):
                if not backup.memory.get(message.message_id):
                    backup.letters += 1
                    backup.memory.set(message.message_id, _PLANNED)
                elif backup.memory.get(message.message_id) == _STAYED:
                    _note(backup, (message.message_id,), _PLANNED)
            case SentIds(ids):
                _note(backup, ids, _SENT)
            case Skipped(ids):
                _note(backup, ids, _STAYED)
            case Ids("failed" | "returned", ids):
                _note(backup, ids, _STAYED)
            case Ids("restored", ids):
                _note(backup, ids, _RESTORED)
    return backup


def _note(backup: Backup, ids: Iterable[str], state: int) -> None:
    for one in ids:
        before = backup.memory.get(one)
        if not before:  # never planned, so the journal does not hold it
            continue
        backup.memory.set(one, state)
        for name, number in (("sent", _SENT), ("stayed", _STAYED), ("restored", _RESTORED)):
            change = (state == number) - (before == number)
            setattr(backup, name, getattr(backup, name) + change)


def _way(planned: Planned) -> Route:
    """Where the run sent the letter; what it dropped goes back into the DLQ."""
    door = SQS_DOOR if planned.door == DROP_DOOR else planned.door
    return Route(door, planned.destination, planned.sender)


@dataclass
class Restoring:
    """A restore under way; `destination` is the ARN that all letters go to, or None."""

    backup: Backup
    deliverer: Deliverer
    journal: JournalWriter
    destination: str | None
    unsent: bool
    in_order: bool
    halt: EdactlError | None = None
    failures: list[RedriveFailure] = field(default_factory=list)
    received: int = 0
    sent: int = 0
    failed: int = 0
    ambiguous: int = 0
    _stopped: set[str | None] = field(default_factory=set)

    @property
    def counts(self) -> RedriveCounts:
        """The counts; skipped are letters that were not to be sent again, or not reached."""
        received = self.backup.letters
        done = self.sent + self.failed + self.ambiguous
        return RedriveCounts(
            received, self.sent, 0, received - done, self.failed, self.ambiguous, 0
        )

    def run(self, entries: Entries, stop: Callable[[], bool]) -> None:
        """Send every letter that is to be sent; `entries` is the journal once more."""
        letters = self._selected(entries)
        while self.halt is None and not stop() and (batch := list(islice(letters, _BATCH))):
            for part in self._in_order(batch):
                if self.halt is None:
                    self._send(part)

    def _selected(self, entries: Entries) -> Iterator[Carried]:
        for entry, _ in entries:
            if isinstance(entry, Planned) and self.backup.selects(
                entry.message.message_id, unsent=self.unsent
            ):
                self.backup.memory.set(entry.message.message_id, _RESTORED)
                route = Route(SQS_DOOR, self.destination) if self.destination else _way(entry)
                payload = entry.message.body if entry.payload is None else entry.payload
                yield Carried(classify(entry.message), route, payload)

    def _in_order(self, batch: Sequence[Carried]) -> Iterator[list[Carried]]:
        """The batch, or one by one where groups have an order; what follows a failure stays."""
        if not self.in_order:
            yield list(batch)
            return
        for one in batch:
            if one.message.group_id not in self._stopped:
                yield [one]

    def _send(self, letters: Sequence[Carried]) -> None:
        results = self.deliverer.deliver(letters, {})
        self.halt = results.halt
        arrived = [one for one, delivery, _ in results.settled if isinstance(delivery, Delivered)]
        if arrived:
            self.journal.save(ids_line("restored", arrived))
        for settled in results.settled:
            self._count(settled)
        if len(arrived) < len(letters):
            self._stopped.update(one.message.group_id for one in letters)

    def _count(self, settled: Settled) -> None:
        message_id, delivery, once = settled
        match delivery:
            case Delivered(new_id) if once:
                self.sent += 1
            case Delivered(new_id):
                self.ambiguous += 1
                why = "an answer was lost, and it was sent again: it may be there twice"
                self._list(RedriveFailure(message_id, "PossibleDuplicate", why, new_id))
            case Unknown(reason):
                self.ambiguous += 1
                self._list(RedriveFailure(message_id, "Ambiguous", reason))
            case Refused(code, message):
                self.failed += 1
                self._list(RedriveFailure(message_id, code, message))

    def _list(self, failure: RedriveFailure) -> None:
        if len(self.failures) < LISTED_FAILURES:
            self.failures.append(failure)
