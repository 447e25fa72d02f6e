"""How much a run may do: a budget of letters, workers that give way when throttled, a rate."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from edactl.core.pacing import RampedPace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CLEAN_BATCHES = 5


class Budget:
    """At most so many letters; None is no end. Safe for threads."""

    def __init__(self, letters: int | None) -> None:
        self._left = letters
        self._out = 0
        self._lock = threading.Lock()

    @property
    def spent(self) -> bool:
        """Whether nothing is left and nobody can give anything back."""
        with self._lock:
            return self._left == 0 and self._out == 0

    def take(self, wanted: int) -> int:
        """Up to as many as wanted; 0 while others hold the rest."""
        with self._lock:
            taken = wanted if self._left is None else min(wanted, self._left)
            self._left = None if self._left is None else self._left - taken
            self._out += taken
            return taken

    def settle(self, taken: int, used: int) -> None:
        """Give back what of `taken` was not used."""
        with self._lock:
            self._out -= taken
            self._left = None if self._left is None else self._left + max(0, taken - used)


class Gate:
    """Lets so many work at once: half as many after a throttle, then slowly more again.

    The first batch goes alone, so that what is refused once is not refused to all at once.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._allowed = 1
        self._working = 0
        self._clean: int | None = None
        self._changed = threading.Condition()

    @property
    def allowed(self) -> int:
        """How many may work at once, now."""
        return self._allowed

    @contextmanager
    def one(self) -> Iterator[None]:
        """Work as one of those that may."""
        with self._changed:
            while self._working >= self._allowed:
                self._changed.wait()
            self._working += 1
        try:
            yield
        finally:
            with self._changed:
                self._working -= 1
                self._changed.notify()

    def slow_down(self) -> None:
        """A destination throttles: half as many."""
        with self._changed:
            self._allowed = max(1, self._allowed // 2)
            self._clean = 0

    def clean(self) -> None:
        """A batch went well: all may work after the first, one more after each five."""
        with self._changed:
            if self._clean is None:
                self._clean, self._allowed = 0, self._most
                self._changed.notify_all()
                return
            self._clean += 1
            if self._clean >= _CLEAN_BATCHES and self._allowed < self._most:
                self._clean = 0
                self._allowed += 1
                self._changed.notify()


class RatePacer:
    """At most so many letters a second over all workers, after a slow start.

    `wait` sleeps, and is True on a stop.
    """

    def __init__(
        self, per_second: float, clock: Callable[[], float], wait: Callable[[float], bool]
    ) -> None:
        self._pace = RampedPace(per_second, clock())
        self._clock, self._wait = clock, wait
        self._lock = threading.Lock()

    def wait(self, count: int) -> bool:
        """Return when `count` more may be sent; False when the run is to stop instead."""
        with self._lock:
            seconds = self._pace.seconds_until(count, self._clock())
        return not self._wait(seconds)
