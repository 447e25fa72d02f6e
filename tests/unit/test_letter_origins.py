from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from edactl.core.dead_letter_source import DeadLetterSource, SourceKind
from edactl.core.letter import Letter, Origin
from edactl.core.letter_origins import classify, located
from edactl.core.message import MessageAttribute
from edactl.core.record import record_of
from tests.dead_letters import CASES, LETTERS, message_of

TOLD = ("error_message", "target", "sender", "attempts", "exhausted", "request_id", "problem")
DLQ = "arn:aws:sqs:r:1:dlq"
FUNCTION = "arn:aws:lambda:r:1:function:billing"
SUBSCRIPTION = "arn:aws:sns:eu-west-1:123456789012:news:c9135db0-26c4-47ec-8998-413945fb5a96"


def letter_of(name: str) -> Letter:
    return classify(message_of(next(one for one in LETTERS if one["name"] == name)["message"]))


def raw_subscription(arn: str) -> DeadLetterSource:
    return DeadLetterSource(SourceKind.SUBSCRIPTION, arn, DLQ, "https://example.com", raw=True)


@pytest.mark.parametrize("case", LETTERS, ids=lambda case: str(case["name"]))
def test_a_letter_is_read_as_its_origin_writes_it(case: dict[str, Any]) -> None:
    message = message_of(case["message"])

    found = record_of(classify(message))

    del found["message"]
    assert found == dict.fromkeys((*TOLD, "reason")) | case["letter"]
    assert case["source"] in CASES["sources"]


def test_every_origin_that_a_message_can_tell_has_a_case() -> None:
    told = {case["letter"]["origin"] for case in LETTERS}

    assert told == {origin.value for origin in Origin} - {"sns-raw"}


@pytest.mark.parametrize(
    "body",
    ["", "[" * 100_000, '{"a":' * 100_000, '{"n":' + "1" * 5000 + "}", '{"x": NaN}', "\ud800", "{"],
    ids=["empty", "deep list", "deep object", "huge number", "NaN", "surrogate", "cut off"],
)
def test_no_body_is_too_odd_to_be_classified(body: str) -> None:
    assert classify(message_of({"body": body})).origin is Origin.UNKNOWN


def test_an_attribute_that_is_binary_tells_nothing() -> None:
    message = message_of({"body": "x"})
    binary = {"RULE_ARN": MessageAttribute("Binary", binary_value=b"\xff")}

    assert classify(replace(message, message_attributes=binary)).origin is Origin.UNKNOWN


def test_the_endpoint_of_a_notification_comes_from_its_subscription() -> None:
    letter = letter_of("an enveloped notification names its subscription")
    subscription = DeadLetterSource(SourceKind.SUBSCRIPTION, SUBSCRIPTION, DLQ, FUNCTION)

    assert letter.sender == SUBSCRIPTION
    assert located(letter, [raw_subscription("another"), subscription]).target == FUNCTION
    assert located(letter, []).target is None


def test_a_notification_without_a_subscription_stays_as_it_is() -> None:
    letter = letter_of("an envelope without a link to unsubscribe names no subscription")

    assert located(letter, [raw_subscription(SUBSCRIPTION)]) == letter


def test_the_function_of_an_asynchronous_invoke_is_known_when_only_one_writes_here() -> None:
    letter = letter_of("an event that a function's handler failed on")
    one = DeadLetterSource(SourceKind.FUNCTION, FUNCTION, DLQ)

    assert located(letter, [one, raw_subscription("s")]).target == FUNCTION
    assert located(letter, [one, replace(one, arn="other")]).target is None
    assert located(letter, []).target is None


def test_a_letter_without_a_trace_is_of_the_raw_subscription_that_writes_here() -> None:
    letter = letter_of("a message that somebody sent here by hand")
    enveloped = replace(raw_subscription("s2"), raw=False)

    found = located(letter, [raw_subscription("s1"), enveloped])

    assert (found.origin, found.sender) == (Origin.SNS_RAW, "s1")
    assert found.target == "https://example.com"
    assert located(letter, [enveloped]) == letter
    assert located(letter, []) == letter


def test_of_two_raw_subscriptions_none_is_named() -> None:
    letter = letter_of("a pointer that lost its attribute")

    found = located(letter, [raw_subscription("s1"), raw_subscription("s2")])

    assert (found.origin, found.sender, found.target) == (Origin.SNS_RAW, None, None)


def test_a_letter_of_a_queue_needs_no_sources() -> None:
    letter = letter_of("a message that a queue's consumers did not delete")

    assert located(letter, [raw_subscription("s1")]) == letter
