"""What has become of each letter of a redrive: its steps, the counts, and that they balance.

A letter goes received, planned, sent, deleted; it leaves that way as skipped, failed or ambiguous.
The key is the message id it has in the DLQ: SQS keeps it when it moves a message into a DLQ, so an
id that we got for a letter we sent, met again in the DLQ, is that letter coming back.
Pure: events in, answers and counts out. One lock, held by whoever calls, makes it fit for threads.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from edactl.core.id_memory import IdMemory

LISTED_FAILURES = 1000
"""The counts are of all; the lists of the report end here, since memory has to."""


class Step(IntEnum):
    """How far a letter is."""

    RECEIVED = 1
    PLANNED = 2
    """In the journal in full: from here on it cannot be lost."""
    SENT = 3
    """Its destination took it, once; not deleted yet."""
    TWICE = 4
    """Its destination took it, perhaps twice: an answer was lost on the way; not deleted yet."""
    AMBIGUOUS = 5
    """It was sent, and nobody knows whether it arrived. It stays in the DLQ."""
    DELETED = 6
    SKIPPED = 7
    FAILED = 8
    RETURNED = 9
    """Our own new message, met in the DLQ again."""


_IN_WORK = frozenset({Step.RECEIVED, Step.PLANNED})
_DELIVERED = frozenset({Step.SENT, Step.TWICE})


class Intake(StrEnum):
    """What to do with a message that was just received."""

    WORK = "work"
    DELETE = "delete"
    """It has been sent: delete it, and never send it again."""
    HOLD = "hold"
    """It was decided already, or came back to the DLQ: keep it out of sight until the end."""


@dataclass(frozen=True)
class RedriveFailure:
    """One letter that needs a look, and why. `new_message_id` is what it became, if it was sent."""

    message_id: str
    error_code: str
    error_message: str
    new_message_id: str | None = None


@dataclass(frozen=True)
class RedriveCounts:
    """How many letters came to what: received = sent + skipped + failed + ambiguous.

    `ambiguous` may be in two places: its answer was lost, and where it could be it was sent again.
    `deleted` left the DLQ. `bounced` are letters that came back under the id we were given.
    """

    received: int = 0
    sent: int = 0
    deleted: int = 0
    skipped: int = 0
    failed: int = 0
    ambiguous: int = 0
    bounced: int = 0

    @property
    def balanced(self) -> bool:
        """Whether every letter that was received is accounted for."""
        return self.received == self.sent + self.skipped + self.failed + self.ambiguous


@dataclass(frozen=True)
class RedriveReport:
    """A whole run. `remaining` is SQS's own count of what is left, approximate."""

    run_id: str
    journal: str | None
    received: int
    sent: int
    deleted: int
    skipped: int
    failed: int
    ambiguous: int
    bounced: int
    remaining: int | None
    engine: str
    duration_seconds: float
    failures: tuple[RedriveFailure, ...]


