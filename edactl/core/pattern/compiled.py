"""Patterns ready to match."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edactl.core.pattern.error import PatternError
from edactl.core.pattern.fields import Wanted, fields_of, read_event, wanted
from edactl.core.pattern.grammar import alternatives, in_engines_order
from edactl.core.pattern.matching import SubRule
from edactl.core.pattern.operators import with_address_quirks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edactl.core.pattern.explain import Explanation
    from edactl.core.pattern.fields import Event
    from edactl.core.pattern.grammar import Alternative


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
    numeric = {
        path
        for rule in made
        for path, conditions in rule.items()
        if any(one.counts_numbers for one in conditions)
    }
    plain = Pattern(text, tuple(_sub_rule(rule, numeric) for rule in made), wanted(paths))
    if dialect == "rule":
        return plain
    from edactl.core.filter_record import as_filter

    return as_filter(plain, dialect)


def _sub_rule(rule: Alternative, numeric: set[str]) -> SubRule:
    return SubRule(
        tuple(
            (path, with_address_quirks(rule[path], numeric=path in numeric))
            for path in in_engines_order(rule)
        )
    )


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
