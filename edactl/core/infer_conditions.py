"""Conditions on one field that all events of one set meet, found from the values they have."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from edactl.core.pattern import compile_pattern
from edactl.core.pattern.conditions import Value
from edactl.core.pattern.fields import Members, NumberText, read_event
from edactl.core.pattern.text_forms import as_utf8

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from edactl.core.record import JsonValue

MAX_VALUES = 20
MANY_VALUES = 5
_NAMES = {True: "true", False: "false", None: "null"}
_FARTHEST, _WHOLE = 1e300, 1e15
_ONE_BOUND = 2  # an operator and its number
_BOUNDARY = re.compile(r"[^0-9A-Za-z]")
Fields: TypeAlias = "dict[str, dict[tuple[str, bool], Value]]"


@dataclass(frozen=True)
class Candidate:
    """A list of conditions on a field which every event of one set meets.

    `rejects` has a bit for each event of the other set that does not meet it. `rank` orders kinds:
    exact values first, then beginnings and ends, anything-but, exists, ranges, long lists.
    """

    path: str
    values: tuple[JsonValue, ...]
    rank: int
    rejects: int

    @property
    def cost(self) -> tuple[int, int, int, int, str, str]:
        """The cheaper of two is the plainer; equal only for the same condition."""
        favoured = _FAVOURED.get(self.path, len(_FAVOURED))
        unnamed = sum(not isinstance(one, str) for one in self.values)
        text = json.dumps(self.values)
        return self.rank, favoured, len(self.values), unnamed, self.path, text


_FAVOURED = {"source": 0, "detail-type": 1}
_EXACT, _EDGE, _BUT, _EXISTS, _ABSENT, _BOUND, _RANGE, _LONG = range(8)


def fields_of_event(event: str | bytes) -> Fields:
    """Every value of an event by path. Raises InputError for what is no JSON object.

    Fields below an empty key are left out: the engine reads such paths in a way of its own.
    """
    found: Fields = {}
    todo: list[tuple[str, Any]] = list(read_event(event))
    while todo:
        path, value = todo.pop()
        if isinstance(value, Members):
            todo += [(f"{path}.{key}", one) for key, one in value]
        elif isinstance(value, list):
            todo += [(path, one) for one in value]
        elif "" not in path.split("."):
            one = _value(value)
            found.setdefault(path, {})[one.text, one.string is not None] = one
    return found


def _value(value: object) -> Value:
    if isinstance(value, NumberText):
        return Value(str(value), is_string=False)
    if isinstance(value, str):
        return Value(as_utf8(value), is_string=True)
    return Value(_NAMES[value], is_string=False)  # type: ignore[index] # true, false or null


def candidates(
    path: str, wanted: Sequence[Fields], unwanted: Sequence[Fields]
) -> Iterator[Candidate]:
    """The conditions on a field that all wanted events meet, with the unwanted ones they reject."""
    inside = [event.get(path, {}) for event in wanted]
    outside = [event.get(path, {}) for event in unwanted]
    if not any(inside):
        found: Iterable[tuple[int, list[JsonValue]]] = [(_ABSENT, [{"exists": False}])]
    elif all(inside):
        found = _of_values(inside, outside)
    else:
        return
    for rank, values in found:
        judge = _Judge(path, values)
        if all(judge.meets(one) for one in inside):
            rejects = sum((not judge.meets(one)) << at for at, one in enumerate(outside))
            yield Candidate(path, tuple(values), rank, rejects)


class _Judge:
    """The engine's verdict on one field's values, each value judged once."""

    def __init__(self, path: str, values: list[JsonValue]) -> None:
        pattern = compile_pattern(nested({path: values}))
        [(_, self._conditions)] = pattern.sub_rules[0].fields
        self._absent = any(one.absent for one in self._conditions)
        self._known: dict[tuple[str, bool], bool] = {}

    def meets(self, values: dict[tuple[str, bool], Value]) -> bool:
        if not values:
            return self._absent
        for key, value in values.items():
            if key not in self._known:
                self._known[key] = any(one.holds(value) for one in self._conditions)
        return any(self._known[key] for key in values)


def nested(fields: dict[str, list[JsonValue]]) -> dict[str, JsonValue]:
    """A pattern from paths to lists of conditions, its keys nested."""
    pattern: dict[str, Any] = {}
    for path, values in fields.items():
        *above, last = path.split(".")
        here = pattern
        for step in above:
            here = here.setdefault(step, {})
        here[last] = values
    return pattern


Values: TypeAlias = "Sequence[dict[tuple[str, bool], Value]]"


def _of_values(inside: Values, outside: Values) -> Iterator[tuple[int, list[JsonValue]]]:
    exact = _exact(inside, outside)
    if exact:
        yield (_EXACT if len(exact) <= MANY_VALUES else _LONG), exact
    strings = [one.string or "" for one in _singles(inside, strings=True) or ()]
    for beginning in _beginnings(strings):
        yield _EDGE, [{"prefix": beginning}]
    for ending in _beginnings([one[::-1] for one in strings]):
        yield _EDGE, [{"suffix": ending[::-1]}]
    for excluded in _anything_but(outside):
        yield _BUT, [{"anything-but": excluded}]
    yield _EXISTS, [{"exists": True}]
    numbers = [one.number or 0.0 for one in _singles(inside, strings=False) or ()]
    for bounds in _ranges(numbers, outside) if numbers else ():
        yield (_RANGE if len(bounds) > _ONE_BOUND else _BOUND), [{"numeric": bounds}]


def _exact(inside: Values, outside: Values) -> list[JsonValue]:
    """A few values of which each event has one; if that can be, values that no other event has."""
    taken = {key for event in outside for key in event}
    everything = {
        key: one for event in inside for key, one in event.items() if _can_be_written(one)
    }
    for usable in ({key for key in everything if key not in taken}, set(everything)):
        chosen = _covering(inside, usable)
        if chosen is not None:
            return [as_json(everything[key]) for key in chosen]
    return []


def _covering(inside: Values, usable: set[tuple[str, bool]]) -> list[tuple[str, bool]] | None:
    """Keys such that each event has one of them, chosen greedily; None when they are too many."""
    chosen: list[tuple[str, bool]] = []
    left = list(inside)
    while left:
        counts: dict[tuple[str, bool], int] = {}
        for event in left:
            for key in event:
                if key in usable:
                    counts[key] = counts.get(key, 0) + 1
        if not counts or len(chosen) == MAX_VALUES:
            return None
        best = min(counts, key=lambda key: (-counts[key], key))
        chosen.append(best)
        left = [event for event in left if best not in event]
    return sorted(chosen)


def as_json(value: Value) -> JsonValue:
    """A value as a pattern writes it."""
    if value.string is not None:
        return value.string
    found: JsonValue = json.loads(value.text)
    return found


def _can_be_written(value: Value) -> bool:
    """Whether a pattern can ask for just this value: not for numbers that no double holds."""
    return value.string is not None or value.text in _NAMES.values() or value.number is not None


def _singles(inside: Values, *, strings: bool) -> list[Value] | None:
    """The one value of each event; None when some have several, or one of another kind."""
    found = [next(iter(event.values())) for event in inside if len(event) == 1]
    fits = all((one.string if strings else one.number) is not None for one in found)
    return found if fits and len(found) == len(inside) else None


def _beginnings(strings: Sequence[str]) -> Iterator[str]:
    """What all strings begin with: up to the last whole word, and as long as it goes."""
    common = _common_beginning(min(strings), max(strings)) if strings else ""
    if not common or len(set(strings)) == 1:
        return
    ends = [found.end() for found in _BOUNDARY.finditer(common)]
    if ends and ends[-1] < len(common):
        yield common[: ends[-1]]
    yield common


def _common_beginning(one: str, other: str) -> str:
    """What two strings begin with; of the first and last of many, what all begin with."""
    length = 0
    while one[length : length + 1] == other[length : length + 1] and length < len(one):
        length += 1
    return one[:length]


def _anything_but(outside: Values) -> Iterator[JsonValue]:
    values = {key: one for event in outside for key, one in event.items()}
    strings = sorted(one.string for one in values.values() if one.string is not None)
    numbers = sorted({one.number for one in values.values() if one.number is not None})
    if 0 < len(strings) <= MAX_VALUES:
        yield [*strings]
    for beginning in _beginnings(strings):
        yield {"prefix": beginning}
    if 0 < len(numbers) <= MAX_VALUES:
        yield [_plain(one) for one in numbers]


def _ranges(numbers: Sequence[float], outside: Values) -> Iterator[list[JsonValue]]:
    others = [one.number for event in outside for one in event.values() if one.number is not None]
    low, high = min(numbers), max(numbers)
    if max(map(abs, (low, high))) >= _FARTHEST:
        return
    if others and max(others) > high:
        yield ["<=", _plain(high)]
    if others and min(others) < low:
        yield [">=", _plain(low)]
    if low < high:
        yield [">=", _plain(low), "<=", _plain(high)]


def _plain(number: float) -> JsonValue:
    """A whole number without its fraction, where both are the same to the engine."""
    return int(number) if number.is_integer() and abs(number) < _WHOLE else number
