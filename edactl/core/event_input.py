"""Events as people and pipes spell them, filled and edited by options, as entries to send.

Three spellings are read: the EventBridge envelope (`source`, `detail-type`, `detail`), a PutEvents
entry (`Source`, `DetailType`, `Detail` as object or string), and CloudEvents 1.0 JSON, whose `type`
becomes the detail-type, `data` the detail, `subject` a resource. What AWS sets itself (`id`,
`account`, `region`, `version`) is not sent.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from edactl.core.event import IDEMPOTENCY_FIELD, Entry, content_key, is_unicode
from edactl.core.event_edit import Edit, apply_edits
from edactl.core.json_text import json_text, parse_json
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edactl.core.record import JsonValue

_ENTRY_KEYS = {
    "Source": "source",
    "DetailType": "detail-type",
    "Detail": "detail",
    "Time": "time",
    "Resources": "resources",
    "TraceHeader": "trace-header",
    "EventBusName": "bus",
}


@dataclass(frozen=True)
class Shaping:
    """What the options say of every event: fill what lacks (or override), edit, key."""

    fields: Mapping[str, JsonValue]
    override: bool = False
    edits: tuple[Edit, ...] = ()
    idempotency_key: str | None = None
    default_bus: str = "default"


def entry_from(value: Mapping[str, JsonValue], shaping: Shaping, where: str) -> Entry:
    """The entry that one JSON object means. Raises InputError with the field that is wrong."""
    fields = _spelling(value, where)
    for name, given in shaping.fields.items():
        if shaping.override or fields.get(name) in (None, ""):
            fields[name] = given
    untouched = fields.get("detail")
    detail = _detail_object(untouched, where)
    if shaping.edits:
        fields["detail"] = detail
        fields = apply_edits(fields, shaping.edits, where)
        detail = _detail_object(fields.get("detail"), where)
    if shaping.idempotency_key:
        detail = _with_key(fields, detail, shaping.idempotency_key, where)
    changed = bool(shaping.edits or shaping.idempotency_key)
    return Entry(
        source=_text(fields, "source", where),
        detail_type=_text(fields, "detail-type", where),
        detail=untouched if isinstance(untouched, str) and not changed else _dump(detail, where),
        bus=_optional_text(fields, "bus", where) or shaping.default_bus,
        time=_time(fields.get("time"), where),
        resources=_resources(fields.get("resources"), where),
        trace_header=_optional_text(fields, "trace-header", where),
    )


def _spelling(value: Mapping[str, JsonValue], where: str) -> dict[str, JsonValue]:
    if "specversion" in value and "type" in value:
        subject = value.get("subject")
        return {
            "source": value.get("source"),
            "detail-type": value.get("type"),
            "detail": _cloud_event_data(value, where),
            "time": value.get("time"),
            "resources": [subject] if subject else [],
        }
    if any(key in value for key in _ENTRY_KEYS):
        return {_ENTRY_KEYS.get(key, key): item for key, item in value.items()}
    return dict(value)


def _cloud_event_data(value: Mapping[str, JsonValue], where: str) -> JsonValue:
    """The data of a CloudEvent, which may be there in base64. Source: its JSON format, 3.1."""
    encoded = value.get("data_base64")
    if encoded is None:
        return value.get("data", {})
    try:
        return base64.b64decode(str(encoded), validate=True).decode()
    except ValueError:  # of base64 and of UTF-8
        raise InputError(
            "data_base64 is not base64 of JSON",
            where=where,
            hint="EventBridge carries JSON only: put other data in S3 and send its key",
        ) from None


def _detail_object(detail: JsonValue, where: str) -> dict[str, JsonValue]:
    if isinstance(detail, str):
        try:
            detail = parse_json(detail)
        except (ValueError, RecursionError) as error:
            raise InputError(f"detail is a string that is not JSON: {error}", where=where) from None
    if not isinstance(detail, dict):
        kind = "missing" if detail is None else "not a JSON object"
        raise InputError(f"detail is {kind}", where=where, hint="""--detail '{"key":"value"}'""")
    return detail


def _with_key(
    fields: Mapping[str, JsonValue], detail: dict[str, JsonValue], key: str, where: str
) -> dict[str, JsonValue]:
    metadata = detail.get("metadata", {})
    if not isinstance(metadata, dict):
        raise InputError("detail.metadata is not an object; no key can be put in it", where=where)
    if metadata.get(IDEMPOTENCY_FIELD):
        return detail
    if key == "auto":
        time = _time(fields.get("time"), where)
        key = content_key(
            _text(fields, "source", where),
            _text(fields, "detail-type", where),
            detail,
            _resources(fields.get("resources"), where),
            time.isoformat() if time else None,
        )
    return {**detail, "metadata": {**metadata, IDEMPOTENCY_FIELD: key}}


def _dump(detail: dict[str, JsonValue], where: str) -> str:
    try:
        text = json_text(detail)
        if text.isascii() or is_unicode(text):
            return text
        return json_text(detail, ascii_only=True)  # escapes what UTF-8 has no bytes for
    except RecursionError:
        raise InputError("detail is nested too deep", where=where) from None


def _text(fields: Mapping[str, JsonValue], name: str, where: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        kind = "missing" if value in (None, "") else "not a string"
        raise InputError(f"{name} is {kind}", where=where, hint=f"--{name} fills it where absent")
    return value


def _optional_text(fields: Mapping[str, JsonValue], name: str, where: str) -> str | None:
    value = fields.get(name)
    if value is None or isinstance(value, str):
        return value
    raise InputError(f"{name} is not a string", where=where)


def _resources(value: JsonValue, where: str) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [] if value is None else [value]
    texts = tuple(item for item in items if isinstance(item, str))
    if len(texts) != len(items):
        raise InputError("resources is not a list of strings", where=where)
    return texts


def _time(value: JsonValue, where: str) -> datetime | None:
    try:
        match value:
            case None | "":
                return None
            case str():
                moment = datetime.fromisoformat(value)
                return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
            case int() | float() if not isinstance(value, bool):
                return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise InputError(
        f"time {json.dumps(value)} is not a time", where=where, hint="use 2026-01-31T08:00:00Z"
    )
