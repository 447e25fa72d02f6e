"""The way back of a letter of any origin, and the reason why one has none. Pure.

A letter says itself where it came from, and whoever may write to the DLQ may write that. So a
rule's target, a subscription's endpoint and a function with a dead-letter config are looked up and
have to be what the letter says; a function or an operation that only the letter names has to be of
the DLQ's own account, and the operation one of few.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING

from edactl.core.arn import arn_of, name_of
from edactl.core.letter import Letter, Origin, Payload
from edactl.core.letter_senders import requested_arn, sender_of
from edactl.core.message import parsed_body
from edactl.core.redrive_route import (
    BUS_DOOR,
    DROP_DOOR,
    FUNCTION_DOOR,
    RULE_DOOR,
    SCHEDULE_DOOR,
    SQS_DOOR,
    SUBSCRIPTION_DOOR,
    TOPIC_DOOR,
    Route,
    Skip,
)
from edactl.core.redrive_targets import Kind, in_words, kind_of, why_unreachable

if TYPE_CHECKING:
    from collections.abc import Callable

    from edactl.core.arn import Arn

_ELSEWHERE = "--to QUEUE sends it elsewhere"
_OPERATION = re.compile(r":::aws-sdk:(\w+):(\w+)$")
OPERATIONS = frozenset(
    {
        ("sqs", "sendMessage"),
        ("sns", "publish"),
        ("lambda", "invoke"),
        ("eventbridge", "putEvents"),
        ("sfn", "startExecution"),
    }
)
"""What of Scheduler's operations is called for a letter: those that deliver a message."""


def operation_of(target: str) -> tuple[str, str] | None:
    """The service and the operation of a schedule's target, as Scheduler writes them."""
    found = _OPERATION.search(target)
    return (found[1], found[2]) if found else None


@dataclass(frozen=True)
class ToOrigin:
    """Each letter goes back to where it came from.

    `dlq` is the DLQ's ARN. `locate` adds to a letter what it leaves out and its DLQ's sources
    tell. With `via_bus` events go to their rule's bus, where every rule sees them again.
    """

    dlq: str
    locate: Callable[[Letter], Letter]
    via_bus: bool = False

    def route(self, letter: Letter) -> Route | Skip:
        """Where the letter came from, or why it cannot go back there."""
        match letter.origin:
            case Origin.SQS_REDRIVE:
                return Route(SQS_DOOR, letter.target or "")
            case Origin.EVENTBRIDGE_RULE:
                return self._to_bus(letter) if self.via_bus else self._to_rule_target(letter)
            case Origin.SCHEDULER:
                return self._to_schedule_target(letter)
            case Origin.LAMBDA_DESTINATION:
                return self._to_function(letter)
            case Origin.STREAM_DESTINATION:
                return Skip("it holds no records, only where they are in the stream: read them")
            case Origin.CUSTOM_EVENT_BUS:
                return Skip("it holds no event: replay it from the bus's retention (unverified)")
        return self._located(self.locate(letter))

    def _located(self, letter: Letter) -> Route | Skip:
        match letter.origin:
            case Origin.SNS | Origin.SNS_RAW:
                return _to_subscriber(letter)
            case Origin.LAMBDA_ASYNC:
                return _to_owner(letter)
        return Skip(f"origin {letter.origin}: nothing tells who sent it here; {_ELSEWHERE}")

    # -- what a letter alone tells -------------------------------------------------------------

    def _to_rule_target(self, letter: Letter) -> Route | Skip:
        target, rule = letter.target or "", letter.sender or ""
        if self._is_foreign(rule):
            return Skip(f"{sender_of(letter)} is of another account or region; {_ELSEWHERE}")
        reason = why_unreachable(target)
        if reason and kind_of(target) is not Kind.CLUSTER:
            return Skip(reason)
        return Route(RULE_DOOR, target, rule)

    def _to_bus(self, letter: Letter) -> Route | Skip:
        bus = bus_of_rule(letter.sender or "")
        if bus is None or self._is_foreign(bus):
            return Skip(f"{sender_of(letter)} is of another account or region; {_ELSEWHERE}")
        return why_no_event(letter) or Route(BUS_DOOR, bus)

    def _to_schedule_target(self, letter: Letter) -> Route | Skip:
        target, schedule = letter.target or "", letter.sender or ""
        if letter.payload is not Payload.API_REQUEST:
            reason = why_unreachable(target)
            if reason is None and kind_of(target) in {Kind.STREAM, Kind.BUS, Kind.LOG_GROUP}:
                reason = f"{sender_of(letter)} alone knows how it writes to {name_of(target)}"
            if reason is None and self._is_foreign(target):
                reason = f"{target} is of another account or region; {_ELSEWHERE}"
            return Skip(reason) if reason else Route(SCHEDULE_DOOR, target, schedule)
        operation = operation_of(target)
        if operation not in OPERATIONS:
            called = name_of(target).replace(":", " ")
            return Skip(f"edactl does not call {called} for a letter: aws --cli-input-json can")
        if self._is_foreign(requested_arn(letter)):
            return Skip(f"{requested_arn(letter)} is of another account or region; {_ELSEWHERE}")
        return Route(SCHEDULE_DOOR, target, schedule)

    def _to_function(self, letter: Letter) -> Route | Skip:
        target = letter.target or ""
        if kind_of(target) is not Kind.FUNCTION:
            return Skip(f"the record names no function: {target or 'nothing'}")
        if self._is_foreign(target):
            return Skip(f"{target} is of another account or region; {_ELSEWHERE}")
        return Route(FUNCTION_DOOR, target)

    def _is_foreign(self, text: str) -> bool:
        """Whether this is the ARN of a resource of another account or region than the DLQ."""
        arn, own = arn_of(text), arn_of(self.dlq)
        if arn is None or own is None:
            return False
        return (arn.account, arn.region) != (own.account, own.region)


