"""How far a replay is, on a terminal's line or every half minute."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from edactl.core.replay import seconds_left
from edactl.core.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable

    from edactl.cli.context import CommandContext
    from edactl.core.replay import Replay

_NOTE_EVERY_SECONDS = 30.0


def progress_line(context: CommandContext) -> Callable[[Replay], None]:
    """What shows a replay: one line that is rewritten on a TTY, else a note each 30 seconds."""
    terminal = context.terminal
    if terminal.is_tty(terminal.stderr):
        return lambda replay: context.progress.show(lambda: described(replay, datetime.now(UTC)))
    noted_at = time.monotonic()

    def note(replay: Replay) -> None:
        nonlocal noted_at
        if time.monotonic() - noted_at >= _NOTE_EVERY_SECONDS:
            noted_at = time.monotonic()
            context.messages.note(described(replay, datetime.now(UTC)))

    return note


def described(replay: Replay, now: datetime) -> str:
    """One line on how far a replay is: `RUNNING 40 %, at 2026-11-25T01:02:00Z, about 90 s left`."""
    parts = [f'replay "{replay.replay_name}" is {replay.state}']
    if replay.progress is not None:
        parts.append(f"{replay.progress:.0%}")
    if replay.last_replayed_at is not None:
        parts.append(f"at {rfc3339(replay.last_replayed_at)}")
    left = seconds_left(replay, now)
    if left is not None:
        parts.append(f"about {left:.0f} s left")
    return ", ".join(parts)
