from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edactl.core.message import MessageAttribute, Outgoing
from edactl.core.message_rules import (
    Survey,
    check_attribute,
    check_for_queue,
    check_message,
    pack,
    size_bytes,
)
from edactl.core.queue import MAXIMUM_BATCH_BYTES, Queue, queue_attributes
from edactl.errors import InputError

CASES = json.loads((Path(__file__).parents[1] / "cases" / "sqs_messages.json").read_text("utf-8"))
STANDARD = Queue("orders", "https://q/1/orders", "arn:aws:sqs:r:1:orders", "1", "r")
FIFO = Queue("orders.fifo", "https://q/1/orders.fifo", "arn:aws:sqs:r:1:orders.fifo", "1", "r")


def survey_of(*messages: Outgoing) -> Survey:
    survey = Survey()
    for number, message in enumerate(messages, start=1):
        survey = survey.seeing(message, f"in:{number}")
    return survey


@pytest.mark.parametrize("case", CASES["characters"], ids=lambda case: ascii(case["text"]))
def test_a_character_that_sqs_does_not_carry_is_named_with_its_position(
    case: dict[str, Any],
) -> None:
    if case["position"] is None:
        check_message(Outgoing(case["text"]), "in:1")
        return
    with pytest.raises(InputError) as caught:
        check_message(Outgoing(case["text"]), "in:1")

    assert f"at character {case['position']}," in caught.value.message
    assert f"U+{ord(case['text'][case['position'] - 1]):04X}" in caught.value.message
    assert caught.value.where == "in:1"


def test_a_forbidden_character_in_an_attribute_or_a_trace_header_is_found_too() -> None:
    with pytest.raises(InputError, match='message attribute "n" holds U\\+0001 at character 2'):
        check_message(Outgoing("x", {"n": MessageAttribute("String", "a\x01")}), "in:1")
    with pytest.raises(InputError, match="the trace header holds U\\+0002 at character 1"):
        check_message(Outgoing("x", trace_header="\x02"), "in:1")


@pytest.mark.parametrize("case", CASES["attribute_names"], ids=lambda case: case["name"])
def test_an_attribute_name_is_taken_or_refused_as_sqs_does(case: dict[str, Any]) -> None:
    attribute = MessageAttribute("String", "x")
    if case["valid"]:
        check_attribute(case["name"], attribute, "in:1")
        return
    with pytest.raises(InputError) as caught:
        check_attribute(case["name"], attribute, "in:1")

    assert f'message attribute "{case["name"]}"' in caught.value.message


def test_an_attribute_name_has_256_characters_at_most() -> None:
    check_attribute("a" * 256, MessageAttribute("String", "x"), "in:1")
    with pytest.raises(InputError, match="at most 256"):
        check_attribute("a" * 257, MessageAttribute("String", "x"), "in:1")


@pytest.mark.parametrize(
    "case", CASES["attribute_types"], ids=lambda c: f"{c['type']}={c['value']}"
)
def test_an_attribute_type_is_taken_or_refused_as_sqs_does(case: dict[str, Any]) -> None:
    attribute = MessageAttribute(case["type"], case["value"])
    if case["valid"]:
        check_attribute("n", attribute, "in:1")
        return
    with pytest.raises(InputError, match='message attribute "n"'):
        check_attribute("n", attribute, "in:1")


def test_a_binary_attribute_needs_bytes_and_a_string_attribute_has_none() -> None:
    check_attribute("n", MessageAttribute("Binary.png", None, b"\x00"), "in:1")
    with pytest.raises(InputError, match="a Binary has no such value"):
        check_attribute("n", MessageAttribute("Binary", "text"), "in:1")
    with pytest.raises(InputError, match="a String has no such value"):
        check_attribute("n", MessageAttribute("String", "text", b"\x00"), "in:1")
    with pytest.raises(InputError, match="the value is empty"):
        check_attribute("n", MessageAttribute("Binary", None, b""), "in:1")


def test_a_type_longer_than_256_characters_is_refused() -> None:
    with pytest.raises(InputError, match="is not a type"):
        check_attribute("n", MessageAttribute("String." + "a" * 250, "x"), "in:1")


def test_ten_attributes_are_taken_and_eleven_refused() -> None:
    ten = {f"a{n}": MessageAttribute("String", "x") for n in range(10)}
    check_message(Outgoing("x", ten), "in:1")
    with pytest.raises(InputError, match="11 message attributes"):
        check_message(Outgoing("x", {**ten, "b": MessageAttribute("String", "x")}), "in:1")


def test_an_empty_body_is_refused() -> None:
    with pytest.raises(InputError, match="the body is empty"):
        check_message(Outgoing(""), "in:1")


