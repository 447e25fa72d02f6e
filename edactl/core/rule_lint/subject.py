"""One rule under lint: what the checks look at, and how they say what they find."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from edactl.core.pattern.conditions import Value
from edactl.core.rule_lint.finding import Finding

if TYPE_CHECKING:
    from edactl.core.pattern import Pattern
    from edactl.core.pattern.conditions import Condition
    from edactl.core.rule_files import NamedRule
    from edactl.core.rule_lint.finding import Severity
    from edactl.core.rule_lint.outline import Outline
    from edactl.core.rule_lint.samples import Samples

Conditions: TypeAlias = "tuple[Condition, ...]"


@dataclass(frozen=True)
class Linted:
    """A rule to lint; `line` is where it stands in its file, None when it is in none.

    `is_file` tells that the file is the pattern itself, so that places in it are lines of the file,
    and `live` that its targets were asked for, so that none means none.
    """

    rule: NamedRule
    line: int | None = None
    is_file: bool = False
    live: bool = False


@dataclass(frozen=True)
class Subject:
    """A rule with its pattern compiled and outlined.

    `samples` is what events have at its paths, if some were given.
    """

    linted: Linted
    pattern: Pattern
    outline: Outline
    samples: Samples | None = None

    @property
    def rule(self) -> NamedRule:
        """The rule as its source tells it."""
        return self.linted.rule

    @cached_property
    def lists(self) -> tuple[tuple[str, Conditions], ...]:
        """Each field's list of conditions, once for all alternatives that have it."""
        found = {
            (path, tuple(map(described, conditions))): (path, conditions)
            for rule in self.pattern.sub_rules
            for path, conditions in rule.fields
        }
        return tuple(found.values())

    @property
    def is_event_rule(self) -> bool:
        """Whether its events have EventBridge's envelope."""
        return self.rule.dialect == "rule"

    def finding(  # noqa: PLR0913 -- a finding's fields
        self,
        code: str,
        severity: Severity,
        message: str,
        *,
        path: str = "",
        item: int | None = None,
        hint: str | None = None,
    ) -> Finding:
        """A finding on this rule, at a field or one of its values."""
        line = self.linted.line
        if self.linted.is_file:
            line = self.outline.line_of(path, item) or 1
        where = path if item is None else f"{path}[{item}]"
        return Finding(self.rule.name, code, severity, where, message, hint, self.rule.source, line)


def described(one: Condition) -> tuple[str, object, bool]:
    """What tells one condition from another; the string "1" is not the number 1."""
    return one.operator, one.operand, one.literal is not None


def shown(one: Condition) -> str:
    """A condition as people read it: `"300"`, `prefix "a"`, `numeric > 5`."""
    operand = one.operand
    if one.operator == "value":
        return str(operand) if one.literal is not None else f'"{operand}"'
    if isinstance(operand, tuple):
        return f"{one.operator} {' '.join(str(part) for part in operand)}"
    return (
        f"{one.operator} {operand}" if one.operator == "exists" else f'{one.operator} "{operand}"'
    )


def string(text: str) -> Value:
    """A string of an event."""
    return Value(text, is_string=True)


def literal(text: str) -> Value:
    """A number, true, false or null of an event."""
    return Value(text, is_string=False)
