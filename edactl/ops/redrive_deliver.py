"""Sending letters through their doors, again where that is safe, and telling what became of each.

A letter whose answer was lost is sent again: its destination then has it at least once. Where it
drops duplicates that is exactly once, as long as it remembers the first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edactl.core.pacing import backoff_seconds
from edactl.core.redrive_delivery import Delivered, Delivery, Halted, Refused, Unknown
from edactl.errors import AccessDenied, AwsError, ConfigError, EdactlError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from edactl.core.redrive_route import Carried, Route
    from edactl.ops.redrive_books import Settled
    from edactl.ops.redrive_ports import Door, Doors, Timing

ATTEMPTS = 8
_BASE_SECONDS = 0.2
REMEMBERED_SECONDS = 240.0
"""SQS drops a duplicate for five minutes; a minute of that is left for clocks and answers."""


@dataclass
class Results:
    """What became of letters: those that are settled, those not sent at all, and why to stop."""

    settled: list[Settled] = field(default_factory=list)
    untried: list[str] = field(default_factory=list)
    halt: EdactlError | None = None


@dataclass
class _Try:
    """One letter on its way. `lost_at` is when it was first sent without an answer."""

    letter: Carried
    lost_at: float | None
    last: Delivery | None = None

    @property
    def message_id(self) -> str:
        return self.letter.message.message_id

    @property
    def is_open(self) -> bool:
        """Whether another try may settle it."""
        match self.last:
            case None | Unknown():
                return True
            case Refused(retryable=retryable):
                return retryable
        return False


@dataclass(frozen=True)
class Deliverer:
    """Sends letters of any routes. `slow_down` is called when a destination throttles."""

    doors: Doors
    timing: Timing
    slow_down: Callable[[], None]

    def deliver(self, letters: Sequence[Carried], lost_at: Mapping[str, float]) -> Results:
        """What became of each letter; `lost_at` has those that were sent before, and when."""
        results = Results()
        by_route: dict[Route, list[_Try]] = {}
        for letter in letters:
            one = _Try(letter, lost_at.get(letter.message.message_id))
            by_route.setdefault(letter.route, []).append(one)
        for route, tries in by_route.items():
            deduplicates = self._by_one_door(route, tries, results)
            for one in tries:
                self._conclude(one, results, deduplicates=deduplicates)
        return results

    def _by_one_door(self, route: Route, tries: Sequence[_Try], results: Results) -> bool:
        """Send what can be sent; whether the door drops duplicates."""
        if results.halt is not None:
            return False
        try:
            door = self.doors.open(route)
        except EdactlError as error:
            for one in tries:
                one.last = _no_door(error)
            return False
        self._with_retries(door, tries)
        return door.deduplicates

    def _with_retries(self, door: Door, tries: Sequence[_Try]) -> None:
        waiting = list(tries)
        for attempt in range(ATTEMPTS):
            if attempt:
                pause = backoff_seconds(attempt - 1, self.timing.random(), base=_BASE_SECONDS)
                self.timing.abort.wait(pause)
            if self.timing.abort.is_set():
                return
            started = self.timing.now()
            answers = door.deliver([one.letter for one in waiting])
            for one, answer in zip(waiting, answers, strict=True):
                one.last = answer
                if isinstance(answer, Unknown) and one.lost_at is None:
                    one.lost_at = started
            if any(isinstance(one, Refused) and one.throttled for one in answers):
                self.slow_down()
            waiting = [one for one in waiting if one.is_open]
            if not waiting or any(isinstance(one, Halted) for one in answers):
                return

    def _conclude(self, one: _Try, results: Results, *, deduplicates: bool) -> None:
        lost_at = one.lost_at
        match one.last:
            case Delivered() as delivery:
                remembered = deduplicates and lost_at is not None
                once = lost_at is None or (
                    remembered and self.timing.now() - lost_at < REMEMBERED_SECONDS
                )
                results.settled.append((one.message_id, delivery, once))
                return
            case Halted(error):
                results.halt = error
            case Refused(retryable=retryable) as refused if lost_at is None:
                if retryable and self.timing.abort.is_set():
                    results.untried.append(one.message_id)
                else:
                    results.settled.append((one.message_id, refused, True))
                return
        if lost_at is None:
            results.untried.append(one.message_id)
        else:
            results.settled.append((one.message_id, _lost(one.last), True))


def _no_door(error: EdactlError) -> Delivery:
    """What it means that there is nothing behind a route."""
    if isinstance(error, AccessDenied | ConfigError):
        return Halted(error)
    code = error.code if isinstance(error, AwsError) else type(error).__name__
    return Refused(code, error.message)


def _lost(last: Delivery | None) -> Unknown:
    """Why it is not known whether a letter arrived, whatever its last try said."""
    match last:
        case Unknown():
            return last
        case Refused(message=message):
            return Unknown(f"an answer was lost, then: {message}")
        case Halted(error):
            return Unknown(f"an answer was lost, then: {error.message}")
    return Unknown("an answer was lost, and the run ended")