@dataclass
class Ledger:
    """The steps of all letters of a run. What is open is kept exactly, what is settled compactly.

    Each event raises ValueError when it does not follow from the letter's step.
    """

    memory: IdMemory = field(default_factory=IdMemory)
    _failures: dict[str, RedriveFailure] = field(default_factory=dict)
    _open: dict[str, Step] = field(default_factory=dict)
    _new_ids: dict[str, str] = field(default_factory=dict)
    _counts: Counter[str] = field(default_factory=Counter)

    @property
    def counts(self) -> RedriveCounts:
        """The counts of letters that are decided: one that is in work is in none of them."""
        decided = self._counts["received"] - len(self.undecided)
        return RedriveCounts(**(dict(self._counts) | {"received": decided}))

    @property
    def failures(self) -> tuple[RedriveFailure, ...]:
        """The letters that need a look, each once, the first 1,000 of them."""
        return tuple(self._failures.values())

    @property
    def undeleted(self) -> tuple[str, ...]:
        """Letters that arrived and are still in the DLQ."""
        return tuple(one for one, step in self._open.items() if step in _DELIVERED)

    @property
    def unresolved(self) -> tuple[str, ...]:
        """Letters that were sent, and nobody knows whether they arrived; they are still here."""
        return tuple(one for one, step in self._open.items() if step is Step.AMBIGUOUS)

    @property
    def undecided(self) -> tuple[str, ...]:
        """Letters in work: received or planned, and not more."""
        return tuple(one for one, step in self._open.items() if step in _IN_WORK)

    def step(self, message_id: str) -> Step | None:
        """How far a letter is; None for one that is not known."""
        known = self._open.get(message_id) or self.memory.get(message_id)
        return Step(known) if known else None

    def receive(self, message_id: str) -> Intake:
        """A message was received: what to do with it."""
        match self.step(message_id):
            case None:
                self._open[message_id] = Step.RECEIVED
                self._counts["received"] += 1
                return Intake.WORK
            case Step.AMBIGUOUS:
                return Intake.WORK
            case Step.SENT | Step.TWICE | Step.DELETED:
                return Intake.DELETE
            case Step.RETURNED:
                self._counts["bounced"] += 1
                self.memory.set(message_id, Step.SKIPPED)
        return Intake.HOLD

    def plan(self, message_id: str) -> None:
        """It will be sent, and the journal has it. One that is ambiguous already stays so."""
        if self._expect(message_id, Step.RECEIVED, Step.AMBIGUOUS) is Step.RECEIVED:
            self._open[message_id] = Step.PLANNED

    def sent(self, message_id: str, new_id: str, *, once: bool = True) -> None:
        """Its destination took it; not `once` when it may have taken it before."""
        before = self._expect(message_id, Step.PLANNED, Step.AMBIGUOUS)
        after = Step.SENT if once else Step.TWICE
        self._open[message_id] = after
        self._counts["ambiguous"] += (after is Step.TWICE) - (before is Step.AMBIGUOUS)
        self._counts["sent"] += once
        self._new_ids[message_id] = new_id
        if new_id:
            self.memory.set(new_id, Step.RETURNED)
        if once:
            self._failures.pop(message_id, None)
        else:
            why = "an answer was lost, and it was sent again: it may be there twice"
            self._list(message_id, "PossibleDuplicate", why)

    def unknown(self, message_id: str, reason: str) -> None:
        """It was sent, and whether it arrived cannot be told."""
        if self._expect(message_id, Step.PLANNED, Step.AMBIGUOUS) is Step.PLANNED:
            self._open[message_id] = Step.AMBIGUOUS
            self._counts["ambiguous"] += 1
            self._list(message_id, "Ambiguous", reason)

    def fail(self, message_id: str, code: str, message: str) -> None:
        """Its destination did not take it. What is ambiguous stays so: it may be there already."""
        before = self._expect(message_id, Step.RECEIVED, Step.PLANNED, Step.AMBIGUOUS)
        if before is not Step.AMBIGUOUS:
            self._settle(message_id, Step.FAILED)
            self._counts["failed"] += 1
            self._list(message_id, code, message)

    def skip(self, message_id: str) -> None:
        """It is not to be sent. What is ambiguous stays so."""
        before = self._expect(message_id, Step.RECEIVED, Step.PLANNED, Step.AMBIGUOUS)
        if before is not Step.AMBIGUOUS:
            self._settle(message_id, Step.SKIPPED)
            self._counts["skipped"] += 1

    def give_back(self, message_id: str) -> None:
        """It goes back undecided, as if it had not been received. What is ambiguous stays so."""
        before = self._expect(message_id, Step.RECEIVED, Step.PLANNED, Step.AMBIGUOUS)
        if before is not Step.AMBIGUOUS:
            del self._open[message_id]
            self._counts["received"] -= 1

    def deleted(self, message_id: str) -> None:
        """It left the DLQ. Once more for one that SQS showed again is no event."""
        if message_id not in self._open and self.memory.get(message_id) == Step.DELETED:
            return
        self._expect(message_id, *_DELIVERED)
        self._settle(message_id, Step.DELETED)
        self._counts["deleted"] += 1
        self._new_ids.pop(message_id, None)

    def not_deleted(self, message_id: str, code: str, message: str) -> None:
        """At the end of the run it is in both places: that has to be said."""
        self._expect(message_id, *_DELIVERED)
        self._list(message_id, code, f"sent, but not deleted from the DLQ: {message}")

    def _expect(self, message_id: str, *steps: Step) -> Step:
        step = self._open.get(message_id)
        if step not in steps:
            raise ValueError(f"letter {message_id} is {step!r}, not one of {steps}")
        return step

    def _settle(self, message_id: str, step: Step) -> None:
        del self._open[message_id]
        self.memory.set(message_id, step)

    def _list(self, message_id: str, code: str, message: str) -> None:
        if message_id in self._failures or len(self._failures) < LISTED_FAILURES:
            new_id = self._new_ids.get(message_id) or None
            self._failures[message_id] = RedriveFailure(message_id, code, message, new_id)
