"""The door to a queue: messages rebuilt byte for byte, in batches of 10 and 1 MiB, each tried once.

On FIFO the deduplication id is new and comes from the run and the message: the same send again
within five minutes is dropped by SQS, while the id that the letter had could be dropped too, with
success said, and deleting the letter then would lose it.
Source: SQS API reference, SendMessageBatch; developer guide, "Exactly-once processing".
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from edactl.core.message import NotSent, Outgoing, SendOutcome, Sent
from edactl.core.message_rules import check_message, pack, size_bytes
from edactl.core.redrive_delivery import Delivered, Delivery, Halted, Refused, Unknown
from edactl.errors import (
    AccessDenied,
    AwsError,
    ConfigError,
    EdactlError,
    FailedInside,
    InputError,
    NotFound,
    Throttled,
    Unreachable,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edactl.core.queue import Queue
    from edactl.core.redrive_route import Carried

_LOST = frozenset({"ResponseParserError", "NoAnswer"})
"""Codes of answers that do not tell: a text that is none of AWS's, and a message left out."""


class Sender(Protocol):
    """Sends to queues, each call tried once."""

    def send(self, queue: Queue, outgoing: Sequence[Outgoing], /) -> list[SendOutcome]:
        """What became of each of up to 10 messages, in their order."""
        ...


@dataclass(frozen=True)
class SqsDoor:
    """Sends letters to one queue."""

    queue: Queue
    maximum_bytes: int
    run_id: str
    sender: Sender

    @property
    def deduplicates(self) -> bool:
        """A FIFO queue drops what it has got within five minutes."""
        return self.queue.is_fifo

    def deliver(self, letters: Sequence[Carried]) -> list[Delivery]:
        """What became of each letter, in their order."""
        outgoing = [self._outgoing(letter) for letter in letters]
        refused = [
            self._refusal(letter, one) for letter, one in zip(letters, outgoing, strict=True)
        ]
        going = [one for one, why in zip(outgoing, refused, strict=True) if why is None]
        answers = iter([answer for batch in pack(going) for answer in self._send(batch)])
        return [next(answers) if why is None else why for why in refused]

    def _outgoing(self, letter: Carried) -> Outgoing:
        message = letter.message
        return Outgoing(
            body=letter.payload,
            message_attributes=message.message_attributes,
            group_id=message.group_id,
            deduplication_id=(
                deduplication_id(self.run_id, message.message_id) if self.queue.is_fifo else None
            ),
            trace_header=message.trace_header,
        )

    def _refusal(self, letter: Carried, outgoing: Outgoing) -> Refused | None:
        """Why SQS would not take the message; for some of these it would refuse the whole batch."""
        size = size_bytes(outgoing)
        if size > self.maximum_bytes:
            return Refused(
                "MessageTooLong",
                f'the message has {size} bytes; queue "{self.queue.name}" takes'
                f" {self.maximum_bytes}",
            )
        if letter.payload != letter.message.body:
            try:
                check_message(outgoing, f"message {letter.message.message_id}")
            except InputError as error:
                return Refused("InvalidMessage", error.message)
        return None

    def _send(self, batch: Sequence[Outgoing]) -> list[Delivery]:
        try:
            return [_delivery(outcome) for outcome in self.sender.send(self.queue, batch)]
        except EdactlError as error:
            answer = _of_call(error)
        if isinstance(answer, Refused) and not answer.retryable and len(batch) > 1:
            half = len(batch) // 2  # one bad entry, or too many bytes: find which
            return [*self._send(batch[:half]), *self._send(batch[half:])]
        return [answer] * len(batch)


def deduplication_id(run_id: str, message_id: str) -> str:
    """The deduplication id of a letter in one run, whoever resumes it."""
    return hashlib.sha256(f"{run_id}/{message_id}".encode()).hexdigest()


def _delivery(outcome: SendOutcome) -> Delivery:
    match outcome:
        case Sent(message_id):
            return Delivered(message_id)
        case NotSent(code, message) if code in _LOST:
            return Unknown(message)
        case NotSent(code, message, retryable):
            return Refused(code, message, retryable)


def _of_call(error: EdactlError) -> Delivery:
    """What a call that failed as a whole means for each of its messages."""
    match error:
        case FailedInside() | Unreachable():
            return Unknown(error.message)
        case Throttled():
            return Refused(error.code, error.message, retryable=True, throttled=True)
        case AccessDenied() | NotFound() | ConfigError():
            return Halted(error)
        case AwsError(code=code) if code.upper().startswith("KMS"):
            return Halted(error)
        case AwsError(code=code) if code in _LOST:
            return Unknown(error.message)
        case AwsError(code=code):
            return Refused(code, error.message)
    return Halted(error)
