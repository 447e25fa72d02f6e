"""Records as the filters of Lambda, pipes and SNS see them: payloads decoded, attributes as fields.

A filter looks into the record that the service polls or delivers: an SQS message's `body`, the
`data` of Kinesis and MQ, the `key` and `value` of Kafka, an SNS message's attributes or body.
Sources: Lambda developer guide, "Control which events Lambda sends to your function" and its pages
by source; EventBridge user guide, "Event filtering in pipes"; SNS developer guide, "Message filter
policies". That a payload counts as JSON when it is an object or a list, not a bare number or
string, is inferred from their examples, unverified.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edactl.core.pattern.compiled import Pattern
from edactl.core.pattern.dialects import DIALECTS
from edactl.core.pattern.explain import Explanation, explain
from edactl.core.pattern.fields import Members, NumberText, fields_of, read_event
from edactl.core.pattern.rule_set import RuleSet
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edactl.core.pattern.fields import Event

_BASE64 = {"data", "key", "value"}
_PAYLOADS = {
    "esm-sqs": ("body",),
    "esm-kinesis": ("data",),
    "esm-kafka": ("key", "value"),
    "esm-mq": ("data",),
    "pipes": ("body", "data", "key", "value"),
}
_SNS = {"sns-attributes", "sns-body"}
_BATCHES = {"Records", "records", "messages", "rmqMessagesByQueue"}


@dataclass(frozen=True)
class Record:
    """What a filter looks at; `payloads` tells of each payload field whether it holds JSON.

    `refusal` is set where no filter can match, and says why.
    """

    members: Members
    payloads: Mapping[str, bool]
    refusal: str | None = None


def dialect_event(dialect: str, event: Event) -> Record:
    """The event as that dialect's filters see it.

    Payloads come as JSON text, in base64 where the service has them so, or already as objects.
    Raises InputError for what is no JSON object, and for a batch of records instead of one.
    """
    members = read_event(event)
    if dialect in _SNS:
        return _sns_record(dialect, members)
    fields = _PAYLOADS.get(dialect, ())
    given = dict(members)
    if fields and not given.keys() & {*fields, "kinesis"} and given.keys() & _BATCHES:
        raise InputError(
            "it is a batch; a filter looks at one record at a time",
            hint="jq -c '.Records[]' makes a record a line",
        )
    if dialect == "esm-kinesis" and "data" not in given:
        members = Members([*members, *_object(given.get("kinesis"))])
    payloads: dict[str, bool] = {}
    made = Members()
    for key, value in members:
        if key in fields:
            decoded = _decoded(key, value)
            payloads[key] = isinstance(decoded, list | dict)
            made.append((key, decoded))
        else:
            made.append((key, value))
    return Record(made, payloads)


def _object(value: object) -> Members:
    if isinstance(value, Members):
        return value
    return Members(value.items()) if isinstance(value, dict) else Members()


def _decoded(key: str, value: object) -> object:
    if not isinstance(value, str) or isinstance(value, NumberText):
        return value
    text = _from_base64(value) if key in _BASE64 else value
    found = _json(text)
    return text if found is None else found


def _from_base64(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):  # written by hand, in the clear
        return text


def _json(text: str) -> object | None:
    """The object or list that a text is; None for other text."""
    if text.lstrip(" \t\r\n")[:1] not in {"{", "["}:
        return None
    try:
        found = read_event(f'{{"it":{text}}}')
    except InputError:
        return None
    value: object = found[0][1]
    return value if len(found) == 1 else None


def _sns_record(dialect: str, members: Members) -> Record:
    given = dict(members)
    if "Sns" in given:
        members = _object(given["Sns"])
        given = dict(members)
    if "Records" in given:
        raise InputError(
            "it is a batch; a filter policy looks at one message at a time",
            hint="jq -c '.Records[].Sns' makes a message a line",
        )
    envelope = "MessageAttributes" in given or "TopicArn" in given
    if dialect == "sns-attributes":
        return Record(_attributes(given) if envelope else members, {})
    if not envelope or "Message" not in given:
        return Record(members, {})
    body = _decoded("Message", given["Message"])
    if isinstance(body, Members):
        return Record(body, {})
    return Record(Members(), {}, "the message's body is no JSON object")


def _attributes(given: Mapping[str, object]) -> Members:
    made = Members()
    for name, written in _object(given.get("MessageAttributes")):
        attribute = dict(_object(written))
        kind = attribute.get("Type", attribute.get("DataType"))
        value = attribute.get("Value", attribute.get("StringValue"))
        if isinstance(value, str):
            made.append((name, _attribute(str(kind), value)))
    return made


def _attribute(kind: str, value: str) -> object:
    if kind.startswith("String.Array"):
        found = _json(value)
        return value if found is None else found
    if kind.startswith("Number"):
        try:
            [(_, number)] = read_event(f'{{"it":{value}}}')
        except (InputError, ValueError):
            return value
        return number
    return value


@dataclass(frozen=True)
class RecordPattern(Pattern):
    """A filter of Lambda, pipes or SNS: its events are records, see `dialect_event`."""

    dialect: str = "esm-sqs"

    def matches(self, event: Event) -> bool:
        """Whether the service would take the record."""
        return self.takes(dialect_event(self.dialect, event))

    def takes(self, record: Record) -> bool:
        """The same for a record that is prepared."""
        if self.refusal(record) is not None:
            return False
        fields = fields_of(record.members, self.want)
        return any(rule.matches(fields) for rule in self.sub_rules)

    def refusal(self, record: Record) -> str | None:
        """Why it cannot match, whatever it says: text where it wants JSON, or the other way."""
        if record.refusal:
            return record.refusal
        for field, is_json in record.payloads.items():
            wants_text = field in self.want.paths
            wants_json = any(path.startswith(f"{field}.") for path in self.want.paths)
            if wants_json and not wants_text and not is_json:
                return f"{field} is plain text, and the filter looks into it as JSON"
            if wants_text and not wants_json and is_json:
                return f"{field} is JSON, and the filter compares it as plain text"
        return None

    def explain(self, event: Event) -> Explanation:
        """The verdict with its reasons, and what becomes of a record that does not match."""
        record = dialect_event(self.dialect, event)
        fields = fields_of(record.members, self.want)
        found = explain(self.sub_rules, fields, record.members)
        refusal = self.refusal(record)
        if found.match and refusal is None:
            return found
        nearest, *others = found.alternatives
        why = [one for one in (refusal, nearest.note, DIALECTS[self.dialect].miss) if one]
        missed = max(nearest.missed, 1)
        changed = replace(nearest, match=False, missed=missed, note="; ".join(why))
        return Explanation(match=False, missed=missed, alternatives=(changed, *others))


def as_filter(made: Pattern, dialect: str) -> Pattern:
    """The pattern, but matching records where its dialect looks at such."""
    if dialect in _PAYLOADS or dialect in _SNS or dialect == "esm-dynamodb":
        return RecordPattern(made.text, made.sub_rules, made.want, dialect)
    return made


class RecordSet(RuleSet):
    """Filters of records, and perhaps patterns of events, matched together.

    Records take the exact path: a payload is decoded once a dialect, not once a filter.
    """

    def __init__(
        self, patterns: Mapping[str, Pattern], *, exact: bool = False, alone: bool = False
    ) -> None:
        super().__init__(patterns, exact=True)
        self._filters: dict[str, dict[str, RecordPattern]] = {}
        events: dict[str, Pattern] = {}
        for name, one in patterns.items():
            if isinstance(one, RecordPattern):
                self._filters.setdefault(one.dialect, {})[name] = one
            else:
                events[name] = one
        self._events = RuleSet(events, exact=exact, alone=alone)

    def match(self, event: Event) -> list[str]:
        """The names of those that match, in their order. Raises InputError as `dialect_event`."""
        return self._with_filters(event, self._events.match(event))

    def match_line(self, line: bytes | str) -> list[str]:
        """The same for one line of NDJSON; patterns of events take their fast path."""
        return self._with_filters(line, self._events.match_line(line))

    def _with_filters(self, event: Event, events: list[str]) -> list[str]:
        found = set(events)
        for dialect, filters in self._filters.items():
            record = dialect_event(dialect, event)
            found.update(name for name, one in filters.items() if one.takes(record))
        return [name for name in self.patterns if name in found]
