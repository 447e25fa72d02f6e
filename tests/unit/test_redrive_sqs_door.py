"""The door to a queue: what goes out for a letter, and what each answer of SQS means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from edactl.core.letter import Letter, Origin
from edactl.core.message import MessageAttribute, NotSent, Outgoing, SendOutcome, Sent
from edactl.core.queue import Queue
from edactl.core.redrive_delivery import Delivered, Delivery, Halted, Refused, Unknown
from edactl.core.redrive_route import Carried, Route
from edactl.errors import (
    AccessDenied,
    AwsError,
    ConfigError,
    EdactlError,
    FailedInside,
    NotFound,
    Throttled,
    Unreachable,
)
from edactl.ops.redrive_sqs import SqsDoor, deduplication_id
from tests.queue_fakes import FIFO, ORDERS, a_message

DENIED = AccessDenied("no", code="AccessDenied", action="sqs:SendMessage")
GONE = NotFound("gone", code="QueueDoesNotExist")
KMS = AwsError("disabled", code="KMS.DisabledException")
EXPIRED = ConfigError("expired")
BUG = EdactlError("odd")


@dataclass
class ScriptedSender:
    """Refuses a batch as a whole with the error of the first body it knows."""

    errors: dict[str, EdactlError] = field(default_factory=dict)
    outcomes: Mapping[str, SendOutcome] = field(default_factory=dict)
    batches: list[list[Outgoing]] = field(default_factory=list)

    def send(self, queue: Queue, outgoing: Sequence[Outgoing]) -> list[SendOutcome]:
        self.batches.append(list(outgoing))
        for one in outgoing:
            if error := self.errors.get(one.body):
                raise error
        return [self.outcomes.get(one.body, Sent(f"new {one.body}")) for one in outgoing]


def _carried(body: str, **changed: object) -> Carried:
    message = replace(a_message(f"id of {body}"), body=body, **changed)  # type: ignore[arg-type] # by name
    return Carried(Letter(message, Origin.UNKNOWN), Route("sqs", ORDERS.arn), body)


def _door(sender: ScriptedSender, queue: Queue = ORDERS, maximum_bytes: int = 1000) -> SqsDoor:
    return SqsDoor(queue, maximum_bytes, "run-1", sender)


def test_a_letter_goes_out_with_all_that_it_carried() -> None:
    sender = ScriptedSender()
    attributes = {"n": MessageAttribute("Number", "1.50")}
    letter = _carried(
        "a",
        message_attributes=attributes,
        group_id="g",
        deduplication_id="old",
        trace_header="Root=1-5759e988-bd862e3fe1be46a994272793",
    )

    assert _door(sender).deliver([letter]) == [Delivered("new a")]
    _door(sender, FIFO).deliver([letter])

    ((standard,), (fifo,)) = sender.batches
    assert standard == Outgoing("a", attributes, "g", None, letter.message.trace_header)
    assert fifo.deduplication_id == deduplication_id("run-1", "id of a")
    assert fifo.deduplication_id != deduplication_id("run-2", "id of a")
    assert (_door(sender).deduplicates, _door(sender, FIFO).deduplicates) == (False, True)


def test_what_a_queue_would_not_take_is_refused_and_the_others_go() -> None:
    sender = ScriptedSender()
    edited = replace(_carried("b"), payload="\x00")

    answers = _door(sender).deliver([_carried("x" * 1001), edited, _carried("c")])

    assert [one.code for one in answers if isinstance(one, Refused)] == [
        *("MessageTooLong", "InvalidMessage"),
    ]
    assert answers[2] == Delivered("new c")
    assert [[one.body for one in batch] for batch in sender.batches] == [["c"]]


def test_entries_that_failed_in_a_batch_are_told_apart() -> None:
    outcomes = {
        "a": NotSent("InternalError", "try again", retryable=True),
        "b": NotSent("NoAnswer", "left out"),
        "c": NotSent("BodyDigestMismatch", "another body"),
    }

    answers = _door(ScriptedSender(outcomes=outcomes)).deliver([_carried(one) for one in "abcd"])

    assert answers == [
        Refused("InternalError", 'queue "orders": try again', retryable=True),
        Unknown("left out"),
        Refused("BodyDigestMismatch", 'queue "orders": another body'),
        Delivered("new d"),
    ]


@pytest.mark.parametrize(
    ("error", "means"),
    [
        (FailedInside("broke", code="InternalError"), Unknown("broke")),
        (Unreachable("cut", code="ReadTimeoutError"), Unknown("cut")),
        (AwsError("no sense", code="ResponseParserError"), Unknown("no sense")),
        (
            Throttled("slow", code="RequestThrottled"),
            Refused("RequestThrottled", "slow", retryable=True, throttled=True),
        ),
        (DENIED, Halted(DENIED)),
        (GONE, Halted(GONE)),
        (KMS, Halted(KMS)),
        (EXPIRED, Halted(EXPIRED)),
        (BUG, Halted(BUG)),
    ],
    ids=lambda one: type(one).__name__,
)
def test_a_call_that_failed_as_a_whole_means_the_same_for_each_letter(
    error: EdactlError, means: Delivery
) -> None:
    sender = ScriptedSender({"a": error})

    assert _door(sender).deliver([_carried("a"), _carried("b")]) == [means, means]
    assert len(sender.batches) == 1


def test_a_batch_that_one_entry_spoils_is_halved_until_it_is_found() -> None:
    sender = ScriptedSender({"c": AwsError("bad", code="InvalidMessageContents")})

    answers = _door(sender).deliver([_carried(one) for one in "abcd"])

    assert answers == [
        Delivered("new a"),
        Delivered("new b"),
        Refused("InvalidMessageContents", "bad"),
        Delivered("new d"),
    ]
