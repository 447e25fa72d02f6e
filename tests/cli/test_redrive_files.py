"""Edits of letters, and files that cannot be written, below the command line."""

from __future__ import annotations

import errno
import os
import stat
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from edactl.cli.journal_file import JournalFailed, JournalFile, journal_entries, new_journal
from edactl.cli.letter_file import ExportFailed, LetterFile
from edactl.cli.redrive_edit import compile_edit
from edactl.core.journal import Ids, JournalHeader, ids_line
from edactl.core.letter import Letter, Origin
from edactl.core.redrive_route import Skip
from edactl.errors import UsageError
from tests.queue_fakes import a_message

HEADER = JournalHeader("r", "redrive", "1", "eu-west-1", "arn:q:dlq", None, {}, "2026-01-31")


def _edited(edit: str, body: str) -> str | Skip:
    letter = Letter(replace(a_message("m1"), body=body), Origin.UNKNOWN)
    return compile_edit(edit)(letter, body)


@pytest.mark.parametrize(
    ("edit", "body", "made"),
    [
        ("json_body.a", '{"a": "text"}', "text"),
        ("json_body.a", '{"a": {"b": 1}}', '{"b":1}'),
        ("@", "plain", None),
        ('[{"op": "remove", "path": "/a"}]', '{"a": 1, "b": "ü"}', '{"b":"ü"}'),
    ],
)
def test_an_edit_makes_a_new_body(edit: str, body: str, made: str | None) -> None:
    edited = _edited(edit, body)

    assert edited == made if made else '"body":"plain"' in str(edited)


@pytest.mark.parametrize(
    ("edit", "body", "reason"),
    [
        ("json_body.a", "{}", "--edit gives nothing for it"),
        ("contains(json_body.a, 'x')", '{"a": 5}', "--edit \"contains(json_body.a, 'x')\" failed"),
        ('[{"op": "remove", "path": "/a"}]', "plain", "its body is no JSON, which --edit would"),
        ('[{"op": "remove", "path": "/a"}]', "{}", "--edit does not fit it: "),
        ('[{"op": "remove", "path": "/a/b"}]', '{"a": 1}', "--edit does not fit it: "),
    ],
)
def test_a_letter_that_an_edit_does_not_fit_stays(edit: str, body: str, reason: str) -> None:
    edited = _edited(edit, body)

    assert isinstance(edited, Skip)
    assert edited.reason.startswith(reason)


def test_a_journal_is_made_at_its_first_line_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "j.ndjson"
    journal = new_journal(path, HEADER)
    journal.sync()
    journal.close()
    assert not path.exists()

    journal.write(ids_line("deleted", ["m1"]))
    with pytest.raises(UsageError, match="still at work"):
        JournalFile.going_on(path)
    journal.close()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry for entry, _ in journal_entries(path)] == [Ids("deleted", ("m1",))]


def test_a_journal_that_the_disk_does_not_take_is_said(tmp_path: Path) -> None:
    journal = JournalFile(tmp_path / "none" / "j.ndjson", HEADER)

    with pytest.raises(JournalFailed, match=r"cannot be written: No such file") as failure:
        journal.write(ids_line("deleted", ["m1"]))

    assert "nothing is sent or deleted without it" in (failure.value.hint or "")


def test_what_is_saved_together_is_written_and_synced_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "j.ndjson"
    on_disk: list[int] = []
    first, go_on = threading.Event(), threading.Event()

    def to_disk(_descriptor: int) -> None:
        on_disk.append(len(path.read_text().splitlines()) - 1)
        first.set()
        assert go_on.wait(30)

    monkeypatch.setattr("edactl.cli.journal_file._to_disk", to_disk)
    journal = new_journal(path, HEADER)
    threads = [
        threading.Thread(target=journal.save, args=[ids_line("deleted", [f"m{number}"])])
        for number in range(4)
    ]
    threads[0].start()
    assert first.wait(30)
    for thread in threads[1:]:
        thread.start()
    deadline = time.monotonic() + 30
    while journal._added < 4:  # each of them waits for the first one's sync by then
        assert time.monotonic() < deadline
        time.sleep(0.01)
    go_on.set()
    for thread in threads:
        thread.join(30)
    journal.sync()
    journal.close()

    assert on_disk == [1, 4]
    assert {entry for entry, _ in journal_entries(path)} == {
        Ids("deleted", (f"m{number}",)) for number in range(4)
    }


def test_a_line_that_a_full_disk_took_in_part_is_finished_before_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "j.ndjson"
    journal = new_journal(path, HEADER)
    journal.save(ids_line("deleted", ["m1"]))
    write, room = os.write, [5]

    def half_written(descriptor: int, text: bytes) -> int:
        if not room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(descriptor, text[: room.pop()])

    with monkeypatch.context() as full:
        full.setattr("os.write", half_written)
        with pytest.raises(JournalFailed, match="No space left"):
            journal.save(ids_line("deleted", ["m2"]))
    half = path.read_text()
    journal.write(ids_line("deleted", ["m3"]))
    journal.close()

    assert half.endswith('\n{"del')
    assert [entry for entry, _ in journal_entries(path)] == [
        Ids("deleted", (name,)) for name in ("m1", "m2", "m3")
    ]


def test_a_journal_that_failed_is_closed_without_another_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = new_journal(tmp_path / "j.ndjson", HEADER)
    journal.save(ids_line("deleted", ["m1"]))
    with monkeypatch.context() as full:
        full.setattr("os.write", lambda *_: os.close(-1))
        with pytest.raises(JournalFailed, match="Bad file descriptor"):
            journal.write(ids_line("deleted", ["m2"]))
        journal.close()

    assert [entry for entry, _ in journal_entries(journal.path)] == [Ids("deleted", ("m1",))]


def test_a_full_disk_ends_an_export() -> None:
    descriptor = os.open("/dev/full", os.O_WRONLY)
    file = LetterFile("letters.ndjson", descriptor)
    with pytest.raises(ExportFailed, match=r"letters.ndjson cannot be written: No space left"):
        file.write("{}\n")
    file.close()

    with pytest.raises(ExportFailed, match="cannot be written"):
        file.sync()
