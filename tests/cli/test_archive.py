from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edactl.sandbox.state import SandboxState
from tests.running import Run
from tests.sandbox_queues import SandboxQueues

LINE = '{"source":"com.flix","detail-type":"T","resources":["r"],"detail":{"n":%d,"f":1.5}}\n'
FIELDS = [
    *("name", "bus", "bus_arn", "state", "state_reason", "retention_days", "event_count"),
    *("size_bytes", "created_at", "description", "event_pattern", "arn"),
]


@pytest.fixture
def flix(sandbox: SandboxState) -> SandboxQueues:
    """A bus flix."""
    queues = SandboxQueues(sandbox)
    queues.session.call("events", "create_event_bus", Name="flix")
    return queues


def put(edactl: Callable[..., Run], count: int) -> None:
    events = "".join(LINE % number for number in range(count))
    assert edactl("put-event", "-", "--bus", "flix", "-q", stdin=events).status == 0


def test_an_archive_is_made_shown_listed_and_deleted(
    edactl: Callable[..., Run], flix: SandboxQueues
) -> None:
    pattern = '{"source":["com.flix"]}'
    made = edactl(
        *("archive", "create", "all", "--bus", "flix", "--retention", "30d"),
        *("--pattern", pattern, "--description", "everything", "-o", "json"),
    )
    shown = edactl("archive", "show", "all", "-o", "json")
    by_arn = edactl("archive", "show", json.loads(shown.out)["arn"], "-o", "json")
    listed = edactl("archive", "list", "--bus", "flix", "--query", "[].name")
    elsewhere = edactl("archive", "list", "--bus", "default", "-o", "json")
    by_prefix = edactl("archive", "list", "--prefix", "al", "--bus", "flix", "--query", "[].name")
    deleted = edactl("archive", "delete", "all", "--yes", "-o", "json")
    gone = edactl("archive", "show", "all")

    record = json.loads(made.out)
    assert list(record) == FIELDS
    assert (record["bus"], record["retention_days"]) == ("flix", 30)
    assert record["event_pattern"]["source"] == ["com.flix"]
    assert json.loads(shown.out)["description"] == "everything"
    assert by_arn.out == shown.out
    assert (listed.out, elsewhere.out, by_prefix.out) == ('"all"\n', "[]\n", '"all"\n')
    assert json.loads(deleted.out)["deleted"] is True
    assert gone.status == 254
    assert 'archive "all" does not exist' in gone.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("a b",), '"a b" is no name of an archive'),
        (("x", "--retention", "soon"), '--retention "soon" is no number of days'),
        (("x", "--retention", "0d"), "is no number of days"),
        (("x", "--pattern", '{"source":"a"}'), '"source" must be an object or an array'),
        (("x", "--pattern", "@/nope"), "cannot be read"),
    ],
)
def test_a_wrong_archive_is_refused_before_aws_is_asked(
    edactl: Callable[..., Run], arguments: tuple[str, ...], says: str
) -> None:
    run = edactl("archive", "create", *arguments)

    assert run.status == 252
    assert says in run.err
    assert len(run.err.splitlines()) == 2


def test_the_bus_of_an_archive_has_to_exist(
    edactl: Callable[..., Run], sandbox: SandboxState
) -> None:
    run = edactl("archive", "create", "all", "--bus", "nope")

    assert run.status == 254
    assert 'bus "nope" does not exist' in run.err


def test_an_archive_is_not_deleted_unasked(edactl: Callable[..., Run], flix: SandboxQueues) -> None:
    edactl("archive", "create", "all", "--bus", "flix")

    refused = edactl("archive", "delete", "all")
    planned = edactl("archive", "delete", "all", "-n", "-o", "json")

    assert refused.status == 252
    assert "add --yes" in refused.err
    assert json.loads(planned.out)["dry_run"] is True
    assert edactl("archive", "show", "all").status == 0


def test_the_arn_of_something_else_is_no_archive(
    edactl: Callable[..., Run], sandbox: SandboxState
) -> None:
    run = edactl("archive", "show", "arn:aws:sqs:us-east-1:1:q")

    assert run.status == 252
    assert "is not the ARN of an archive" in run.err


def test_an_export_holds_every_event_as_it_was_put(
    edactl: Callable[..., Run], flix: SandboxQueues, tmp_path: Path
) -> None:
    edactl("archive", "create", "all", "--bus", "flix")
    put(edactl, 25)
    file = tmp_path / "events.ndjson"

    run = edactl("archive", "export", "all", "-o", str(file))
    swept = edactl("bus", "sweep", "--all", "-n", "-o", "json")

    result = json.loads(run.out)
    assert run.status == 0
    assert (result["events"], result["complete"], result["file"]) == (25, True, str(file))
    events = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert sorted(one["detail"]["n"] for one in events) == list(range(25))
    assert all(one["detail"]["f"] == 1.5 and one["resources"] == ["r"] for one in events)
    assert not any("replay-name" in one for one in events)
    assert swept.out == "[]\n"


def test_an_export_without_a_file_goes_to_stdout_and_back_onto_a_bus(
    edactl: Callable[..., Run], flix: SandboxQueues
) -> None:
    edactl("archive", "create", "all", "--bus", "flix")
    put(edactl, 3)

    out = edactl("archive", "export", "all", "-o", "ndjson").out
    again = edactl("replay", "file", "-", "--bus", "flix", "--query", "sent", stdin=out)

    assert len(out.splitlines()) == 3
    assert again.out == "3\n"


def test_a_file_that_cannot_be_written_is_named_and_nothing_is_left(
    edactl: Callable[..., Run], flix: SandboxQueues
) -> None:
    edactl("archive", "create", "all", "--bus", "flix")

    run = edactl("archive", "export", "all", "-o", "/nope/events.ndjson")

    assert run.status == 252
    assert "-o /nope/events.ndjson: cannot be written" in run.err
    assert edactl("bus", "sweep", "--all", "-n", "-o", "json").out == "[]\n"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--since", "1h", "--until", "1h"), "the window is empty"),
        (("--since", "1h", "--until", "2h"), "the window is empty"),
        (("--since", "yesterday"), '"yesterday" is not a time'),
    ],
)
def test_a_wrong_window_is_refused(
    edactl: Callable[..., Run], flix: SandboxQueues, options: tuple[str, ...], says: str
) -> None:
    run = edactl("archive", "export", "all", *options)

    assert run.status == 252
    assert says in run.err


def test_a_window_before_the_archive_is_refused(
    edactl: Callable[..., Run], flix: SandboxQueues
) -> None:
    edactl("archive", "create", "all", "--bus", "flix")

    run = edactl("archive", "export", "all", "--since", "2d", "--until", "1d")

    assert run.status == 252
    assert "holds nothing before" in run.err


def test_an_unknown_archive_is_named(edactl: Callable[..., Run], sandbox: SandboxState) -> None:
    run = edactl("archive", "export", "nope", "--since", "1h")

    assert run.status == 254
    assert 'archive "nope" does not exist' in run.err
    assert "edactl archive list" in run.err


def events_of(lines: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.splitlines()]


def test_a_second_export_does_not_hold_the_probes_of_the_first(
    edactl: Callable[..., Run], flix: SandboxQueues
) -> None:
    edactl("archive", "create", "all", "--bus", "flix")
    put(edactl, 1)

    first = edactl("archive", "export", "all")
    second = edactl("archive", "export", "all")

    assert [one["source"] for one in events_of(first.out)] == ["com.flix"]
    assert [one["source"] for one in events_of(second.out)] == ["com.flix"]
