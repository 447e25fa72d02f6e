"""Journals and letter files from the command line: resume, restore, runs, drop, export, import."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from edactl.cli.journal_file import JournalFile
from edactl.cli.journal_runs import broken_run
from edactl.cli.redrive_options import RedriveOptions
from edactl.core.journal import JournalHeader, Planned, ids_line, planned_line, sent_line
from edactl.core.message import Message, MessageAttribute, Outgoing
from edactl.core.queue import Queue
from edactl.core.record import record_of
from edactl.sandbox.state import SandboxState
from tests.faulty_sqs import Dice, faulty_sqs
from tests.running import Run
from tests.sandbox_queues import SandboxQueues
from tests.scripted_sqs import scripted_sqs

Edactl = Callable[..., Run]
ATTRIBUTES = {
    "n": MessageAttribute("Number.int", "15"),
    "blob": MessageAttribute("Binary", None, bytes(range(256))),
}


@pytest.fixture
def queues(sandbox: SandboxState) -> SandboxQueues:
    return SandboxQueues(sandbox)


def _header(queue: Queue, **changed: Any) -> JournalHeader:
    header = JournalHeader(
        run_id="run-1",
        kind="move",
        account=queue.account,
        region=queue.region,
        queue_arn=queue.arn,
        destination=queue.arn.replace(queue.name, "target"),
        options=record_of(RedriveOptions(lease_seconds=1)),
        started_at="2026-01-31T08:00:00Z",
    )
    return replace(header, **changed)


def _message(message_id: str, body: str) -> Message:
    now = datetime.now(UTC)
    return Message(message_id, body, {}, ATTRIBUTES, None, None, now, now, 1, None, None)


def _planned(header: JournalHeader, message: Message, handle: str = "gone") -> str:
    return planned_line(Planned(message, handle, header.destination or "", None, 1.0))


# -- resume ----------------------------------------------------------------------------------------


def test_resume_deletes_what_arrived_and_sends_what_did_not(
    edactl: Edactl, queues: SandboxQueues, tmp_path: Path
) -> None:
    source, target = queues.make("source"), queues.make("target")
    queues.sqs.send(source, [Outgoing(body, ATTRIBUTES) for body in ("arrived", "in doubt", "new")])
    taken = queues.sqs.receive(source, count=2, wait_seconds=0, visibility_seconds=600)
    header = _header(source)
    text = header.line() + "".join(
        _planned(header, one.message, one.receipt_handle) for one in taken
    )
    path = tmp_path / "j.ndjson"
    path.write_text(
        text + sent_line({taken[0].message.message_id: "x"}, once=True) + '{"delet', "utf-8"
    )

    run = edactl("dlq", "redrive", "--resume", str(path), "--yes", "-o", "json")

    assert run.status == 0, run.err
    report = json.loads(run.out)
    assert (report["received"], report["sent"], report["ambiguous"]) == (3, 2, 1)
    assert (report["deleted"], report["remaining"]) == (3, 0)
    assert sorted(queues.bodies(target)) == ["in doubt", "new"]
    assert [one["error_code"] for one in report["failures"]] == ["PossibleDuplicate"]
    queues.sqs.send(source, [Outgoing("came later")])
    again = edactl("dlq", "redrive", "source", "--resume", str(path), "-o", "json")
    assert json.loads(again.out)["received"] == 3
    assert "run run-1 had come to its end; nothing is left of it" in again.err
    assert queues.depth(source) == (1, 0)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"account": "999999999999"}, "a journal of account 999999999999"),
        ({"region": "eu-west-1"}, "a journal of region eu-west-1"),
        ({"kind": "unheard"}, 'a journal of kind "unheard"'),
        ({"options": {"where": ""}}, "options are of another edactl"),
    ],
)
def test_a_journal_of_something_else_is_refused(
    edactl: Edactl, queues: SandboxQueues, tmp_path: Path, changed: dict[str, Any], words: str
) -> None:
    source = queues.make("source", "a")
    path = tmp_path / "j.ndjson"
    path.write_text(_header(source, **changed).line(), "utf-8")

    run = edactl("dlq", "redrive", "--resume", str(path), "--yes")

    assert run.status == 252, run.err
    assert words in run.err
    assert queues.depth(source) == (1, 0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("other",), 'is the journal of queue "source", not of "other"'),
        (("source", "--to", "elsewhere"), "goes to target"),
        (("source", "--where", "body"), "--where differs from what the run began with"),
    ],
)
def test_resume_refuses_to_do_something_else(
    edactl: Edactl, queues: SandboxQueues, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    source = queues.make("source")
    path = tmp_path / "j.ndjson"
    path.write_text(_header(source).line(), "utf-8")

    run = edactl("dlq", "redrive", *arguments, "--resume", str(path), "--yes")

    assert run.status == 252
    assert words in run.err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not a journal"),
        ('{"edactl_replay":1}\n', "not a journal"),
        ('{"edactl_journal":2}\n', "a journal of version 2; this edactl reads 1"),
        ('{"edactl_journal":1,"run_id":5}\n', "the header of the journal is damaged"),
        ("\udcff\n", "cannot be read"),
    ],
)
def test_a_file_that_is_no_journal_is_refused(
    edactl: Edactl, tmp_path: Path, text: str, words: str
) -> None:
    path = tmp_path / "j.ndjson"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))

    run = edactl("dlq", "redrive", "--resume", str(path), "--yes")

    assert run.status == 252
    assert words in run.err


def test_a_damaged_line_in_the_middle_is_named(
    edactl: Edactl, queues: SandboxQueues, tmp_path: Path
) -> None:
    source = queues.make("source")
    path = tmp_path / "j.ndjson"
    path.write_text(_header(source).line() + '{"planned":5}\n{"deleted":[]}\n', "utf-8")

    run = edactl("dlq", "redrive", "--resume", str(path), "--yes")
    path.write_text(_header(source).line() + '{"deleted":["never-sent"]}\n', "utf-8")
    contradiction = edactl("dlq", "redrive", "--resume", str(path), "--yes")

    assert (run.status, contradiction.status) == (252, 252)
    assert f"{path}:2: not a line of a journal" in run.err
    assert f"{path}:2: the journal contradicts itself" in contradiction.err


def test_a_journal_that_is_there_already_or_unknown_is_said(
    edactl: Edactl, queues: SandboxQueues, tmp_path: Path
) -> None:
    queues.make("source", "a")
    queues.make("target")
    path = tmp_path / "j.ndjson"
    path.write_text("x", "utf-8")
    arguments = ("dlq", "redrive", "source", "--to", "target", "--yes", "--journal")

    there = edactl(*arguments, str(path))
    no_folder = edactl(*arguments, str(tmp_path / "none" / "j"))
    unknown = edactl("dlq", "redrive", "--resume", "20260131T080000Z-nothing")

    assert (there.status, no_folder.status, unknown.status) == (252, 252, 252)
    assert "is there already" in there.err
    assert "there is no such folder" in no_folder.err
    assert "no such journal, and no run of that id" in unknown.err


@pytest.mark.parametrize("command", [("redrive", "--resume"), ("restore",)])
def test_a_journal_whose_run_is_at_work_is_left_alone(
    edactl: Edactl, queues: SandboxQueues, tmp_path: Path, command: tuple[str, ...]
) -> None:
    source = queues.make("source")
    path = tmp_path / "j.ndjson"
    path.write_text(_header(source).line(), "utf-8")

    with closing(JournalFile.going_on(path)):
        run = edactl("dlq", *command, str(path), "--yes")
    after = edactl("dlq", *command, str(path), "--yes")

    assert (run.status, after.status) == (252, 0)
    assert "is still at work in another process" in run.err


def test_a_new_run_names_the_run_that_was_broken_off_and_what_it_hides(
    edactl: Edactl, queues: SandboxQueues, tmp_path: Path
) -> None:
    source = queues.make("source", "a", "b")
    queues.make("target")
    queues.sqs.receive(source, count=1, wait_seconds=0, visibility_seconds=60)
    options = record_of(RedriveOptions(lease_seconds=60))
    header = _header(source, options=options)
    journal = _known(tmp_path, header, _planned(header, _message("m-1", "a")))
    move = ("queue", "move", "source", "target", "--limit", "1", "-n")

    fresh = edactl(*move)
    with closing(JournalFile.going_on(journal)):
        at_work = edactl(*move)
    os.utime(journal, (1.0, 1.0))
    old = edactl(*move)
    journal.write_text(header.line(), "utf-8")
    os.utime(journal, (1.0, 1.0))
    sent_nothing = edactl(*move)

    assert "run run-1 out of source was broken off" in fresh.err
    assert "a new one may send 1 letter a second time" in fresh.err
    assert "edactl dlq redrive --resume run-1 finishes it" in fresh.err
    assert re.search(r"run run-1 hides letters until about ..:..:..Z \(in \d+s\): 1 in", fresh.err)
    assert "run-1" not in at_work.err
    assert "somebody else reads source: 1 in flight" in at_work.err
    assert "run run-1 out of source was broken off" in old.err
    assert "somebody else reads source: 1 in flight" in old.err
    assert "run-1" not in sent_nothing.err


def test_a_long_journal_of_a_broken_run_is_not_read_to_its_end(
    queues: SandboxQueues, tmp_path: Path
) -> None:
    source = queues.make("source")
    header = _header(source)
    _known(tmp_path, header, _planned(header, _message("m-1", "a")))
    environment = {"HOME": str(tmp_path / "home")}

    short = broken_run(environment, source.arn, now=0.0)
    long = broken_run(environment, source.arn, now=0.0, read_bytes=10)

    assert short is not None
    assert long is not None
    assert (short.run_id, short.twice, long.twice) == ("run-1", 1, None)


def _known(tmp_path: Path, header: JournalHeader, *lines: str) -> Path:
    """A journal of a run that has no end, in the folder where runs leave them."""
    folder = tmp_path / "home" / ".local" / "state" / "edactl" / "redrive"
    folder.mkdir(parents=True)
    path = folder / f"{header.run_id}.ndjson"
    path.write_text("".join([header.line(), *lines]), "utf-8")
    (folder / "other.ndjson").write_text("no journal\n", "utf-8")
    return path


def test_a_resumed_run_says_for_how_long_it_waits_for_letters_without_a_line(
    edactl: Edactl, queues: SandboxQueues, tmp_path: Path
) -> None:
    source, target = queues.make("source", "a"), queues.make("target")
    queues.sqs.receive(source, count=1, wait_seconds=0, visibility_seconds=1)
    options = record_of(RedriveOptions(lease_seconds=2))
    _known(tmp_path, _header(source, options=options))

    run = edactl("dlq", "redrive", "--resume", "run-1", "--yes", "-o", "json")

    assert run.status == 0, run.err
    assert "1 letter more that the run had in hand may show again only at" in run.err
    assert json.loads(run.out)["deleted"] == 1
    assert queues.bodies(target) == ["a"]


def test_a_resumed_run_waits_a_lease_however_old_its_journal_is(
    edactl: Edactl, queues: SandboxQueues, tmp_path: Path
) -> None:
    """Leases are extended without a line in the journal, so its age does not tell their end."""
    source, target = queues.make("source", "a"), queues.make("target")
    header = _header(source, options=record_of(RedriveOptions(lease_seconds=6)))
    os.utime(_known(tmp_path, header), (1.0, 1.0))
    queues.sqs.receive(source, count=1, wait_seconds=0, visibility_seconds=4)

    run = edactl("dlq", "redrive", "--resume", "run-1", "--yes", "-o", "json")

    assert run.status == 0, run.err
    assert (json.loads(run.out)["deleted"], queues.bodies(target)) == (1, ["a"])


def test_what_a_broken_run_hides_counts_among_the_letters_to_agree_to(
    edactl: Edactl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = {"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": "1001"}

    def answer(operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if operation == "GetQueueAttributes":
            return 200, {"Attributes": counts}
        return 200, {"QueueUrl": f"http://127.0.0.1/000000000000/{request['QueueName']}"}

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
        monkeypatch.setenv(name, "eu-west-1")
    arn = "arn:aws:sqs:eu-west-1:000000000000:source"
    _known(tmp_path, _header(Queue("source", "", arn, "000000000000", "eu-west-1")))
    with scripted_sqs(answer) as (url, _):
        run = edactl("dlq", "redrive", "--resume", "run-1", "--yes", "--endpoint-url", url)

    assert run.status == 252
    assert "That is more than 1,000" in run.err
    assert "--confirm source" in run.err


def test_what_earlier_runs_took_does_not_count_as_seen(
    edactl: Edactl,
    sandbox: SandboxState,
    queues: SandboxQueues,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One empty answer of SQS ends a run only where no letter is expected."""
    source, target = queues.make("source", "a", "b"), queues.make("target")
    header = _header(source)
    old = [_message(f"m-{number}", "old") for number in range(3)]
    lines = [_planned(header, one) for one in old]
    sent = sent_line({one.message_id: "x" for one in old}, once=True)
    gone = ids_line("deleted", [one.message_id for one in old])
    _known(tmp_path, header, *lines, sent, gone)
    dice = Dice({}, seed=1, certain={"ReceiveMessage": ["empty"]})

    monkeypatch.setenv("EDACTL_SANDBOX", "0")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_REGION", source.region)

    with faulty_sqs(sandbox.port, dice) as endpoint:
        resume = ("dlq", "redrive", "--resume", "run-1", "--yes", "-o", "json")
        run = edactl(*resume, "--concurrency", "1", "--endpoint-url", endpoint)

    assert run.status == 0, run.err
    report = json.loads(run.out)
    assert (report["received"], report["deleted"], report["remaining"]) == (5, 5, 0)
    assert sorted(queues.bodies(target)) == ["a", "b"]


