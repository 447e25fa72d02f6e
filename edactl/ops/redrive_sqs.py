"""The door to a queue: messages rebuilt byte for byte, in batches of 10 and 1 MiB, each tried once.

On FIFO the deduplication id is new and comes from the run and the message: the same send again
within five minutes is dropped by SQS, while the id that the letter had could be dropped too, with
success said, and deleting the letter then would lose it.
Source: SQS API reference, SendMessageBatch; developer guide, "Exactly-once processing".
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from edactl.core.message import Outgoing
from edactl.core.message_rules import check_message, pack, size_bytes
from edactl.core.redrive_delivery import Delivery, Refused
from edactl.errors import EdactlError, InputError
from edactl.ops.redrive_answers import delivery_of, delivery_of_call

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edactl.core.message import SendOutcome
    from edactl.core.queue import Queue
    from edactl.core.redrive_route import Carried


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

    def is_too_large(self, letter: Carried) -> bool:
        """Whether the queue does not take a message of this size."""
        return size_bytes(self._outgoing(letter)) > self.maximum_bytes

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
            return [self._answer(outcome) for outcome in self.sender.send(self.queue, batch)]
        except EdactlError as error:
            answer = delivery_of_call(error)
        if isinstance(answer, Refused) and not answer.retryable and len(batch) > 1:
            half = len(batch) // 2  # one bad entry, or too many bytes: find which
            return [*self._send(batch[:half]), *self._send(batch[half:])]
        return [answer] * len(batch)

    def _answer(self, outcome: SendOutcome) -> Delivery:
        """What became of one message; a refusal names the queue, as one of a whole call does."""
        answer = delivery_of(outcome)
        if isinstance(answer, Refused):
            return replace(answer, message=f'queue "{self.queue.name}": {answer.message}')
        return answer


def deduplication_id(run_id: str, message_id: str) -> str:
    """The deduplication id of a letter in one run, whoever resumes it."""
    return hashlib.sha256(f"{run_id}/{message_id}".encode()).hexdigest()
