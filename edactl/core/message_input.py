"""Messages to send, as people and pipes write them: one JSON value a line, or options.

A line that is a JSON string is the body. A line that is an object with a string `body` and no
other keys than those of a message record (see `RECORD_FIELDS`) is a message: what `queue peek` and
`queue tail` print. Any other JSON value is itself the body, byte for byte as it was written.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

from edactl.core.json_text import parse_json
from edactl.core.message import Message, MessageAttribute, Outgoing
from edactl.core.message_rules import check_attribute
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edactl.core.record import JsonValue

RECORD_FIELDS = frozenset({item.name for item in fields(Message)} | {"json_body", "delay_seconds"})


@dataclass(frozen=True)
class Defaults:
    """What the command line fills in where a message lacks it."""

    message_attributes: Mapping[str, MessageAttribute] = field(default_factory=dict)
    group_id: str | None = None
    deduplication_id: str | None = None
    delay_seconds: int | None = None

    def fill(self, message: Outgoing) -> Outgoing:
        """The message, with what it lacked."""
        return replace(
            message,
            message_attributes={**self.message_attributes, **message.message_attributes},
            group_id=_first(message.group_id, self.group_id),
            deduplication_id=_first(message.deduplication_id, self.deduplication_id),
            delay_seconds=(
                self.delay_seconds if message.delay_seconds is None else message.delay_seconds
            ),
        )


def _first(own: str | None, default: str | None) -> str | None:
    return default if own is None else own


def parse_line(line: str, where: str) -> Outgoing:
    """The message that one line of NDJSON means; `where` is its place, as `orders.ndjson:3`.

    Raises InputError when the line is not JSON, or a message record with a wrong value.
    """
    try:
        value = parse_json(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"not JSON: {_reason(error)}", where=where, hint=_hint(line)) from None
    if isinstance(value, str):
        return Outgoing(value)
    if (
        isinstance(value, dict)
        and isinstance(value.get("body"), str)
        and value.keys() <= RECORD_FIELDS
    ):
        return _from_record(value, where)
    return Outgoing(line.strip())


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.pos + 1}"
    return "nested too deep" if isinstance(error, RecursionError) else str(error)


def _hint(line: str) -> str:
    if line.strip() in {"[", "{"}:
        return "one JSON value a line is read: make it so with jq -c '.[]' or jq -c ."
    return 'one JSON value a line is read: write text as "text", or send it with --body @FILE'


def _from_record(record: Mapping[str, JsonValue], where: str) -> Outgoing:
    system = record.get("attributes")
    trace = system.get("AWSTraceHeader") if isinstance(system, dict) else None
    delay = record.get("delay_seconds")
    if delay is not None and (not isinstance(delay, int) or isinstance(delay, bool)):
        raise InputError("is no whole number of seconds", where=f"{where}: delay_seconds")
    return Outgoing(
        body=str(record["body"]),
        message_attributes=message_attributes(record.get("message_attributes"), where),
        group_id=_text(record, "group_id", where),
        deduplication_id=_text(record, "deduplication_id", where),
        trace_header=_text(record, "trace_header", where) or (str(trace) if trace else None),
        delay_seconds=delay,
    )


def _text(record: Mapping[str, JsonValue], name: str, where: str) -> str | None:
    value = record.get(name)
    if value is None or isinstance(value, str):
        return value
    raise InputError("is no text", where=f"{where}: {name}")


def message_attributes(value: JsonValue, where: str) -> dict[str, MessageAttribute]:
    """The attributes of a message record, binary ones from base64. Raises InputError."""
    place = f"{where}: message_attributes"
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InputError("is no object of attributes", where=place)
    return {name: _attribute(item, f"{place}.{name}") for name, item in value.items()}


def _attribute(value: JsonValue, where: str) -> MessageAttribute:
    if not isinstance(value, dict) or not isinstance(value.get("data_type"), str):
        raise InputError(
            'is not {"data_type": …, "string_value" or "binary_value": …}', where=where
        )
    binary = _text(value, "binary_value", where)
    return MessageAttribute(
        data_type=str(value["data_type"]),
        string_value=_text(value, "string_value", where),
        binary_value=None if binary is None else from_base64(binary, where),
    )


def from_base64(text: str, where: str) -> bytes:
    """The bytes of a binary value. Raises InputError when the text is not base64."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise InputError(
            "the binary value is not base64", where=where, hint="base64 -w0 FILE gives it"
        ) from None


def parse_attributes(options: Sequence[str]) -> dict[str, MessageAttribute]:
    """Message attributes from `name=value`, `name:Number=5`, `name:Binary=BASE64`.

    Raises InputError naming the option.
    """
    attributes: dict[str, MessageAttribute] = {}
    for option in options:
        where = f"--attribute {option.partition('=')[0]}"
        head, equals, value = option.partition("=")
        if not equals:
            raise InputError("has no value", where=where, hint="--attribute name=value")
        name, _, data_type = head.partition(":")
        data_type = data_type or "String"
        if name in attributes:
            raise InputError("is given twice", where=where)
        if data_type.split(".")[0] == "Binary":
            attribute = MessageAttribute(data_type, None, from_base64(value, where))
        else:
            attribute = MessageAttribute(data_type, value)
        check_attribute(name, attribute, where)
        attributes[name] = attribute
    return attributes
