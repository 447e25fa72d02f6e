"""Doors that send a letter as its first sender would have: what goes in is changed on the way."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from edactl.core.arn import parse_arn
from edactl.core.json_text import json_text
from edactl.core.message import MessageAttribute, parsed_body
from edactl.core.redrive_delivery import Delivery, Refused
from edactl.core.redrive_origins import rule_path
from edactl.core.redrive_targets import Kind, in_words, kind_of
from edactl.core.times import parse_time
from edactl.core.transform import NotDelivered, compile_target_input, parameter_value
from edactl.errors import InputError, NotFound, UsageError
from edactl.ops.redrive_sinks import Sink, SinkDoor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from edactl.core.bus import Target
    from edactl.core.record import JsonValue
    from edactl.core.redrive_route import Carried, Route
    from edactl.core.transform import CompiledInput
    from edactl.ops.redrive_ports import Door

_LOOK = "edactl rule show {name} --bus {bus}"


@dataclass(frozen=True)
class ChangingDoor:
    """A door behind another: each letter is changed before it goes through, or refused."""

    inner: Door
    change: Callable[[Carried], Carried | Refused]

    @property
    def deduplicates(self) -> bool:
        """As the inner door does."""
        return self.inner.deduplicates

    def deliver(self, letters: Sequence[Carried]) -> list[Delivery]:
        """What became of each letter, in their order."""
        changed = [self.change(letter) for letter in letters]
        going = [one for one in changed if not isinstance(one, Refused)]
        answers = iter(self.inner.deliver(going) if going else ())
        return [one if isinstance(one, Refused) else next(answers) for one in changed]


def _bare(letter: Carried, text: str, key: str | None = None) -> Carried:
    """The letter with this text and key, and without what its DLQ's sender wrote on it."""
    message = replace(letter.message, message_attributes={}, group_id=key)
    return replace(letter, letter=replace(letter.letter, message=message), payload=text)


# -- a rule's target -------------------------------------------------------------------------------


class Rules(Protocol):
    """Knows the targets of rules."""

    def targets_of(self, bus: str, name: str, /) -> Sequence[Target]:
        """The targets that the rule has now. Raises NotFound."""
        ...


@dataclass(frozen=True)
class RuleTargetOpener:
    """Makes doors to the targets of rules: each event goes through the target's own input."""

    rules: Rules
    place: Callable[[str], Door]
    task: Callable[[Target], Door]

    def __call__(self, route: Route) -> Door:
        """The door to one target of one rule.

        Raises NotFound when the rule or its target is gone, InputError for an input setting that
        PutTargets would refuse, and UsageError where two targets cannot be told apart, or one does
        not say which task it starts.
        """
        bus, name = rule_path(parse_arn(route.sender))
        target = self._target(route.destination, bus, name)
        compiled = compile_target_input(target, rule_arn=route.sender, rule_name=name)
        if kind_of(target.arn) is Kind.BUS and _has_input(target):
            raise UsageError(
                f"rule {name} changes the event on its way to {in_words(target.arn)}; what arrives"
                " there is unverified",
                hint="--via bus sends the event through the rule itself",
            )
        return ChangingDoor(self._door(target, name), _TargetInput(target, compiled).change)

    def _door(self, target: Target, name: str) -> Door:
        if kind_of(target.arn) is not Kind.CLUSTER:
            return self.place(target.arn)
        if target.task_definition_arn is None:
            raise UsageError(
                f"rule {name} does not say which task {in_words(target.arn)} is to run"
            )
        return self.task(target)

    def _target(self, arn: str, bus: str, name: str) -> Target:
        look = _LOOK.format(name=name, bus=bus)
        alike = [one for one in self.rules.targets_of(bus, name) if one.arn == arn]
        if not alike:
            raise NotFound(
                f"rule {name} no longer has the target {in_words(arn)}",
                code="NoSuchTarget",
                hint=look,
            )
        first, *others = [replace(one, target_id="") for one in alike]
        if any(other != first for other in others):
            raise UsageError(
                f"rule {name} has {len(alike)} targets that are {in_words(arn)}, and the letter"
                " does not tell which of them failed",
                hint=f"{look}; --via bus sends the event to all",
            )
        return alike[0]


def _has_input(target: Target) -> bool:
    return bool(target.input or target.input_path or target.input_transformer)


