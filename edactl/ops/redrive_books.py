"""The books of a run: the ledger in memory and the journal on disk, kept in step.

`planned` is on disk before a letter is sent, `sent` before it is deleted. Safe for threads.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeAlias

from edactl.core.journal import (
    Planned,
    failure_line,
    ids_line,
    planned_line,
    sent_line,
    skipped_line,
)
from edactl.core.redrive import Intake, Ledger, RedriveCounts, RedriveFailure
from edactl.core.redrive_delivery import Delivered, Delivery, Refused, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from edactl.core.message import BatchFailure
    from edactl.ops.redrive_ports import JournalWriter

Settled: TypeAlias = "tuple[str, Delivery, bool]"
"""A letter's id, what became of it, and whether it arrived at most once."""


class Books:
    """What has become of each letter, on disk and in memory."""

    def __init__(self, ledger: Ledger, journal: JournalWriter) -> None:
        self._ledger, self._journal = ledger, journal
        self._lock = threading.Lock()

    @property
    def counts(self) -> RedriveCounts:
        """The counts so far."""
        with self._lock:
            return self._ledger.counts

    @property
    def failures(self) -> tuple[RedriveFailure, ...]:
        """The letters that need a look, so far."""
        with self._lock:
            return self._ledger.failures

    @property
    def undeleted(self) -> tuple[str, ...]:
        """Letters that arrived and are still in the DLQ."""
        with self._lock:
            return self._ledger.undeleted

    def receive(self, ids: Iterable[str]) -> list[Intake]:
        """What to do with each message that was received."""
        with self._lock:
            return [self._ledger.receive(one) for one in ids]

    def skip(self, reasons: Sequence[tuple[str, str, str]]) -> None:
        """Letters stay: id, receipt handle and reason of each."""
        if reasons:
            self._journal.write(skipped_line(reasons))
        with self._lock:
            for message_id, _, _ in reasons:
                self._ledger.skip(message_id)

    def plan(self, planned: Sequence[Planned]) -> None:
        """Letters will be sent: they are on disk, in full, when this returns."""
        self._journal.save("".join(planned_line(one) for one in planned))
        with self._lock:
            for one in planned:
                self._ledger.plan(one.message.message_id)

    def give_back(self, ids: Sequence[str]) -> None:
        """Planned letters that were not sent after all."""
        if ids:
            self._journal.write(ids_line("returned", ids))
        self.forget(ids)

    def forget(self, ids: Sequence[str]) -> None:
        """Letters that go back undecided, and that the journal does not know."""
        with self._lock:
            for one in ids:
                self._ledger.give_back(one)

    def close(self) -> None:
        """Nothing is in work any more: what is undecided goes back."""
        with self._lock:
            undecided = self._ledger.undecided
        self.give_back(undecided)

    def settle(self, settled: Sequence[Settled]) -> list[str]:
        """What became of letters that were sent; gives those to delete, known to the disk."""
        with self._lock:
            for one in settled:
                self._enter(*one)
        lines = _lines(settled)
        delivered = [one for one, delivery, _ in settled if isinstance(delivery, Delivered)]
        if delivered:
            self._journal.save(lines)
        elif lines:
            self._journal.write(lines)
        return delivered

    def _enter(self, message_id: str, delivery: Delivery, once: bool) -> None:  # noqa: FBT001
        match delivery:
            case Delivered(new_id):
                self._ledger.sent(message_id, new_id, once=once)
            case Unknown(reason):
                self._ledger.unknown(message_id, reason)
            case Refused(code, message):
                self._ledger.fail(message_id, code, message)

    def deleted(self, ids: Sequence[str]) -> None:
        """Letters that left the DLQ."""
        if ids:
            self._journal.write(ids_line("deleted", ids))
        with self._lock:
            for one in ids:
                self._ledger.deleted(one)

    def not_deleted(self, failures: Mapping[str, BatchFailure]) -> None:
        """Letters that are in both places as the run ends, and why."""
        with self._lock:
            for one in self._ledger.undeleted:
                failure = failures.get(one)
                code = failure.error_code if failure else "NotDeleted"
                why = failure.error_message if failure else "the run ended before"
                self._ledger.not_deleted(one, code, why)


def _lines(settled: Sequence[Settled]) -> str:
    texts = []
    for once in (True, False):
        ids = {
            message_id: delivery.new_id
            for message_id, delivery, first in settled
            if isinstance(delivery, Delivered) and first is once
        }
        if ids:
            texts.append(sent_line(ids, once=once))
    for what, kind in (("failed", Refused), ("ambiguous", Unknown)):
        failures = [_failure(one) for one in settled if isinstance(one[1], kind)]
        if failures:
            texts.append(failure_line(what, failures))
    return "".join(texts)


def _failure(settled: Settled) -> RedriveFailure:
    match settled:
        case (message_id, Refused(code, message), _):
            return RedriveFailure(message_id, code, message)
        case (message_id, Unknown(reason), _):
            return RedriveFailure(message_id, "Ambiguous", reason)
    raise TypeError(settled)
