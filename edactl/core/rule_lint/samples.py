"""What sample events have at each path, and checks of a rule against it."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from edactl.core.pattern.conditions import Value
from edactl.core.pattern.fields import Members, NumberText, read_event
from edactl.core.rule_lint.subject import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from edactl.core.pattern.conditions import Condition
    from edactl.core.rule_lint.finding import Finding
    from edactl.core.rule_lint.subject import Conditions, Subject

MAX_PATHS, MAX_VALUES = 2_000, 1_000
_NAMES = {True: "true", False: "false", None: "null"}
_LITERALS = {"true": "boolean", "false": "boolean", "null": "null"}


@dataclass
class _Seen:
    """What one path had: kinds of values, some of them, and whether there were objects."""

    kinds: set[str] = field(default_factory=set)
    values: dict[tuple[str, bool], Value] = field(default_factory=dict)
    overflow: bool = False
    is_object: bool = False
    holds_objects: bool = False


class Samples:
    """Paths, kinds and values of sample events, in bounded memory.

    Values are kept only for the `wanted` paths, the first 1,000 different ones of each.
    """

    def __init__(self, wanted: Iterable[str]) -> None:
        self.events = 0
        self._wanted = frozenset(wanted)
        self._seen: dict[str, _Seen] = {}

    def add(self, event: str | bytes) -> None:
        """Look at one event. Raises InputError for what is no JSON object."""
        todo: list[tuple[str, Any]] = list(read_event(event))
        self.events += 1
        while todo:
            path, value = todo.pop()
            seen = self._at(path)
            if isinstance(value, Members):
                todo += [(f"{path}.{key}", one) for key, one in value]
                seen.is_object = True
            elif isinstance(value, list):
                todo += [(path, one) for one in value]
                seen.holds_objects |= any(isinstance(one, Members) for one in value)
            else:
                self._add_value(path, seen, value)

    def _at(self, path: str) -> _Seen:
        if path not in self._seen and len(self._seen) >= MAX_PATHS and path not in self._wanted:
            return _Seen()  # beyond what is kept
        return self._seen.setdefault(path, _Seen())

    def _add_value(self, path: str, seen: _Seen, value: object) -> None:
        is_string = isinstance(value, str) and not isinstance(value, NumberText)
        text = str(value) if isinstance(value, str) else _NAMES[value]  # type: ignore[index] # what JSON has
        kind = "string" if is_string else _LITERALS.get(text, "number")
        seen.kinds.add(kind)
        if path in self._wanted and (text, is_string) not in seen.values:
            if len(seen.values) >= MAX_VALUES:
                seen.overflow = True
            else:
                seen.values[text, is_string] = Value(text, is_string=is_string)

    def kinds(self, path: str) -> frozenset[str]:
        """The kinds of values that the path had: string, number, boolean, null."""
        return frozenset(self._seen[path].kinds) if path in self._seen else frozenset()

    def is_object(self, path: str) -> bool:
        """Whether the path was an object in some sample."""
        return path in self._seen and self._seen[path].is_object

    def array_above(self, path: str) -> str | None:
        """The path of an array of objects that the field is in, in some sample."""
        steps = path.split(".")
        above = (".".join(steps[:end]) for end in range(1, len(steps)))
        return next(
            (one for one in above if one in self._seen and self._seen[one].holds_objects), None
        )

    def all_values(self, path: str) -> list[Value] | None:
        """Every different value of the path; None when there were too many to keep."""
        seen = self._seen.get(path, _Seen())
        return None if seen.overflow else list(seen.values.values())

    def close_to(self, path: str) -> str | None:
        """A path of the samples that is spelt nearly so."""
        found = get_close_matches(
            path, [one for one in self._seen if self._seen[one].kinds], 1, 0.8
        )
        return found[0] if found else None


def against_samples(subject: Subject) -> Iterator[Finding]:
    """Fields that no sample has, types that none has there, and lists that exclude all values."""
    samples = subject.samples
    if samples is None or not samples.events:
        return
    for path, conditions in subject.lists:
        kinds = samples.kinds(path)
        absent = any(one.absent for one in conditions)
        if not kinds and not absent:
            yield _missing(subject, samples, path, conditions)
        elif kinds:
            yield from _types(subject, path, conditions, kinds)
            yield from _excluded(subject, samples, path, conditions)
        above = samples.array_above(path) if absent else None
        if above is not None:
            yield subject.finding(
                "exists-false-in-array",
                "warning",
                f"{above} is an array in the samples: exists: false is judged against the elements"
                " that the fields sorting before this one have chosen, and fails when any other"
                " element has the field",
                path=path,
                hint="edactl rule explain shows it for one event",
            )


def _missing(subject: Subject, samples: Samples, path: str, conditions: Conditions) -> Finding:
    if samples.is_object(path):
        exists = all(one.operator == "exists" for one in conditions)
        return subject.finding(
            "exists-on-object" if exists else "leaf-and-object",
            "error" if exists else "warning",
            "in the samples it is an object; conditions look at values only",
            path=path,
            hint="name a field below it",
        )
    close = samples.close_to(path)
    return subject.finding(
        "path-not-in-samples",
        "warning",
        f"none of {samples.events} samples has the field",
        path=path,
        hint=f"{close}?" if close else None,
    )


def _types(
    subject: Subject, path: str, conditions: Conditions, kinds: frozenset[str]
) -> Iterator[Finding]:
    for item, one in enumerate(conditions):
        wanted = _kinds_of(one)
        if wanted and not wanted & kinds:
            yield subject.finding(
                "type-not-in-samples",
                "warning",
                f"{shown(one)} takes {' or '.join(sorted(wanted))}; the samples have"
                f" {' and '.join(sorted(kinds))} there",
                path=path,
                item=item,
                hint=f"{one.operand} without quotes" if _is_quoted_number(one, kinds) else None,
            )


def _is_quoted_number(one: Condition, kinds: frozenset[str]) -> bool:
    return one.operator == "value" and one.literal is None and "number" in kinds


def _kinds_of(one: Condition) -> frozenset[str]:
    """The kinds of values that can meet a condition; empty for any."""
    if one.operator == "exists" or one.operator.startswith("anything-but"):
        return frozenset()
    if one.operator == "numeric":
        return frozenset({"number"})
    if one.literal is not None:
        return frozenset({_LITERALS.get(one.literal, "number")})
    return frozenset({"string"})


def _excluded(
    subject: Subject, samples: Samples, path: str, conditions: Conditions
) -> Iterator[Finding]:
    values = samples.all_values(path)
    if values is None or not all(one.operator.startswith("anything-but") for one in conditions):
        return
    if not any(one.holds(value) for one in conditions for value in values):
        yield subject.finding(
            "anything-but-takes-nothing",
            "warning",
            f"it excludes every value that the samples have there ({len(values)} different)",
            path=path,
            hint="edactl rule test shows what matches",
        )


CHECKS = (against_samples,)
