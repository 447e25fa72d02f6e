"""Checks against EventBridge's envelope: fields that there are, what they hold, how wide a rule is.

Source: EventBridge user guide, "AWS service event metadata"; `replay-name` from "Archiving and
replaying events".
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from edactl.core.rule_lint.subject import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.core.pattern.conditions import Condition
    from edactl.core.pattern.matching import SubRule
    from edactl.core.rule_lint.finding import Finding
    from edactl.core.rule_lint.subject import Conditions, Subject

REPLAY = "replay-name"
_SINGLE = ("version", "id", "detail-type", "source", "account", "time", "region", REPLAY)
_STRINGS = frozenset((*_SINGLE, "resources"))
_FIELDS = (*_SINGLE, "resources", "detail")
_ALWAYS_THERE = frozenset(_SINGLE) - {REPLAY}
_SAME_FOR_ALL = frozenset(("account", "region", "version"))


def unknown_fields(subject: Subject) -> Iterator[Finding]:
    """Top-level fields that no event has."""
    if not subject.is_event_rule:
        return
    for leaf in subject.outline.leaves:
        name = leaf.path.split(".")[0]
        if name in _FIELDS or name == "$or":
            continue
        close = get_close_matches(name.replace("_", "-").lower(), _FIELDS, 1, 0.7)
        yield subject.finding(
            "unknown-field",
            "warning",
            f'"{name}" is no field of EventBridge\'s envelope: no event of a bus has it',
            path=leaf.path,
            hint=f'"{close[0]}"?' if close else f'below detail? {{"detail": {{"{name}": …}}}}',
        )


def impossible_values(subject: Subject) -> Iterator[Finding]:
    """Numbers where the envelope has strings, values where it has the detail's object."""
    if not subject.is_event_rule:
        return
    for path, conditions in subject.lists:
        if path in _STRINGS:
            yield from _not_strings(subject, path, conditions)
        elif path.split(".")[0] in _STRINGS:
            yield subject.finding(
                "never-matches",
                "error",
                f"{path.split('.')[0]} holds strings, there is no field below it",
                path=path,
                hint="is it meant to be below detail?",
            )
        elif path == "detail" and not any(one.absent for one in conditions):
            exists = all(one.operator == "exists" for one in conditions)
            yield subject.finding(
                "exists-on-object" if exists else "never-matches",
                "error",
                "detail is always an object; values and exists look at values only",
                path=path,
                hint='name a field below it: {"detail": {"field": …}}',
            )


def _not_strings(subject: Subject, path: str, conditions: Conditions) -> Iterator[Finding]:
    hopeless = [item for item, one in enumerate(conditions) if one.no_string]
    for item in hopeless:
        yield subject.finding(
            "never-matches",
            "error" if len(hopeless) == len(conditions) else "warning",
            f"{path} is always a string: {shown(conditions[item])} never matches",
            path=path,
            item=item,
            hint=f'"{conditions[item].operand}"' if conditions[item].literal else None,
        )


def width(subject: Subject) -> Iterator[Finding]:
    """Rules that take every event, do not ask for a source, or take replays."""
    if not subject.is_event_rule:
        return
    rules = subject.pattern.sub_rules
    wide = next((rule for rule in rules if _takes_all(rule)), None)
    if wide is not None:
        yield subject.finding(
            "catch-all",
            "warning",
            "it takes every event of the bus, those of AWS services and of tails too",
            path=wide.fields[0][0],
            hint='name the sources: {"source": ["com.example.orders"]}',
        )
    elif any("source" not in dict(rule.fields) for rule in rules):
        yield subject.finding(
            "no-source",
            "warning",
            "it does not ask for a source: events of any sender with these fields match",
            hint='{"source": ["com.example.orders"], …}',
        )
    if any(REPLAY not in dict(rule.fields) for rule in rules):
        yield subject.finding(
            "replay-not-guarded",
            "info",
            "a replay of an archive fires it again",
            hint='{"replay-name": [{"exists": false}]} keeps replays out, where that is not meant',
        )


def _takes_all(rule: SubRule) -> bool:
    return all(
        path in _ALWAYS_THERE and (path in _SAME_FOR_ALL or any(map(_takes_any, conditions)))
        for path, conditions in rule.fields
        if path != REPLAY
    )


def _takes_any(one: Condition) -> bool:
    if one.operator == "wildcard":
        return one.operand == "*"
    return one.any_string and not one.absent


def aws_sources(subject: Subject) -> Iterator[Finding]:
    """Sources of AWS services on a bus where they do not come."""
    if not subject.is_event_rule or subject.rule.bus in {"", "default"}:
        return
    for path, conditions in subject.lists:
        if path == "source" and all(
            one.operator in {"value", "prefix"} and str(one.operand).startswith("aws.")
            for one in conditions
        ):
            yield subject.finding(
                "aws-source-on-custom-bus",
                "warning",
                f"AWS services send to the default bus; on {subject.rule.bus} their events come"
                " only where a rule forwards them",
                path=path,
                hint="put the rule on the default bus",
            )


CHECKS = (unknown_fields, impossible_values, width, aws_sources)
