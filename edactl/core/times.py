"""Times and durations as people type them and as records carry them.

Records carry RFC 3339 in UTC and durations in seconds; people type `10m`, `2h`, `now` or ISO 8601.
The clock is never read here: `now` is passed in.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from edactl.errors import InputError

_UNIT_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)")
_EXAMPLES = "use a duration as 90s, 10m, 2h30m, 7d, or a time as 2026-01-31T08:00:00Z"


def parse_duration_seconds(text: str) -> float:
    """Seconds in `90s`, `10m`, `2h30m`, `500ms`, `7d`; a bare number is seconds.

    Raises InputError when the text is no duration.
    """
    text = text.strip()
    parts = _DURATION_PART.findall(text)
    if parts and "".join(number + unit for number, unit in parts) == text:
        return sum(float(number) * _UNIT_SECONDS[unit] for number, unit in parts)
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    raise InputError(f'"{text}" is not a duration', hint="use 90s, 10m, 2h30m or 7d")


def parse_time(text: str, *, now: datetime) -> datetime:
    """The moment meant by ISO 8601 text, `now`, or a duration before `now`; aware, in UTC.

    A time without an offset is UTC. Raises InputError when the text is neither, and for a moment
    before the year 1.
    """
    if text == "now":
        return now
    with suppress(ValueError, OverflowError):
        moment = datetime.fromisoformat(text)
        return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment).astimezone(UTC)
    with suppress(InputError, OverflowError):
        return now - timedelta(seconds=parse_duration_seconds(text.removesuffix(" ago")))
    raise InputError(f'"{text}" is not a time', hint=_EXAMPLES)


def rfc3339(moment: datetime) -> str:
    """`2026-01-31T08:00:00Z`: UTC, milliseconds only when there are any."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    spec = "milliseconds" if moment.microsecond else "seconds"
    return moment.isoformat(timespec=spec)[: -len("+00:00")] + "Z"


def from_epoch_milliseconds(milliseconds: int) -> datetime:
    """The moment an SQS timestamp attribute means; aware, in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
