from __future__ import annotations

from datetime import UTC, datetime

import pytest

from edactl.core.event import Entry, Numbered, billed_size_bytes, check_entry, content_key, pack
from edactl.core.event_edit import apply_edits, parse_edit
from edactl.core.event_input import Shaping, entry_from
from edactl.core.json_text import parse_json
from edactl.core.pacing import Pace, backoff_seconds
from edactl.core.record import JsonValue
from edactl.core.tail import is_probe, parse_pattern_object, wanted_pattern, with_probe
from edactl.errors import InputError, UsageError

WHEN = datetime(2026, 1, 31, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("entry", "size"),
    [
        (Entry("s", "type", "{}", "a-bus"), 7),
        (Entry("s", "type", "{}", "a-bus", time=WHEN), 21),
        (Entry("é", "type", '{"a":"日"}', "a-bus", resources=("r1", "é")), 21),
        (Entry("s", "type", "{}", "b", trace_header="Root=1"), 7),
    ],
)
def test_the_size_is_what_aws_counts(entry: Entry, size: int) -> None:
    assert billed_size_bytes(entry) == size
    assert check_entry(entry, "here") == size


def test_a_long_trace_header_is_refused() -> None:
    with pytest.raises(InputError, match="here: the trace header"):
        check_entry(Entry("s", "t", "{}", "b", trace_header="x" * 501), "here")


def test_a_pause_sends_what_is_in_hand() -> None:
    one, two, three = (Numbered(n, Entry("s", "t", "{}", "b"), 10) for n in range(3))

    assert list(pack([None, one, None, two, three])) == [(), (one,), (), (two, three)]


def test_a_batch_stays_below_the_size_of_a_request() -> None:
    big = [Numbered(n, Entry("s", "t", "{}", "b"), 524_288) for n in range(3)]

    assert [len(batch) for batch in pack(big)] == [1, 1, 1]


def test_a_detail_that_is_a_string_is_sent_byte_for_byte() -> None:
    entry = entry_from(
        {"Source": "s", "DetailType": "t", "Detail": '{ "n": 1.50 }', "EventBusName": "b"},
        Shaping({}),
        "here",
    )

    assert entry == Entry("s", "t", '{ "n": 1.50 }', "b")


@pytest.mark.parametrize(
    "time", ["2026-01-31T08:00:00Z", "2026-01-31T08:00:00", 1769846400, 1769846400.0]
)
def test_times_are_understood(time: JsonValue) -> None:
    value: dict[str, JsonValue] = {"source": "s", "detail-type": "t", "detail": {}, "time": time}

    assert entry_from(value, Shaping({}), "here").time == WHEN


@pytest.mark.parametrize("time", [True, [], "soon", 1e99])
def test_what_is_no_time_is_refused(time: JsonValue) -> None:
    value: dict[str, JsonValue] = {"source": "s", "detail-type": "t", "detail": {}, "time": time}

    with pytest.raises(InputError, match="is not a time"):
        entry_from(value, Shaping({}), "here")


@pytest.mark.parametrize(
    ("name", "value"), [("trace-header", 5), ("bus", 5), ("resources", {"a": 1})]
)
def test_a_field_of_a_wrong_kind_is_named(name: str, value: JsonValue) -> None:
    event: dict[str, JsonValue] = {"source": "s", "detail-type": "t", "detail": {}, name: value}

    with pytest.raises(InputError, match=name):
        entry_from(event, Shaping({}), "here")


def test_a_cloud_event_keeps_its_type_subject_and_time() -> None:
    entry = entry_from(
        {
            "specversion": "1.0",
            "type": "t",
            "source": "/s",
            "id": "1",
            "subject": "x",
            "time": "2026-01-31T08:00:00Z",
            "data": {"a": 1},
        },
        Shaping({}),
        "here",
    )

    assert entry == Entry("/s", "t", '{"a":1}', "default", WHEN, ("x",))


def _keyed(event: dict[str, JsonValue], key: str = "auto") -> str:
    return entry_from(event, Shaping({}, idempotency_key=key), "here").detail


def _cloud_event(**members: JsonValue) -> dict[str, JsonValue]:
    return {"specversion": "1.0", "id": "1", "source": "/s", "type": "t", **members}


def test_the_data_of_a_cloud_event_may_be_in_base64() -> None:
    event = _cloud_event(data_base64="eyJhIjoxLjEwfQ==")

    assert entry_from(event, Shaping({}), "f:1").detail == '{"a":1.10}'


@pytest.mark.parametrize("encoded", ["!", "/w==", 5])
def test_data_of_a_cloud_event_that_is_no_json_is_refused(encoded: JsonValue) -> None:
    with pytest.raises(InputError, match="f:1: data_base64 is not base64 of JSON"):
        entry_from(_cloud_event(data_base64=encoded), Shaping({}), "f:1")


