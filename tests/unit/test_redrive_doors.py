"""Doors: what goes in is changed as its sender would, and what comes of it is told by letter."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from edactl.core.bus import InputTransformer, Target
from edactl.core.event import Entry
from edactl.core.letter import Letter
from edactl.core.letter_origins import classify
from edactl.core.message import MessageAttribute, NotSent, SendOutcome, Sent
from edactl.core.put_outcome import EntryOutcome
from edactl.core.redrive_delivery import Delivered, Delivery, Halted, Parcel, Refused, Unknown
from edactl.core.redrive_route import Carried, Route, Skip, ToOnePlace
from edactl.errors import (
    AccessDenied,
    AwsError,
    ConfigError,
    EdactlError,
    InputError,
    NotFound,
    Throttled,
    Unreachable,
    UsageError,
)
from edactl.ops.redrive_doors import DoorCache, OpeningChooser
from edactl.ops.redrive_origins import (
    ChangingDoor,
    RuleTargetOpener,
    ScheduleOpener,
    SubscriptionOpener,
    as_published,
)
from edactl.ops.redrive_patience import PATIENCE, Patience
from edactl.ops.redrive_ports import Door
from edactl.ops.redrive_sinks import BusSink, SinkDoor
from tests import letter_makers as letters
from tests.queue_fakes import a_message

HERE = "us-east-1:000000000000"
RULE = f"arn:aws:events:{HERE}:rule/shop/orders"
QUEUE = f"arn:aws:sqs:{HERE}:billing"
STREAM = f"arn:aws:kinesis:{HERE}:stream/clicks"
FUNCTION = f"arn:aws:lambda:{HERE}:function:billing"
BUS = f"arn:aws:events:{HERE}:event-bus/shop"
ROUTE = Route("sqs", QUEUE)
DENIED = AccessDenied("no", code="AccessDenied", action="sqs:SendMessage")


def carried(body: str, message_id: str = "m-1", **changes: Any) -> Carried:
    message = replace(a_message(message_id), body=body, **changes)
    return Carried(classify(message), ROUTE, body)


def an_event(**changes: Any) -> Carried:
    attributes = {"RULE_ARN": MessageAttribute("String", RULE)}
    return carried(json.dumps(letters.EVENT | changes), message_attributes=attributes)


@dataclass
class FakeDoor:
    """Keeps what goes through it, and answers the same to all."""

    answer: Delivery = field(default_factory=lambda: Delivered("new"))
    got: list[Carried] = field(default_factory=list)
    deduplicates: bool = True

    def deliver(self, going: Sequence[Carried]) -> list[Delivery]:
        self.got += going
        return [self.answer] * len(going)


@dataclass
class FakeRules:
    targets: Sequence[Target]
    asked: list[tuple[str, str]] = field(default_factory=list)

    def targets_of(self, bus: str, name: str) -> Sequence[Target]:
        self.asked.append((bus, name))
        return self.targets


def not_a_task(target: Target) -> Door:
    raise AssertionError(target)


def through(target: Target, letter: Carried) -> tuple[Delivery, list[Carried]]:
    """What becomes of a letter at a rule's target, and what arrives there."""
    inner = FakeDoor()
    door = RuleTargetOpener(FakeRules([target]), lambda _: inner, not_a_task)(
        Route("rule-target", target.arn, RULE)
    )
    [delivery] = door.deliver([letter])
    return delivery, inner.got


# -- a rule's target -------------------------------------------------------------------------------


def test_a_target_gets_its_input_and_none_of_the_dlqs_attributes() -> None:
    transformer = InputTransformer('{"id": <id>}', {"id": "$.detail.orderId"})
    delivery, [got] = through(Target("1", QUEUE, input_transformer=transformer), an_event())

    assert delivery == Delivered("new")
    assert got.payload == '{"id":"o-7"}'
    assert got.message.message_attributes == {}
    assert got.message.message_id == "m-1"


@pytest.mark.parametrize(
    ("target", "key"),
    [
        (Target("1", QUEUE), None),
        (Target("1", f"{QUEUE}.fifo", message_group_id="$.detail.orderId"), "o-7"),
        (Target("1", f"{QUEUE}.fifo", message_group_id="all"), "all"),
        (Target("1", STREAM), letters.EVENT["id"]),
        (Target("1", STREAM, partition_key_path="$.source"), "com.shop"),
    ],
)
def test_groups_and_partition_keys_read_the_event(target: Target, key: str | None) -> None:
    _, [got] = through(target, an_event())

    assert got.message.group_id == key


