"""Captured events, in every form that they are kept in, as events to send again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.core.event import Entry, check_entry
from edactl.core.event_input import Shaping, entry_from
from edactl.core.json_text import parse_json
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edactl.core.record import JsonValue

RESERVED = "aws."
MARK_FIELD = "replay-id"


@dataclass(frozen=True)
class Unsendable:
    """A captured event that cannot be put on a bus, in PutEvents' own words for the failure."""

    error_code: str
    error_message: str


@dataclass(frozen=True)
class Replaying:
    """How captured events are sent again.

    `keep_time` sends the original time, else AWS stamps the moment of arrival. `mark` is put into
    `detail.metadata.replay-id`. `source_prefix` goes before a source that AWS keeps for itself.
    """

    bus: str
    keep_time: bool = True
    mark: str | None = None
    source_prefix: str | None = None


def captured_event(value: Mapping[str, JsonValue]) -> Mapping[str, JsonValue] | Unsendable:
    """The event in one record: the record itself, or what a dead letter or a message carries.

    A message record (`body` and `message_id`, as `dlq export` and `queue peek` write them) holds
    the event as its body, as EventBridge delivers it without a transformer.
    """
    body = value.get("body")
    if "message_id" not in value or not isinstance(body, str):
        return value
    try:
        event = parse_json(body)
    except (ValueError, RecursionError):
        return Unsendable("NotAnEvent", "the message's body is not JSON")
    if not isinstance(event, dict) or "detail-type" not in event:
        return Unsendable("NotAnEvent", "the message's body is no event: it has no detail-type")
    return event


def envelope_of(
    record: Mapping[str, JsonValue], text: bytes | str
) -> bytes | str | dict[str, JsonValue]:
    """The event of a record as a rule would see it, to match a pattern: as text where it is one.

    A PutEvents entry is spelt as an envelope; a message record has the event as its body.
    """
    body = record.get("body")
    if "message_id" in record and isinstance(body, str):
        return body
    if "Source" not in record and "DetailType" not in record:
        return text
    detail = record.get("Detail")
    if isinstance(detail, str):
        try:
            detail = parse_json(detail)
        except (ValueError, RecursionError):
            detail = None
    return {
        "source": record.get("Source"),
        "detail-type": record.get("DetailType"),
        "time": record.get("Time"),
        "resources": record.get("Resources") or [],
        "detail": detail,
    }


def entry_of(
    event: Mapping[str, JsonValue], replaying: Replaying, where: str
) -> tuple[Entry, int] | Unsendable:
    """The entry that sends a captured event again and its size in bytes, or why none can."""
    fields = dict(event)
    if not replaying.keep_time:
        fields.pop("time", None)
        fields.pop("Time", None)
    source = fields.get("source", fields.get("Source"))
    if isinstance(source, str) and source.startswith(RESERVED):
        if replaying.source_prefix is None:
            return Unsendable(
                "ReservedSource", f'AWS alone may send as "{source}"; --source-prefix renames it'
            )
        fields.pop("Source", None)
        fields["source"] = replaying.source_prefix + source
    try:
        if replaying.mark is not None:
            fields = _marked(fields, replaying.mark)
        shaping = Shaping({"bus": replaying.bus}, override=True)
        entry = entry_from(fields, shaping, where)
        return entry, check_entry(entry, where)
    except InputError as error:
        return Unsendable("InvalidEvent", error.message.removeprefix(f"{where}: "))


def _marked(fields: dict[str, JsonValue], mark: str) -> dict[str, JsonValue]:
    """The event with `detail.metadata.replay-id` set."""
    name = "Detail" if "Detail" in fields else "data" if "specversion" in fields else "detail"
    detail = fields.get(name)
    if isinstance(detail, str):
        try:
            detail = parse_json(detail)
        except (ValueError, RecursionError):
            raise InputError("detail is a string that is not JSON") from None
    metadata = detail.get("metadata", {}) if isinstance(detail, dict) else None
    if not isinstance(detail, dict) or not isinstance(metadata, dict):
        raise InputError("detail.metadata is not an object, so the event cannot be marked")
    return {**fields, name: {**detail, "metadata": {**metadata, MARK_FIELD: mark}}}
