"""Put events on a bus: packed, paced, in parallel, only what failed sent again, all counted."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from edactl.core.event import RETRYABLE_CODES, Entry, Numbered, Refused, pack
from edactl.core.pacing import Pace, backoff_seconds
from edactl.core.put_outcome import EntryOutcome
from edactl.errors import AwsError, EdactlError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

MAX_TRIES = 5


def _not_told(_puts: Sequence[Put]) -> None:
    """Nobody wants to know of each batch."""


class Buses(Protocol):
    """Where events are put."""

    def put_events(self, entries: Sequence[Entry]) -> list[EntryOutcome]:
        """What AWS said of each entry, in their order."""
        ...


class Stop(Protocol):
    """Whether the operator asked to stop, and a sleep that wakes when asked."""

    def __call__(self) -> bool:
        """True once asked."""
        ...

    def wait(self, seconds: float) -> bool:
        """Sleep; True when asked to stop."""
        ...


@dataclass(frozen=True, slots=True)
class Put:
    """One event and what became of it."""

    event: Numbered | Refused
    outcome: EntryOutcome


@dataclass(frozen=True)
class Sender:
    """Sends batches through `buses`; clock, sleep and randomness are handed in.

    `on_settled` gets each batch once its answers are final, on the thread that sent it and before
    the batch comes out of `run`.
    """

    buses: Buses
    stop: Stop
    clock: Callable[[], float]
    random: Callable[[], float]
    concurrency: int = 8
    rate_per_second: float | None = None
    on_settled: Callable[[Sequence[Put]], None] = _not_told

    def run(self, events: Iterable[Numbered | Refused | None]) -> Iterator[Put]:
        """What became of each event, in input order.

        A bounded number of batches is in flight. Once `stop` says so no new batch is taken; those
        in hand are finished and come out. Raises AwsError when a whole request is refused, and the
        input's own error, after what was in flight came out.
        """
        pace = Pace(self.rate_per_second, self.clock()) if self.rate_per_second else None
        waiting: deque[Future[list[Put]]] = deque()
        failure: EdactlError | None = None
        with ThreadPoolExecutor(self.concurrency) as pool:
            try:
                for batch in pack(events):
                    while waiting and not batch:  # the input pauses: settle what is in flight
                        yield from waiting.popleft().result()
                    if not batch:
                        continue
                    if self.stop() or not self._paced(pace, len(batch)):
                        break
                    waiting.append(pool.submit(self._send, batch))
                    while len(waiting) >= 2 * self.concurrency or (waiting and waiting[0].done()):
                        yield from waiting.popleft().result()
            except EdactlError as error:  # of the input or of AWS: first finish what is in flight
                failure = error
            while waiting:
                try:
                    yield from waiting.popleft().result()
                except EdactlError as error:
                    failure = failure or error
        if failure:
            raise failure

    def _paced(self, pace: Pace | None, count: int) -> bool:
        if pace is None:
            return True
        return not self.stop.wait(pace.seconds_until(count, self.clock()))

    def _send(self, batch: Sequence[Numbered | Refused]) -> list[Put]:
        outcomes = {event.index: event.why for event in batch if isinstance(event, Refused)}
        left = [event for event in batch if isinstance(event, Numbered)]
        for attempt in range(MAX_TRIES):
            if not left:
                break
            if attempt:
                self.stop.wait(backoff_seconds(attempt - 1, self.random()))
            answers = self._request(left)
            outcomes.update(
                {event.index: answer for event, answer in zip(left, answers, strict=True)}
            )
            left = [e for e in left if outcomes[e.index].error_code in RETRYABLE_CODES]
        settled = [Put(event, outcomes[event.index]) for event in batch]
        self.on_settled(settled)
        return settled

    def _request(self, events: Sequence[Numbered]) -> list[EntryOutcome]:
        """One answer an event. A request refused as invalid is sent again one by one."""
        try:
            answers = self.buses.put_events([event.entry for event in events])
        except AwsError as error:
            if error.code != "ValidationException":
                raise
            if len(events) == 1:
                return [EntryOutcome(error_code=error.code, error_message=error.message)]
            return [answer for event in events for answer in self._request([event])]
        if len(answers) != len(events):
            raise AwsError(
                f"AWS answered {len(answers)} entries of {len(events)}; what was sent is unknown",
                code="MalformedAnswer",
                operation="events:PutEvents",
            )
        return answers
