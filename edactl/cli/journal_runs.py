"""What the journals of this machine tell of runs: how they ended, and which were broken off."""

from __future__ import annotations

import fcntl
import json
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from edactl.cli.journal_file import journal_entries, known_journals, read_journal_header
from edactl.errors import InputError
from edactl.ops.redrive_resume import read_back

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from edactl.core.record import JsonValue

_TAIL_BYTES = 8192
_LOOKED_AT = 100
READ_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class BrokenRun:
    """A run that did not come to its end.

    `twice` is how many letters a new run may send a second time, None where the journal is too
    long to tell quickly. `hides_until`, in seconds since 1970, is when its leases have ended, by
    what it wrote last.
    """

    run_id: str
    twice: int | None
    hides_until: float


def end_of(path: Path) -> dict[str, JsonValue] | None:
    """The balance in the last lines of a journal; what a restore adds comes after it."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _TAIL_BYTES))
        lines = file.read().decode("utf-8", "replace").splitlines()
    for line in reversed(lines):
        if line.startswith('{"end":'):
            with suppress(ValueError):
                record: dict[str, JsonValue] = json.loads(line)["end"]
                return record
        if not line.startswith('{"restored":'):
            return None
    return None


def broken_run(
    environment: Mapping[str, str], queue_arn: str, now: float, read_bytes: int = READ_BYTES
) -> BrokenRun | None:
    """The newest broken run out of this queue that still matters: by what it sent, or hides.

    Looks at the hundred newest journals of the state folder; others are known to nobody here. Of
    broken ones at most `read_bytes` are read for how many letters a new run may send again.
    """
    for path in islice(known_journals(environment), _LOOKED_AT):
        with suppress(InputError, OSError):  # another version's journal, or one removed just now
            header = read_journal_header(path)
            if header.queue_arn == queue_arn and end_of(path) is None and not _at_work(path):
                lease = header.options.get("lease_seconds")
                seconds = lease if isinstance(lease, int) else 0
                size, written_at = path.stat().st_size, path.stat().st_mtime
                twice = _twice(path) if size <= read_bytes else None
                read_bytes -= size
                found = BrokenRun(header.run_id, twice, written_at + seconds)
                if found.twice != 0 or found.hides_until > now:
                    return found
    return None


def _twice(path: Path) -> int:
    found = read_back(journal_entries(path), str(path))
    return len(found.lost_at) + len(found.ledger.undeleted)


def _at_work(path: Path) -> bool:
    """Whether a process has the journal: it holds the lock as long as it lives."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
