"""Put events on a bus: packed, paced, in parallel, only what failed sent again, all counted."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from edactl.core.event import RETRYABLE_CODES, Entry, Numbered, Refused, pack
from edactl.core.pacing import Pace, backoff_seconds
from edactl.core.put_outcome import EntryOutcome
from edactl.errors import AwsError, EdactlError, Throttled
from edactl.ops.workers import worker_pool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Future

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


# AWS's word on an event, or the refusal of the whole request that it was in
_Answer: TypeAlias = EntryOutcome | EdactlError


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
        in hand are finished and come out. The same after the refusal of a whole request: its events
        come out as failed when AWS took later ones, else not at all, so that whoever goes on after
        the last one that came out sends nothing twice. Raises that refusal, or the input's own
        error, at the end.
        """
        failures: list[EdactlError] = []
        refused: list[Put] = []
        for event, answer in self._answers(events, failures):
            if isinstance(answer, EdactlError):
                failures.append(answer)
                refused.append(Put(event, _outcome(answer)))
            else:
                yield from refused
                refused.clear()
                yield Put(event, answer)
        if failures:
            raise failures[0]

    def _answers(
        self, events: Iterable[Numbered | Refused | None], failures: list[EdactlError]
    ) -> Iterator[tuple[Numbered | Refused, _Answer]]:
        """The answer to each event, in order; takes no new ones once there are failures."""
        pace = Pace(self.rate_per_second, self.clock()) if self.rate_per_second else None
        waiting: deque[Future[list[tuple[Numbered | Refused, _Answer]]]] = deque()
        with worker_pool(self.concurrency) as pool:
            try:
                for batch in pack(events):
                    while waiting and not batch:  # the input pauses: settle what is in flight
                        yield from waiting.popleft().result()
                    if self.stop() or failures:
                        break
                    if batch and not self._paced(pace, len(batch)):
                        break
                    if batch:
                        waiting.append(pool.submit(self._send, batch))
                    while len(waiting) >= 2 * self.concurrency or (waiting and waiting[0].done()):
                        yield from waiting.popleft().result()
            except EdactlError as error:  # of the input: first finish what is in flight
                failures.append(error)
            while waiting:
                yield from waiting.popleft().result()

    def _paced(self, pace: Pace | None, count: int) -> bool:
        if pace is None:
            return True
        return not self.stop.wait(pace.seconds_until(count, self.clock()))

    def _send(
        self, batch: Sequence[Numbered | Refused]
    ) -> list[tuple[Numbered | Refused, _Answer]]:
        answers: dict[int, _Answer] = {
            event.index: event.why for event in batch if isinstance(event, Refused)
        }
        left = [event for event in batch if isinstance(event, Numbered)]
        for attempt in range(MAX_TRIES):
            if not left:
                break
            if attempt:
                self.stop.wait(backoff_seconds(attempt - 1, self.random()))
            found = zip(left, self._request(left), strict=True)
            answers.update({event.index: answer for event, answer in found})
            left = [event for event in left if _may_pass(answers[event.index])]
        self.on_settled([Put(event, _outcome(answers[event.index])) for event in batch])
        return [(event, answers[event.index]) for event in batch]

    def _request(self, events: Sequence[Numbered]) -> list[_Answer]:
        """One answer an event. A request refused as invalid is sent again one by one."""
        try:
            outcomes = self.buses.put_events([event.entry for event in events])
        except EdactlError as error:
            if not isinstance(error, AwsError) or error.code != "ValidationException":
                return [error] * len(events)
            if len(events) == 1:
                return [_outcome(error)]
            return self._one_by_one(events)
        if len(outcomes) != len(events):
            lost = AwsError(
                f"AWS answered {len(outcomes)} entries of {len(events)}; what was sent is unknown",
                code="MalformedAnswer",
                operation="events:PutEvents",
            )
            return [lost] * len(events)
        return [*outcomes]

    def _one_by_one(self, events: Sequence[Numbered]) -> list[_Answer]:
        answers: list[_Answer] = []
        for event in events:
            if answers and isinstance(answers[-1], EdactlError):
                answers.append(answers[-1])
            else:
                answers += self._request([event])
        return answers


def _may_pass(answer: _Answer) -> bool:
    """Whether the same event may be taken when it is sent again."""
    if isinstance(answer, EdactlError):
        return isinstance(answer, Throttled)
    return answer.error_code in RETRYABLE_CODES


def _outcome(answer: _Answer) -> EntryOutcome:
    if not isinstance(answer, EdactlError):
        return answer
    code = answer.code if isinstance(answer, AwsError) else type(answer).__name__
    return EntryOutcome(error_code=code, error_message=answer.message)
