"""Why a pattern matches an event or does not: field by field, in words and as data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edactl.core.pattern.conditions import Condition, Value
    from edactl.core.pattern.fields import Fields
    from edactl.core.pattern.matching import SubRule

_SHOWN_VALUES = 10


@dataclass(frozen=True)
class FieldVerdict:
    """One field of a pattern: what it wants, what the event has there, and whether that will do.

    `wanted` is in words, `found` the event's values as JSON (the first ten), `holds` whether one of
    them, or their absence, satisfies a condition; `elements` tells how many do, if there are many.
    """

    path: str
    holds: bool
    wanted: str
    found: tuple[str, ...]
    elements: str | None
    reason: str


@dataclass(frozen=True)
class AlternativeVerdict:
    """One alternative of a pattern (there are several under `$or`); `missed` fields do not hold.

    `note` says what is wrong when every field holds and the alternative still does not match.
    """

    match: bool
    missed: int
    fields: tuple[FieldVerdict, ...]
    note: str | None = None


@dataclass(frozen=True)
class Explanation:
    """A pattern's verdict on one event; alternatives stand nearest first."""

    match: bool
    missed: int
    alternatives: tuple[AlternativeVerdict, ...]


def explain(sub_rules: Sequence[SubRule], event: Fields) -> Explanation:
    """The verdict with its reasons."""
    found = sorted(
        (_alternative(rule, event) for rule in sub_rules),
        key=lambda one: (not one.match, one.missed),
    )
    match = any(one.match for one in found)
    return Explanation(match, 0 if match else min(one.missed for one in found), tuple(found))


def _alternative(rule: SubRule, event: Fields) -> AlternativeVerdict:
    fields = tuple(_field(path, conditions, event) for path, conditions in rule.fields)
    missed = sum(not one.holds for one in fields)
    match = rule.matches(event)
    note = None
    if not match and not missed:
        missed = 1
        note = (
            "every field holds, but not in the same element of an array;"
            " exists: false is judged against the elements that the fields before it have chosen"
        )
    return AlternativeVerdict(match, missed, fields, note)


def _field(path: str, conditions: tuple[Condition, ...], event: Fields) -> FieldVerdict:
    values = [one.value for one in event.get(path, ())]
    holding = sum(any(one.holds(value) for one in conditions) for value in values)
    absence = any(one.absent for one in conditions)
    # exists: false may hold for elements without the field, where others have it
    holds = bool(holding) or (absence and (not values or _in_elements(path, event)))
    wanted = wanted_in_words(conditions)
    shown = tuple(as_json(value) for value in values[:_SHOWN_VALUES])
    return FieldVerdict(
        path=path,
        holds=holds,
        wanted=wanted,
        found=shown,
        elements=f"{holding} of {len(values)}" if len(values) > 1 else None,
        reason=f"{path}: {_reason(wanted, values, holds=holds)}",
    )


def _in_elements(path: str, event: Fields) -> bool:
    return any(one.places for one in event.get(path, ()))


def _reason(wanted: str, values: Sequence[Value], *, holds: bool) -> str:
    if not values:
        return f"wanted {wanted}; the event has no such value"
    has = ", ".join(_with_kind(value) for value in values[:3])
    more = f" and {len(values) - 3} more" if len(values) > 3 else ""  # noqa: PLR2004 -- as many as shown
    return f"{'has' if holds else 'wanted'} {wanted}; the event has {has}{more}"


def _with_kind(value: Value) -> str:
    if value.string is None:
        return value.text
    kind = "the string " if value.string and value.string.lstrip("-")[:1].isdigit() else ""
    return kind + as_json(value)


def as_json(value: Value) -> str:
    """A value as it stands in JSON."""
    return value.text if value.string is None else json.dumps(value.string, ensure_ascii=False)


def wanted_in_words(conditions: Sequence[Condition]) -> str:
    """What a field's conditions ask for: `one of AU, NZ, or prefix "x"`."""
    plain = [str(one.operand) for one in conditions if one.operator == "value"]
    words = []
    if plain:
        words.append(plain[0] if len(plain) == 1 else f"one of {', '.join(plain)}")
    words += [_in_words(one) for one in conditions if one.operator != "value"]
    return ", or ".join(words)


def _in_words(one: Condition) -> str:
    if one.operator == "exists":
        return "any value" if one.operand == "true" else "no value"
    operand = one.operand
    if one.operator == "numeric" and isinstance(operand, tuple):
        return f"numeric {' '.join(str(part) for part in operand)}"
    if isinstance(operand, tuple):
        return f"{one.operator} {', '.join(str(part) for part in operand)}"
    return f"{one.operator} {json.dumps(operand, ensure_ascii=False)}"
