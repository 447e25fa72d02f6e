from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from edactl.core.message import Message, record_with_json_body
from edactl.core.record import to_json_value
from edactl.sandbox.state import SandboxState
from tests.running import Run
from tests.sandbox_queues import SandboxQueues
from tests.scripted_events import Answer, events_endpoint, refusing, took
from tests.scripted_sqs import error

FIELDS = [
    *("bus", "sent", "failed", "duration_seconds", "failures", "filtered", "already_done"),
    *("sent_again", "run_id", "checkpoint"),
]


def event(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "version": "0",
        "id": f"id-{number}",
        "source": "com.flix",
        "account": "000000000000",
        "time": f"2026-11-25T01:00:{number % 60:02}Z",
        "region": "us-east-1",
        "resources": [],
        "detail-type": "T",
        "detail": {"n": number},
        **fields,
    }


def written(path: Path, *events: dict[str, Any]) -> str:
    path.write_text("".join(json.dumps(one) + "\n" for one in events), "utf-8")
    return str(path)


@pytest.fixture
def flix(sandbox: SandboxState) -> Callable[[], list[dict[str, Any]]]:
    """A bus whose every event goes to a queue; call it for what has arrived."""
    queues = SandboxQueues(sandbox)
    queue = queues.make("arrived")
    queues.session.call("events", "create_event_bus", Name="flix")
    pattern = json.dumps({"source": [{"prefix": ""}]})
    queues.session.call("events", "put_rule", Name="all", EventBusName="flix", EventPattern=pattern)
    target = {"Id": "1", "Arn": queue.arn}
    queues.session.call("events", "put_targets", Rule="all", EventBusName="flix", Targets=[target])
    return lambda: [json.loads(body) for body in queues.bodies(queue)]


def test_captured_events_arrive_again(
    edactl: Callable[..., Run], flix: Callable[[], list[dict[str, Any]]], tmp_path: Path
) -> None:
    name = written(tmp_path / "events.ndjson", *(event(n) for n in range(25)))

    run = edactl("replay", "file", name, "--bus", "flix", "-o", "json")

    result = json.loads(run.out)
    assert run.status == 0
    assert list(result) == FIELDS
    assert (result["sent"], result["failed"], result["checkpoint"]) == (25, 0, None)
    assert sorted(one["detail"]["n"] for one in flix()) == list(range(25))


def test_what_was_replayed_is_told_as_text(
    edactl: Callable[..., Run], flix: object, tmp_path: Path
) -> None:
    name = written(tmp_path / "events.ndjson", event(1))

    run = edactl("replay", "file", name, "--bus", "flix", "-o", "text")

    assert run.status == 0
    assert run.out.startswith("flix\t1\t0\t")


def test_each_event_has_a_record_in_the_order_of_the_file(
    edactl: Callable[..., Run], flix: object, tmp_path: Path
) -> None:
    events = [event(0), event(1, source="aws.s3"), event(2)]
    name = written(tmp_path / "events.ndjson", *events)

    run = edactl("replay", "file", name, "--bus", "flix", "-o", "ndjson")

    records = [json.loads(line) for line in run.out.splitlines()]
    assert run.status == 2
    assert [one["index"] for one in records] == [0, 1, 2]
    assert [one["error_code"] for one in records] == [None, "ReservedSource", None]


def test_sources_of_aws_are_counted_and_listed_and_the_rest_goes_on(
    edactl: Callable[..., Run], flix: Callable[[], list[dict[str, Any]]], tmp_path: Path
) -> None:
    name = written(tmp_path / "e.ndjson", event(0, source="aws.s3"), event(1))

    run = edactl("replay", "file", name, "--bus", "flix", "-o", "json")

    result = json.loads(run.out)
    assert run.status == 2
    assert (result["sent"], result["failed"]) == (1, 1)
    assert result["failures"][0]["index"] == 0
    assert "--source-prefix" in run.err
    assert [one["detail"]["n"] for one in flix()] == [1]


