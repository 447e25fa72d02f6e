"""Doors to what is no queue: a topic, a function, a stream, a state machine, a bus."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from edactl.core.message import NotSent, SendOutcome, Sent, parsed_body
from edactl.core.put_outcome import EntryOutcome
from edactl.core.redrive_delivery import Delivery, Parcel, Refused
from edactl.core.replay_event import Replaying, Unsendable, entry_of
from edactl.errors import EdactlError
from edactl.ops.redrive_answers import delivery_of, delivery_of_call
from edactl.ops.redrive_sqs import deduplication_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edactl.core.event import Entry
    from edactl.core.redrive_route import Carried

_RETRYABLE = frozenset({"InternalFailure", "InternalException", "ThrottlingException"})


class Sink(Protocol):
    """Takes parcels, each call tried once."""

    @property
    def batch(self) -> int:
        """How many go in one call."""
        ...

    def put(self, parcels: Sequence[Parcel], /) -> Sequence[SendOutcome]:
        """What became of each, in their order. Raises EdactlError when the call failed."""
        ...


class Putter(Protocol):
    """Puts events, each call tried once."""

    def put_events(self, entries: Sequence[Entry], /) -> Sequence[EntryOutcome]:
        """What became of each, in their order. Raises EdactlError when the call failed."""
        ...


@dataclass(frozen=True)
class SinkDoor:
    """Sends letters to one place."""

    sink: Sink
    run_id: str

    @property
    def deduplicates(self) -> bool:
        """Whether a letter that arrives twice counts once cannot be told here."""
        return False

    def deliver(self, letters: Sequence[Carried]) -> list[Delivery]:
        """What became of each letter, in their order."""
        parcels = iter([self._parcel(letter) for letter in letters])
        return [one for batch in _parts(parcels, self.sink.batch) for one in self._put(batch)]

    def _parcel(self, letter: Carried) -> Parcel:
        message = letter.message
        name = deduplication_id(self.run_id, message.message_id)
        return Parcel(letter.payload, name, message.group_id, message.message_attributes)

    def _put(self, batch: Sequence[Parcel]) -> list[Delivery]:
        try:
            return [delivery_of(outcome) for outcome in self.sink.put(batch)]
        except EdactlError as error:
            answer = delivery_of_call(error)
        if isinstance(answer, Refused) and not answer.retryable and len(batch) > 1:
            half = len(batch) // 2  # one bad entry, or too many bytes: find which
            return [*self._put(batch[:half]), *self._put(batch[half:])]
        return [answer] * len(batch)


def _parts(parcels: Iterator[Parcel], size: int) -> Iterator[list[Parcel]]:
    while part := list(islice(parcels, size)):
        yield part


@dataclass(frozen=True)
class BusSink:
    """An event bus: the text of a parcel is an event, put with its own source, time and resources.

    Its id, account and region are not kept: EventBridge gives new ones.
    """

    bus: str
    putter: Putter

    @property
    def batch(self) -> int:
        """PutEvents takes ten."""
        return 10

    def put(self, parcels: Sequence[Parcel]) -> list[SendOutcome]:
        """What became of each event; one that PutEvents would refuse is not sent."""
        made = [self._entry(parcel) for parcel in parcels]
        going = [one for one in made if not isinstance(one, NotSent)]
        answers = iter(self.putter.put_events(going) if going else ())
        return [one if isinstance(one, NotSent) else _outcome(next(answers, None)) for one in made]

    def _entry(self, parcel: Parcel) -> Entry | NotSent:
        event = parsed_body(parcel.text)
        if not isinstance(event, dict) or "detail-type" not in event:
            return NotSent("NotAnEvent", "it lacks detail-type: a bus takes events alone")
        made = entry_of(event, Replaying(self.bus), "the event")
        if isinstance(made, Unsendable):
            return NotSent(made.error_code, made.error_message)
        return made[0]


def _outcome(answer: EntryOutcome | None) -> SendOutcome:
    match answer:
        case None:
            return NotSent("NoAnswer", "EventBridge did not say what became of this event")
        case EntryOutcome(event_id=str(event_id), error_code=None):
            return Sent(event_id)
    code = answer.error_code or "Unknown"
    return NotSent(code, answer.error_message or "no reason given", code in _RETRYABLE)
