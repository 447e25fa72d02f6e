"""Reading the state file of a task map back: what was launched, and what has ended. Pure."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edactl.core.replay_checkpoint import Done
from edactl.core.task_map_journal import VERSION, ItemsFile, MapHeader, OpenCall
from edactl.core.task_map_record import OUTCOMES
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from edactl.core.record import JsonValue

_HINT = "without --resume a new run begins"


@dataclass
class MapState:
    """A state file that was read.

    `launched` is the task of each item that has not ended, `attempts` how many tasks it had.
    """

    header: MapHeader
    size_bytes: int = 0
    calls: int = 0
    done: Done = field(default_factory=Done)
    outcomes: Counter[str] = field(default_factory=Counter)
    costs: list[float | None] = field(default_factory=list)
    tasks_launched: int = 0
    possibly_repeated: int = 0
    launched: dict[int, str] = field(default_factory=dict)
    fell_back: set[int] = field(default_factory=set)
    open_calls: dict[int, OpenCall] = field(default_factory=dict)
    attempts: Counter[int] = field(default_factory=Counter)

    def in_hand(self) -> set[int]:
        """The items that were launched, or may have been, and have not ended."""
        return set(self.launched).union(*(call.items for call in self.open_calls.values()))

    def take(self, record: JsonValue) -> None:
        """Add what a line says. Raises KeyError, TypeError or ValueError for what is no line."""
        match record:
            case {"launching": {"call": int() as call, "items": list() as items, "at": at, **more}}:
                indexes, fell_back = tuple(map(_index, items)), more.get("fell_back") is True
                self._launching(OpenCall(call, indexes, len(items), _number(at), fell_back))
            case {"launched": {"call": int() as call, "tasks": dict() as tasks}}:
                self._answered(call, {int(index): str(arn) for index, arn in tasks.items()})
            case {"ended": dict() as ended}:
                self._ended(ended)
            case {"cancelled": list() as items}:
                self._forget({_index(one) for one in items})
            case {"end": dict()}:
                pass
            case _:
                raise ValueError(record)

    def _launching(self, call: OpenCall) -> None:
        self._forget(set(call.items))
        self.fell_back |= set(call.items) if call.fell_back else set()
        self.calls = max(self.calls, call.number)
        self.open_calls[call.number] = call

    def _answered(self, number: int, tasks: Mapping[int, str]) -> None:
        call = self.open_calls[number]
        self.launched |= tasks
        self.tasks_launched += len(tasks)
        self.attempts.update(list(tasks))
        call.items = tuple(one for one in call.items if one not in tasks)
        call.answered = True
        call.known |= set(tasks.values())
        if not call.items:
            del self.open_calls[number]

    def _ended(self, record: Mapping[str, JsonValue]) -> None:
        index, outcome = _index(record["index"]), record["outcome"]
        if outcome not in OUTCOMES:
            raise ValueError(outcome)
        if index in self.done:
            return  # a process died between two lines of it
        cost = record.get("cost_usd")
        self.done.add(index, index + 1)
        self.outcomes[str(outcome)] += 1
        self.costs.append(None if cost is None else _number(cost))
        self.possibly_repeated += record.get("possibly_repeated") is True
        self._forget({index})
        self.attempts.pop(index, None)

    def _forget(self, items: set[int]) -> None:
        for index in items:
            self.launched.pop(index, None)
        for number, call in list(self.open_calls.items()):
            call.items = tuple(one for one in call.items if one not in items)
            if not call.items:
                del self.open_calls[number]


def read_state(lines: Iterable[str], where: str) -> MapState:
    """What a state file says. Raises InputError, with the line, for what is none."""
    found: MapState | None = None
    for number, line in enumerate(lines, 1):
        if not line.endswith("\n"):
            break
        place = f"{where}:{number}"
        record = _parsed(line, place)
        if found is None:
            found = MapState(_header(record, place))
        else:
            try:
                found.take(record)
            except (KeyError, TypeError, ValueError):
                raise InputError(
                    "not a line of a task map's state", where=place, hint=_HINT
                ) from None
        found.size_bytes += len(line.encode())
    if found is None:
        raise InputError("not the state of a task map: it has no header", where=where, hint=_HINT)
    return found


def refuse_other(state: MapHeader, run: MapHeader, where: str) -> None:
    """Raises InputError, naming the difference, when a state is not of this very map."""
    pairs: list[tuple[str, JsonValue, JsonValue]] = [
        ("cluster", state.cluster, run.cluster),
        ("region", state.region, run.region),
        ("task definition", state.task_definition, run.task_definition),
    ]
    names = sorted({*state.request, *run.request} - {"cluster", "taskDefinition"})
    pairs += [(name, state.request.get(name), run.request.get(name)) for name in names]
    if state.file.sha256 != run.file.sha256:
        raise InputError(
            f"it is the state of other items: the content of {run.file.name} is not that of"
            f" {state.file.name} when the run began",
            where=where,
            hint="resume with the file it began with, or start a new run",
        )
    for name, before, now in pairs:
        if before != now:
            raise InputError(
                f"the run began with {name} {json.dumps(before)}, not {json.dumps(now)}",
                where=where,
                hint="resume with the options it began with, or start a new run",
            )


def _header(record: JsonValue, where: str) -> MapHeader:
    if not isinstance(record, dict) or "edactl_task_map" not in record:
        raise InputError("not the state of a task map", where=where, hint=_HINT)
    if record["edactl_task_map"] != VERSION:
        raise InputError(
            f"a state of version {record['edactl_task_map']}; this edactl reads {VERSION}",
            where=where,
            hint="use the edactl that wrote it",
        )
    try:
        match record["file"], record["request"]:
            case [dict() as file, dict() as request]:
                names = ("run_id", "cluster", "region", "task_definition", "started_at")
                texts = {name: _text(record[name]) for name in names}
                items = ItemsFile(
                    _text(file["name"]),
                    _index(file["size_bytes"]),
                    _text(file["sha256"]),
                    _index(file["items"]),
                )
                return MapHeader(file=items, request=request, **texts)
    except (KeyError, TypeError):
        pass
    raise InputError("the header of the state is damaged", where=where, hint=_HINT)


def _parsed(line: str, where: str) -> JsonValue:
    try:
        value: JsonValue = json.loads(line)
    except (ValueError, RecursionError):
        raise InputError("not a line of a task map's state", where=where, hint=_HINT) from None
    return value


def _index(value: JsonValue) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("a whole number")
    return value


def _number(value: JsonValue) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError("a number")
    return value


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise TypeError("text")
    return value
