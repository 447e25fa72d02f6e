"""Checks for what the engine does and few expect. Source: event-ruler 2.0.1, measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.core.pattern.numbers import comparable
from edactl.core.rule_lint.subject import shown, string

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.core.pattern.addresses import DigitRange
    from edactl.core.pattern.conditions import Condition, NumberSpan
    from edactl.core.rule_lint.finding import Finding
    from edactl.core.rule_lint.subject import Conditions, Subject

_LITERALS = frozenset({"true", "false", "null"})
_DOCUMENTED, _DOUBTFUL, _SMALLEST = 5e9, 1e18, 2.3e-308
_ADDRESS_DIGITS = (8, 32)  # hex digits of IPv4 and IPv6
_IGNORING_CASE = "equals-ignore-case"


def addresses(subject: Subject) -> Iterator[Finding]:
    """Strings that are compared as addresses, and addresses that numbers meet."""
    for path, conditions in subject.lists:
        if not any(one.addresses for one in conditions):
            continue
        for item, one in enumerate(conditions):
            if len(one.literal or "") in _ADDRESS_DIGITS:
                yield subject.finding(
                    "address-meets-numbers",
                    "info",
                    f"beside an address, {one.literal} also matches the address of that hex",
                    path=path,
                    item=item,
                    hint="a quirk of the engine; harmless where the field is never an address",
                )
            if one.addresses is None:
                continue
            if one.operator == "value":
                yield subject.finding(
                    "address-string",
                    "info",
                    f'"{one.operand}" is compared as an IP address: every spelling of it matches',
                    path=path,
                    item=item,
                    hint=f'{{"exactly": "{one.operand}"}} takes this spelling alone',
                )
            if _numbers_meet(one.addresses, conditions):
                yield subject.finding(
                    "address-meets-numbers",
                    "info",
                    f"{shown(one)} also matches some numbers, by their digits",
                    path=path,
                    item=item,
                    hint="a quirk of the engine; harmless where the field is never a number",
                )


def _numbers_meet(addresses: DigitRange, conditions: Conditions) -> bool:
    """Whether some number's digits are in the range, and no condition makes numbers numbers."""
    if any(one.counts_numbers for one in conditions):
        return False
    return any(
        text[0] != "0" and text.isdecimal() and addresses.holds(text)
        for bound in (addresses.bottom, addresses.top)
        for length in range(len(bound))
        for digit in "0123456789"
        if (text := bound[:length] + digit)
    )


def ignoring_case(subject: Subject) -> Iterator[Finding]:
    """equals-ignore-case that does not match its own text, or comes after a starred wildcard."""
    for path, conditions in subject.lists:
        starred = False
        for item, one in enumerate(conditions):
            for text in _ignored_case_texts(one):
                if not _takes_itself(one, text):
                    yield subject.finding(
                        "ignore-case-misses-itself",
                        "warning",
                        f'{one.operator} does not match "{text}" itself: the engine folds case'
                        " unit by unit of UTF-16",
                        path=path,
                        item=item,
                        hint=f'add the plain string "{text}" to the list',
                    )
            if starred and _ignored_case_texts(one):
                yield subject.finding(
                    "ignore-case-after-wildcard",
                    "warning",
                    f"{shown(one)} after a wildcard that starts with * matches every string with"
                    " that end in the engine; edactl follows the documentation",
                    path=path,
                    item=item,
                    hint="put it before the wildcard",
                )
            starred = starred or _starts_with_star(one)


def _ignored_case_texts(one: Condition) -> tuple[str, ...]:
    if _IGNORING_CASE not in one.operator:
        return ()
    return tuple(map(str, one.operand)) if isinstance(one.operand, tuple) else (str(one.operand),)


def _takes_itself(one: Condition, text: str) -> bool:
    return one.holds(string(text)) is not one.operator.startswith("anything-but")


def _starts_with_star(one: Condition) -> bool:
    texts = one.operand if isinstance(one.operand, tuple) else (one.operand,)
    return "wildcard" in one.operator and any(str(text).startswith("*") for text in texts)


def lost_strings(subject: Subject) -> Iterator[Finding]:
    """An exact string, a range around zero, then another string: the first is lost at random."""
    for path, conditions in subject.lists:
        exact: int | None = None
        ranged = False
        for item, one in enumerate(conditions):
            if exact is not None and ranged and not one.no_string and not one.absent:
                yield subject.finding(
                    "exact-string-lost",
                    "warning",
                    f"the engine loses {shown(conditions[exact])} at random: a range around zero"
                    " and another string follow it",
                    path=path,
                    item=exact,
                    hint="put the ranges at the end of the list",
                )
                break
            if exact is None and one.exact is not None:
                exact = item
            ranged = ranged or (exact is not None and any(map(_around_zero, one.spans)))


def _around_zero(span: NumberSpan) -> bool:
    return (span.bottom is None or span.bottom < 0) and (span.top is None or span.top > 0)


def numbers(subject: Subject) -> Iterator[Finding]:
    """Numbers that no double holds, and numbers beyond what AWS documents."""
    for path, conditions in subject.lists:
        for item, one in enumerate(conditions):
            if _fits_no_double(one):
                yield subject.finding(
                    "number-not-comparable",
                    "warning",
                    f"{one.literal} fits no double: it matches this spelling only",
                    path=path,
                    item=item,
                    hint="a string keeps every digit",
                )
            points = [point for point in one.points() if _beyond(one, point)]
            if points:
                yield subject.finding(
                    "number-out-of-range",
                    "warning" if any(_doubtful(point) for point in points) else "info",
                    f"{points[0]:g} is outside of -5.0e9 to 5.0e9, which AWS documents for numbers",
                    path=path,
                    item=item,
                    hint="the open-source engine takes it; unverified for EventBridge",
                )


def _beyond(one: Condition, point: float) -> bool:
    """Outside of the documented range; for plain numbers, where equality is doubtful."""
    return _doubtful(point) or (one.operator != "value" and abs(point) > _DOCUMENTED)


def _fits_no_double(one: Condition) -> bool:
    text = one.literal
    return text is not None and text not in _LITERALS and comparable(text) is None


def _tiny(point: float) -> bool:
    return 0 < abs(point) < _SMALLEST


def _doubtful(point: float) -> bool:
    """Where the engine's own comparison depends on its Java version."""
    return abs(point) >= _DOUBTFUL or _tiny(point)


def keys(subject: Subject) -> Iterator[Finding]:
    """Keys with dots, and empty ones."""
    for leaf in subject.outline.leaves:
        dotted = next((step for step in leaf.steps if "." in step), None)
        if dotted is not None:
            yield subject.finding(
                "dotted-key",
                "info",
                f'"{dotted}" is the path {" → ".join(dotted.split("."))}: a dot in a key and'
                " nesting are the same",
                path=leaf.path,
                hint="nest the keys, so that nobody wonders",
            )
        if "" in leaf.steps:
            never = leaf.path.endswith(".")
            yield subject.finding(
                "empty-step",
                "error" if never else "warning",
                "an empty key at the end of a path is never found in an event"
                if never
                else "the engine drops an empty key before others, and keeps it in events",
                path=leaf.path,
                hint="give the field its name",
            )


CHECKS = (addresses, ignoring_case, lost_strings, numbers, keys)
