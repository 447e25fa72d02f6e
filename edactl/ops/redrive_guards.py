"""What holds a redrive back on purpose: letters that bounce, and consumers that fall behind."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from edactl.errors import EdactlError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from edactl.core.queue import Queue, QueueAttributes
    from edactl.core.redrive import RedriveCounts
    from edactl.ops.redrive_ports import Pacer

FEWEST_SENT = 10
"""Fewer letters than these say nothing about a percentage."""
_ASK_EVERY_SECONDS = 2.0
_RESUME_AT = 0.8
_WATCH_EVERY_SECONDS = 10.0
_AGE_EVERY_SECONDS = 60.0


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
    _room: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, count: int) -> bool:
        """Return when `count` more may be sent; False when the run is to stop instead.

        Asks every two seconds, and once there is no room left for these by the last answer.
        """
        with self._lock:
            old = self.clock() - self._asked_at >= _ASK_EVERY_SECONDS
            if (old or self._room < count) and not self._drained():
                return False
            self._room -= count
        return self.inner.wait(count)

    def _drained(self) -> bool:
        """Wait for the consumers; False when asked to stop meanwhile."""
        most: float = self.most
        while True:
            queues = list(self.destinations())
            deepest = deepest_of(queues, self.depths)
            if deepest is None or deepest[1] <= most:
                break
            most = self.most * _RESUME_AT
            self.on_wait(*deepest)
            if self.wait_for(_ASK_EVERY_SECONDS):
                return False
        self._asked_at = self.clock()
        # until the first letters have gone nobody knows where they go: look again before the next
        self._room = self.most - (deepest[1] if deepest else 0) if queues else 0
        return True


def deepest_of(queues: Iterable[Queue], depths: Depths) -> tuple[Queue, int] | None:
    """The queue with the most messages waiting, and how many; None where none tells."""
    found = []
    for queue in queues:
        try:
            found.append((queue, depths.attributes(queue).visible))
        except EdactlError:
            continue
    return max(found, key=lambda one: one[1], default=None)


@dataclass(frozen=True)
class Backlog:
    """What waits in a queue; the age of the oldest is None where nobody tells."""

    queue: Queue
    waiting: int
    oldest_age_seconds: float | None


class Ages(Protocol):
    """Knows how old the oldest message of a queue is."""

    def oldest_age_seconds(self, names: Sequence[str], /, *, now: datetime) -> Mapping[str, float]:
        """The age by queue name, absent where it is not known."""
        ...


@dataclass
class BacklogWatch:
    """The deepest of the queues that letters go to, asked now and then; a run is told of it.

    SQS is asked every ten seconds, and CloudWatch, which hears of ages once a minute, every minute.
    `region` is the one whose ages are known.
    """

    region: str
    destinations: Callable[[], Iterable[Queue]]
    depths: Depths
    ages: Ages
    clock: Callable[[], float]
    now: Callable[[], datetime]
    _aged_at: float = field(default=float("-inf"))
    _found: Backlog | None = None

    def __post_init__(self) -> None:
        self._asked_at = self.clock()

    def deepest(self) -> Backlog | None:
        """What was found last; None in the first ten seconds, and where nothing tells."""
        clock = self.clock()
        if clock - self._asked_at >= _WATCH_EVERY_SECONDS:
            self._asked_at = clock
            deepest = deepest_of(self.destinations(), self.depths)
            self._found = deepest and Backlog(*deepest, self._age(deepest[0]))
        return self._found

    def _age(self, queue: Queue) -> float | None:
        before = self._found
        if queue.region != self.region:
            return None
        if self.clock() - self._aged_at < _AGE_EVERY_SECONDS:
            return before.oldest_age_seconds if before and before.queue == queue else None
        self._aged_at = self.clock()
        try:
            return self.ages.oldest_age_seconds([queue.name], now=self.now()).get(queue.name)
        except EdactlError:  # not allowed, or an endpoint without CloudWatch
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
