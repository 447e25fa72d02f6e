"""Put captured events on a bus again: paced, checkpointed, each once if all goes well."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from edactl.core.pacing import backoff_seconds
from edactl.core.replay_checkpoint import done_line
from edactl.errors import FailedInside, Throttled, Unreachable
from edactl.ops.put_events import MAX_TRIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from edactl.core.event import Entry, Numbered, Refused
    from edactl.core.put_outcome import EntryOutcome
    from edactl.core.replay_pace import GapPace
    from edactl.ops.put_events import Buses, Put, Stop


@dataclass(frozen=True, slots=True)
class Captured:
    """One event of the input: what to send of it, and when it happened, in seconds since 1970."""

    sends: Numbered | Refused
    happened_at: float | None


class Log(Protocol):
    """Where the checkpoint is written; a line written survives the death of the process."""

    def write(self, line: str, /) -> None:
        """Add one line."""
        ...


@dataclass
class OnceBuses:
    """Puts events, and counts those that may have gone twice because an answer was lost.

    `buses` tries each request once. A throttled request was not taken and is simply sent again.
    `sent_again` counts the events of requests without an answer, which may have been taken.
    """

    buses: Buses
    stop: Stop
    random: Callable[[], float]
    sent_again: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def put_events(self, entries: Sequence[Entry]) -> list[EntryOutcome]:
        """What AWS said of each entry. Raises the last error when five tries got no answer."""
        for attempt in range(MAX_TRIES - 1):
            try:
                return self.buses.put_events(entries)
            except Throttled:
                pass
            except (Unreachable, FailedInside):
                with self._lock:
                    self.sent_again += len(entries)
            self.stop.wait(backoff_seconds(attempt, self.random()))
        return self.buses.put_events(entries)


def when_due(
    events: Iterable[Captured], pace: GapPace | None, stop: Stop, clock: Callable[[], float]
) -> Iterator[Numbered | Refused | None]:
    """What to send, when it is due; None before a wait, so that what is in hand goes out first.

    Without a pace everything is due at once. Ends early when asked to stop.
    """
    for event in events:
        if pace is not None and pace.seconds_until(event.happened_at, clock()) > 0:
            yield None
            if stop.wait(pace.seconds_until(event.happened_at, clock())):
                return
        yield event.sends


def writing_to(log: Log) -> Callable[[Sequence[Put]], None]:
    """What writes the events of a batch that were sent into the checkpoint."""

    def settled(puts: Sequence[Put]) -> None:
        sent = [put.event.index for put in puts if put.outcome.error_code is None]
        if sent:
            log.write(done_line(sent))

    return settled