def _to_subscriber(letter: Letter) -> Route | Skip:
    if letter.sender is None:
        return Skip(f"nothing tells which of several subscriptions failed; {_ELSEWHERE}")
    if letter.target is None:
        who = quote(letter.sender)
        return Skip(f"subscription {who} is gone, or has another DLQ now; {_ELSEWHERE}")
    if kind_of(letter.target) not in {Kind.QUEUE, Kind.FUNCTION}:
        return Skip(
            f"edactl does not send to the endpoint of a subscription that is neither a queue nor"
            f" a function ({letter.target}); --to TOPIC publishes it again, to every subscriber"
        )
    return Route(SUBSCRIPTION_DOOR, letter.target, letter.sender)


def _to_owner(letter: Letter) -> Route | Skip:
    if letter.target is None:
        return Skip(
            "not exactly one function has this DLQ in its dead-letter config, and the letter names"
            f" none; {_ELSEWHERE}"
        )
    return Route(FUNCTION_DOOR, letter.target)


def bus_of_rule(rule_arn: str) -> str | None:
    """The ARN of a rule's bus; None for what is no rule's ARN.

    The rules of the default bus do not name it. Source: service authorization reference.
    """
    arn = arn_of(rule_arn)
    if arn is None or not arn.resource.startswith("rule/"):
        return None
    bus = rule_path(arn)[0]
    return f"arn:{arn.partition}:events:{arn.region}:{arn.account}:event-bus/{bus}"


def rule_path(arn: Arn) -> tuple[str, str]:
    """The bus and the name in a rule's ARN."""
    bus, _, name = arn.resource.removeprefix("rule/").rpartition("/")
    return bus or "default", name


def why_no_event(letter: Letter) -> Skip | None:
    """Why the letter's body cannot be put on a bus; None when it can."""
    match parsed_body(letter.message.body):
        case {"source": str(source), "detail-type": str()}:
            if source.startswith("aws."):
                return Skip(f'AWS alone may send as "{source}": no bus takes it again')
            return None
    return Skip("the body is no event, which a bus would take: it lacks source and detail-type")


@dataclass(frozen=True)
class ToBus:
    """Every event goes onto one bus."""

    place: Route

    def route(self, letter: Letter) -> Route | Skip:
        """That bus, or why not."""
        return why_no_event(letter) or self.place


def way_of(route: Route) -> str:
    """Where a letter goes and what happens there, as an operator says it."""
    place, sender = in_words(route.destination), name_of(route.sender)
    words = {
        SQS_DOOR: name_of(route.destination),
        RULE_DOOR: f"rule {sender} -> {place}, as this target gets events",
        SCHEDULE_DOOR: f"schedule {sender} -> {place}",
        SUBSCRIPTION_DOOR: f"subscription of topic {sender} -> {place}",
        DROP_DOOR: "nowhere: kept in the journal alone",
        BUS_DOOR: f"{place}, where every rule sees it",
        TOPIC_DOOR: f"{place}, to every subscriber",
        FUNCTION_DOOR: f"{place}, an asynchronous invoke",
    }
    return words.get(route.door, place)