def test_a_prefix_sends_them_under_another_name(
    edactl: Callable[..., Run], flix: Callable[[], list[dict[str, Any]]], tmp_path: Path
) -> None:
    name = written(tmp_path / "e.ndjson", event(0, source="aws.s3"))

    run = edactl("replay", "file", name, "--bus", "flix", "--source-prefix", "replayed.")

    assert run.status == 0
    assert [one["source"] for one in flix()] == ["replayed.aws.s3"]


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_packed_files_are_read(
    edactl: Callable[..., Run], flix: object, tmp_path: Path, suffix: str
) -> None:
    text = "".join(json.dumps(event(n)) + "\n" for n in range(3)).encode()
    path = tmp_path / f"events.ndjson{suffix}"
    pack = gzip.compress if suffix == ".gz" else zstandard.ZstdCompressor().compress
    path.write_bytes(pack(text))

    run = edactl("replay", "file", str(path), "--bus", "flix", "--query", "sent")

    assert (run.status, run.out) == (0, "3\n")


def test_objects_without_line_ends_between_them_are_read_as_firehose_writes_them(
    edactl: Callable[..., Run], flix: object, tmp_path: Path
) -> None:
    path = tmp_path / "firehose"
    path.write_text("".join(json.dumps(event(n)) for n in range(3)), "utf-8")

    run = edactl("replay", "file", str(path), "--bus", "flix", "--query", "sent")

    assert (run.status, run.out) == (0, "3\n")


def test_the_events_of_dead_letters_are_sent(
    edactl: Callable[..., Run], flix: Callable[[], list[dict[str, Any]]], tmp_path: Path
) -> None:
    message = Message("m", json.dumps(event(7)), {}, {}, None, None, None, None, 1, None, None)
    plain = Message("m", "hello", {}, {}, None, None, None, None, 1, None, None)
    records = [to_json_value(record_with_json_body(one)) for one in (message, plain)]
    name = written(tmp_path / "letters.ndjson", *records)  # type: ignore[arg-type] # objects

    run = edactl("replay", "file", name, "--bus", "flix", "-o", "json")

    assert run.status == 2
    assert json.loads(run.out)["failures"][0]["error_code"] == "NotAnEvent"
    assert [one["detail"]["n"] for one in flix()] == [7]


def test_only_events_of_a_pattern_are_sent(
    edactl: Callable[..., Run], flix: Callable[[], list[dict[str, Any]]], tmp_path: Path
) -> None:
    name = written(tmp_path / "e.ndjson", *(event(n) for n in range(4)))

    run = edactl(
        *("replay", "file", name, "--bus", "flix", "-o", "json"),
        *("--where", '{"detail":{"n":[{"numeric":[">",1]}]}}'),
    )

    assert run.status == 0
    assert json.loads(run.out)["filtered"] == 2
    assert "2 not wanted" in run.err
    assert sorted(one["detail"]["n"] for one in flix()) == [2, 3]


