"""How far a redrive is: the counts, the rate, the time left, and what waits where letters go."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edactl.core.arn import name_of
from edactl.core.pacing import Meter
from edactl.core.queue_explain import coarse_span

if TYPE_CHECKING:
    from collections.abc import Callable

    from edactl.cli.context import CommandContext
    from edactl.core.redrive import RedriveCounts
    from edactl.ops.redrive_guards import Backlog

_NOTE_EVERY_SECONDS = 30.0
_WHOLE_FROM = 10.0


@dataclass
class RunProgress:
    """Shows how far a run is: on a line of a terminal, or as a note every 30 seconds.

    `limit` is how many letters may be sent, None for all of about `expected`. `deepest` tells what
    waits where letters go.
    """

    context: CommandContext
    queue: str
    expected: int
    limit: int | None
    deepest: Callable[[], Backlog | None]
    clock: Callable[[], float] = time.monotonic
    _looked: Meter = field(default_factory=Meter)
    _sent: Meter = field(default_factory=Meter)

    def __post_init__(self) -> None:
        self._said_at = self.clock()
        self._on_screen = self.context.terminal.is_tty(self.context.terminal.stderr)

    def show(self, counts: RedriveCounts) -> None:
        """Show the counts, if it is time."""
        now = self.clock()
        looked = self._looked.per_second(counts.received, now)
        sent = self._sent.per_second(counts.sent + counts.ambiguous, now)
        if self._on_screen:
            self.context.progress.show(lambda: self._text(counts, looked, sent))
        elif now - self._said_at >= _NOTE_EVERY_SECONDS:
            self._said_at = now
            self.context.messages.note(self._text(counts, looked, sent))

    def _text(self, counts: RedriveCounts, looked: float, sent: float) -> str:
        text = (
            f"{self.queue}: {counts.received} of about {self.expected} received,"
            f" {counts.sent + counts.ambiguous} sent, {counts.skipped} skipped,"
            f" {counts.failed} failed; {sent:.{0 if sent >= _WHOLE_FROM else 1}f}/s"
        )
        left = self._seconds_left(counts, looked, sent)
        text += f", {coarse_span(max(1.0, left))} left" if left else ""
        waiting = self.deepest()
        return f"{text}; {_words(waiting)}" if waiting else text

    def _seconds_left(self, counts: RedriveCounts, looked: float, sent: float) -> float:
        """Until all were looked at or as many were sent as may be; 0 where nothing tells."""
        lefts = [max(0, self.expected - counts.received) / looked] if looked else []
        if self.limit is not None and sent:
            lefts.append(max(0, self.limit - counts.sent - counts.ambiguous) / sent)
        return min(lefts, default=0.0)


def _words(backlog: Backlog) -> str:
    age = backlog.oldest_age_seconds
    oldest = "" if age is None else f", the oldest {coarse_span(age)}"
    return f"{name_of(backlog.queue.arn)} has {backlog.waiting} waiting{oldest}"
