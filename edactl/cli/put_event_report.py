"""What `put-event` counts and says: exact numbers, bounded failures, where to go on."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from edactl.cli.send_options import check_failed_to
from edactl.core.event import Numbered, Refused
from edactl.core.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable

    from edactl.core.event import Entry
    from edactl.core.record import JsonValue
    from edactl.ops.put_events import Put

MAX_LISTED_FAILURES = 1000


@dataclass
class Tally:
    """Counts that add up; `failures` holds the first 1,000, `failed` counts them all.

    `asked_bus` is where events go that name no bus of their own.
    """

    asked_bus: str
    sent: int = 0
    failed: int = 0
    failures: list[JsonValue] = field(default_factory=list)
    next_index: int = 0
    _buses: dict[str, None] = field(default_factory=dict)

    @property
    def bus(self) -> str:
        """The bus that events went to; several are named one after the other."""
        return ", ".join(self._buses) or self.asked_bus

    def add(self, put: Put) -> dict[str, JsonValue]:
        """Count one event and give its record."""
        index, outcome = put.event.index, put.outcome
        if isinstance(put.event, Numbered):
            self._buses[put.event.entry.bus] = None
        self.next_index = index + 1
        if outcome.error_code is None:
            self.sent += 1
        else:
            self._fail(index, outcome.error_code, outcome.error_message)
        return {
            "index": index,
            "event_id": outcome.event_id,
            "error_code": outcome.error_code,
            "error_message": outcome.error_message,
        }

    def count_valid(self, event: Numbered) -> dict[str, JsonValue]:
        """Count one event that a dry run found good to send."""
        self.sent += 1
        self._buses[event.entry.bus] = None
        return {"index": event.index, "event_id": None, "error_code": None, "error_message": None}

    def _fail(self, index: int, code: str, message: str | None) -> None:
        self.failed += 1
        if len(self.failures) < MAX_LISTED_FAILURES:
            self.failures.append({"index": index, "error_code": code, "error_message": message})

    def result(self, seconds: float, *, dry_run: bool) -> dict[str, JsonValue]:
        """The whole run as one record."""
        record: dict[str, JsonValue] = {
            "bus": self.bus,
            "sent": self.sent,
            "failed": self.failed,
            "duration_seconds": round(seconds, 3),
            "failures": self.failures,
        }
        return {**record, "dry_run": True} if dry_run else record


class FailedFile:
    """`--failed-to`: the failed entries, as put-event reads them again; made when one fails.

    `warn` gets the words when the disk is full.
    Raises InputError for a file that is also read, or that cannot be written.
    """

    def __init__(self, name: str | None, inputs: list[str], warn: Callable[[str], None]) -> None:
        self._name = check_failed_to(name, inputs)
        self._file: TextIO | None = None
        self._lost = False
        self._warn = warn

    def keep(self, event: Numbered | Refused) -> None:
        """Write one event and flush it; when that is no longer possible, it is said once."""
        if self._name is None or self._lost:
            return
        record = event.record if isinstance(event, Refused) else _as_request(event.entry)
        try:
            if self._file is None:
                self._file = Path(self._name).open("w", encoding="utf-8")  # noqa: SIM115 -- see close
            self._file.write(json.dumps(record, ensure_ascii=False) + "\n")
            self._file.flush()
        except OSError as error:
            self._lost = True
            self._warn(
                f"--failed-to {self._name} is not complete: {error.strerror};"
                " the result lists what failed"
            )

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file:
            with suppress(OSError):  # a full disk has been told of
                self._file.close()


def _as_request(entry: Entry) -> dict[str, object]:
    record: dict[str, object] = {
        "Source": entry.source,
        "DetailType": entry.detail_type,
        "Detail": entry.detail,
        "EventBusName": entry.bus,
    }
    if entry.time:
        record["Time"] = rfc3339(entry.time)
    if entry.resources:
        record["Resources"] = list(entry.resources)
    if entry.trace_header:
        record["TraceHeader"] = entry.trace_header
    return record
