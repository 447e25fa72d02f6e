"""What holds a redrive back on purpose: letters that bounce, and consumers that fall behind."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from edactl.errors import EdactlError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from edactl.core.queue import Queue, QueueAttributes
    from edactl.core.redrive import RedriveCounts
    from edactl.ops.redrive_ports import Pacer

FEWEST_SENT = 10
"""Fewer letters than these say nothing about a percentage."""
_ASK_EVERY_SECONDS = 2.0
_RESUME_AT = 0.8


@dataclass
class Breaker:
    """Trips when more than `percent` of the letters that were sent came back to the DLQ."""

    percent: float
    tripped: bool = False

    def note(self, counts: RedriveCounts) -> None:
        """Look at the counts so far."""
        enough = counts.sent >= FEWEST_SENT or self.percent == 0
        if enough and counts.bounced * 100 > self.percent * counts.sent:
            self.tripped = True


class Depths(Protocol):
    """Tells how deep queues are."""

    def attributes(self, queue: Queue, /) -> QueueAttributes:
        """What SQS says of the queue, now."""
        ...


@dataclass
class BacklogPacer:
    """Lets letters go only while no destination has more than `most` messages waiting.

    Once one has, nothing goes until it is down to four fifths of that. `destinations` are the
    queues that letters have gone to so far. `wait_for` sleeps, and is True on a stop. A queue that
    does not tell its depth holds nothing back.
    """

    inner: Pacer
    most: int
    destinations: Callable[[], Iterable[Queue]]
    depths: Depths
    clock: Callable[[], float]
    wait_for: Callable[[float], bool]
    on_wait: Callable[[Queue, int], None]
    _asked_at: float = field(default=float("-inf"))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, count: int) -> bool:
        """Return when `count` more may be sent; False when the run is to stop instead."""
        with self._lock:
            if self.clock() - self._asked_at >= _ASK_EVERY_SECONDS and not self._drained():
                return False
        return self.inner.wait(count)

    def _drained(self) -> bool:
        """Wait for the consumers; False when asked to stop meanwhile."""
        most: float = self.most
        while over := self._over(most):
            most = self.most * _RESUME_AT
            self.on_wait(*over)
            if self.wait_for(_ASK_EVERY_SECONDS):
                return False
        self._asked_at = self.clock()
        return True

    def _over(self, most: float) -> tuple[Queue, int] | None:
        for queue in self.destinations():
            try:
                visible = self.depths.attributes(queue).visible
            except EdactlError:
                continue
            if visible > most:
                return queue, visible
        return None


def bounce_window_seconds(dlq_arn: str, destinations: Iterable[QueueAttributes]) -> float | None:
    """How long a letter takes at most to come back into the DLQ from one of these queues.

    None when none of them sends what fails there. A letter is tried `maxReceiveCount` times, each
    time hidden for the visibility timeout, after the queue's delay.
    """
    windows = [
        one.delay_seconds
        + one.redrive_policy.max_receive_count * float(one.visibility_timeout_seconds)
        for one in destinations
        if one.redrive_policy and one.redrive_policy.dead_letter_queue_arn == dlq_arn
    ]
    return max(windows, default=None)
