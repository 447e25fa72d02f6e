"""The checkpoint of a file replay: which events are done, and of which files in which form.

NDJSON: a header, then a line for each batch that was settled, written when its answer came. A run
that was killed leaves at most the requests in flight unwritten. Pure: text in, text out.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edactl.core.record import JsonValue, record_of
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

VERSION = 1
_HINT = "run the replay without --resume to start a new one"


@dataclass(frozen=True)
class ReplayedFile:
    """One input file: its name as typed, its size, and the SHA-256 of its bytes."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Header:
    """What a checkpoint belongs to; `options` are those that decide what is sent."""

    run_id: str
    bus: str
    account: str
    region: str
    files: tuple[ReplayedFile, ...]
    options: Mapping[str, JsonValue]
    started_at: str

    def line(self) -> str:
        """The header as the first line of the file."""
        return _line({"edactl_replay": VERSION, **record_of(self)})


class Done:
    """A set of event indexes that grows mostly from the left: a few ranges, however many events."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        self.count = 0

    def __contains__(self, index: int) -> bool:
        """Whether this event is done."""
        at = bisect_right(self._starts, index) - 1
        return at >= 0 and index < self._ends[at]

    def add(self, start: int, end: int) -> None:
        """Add the indexes from `start` up to, not including, `end`; those that are in are fine."""
        first = bisect_right(self._ends, start - 1)
        last = bisect_right(self._starts, end)
        merged = list(zip(self._starts[first:last], self._ends[first:last], strict=True))
        start = min([start, *(one for one, _ in merged)])
        end = max([end, *(one for _, one in merged)])
        self.count += end - start - sum(stop - begin for begin, stop in merged)
        self._starts[first:last] = [start]
        self._ends[first:last] = [end]


@dataclass
class Checkpoint:
    """A checkpoint that was read: what it belongs to, and what is done.

    `ended` when its run came to the end of the files; `settled` when nothing was in flight as it
    ended, which a killed run cannot say. `size_bytes` is the length of the whole lines.
    """

    header: Header
    done: Done = field(default_factory=Done)
    ended: bool = False
    settled: bool = False
    size_bytes: int = 0


def done_line(indexes: Sequence[int]) -> str:
    """The line that says that these events, in ascending order, are done."""
    return _line({"done": _ranges(indexes)})


def end_line(*, ended: bool) -> str:
    """The line that says that the run left nothing in flight; `ended` at the end of the files."""
    return _line({"ended": ended})


def read_checkpoint(lines: Iterable[str], where: str) -> Checkpoint:
    """The checkpoint in these lines; a last line that was cut off does not count.

    Raises InputError, with the line, for what is no checkpoint or one of another version.
    """
    found: Checkpoint | None = None
    for number, line in enumerate(lines, 1):
        if not line.endswith("\n"):
            break
        try:
            record = json.loads(line)
        except ValueError:
            record = None
        if found is None:
            found = Checkpoint(_header(record, where))
        else:
            _take(found, record, f"{where}:{number}")
        found.size_bytes += len(line.encode())
    if found is None:
        raise InputError("not a checkpoint: it has no header", where=where, hint=_HINT)
    return found


def refuse_other(checkpoint: Header, run: Header, where: str) -> None:
    """Raises InputError, naming the difference, when a checkpoint is not of this very replay."""
    pairs: list[tuple[str, object, object]] = [
        ("bus", checkpoint.bus, run.bus),
        ("account", checkpoint.account, run.account),
        ("region", checkpoint.region, run.region),
        ("number of files", len(checkpoint.files), len(run.files)),
    ]
    for old, new in zip(checkpoint.files, run.files, strict=False):
        if (old.sha256, old.size_bytes) != (new.sha256, new.size_bytes):
            raise InputError(
                f"it is the checkpoint of another file: the content of {new.name} is not that of"
                f" {old.name} when the replay began",
                where=where,
                hint=_HINT,
            )
    names = sorted({*checkpoint.options, *run.options})
    pairs += [(f"--{n}", checkpoint.options.get(n), run.options.get(n)) for n in names]
    for name, before, now in pairs:
        if before != now:
            raise InputError(
                f"the replay began with {name} {json.dumps(before)}, not {json.dumps(now)}",
                where=where,
                hint="resume with the options it began with, or start a new replay",
            )


def _header(record: object, where: str) -> Header:
    if not isinstance(record, dict) or "edactl_replay" not in record:
        raise InputError("not a checkpoint of a replay", where=f"{where}:1", hint=_HINT)
    if record["edactl_replay"] != VERSION:
        raise InputError(
            f"a checkpoint of version {record['edactl_replay']}; this edactl reads {VERSION}",
            where=f"{where}:1",
            hint=_HINT,
        )
    try:
        return Header(
            run_id=str(record["run_id"]),
            bus=str(record["bus"]),
            account=str(record["account"]),
            region=str(record["region"]),
            files=tuple(ReplayedFile(**one) for one in record["files"]),
            options=dict(record["options"]),
            started_at=str(record["started_at"]),
        )
    except (KeyError, TypeError, ValueError):
        raise InputError(
            "the header of the checkpoint is damaged", where=f"{where}:1", hint=_HINT
        ) from None


def _take(found: Checkpoint, record: object, where: str) -> None:
    match record:
        case {"done": list() as ranges}:
            found.settled = False
            for one in ranges:
                _add(found.done, one, where)
        case {"ended": bool() as ended}:
            found.settled, found.ended = True, ended
        case _:
            raise InputError("not a line of a checkpoint", where=where, hint=_HINT)


def _add(done: Done, indexes: object, where: str) -> None:
    match indexes:
        case [int() as start, int() as end] if 0 <= start < end:
            done.add(start, end)
        case _:
            raise InputError("not a range of events", where=where, hint=_HINT)


def _ranges(indexes: Sequence[int]) -> list[JsonValue]:
    ranges: list[list[int]] = []
    for index in indexes:
        if ranges and ranges[-1][1] == index:
            ranges[-1][1] += 1
        else:
            ranges.append([index, index + 1])
    return [[*one] for one in ranges]


def _line(record: Mapping[str, JsonValue]) -> str:
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False) + "\n"
