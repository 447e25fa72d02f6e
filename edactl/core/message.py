"""An SQS message: the one record that peek, tail and send share, and what a batch did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from edactl.core.json_text import parse_json
from edactl.core.record import JsonValue, record_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True)
class MessageAttribute:
    """One user attribute: its type, and its value as text or as bytes (base64 in JSON)."""

    data_type: str
    string_value: str | None = None
    binary_value: bytes | None = None


@dataclass(frozen=True)
class Message:
    """A message as it lay in a queue. `body` is the raw text; counts and times are SQS's own."""

    message_id: str
    body: str
    attributes: Mapping[str, str]
    message_attributes: Mapping[str, MessageAttribute]
    group_id: str | None
    deduplication_id: str | None
    sent_at: datetime | None
    first_received_at: datetime | None
    receive_count: int | None
    source_queue_arn: str | None
    trace_header: str | None


def record_with_json_body(message: Message) -> dict[str, JsonValue]:
    """The record and `json_body`: the body parsed, null where it is no JSON."""
    return record_of(message) | {"json_body": parsed_body(message.body)}


def parsed_body(body: str) -> JsonValue:
    """The JSON value that this text is; null where it is no JSON."""
    try:
        value: JsonValue = parse_json(body)
    except (ValueError, RecursionError):
        return None
    return value


@dataclass(frozen=True)
class Received:
    """A message in hand: its lease is the receipt handle."""

    message: Message
    receipt_handle: str
    md5_of_body: str


@dataclass(frozen=True)
class Outgoing:
    """A message to send."""

    body: str
    message_attributes: Mapping[str, MessageAttribute] = field(default_factory=dict)
    group_id: str | None = None
    deduplication_id: str | None = None
    trace_header: str | None = None
    delay_seconds: int | None = None


@dataclass(frozen=True)
class Sent:
    """SQS took the message, and its digest of the body is ours."""

    message_id: str


@dataclass(frozen=True)
class NotSent:
    """SQS did not take the message; `retryable` when the same send may work later."""

    error_code: str
    error_message: str
    retryable: bool = False


SendOutcome: TypeAlias = Sent | NotSent


@dataclass(frozen=True)
class BatchFailure:
    """One entry that failed in a batch that AWS answered with 200; `index` counts from 0."""

    index: int
    error_code: str
    error_message: str
    retryable: bool