def test_the_automatic_key_is_that_of_the_content_however_spelt() -> None:
    one = _keyed({"source": "s", "detail-type": "t", "detail": {"a": 1, "b": 2}})
    two = _keyed({"Detail": '{"b":2,"a":1}', "DetailType": "t", "Source": "s"})
    other = _keyed({"source": "s", "detail-type": "t", "detail": {"a": 1, "b": 3}})
    key = content_key("s", "t", {"b": 2, "a": 1})

    assert key in one
    assert key in two
    assert key not in other


def test_a_key_that_is_there_stays() -> None:
    event: dict[str, JsonValue] = {
        "source": "s",
        "detail-type": "t",
        "detail": {"metadata": {"idempotency-key": "own"}},
    }

    assert _keyed(event, "mine") == '{"metadata":{"idempotency-key":"own"}}'


def test_a_key_has_no_place_in_metadata_that_is_no_object() -> None:
    with pytest.raises(InputError, match="metadata is not an object"):
        _keyed({"source": "s", "detail-type": "t", "detail": {"metadata": 1}})


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        ("detail.a=1", {"detail": {"a": 1, "l": [1]}}),
        ("detail.a=x y", {"detail": {"a": "x y", "l": [1]}}),
        ("detail.l[0]=2", {"detail": {"l": [2]}}),
        ("detail.l[1]=2", {"detail": {"l": [1, 2]}}),
        ("detail.l[1].x=2", {"detail": {"l": [1, {"x": 2}]}}),
        ("detail.l[1][0]=2", {"detail": {"l": [1, [2]]}}),
        ("detail.m[0]=2", {"detail": {"l": [1], "m": [2]}}),
        ("source=s", {"detail": {"l": [1]}, "source": "s"}),
    ],
)
def test_an_edit_puts_a_value_at_a_path(edit: str, expected: dict[str, JsonValue]) -> None:
    fields: dict[str, JsonValue] = {"detail": {"l": [1]}}

    assert apply_edits(fields, [parse_edit(edit)], "here") == expected
    assert fields == {"detail": {"l": [1]}}


@pytest.mark.parametrize("edit", ["detail.l[2]=1", "detail.l.x=1", "detail[0]=1"])
def test_an_edit_without_a_place_is_refused(edit: str) -> None:
    with pytest.raises(InputError, match="there is nothing to set"):
        apply_edits({"detail": {"l": [1]}}, [parse_edit(edit)], "here")


@pytest.mark.parametrize("edit", ["detail", "=1", "id=1", "detail..a=1", "detail.[0=1"])
def test_what_is_no_edit_is_refused(edit: str) -> None:
    with pytest.raises(UsageError, match="is not PATH=VALUE"):
        parse_edit(edit)


def test_a_pace_spreads_items_evenly_and_owes_nothing_to_a_pause() -> None:
    pace = Pace(per_second=10, started_at=100.0)

    assert pace.seconds_until(10, now=100.0) == 0.0
    assert pace.seconds_until(10, now=100.0) == pytest.approx(1.0)
    assert pace.seconds_until(1, now=200.0) == 0.0


@pytest.mark.parametrize(("attempt", "seconds"), [(0, 0.05), (3, 0.4), (20, 2.5)])
def test_backoff_grows_to_a_cap(attempt: int, seconds: float) -> None:
    assert backoff_seconds(attempt, 0.5) == pytest.approx(seconds)


def test_a_tail_wants_everything_unless_told() -> None:
    assert wanted_pattern(None, [], []) == {"source": [{"prefix": ""}]}
    assert wanted_pattern('{"a":[1]}', ["s"], ["t"]) == {
        "a": [1],
        "source": ["s"],
        "detail-type": ["t"],
    }


@pytest.mark.parametrize("text", ["{", "[]", "{}", "1", '{"a":["1"]} x'])
def test_what_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--pattern"):
        parse_pattern_object(text)


def test_one_rule_carries_the_pattern_and_the_probe() -> None:
    assert with_probe({"a": [1]}, "token") == (
        '{"$or":[{"a":[1]},{"source":["edactl.probe"],"detail-type":["token"]}]}'
    )
    assert is_probe({"source": "edactl.probe"})
    assert not is_probe({"source": "com.flix"})
    assert not is_probe("text")


def test_a_detail_nested_deeper_than_can_be_written_is_refused() -> None:
    deep: JsonValue = parse_json("1.10")
    for _ in range(5000):
        deep = [deep]
    event: dict[str, JsonValue] = {"source": "s", "detail-type": "t", "detail": {"deep": deep}}

    with pytest.raises(InputError, match="detail is nested too deep"):
        entry_from(event, Shaping({}), "f:1")