@dataclass(frozen=True)
class _TargetInput:
    """What one target is sent for an event.

    The letter does not tell when EventBridge received the event, which a template may show; the
    event's own time stands for it.
    """

    target: Target
    compiled: CompiledInput

    def change(self, letter: Carried) -> Carried | Refused:
        """The letter as the target gets it."""
        event = letter.payload
        try:
            outcome = self.compiled.body(event, ingestion_time=_received_at(letter))
            key = self._key(event)
        except InputError as error:
            return Refused("NotAnEvent", error.message)
        if isinstance(outcome, NotDelivered):
            return Refused("NotDelivered", f"the target's input: {outcome.reason}")
        return _bare(letter, getattr(outcome, "text", ""), key)

    def _key(self, event: str) -> str | None:
        """The message group of a queue, or the partition key of a stream: the event's id if unset.

        Source: EventBridge API reference, SqsParameters, KinesisParameters.
        """
        if self.target.message_group_id is not None:
            return parameter_value(self.target.message_group_id, event)
        if kind_of(self.target.arn) is Kind.STREAM:
            return parameter_value(self.target.partition_key_path or "$.id", event)
        return None


def _received_at(letter: Carried) -> datetime:
    sent_at = letter.message.sent_at or datetime.fromtimestamp(0, UTC)
    match parsed_body(letter.payload):
        case {"time": str(text)}:
            try:
                return parse_time(text, now=sent_at)
            except InputError:
                return sent_at
    return sent_at


# -- a schedule's target ---------------------------------------------------------------------------


@dataclass(frozen=True)
class ScheduleOpener:
    """Makes doors to what schedules call: an operation of an API, or a resource."""

    operation: Callable[[str], Sink]
    place: Callable[[str], Door]
    run_id: str

    def __call__(self, route: Route) -> Door:
        """The door to a schedule's target."""
        if kind_of(route.destination) is None:
            return SinkDoor(self.operation(route.destination), self.run_id)
        return ChangingDoor(
            self.place(route.destination), lambda letter: _bare(letter, letter.payload)
        )


# -- a subscription's endpoint ---------------------------------------------------------------------


@dataclass(frozen=True)
class SubscriptionOpener:
    """Makes doors to the endpoints of subscriptions: queues get letters as they are."""

    place: Callable[[str], Door]

    def __call__(self, route: Route) -> Door:
        """The door to a subscription's queue or function."""
        door = self.place(route.destination)
        if kind_of(route.destination) is Kind.QUEUE:
            return door
        return ChangingDoor(door, lambda letter: _as_function_event(letter, route.sender))


_RENAMED = {"SigningCertURL": "SigningCertUrl", "UnsubscribeURL": "UnsubscribeUrl"}


def _as_function_event(letter: Carried, subscription: str) -> Carried | Refused:
    """The envelope as SNS hands it to a function.

    Source: Lambda developer guide, "Invoking Lambda functions with Amazon SNS notifications".
    """
    envelope = parsed_body(letter.payload)
    if not isinstance(envelope, dict) or envelope.get("Type") != "Notification":
        return Refused("NotAnEnvelope", "the body is no notification of SNS, as functions get it")
    sns: dict[str, JsonValue] = {_RENAMED.get(name, name): one for name, one in envelope.items()}
    record: Mapping[str, JsonValue] = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription,
        "Sns": {"Subject": None, "MessageAttributes": {}, **sns},
    }
    return _bare(letter, json_text({"Records": [dict(record)]}))


# -- a topic that somebody named -------------------------------------------------------------------


def as_published(letter: Carried) -> Carried:
    """The letter as it was published, if it is in SNS's envelope; else as it is.

    Its attributes come out of the envelope, since filter policies look at them; its subject does
    not.
    """
    match parsed_body(letter.payload):
        case {"Type": "Notification", "TopicArn": str(), "Message": str(text), **rest}:
            attributes = _published_attributes(rest.get("MessageAttributes"))
            message = replace(letter.message, message_attributes=attributes)
            return replace(letter, letter=replace(letter.letter, message=message), payload=text)
    return letter


def _published_attributes(found: object) -> dict[str, MessageAttribute]:
    named = found.items() if isinstance(found, dict) else ()
    return {name: read for name, one in named if (read := _published_attribute(one)) is not None}


def _published_attribute(value: object) -> MessageAttribute | None:
    """One attribute as SNS writes it into an envelope; bytes are in base64 there."""
    match value:
        case {"Type": str(kind), "Value": str(text)} if not kind.startswith("Binary"):
            return MessageAttribute(kind, text)
        case {"Type": str(kind), "Value": str(text)}:
            try:
                return MessageAttribute(kind, None, b64decode(text, validate=True))
            except ValueError:
                return None
    return None