def test_numbers_are_sent_with_the_digits_they_were_captured_with(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "e.ndjson"
    detail = '{"a":1.10,"b":12345678901234567890.5,"c":1e400}'
    path.write_text(f'{{"source":"s","detail-type":"T","detail":{detail}}}\n')

    with events_endpoint(lambda _call, entries: took(entries), monkeypatch) as batches:
        run = edactl("replay", "file", str(path))

    assert run.status == 0
    assert batches == [[detail]]


def test_a_mark_lets_consumers_tell(
    edactl: Callable[..., Run], flix: Callable[[], list[dict[str, Any]]], tmp_path: Path
) -> None:
    name = written(tmp_path / "e.ndjson", event(0))

    run = edactl("replay", "file", name, "--bus", "flix", "--mark", "-o", "json")

    assert flix()[0]["detail"] == {
        "n": 0,
        "metadata": {"replay-id": json.loads(run.out)["run_id"]},
    }


def test_the_old_time_is_sent_unless_restamped(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    times: list[Any] = []

    def put(_call: int, entries: list[dict[str, Any]]) -> Answer:
        times.extend(entry.get("Time") for entry in entries)
        return took(entries)

    name = written(tmp_path / "e.ndjson", event(0))
    with events_endpoint(put, monkeypatch):
        assert edactl("replay", "file", name).status == 0
        assert edactl("replay", "file", name, "--restamp").status == 0

    assert times == [1795568400, None]


def test_a_dry_run_sends_nothing_and_counts_everything(
    edactl: Callable[..., Run], flix: Callable[[], list[dict[str, Any]]], tmp_path: Path
) -> None:
    name = written(tmp_path / "e.ndjson", event(0), event(1, source="aws.s3"))

    run = edactl("replay", "file", name, "--bus", "flix", "-n", "-o", "json")

    result = json.loads(run.out)
    assert run.status == 2
    assert (result["sent"], result["failed"], result["dry_run"]) == (1, 1, True)
    assert flix() == []


def test_stdin_is_replayed_without_a_checkpoint(edactl: Callable[..., Run], flix: object) -> None:
    line = json.dumps(event(0)) + "\n"

    run = edactl("replay", "file", "-", "--bus", "flix", "-o", "json", stdin=line)

    assert json.loads(run.out)["checkpoint"] is None
    assert run.status == 0


@pytest.mark.parametrize("option", [("--resume",), ("--checkpoint", "c")])
def test_stdin_cannot_be_resumed(
    edactl: Callable[..., Run], flix: object, option: tuple[str, ...]
) -> None:
    run = edactl("replay", "file", "-", "--bus", "flix", *option)

    assert run.status == 252
    assert "stdin cannot be resumed" in run.err


def test_what_failed_is_kept_and_a_resumed_run_sends_only_that(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    name = written(tmp_path / "e.ndjson", *(event(n) for n in range(25)))
    checkpoint, failed = tmp_path / "c.ndjson", tmp_path / "failed.ndjson"
    options = ("--checkpoint", str(checkpoint), "-o", "json")
    with events_endpoint(refusing("AccessDeniedException", 3, 17), monkeypatch):
        first = edactl("replay", "file", name, *options, "--failed-to", str(failed))
    with events_endpoint(lambda _call, entries: took(entries), monkeypatch) as batches:
        second = edactl("replay", "file", name, *options, "--resume")

    assert (first.status, second.status) == (2, 0)
    assert json.loads(first.out)["failed"] == 2
    assert [json.loads(line)["Detail"] for line in failed.read_text().splitlines()] == [
        '{"n":3}',
        '{"n":17}',
    ]
    assert batches == [['{"n":3}', '{"n":17}']]
    assert json.loads(second.out)["already_done"] == 23
    assert json.loads(second.out)["run_id"] == json.loads(first.out)["run_id"]
    assert "23 events are done" in second.err
    assert "at least once" not in second.err


def test_a_finished_replay_that_is_resumed_has_nothing_to_do(
    edactl: Callable[..., Run], flix: object, tmp_path: Path
) -> None:
    name = written(tmp_path / "e.ndjson", event(0))
    options = ("--bus", "flix", "--checkpoint", str(tmp_path / "c"), "-o", "json")
    edactl("replay", "file", name, *options)

    run = edactl("replay", "file", name, *options, "--resume")

    assert run.status == 0
    assert json.loads(run.out)["sent"] == 0


def test_events_of_a_request_without_an_answer_are_said_to_be_sent_at_least_once(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def put(call: int, entries: list[dict[str, Any]]) -> Answer:
        return error("InternalFailure", 500) if call == 1 else took(entries)

    name = written(tmp_path / "e.ndjson", event(0), event(1))
    with events_endpoint(put, monkeypatch) as batches:
        run = edactl("replay", "file", name, "-o", "json")

    assert run.status == 0
    assert json.loads(run.out)["sent_again"] == 2
    assert len(batches) == 2
    assert "at least once: 2 events" in run.err


def test_when_aws_refuses_midway_the_checkpoint_tells_where_to_go_on(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def put(call: int, entries: list[dict[str, Any]]) -> Answer:
        return error("AccessDeniedException", 400) if call > 1 else took(entries)

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    name = written(tmp_path / "e.ndjson", *(event(n) for n in range(25)))
    with events_endpoint(put, monkeypatch):
        first = edactl("replay", "file", name, "--concurrency", "1", "-o", "json")
    with events_endpoint(lambda _call, entries: took(entries), monkeypatch) as batches:
        second = edactl("replay", "file", name, "--resume", "-o", "json")

    assert first.status == 254
    assert json.loads(first.out)["sent"] == 10
    assert "go on with the same command and --resume" in first.err
    assert "events:PutEvents" in first.err
    assert second.status == 0
    sent = [one for batch in batches for one in batch]
    assert sorted(sent) == [f'{{"n":{n}}}' for n in range(10, 25)]
    assert list((tmp_path / "state" / "edactl" / "replay").iterdir()) == []


def test_a_checkpoint_of_another_file_is_refused(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path, checkpoint = tmp_path / "e.ndjson", str(tmp_path / "c")
    name = written(path, event(0), event(1))
    with events_endpoint(refusing("AccessDeniedException", 1), monkeypatch) as batches:
        edactl("replay", "file", name, "--checkpoint", checkpoint)
        written(path, event(0), event(2))
        run = edactl("replay", "file", name, "--checkpoint", checkpoint, "--resume")

    assert run.status == 252
    assert "the checkpoint of another file" in run.err
    assert len(run.err.splitlines()) == 2
    assert len(batches) == 1


def test_a_resumed_run_has_to_send_the_same(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    name, checkpoint = written(tmp_path / "e", event(0), event(1)), str(tmp_path / "c")
    with events_endpoint(refusing("AccessDeniedException", 1), monkeypatch):
        edactl("replay", "file", name, "--checkpoint", checkpoint)
        run = edactl("replay", "file", name, "--checkpoint", checkpoint, "--resume", "--mark")

    assert run.status == 252
    assert "began with --mark false, not true" in run.err


def test_a_checkpoint_is_not_written_over(
    edactl: Callable[..., Run], flix: object, tmp_path: Path
) -> None:
    name, checkpoint = written(tmp_path / "e", event(0)), tmp_path / "c"
    checkpoint.write_text("mine")

    run = edactl("replay", "file", name, "--bus", "flix", "--checkpoint", str(checkpoint))

    assert run.status == 252
    assert "is there already" in run.err
    assert checkpoint.read_text() == "mine"


def test_without_a_checkpoint_there_is_nothing_to_resume(
    edactl: Callable[..., Run], flix: object, tmp_path: Path
) -> None:
    run = edactl("replay", "file", written(tmp_path / "e", event(0)), "--bus", "flix", "--resume")

    assert run.status == 252
    assert 'no unfinished replay of these files on bus "flix"' in run.err


def test_a_file_that_is_cut_off_is_refused_before_anything_is_sent(
    edactl: Callable[..., Run], flix: Callable[[], list[dict[str, Any]]], tmp_path: Path
) -> None:
    path = tmp_path / "e.ndjson"
    path.write_text((json.dumps(event(0)) + "\n") * 3 + json.dumps(event(1))[:-9], "utf-8")

    run = edactl("replay", "file", str(path), "--bus", "flix")

    assert run.status == 252
    assert "cut off in the middle of an event" in run.err
    assert flix() == []


def test_a_gzip_file_that_is_damaged_is_refused_before_anything_is_sent(
    edactl: Callable[..., Run], flix: Callable[[], list[dict[str, Any]]], tmp_path: Path
) -> None:
    path = tmp_path / "e.ndjson.gz"
    path.write_bytes(gzip.compress(b"{}")[:10] + b"\xff" * 50)

    run = edactl("replay", "file", str(path), "--bus", "flix")

    assert run.status == 252
    assert f"{path}: cannot be read: Error -3 while decompressing" in run.err
    assert flix() == []


def test_a_gzip_file_that_is_cut_off_is_refused_before_anything_is_sent(
    edactl: Callable[..., Run], flix: Callable[[], list[dict[str, Any]]], tmp_path: Path
) -> None:
    path = tmp_path / "e.ndjson.gz"
    path.write_bytes(gzip.compress((json.dumps(event(0)) + "\n").encode() * 500)[:-12])

    run = edactl("replay", "file", str(path), "--bus", "flix")

    assert run.status == 252
    assert "cannot be read" in run.err
    assert flix() == []
    assert len(run.err.splitlines()) == 2


def test_an_event_that_is_too_large_now_is_listed(
    edactl: Callable[..., Run], flix: object, tmp_path: Path
) -> None:
    name = written(tmp_path / "e", event(0, detail={"x": "y" * 1_100_000}), event(1))

    run = edactl("replay", "file", name, "--bus", "flix", "-o", "json")

    assert run.status == 2
    assert json.loads(run.out)["sent"] == 1
    assert "AWS takes less than 1048576" in run.err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "there is no event in it"),
        ('{"a":1}\nnonsense\n', ":2: not JSON"),
        ('{"a":tru}\n{}\n', ":1: not JSON"),
        ('{"a":' + "[" * 100_000 + "}\n{}\n", "nested too deep"),
        ("[1]\n", "not an event"),
        ('{"a":1} {"b":}\n{}\n', "not JSON"),
    ],
)
def test_a_file_with_something_else_in_it_is_refused(
    edactl: Callable[..., Run], flix: object, tmp_path: Path, text: str, says: str
) -> None:
    path = tmp_path / "e.ndjson"
    path.write_text(text, "utf-8")

    run = edactl("replay", "file", str(path), "--bus", "flix")

    assert run.status == 252
    assert says in run.err
    assert len(run.err.splitlines()) == 2


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--speed", "2x", "--rate", "5"), "three paces"),
        (("--speed", "fast"), "is no speed"),
        (("--rate", "0"), "--rate must be above 0"),
        (("--where", "{"), "--where: Event pattern is not valid"),
    ],
)
def test_a_wrong_option_is_named(
    edactl: Callable[..., Run], flix: object, tmp_path: Path, options: tuple[str, ...], says: str
) -> None:
    run = edactl("replay", "file", written(tmp_path / "e", event(0)), "--bus", "flix", *options)

    assert run.status == 252
    assert says in run.err


def test_a_bus_that_does_not_exist_is_named(
    edactl: Callable[..., Run], sandbox: SandboxState, tmp_path: Path
) -> None:
    run = edactl("replay", "file", written(tmp_path / "e", event(0)), "--bus", "nope")

    assert run.status == 254
    assert 'bus "nope" does not exist' in run.err


def test_a_missing_file_is_named(edactl: Callable[..., Run], flix: object) -> None:
    run = edactl("replay", "file", "/nope/events.ndjson", "--bus", "flix")

    assert run.status == 252
    assert "/nope/events.ndjson: cannot be read" in run.err


def test_a_checkpoint_that_cannot_be_written_is_named(
    edactl: Callable[..., Run], flix: object, tmp_path: Path
) -> None:
    name = written(tmp_path / "e", event(0))

    run = edactl("replay", "file", name, "--bus", "flix", "--checkpoint", "/nope/c")

    assert run.status == 252
    assert "--checkpoint /nope/c" in run.err


def test_a_bus_of_another_account_is_replayed_to_unchecked(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = "arn:aws:events:eu-west-1:222222222222:event-bus/flix"
    with events_endpoint(lambda _call, entries: took(entries), monkeypatch):
        name = written(tmp_path / "e", event(0))
        run = edactl("replay", "file", name, "--bus", other, "--no-check", "--query", "sent")

    assert (run.status, run.out) == (0, "1\n")
