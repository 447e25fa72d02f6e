"""From a found value to a rule: the pattern as text, or the reason why it cannot be tested."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edactl.core.bus import target_of_record
from edactl.core.rule_files.documents import (
    Unresolved,
    items,
    json_text,
    members,
    plain,
    text_of_value,
    unresolved_in,
)
from edactl.core.rule_files.rules import SCHEDULED, NamedRule, SkippedRule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from edactl.core.bus import Target
    from edactl.core.rule_files.rules import Found

_PLACE = re.compile(r"\$\{[^}]*\}")
_SERVICES = {
    "sqs": "esm-sqs",
    "kinesis": "esm-kinesis",
    "dynamodb": "esm-dynamodb",
    "kafka": "esm-kafka",
    "mq": "esm-mq",
}
# the field of a record that only one kind of source has
_FIELDS = {"body": "esm-sqs", "dynamodb": "esm-dynamodb", "value": "esm-kafka", "key": "esm-kafka"}


def found_rule(  # noqa: PLR0913 -- a rule's fields
    name: str,
    pattern: object,
    source: str,
    *,
    targets: tuple[Target, ...] = (),
    dialect: str = "rule",
    bus: str = "",
    state: object = None,
) -> Found:
    """The rule, when its pattern is there and told in full."""
    if pattern is None:
        return SkippedRule(name, SCHEDULED, source)
    unresolved = unresolved_in(pattern)
    if unresolved is not None:
        return SkippedRule(name, f"its pattern needs {unresolved.what}", source)
    text = pattern if isinstance(pattern, str) else json_text(pattern)
    return NamedRule(name, str(text), source, targets, dialect, bus, state=text_of_value(state))


def filter_rules(name: str, filters: object, source: str, dialect: str) -> Iterator[Found]:
    """A rule for each filter of a list; a record that one of them takes is taken.

    An entry is a filter's pattern, or an object with it as `Pattern` or `pattern`.
    """
    if isinstance(filters, Unresolved):
        yield SkippedRule(name, f"its filters need {filters.what}", source)
        return
    listed = items(filters)
    for number, one in enumerate(listed):
        pattern = one
        for key in ("Pattern", "pattern"):
            if isinstance(one, dict) and set(one) == {key}:
                pattern = one[key]
        own = f"{name}[{number}]" if len(listed) > 1 else name
        yield found_rule(own, pattern, source, dialect=dialect)


def criteria_rules(name: str, criteria: object, source: str, dialect: str) -> Iterator[Found]:
    """The rules of a FilterCriteria, as CloudFormation writes it."""
    if isinstance(criteria, Unresolved):
        yield SkippedRule(name, f"its filters need {criteria.what}", source)
    else:
        yield from filter_rules(name, members(criteria).get("Filters"), source, dialect)


def policy_rules(name: str, policy: object, scope: object, source: str) -> Iterator[Found]:
    """The filter policy of an SNS subscription, if it has one."""
    if policy is None:
        return
    if isinstance(scope, Unresolved):
        yield SkippedRule(name, f"its FilterPolicyScope needs {scope.what}", source)
        return
    dialect = "sns-body" if scope == "MessageBody" else "sns-attributes"
    yield found_rule(name, policy, source, dialect=dialect)


def mapping_dialect(source_arn: object, service: str, filters: object) -> str | None:
    """The dialect of a Lambda event source mapping; None when it cannot be told.

    From the source's ARN, from the `service` of the resource it refers to (`sqs`, `kinesis` …), or
    from the field that the filters look into.
    """
    if service in _SERVICES:
        return _SERVICES[service]
    parts = _PLACE.sub("", text_of_value(source_arn)).split(":")
    if len(parts) > 2 and parts[2] in _SERVICES:  # noqa: PLR2004 -- arn:partition:service
        return _SERVICES[parts[2]]
    text = json_text(filters).replace("\\", "")
    return next((name for field, name in _FIELDS.items() if f'"{field}"' in text), None)


def targets_of(records: Iterable[object]) -> tuple[Target, ...]:
    """Targets as AWS's records have them, with placeholders for what is not told."""
    return tuple(
        target_of_record(_record(members(plain(one)))) for one in records if isinstance(one, dict)
    )


def _record(record: Mapping[str, object]) -> Mapping[str, object]:
    """The record with its Input as text, which templates may write as an object."""
    written = record.get("Input")
    if isinstance(written, dict | list):
        return {**record, "Input": json_text(written)}
    return record


def bus_name(value: object) -> str:
    """A bus's name, from its name or ARN; the account's default bus where none is said."""
    text = text_of_value(value)
    return text.rpartition("event-bus/")[2] if text else "default"
