"""Reading the journal of a redrive back: its header, then what became of its letters. Pure."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from edactl.core.journal import (
    LETTER_LINES,
    VERSION,
    End,
    Entry,
    Ids,
    JournalHeader,
    Planned,
    SentIds,
    Skipped,
)
from edactl.core.message import Message
from edactl.core.message_input import message_attributes
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from edactl.core.record import JsonValue

_HINT = "edactl dlq runs lists the journals that are known here"


def read_header(first_line: str, where: str) -> JournalHeader:
    """The header. Raises InputError for what is no journal, or one of another version."""
    record = _record(first_line, f"{where}:1") if first_line.endswith("\n") else None
    if not isinstance(record, dict) or "edactl_journal" not in record:
        raise InputError("not a journal of a redrive", where=f"{where}:1", hint=_HINT)
    if record["edactl_journal"] != VERSION:
        raise InputError(
            f"a journal of version {record['edactl_journal']}; this edactl reads {VERSION}",
            where=f"{where}:1",
            hint="use the edactl that wrote it",
        )
    try:
        names = ("run_id", "kind", "account", "region", "queue_arn")
        header: JournalHeader | None = JournalHeader(
            **{name: _string(record[name]) for name in names},
            destination=None if record["destination"] is None else _string(record["destination"]),
            options=_object(record["options"]),
            started_at=_string(record["started_at"]),
        )
    except (KeyError, TypeError, ValueError):
        header = None
    if header is None or record.get("options_hash") != header.options_hash:
        raise InputError("the header of the journal is damaged", where=f"{where}:1")
    return header


def read_entries(lines: Iterable[str], where: str) -> Iterator[tuple[Entry, int]]:
    """Each entry after the header, and its length in bytes; ends at a line that was cut off.

    Raises InputError, with the line, for a line in the middle that is none of a journal.
    """
    for number, text in enumerate(lines, 2):
        if not text.endswith("\n"):
            return
        place = f"{where}:{number}"
        try:
            yield _entry(_record(text, place)), len(text.encode())
        except (KeyError, TypeError, ValueError, InputError):
            raise InputError("not a line of a journal", where=place, hint=_HINT) from None


def refuse_other(header: JournalHeader, account: str, region: str, where: str) -> None:
    """Raises InputError when the journal is of another account or region than this session's."""
    for name, theirs, ours in (
        ("account", header.account, account),
        ("region", header.region, region),
    ):
        if theirs != ours:
            raise InputError(
                f"a journal of {name} {theirs}; this command talks to {name} {ours}",
                where=where,
                hint="edactl whoami shows which profile and region are in force",
            )


def _record(text: str, where: str) -> JsonValue:
    try:
        value: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError("not a line of a journal", where=where, hint=_HINT) from None
    return value


def _entry(value: JsonValue) -> Entry:
    record = _object(value)
    match record:
        case {"planned": dict() as planned}:
            return _planned(planned)
        case {"sent": dict() as ids}:
            once = record.get("once", True) is True
            return SentIds({old: _string(new) for old, new in ids.items()}, once)
        case {"skipped": list() as skipped}:
            return Skipped(dict(_id_and_handle(one) for one in skipped))
        case {"end": dict() as balance}:
            return End(balance)
    ((what, items),) = record.items()
    if what not in LETTER_LINES or not isinstance(items, list):
        raise ValueError(what)
    return Ids(what, tuple(_id(one) for one in items))


def _id(value: JsonValue) -> str:
    """The message id of what a line has of each letter: an id, or an object with one."""
    return _string(value["message_id"] if isinstance(value, dict) else value)


def _id_and_handle(value: JsonValue) -> tuple[str, str]:
    match value:
        case [str() as message_id, str() as handle, str()]:
            return message_id, handle
    raise TypeError("skipped")


def _planned(record: dict[str, JsonValue]) -> Planned:
    payload, planned_at = record["payload"], record["planned_at"]
    if not isinstance(planned_at, int | float):
        raise TypeError("planned_at")
    return Planned(
        message=message_of(_object(record["message"])),
        receipt_handle=_string(record["receipt_handle"]),
        destination=_string(record["destination"]),
        payload=None if payload is None else _string(payload),
        planned_at=planned_at,
        door=_string(record.get("door", "sqs")),
        sender=_string(record.get("sender", "")),
    )


def message_of(record: Mapping[str, JsonValue]) -> Message:
    """The message of a full record, as `record_of` made it.

    Raises KeyError, TypeError, ValueError or InputError where it is not.
    """
    count = record["receive_count"]
    attributes = _object(record["attributes"])
    return Message(
        message_id=_string(record["message_id"]),
        body=_string(record["body"]),
        attributes={name: _string(value) for name, value in attributes.items()},
        message_attributes=message_attributes(record["message_attributes"], "message"),
        group_id=_optional(record["group_id"]),
        deduplication_id=_optional(record["deduplication_id"]),
        sent_at=_moment(record["sent_at"]),
        first_received_at=_moment(record["first_received_at"]),
        receive_count=count if isinstance(count, int) else None,
        source_queue_arn=_optional(record["source_queue_arn"]),
        trace_header=_optional(record["trace_header"]),
    )


def _moment(value: JsonValue) -> datetime | None:
    return None if value is None else datetime.fromisoformat(_string(value))


def _optional(value: JsonValue) -> str | None:
    return None if value is None else _string(value)


def _string(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise TypeError("text")
    return value


def _object(value: JsonValue) -> dict[str, JsonValue]:
    if not isinstance(value, dict):
        raise TypeError("object")
    return value
