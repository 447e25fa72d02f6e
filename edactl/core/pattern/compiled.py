"""Patterns ready to match."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from edactl.core.pattern.error import PatternError
from edactl.core.pattern.fields import Wanted, fields_of, read_event, wanted
from edactl.core.pattern.grammar import alternatives, in_engines_order
from edactl.core.pattern.matching import SubRule
from edactl.core.pattern.operators import with_address_quirks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from edactl.core.pattern.conditions import Condition
    from edactl.core.pattern.explain import Explanation
    from edactl.core.pattern.fields import Event
    from edactl.core.pattern.grammar import Alternative

    State: TypeAlias = tuple[object, ...]


@dataclass(frozen=True)
class Pattern:
    """A compiled event pattern; it matches when one of its alternatives does."""

    text: str
    sub_rules: tuple[SubRule, ...]
    want: Wanted

    def matches(self, event: Event) -> bool:
        """Whether EventBridge would match the event, given as JSON text, bytes or a mapping.

        From text the verdict is exact; a mapping has lost the spelling of numbers and duplicate
        keys, so there numbers are what Python writes for them. Raises InputError for an event that
        is no JSON object.
        """
        fields = fields_of(read_event(event), self.want)
        return any(rule.matches(fields) for rule in self.sub_rules)

    def explain(self, event: Event) -> Explanation:
        """The same verdict with its reasons: each field, what it wants and what the event has."""
        from edactl.core.pattern.explain import explain

        members = read_event(event)
        return explain(self.sub_rules, fields_of(members, self.want), members)


def compile_pattern(pattern: str | bytes | Mapping[str, Any], dialect: str = "rule") -> Pattern:
    """A pattern ready to match, from its JSON text or as a mapping.

    `dialect` names the service that is to take it, see `edactl.core.pattern.dialects`; a filter of
    Lambda, pipes or SNS then matches records, such as an SQS message with its body. Raises
    PatternError, with path, place and AWS's wording, for what that service would refuse.
    """
    text = _text(pattern)
    made = alternatives(text)
    if dialect != "rule":
        from edactl.core.pattern.dialects import check_dialect, dialect_named

        check_dialect(dialect_named(dialect), text, made)
    paths = {path for rule in made for path in rule}
    plain = Pattern(text, _sub_rules(made), wanted(paths))
    if dialect == "rule":
        return plain
    from edactl.core.filter_record import as_filter

    return as_filter(plain, dialect)


def _sub_rules(made: list[Alternative]) -> tuple[SubRule, ...]:
    """The alternatives as the engine adds them to one automaton, field by field.

    Alternatives that are alike up to a field share the values that it asks for there, and so how
    its values are read: as numbers, as addresses. Where only part of an earlier field's list is
    alike the engine shares, too; that is not followed here.
    """
    ordered = [[(path, rule[path]) for path in in_engines_order(rule)] for rule in made]
    if not any(one.addresses for rule in ordered for _, conditions in rule for one in conditions):
        return tuple(SubRule(tuple(rule)) for rule in ordered)
    keyed = [list(zip(rule, _states(rule), strict=True)) for rule in ordered]
    together: dict[State, list[Condition]] = {}
    for rule in keyed:
        for (_, conditions), state in rule:
            together.setdefault(state, []).extend(conditions)
    return tuple(
        SubRule(
            tuple(
                (path, with_address_quirks(conditions, together[state]))
                for (path, conditions), state in rule
            )
        )
        for rule in keyed
    )


def _states(rule: list[tuple[str, tuple[Condition, ...]]]) -> Iterator[State]:
    """For each field the path, and what was asked before it."""
    before: State = ()
    for path, conditions in rule:
        yield (*before, path)
        before = (*before, path, *((one.operator, one.operand) for one in conditions))


def _text(pattern: str | bytes | Mapping[str, Any]) -> str:
    if isinstance(pattern, str):
        return pattern
    try:
        if isinstance(pattern, bytes):
            return pattern.decode("utf-8")
        return json.dumps(pattern, ensure_ascii=False, allow_nan=False)
    except UnicodeDecodeError as error:
        raise PatternError(f"the pattern is not UTF-8: {error.reason}") from None
    except RecursionError:
        raise PatternError("Document nesting depth exceeds the maximum allowed (1000)") from None
    except (TypeError, ValueError) as error:
        raise PatternError(f"the pattern is no JSON: {error}") from None