@pytest.mark.parametrize("case", CASES["ids"], ids=lambda case: ascii(case["id"]))
def test_group_and_deduplication_ids_are_taken_or_refused_as_sqs_does(
    case: dict[str, Any],
) -> None:
    for message, label in (
        (Outgoing("x", group_id=case["id"]), "group"),
        (Outgoing("x", deduplication_id=case["id"]), "deduplication"),
    ):
        if case["valid"]:
            check_message(message, "in:1")
            continue
        with pytest.raises(InputError, match=f"the {label} id"):
            check_message(message, "in:1")


def test_an_id_of_128_characters_is_taken_and_of_129_refused() -> None:
    check_message(Outgoing("x", group_id="g" * 128), "in:1")
    with pytest.raises(InputError, match="1 to 128"):
        check_message(Outgoing("x", group_id="g" * 129), "in:1")


@pytest.mark.parametrize("case", CASES["delays"], ids=lambda case: str(case["seconds"]))
def test_a_delay_is_within_fifteen_minutes(case: dict[str, Any]) -> None:
    message = Outgoing("x", delay_seconds=case["seconds"])
    if case["valid"]:
        check_message(message, "in:1")
        return
    with pytest.raises(InputError, match="0 to 900 seconds"):
        check_message(message, "in:1")


@pytest.mark.parametrize("case", CASES["sizes"], ids=lambda case: ascii(case["body"]))
def test_the_size_counts_body_and_names_types_and_values(case: dict[str, Any]) -> None:
    attributes = {name: MessageAttribute(*pair) for name, pair in case["attributes"].items()}

    assert size_bytes(Outgoing(case["body"], attributes, trace_header="uncounted")) == case["bytes"]


def test_binary_values_count_by_their_bytes() -> None:
    assert (
        size_bytes(Outgoing("a", {"n": MessageAttribute("Binary", None, b"123")})) == 1 + 1 + 6 + 3
    )


def test_eleven_messages_make_a_batch_of_ten_and_one_of_one() -> None:
    messages = [Outgoing(str(n)) for n in range(11)]

    assert list(pack(messages)) == [messages[:10], messages[10:]]


def test_a_batch_holds_exactly_one_mebibyte_and_not_a_byte_more() -> None:
    half = Outgoing("x" * (MAXIMUM_BATCH_BYTES // 2))
    more = Outgoing("y" * (MAXIMUM_BATCH_BYTES // 2 + 1))

    assert list(pack([half, half])) == [[half, half]]
    assert list(pack([half, more])) == [[half], [more]]


def test_nothing_makes_no_batch() -> None:
    assert list(pack([])) == []


def test_a_survey_names_the_first_of_each_kind() -> None:
    survey = survey_of(
        Outgoing("ab", group_id="g", deduplication_id="d"),
        Outgoing("abc", deduplication_id="d"),
        Outgoing("abc", group_id="g", delay_seconds=0),
        Outgoing("a", delay_seconds=1),
    )

    assert survey == Survey(
        count=4,
        largest_bytes=3,
        largest="in:2",
        without_group="in:2",
        without_deduplication="in:3",
        with_delay="in:3",
    )


def test_a_message_larger_than_the_queue_takes_is_refused_with_both_sizes() -> None:
    attributes = queue_attributes({"MaximumMessageSize": "1024"})
    check_for_queue(survey_of(Outgoing("x" * 1024)), STANDARD, attributes)
    with pytest.raises(InputError) as caught:
        check_for_queue(survey_of(Outgoing("x"), Outgoing("x" * 1025)), STANDARD, attributes)

    assert caught.value.where == "in:2"
    assert "has 1025 bytes" in caught.value.message
    assert "takes 1024" in caught.value.message


def test_a_standard_queue_needs_no_group() -> None:
    check_for_queue(survey_of(Outgoing("x", delay_seconds=1)), STANDARD, queue_attributes({}))


def test_a_fifo_queue_needs_a_group_and_the_error_says_what_to_type() -> None:
    with pytest.raises(InputError) as caught:
        check_for_queue(
            survey_of(Outgoing("x", group_id="g", deduplication_id="a"), Outgoing("y")),
            FIFO,
            queue_attributes({}),
        )

    assert caught.value.where == "in:2"
    assert caught.value.hint is not None
    assert "--group-id" in caught.value.hint


def test_a_fifo_queue_needs_deduplication_ids_unless_it_deduplicates_by_content() -> None:
    survey = survey_of(Outgoing("x", group_id="g"))
    check_for_queue(survey, FIFO, queue_attributes({"ContentBasedDeduplication": "true"}))
    with pytest.raises(InputError) as caught:
        check_for_queue(survey, FIFO, queue_attributes({}))

    assert caught.value.hint is not None
    assert "--deduplication-id" in caught.value.hint


def test_a_fifo_queue_takes_no_delay_of_a_single_message() -> None:
    survey = survey_of(Outgoing("x", group_id="g", deduplication_id="d", delay_seconds=1))
    with pytest.raises(InputError, match="takes no delay"):
        check_for_queue(survey, FIFO, queue_attributes({}))
