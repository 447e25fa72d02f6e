"""A test of the tests: each operator made wrong in some way has to fail a recorded verdict.

A mutation replaces the conditions that an expression of the pattern language compiles to, in
patterns that are already compiled; the recorded verdicts of the engine then have to notice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edactl.core.pattern import Pattern, compile_pattern
from edactl.core.pattern.conditions import Condition, Value
from edactl.core.pattern.fields import Fields, fields_of, read_event
from edactl.core.pattern.matching import SubRule

FILES = ("event_patterns.ndjson", "event_pattern_edges.ndjson")
FOLDER = Path(__file__).parents[1] / "cases"
CASES: list[dict[str, Any]] = [
    json.loads(line) for name in FILES for line in (FOLDER / name).read_text("utf-8").splitlines()
]
READABLE = [case for case in CASES if case["valid"] and "event_error" not in case]
COMPILED = [(compile_pattern(case["pattern"]), case) for case in READABLE]

Mutation = Callable[[Condition], Callable[[Value], bool] | None]


def changed(operator: str, test: Callable[[Condition, Value], bool]) -> Mutation:
    """Conditions of this operator judge so."""

    def mutation(one: Condition) -> Callable[[Value], bool] | None:
        return (lambda value: test(one, value)) if one.operator == operator else None

    return mutation


def only_strings(one: Condition, value: Value) -> bool:
    return value.string is not None and one.holds(value)


def folded(one: Condition, value: Value) -> bool:
    return one.holds(value) or (
        value.string is not None and value.string.casefold() == str(one.operand).casefold()
    )


def as_text(one: Condition, value: Value) -> bool:
    return value.text == one.operand


def contains(one: Condition, value: Value) -> bool:
    return value.string is not None and str(one.operand) in value.string


def any_kind(one: Condition, value: Value) -> bool:
    return one.holds(value) or one.holds(Value(value.text, is_string=True))


def reads_digits(one: Condition, value: Value) -> bool:
    if value.string is None or not value.string.isdigit():
        return one.holds(value)
    return one.holds(Value(value.string, is_string=False))


def inverted(one: Condition, value: Value) -> bool:
    return not one.holds(value)


def always(_one: Condition, _value: Value) -> bool:
    return True


def bounds_swapped(one: Condition, value: Value) -> bool:
    """Open bounds closed, closed ones open."""
    if value.number is None:
        return False
    [span] = one.spans
    turned = replace(span, open_bottom=not span.open_bottom, open_top=not span.open_top)
    return turned.holds(value.number)


def conditions_of(pattern: Pattern) -> list[Condition]:
    return [one for rule in pattern.sub_rules for _, listed in rule.fields for one in listed]


OPERATORS = sorted({one.operator for pattern, _ in COMPILED for one in conditions_of(pattern)})

MUTATIONS: dict[str, Mutation] = {
    **{f"{name} inverted": changed(name, inverted) for name in OPERATORS if name != "exists"},
    **{f"{name} always": changed(name, always) for name in OPERATORS if name != "exists"},
    "value folds case": changed("value", folded),
    "value is text alone": changed("value", as_text),
    "value takes any kind": changed("value", any_kind),
    "exactly folds case": changed("exactly", folded),
    "prefix is anywhere": changed("prefix", contains),
    "suffix is anywhere": changed("suffix", contains),
    "prefix takes numbers": changed("prefix", any_kind),
    "suffix takes numbers": changed("suffix", any_kind),
    "wildcard takes numbers": changed("wildcard", any_kind),
    "equals-ignore-case folds as Python does": changed("equals-ignore-case", folded),
    "numeric reads strings": changed("numeric", reads_digits),
    "numeric swaps its bounds": changed("numeric", bounds_swapped),
    "anything-but takes strings alone": changed("anything-but", only_strings),
    "anything-but wildcard takes strings alone": changed("anything-but wildcard", only_strings),
    "cidr takes strings alone": changed("cidr", only_strings),
}


def mutated(pattern: Pattern, mutation: Mutation) -> Pattern:
    """The pattern with the conditions that the mutation makes wrong."""

    def wrong(one: Condition) -> Condition:
        holds = None if one.absent else mutation(one)
        return one if holds is None else replace(one, holds=holds)

    rules = tuple(
        SubRule(tuple((path, tuple(map(wrong, conditions))) for path, conditions in rule.fields))
        for rule in pattern.sub_rules
    )
    return replace(pattern, sub_rules=rules)


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_wrong_operator_fails_a_recorded_verdict(name: str) -> None:
    wrong = (
        mutated(pattern, MUTATIONS[name]).matches(case["event"]) is not case["match"]
        for pattern, case in COMPILED
    )

    assert any(wrong)


def with_fields() -> Iterator[tuple[Pattern, dict[str, Any], Fields]]:
    for pattern, case in COMPILED:
        yield pattern, case, fields_of(read_event(case["event"]), pattern.want)


def without_order(rule: SubRule) -> SubRule:
    return SubRule(rule.fields[::-1])


def field_by_field(rule: SubRule) -> list[SubRule]:
    return [SubRule((one,)) for one in rule.fields]


def test_fields_judged_in_another_order_fail_a_recorded_verdict() -> None:
    assert any(
        any(without_order(rule).matches(fields) for rule in pattern.sub_rules) is not case["match"]
        for pattern, case, fields in with_fields()
    )


def test_fields_judged_each_alone_fail_a_recorded_verdict() -> None:
    """As matchers do that know nothing of array elements."""
    assert any(
        any(all(one.matches(fields) for one in field_by_field(rule)) for rule in pattern.sub_rules)
        is not case["match"]
        for pattern, case, fields in with_fields()
    )
