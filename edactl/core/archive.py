"""An archive of a bus's events, and the window of it that a replay asks for.

Source of the rules: EventBridge user guide, "Archiving and replaying events"; API reference,
CreateArchive and StartReplay.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from edactl.core.times import rfc3339
from edactl.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.core.record import JsonValue

MAX_ARCHIVE_NAME, MAX_REPLAY_NAME = 48, 64
_NAME = re.compile(r"[.\-_A-Za-z0-9]+")
_FRESH = timedelta(minutes=10)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Archive:
    """One archive. `retention_days` is 0 where events are kept for ever.

    `event_count` and `size_bytes` lag by up to a day; `event_pattern` is AWS's own document, null
    where every event is kept; the fields that a list does not tell are null there.
    """

    name: str
    bus: str
    bus_arn: str
    state: str
    state_reason: str | None = None
    retention_days: int = 0
    event_count: int | None = None
    size_bytes: int | None = None
    created_at: datetime | None = None
    description: str | None = None
    event_pattern: JsonValue = None
    arn: str | None = None

    @property
    def resource(self) -> str:
        """The archive's ARN, which a replay names as its source."""
        if self.arn:
            return self.arn
        head = self.bus_arn.rsplit(":", 1)[0]
        return f"{head}:archive/{self.name}"


@dataclass(frozen=True)
class Window:
    """The time that a replay covers: events whose `time` is in it, whole minutes both ends."""

    start: datetime
    end: datetime


def checked_name(name: str, what: str, most: int) -> str:
    """The name. Raises UsageError for one that AWS would refuse."""
    if len(name) > most or not _NAME.fullmatch(name):
        raise UsageError(
            f'"{name}" is no name of {what}', hint=f"at most {most} letters, digits, . - and _"
        )
    return name


def whole_minutes(start: datetime, end: datetime) -> Window:
    """The window widened to whole minutes, since AWS replays by the minute.

    Raises UsageError where it does not end after it starts.
    """
    if start >= end:
        raise UsageError(
            f"the window is empty: it starts at {rfc3339(start)} and ends at {rfc3339(end)}",
            hint="--since 2h --until 1h replays the hour before last",
        )
    first = start.replace(second=0, microsecond=0)
    last = end.replace(second=0, microsecond=0)
    return Window(first, last if last == end else last + _MINUTE)


def check_window(archive: Archive, window: Window, now: datetime) -> Iterator[str]:
    """What the operator should know of a window, in words.

    Raises InputError where the archive holds nothing of it: it is older than the archive, or older
    than what is kept.
    """
    oldest = _oldest(archive, now)
    if oldest is not None and window.end <= oldest:
        kept = f"keeps {archive.retention_days} days" if archive.retention_days else "is younger"
        raise InputError(
            f'archive "{archive.name}" holds nothing before {rfc3339(oldest)}: it {kept};'
            f" the window ends at {rfc3339(window.end)}",
            hint=f"edactl archive show {archive.name}",
        )
    if window.start >= now:
        raise InputError(
            f"the window starts in the future, at {rfc3339(window.start)}",
            hint="--since 2h is two hours ago",
        )
    if oldest is not None and window.start < oldest:
        yield f'archive "{archive.name}" holds nothing before {rfc3339(oldest)}'
    if window.end > now - _FRESH:
        yield "events of the last ten minutes may not be in the archive yet"
    if archive.state not in {"ENABLED", "UPDATING"}:
        yield f'archive "{archive.name}" is {archive.state}'


def _oldest(archive: Archive, now: datetime) -> datetime | None:
    limits = [archive.created_at] if archive.created_at else []
    if archive.retention_days:
        limits.append(now - timedelta(days=archive.retention_days))
    return max(limits, default=None)
