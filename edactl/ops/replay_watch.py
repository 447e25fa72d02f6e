"""Watch a replay to its end; asked to stop, have AWS cancel it first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from edactl.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from edactl.core.replay import Replay

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 10.0
_CANCEL_SECONDS = 60.0


class Replays(Protocol):
    """Shows and cancels replays."""

    def describe(self, name: str, /) -> Replay:
        """One replay."""
        ...

    def cancel(self, name: str, /) -> Replay:
        """Ask for its end."""
        ...


@dataclass(frozen=True)
class Watch:
    """How a replay is watched: `wait` sleeps that many seconds, or less when asked to stop.

    `random` is below 1: pauses are spread by it, so that many watchers do not ask at once.
    """

    replays: Replays
    stop: Callable[[], bool]
    wait: Callable[[float], object]
    clock: Callable[[], float]
    random: Callable[[], float]
    on_progress: Callable[[Replay], None]

    def until_ended(self, replay: Replay, deadline: float | None = None) -> Replay:
        """The replay when it has ended, or as it was at the deadline.

        When asked to stop, AWS is asked to cancel it, and it is watched for up to a minute more.
        """
        pause_seconds = _FIRST_PAUSE_SECONDS
        cancelled = False
        while not replay.ended:
            self.on_progress(replay)
            if self.stop() and not cancelled:
                cancelled = True
                replay = self._cancelled(replay)
                deadline = self.clock() + _CANCEL_SECONDS
                continue
            if deadline is not None and self.clock() >= deadline:
                break
            self._pause(pause_seconds, deadline)
            pause_seconds = min(1.5 * pause_seconds, _LONGEST_PAUSE_SECONDS)
            replay = self.replays.describe(replay.replay_name)
        return replay

    def _pause(self, seconds: float, deadline: float | None) -> None:
        seconds *= 0.5 + self.random()
        left = seconds if deadline is None else max(0.0, deadline - self.clock())
        self.wait(min(seconds, left))

    def _cancelled(self, replay: Replay) -> Replay:
        """The replay after the request; one that ended meanwhile cannot be cancelled."""
        try:
            return self.replays.cancel(replay.replay_name)
        except AwsError:
            return self.replays.describe(replay.replay_name)