@pytest.mark.parametrize("time", ["2026-11-20T10:11:12Z", "yesterday, maybe", None])
def test_the_time_of_receipt_is_the_events_own_or_the_letters(time: str | None) -> None:
    template = '{"at": <aws.events.event.ingestion-time>}'
    target = Target("1", QUEUE, input_transformer=InputTransformer(template, {}))
    sent_at = datetime(2026, 11, 21, tzinfo=UTC)
    letter = an_event(time=time)
    letter = replace(
        letter, letter=replace(letter.letter, message=replace(letter.message, sent_at=sent_at))
    )
    _, [got] = through(target, letter)

    expected = "2026-11-20T10:11:12" if time and time.startswith("2026") else "2026-11-21T00:00"
    assert json.loads(got.payload)["at"].startswith(expected)


@pytest.mark.parametrize(
    ("letter", "code"),
    [(carried("no event"), "NotAnEvent"), (an_event(detail={}), "NotDelivered")],
)
def test_what_makes_no_input_is_refused_and_not_sent(letter: Carried, code: str) -> None:
    delivery, got = through(Target("1", QUEUE, input_path="$.detail.orderId"), letter)

    assert isinstance(delivery, Refused)
    assert (delivery.code, delivery.retryable, got) == (code, False, [])


def test_the_rule_is_asked_on_its_bus() -> None:
    rules = FakeRules([Target("1", QUEUE)])
    RuleTargetOpener(rules, lambda _: FakeDoor(), not_a_task)(Route("rule-target", QUEUE, RULE))

    assert rules.asked == [("shop", "orders")]


@pytest.mark.parametrize(
    ("targets", "kind", "says"),
    [
        ([], NotFound, "rule orders no longer has the target queue billing"),
        ([Target("1", QUEUE), Target("2", QUEUE, input_path="$.id")], UsageError, "has 2 targets"),
        ([Target("1", QUEUE, input_path="nonsense")], InputError, "nonsense"),
    ],
)
def test_a_target_that_cannot_be_told_is_an_error(
    targets: list[Target], kind: type[EdactlError], says: str
) -> None:
    opener = RuleTargetOpener(FakeRules(targets), lambda _: FakeDoor(), not_a_task)
    with pytest.raises(kind) as caught:
        opener(Route("rule-target", QUEUE, RULE))
    assert says in caught.value.message or says in (getattr(caught.value, "where", "") or "")


def test_two_targets_that_are_alike_need_no_telling() -> None:
    targets = [Target("1", QUEUE), Target("2", QUEUE)]
    inner = FakeDoor()
    door = RuleTargetOpener(FakeRules(targets), lambda _: inner, not_a_task)(
        Route("rule-target", QUEUE, RULE)
    )

    door.deliver([an_event()])
    assert len(inner.got) == 1


def test_a_bus_that_gets_a_changed_event_is_not_guessed() -> None:
    opener = RuleTargetOpener(
        FakeRules([Target("1", BUS, input="{}")]), lambda _: FakeDoor(), not_a_task
    )
    with pytest.raises(UsageError, match="changes the event on its way to bus shop"):
        opener(Route("rule-target", BUS, RULE))
    plain = RuleTargetOpener(FakeRules([Target("1", BUS)]), lambda _: FakeDoor(), not_a_task)
    assert plain(Route("rule-target", BUS, RULE)).deliver([an_event()]) == [Delivered("new")]


CLUSTER = QUEUE.replace("sqs", "ecs").replace("billing", "cluster/blue")


@pytest.mark.parametrize(
    ("given", "overrides"),
    [(None, ""), ('{"containerOverrides":[{"name":"app"}]}',) * 2],
    ids=["nothing", "overrides"],
)
def test_a_task_of_a_cluster_gets_its_overrides_and_nothing_of_the_event(
    given: str | None, overrides: str
) -> None:
    target = Target(
        *("1", CLUSTER),
        input=given,
        task_definition_arn="arn:td",
        ecs_parameters={"TaskDefinitionArn": "arn:td", "TaskCount": 2},
    )
    inner, asked = FakeDoor(), list[Target]()

    def task(one: Target) -> Door:
        asked.append(one)
        return inner

    opener = RuleTargetOpener(FakeRules([target]), lambda _: FakeDoor(), task)
    assert opener(Route("rule-target", CLUSTER, RULE)).deliver([an_event()]) == [Delivered("new")]

    assert asked == [target]
    assert [one.payload for one in inner.got] == [overrides]


