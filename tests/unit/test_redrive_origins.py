"""The way back of a letter, by its origin: a route, or the reason why there is none."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from edactl.core.letter import Letter, Origin
from edactl.core.letter_origins import classify
from edactl.core.message import Outgoing
from edactl.core.redrive_origins import ToBus, ToOrigin, bus_of_rule, way_of
from edactl.core.redrive_route import Decider, Route, Skip, ToOnePlace
from edactl.core.redrive_targets import in_words, kind_of, why_unreachable
from tests import letter_makers as letters
from tests.dead_letters import LETTERS, message_of
from tests.queue_fakes import a_message

HERE = "us-east-1:000000000000"
DLQ = f"arn:aws:sqs:{HERE}:events-dlq"
RULE = f"arn:aws:events:{HERE}:rule/shop/orders"
QUEUE = f"arn:aws:sqs:{HERE}:billing"
FUNCTION = f"arn:aws:lambda:{HERE}:function:billing"
SCHEDULE = f"arn:aws:scheduler:{HERE}:schedule/default/nightly"
TOPIC = f"arn:aws:sns:{HERE}:news"
OPERATION = "arn:aws:scheduler:::aws-sdk:{}"


def as_is(letter: Letter) -> Letter:
    return letter


def letter_of(outgoing: Outgoing) -> Letter:
    return classify(
        replace(
            a_message("m-1"), body=outgoing.body, message_attributes=outgoing.message_attributes
        )
    )


def decided(outgoing: Outgoing, **options: Any) -> Route | str:
    """Where the letter goes, or why it stays."""
    router = ToOrigin(DLQ, options.pop("locate", as_is), **options)
    decision = Decider(router).decide(letter_of(outgoing))
    return decision.reason if isinstance(decision, Skip) else decision.route


def test_a_rules_letter_goes_to_its_target_for_its_rule() -> None:
    assert decided(letters.of_rule(RULE, QUEUE)) == Route("rule-target", QUEUE, RULE)


def test_via_bus_it_goes_to_the_rules_bus_for_nobody() -> None:
    bus = f"arn:aws:events:{HERE}:event-bus/shop"
    assert decided(letters.of_rule(RULE, QUEUE), via_bus=True) == Route("bus", bus)


@pytest.mark.parametrize(
    ("rule", "bus"),
    [
        ("rule/orders", "default"),
        ("rule/shop/orders", "shop"),
        ("rule/aws.partner/saas.com/acc/orders", "aws.partner/saas.com/acc"),
    ],
)
def test_the_bus_is_in_the_rules_arn(rule: str, bus: str) -> None:
    assert bus_of_rule(f"arn:aws:events:{HERE}:{rule}") == f"arn:aws:events:{HERE}:event-bus/{bus}"


@pytest.mark.parametrize("text", ["", "orders", f"arn:aws:events:{HERE}:event-bus/shop"])
def test_what_is_no_rule_has_no_bus(text: str) -> None:
    assert bus_of_rule(text) is None


@pytest.mark.parametrize(
    ("outgoing", "says"),
    [
        (letters.of_rule(RULE.replace("000000000000", "1" * 12), QUEUE), "of another account"),
        (letters.of_rule(RULE.replace("us-east-1", "eu-west-1"), QUEUE), "account or region"),
        (letters.of_rule(RULE, f"arn:aws:batch:{HERE}:job-queue/blue"), "aws batch submit-job"),
        (letters.of_rule(RULE, f"arn:aws:newest:{HERE}:thing/a"), "a target of newest (a)"),
        (letters.of_rule(RULE, f"arn:aws:events:{HERE}:api-destination/hook/1"), "hook is called"),
        (letters.of_stream(FUNCTION), "it holds no records"),
        (letters.of_function_destination("billing", 1), "the record names no function"),
        (
            letters.of_function_destination(FUNCTION.replace("000000000000", "1" * 12), 1),
            "of another account",
        ),
        (
            letters.of_schedule(SCHEDULE, OPERATION.format("iam:createUser"), {"UserName": "x"}),
            "edactl does not call iam createUser",
        ),
        (
            letters.of_schedule(
                SCHEDULE, OPERATION.format("sns:publish"), {"TopicArn": TOPIC.replace("0000", "1")}
            ),
            "of another account",
        ),
        (
            letters.of_schedule(SCHEDULE, f"arn:aws:kinesis:{HERE}:stream/s", {}),
            "alone knows how it writes to s",
        ),
        (letters.of_schedule(SCHEDULE, f"arn:aws:ecs:{HERE}:cluster/blue", {}), "aws ecs run-task"),
        (
            letters.of_schedule(SCHEDULE, f"arn:aws:logs:{HERE}:log-group:/a", {}),
            "alone knows how it writes to a",
        ),
        (letters.of_schedule(SCHEDULE, QUEUE.replace("0000", "1"), {}), "of another account"),
        (letters.of_function(), "not exactly one function has this DLQ"),
        (letters.of_subscription(f"{TOPIC}:1", TOPIC, "x"), "is gone, or has another DLQ now"),
        (Outgoing("hello"), "nothing tells who sent it here; --to QUEUE"),
    ],
)
def test_what_cannot_go_back_says_why(outgoing: Outgoing, says: str) -> None:
    reason = decided(outgoing)
    assert isinstance(reason, str)
    assert says in reason


@pytest.mark.parametrize(
    ("outgoing", "route"),
    [
        (
            letters.of_rule(RULE, f"arn:aws:ecs:{HERE}:cluster/blue"),
            Route("rule-target", f"arn:aws:ecs:{HERE}:cluster/blue", RULE),
        ),
        (
            letters.of_rule(RULE, f"arn:aws:logs:{HERE}:log-group:/aws/events/a"),
            Route("rule-target", f"arn:aws:logs:{HERE}:log-group:/aws/events/a", RULE),
        ),
        (
            letters.of_schedule(SCHEDULE, OPERATION.format("sqs:sendMessage"), {"QueueUrl": "x"}),
            Route("schedule-target", OPERATION.format("sqs:sendMessage"), SCHEDULE),
        ),
        (
            letters.of_schedule(SCHEDULE, QUEUE, {"a": 1}),
            Route("schedule-target", QUEUE, SCHEDULE),
        ),
        (
            letters.of_function_destination(FUNCTION, {"n": 1}),
            Route("function", f"{FUNCTION}:$LATEST"),
        ),
    ],
)
def test_what_names_its_own_target_goes_there(outgoing: Outgoing, route: Route) -> None:
    assert decided(outgoing) == route


def located_at(target: str | None, origin: Origin | None = None, sender: str | None = None) -> Any:
    def locate(letter: Letter) -> Letter:
        return replace(
            letter, target=target, origin=origin or letter.origin, sender=sender or letter.sender
        )

    return locate


def test_what_leaves_its_target_out_goes_where_the_sources_tell() -> None:
    enveloped = letters.of_subscription(f"{TOPIC}:1", TOPIC, "x")
    assert decided(enveloped, locate=located_at(QUEUE)) == Route(
        "subscription", QUEUE, f"{TOPIC}:1"
    )
    assert decided(letters.of_function(), locate=located_at(FUNCTION)) == Route(
        "function", FUNCTION
    )
    raw = located_at(QUEUE, Origin.SNS_RAW, f"{TOPIC}:2")
    assert decided(Outgoing("x"), locate=raw) == Route("subscription", QUEUE, f"{TOPIC}:2")


def test_one_of_several_raw_subscriptions_is_not_guessed() -> None:
    reason = decided(Outgoing("x"), locate=located_at(None, Origin.SNS_RAW))
    assert "which of several subscriptions failed" in str(reason)


def test_an_endpoint_of_the_web_is_not_called() -> None:
    enveloped = letters.of_subscription(f"{TOPIC}:1", TOPIC, "x")
    reason = decided(enveloped, locate=located_at("https://example.com/hook"))
    assert "neither a queue nor a function (https://example.com/hook)" in str(reason)


@pytest.mark.parametrize("given", LETTERS, ids=lambda one: one["name"])
def test_a_letter_with_a_problem_stays_and_says_it(given: dict[str, Any]) -> None:
    problem = given["letter"].get("problem")
    letter = classify(message_of(given["message"]))
    decision = Decider(ToOrigin(DLQ, as_is)).decide(letter)
    if problem:
        assert decision == Skip(problem)
    elif letter.origin in {Origin.STREAM_DESTINATION, Origin.CUSTOM_EVENT_BUS}:
        assert isinstance(decision, Skip)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (json.dumps(letters.EVENT), None),
        (json.dumps(letters.EVENT | {"source": "aws.s3"}), 'AWS alone may send as "aws.s3"'),
        ('{"source": "a"}', "lacks source and detail-type"),
        ("text", "lacks source and detail-type"),
    ],
)
def test_only_events_of_ones_own_go_onto_a_bus(body: str, reason: str | None) -> None:
    place = Route("bus", f"arn:aws:events:{HERE}:event-bus/shop")
    decision = ToBus(place).route(letter_of(Outgoing(body)))
    if reason is None:
        assert decision == place
    else:
        assert isinstance(decision, Skip)
        assert reason in decision.reason


def test_a_rule_of_elsewhere_has_its_bus_elsewhere() -> None:
    foreign = letters.of_rule(RULE.replace("us-east-1", "eu-west-1"), QUEUE)
    assert "account or region" in str(decided(foreign, via_bus=True))
    assert "account or region" in str(decided(letters.of_rule("nonsense", QUEUE), via_bus=True))


def test_a_dlq_without_an_arn_compares_nothing() -> None:
    letter = letter_of(letters.of_rule(RULE, QUEUE))
    assert ToOrigin("", as_is).route(letter) == Route("rule-target", QUEUE, RULE)


def test_what_a_letter_does_not_hold_is_not_sent() -> None:
    decision = Decider(ToOnePlace(Route("sqs", QUEUE))).decide(letter_of(letters.of_stream("f")))
    assert decision == Skip("a letter of origin stream-destination does not hold what was sent")


def test_a_named_place_takes_letters_as_they_are() -> None:
    place = Route("sqs", QUEUE)
    outgoing = letters.of_function_destination(FUNCTION, {"n": 1})
    decision = Decider(ToOnePlace(place), as_it_is=True).decide(letter_of(outgoing))
    assert not isinstance(decision, Skip)
    assert decision.payload == outgoing.body


@pytest.mark.parametrize(
    ("route", "words"),
    [
        (Route("sqs", QUEUE), "billing"),
        (Route("rule-target", FUNCTION, RULE), "rule orders -> function billing, as this"),
        (Route("schedule-target", QUEUE, SCHEDULE), "schedule nightly -> queue billing"),
        (Route("subscription", QUEUE, f"{TOPIC}:1"), "subscription of topic news -> queue"),
        (Route("bus", f"arn:aws:events:{HERE}:event-bus/shop"), "bus shop, where every rule"),
        (Route("topic", TOPIC), "topic news, to every subscriber"),
        (Route("function", FUNCTION), "function billing, an asynchronous invoke"),
    ],
)
def test_a_way_is_said_in_words(route: Route, words: str) -> None:
    assert way_of(route).startswith(words)


@pytest.mark.parametrize(
    ("arn", "words"),
    [
        (f"arn:aws:kinesis:{HERE}:stream/clicks", "stream clicks"),
        (f"arn:aws:firehose:{HERE}:deliverystream/lake", "delivery stream lake"),
        (f"arn:aws:states:{HERE}:stateMachine:checkout", "state machine checkout"),
        (f"arn:aws:states:{HERE}:activity:a", "a"),
        ("https://example.com/", "https://example.com/"),
    ],
)
def test_destinations_are_said_in_words(arn: str, words: str) -> None:
    assert in_words(arn) == words


def test_what_is_no_arn_is_nothing_that_edactl_reaches() -> None:
    assert kind_of("https://example.com/") is None
    assert "no resource of AWS" in str(why_unreachable("https://example.com/"))
    assert why_unreachable(QUEUE) is None
