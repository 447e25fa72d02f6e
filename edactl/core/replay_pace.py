"""The pace of a replay: the gaps between the original events, scaled. No clock is read here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from edactl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edactl.core.record import JsonValue


def parse_speed(text: str) -> float:
    """The factor in `10x`, `0.5x` or `10`. Raises UsageError for what is none."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)x?", text.strip())
    factor = float(match[1]) if match else 0.0
    if factor <= 0:
        raise UsageError(
            f'--speed "{text}" is no speed', hint="--speed 10x is ten times as fast as it was"
        )
    return factor


def time_of(event: Mapping[str, JsonValue]) -> float | None:
    """When an event says that it happened, in seconds since 1970; None where it does not say."""
    text = event.get("time", event.get("Time"))
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment).timestamp()


@dataclass
class GapPace:
    """When each event is due: as long after the first as it was, divided by `speed`.

    Events out of order, and those without a time, are due at once. Event times have whole seconds,
    so what happened within one second goes together.
    """

    speed: float
    started_at: float
    first: float | None = None

    def seconds_until(self, happened_at: float | None, now: float) -> float:
        """How long to wait before sending an event, in seconds."""
        if happened_at is None:
            return 0.0
        if self.first is None:
            self.first = happened_at
            self.started_at = now
        due = self.started_at + (happened_at - self.first) / self.speed
        return max(0.0, due - now)
