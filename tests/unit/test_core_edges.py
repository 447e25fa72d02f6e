"""Small rules of the core that no command reaches easily."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

import pytest

from edactl.core.arn import parse_bus
from edactl.core.event_edit import apply_edits, parse_edit
from edactl.core.json_stream import json_values
from edactl.core.record import JsonValue, to_json_value
from edactl.core.times import parse_time
from edactl.errors import InputError

BUS = "arn:aws:events:eu-west-1:111122223333:event-bus/flix"


def test_a_bus_reads_as_it_was_typed() -> None:
    assert (str(parse_bus("flix")), str(parse_bus(BUS))) == ("flix", BUS)
    assert (parse_bus(BUS).name, parse_bus(BUS).region) == ("flix", "eu-west-1")


class Color(Enum):
    RED = "red"


@dataclass
class Paint:
    color: Color
    made_at: datetime
    raw: bytes
    tags: tuple[str, ...]


def test_everything_a_record_holds_has_a_word_in_json() -> None:
    paint = Paint(Color.RED, datetime(2026, 1, 31, 8, tzinfo=UTC), b"\x00\xff", ("a",))

    assert to_json_value({1: paint}) == {
        "1": {"color": "red", "made_at": "2026-01-31T08:00:00Z", "raw": "AP8=", "tags": ["a"]}
    }


def test_what_json_has_no_word_for_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="object is no JSON value"):
        to_json_value(object())


def test_now_is_a_time() -> None:
    now = datetime(2026, 1, 31, 8, tzinfo=UTC)

    assert parse_time("now", now=now) == now


@pytest.mark.parametrize("text", ["99999999d", "0001-01-01T00:00:00+14:00", "1" * 400 + "d"])
def test_a_moment_that_no_calendar_has_is_no_time(text: str) -> None:
    with pytest.raises(InputError, match="is not a time"):
        parse_time(text, now=datetime(2026, 1, 31, 8, tzinfo=UTC))


def test_json_nested_too_deep_is_refused_with_its_line() -> None:
    with pytest.raises(InputError, match="f:1: not JSON: nested too deep"):
        list(json_values([b'{"a":' * 100_000], "f"))


def test_a_number_that_json_does_not_know_is_refused() -> None:
    with pytest.raises(InputError, match="NaN is no JSON number"):
        list(json_values([b'{"a":NaN}'], "f"))


def test_an_edit_goes_through_elements_that_are_there() -> None:
    fields: dict[str, JsonValue] = {"detail": {"items": [{"n": 1}, {"n": 2}]}}

    edited = apply_edits(fields, [parse_edit("detail.items[1].n=3")], "here")

    assert edited == {"detail": {"items": [{"n": 1}, {"n": 3}]}}
