"""Rules out of plain documents: a map from name to pattern, a rule as AWS describes it, a list."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from edactl.core.rule_files.documents import Members, items, json_text, members, text_of_value
from edactl.core.rule_files.findings import found_rule, targets_of
from edactl.core.rule_files.rules import NamedRule, NoRules
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edactl.core.rule_files.rules import Found

_MAP = '{"my-rule": {"source": ["a"]}}'
_DESCRIBED = {"EventPattern", "event_pattern", "ScheduleExpression", "schedule", "Arn", "arn"}


def listed_rules(document: object, source: str) -> list[Found]:
    """The rules of one document.

    Takes `{"name": PATTERN, …}`, with a pattern as object or as JSON text, what `describe-rule`,
    `list-rules` and `edactl rule pull` print, and lists of those. Raises NoRules for what has none
    of them, and InputError for what is nearly one.
    """
    listed = _listed(document)
    if listed is not None:
        return [_described(one, source, number) for number, one in enumerate(listed)]
    if not isinstance(document, Members) or not document:
        raise NoRules("no rules in it", where=source, hint=_MAP)
    if _is_description(document):
        return [_described(document, source, 0)]
    _refuse_repeated(document, source)
    return [
        _named(name, pattern, _at(document, name, source)) for name, pattern in document.items()
    ]


def _listed(document: object) -> list[object] | None:
    if isinstance(document, dict):
        for key in ("Rules", "rules"):
            inner = document.get(key)
            if isinstance(inner, list):
                return inner
    return document if isinstance(document, list) else None


def is_rule_map(document: object) -> bool:
    """Whether some member has the shape of a pattern, so that the others are meant to be ones."""
    return isinstance(document, dict) and any(
        one.lstrip().startswith("{") if isinstance(one, str) else _is_pattern(one)
        for one in document.values()
    )


def _is_pattern(value: object) -> bool:
    if not isinstance(value, dict) or not value:
        return False
    return all(isinstance(one, list) or _is_pattern(one) for one in value.values())


def is_listing(document: object) -> bool:
    """Whether it is a rule as AWS describes it, or a list of such."""
    listed = _listed(document)
    if listed is not None:
        return any(_is_description(members(one)) for one in listed)
    return _is_description(members(document))


def _is_description(document: Mapping[str, object]) -> bool:
    name = document.get("Name", document.get("name"))
    return isinstance(name, str) and not _DESCRIBED.isdisjoint(document)


def _at(document: Members, name: str, source: str) -> str:
    line = document.lines.get(name)
    return source if line is None else f"{source}:{line}"


def _refuse_repeated(document: Members, source: str) -> None:
    names = [name for name, _ in document.repeated]
    for name in document:
        if names.count(name) > 1:
            raise InputError(f'there are two rules "{name}" in it', where=source, hint=_MAP)


def _described(one: object, source: str, number: int) -> Found:
    record = members(one)
    if not _is_description(record):
        raise InputError(f"entry {number} is no rule: it has no Name", where=source)
    name = text_of_value(record.get("Name", record.get("name")))
    pattern = record.get("EventPattern", record.get("event_pattern"))
    found = found_rule(
        name,
        pattern,
        source,
        targets=targets_of(items(record.get("Targets", record.get("targets")))),
        bus=text_of_value(record.get("EventBusName", record.get("bus"))),
    )
    if isinstance(found, NamedRule):
        return replace(
            found,
            arn=text_of_value(record.get("Arn", record.get("arn"))),
            state=text_of_value(record.get("State", record.get("state"))),
        )
    return found


def _named(name: str, pattern: object, source: str) -> NamedRule:
    if isinstance(pattern, dict):
        return NamedRule(name, json_text(pattern), source)
    if type(pattern) is str:
        return NamedRule(name, pattern, source)
    raise InputError(
        f'rule "{name}" is no pattern: a JSON object is expected', where=source, hint=_MAP
    )
