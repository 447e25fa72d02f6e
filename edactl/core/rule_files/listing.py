"""Rules out of JSON: a map from name to pattern, a rule as AWS describes it, or a list of such."""

from __future__ import annotations

import json
from dataclasses import replace

from edactl.core.bus import target_of_record
from edactl.core.rule_files.rules import SCHEDULED, NamedRule, SkippedRule
from edactl.errors import InputError


def rules_in(text: str, source: str) -> list[NamedRule | SkippedRule]:
    """The rules of one JSON document.

    Takes `{"name": PATTERN, …}`, with a pattern as object or as JSON text, what `describe-rule`,
    `list-rules` and `edactl rule pull` print, and lists of those. Raises InputError, with line and
    column, for what is none of them.
    """
    try:
        document = json.loads(text)
    except RecursionError:
        raise InputError("nested too deep", where=source) from None
    except ValueError as error:
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        raise InputError(
            f"not JSON: {getattr(error, 'msg', error)}",
            where=f"{source}:{line}:{column}",
            hint="a map of rule names to patterns, or what aws events list-rules prints",
        ) from None
    return _rules(document, source)


def _rules(document: object, source: str) -> list[NamedRule | SkippedRule]:
    if isinstance(document, dict):
        for key in ("Rules", "rules"):
            if isinstance(document.get(key), list):
                document = document[key]
                break
    if isinstance(document, list):
        return [_described(one, source, number) for number, one in enumerate(document)]
    if not isinstance(document, dict) or not document:
        raise InputError("no rules in it", where=source, hint='{"my-rule": {"source": ["a"]}}')
    if _is_description(document):
        return [_described(document, source, 0)]
    return [_named(str(name), pattern, source) for name, pattern in document.items()]


def _is_description(document: dict[str, object]) -> bool:
    name = document.get("Name", document.get("name"))
    keys = {"EventPattern", "event_pattern", "ScheduleExpression", "Arn", "arn"}
    return isinstance(name, str) and not keys.isdisjoint(document)


def _described(one: object, source: str, number: int) -> NamedRule | SkippedRule:
    if not isinstance(one, dict) or not _is_description(one):
        raise InputError(f"entry {number} is no rule: it has no Name", where=source)
    name = str(one.get("Name", one.get("name")))
    pattern = one.get("EventPattern", one.get("event_pattern"))
    if pattern is None:
        return SkippedRule(name, SCHEDULED, source)
    targets = one.get("Targets", one.get("targets")) or []
    return replace(
        _named(name, pattern, source),
        targets=tuple(target_of_record(target) for target in targets if isinstance(target, dict)),
        bus=str(one.get("EventBusName", one.get("bus")) or ""),
        arn=str(one.get("Arn", one.get("arn")) or ""),
        state=str(one.get("State", one.get("state")) or ""),
    )


def _named(name: str, pattern: object, source: str) -> NamedRule:
    if isinstance(pattern, str):
        return NamedRule(name, pattern, source)
    if isinstance(pattern, dict):
        return NamedRule(name, json.dumps(pattern, ensure_ascii=False), source)
    raise InputError(
        f'rule "{name}" is no pattern: a JSON object is expected',
        where=source,
        hint='{"my-rule": {"source": ["a"]}}',
    )
