"""Checks against AWS's limits: the pattern's length, the wildcards' complexity."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edactl.core.wildcard_complexity import ACCEPTED, FINE, pattern_complexity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.core.rule_lint.finding import Finding
    from edactl.core.rule_lint.subject import Subject

DEFAULT_CHARACTERS, MOST_CHARACTERS = 2048, 4096
_SPACE_OR_STRING = re.compile(r'("(?:[^"\\]|\\.)*")|[ \t\r\n]+')


def compact_length(text: str) -> int:
    """The characters of JSON text without the space between its tokens."""
    return len(_SPACE_OR_STRING.sub(lambda found: found[1] or "", text))


def length(subject: Subject) -> Iterator[Finding]:
    """A pattern over 2,048 characters, the default quota; 4,096 is the most it can be raised to.

    Source: EventBridge user guide, "Quotas" and API reference, PutRule. Whether AWS counts the
    space between tokens is unverified, so a pattern that is short enough without it is a warning.
    A rule that is live has been taken: its quota has been raised.
    """
    if not subject.is_event_rule or len(subject.rule.pattern) <= DEFAULT_CHARACTERS:
        return
    count = compact_length(subject.rule.pattern)
    if count <= DEFAULT_CHARACTERS:
        yield subject.finding(
            "pattern-too-long",
            "warning",
            f"{len(subject.rule.pattern)} characters with white space, {count} without: AWS takes"
            f" {DEFAULT_CHARACTERS}, and whether it counts white space is unverified",
            hint="jq -c . makes it short",
        )
        return
    taken = count <= MOST_CHARACTERS and subject.rule.arn
    yield subject.finding(
        "pattern-too-long",
        "warning" if taken else "error",
        f"{count} characters without white space; AWS takes {DEFAULT_CHARACTERS} by default,"
        f" and {MOST_CHARACTERS} at most",
        hint="split the rule, or raise the quota: Service Quotas, EventBridge, Event pattern size",
    )


def wildcards(subject: Subject) -> Iterator[Finding]:
    """Wildcards that the engine scores over 7; over 10 they are refused."""
    for path, score in pattern_complexity(subject.pattern.sub_rules).items():
        if score <= FINE:
            continue
        refused = score > ACCEPTED
        verdict = "AWS refuses it: Rule is too complex" if refused else "near AWS's limit"
        yield subject.finding(
            "wildcards-too-complex",
            "error" if refused else "warning",
            f"the wildcards score {score} of {ACCEPTED}: {verdict}",
            path=path,
            hint="fewer stars, and no repeated characters after one;"
            " prefix and suffix cost nothing",
        )


CHECKS = (length, wildcards)
