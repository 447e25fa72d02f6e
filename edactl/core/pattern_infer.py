"""The smallest pattern that matches one set of events and none of another.

A pattern asks for as few fields as will do, each by the plainest condition: exact values, then
beginnings and ends, anything-but, exists, ranges of numbers. Fields that tell one event from
another rather than one kind from another (ids, times, accounts) are left to the last. Where no
fields together separate the sets, the wanted events are parted by one field, with `$or`. What is
found has been run against every event.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, islice, takewhile
from typing import TYPE_CHECKING, TypeAlias

from edactl.core.infer_conditions import candidates, fields_of_event, nested
from edactl.core.pattern import PatternError, compile_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from edactl.core.infer_conditions import Candidate, Fields
    from edactl.core.record import JsonValue

Event: TypeAlias = "str | bytes"
MAX_PARTS, MAX_TRIES, MAX_PARTITIONS, MAX_PAIRED = 5, 50, 15, 300
_PERSONAL = re.compile(
    r"(?:^|.*[^a-z])(?:ids?|uuids?|guid|arns?|account|accountids?|time|times|timestamp|date|at|on"
    r"|created|updated|expires|etag|hash|token|nonce|seq|sequence|sequencer|offset)"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LONE = ("source", "detail-type")


@dataclass(frozen=True)
class Inferred:
    """A pattern and the fields it asks for; `personal` are the ids, times or accounts of them."""

    pattern: dict[str, JsonValue]
    fields: tuple[str, ...]
    personal: tuple[str, ...]


@dataclass(frozen=True)
class Inseparable:
    """Why there is no pattern: the unwanted events that nothing tells from all wanted ones.

    `twins` maps an unwanted event to a wanted one with the very same values.
    """

    unwanted: tuple[int, ...]
    twins: dict[int, int]


def infer(wanted: Sequence[Event], unwanted: Sequence[Event]) -> Inferred | Inseparable:
    """The smallest pattern that matches all wanted events and no unwanted one.

    Without unwanted events it asks for their sources and detail-types. The same events give the
    same pattern. Raises InputError for an event that is no JSON object. Needs all events in memory.
    """
    task = _Task(wanted, unwanted)
    if task.twins:
        return task.inseparable()
    for personal in (False, True):
        found = task.one_alternative(personal=personal) or task.several(personal=personal)
        if found is not None:
            fields = tuple(dict.fromkeys(one.path for part in found for one in part))
            return Inferred(_pattern(found), fields, tuple(filter(is_personal, fields)))
    return task.inseparable()


def is_personal(path: str) -> bool:
    """Whether a field's name says that it tells one event from another: an id, time, account."""
    last = path.rpartition(".")[2]
    return bool(_PERSONAL.fullmatch(_CAMEL.sub("_", last).lower()))


Part: TypeAlias = "tuple[Candidate, ...]"


