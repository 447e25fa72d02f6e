"""put-event against an endpoint that fails as AWS does: what is counted, kept and sent again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.running import Run
from tests.scripted_events import Answer, events_endpoint, lines, refusing, took
from tests.scripted_sqs import error, scripted_sqs


def test_what_a_200_refuses_is_counted_listed_and_kept_for_another_try(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept = tmp_path / "failed.ndjson"
    with events_endpoint(refusing("AccessDeniedException", 3, 11), monkeypatch) as batches:
        run = edactl("put-event", "-", "--failed-to", str(kept), "-o", "json", stdin=lines(15))

    assert run.status == 2
    result = json.loads(run.out)
    assert (result["sent"], result["failed"]) == (13, 2)
    assert result["failures"] == [
        {"index": n, "error_code": "AccessDeniedException", "error_message": "scripted"}
        for n in (3, 11)
    ]
    assert sorted(len(batch) for batch in batches) == [5, 10]

    with events_endpoint(lambda _call, entries: took(entries), monkeypatch) as again:
        second = edactl("put-event", str(kept), "-o", "json")

    assert second.status == 0
    assert [json.loads(one) for one in again[0]] == [{"n": 3}, {"n": 11}]


def test_only_the_throttled_entry_of_a_200_is_sent_again(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    throttled = refusing("ThrottlingException", 2)

    def put(call: int, entries: list[dict[str, Any]]) -> Answer:
        return throttled(call, entries) if call == 1 else took(entries)

    with events_endpoint(put, monkeypatch) as batches:
        run = edactl("put-event", "-", "-o", "ndjson", stdin=lines(4))

    assert run.status == 0
    assert [json.loads(one) for one in batches[1]] == [{"n": 2}]
    records = [json.loads(line) for line in run.out.splitlines()]
    assert [one["index"] for one in records] == [0, 1, 2, 3]
    assert all(one["error_code"] is None for one in records)


@pytest.mark.parametrize(
    ("code", "status"), [("ThrottlingException", 400), ("InternalFailure", 500)]
)
def test_a_request_that_failed_for_a_while_is_sent_again(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, code: str, status: int
) -> None:
    def put(call: int, entries: list[dict[str, Any]]) -> Answer:
        return error(code, status) if call == 1 else took(entries)

    with events_endpoint(put, monkeypatch) as batches:
        run = edactl("put-event", "-", "-o", "json", stdin=lines(3))

    assert run.status == 0
    assert json.loads(run.out)["sent"] == 3
    assert len(batches) == 2


def test_a_refusal_midway_ends_with_counts_and_the_place_to_go_on_from(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    def put(call: int, entries: list[dict[str, Any]]) -> Answer:
        return took(entries) if call == 1 else error("AccessDeniedException")

    with events_endpoint(put, monkeypatch):
        run = edactl("put-event", "-", "--concurrency", "1", "-o", "json", stdin=lines(25))

    assert run.status == 254
    result = json.loads(run.out)
    assert result["sent"] == 10
    assert "go on with --from-index 10" in run.err
    assert "events:PutEvents" in run.err


def test_a_run_that_was_refused_midway_goes_on_without_a_loss_or_a_double(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept = tmp_path / "failed.ndjson"
    taken: list[int] = []

    def put(call: int, entries: list[dict[str, Any]]) -> Answer:
        if call in {3, 8} or call > 11:
            return error("AccessDeniedException")
        taken.extend(json.loads(entry["Detail"])["n"] for entry in entries)
        return took(entries)

    with events_endpoint(put, monkeypatch):
        first = edactl("put-event", "-", "--failed-to", str(kept), "-o", "json", stdin=lines(200))
    place = re.search(r"--from-index (\d+)", first.err)
    assert place is not None
    result = json.loads(first.out)
    assert first.status == 254
    assert result["sent"] == len(taken)
    assert result["sent"] + result["failed"] == int(place[1])

    def put_the_rest(_call: int, entries: list[dict[str, Any]]) -> Answer:
        taken.extend(json.loads(entry["Detail"])["n"] for entry in entries)
        return took(entries)

    with events_endpoint(put_the_rest, monkeypatch):
        if kept.exists():
            assert edactl("put-event", str(kept)).status == 0
        second = edactl("put-event", "-", "--from-index", place[1], stdin=lines(200))

    assert second.status == 0
    assert sorted(taken) == list(range(200))


def test_expired_credentials_midway_keep_the_counts(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    def put(call: int, entries: list[dict[str, Any]]) -> Answer:
        return took(entries) if call == 1 else error("ExpiredTokenException")

    with events_endpoint(put, monkeypatch):
        run = edactl("put-event", "-", "--concurrency", "1", "-o", "json", stdin=lines(25))

    assert run.status == 2
    assert json.loads(run.out)["sent"] == 10
    assert "go on with --from-index 10" in run.err
    assert "the credentials have expired" in run.err


def test_a_refusal_of_everything_leaves_stdout_empty(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    with events_endpoint(lambda _call, _entries: error("AccessDeniedException"), monkeypatch):
        run = edactl("put-event", "-", "-o", "ndjson", stdin=lines(25))

    assert (run.status, run.out) == (254, "")
    assert len(run.err.splitlines()) == 2
    assert "events:PutEvents" in run.err


def test_going_on_from_an_index_sends_the_rest_alone(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    with events_endpoint(lambda _call, entries: took(entries), monkeypatch) as batches:
        run = edactl("put-event", "-", "--from-index", "10", "-o", "json", stdin=lines(12))

    assert run.status == 0
    assert [[json.loads(one)["n"] for one in batch] for batch in batches] == [[10, 11]]


def test_half_a_surrogate_pair_inside_detail_goes_as_the_escape_it_came_as(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    event = '{"source":"s","detail-type":"t","detail":{"x":"\\ud800","é":1}}'
    with events_endpoint(lambda _call, entries: took(entries), monkeypatch) as batches:
        run = edactl("put-event", "-", stdin=event)

    assert run.status == 0
    assert batches == [['{"x":"\\ud800","\\u00e9":1}']]


def test_half_a_surrogate_pair_outside_detail_is_refused(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    event = '{"source":"\\ud800","detail-type":"t","detail":{}}'
    with events_endpoint(lambda _call, entries: took(entries), monkeypatch) as batches:
        run = edactl("put-event", "-", stdin=event)

    assert (run.status, batches) == (252, [])
    assert "half of a surrogate pair" in run.err
    assert len(run.err.splitlines()) == 2


DETAIL = '{"a":1.10,"b":[12345678901234567890.5,1e400,123456789012345678901234567890],"c":-0.0}'


@pytest.mark.parametrize(
    ("arguments", "stdin", "sent"),
    [
        (("-",), f'{{"source":"s","detail-type":"t","detail":{DETAIL}}}', DETAIL),
        (("--source", "s", "--detail-type", "t", "--detail", DETAIL), "", DETAIL),
        (
            ("-", "--set", "detail.d=2.50"),
            json.dumps({"Source": "s", "DetailType": "t", "Detail": DETAIL}),
            DETAIL[:-1] + ',"d":2.50}',
        ),
        (
            ("-", "--idempotency-key", "k"),
            '{"source":"s","detail-type":"t","detail":{"a":1.10}}',
            '{"a":1.10,"metadata":{"idempotency-key":"k"}}',
        ),
    ],
)
def test_numbers_of_a_detail_go_with_the_digits_they_came_with(
    edactl: Callable[..., Run],
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    stdin: str,
    sent: str,
) -> None:
    with events_endpoint(lambda _call, entries: took(entries), monkeypatch) as batches:
        run = edactl("put-event", *arguments, stdin=stdin)

    assert run.status == 0, run.err
    assert batches == [[sent]]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("./events.ndjson", "is also an input"),
        (".", "cannot be written"),
        ("missing/failed.ndjson", "cannot be written"),
    ],
)
def test_a_place_for_what_failed_that_cannot_be_is_refused_before_anything_is_sent(
    edactl: Callable[..., Run],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    name: str,
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("events.ndjson").write_text(lines(2))
    with events_endpoint(lambda _call, entries: took(entries), monkeypatch) as batches:
        run = edactl("put-event", "events.ndjson", "--failed-to", name)

    assert (run.status, run.out, batches) == (252, "", [])
    assert words in run.err
    assert len(run.err.splitlines()) == 2
    assert Path("events.ndjson").read_text() == lines(2)


def test_a_disk_that_is_full_of_what_failed_does_not_lose_the_counts(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    with events_endpoint(refusing("AccessDeniedException", 3, 11), monkeypatch):
        run = edactl("put-event", "-", "--failed-to", "/dev/full", "-o", "json", stdin=lines(15))

    assert run.status == 2
    assert [one["index"] for one in json.loads(run.out)["failures"]] == [3, 11]
    assert "--failed-to /dev/full is not complete: No space left on device" in run.err


def test_the_result_names_the_buses_that_events_went_to(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    events = "".join(
        json.dumps({"Source": "s", "DetailType": "t", "Detail": "{}", "EventBusName": bus}) + "\n"
        for bus in ("flix", "flix", "copy")
    )
    with events_endpoint(lambda _call, entries: took(entries), monkeypatch):
        run = edactl("put-event", "-", "-o", "json", stdin=events)

    assert run.status == 0
    assert json.loads(run.out)["bus"] == "flix, copy"
    assert 'bus "flix, copy": 3 sent, 0 failed' in run.err


def test_who_may_send_but_not_look_is_told_of_no_check(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    with scripted_sqs(lambda _operation, _request: error("AccessDeniedException")) as (url, calls):
        run = edactl("put-event", "-", "--endpoint-url", url, stdin=lines(1))

    assert (run.status, run.out, calls) == (254, "", ["DescribeEventBus"])
    assert "the caller lacks events:DescribeEventBus" in run.err
    assert "try: --no-check sends without looking first; " in run.err