# -- restore ---------------------------------------------------------------------------------------


def test_letters_that_are_gone_come_back_from_the_journal(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    source, target = queues.make("source"), queues.make("target")
    queues.sqs.send(source, [Outgoing(body, ATTRIBUTES) for body in ("a", "b")])
    moved = edactl("queue", "move", "source", "target", "--limit", "2", "--yes", "-o", "json")
    run_id = json.loads(moved.out)["run_id"]
    assert sorted(queues.bodies(target)) == ["a", "b"]

    plan = edactl("dlq", "restore", run_id, "-n")
    run = edactl("dlq", "restore", run_id, "--yes", "-o", "json")
    nothing = edactl("dlq", "restore", run_id, "--yes")

    assert (plan.status, run.status, nothing.status) == (0, 0, 0), run.err
    assert f"would send 2 letters of run {run_id} again to target" in plan.err
    assert json.loads(plan.out)["dry_run"] is True
    report = json.loads(run.out)
    assert (report["received"], report["sent"], report["engine"]) == (2, 2, "restore")
    back = queues.sqs.receive(target, count=10, wait_seconds=0, visibility_seconds=5)
    assert {one.message.body for one in back} == {"a", "b"}
    assert all(one.message.message_attributes == ATTRIBUTES for one in back)
    assert "holds no letter that is to be sent again" in nothing.err


def test_restore_takes_only_the_unsent_when_told_and_may_go_elsewhere(
    edactl: Edactl, queues: SandboxQueues, tmp_path: Path
) -> None:
    source, other = queues.make("source"), queues.make("other")
    queues.make("target")
    queues.make("line.fifo")
    header = _header(source)
    path = tmp_path / "j.ndjson"
    lines = [_planned(header, _message(one, one)) for one in ("m1", "m2", "m3", "m3")]
    lines += [sent_line({"m1": "x"}, once=True), '{"skipped":[["m9","h","why"]]}\n']
    lines += ['{"failed":[{"message_id":"m2"}]}\n']
    path.write_text(header.line() + "".join(lines), "utf-8")

    wrong_type = edactl("dlq", "restore", str(path), "--to", "line.fifo", "--yes")
    run = edactl("dlq", "restore", str(path), "--to", "other", "--unsent", "--yes", "-o", "json")

    assert wrong_type.status == 252
    report = json.loads(run.out)
    assert (run.status, report["sent"], report["skipped"]) == (0, 2, 1)
    assert sorted(queues.bodies(other)) == ["m2", "m3"]


def test_restore_keeps_fifo_order_and_lists_what_is_refused(
    edactl: Edactl, queues: SandboxQueues, tmp_path: Path
) -> None:
    source = queues.make("source.fifo")
    target = queues.make("target.fifo", MaximumMessageSize="1024")
    header = _header(source, destination=target.arn)
    bodies = {"m1": ("a", "1"), "m2": ("b", "x" * 2000), "m3": ("a", "2"), "m4": ("b", "3")}
    lines = [
        _planned(header, replace(_message(one, body), group_id=group))
        for one, (group, body) in bodies.items()
    ]
    path = tmp_path / "j.ndjson"
    path.write_text(header.line() + "".join(lines), "utf-8")

    run = edactl("dlq", "restore", str(path), "--yes", "-o", "json")

    assert run.status == 2, run.err
    report = json.loads(run.out)
    assert (report["sent"], report["failed"], report["skipped"]) == (2, 1, 1)
    assert report["failures"][0]["message_id"] == "m2"
    assert queues.bodies(target) == ["1", "2"]


def test_restore_into_a_queue_that_is_gone_fails_with_nothing_sent(
    edactl: Edactl, queues: SandboxQueues, tmp_path: Path
) -> None:
    source = queues.make("source")
    header = _header(source)
    path = tmp_path / "j.ndjson"
    path.write_text(header.line() + _planned(header, _message("m1", "a")), "utf-8")

    run = edactl("dlq", "restore", str(path), "--yes", "-o", "json")

    assert run.status == 2
    assert json.loads(run.out)["failures"][0]["error_code"] == "QueueDoesNotExist"


# -- runs ------------------------------------------------------------------------------------------


def test_runs_lists_what_ended_and_what_did_not(
    edactl: Edactl, queues: SandboxQueues, tmp_path: Path
) -> None:
    source = queues.make("source", "a")
    queues.make("target")
    assert edactl("dlq", "runs", "-o", "json").out == "[]\n"
    moved = edactl("queue", "move", "source", "target", "--limit", "1", "--yes", "-o", "json")
    journal = Path(json.loads(moved.out)["journal"])
    (journal.parent / "run-0.ndjson").write_text(_header(source, run_id="run-0").line(), "utf-8")
    (journal.parent / "other.ndjson").write_text("no journal\n", "utf-8")

    rows = json.loads(edactl("dlq", "runs", "-o", "json").out)
    left = json.loads(edactl("dlq", "runs", "--unfinished", "--queue", "source", "-o", "json").out)

    by_id = {row["run_id"]: row for row in rows}
    ended = by_id[journal.stem]
    assert (ended["ended"], ended["sent"], ended["kind"], ended["queue"]) == (
        *(True, 1, "move", "source"),
    )
    assert (by_id["run-0"]["ended"], by_id["run-0"]["sent"]) == (False, None)
    assert [row["run_id"] for row in left] == ["run-0"]


# -- drop ------------------------------------------------------------------------------------------


def test_dropped_letters_are_kept_in_the_journal_and_can_come_back(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    dlq = queues.make("orders-dlq", "bad", "good")
    arguments = ("dlq", "drop", "orders-dlq", "--where", "body == 'bad'", "--limit", "1")

    asked = edactl(*arguments)
    looked = edactl(*arguments, "-n")
    run = edactl(*arguments, "--yes", "-o", "json")
    left = queues.depth(dlq)
    back = edactl("dlq", "restore", json.loads(run.out)["run_id"], "--yes")

    assert (asked.status, looked.status, run.status, back.status) == (252, 0, 0, 0), run.err
    assert "Drop up to 1 of about 2 letters of orders-dlq" in asked.err
    assert json.loads(looked.out)["sent"] == 1
    assert "would drop 1 letter: 3 bytes" in looked.err
    assert (json.loads(run.out)["deleted"], left) == (1, (1, 0))
    assert sorted(queues.bodies(dlq)) == ["bad", "good"]


def test_drop_wants_to_know_which_letters(edactl: Edactl, queues: SandboxQueues) -> None:
    queues.make("orders-dlq", "a")

    run = edactl("dlq", "drop", "orders-dlq", "--yes")

    assert run.status == 252
    assert "drop which letters?" in run.err


# -- export and import -----------------------------------------------------------------------------


def test_an_export_is_lossless_both_ways_and_gives_the_letters_back(
    edactl: Edactl, queues: SandboxQueues, tmp_path: Path
) -> None:
    dlq, target = queues.make("orders-dlq"), queues.make("target")
    body = '{"text": "Grüße \U0001f9ea", "n": 1.10}'
    queues.sqs.send(dlq, [Outgoing(body, ATTRIBUTES, group_id="g"), Outgoing("other")])
    path = tmp_path / "letters.ndjson"

    out = edactl("dlq", "export", "orders-dlq", "--where", "group_id", "--limit", "1")
    filed = edactl("dlq", "export", "orders-dlq", str(path), "--limit", "2")
    again = edactl("dlq", "export", "orders-dlq", str(path))
    back = edactl("dlq", "import", "target", "-", "-o", "json", stdin=out.out)

    assert (out.status, filed.status, again.status, back.status) == (0, 0, 252, 0), back.err
    assert len(out.out.splitlines()) == 1
    assert len(path.read_text("utf-8").splitlines()) == 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert queues.depth(dlq) == (2, 0)
    assert json.loads(back.out)["sent"] == 1
    (found,) = queues.sqs.receive(target, count=10, wait_seconds=0, visibility_seconds=5)
    assert (found.message.body, found.message.group_id) == (body, "g")
    assert found.message.message_attributes == ATTRIBUTES


EVERY_TYPE = {
    "plain": MessageAttribute("String", "Grüße \U0001f9ea\t\n\r  two  spaces "),
    "custom": MessageAttribute("String.json", '{"a": [1.10, 1e2]}'),
    "number": MessageAttribute("Number", "001.50"),
    "integer": MessageAttribute("Number.int", "-15"),
    "float": MessageAttribute("Number.float64", "1E+2"),
    "bytes": MessageAttribute("Binary", None, bytes(range(256))),
    "image.png": MessageAttribute("Binary.png", None, b"\x89PNG\r\n\x1a\n"),
    "dotted.name_1-x": MessageAttribute("String", "x"),
}
TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
MD5_OF_A = "0cc175b9c0f1b6a831c399e269772661"
BODIES = (
    '{"n": 1.10, "big": 12345678901234567890, "e": 1e2, "text": "Gr\u00fc\u00dfe \U0001f9ea"}',
    "  not JSON:\ttabs,\nlines,\r\nand a nul's neighbour \ud7ff\ue000\ufffd ",
    '"\\u0041 stays escaped"',
    "x",
)


@pytest.mark.parametrize("fifo", [False, True], ids=["standard", "fifo"])
@pytest.mark.parametrize("way", ["copied", "deleted"])
def test_what_is_exported_and_imported_again_is_the_same_byte_for_byte(
    edactl: Edactl, queues: SandboxQueues, tmp_path: Path, *, fifo: bool, way: str
) -> None:
    suffix = ".fifo" if fifo else ""
    dlq, target = queues.make(f"orders-dlq{suffix}"), queues.make(f"orders{suffix}")
    sent = [
        Outgoing(body, EVERY_TYPE, f"g-{at % 2}", f"d-{at}" if fifo else None)
        for at, body in enumerate(BODIES)
    ]
    queues.sqs.send(dlq, sent)
    path = tmp_path / "letters.ndjson"
    options = ("--delete", "--yes") if way == "deleted" else ()

    exported = edactl("dlq", "export", dlq.name, str(path), *options)
    imported = edactl("dlq", "import", target.name, str(path), "-o", "json")

    assert (exported.status, imported.status) == (0, 0), exported.err + imported.err
    assert queues.depth(dlq) == ((0, 0) if way == "deleted" else (len(BODIES), 0))
    records = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    if fifo:
        assert {one["deduplication_id"] for one in records} == {f"d-{at}" for at in range(4)}
    taken = queues.sqs.receive(target, count=10, wait_seconds=0, visibility_seconds=60)
    found = [one.message for one in taken]
    assert sorted(one.body.encode() for one in found) == sorted(one.encode() for one in BODIES)
    for one in found:
        assert one.message_attributes == EVERY_TYPE
        assert one.group_id == f"g-{BODIES.index(one.body) % 2}"
    for group in ("g-0", "g-1"):
        order = [BODIES.index(one.body) for one in found if one.group_id == group]
        assert not fifo or order == sorted(order)


def test_the_trace_header_goes_along(
    edactl: Edactl, queues: SandboxQueues, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sandbox keeps it of a single send, and drops it from batches: these are scripted."""
    trace = {"AWSTraceHeader": {"DataType": "String", "StringValue": TRACE}}
    dlq = queues.make("orders-dlq")
    queues.session.call(
        "sqs", "send_message", QueueUrl=dlq.url, MessageBody="a", MessageSystemAttributes=trace
    )
    sent: list[dict[str, Any]] = []

    def answer(operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if operation == "SendMessageBatch":
            sent.extend(request["Entries"])
            done = {"Id": "0", "MessageId": "m", "MD5OfMessageBody": MD5_OF_A}
            return 200, {"Successful": [done], "Failed": []}
        return 200, {"QueueUrl": "http://127.0.0.1/000000000000/orders"}

    exported = edactl("dlq", "export", "orders-dlq")
    monkeypatch.delenv("EDACTL_SANDBOX")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
        monkeypatch.setenv(name, "eu-west-1")
    with scripted_sqs(answer) as (url, _):
        run = edactl("dlq", "import", "orders", "-", "--endpoint-url", url, stdin=exported.out)

    assert run.status == 0, run.err
    assert json.loads(exported.out)["trace_header"] == TRACE
    assert [one["MessageSystemAttributes"] for one in sent] == [trace]


def test_an_export_that_saw_only_the_first_of_a_fifo_group_is_partly_done(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    dlq = queues.make("orders-dlq.fifo", *[str(n) for n in range(15)])
    queues.make("orders.fifo")

    run = edactl("dlq", "export", dlq.name)
    enough = edactl("dlq", "export", dlq.name, "--limit", "3")
    look = edactl("dlq", "redrive", dlq.name, "--to", "orders.fifo", "-n", "-o", "json")
    few = edactl("dlq", "redrive", dlq.name, "--to", "orders.fifo", "-n", "--limit", "2")

    assert (run.status, enough.status, look.status, few.status) == (2, 0, 0, 0)
    assert len(run.out.splitlines()) == 10
    for one in (run, look):
        assert "only 10 of about 15 letters of orders-dlq.fifo were seen" in one.err
    assert "export --delete takes all of them" in run.err
    assert "were seen" not in enough.err + few.err


def test_export_deletes_only_what_is_in_the_file(
    edactl: Edactl, queues: SandboxQueues, tmp_path: Path
) -> None:
    dlq = queues.make("orders-dlq", "a", "b", "c")
    path = tmp_path / "letters.ndjson"
    arguments = ("dlq", "export", "orders-dlq", str(path), "--delete", "--limit", "2")

    asked = edactl(*arguments)
    assert not path.exists()
    run = edactl(*arguments, "--yes", "-o", "json")

    assert (asked.status, run.status) == (252, 0), run.err
    assert json.loads(run.out)["deleted"] == 2
    exported = {json.loads(line)["body"] for line in path.read_text("utf-8").splitlines()}
    assert exported | set(queues.bodies(dlq)) == {"a", "b", "c"}
    assert len(exported) == 2


def test_export_to_stdout_deletes_only_where_stdout_is_a_file_and_whole(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    queues.make("orders-dlq", "a")
    arguments = ("dlq", "export", "orders-dlq", "--delete", "--yes", "--limit", "1")

    lossy = edactl(*arguments, "--query", "body")
    run = edactl(*arguments)  # the stdout of this test is a file

    assert lossy.status == 252
    assert "would lose some" in lossy.err
    assert run.status == 0, run.err
    assert [json.loads(line)["body"] for line in run.out.splitlines()] == ["a"]


def test_an_export_that_cannot_be_made_deletes_nothing(
    edactl: Edactl, queues: SandboxQueues, tmp_path: Path
) -> None:
    dlq = queues.make("orders-dlq", "a")
    arguments = ("dlq", "export", "orders-dlq", "--delete", "--yes")

    no_folder = edactl(*arguments[:3], str(tmp_path / "none" / "f"), *arguments[3:])
    full = edactl(*arguments[:3], "/dev/full", *arguments[3:])

    assert (no_folder.status, full.status) == (252, 252)
    assert "cannot be made" in no_folder.err
    assert queues.depth(dlq) == (1, 0)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"body": "a", "colour": 1}', 'it has "colour"'),
        ('{"detail": {}}', "it has no body"),
        ('"a"', "it has no body"),
        ("{", "not JSON"),
    ],
)
def test_import_takes_message_records_only(edactl: Edactl, line: str, words: str) -> None:
    run = edactl("dlq", "import", "orders", "-", stdin=line)

    assert run.status == 252
    assert f"stdin:1: {'is no message record: ' if 'it has' in words else ''}{words}" in run.err


def test_import_into_fifo_gives_new_deduplication_ids(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    queue = queues.make("orders.fifo")
    record = '{"body":"a","group_id":"g","deduplication_id":"same"}\n'

    run = edactl("dlq", "import", "orders.fifo", "-", stdin=record * 2)

    assert run.status == 0, run.err
    assert queues.bodies(queue) == ["a", "a"]
