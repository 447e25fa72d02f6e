"""Why a pattern matches an event or does not: field by field, in words and as data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.core.pattern.absence import absence_in_words
from edactl.core.pattern.matching import SubRule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edactl.core.pattern.conditions import Condition, Value
    from edactl.core.pattern.fields import Fields, Members, Places

_SHOWN_VALUES = 10
_NAMED_VALUES = 3
_WANTED_VALUES = 30
_SHOWN_CHARACTERS = 80


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


def explain(sub_rules: Sequence[SubRule], fields: Fields, event: Members) -> Explanation:
    """The verdict on an event, of which `fields` are those wanted, with its reasons."""
    found = sorted(
        (_Reasons(rule, fields, event, rule.matches(fields)).alternative() for rule in sub_rules),
        key=lambda one: (not one.match, one.missed),
    )
    match = any(one.match for one in found)
    return Explanation(match, 0 if match else min(one.missed for one in found), tuple(found))


@dataclass(frozen=True)
class _Reasons:
    """One alternative of a pattern, an event, and whether they match."""

    rule: SubRule
    fields: Fields
    event: Members
    match: bool

    def alternative(self) -> AlternativeVerdict:
        """The verdict on the alternative."""
        fields = tuple(self._field(at) for at in range(len(self.rule.fields)))
        missed = sum(not one.holds for one in fields)
        if self.match or (missed and self._holds_together()):
            return AlternativeVerdict(self.match, missed, fields)
        return AlternativeVerdict(self.match, missed + 1, fields, self._apart())

    def _holds_together(self) -> bool:
        """Whether the fields that have a value they want have it in the same elements."""
        held = tuple(field for at, field in enumerate(self.rule.fields) if self._held(at))
        return SubRule(held).matches(self.fields)

    def _field(self, at: int) -> FieldVerdict:
        path, conditions = self.rule.fields[at]
        values = [one.value for one in self.fields.get(path, ())]
        holding = len(self._held(at))
        absent = not holding and self._is_absent(at)
        wanted = wanted_in_words(conditions)
        return FieldVerdict(
            path=path,
            holds=bool(holding) or absent,
            wanted=wanted,
            found=tuple(as_json(value) for value in values[:_SHOWN_VALUES]),
            elements=f"{holding} of {len(values)}" if len(values) > 1 else None,
            reason=f"{path}: {self._reason(at, wanted, values, absent=absent)}",
        )

    def _held(self, at: int) -> list[Places]:
        """Where the values are that satisfy the field."""
        path, conditions = self.rule.fields[at]
        return [
            one.places
            for one in self.fields.get(path, ())
            if any(condition.holds(one.value) for condition in conditions)
        ]

    def _is_absent(self, at: int) -> bool:
        """Whether `exists: false` holds beside the fields before it that hold by themselves.

        Where those do not hold together, its own answer is that it may, in some element.
        """
        path, conditions = self.rule.fields[at]
        only = tuple(one for one in conditions if one.absent)
        if self.match or not only:
            return bool(only)
        before = tuple(self.rule.fields[one] for one in range(at) if self._held(one))
        if not SubRule(before).matches(self.fields):
            return any(one.places for one in self.fields.get(path, ()))
        return SubRule((*before, (path, only))).matches(self.fields)

    def _reason(self, at: int, wanted: str, values: Sequence[Value], *, absent: bool) -> str:
        path, conditions = self.rule.fields[at]
        if not values:
            if absent:
                return f"has {wanted}"
            return f"wanted {wanted}; {absence_in_words(self.event, path)}"
        has = ", ".join(_with_kind(value) for value in values[:_NAMED_VALUES])
        if len(values) > _NAMED_VALUES:
            has += f" and {len(values) - _NAMED_VALUES} more"
        if absent:
            return f"has {wanted} in an element that the fields before it take; elsewhere {has}"
        good = bool(self._held(at))
        near = "" if good else nearness(conditions, values)
        return f"{'has' if good else 'wanted'} {wanted}; the event has {has}{near}"

    def _apart(self) -> str:
        """Which elements hold which part, when no one element holds them all."""
        parts = []
        for at, (path, _) in enumerate(self.rule.fields):
            places = [_element(one) for one in self._held(at) if one]
            if places:
                more = ", …" if len(places) > _NAMED_VALUES else ""
                parts.append(f"{path} in {', '.join(places[:_NAMED_VALUES])}{more}")
        return f"no one element of an array holds it all: {'; '.join(parts)}"


def _element(places: Places) -> str:
    """`[2][0]`: the elements around a value, the outermost array first."""
    return "".join(f"[{at}]" for _, at in sorted(places.items()))


def nearness(conditions: Sequence[Condition], values: Sequence[Value]) -> str:
    """What little keeps a value from being one of the plain ones that are wanted."""
    plain = [str(one.operand) for one in conditions if one.exact is not None]
    strings = [value.string for value in values if value.string is not None]
    if {one.casefold() for one in plain} & {one.casefold() for one in strings}:
        return ", which differs in case alone"
    if {one.strip() for one in plain} & {one.strip() for one in strings}:
        return ", which differs in blanks alone"
    return ""


def _with_kind(value: Value) -> str:
    text = as_json(value)
    if value.string is not None and _looks_bare(value.string):
        text = f"the string {text}"
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


def _looks_bare(text: str) -> bool:
    """Whether a string would pass for a value without quotes."""
    return text in {"true", "false", "null"} or text.lstrip("-")[:1].isdigit()


def as_json(value: Value) -> str:
    """A value as it stands in JSON."""
    return value.text if value.string is None else json.dumps(value.string, ensure_ascii=False)


def wanted_in_words(conditions: Sequence[Condition]) -> str:
    """What a field's conditions ask for: `one of AU, NZ, or prefix "x"`; up to 30 values."""
    plain = [_plain(one) for one in conditions if one.operator == "value"]
    if len(plain) > _WANTED_VALUES:
        plain[_WANTED_VALUES:] = [f"and {len(plain) - _WANTED_VALUES:,} more"]
    words = []
    if plain:
        words.append(plain[0] if len(plain) == 1 else f"one of {', '.join(plain)}")
    words += [_in_words(one) for one in conditions if one.operator != "value"]
    return ", or ".join(words)


def _plain(one: Condition) -> str:
    """A plain value; a string has quotes when it would pass for another thing without."""
    text = str(one.operand)
    if one.no_string:
        return text
    if text.strip() != text or not text or "," in text:
        return json.dumps(text, ensure_ascii=False)
    return f'the string "{text}"' if _looks_bare(text) and not one.addresses else text


def _in_words(one: Condition) -> str:
    if one.operator == "exists":
        return "any value" if one.operand == "true" else "no value"
    operand = one.operand
    if one.operator == "numeric" and isinstance(operand, tuple):
        return f"numeric {' '.join(str(part) for part in operand)}"
    if isinstance(operand, tuple):
        return f"{one.operator} {', '.join(str(part) for part in operand)}"
    return f"{one.operator} {json.dumps(operand, ensure_ascii=False)}"
