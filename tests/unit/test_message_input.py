from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from edactl.core.message import (
    Message,
    MessageAttribute,
    Outgoing,
    record_with_json_body,
)
from edactl.core.message_input import Defaults, parse_attributes, parse_line
from edactl.core.record import record_of
from edactl.errors import InputError

SENT_AT = datetime(2026, 1, 31, 8, tzinfo=UTC)


def a_message(**changes: object) -> Message:
    fields: dict[str, object] = {
        "message_id": "m-1",
        "body": '{"id": 1}',
        "attributes": {"SenderId": "AIDA", "ApproximateReceiveCount": "2"},
        "message_attributes": {
            "tenant": MessageAttribute("String", "acme"),
            "photo": MessageAttribute("Binary", None, b"\x00\x01"),
        },
        "group_id": "g",
        "deduplication_id": "d",
        "sent_at": SENT_AT,
        "first_received_at": None,
        "receive_count": 2,
        "source_queue_arn": "arn:aws:sqs:r:1:orders",
        "trace_header": "Root=1-2",
    }
    return Message(**(fields | changes))  # type: ignore[arg-type] # fields by name


def test_a_record_has_the_contract_fields_in_order() -> None:
    assert list(record_of(a_message())) == [
        "message_id",
        "body",
        "attributes",
        "message_attributes",
        "group_id",
        "deduplication_id",
        "sent_at",
        "first_received_at",
        "receive_count",
        "source_queue_arn",
        "trace_header",
    ]


def test_a_printed_record_is_read_back_with_attributes_ids_and_trace_header() -> None:
    line = json.dumps(record_of(a_message()))

    assert parse_line(line, "in:1") == Outgoing(
        body='{"id": 1}',
        message_attributes={
            "tenant": MessageAttribute("String", "acme"),
            "photo": MessageAttribute("Binary", None, b"\x00\x01"),
        },
        group_id="g",
        deduplication_id="d",
        trace_header="Root=1-2",
        delay_seconds=None,
    )


def test_json_body_is_the_body_parsed_and_null_where_it_is_no_json() -> None:
    assert record_with_json_body(a_message())["json_body"] == {"id": 1}
    assert record_with_json_body(a_message(body="plain"))["json_body"] is None
    assert record_with_json_body(a_message(body="NaN"))["json_body"] is None
    assert record_with_json_body(a_message(body="[" * 100_000))["json_body"] is None


def test_a_record_with_json_body_is_read_back_too() -> None:
    line = json.dumps(record_with_json_body(a_message()))

    assert parse_line(line, "in:1").body == '{"id": 1}'


def test_the_trace_header_of_the_system_attributes_serves_when_there_is_no_other() -> None:
    line = json.dumps({"body": "x", "attributes": {"AWSTraceHeader": "Root=1-9"}})

    assert parse_line(line, "in:1").trace_header == "Root=1-9"


def test_a_json_string_is_the_body() -> None:
    assert parse_line('"caf\\u00e9"', "in:1") == Outgoing("café")


@pytest.mark.parametrize(
    "line",
    ['{"id": 1}', '{"body": 5}', '{"body": "x", "other": 1}', "[1,  2]", "5", "true", "null"],
)
def test_any_other_json_is_itself_the_body_byte_for_byte(line: str) -> None:
    assert parse_line(line, "in:1") == Outgoing(line)


@pytest.mark.parametrize("line", ["hello", "{'a': 1}", '{"a":', "[" * 100_000, "[", "{"])
def test_a_line_that_is_not_json_is_refused_with_its_place(line: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_line(line, "in:7")

    assert caught.value.where == "in:7"
    assert "not JSON" in caught.value.message
    assert caught.value.hint is not None
    assert ("jq -c" in caught.value.hint) is (line in {"[", "{"})


def test_a_number_too_long_for_python_is_a_body_as_it_is_written() -> None:
    assert parse_line("9" * 5000, "in:1").body == "9" * 5000


def test_what_javascript_calls_a_number_is_no_json() -> None:
    with pytest.raises(InputError, match="not JSON: NaN is no JSON number"):
        parse_line('{"a":NaN}', "in:1")


@pytest.mark.parametrize(
    ("record", "where"),
    [
        ({"group_id": 5}, "in:1: group_id"),
        ({"deduplication_id": []}, "in:1: deduplication_id"),
        ({"trace_header": {}}, "in:1: trace_header"),
        ({"delay_seconds": "5"}, "in:1: delay_seconds"),
        ({"delay_seconds": True}, "in:1: delay_seconds"),
        ({"message_attributes": []}, "in:1: message_attributes"),
        ({"message_attributes": {"n": "x"}}, "in:1: message_attributes.n"),
        ({"message_attributes": {"n": {"string_value": "x"}}}, "in:1: message_attributes.n"),
        (
            {"message_attributes": {"n": {"data_type": "String", "string_value": 5}}},
            "in:1: message_attributes.n: string_value",
        ),
        (
            {"message_attributes": {"n": {"data_type": "Binary", "binary_value": "no base64"}}},
            "in:1: message_attributes.n",
        ),
        (
            {"message_attributes": {"n": {"data_type": "Binary", "binary_value": "é"}}},
            "in:1: message_attributes.n",
        ),
    ],
)
def test_a_wrong_value_in_a_record_is_named_by_its_path(
    record: dict[str, object], where: str
) -> None:
    with pytest.raises(InputError) as caught:
        parse_line(json.dumps({"body": "x"} | record), "in:1")

    assert caught.value.where == where


def test_defaults_fill_what_a_message_lacks_and_keep_what_it_has() -> None:
    defaults = Defaults(
        {"a": MessageAttribute("String", "default"), "b": MessageAttribute("String", "default")},
        group_id="g",
        deduplication_id="d",
        delay_seconds=5,
    )
    own = Outgoing("x", {"a": MessageAttribute("String", "own")}, "own-g", "own-d", "t", 0)

    assert defaults.fill(own) == Outgoing(
        "x",
        {"a": MessageAttribute("String", "own"), "b": MessageAttribute("String", "default")},
        "own-g",
        "own-d",
        "t",
        0,
    )
    assert defaults.fill(Outgoing("y")) == Outgoing(
        "y", defaults.message_attributes, "g", "d", None, 5
    )


def test_attribute_options_have_a_type_after_the_name() -> None:
    assert parse_attributes(["t=a=b", "n:Number.int=5", "b:Binary=AAE="]) == {
        "t": MessageAttribute("String", "a=b"),
        "n": MessageAttribute("Number.int", "5"),
        "b": MessageAttribute("Binary", None, b"\x00\x01"),
    }


@pytest.mark.parametrize(
    ("options", "where"),
    [
        (["name"], "--attribute name"),
        (["a=1", "a=2"], "--attribute a"),
        (["b:Binary=zzz"], "--attribute b:Binary"),
        (["n:Number=five"], "--attribute n:Number"),
        (["AWS.x=1"], "--attribute AWS.x"),
    ],
)
def test_a_bad_attribute_option_is_named(options: list[str], where: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_attributes(options)

    assert caught.value.where == where
