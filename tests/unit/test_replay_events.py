from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from edactl.core.replay_event import (
    Replaying,
    Unsendable,
    captured_event,
    entry_of,
    envelope_of,
)
from edactl.core.replay_pace import GapPace, parse_speed, time_of
from edactl.errors import UsageError

ENVELOPE: dict[str, Any] = {
    "version": "0",
    "id": "1",
    "source": "com.flix",
    "detail-type": "T",
    "time": "2026-11-25T01:00:00Z",
    "resources": ["arn:x"],
    "detail": {"n": 1, "metadata": {"k": "v"}},
}


def _entry(event: dict[str, Any], replaying: Replaying) -> Any:
    made = entry_of(event, replaying, "events:1")
    assert not isinstance(made, Unsendable), made
    return made[0]


def test_an_event_goes_to_the_bus_of_the_replay_with_its_old_time() -> None:
    entry = _entry({**ENVELOPE, "EventBusName": "elsewhere"}, Replaying("flix"))

    assert entry.bus == "flix"
    assert entry.time == datetime(2026, 11, 25, 1, tzinfo=UTC)
    assert entry.resources == ("arn:x",)
    assert json.loads(entry.detail) == ENVELOPE["detail"]


@pytest.mark.parametrize("name", ["time", "Time"])
def test_restamped_it_has_no_time(name: str) -> None:
    event = {key: value for key, value in ENVELOPE.items() if key != "time"}

    entry = _entry({**event, name: ENVELOPE["time"]}, Replaying("flix", keep_time=False))

    assert entry.time is None


@pytest.mark.parametrize(
    "event",
    [
        ENVELOPE,
        {"Source": "com.flix", "DetailType": "T", "Detail": json.dumps(ENVELOPE["detail"])},
        {"Source": "com.flix", "DetailType": "T", "Detail": ENVELOPE["detail"]},
        {"specversion": "1.0", "type": "T", "source": "s", "data": ENVELOPE["detail"]},
    ],
    ids=["envelope", "entry with text", "entry with object", "cloud event"],
)
def test_a_mark_stands_in_the_metadata_beside_what_was_there(event: dict[str, Any]) -> None:
    entry = _entry(event, Replaying("flix", mark="run-1"))

    assert json.loads(entry.detail) == {"n": 1, "metadata": {"k": "v", "replay-id": "run-1"}}


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ({**ENVELOPE, "detail": {"metadata": 1}}, "detail.metadata is not an object"),
        ({**ENVELOPE, "detail": "{"}, "detail is a string that is not JSON"),
        ({**ENVELOPE, "detail": [1]}, "detail.metadata is not an object"),
    ],
)
def test_what_cannot_carry_a_mark_is_not_sent(event: dict[str, Any], says: str) -> None:
    made = entry_of(event, Replaying("flix", mark="run-1"), "events:1")

    assert isinstance(made, Unsendable)
    assert made.error_code == "InvalidEvent"
    assert made.error_message.startswith(says)


def test_a_source_of_aws_is_not_sent() -> None:
    made = entry_of({**ENVELOPE, "source": "aws.s3"}, Replaying("flix"), "events:1")

    assert made == Unsendable(
        "ReservedSource", 'AWS alone may send as "aws.s3"; --source-prefix renames it'
    )


@pytest.mark.parametrize("name", ["source", "Source"])
def test_with_a_prefix_a_source_of_aws_is_sent_under_another_name(name: str) -> None:
    event = {"detail-type": "T", "detail": {}, name: "aws.s3"}

    assert _entry(event, Replaying("flix", source_prefix="my.")).source == "my.aws.s3"


def test_a_prefix_leaves_other_sources_alone() -> None:
    assert _entry(ENVELOPE, Replaying("flix", source_prefix="my.")).source == "com.flix"


def test_an_event_that_is_too_large_now_is_not_sent_and_says_so() -> None:
    made = entry_of({**ENVELOPE, "detail": {"x": "y" * 1_100_000}}, Replaying("flix"), "events:1")

    assert isinstance(made, Unsendable)
    assert "AWS takes less than 1048576" in made.error_message
    assert "events:1" not in made.error_message


def test_a_dead_letter_carries_its_event_as_the_body() -> None:
    record = {"message_id": "m", "body": json.dumps(ENVELOPE)}

    assert captured_event(record) == ENVELOPE
    assert envelope_of(record, "{}") == record["body"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("plain", "the message's body is not JSON"),
        ("[" * 100_000, "the message's body is not JSON"),
        ("[1]", "the message's body is no event: it has no detail-type"),
        ('{"a":1}', "the message's body is no event: it has no detail-type"),
    ],
)
def test_a_message_that_carries_no_event_is_not_sent(body: str, says: str) -> None:
    assert captured_event({"message_id": "m", "body": body}) == Unsendable("NotAnEvent", says)


def test_an_event_with_a_body_of_its_own_is_an_event() -> None:
    assert captured_event({**ENVELOPE, "body": "x"}) == {**ENVELOPE, "body": "x"}


def test_a_pattern_sees_an_envelope_as_it_is_written() -> None:
    assert envelope_of(ENVELOPE, b'{"n":1.0}') == b'{"n":1.0}'


@pytest.mark.parametrize(
    ("detail", "seen"),
    [('{"a":1}', {"a": 1}), ({"a": 1}, {"a": 1}), ("{", None), ("[" * 100_000, None)],
)
def test_a_pattern_sees_an_entry_as_the_event_that_it_makes(detail: Any, seen: Any) -> None:
    record = {"Source": "s", "DetailType": "T", "Detail": detail, "Time": "t"}

    assert envelope_of(record, "") == {
        "source": "s",
        "detail-type": "T",
        "time": "t",
        "resources": [],
        "detail": seen,
    }


@pytest.mark.parametrize(("text", "factor"), [("10x", 10.0), ("0.5x", 0.5), (" 2 ", 2.0)])
def test_a_speed_is_a_factor(text: str, factor: float) -> None:
    assert parse_speed(text) == factor


@pytest.mark.parametrize("text", ["", "x", "0x", "-1x", "fast", "1e3x"])
def test_what_is_no_speed_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no speed"):
        parse_speed(text)


@pytest.mark.parametrize(
    ("event", "seconds"),
    [
        ({"time": "1970-01-01T00:00:10Z"}, 10.0),
        ({"Time": "1970-01-01T00:00:10"}, 10.0),
        ({"time": "1970-01-01T01:00:10+01:00"}, 10.0),
        ({"time": "yesterday"}, None),
        ({"time": 10}, None),
        ({}, None),
    ],
)
def test_the_time_of_an_event_is_what_it_says(event: dict[str, Any], seconds: float | None) -> None:
    assert time_of(event) == seconds


def test_gaps_are_kept_and_scaled_from_the_first_event_with_a_time() -> None:
    pace = GapPace(10.0, started_at=0.0)

    assert pace.seconds_until(None, 3.0) == 0.0
    assert pace.seconds_until(1000.0, 5.0) == 0.0
    assert pace.seconds_until(1030.0, 6.0) == pytest.approx(2.0)
    assert pace.seconds_until(1020.0, 9.0) == 0.0
    assert pace.seconds_until(1100.0, 10.0) == pytest.approx(5.0)
