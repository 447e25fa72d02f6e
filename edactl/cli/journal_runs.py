"""What the journals of this machine tell of runs: how they ended, and which were broken off."""

from __future__ import annotations

import fcntl
import json
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from edactl.cli.journal_file import known_journals, read_journal_header
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from edactl.core.record import JsonValue

_TAIL_BYTES = 8192
_LOOKED_AT = 100


@dataclass(frozen=True)
class BrokenRun:
    """A run that was killed. `hides_until`, in seconds since 1970, is when its leases have ended.

    That is about so: it counts from what the run wrote last.
    """

    run_id: str
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


def broken_run(environment: Mapping[str, str], queue_arn: str) -> BrokenRun | None:
    """The newest run out of this queue that neither came to its end nor is at work; None if none.

    Looks at the hundred newest journals of the state folder; others are known to nobody here.
    """
    for path in islice(known_journals(environment), _LOOKED_AT):
        with suppress(InputError):  # another version's journal
            header = read_journal_header(path)
            if header.queue_arn == queue_arn and end_of(path) is None and not _at_work(path):
                lease = header.options.get("lease_seconds")
                seconds = lease if isinstance(lease, int) else 0
                return BrokenRun(header.run_id, path.stat().st_mtime + seconds)
    return None


def _at_work(path: Path) -> bool:
    """Whether a process has the journal: it holds the lock as long as it lives."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
