"""All checks on all rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.core.pattern import PatternError, compile_pattern
from edactl.core.rule_lint import (
    contradictions,
    delivery,
    envelope,
    limits,
    quirks,
    samples,
    values,
)
from edactl.core.rule_lint.across import across
from edactl.core.rule_lint.finding import SEVERITIES, Finding
from edactl.core.rule_lint.outline import outline
from edactl.core.rule_lint.subject import Linted, Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from edactl.core.rule_lint.samples import Samples

_FAMILIES = (contradictions, values, quirks, envelope, limits, delivery, samples)


def lint(rules: Sequence[Linted], samples: Samples | None = None) -> list[Finding]:
    """Every finding on these rules, in their order, the gravest of a rule first."""
    found: list[list[Finding]] = []
    subjects: list[Subject] = []
    places: dict[int, int] = {}
    for number, one in enumerate(rules):
        made = _subject(one, samples)
        if isinstance(made, Finding):
            found.append([made])
            continue
        subjects.append(made)
        places[id(made)] = number
        checks = (check for family in _FAMILIES for check in family.CHECKS)
        found.append([finding for check in checks for finding in check(made)])
    for subject, finding in across(subjects):
        found[places[id(subject)]].append(finding)
    return [each for own in found for each in _graded(own)]


def _graded(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(dict.fromkeys(findings), key=lambda one: SEVERITIES.index(one.severity))


def paths_of(rules: Iterable[Linted]) -> set[str]:
    """The fields that the valid patterns among these look at."""
    found: set[str] = set()
    for one in rules:
        made = _subject(one, None)
        if isinstance(made, Subject):
            found.update(path for path, _ in made.lists)
    return found


def _subject(one: Linted, samples: Samples | None) -> Subject | Finding:
    """The rule ready for the checks, or the finding that AWS refuses it."""
    rule = one.rule
    try:
        pattern = compile_pattern(rule.pattern, rule.dialect)
    except PatternError as error:
        many = error.kind == "size" and "combinations" in error.reason
        return Finding(
            rule.name,
            "too-many-combinations" if many else "pattern-refused",
            "error",
            error.path,
            error.reason,
            error.hint or _hint(error.reason),
            rule.source,
            error.line if one.is_file else one.line,
        )
    drawn = outline(rule.pattern, fields=pattern.want.paths)
    return Subject(one, pattern, drawn, samples)


def _hint(reason: str) -> str | None:
    """What to write instead, for the refusals that are met most."""
    return next((hint for words, hint in _HINTS if words in reason), None)


_HINTS = (
    ("must be an object or an array", 'values stand in a list: "source": ["com.example"]'),
    ("Empty arrays are not allowed", '[{"exists": true}] takes every value'),
    ("Empty objects are not allowed", "name a field, or leave the object out"),
    ("Only one key allowed", "an object for each operator; the values of a list are joined by OR"),
    ("Unrecognized match type", "fields inside of a field are an object, not a list of objects"),
    ("mask bits must be <", "a single address is a plain string"),
    ("Null prefix/suffix not allowed", "an empty one would exclude every string"),
    ("mixed type is not supported", "an anything-but of strings, or one of numbers"),
    ("Rule is too complex", "fewer members of $or: lists multiply with each other"),
)
