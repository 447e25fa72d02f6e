"""Checks of rules beside each other: what a bus takes, and patterns that come twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.core.rule_lint.subject import described

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edactl.core.pattern import Pattern
    from edactl.core.rule_lint.finding import Finding
    from edactl.core.rule_lint.subject import Subject

MAX_WILDCARD_RULES = 30


def across(subjects: Sequence[Subject]) -> Iterator[tuple[Subject, Finding]]:
    """What is wrong with rules of one bus together, each with the rule that it is found on.

    Rules of one file are taken for one bus's.

    Source: EventBridge user guide, "Quotas": 30 rules that contain wildcards a bus, not
    adjustable; that anything-but with wildcards counts is unverified.
    """
    buses: dict[str, list[Subject]] = {}
    for one in subjects:
        if one.is_event_rule:
            buses.setdefault(one.rule.bus or one.rule.source, []).append(one)
    for bus, rules in buses.items():
        yield from _wildcards(bus, rules)
        yield from _twins(rules)


def _wildcards(bus: str, rules: Sequence[Subject]) -> Iterator[tuple[Subject, Finding]]:
    having = [one for one in rules if _has_wildcards(one)]
    if len(having) > MAX_WILDCARD_RULES:
        first = having[MAX_WILDCARD_RULES]
        yield (
            first,
            first.finding(
                "too-many-wildcard-rules",
                "error",
                f"{len(having)} rules of {bus} have wildcards; a bus takes {MAX_WILDCARD_RULES}",
                hint="prefix and suffix instead of a wildcard with one star at its end or start",
            ),
        )


def _has_wildcards(subject: Subject) -> bool:
    return any("wildcard" in one.operator for _, conditions in subject.lists for one in conditions)


def _twins(rules: Sequence[Subject]) -> Iterator[tuple[Subject, Finding]]:
    first: dict[object, str] = {}
    for one in rules:
        key = _meaning(one.pattern)
        if key in first:
            message = f'rule "{first[key]}" has the same pattern'
            hint = "one rule takes five targets"
            yield one, one.finding("same-pattern", "info", message, hint=hint)
        first.setdefault(key, one.rule.name)


def _meaning(pattern: Pattern) -> object:
    """What a pattern asks for, whatever its order and spelling."""
    return frozenset(
        tuple((path, frozenset(map(described, conditions))) for path, conditions in rule.fields)
        for rule in pattern.sub_rules
    )
