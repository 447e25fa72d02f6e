"""Checks of one list of values: what comes twice, is covered by another, or takes everything."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from edactl.core.pattern.numbers import comparable
from edactl.core.pattern.text_forms import wildcard_parts
from edactl.core.rule_lint.subject import described, literal, shown, string

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.core.pattern.conditions import Condition, NumberSpan, Value
    from edactl.core.rule_lint.finding import Finding
    from edactl.core.rule_lint.subject import Conditions, Subject

MAX_WIDE = 50  # a list of more is looked at only so far, to stay linear
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_ACCOUNT = re.compile(r"[0-9]{12}")
_LITERALS = frozenset({"true", "false", "null"})
_STRING_FIELDS = frozenset({"account", "version", "id"})
_EVERYTHING = "every value meets one of them: the values of a list are joined by OR"


def duplicates(subject: Subject) -> Iterator[Finding]:
    """A value that comes twice, in a field's list or in a list of anything-but."""
    for path, conditions in subject.lists:
        seen: set[tuple[object, ...]] = set()
        for item, one in enumerate(conditions):
            key = _identity(one)
            if key in seen:
                yield subject.finding(
                    "duplicate-value",
                    "warning",
                    f"{shown(one)} comes twice in the list",
                    path=path,
                    item=item,
                    hint="leave one of them out",
                )
            seen.add(key)
            inner = one.operand if isinstance(one.operand, tuple) else ()
            if one.operator.startswith("anything-but") and len(set(inner)) < len(inner):
                yield subject.finding(
                    "duplicate-value",
                    "warning",
                    f"{one.operator} lists a value twice",
                    path=path,
                    item=item,
                )


def _identity(one: Condition) -> tuple[object, ...]:
    """Numbers are the same when they compare as equal, strings whether exactly or plainly."""
    if one.exact is not None:
        return ("string", *one.exact)
    number = comparable(one.literal) if _is_number(one) and one.literal else None
    return ("number", number) if number is not None else described(one)


def _is_number(one: Condition) -> bool:
    return one.literal is not None and one.literal not in _LITERALS


def covered(subject: Subject) -> Iterator[Finding]:
    """A value that a wider one of its list makes useless."""
    for path, conditions in subject.lists:
        wide = [one for one in conditions if one.exact is None and one.literal is None]
        for item, one in enumerate(conditions):
            wider = next((other for other in wide[:MAX_WIDE] if _covers(other, one)), None)
            if wider is not None:
                yield subject.finding(
                    "value-covered",
                    "warning",
                    f"{shown(one)} has no effect: {shown(wider)} takes it already",
                    path=path,
                    item=item,
                    hint="leave it out, or narrow the other: values of a list are joined by OR",
                )


def _covers(wide: Condition, narrow: Condition) -> bool:
    """Whether one condition takes all that another takes, as far as that can be told."""
    if wide is narrow or narrow.absent or wide.absent or _identity(wide) == _identity(narrow):
        return False
    if wide.any_string and wide.any_number:
        return True
    if narrow.exact is not None:
        return all(wide.holds(string(text)) for text in narrow.exact)
    if narrow.literal is not None:
        return wide.holds(literal(narrow.literal))
    if narrow.operator == "numeric" and wide.operator in {"numeric", "anything-but"}:
        return all(any(_inside(a, b) for b in wide.spans) for a in narrow.spans)
    if narrow.refused is not None and wide.refused is not None:
        return wide.refused < narrow.refused
    return _covers_text(wide, narrow)


def _covers_text(wide: Condition, narrow: Condition) -> bool:
    """The same for beginnings and ends of strings."""
    operand = narrow.operand
    if not isinstance(operand, str):
        return False
    begins, ends = operand, operand
    if narrow.operator == "wildcard":
        pieces = wildcard_parts(operand).pieces
        begins, ends = pieces[0], pieces[-1]
    if wide.operator.startswith("prefix") and narrow.operator in {"prefix", "wildcard"}:
        return wide.holds(string(begins))
    if wide.operator.startswith("suffix") and narrow.operator in {"suffix", "wildcard"}:
        return wide.holds(string(ends))
    return wide.any_string and narrow.operator in _TEXT_OPERATORS


_TEXT_OPERATORS = frozenset(
    {
        *("prefix", "suffix", "wildcard", "equals-ignore-case"),
        *("prefix equals-ignore-case", "suffix equals-ignore-case"),
    }
)


def _inside(narrow: NumberSpan, wide: NumberSpan) -> bool:
    points = sorted(set(narrow.points() + wide.points()))
    first, last = narrow.places(points)
    from_, to = wide.places(points)
    return from_ <= first and last <= to


