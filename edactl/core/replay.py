"""A replay of an archive: its record, how far it is, and when it will be there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

RUNNING_STATES = frozenset({"STARTING", "RUNNING"})
ENDED_STATES = frozenset({"COMPLETED", "CANCELLED", "FAILED"})
MAX_RUNNING = 10


@dataclass(frozen=True)
class Replay:
    """One replay, in AWS's words. `progress` is from 0 to 1, null before the first minute.

    `rules` are the names of those that it was limited to, empty for all of the bus; null where it
    was not asked for. Replays are listed for 90 days and cannot be deleted.
    """

    replay_name: str
    state: str
    state_reason: str | None
    archive: str
    bus: str | None
    rules: tuple[str, ...] | None
    started_at: datetime | None
    ended_at: datetime | None
    event_start_time: datetime | None
    event_end_time: datetime | None
    last_replayed_at: datetime | None
    progress: float | None

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in ENDED_STATES


def progress(
    state: str, start: datetime | None, end: datetime | None, last: datetime | None
) -> float | None:
    """How much of the window has been replayed, from 0 to 1; a completed replay is 1."""
    if state == "COMPLETED":
        return 1.0
    if start is None or end is None or last is None or end <= start:
        return None
    return round(min(1.0, max(0.0, (last - start) / (end - start))), 4)


def seconds_left(replay: Replay, now: datetime) -> float | None:
    """How long the rest will take at the pace so far, in seconds; null where nobody knows yet."""
    if not replay.progress or replay.started_at is None:
        return None
    taken = (now - replay.started_at).total_seconds()
    return max(0.0, taken / replay.progress - taken)


def new_name(archive: str, now: datetime, token: str) -> str:
    """A replay's name, never used before: names of replays cannot be used again for 90 days."""
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%S")
    tail = f"-{stamp}-{token}"
    return archive[: 64 - len(tail)] + tail
