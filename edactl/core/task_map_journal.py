"""The state file of a task map: which items were launched as what, and how they ended. Pure.

NDJSON. A header, then for each RunTask a line `launching`, on disk before it is sent, and a line
`launched`, on disk after its answer; then a line `ended` for each item, `cancelled` for those that
were stopped with the run and run again when it is resumed, and `end` with the balance. A last line
that was cut off does not count.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from edactl.core.record import record_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edactl.core.record import JsonValue
    from edactl.core.task_map_record import ItemRecord

VERSION = 1


@dataclass(frozen=True)
class ItemsFile:
    """The items: the file's name as typed, its size, the SHA-256 of its bytes, and their number."""

    name: str
    size_bytes: int
    sha256: str
    items: int


@dataclass(frozen=True)
class MapHeader:
    """What a state file belongs to. `request` is RunTask's own, its templates not filled yet."""

    run_id: str
    cluster: str
    region: str
    task_definition: str
    file: ItemsFile
    request: Mapping[str, JsonValue]
    started_at: str

    @property
    def job(self) -> str:
        """What the tokens of this run's launches begin with."""
        return sha256(self.run_id.encode()).hexdigest()[:16]

    def line(self) -> str:
        """The header as the first line of the file."""
        return _line({"edactl_task_map": VERSION, **record_of(self)})


@dataclass
class OpenCall:
    """A RunTask of an earlier process whose answer is not known, or which gave no task for these.

    `count` is how many tasks it asked for, `asked_at` when, in seconds since 1970. `fell_back` when
    it was on demand after losses on Spot; `answered` when ECS said that it started none for these.
    `known` are the tasks that it started for other items.
    """

    number: int
    items: tuple[int, ...]
    count: int
    asked_at: float
    fell_back: bool = False
    answered: bool = False
    known: frozenset[str] = frozenset()


def launching_line(call: OpenCall) -> str:
    """The line before a RunTask for these items."""
    record: dict[str, JsonValue] = {
        "call": call.number,
        "items": [*call.items],
        "at": round(call.asked_at, 3),
    }
    return _line({"launching": record | ({"fell_back": True} if call.fell_back else {})})


def launched_line(call: int, tasks: Mapping[int, str], failures: Sequence[str]) -> str:
    """The line after its answer: the task of each item, and why there are not more."""
    arns: dict[str, JsonValue] = {str(index): arn for index, arn in tasks.items()}
    return _line({"launched": {"call": call, "tasks": arns, "failures": [*failures]}})


def ended_line(record: ItemRecord) -> str:
    """The line that says how an item ended."""
    result = record.result
    return _line(
        {
            "ended": {
                "index": record.index,
                "outcome": result.outcome,
                "exit_code": result.exit_code,
                "task_arn": result.task_arn,
                "cost_usd": result.cost_usd,
                "possibly_repeated": record.possibly_repeated,
            }
        }
    )


def cancelled_line(items: Sequence[int]) -> str:
    """The line that says that these were stopped with the run."""
    return _line({"cancelled": [*items]})


def end_line(balance: Mapping[str, JsonValue]) -> str:
    """The last line of a run that came to its end."""
    return _line({"end": {**balance}})


def _line(record: Mapping[str, JsonValue]) -> str:
    return json.dumps(record, separators=(",", ":")) + "\n"