def everything(subject: Subject) -> Iterator[Finding]:
    """A list that every value meets, most often an AND that came out as an OR."""
    for path, conditions in subject.lists:
        reason, hint = _takes_everything(conditions)
        if reason:
            yield subject.finding("always-matches", "warning", reason, path=path, hint=hint)


def _takes_everything(conditions: Conditions) -> tuple[str, str | None]:
    exists = [one for one in conditions if one.operator == "exists"]
    if len({one.absent for one in exists}) > 1:
        return "it may be there and it may be absent: the field decides nothing", "leave it out"
    for one in [one for one in conditions if _excluded(one)][:MAX_WIDE]:
        others = [other for other in conditions if other is not one]
        excluded = _excluded(one)
        if all(any(other.holds(value) for other in others) for value in excluded):
            return _EVERYTHING, _one_anything_but(conditions)
    if _all_numbers([one for one in conditions if one.operator == "numeric"]):
        hint = 'one range has both bounds: {"numeric": [">", 1, "<=", 5]}'
        return "every number meets one of the ranges: the values of a list are joined by OR", hint
    return "", None


def _one_anything_but(conditions: Conditions) -> str:
    """The one condition that excludes what several do."""
    values = [
        text if one.counts_numbers else json.dumps(text, ensure_ascii=False)
        for one in conditions
        if one.operator == "anything-but" and isinstance(one.operand, tuple)
        for text in one.operand
    ]
    return f'if none of them is meant: {{"anything-but": [{", ".join(values)}]}}'


def _excluded(one: Condition) -> list[Value]:
    """The values that a plain anything-but does not take."""
    if one.operator != "anything-but" or not isinstance(one.operand, tuple):
        return []
    make = literal if one.counts_numbers else string
    return [make(str(text)) for text in one.operand]


def _all_numbers(ranges: list[Condition]) -> bool:
    points = sorted({point for one in ranges for point in one.points()})
    reached = -1
    for first, last in sorted(place for one in ranges for place in one.places(points)):
        if first > reached + 1:
            return False
        reached = max(reached, last)
    return reached == 2 * len(points) > 0


def wrong_quotes(subject: Subject) -> Iterator[Finding]:
    """Numbers, booleans and null in quotes: they match strings only."""
    for path, conditions in subject.lists:
        for item, one in enumerate(conditions):
            if (
                one.operator != "value"
                or one.literal is not None
                or _strings_are_known(subject, path)
            ):
                continue
            text = str(one.operand)
            code = ""
            if text in _LITERALS:
                code, kind = "literal-as-string", f"the JSON value {text}"
            elif _NUMBER.fullmatch(text) and not _is_name(path, text):
                code, kind = "number-as-string", f"the number {text}"
            if code:
                yield subject.finding(
                    code,
                    "warning",
                    f'"{text}" is a string: it never matches {kind}',
                    path=path,
                    item=item,
                    hint=f"write {text} without quotes if the events have it so",
                )


def _strings_are_known(subject: Subject, path: str) -> bool:
    return subject.samples is not None and "string" in subject.samples.kinds(path)


def _is_name(path: str, text: str) -> bool:
    """Whether digits are meant as a name: an account, an id, a version."""
    return path in _STRING_FIELDS or bool(_ACCOUNT.fullmatch(text))


def empty_tests(subject: Subject) -> Iterator[Finding]:
    """Tests that decide nothing about a string: an empty beginning, a lone star, no star at all."""
    for path, conditions in subject.lists:
        for item, one in enumerate(conditions):
            operand = one.operand
            if one.operator in _TEXT_OPERATORS and _takes_any_string(one):
                yield subject.finding(
                    "matches-any-string",
                    "info",
                    f"{shown(one)} takes every string, and no number",
                    path=path,
                    item=item,
                    hint='{"exists": true} takes every value',
                )
            elif one.operator == "wildcard" and isinstance(operand, str) and _starless(operand):
                yield subject.finding(
                    "wildcard-without-star",
                    "info",
                    f"{shown(one)} has no star: it is an exact string",
                    path=path,
                    item=item,
                    hint="a plain string; a bus takes 30 rules with wildcards",
                )


def _takes_any_string(one: Condition) -> bool:
    if one.operator == "wildcard":
        return one.operand == "*"
    return one.operand == "" and one.operator != "equals-ignore-case"


def _starless(text: str) -> bool:
    return len(wildcard_parts(text).pieces) == 1


CHECKS = (duplicates, covered, everything, wrong_quotes, empty_tests)