class _Task:
    """The two sets of events with their fields."""

    def __init__(self, wanted: Sequence[Event], unwanted: Sequence[Event]) -> None:
        self._wanted, self._unwanted = wanted, unwanted
        self._fields = [fields_of_event(one) for one in wanted]
        self._others = [fields_of_event(one) for one in unwanted]
        self._paths = sorted({path for one in (*self._fields, *self._others) for path in one})

    @cached_property
    def twins(self) -> dict[int, int]:
        """Unwanted events that have the values of a wanted one, with that one."""
        first = {_values(one): at for at, one in reversed([*enumerate(self._fields)])}
        found = ((at, first.get(_values(one))) for at, one in enumerate(self._others))
        return {at: twin for at, twin in found if twin is not None}

    def one_alternative(self, *, personal: bool) -> tuple[Part, ...] | None:
        """Fields that together do it."""
        everyone = range(len(self._wanted))
        part = self._part(everyone, personal=personal)
        return None if part is None else (part,)

    def several(self, *, personal: bool) -> tuple[Part, ...] | None:
        """The same for parts of the wanted events, parted by a field; the fewest fields win."""
        best: tuple[Part, ...] | None = None
        for parts in self._partitions(personal=personal):
            if best is not None and len(parts) > sum(map(len, best)):
                continue
            found = (self._part(part, personal=personal) for part in parts)
            whole = tuple(one for one in takewhile(bool, found) if one)
            if len(whole) < len(parts) or not self._does_it(whole, range(len(self._wanted))):
                continue
            if best is None or sum(map(len, whole)) < sum(map(len, best)):
                best = whole
        return best

    def inseparable(self) -> Inseparable:
        """The unwanted events that no condition on one field keeps out."""
        every = self._candidates(range(len(self._wanted)), personal=True)
        rejected = 0
        for one in every:
            rejected |= one.rejects
        left = tuple(at for at in range(len(self._others)) if not rejected >> at & 1)
        return Inseparable(left, self.twins)

    def _partitions(self, *, personal: bool) -> Iterator[list[list[int]]]:
        """Ways to part the wanted events by the values of one field, or by its presence."""
        tried = 0
        for path in self._usable(personal=personal):
            parts: dict[object, list[int]] = {}
            for at, event in enumerate(self._fields):
                parts.setdefault(tuple(sorted(event.get(path, ()))), []).append(at)
            if 1 < len(parts) <= MAX_PARTS and tried < MAX_PARTITIONS:
                tried += 1
                yield list(parts.values())

    def _usable(self, *, personal: bool) -> list[str]:
        paths = [path for path in self._paths if "$or" not in path.split(".")]
        return paths if personal else [path for path in paths if not is_personal(path)]

    def _candidates(self, members: Iterable[int], *, personal: bool) -> list[Candidate]:
        chosen = [self._fields[at] for at in members]
        usable = set(self._usable(personal=personal))
        found = [
            one
            for path in self._usable(personal=True)
            for one in candidates(path, chosen, self._others)
            if path in usable or _asks_for_presence(one)
        ]
        return sorted(found, key=lambda one: one.cost)

    def _part(self, members: Sequence[int], *, personal: bool) -> Part | None:
        """The cheapest fields that all these events meet, and no unwanted one."""
        found = self._candidates(members, personal=personal)
        choices = islice(self._choices(found), MAX_TRIES)
        return next((part for part in choices if self._does_it((part,), members)), None)

    def _choices(self, found: list[Candidate]) -> Iterator[Part]:
        """Sets of candidates that reject every unwanted event, those of the fewest fields first."""
        if not self._others:
            firsts = {one.path: one for one in reversed(found)}
            yield tuple(firsts[name] for name in _LONE if name in firsts) or tuple(found[:1])
            return
        everyone = (1 << len(self._others)) - 1
        yield from ((one,) for one in found if one.rejects == everyone)
        useful = [one for one in found if one.rejects][:MAX_PAIRED]
        pairs = [
            pair
            for pair in combinations(useful, 2)
            if pair[0].rejects | pair[1].rejects == everyone and not _clash(*pair)
        ]
        yield from sorted(pairs, key=_cost_of_pair)
        greedy = _greedily(useful, everyone)
        if greedy:
            yield greedy

    def _does_it(self, parts: tuple[Part, ...], members: Iterable[int]) -> bool:
        """Whether the engine says so: these events match, and no unwanted one does."""
        if not all(parts):
            return False
        try:
            pattern = compile_pattern(json.dumps(_pattern(parts)))
        except PatternError:  # a name that $or does not take
            return False
        return all(pattern.matches(self._wanted[at]) for at in members) and not any(
            map(pattern.matches, self._unwanted)
        )


def _values(event: Fields) -> frozenset[tuple[str, tuple[str, bool]]]:
    return frozenset((path, key) for path, values in event.items() for key in values)


def _asks_for_presence(one: Candidate) -> bool:
    return isinstance(one.values[0], dict) and "exists" in one.values[0]


def _cost_of_pair(pair: tuple[Candidate, Candidate]) -> tuple[object, ...]:
    return pair[0].rank + pair[1].rank, pair[0].cost, pair[1].cost


def _clash(one: Candidate, other: Candidate) -> bool:
    """Whether no pattern can hold both: one field, or one inside of the other."""
    short, long = sorted((f"{one.path}.", f"{other.path}."), key=len)
    return long.startswith(short)


def _greedily(useful: Sequence[Candidate], everyone: int) -> Part:
    """Candidates that reject every unwanted event, each the one that rejects most of the rest."""
    chosen: list[Candidate] = []
    left = everyone
    while left:
        usable = [one for one in useful if not any(_clash(one, each) for each in chosen)]
        best = max(usable, key=lambda one: (one.rejects & left).bit_count(), default=None)
        if best is None or not best.rejects & left:
            return ()
        chosen.append(best)
        left &= ~best.rejects
    return _plainer(chosen, useful, everyone)


def _plainer(chosen: list[Candidate], useful: Sequence[Candidate], everyone: int) -> Part:
    """The same without what the others make needless, and with plainer conditions where they do."""
    kept = list(chosen)
    for one in chosen:
        others = 0
        for other in kept:
            others |= 0 if other is one else other.rejects
        at = kept.index(one)
        if others == everyone:
            del kept[at]
            continue
        kept[at] = next(
            each for each in useful if each.path == one.path and each.rejects | others == everyone
        )
    return tuple(kept)


def _pattern(parts: tuple[Part, ...]) -> dict[str, JsonValue]:
    made = [nested({one.path: list(one.values) for one in part}) for part in parts]
    distinct = [one for at, one in enumerate(made) if one not in made[:at]]
    return distinct[0] if len(distinct) == 1 else {"$or": [*distinct]}