def test_a_cluster_without_a_task_is_an_error() -> None:
    rules = FakeRules([Target("1", CLUSTER)])
    opener = RuleTargetOpener(rules, lambda _: FakeDoor(), not_a_task)
    with pytest.raises(UsageError, match="rule orders does not say which task ECS cluster blue"):
        opener(Route("rule-target", CLUSTER, RULE))


# -- schedules, subscriptions, topics --------------------------------------------------------------


def test_a_schedules_resource_gets_the_body_alone() -> None:
    inner, sink = FakeDoor(), FakeSink()
    opener = ScheduleOpener(lambda _: sink, lambda _: inner, "run")
    attributes = letters.text_attributes(SCHEDULE_ARN="x")

    opener(Route("schedule-target", QUEUE, "s")).deliver(
        [carried("b", message_attributes=attributes)]
    )
    operation = "arn:aws:scheduler:::aws-sdk:sqs:sendMessage"
    opener(Route("schedule-target", operation, "s")).deliver([carried("{}")])

    assert (inner.got[0].payload, inner.got[0].message.message_attributes) == ("b", {})
    assert [one.text for one in sink.got] == ["{}"]


def test_a_subscribed_queue_gets_the_letter_as_it_is() -> None:
    inner = FakeDoor()
    letter = carried("raw", message_attributes=letters.text_attributes(a="1"), group_id="g")
    SubscriptionOpener(lambda _: inner)(Route("subscription", QUEUE, "s")).deliver([letter])

    assert inner.got == [letter]


def test_a_subscribed_function_gets_the_event_that_sns_makes() -> None:
    inner = FakeDoor()
    door = SubscriptionOpener(lambda _: inner)(Route("subscription", FUNCTION, "topic:1"))
    enveloped = carried(letters.of_subscription("topic:1", "topic", "hello").body)

    good, bad = door.deliver([enveloped, carried("hello")])

    assert (good, bad.code if isinstance(bad, Refused) else "") == (
        Delivered("new"),
        "NotAnEnvelope",
    )
    [record] = json.loads(inner.got[0].payload)["Records"]
    assert (record["EventSource"], record["EventSubscriptionArn"]) == ("aws:sns", "topic:1")
    assert (record["Sns"]["Message"], record["Sns"]["Subject"]) == ("hello", None)
    assert "SigningCertUrl" in record["Sns"]
    assert "SigningCertURL" not in record["Sns"]


def test_a_topic_gets_what_was_published() -> None:
    assert as_published(carried(letters.of_subscription("s", "t", "hello").body)).payload == "hello"
    assert as_published(carried("hello")).payload == "hello"


def test_a_topic_gets_the_attributes_that_filter_policies_look_at() -> None:
    envelope = json.loads(letters.of_subscription("s", "t", "hello").body)
    envelope["MessageAttributes"] = {
        "region": {"Type": "String.Array", "Value": '["AU"]'},
        "blob": {"Type": "Binary", "Value": "AAE="},
        "bad": {"Type": "Binary", "Value": "?"},
        "odd": 7,
    }
    letter = carried(json.dumps(envelope), message_attributes=letters.text_attributes(RULE_ARN="x"))

    assert as_published(letter).message.message_attributes == {
        "region": MessageAttribute("String.Array", '["AU"]'),
        "blob": MessageAttribute("Binary", None, b"\x00\x01"),
    }


def test_a_changing_door_drops_duplicates_as_the_inner_one_does() -> None:
    assert ChangingDoor(FakeDoor(deduplicates=True), lambda one: one).deduplicates
    assert not ChangingDoor(FakeDoor(deduplicates=False), lambda one: one).deduplicates


# -- sinks -----------------------------------------------------------------------------------------


@dataclass
class FakeSink:
    """Answers by text, or fails a call of more than `most`."""

    batch: int = 10
    answers: dict[str, SendOutcome] = field(default_factory=dict)
    fails: Callable[[Sequence[Parcel]], EdactlError | None] = lambda _: None
    got: list[Parcel] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)

    def put(self, parcels: Sequence[Parcel]) -> list[SendOutcome]:
        self.calls.append(len(parcels))
        if error := self.fails(parcels):
            raise error
        self.got += parcels
        return [self.answers.get(one.text, Sent(f"new {one.text}")) for one in parcels]


