"""The log of a run that changes a service's scaling: the backup, and how far it came. Pure.

NDJSON. A header with what was there before and what was to come after, on disk before anything is
sent; `sending` and `sent`, or `failed`, for each call; `end` when every call was answered well;
`rolled_back_by` when another run put the former state back.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from edactl.core.record import record_of
from edactl.core.scaling_policy.state import (
    Range,
    State,
    changes,
    policy_differs,
    range_differs,
)
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edactl.core.record import JsonValue

VERSION = 1
_HINT = "a run's log is made by edactl scale apply; name another RUN"
Kind = Literal["apply", "rollback"]


@dataclass(frozen=True)
class RunHeader:
    """What a run is about. `of` is the run that a rollback takes back."""

    run_id: str
    kind: Kind
    service_arn: str
    region: str
    service: str
    policy_name: str
    before: State
    after: State
    started_at: str
    of: str | None = None

    def line(self) -> str:
        """The first line of the log."""
        return line({"edactl_scale_run": VERSION, **record_of(self)})


@dataclass(frozen=True)
class LoggedRun:
    """A run as its log tells it. One that has not ended was killed, or a call of it failed."""

    header: RunHeader
    ended: bool
    rolled_back_by: str | None

    def is_half_way(self, found: State) -> bool:
        """Whether this run was killed or failed, and what is deployed is still what it left."""
        if self.ended or self.rolled_back_by or not self.left(found):
            return False
        return bool(changes(found, self.header.after))

    def left(self, found: State) -> bool:
        """Whether what is deployed is what this run may have left, each part old or new."""
        before, after = self.header.before, self.header.after
        same_range = not range_differs(found, before) or not range_differs(found, after)
        return same_range and (
            not policy_differs(found, before) or not policy_differs(found, after)
        )


def line(record: dict[str, JsonValue]) -> str:
    """One line of NDJSON."""
    return json.dumps(record, separators=(",", ":")) + "\n"


def read_run(lines: Iterable[str], where: str) -> LoggedRun:
    """A run's log. Raises InputError for what is none.

    Beyond the header a line that is cut off, or is no object, tells nothing.
    """
    header: RunHeader | None = None
    ended, rolled_back_by = False, None
    for text in lines:
        if not text.endswith("\n"):
            break  # a crash cut it off: it was not written
        if header is None:
            header = _read_header(text, where)
            continue
        record = _record(text)
        ended = ended or "end" in record
        rolled_back_by = record.get("rolled_back_by", rolled_back_by)
    if header is None:
        raise InputError("it is empty: the run sent nothing", where=where, hint=_HINT)
    return LoggedRun(header, ended, rolled_back_by)


def _read_header(text: str, where: str) -> RunHeader:
    try:
        return _header(json.loads(text))
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InputError("it is no log of a run", where=where, hint=_HINT) from None


def _record(text: str) -> dict[str, str]:
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def _header(record: dict[str, JsonValue]) -> RunHeader:
    if record["edactl_scale_run"] != VERSION:
        raise ValueError
    texts = {
        name: str(record[name])
        for name in ("run_id", "service_arn", "region", "service", "policy_name", "started_at")
    }
    kind: Kind = "rollback" if record["kind"] == "rollback" else "apply"
    of = record["of"]
    return RunHeader(
        kind=kind,
        before=_state(record["before"]),
        after=_state(record["after"]),
        of=of if isinstance(of, str) else None,
        **texts,
    )


def _state(value: JsonValue) -> State:
    if not isinstance(value, dict):
        raise TypeError
    tasks, policy = value["range"], value["policy"]
    found = None
    if isinstance(tasks, dict):
        minimum, maximum = tasks["minimum_tasks"], tasks["maximum_tasks"]
        if not isinstance(minimum, int) or not isinstance(maximum, int):
            raise TypeError
        found = Range(minimum, maximum)
    if policy is not None and not isinstance(policy, dict):
        raise TypeError
    return State(found, policy)