def three() -> list[Carried]:
    return [carried(name, f"m-{name}") for name in "abc"]


def test_each_letter_has_its_own_answer_in_a_batch_that_failed_in_part() -> None:
    answers: dict[str, SendOutcome] = {
        "a": NotSent("ProvisionedThroughputExceededException", "slow", retryable=True),
        "b": NotSent("NoAnswer", "nothing said"),
    }
    door = SinkDoor(FakeSink(answers=answers), "run")

    assert door.deliver(three()) == [
        Refused("ProvisionedThroughputExceededException", "slow", retryable=True, throttled=True),
        Unknown("nothing said"),
        Delivered("new c"),
    ]
    assert not door.deduplicates


def test_a_sink_gets_as_many_as_it_takes_and_each_keeps_its_name() -> None:
    sink = FakeSink(batch=2)
    SinkDoor(sink, "run").deliver(three())
    first = [one.name for one in sink.got]
    SinkDoor(sink, "run").deliver(three())

    assert sink.calls == [2, 1, 2, 1]
    assert first == [one.name for one in sink.got[3:]]
    assert len(set(first)) == 3


def test_one_bad_letter_does_not_take_its_batch_along() -> None:
    def refuses(parcels: Sequence[Parcel]) -> EdactlError | None:
        bad = any(one.text == "b" for one in parcels)
        return AwsError("bad", code="ValidationError") if bad else None

    deliveries = SinkDoor(FakeSink(fails=refuses), "run").deliver(three())

    assert deliveries == [Delivered("new a"), Refused("ValidationError", "bad"), Delivered("new c")]


@pytest.mark.parametrize(
    ("error", "delivery"),
    [
        (Unreachable("gone", code="ReadTimeout"), Unknown("gone")),
        (Throttled("slow", code="T"), Refused("T", "slow", retryable=True, throttled=True)),
        (InputError("no"), Refused("InvalidInput", "no")),
        (AwsError("no key", code="KMS.DisabledException"), None),
        (DENIED, None),
    ],
)
def test_a_call_that_failed_means_the_same_for_all(
    error: EdactlError, delivery: Delivery | None
) -> None:
    deliveries = SinkDoor(FakeSink(fails=lambda _: error), "run").deliver(three())

    assert deliveries == [delivery or Halted(error)] * 3


# -- buses -----------------------------------------------------------------------------------------


@dataclass
class FakePutter:
    outcomes: list[EntryOutcome]
    got: list[Entry] = field(default_factory=list)

    def put_events(self, entries: Sequence[Entry]) -> Sequence[EntryOutcome]:
        self.got += entries
        return self.outcomes


def test_an_event_keeps_its_source_time_resources_and_numbers() -> None:
    putter = FakePutter([EntryOutcome("e-1")])
    text = json.dumps(letters.EVENT).replace("12.5", "12.50")
    [outcome] = BusSink(BUS, putter).put([Parcel(text, "n", None, {})])

    [entry] = putter.got
    assert outcome == Sent("e-1")
    assert (entry.source, entry.detail_type, entry.bus) == ("com.shop", "OrderPlaced", BUS)
    assert entry.resources == ("order/7",)
    assert entry.time == datetime(2026, 11, 20, 10, 11, 12, tzinfo=UTC)
    assert "12.50" in entry.detail


def test_a_bus_tells_of_each_event_and_what_is_none_is_not_put() -> None:
    outcomes = [
        EntryOutcome(error_code="InternalFailure", error_message="oh"),
        EntryOutcome(error_code="MalformedDetail"),
    ]
    putter = FakePutter(outcomes)
    event = json.dumps(letters.EVENT)
    texts = ["text", event, event, event, json.dumps(letters.EVENT | {"source": "aws.s3"})]

    found = BusSink(BUS, putter).put([Parcel(one, "n", None, {}) for one in texts])

    assert [one.error_code for one in found if isinstance(one, NotSent)] == [
        "NotAnEvent",
        "InternalFailure",
        "MalformedDetail",
        "NoAnswer",
        "ReservedSource",
    ]
    assert [one.retryable for one in found if isinstance(one, NotSent)][1:3] == [True, False]
    assert len(putter.got) == 3


def test_where_no_event_is_left_nothing_is_put() -> None:
    putter = FakePutter([])
    BusSink(BUS, putter).put([Parcel("text", "n", None, {})])
    assert putter.got == []


# -- patience --------------------------------------------------------------------------------------


def opened(inner: FakeDoor | ChangingDoor | EdactlError, patience: Patience | None) -> DoorCache:
    def opener(_route: Route) -> FakeDoor | ChangingDoor:
        if isinstance(inner, EdactlError):
            raise inner
        return inner

    return DoorCache({"sqs": opener}, patience)


def test_with_patience_a_refused_door_closes_and_is_not_knocked_at_again() -> None:
    inner = FakeDoor(Halted(DENIED))
    door = opened(inner, Patience()).open(ROUTE)

    first, second = door.deliver(three()), door.deliver(three())

    assert first == second == [Refused("AccessDenied", "no")] * 3
    assert len(inner.got) == 3
    assert door.deduplicates


def test_without_patience_it_stops_the_run() -> None:
    assert opened(FakeDoor(Halted(DENIED)), None).open(ROUTE).deliver(three())[0] == Halted(DENIED)
    with pytest.raises(AccessDenied):
        opened(DENIED, None).open(ROUTE)


def test_a_door_that_may_not_be_opened_is_closed_from_the_start() -> None:
    door = opened(DENIED, Patience()).open(ROUTE)

    assert door.deliver(three()) == [Refused("AccessDenied", "no")] * 3
    assert not door.deduplicates


def test_a_door_with_nothing_behind_it_says_so() -> None:
    with pytest.raises(NotFound):
        opened(NotFound("gone", code="NotFound"), Patience()).open(ROUTE)


def test_expired_credentials_stop_the_run_all_the_same() -> None:
    halted = Halted(ConfigError("expired"))
    assert opened(FakeDoor(halted), Patience()).open(ROUTE).deliver(three()) == [halted] * 3


def test_patience_ends_where_nothing_has_arrived_anywhere() -> None:
    patience = Patience()
    door = opened(FakeDoor(Halted(DENIED)), patience).open(ROUTE)
    answers = [one for _ in range(PATIENCE) for one in door.deliver([carried("a")])]

    assert answers[:-1] == [Refused("AccessDenied", "no")] * (PATIENCE - 1)
    assert answers[-1] == Halted(DENIED)
    assert patience.in_vain is DENIED


def test_patience_does_not_end_once_something_arrived() -> None:
    patience = Patience()
    patience.door(FakeDoor()).deliver(three())
    door = patience.closed(DENIED)

    answers = [one for _ in range(2 * PATIENCE) for one in door.deliver([carried("a")])]
    assert set(answers) == {Refused("AccessDenied", "no")}
    assert patience.in_vain is None


def test_a_door_that_was_closed_by_something_without_a_code_names_its_kind() -> None:
    door = Patience().door(FakeDoor(Halted(UsageError("no"))))
    assert door.deliver([carried("a")]) == [Refused("UsageError", "no")]


# -- looking at doors ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inner", "decision"),
    [
        (FakeDoor(), None),
        (NotFound("gone", code="x"), Skip("gone")),
        (DENIED, Skip("no")),
        (ChangingDoor(FakeDoor(), lambda _: Refused("NotDelivered", "no JSON")), Skip("no JSON")),
        (ChangingDoor(FakeDoor(), lambda one: one), None),
    ],
)
def test_a_look_leaves_what_has_no_door(inner: Any, decision: Skip | None) -> None:
    chooser = OpeningChooser(AlwaysThere(), opened(inner, Patience()))
    found = chooser.decide(carried("a").letter)

    assert found == (decision or carried("a"))


class AlwaysThere:
    """Sends each letter as it is to one queue."""

    def decide(self, letter: Letter) -> Carried:
        return Carried(letter, ToOnePlace(ROUTE).route(letter), letter.message.body)


def test_a_look_leaves_what_is_left_anyway() -> None:
    class Nobody:
        def decide(self, _letter: Letter) -> Skip:
            return Skip("not of --where")

    look = OpeningChooser(Nobody(), opened(FakeDoor(), None))
    assert look.decide(carried("a").letter) == Skip("not of --where")
