"""Send messages to a queue: batches of 10 and 1 MiB, several in flight, order kept on FIFO.

At least once: a batch whose answer got lost is sent again by the session layer, so a standard
queue may then hold a message twice; a FIFO queue drops the second by its deduplication id.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from edactl.core.message import NotSent, Outgoing, SendOutcome, Sent
from edactl.core.message_rules import pack
from edactl.core.pacing import backoff_seconds
from edactl.errors import AwsError, EdactlError, Throttled
from edactl.ops.workers import worker_pool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Future

    from edactl.core.queue import Queue

ATTEMPTS = 5
_BASE_SECONDS = 0.2


class Sender(Protocol):
    """Where messages go."""

    def send(self, queue: Queue, outgoing: Sequence[Outgoing], /) -> list[SendOutcome]:
        """What became of each of up to 10 messages, in their order."""
        ...


@dataclass(frozen=True)
class Tried:
    """What became of one message; `index` is its place in the input, from 0."""

    index: int
    message: Outgoing
    outcome: SendOutcome


@dataclass(frozen=True)
class Pace:
    """How the operation waits: `sleep` in seconds, `random` in [0, 1), and whether to stop."""

    sleep: Callable[[float], object]
    random: Callable[[], float]
    stop: Callable[[], bool]


def send_messages(
    messages: Iterable[Outgoing], queue: Queue, sender: Sender, *, concurrency: int, pace: Pace
) -> Iterator[Tried]:
    """What became of each message, in input order; ends early when asked to stop.

    Failures of a single message are outcomes. The first batch goes alone: when AWS refuses that
    call, nothing was sent and its error is raised. When AWS refuses a later call, its messages and
    all that follow are outcomes.
    """
    fitting = (message if queue.is_fifo else _without_id(message) for message in messages)
    batches = pack(fitting)
    if queue.is_fifo:
        answers = _one_by_one(batches, queue, sender, pace)
    else:
        answers = _side_by_side(batches, queue, sender, concurrency, pace)
    yield from _in_order(answers)


def _without_id(message: Outgoing) -> Outgoing:
    """A standard queue takes no deduplication id, though a record of a FIFO queue has one."""
    return message if message.deduplication_id is None else replace(message, deduplication_id=None)


@dataclass(frozen=True)
class _Answer:
    batch: list[Outgoing]
    outcomes: list[SendOutcome]
    refusal: EdactlError | None = None


def _in_order(answers: Iterable[_Answer]) -> Iterator[Tried]:
    index = 0
    for answer in answers:
        nothing_sent = index == 0 and not any(isinstance(one, Sent) for one in answer.outcomes)
        if answer.refusal is not None and nothing_sent:
            raise answer.refusal
        for message, outcome in zip(answer.batch, answer.outcomes, strict=True):
            yield Tried(index, message, outcome)
            index += 1


def _side_by_side(
    batches: Iterator[list[Outgoing]], queue: Queue, sender: Sender, concurrency: int, pace: Pace
) -> Iterator[_Answer]:
    first = next(batches, None)
    if first is None or pace.stop():
        return
    answer = _send(first, queue, sender, pace)
    refusal = answer.refusal
    yield answer
    in_flight: deque[Future[_Answer]] = deque()
    with worker_pool(concurrency) as pool:
        for batch in batches:
            if pace.stop():
                break
            if refusal is not None:
                yield from (done.result() for done in _drained(in_flight))
                yield _refused(batch, refusal)
                continue
            in_flight.append(pool.submit(_send, batch, queue, sender, pace))
            if len(in_flight) >= 2 * concurrency:
                answer = in_flight.popleft().result()
                refusal = answer.refusal
                yield answer
        yield from (done.result() for done in _drained(in_flight))


def _drained(in_flight: deque[Future[_Answer]]) -> Iterator[Future[_Answer]]:
    while in_flight:
        yield in_flight.popleft()


def _one_by_one(
    batches: Iterator[list[Outgoing]], queue: Queue, sender: Sender, pace: Pace
) -> Iterator[_Answer]:
    """Keep the order of every group: nothing of a group follows a message of it that failed."""
    refusal: EdactlError | None = None
    stopped: set[str | None] = set()
    for batch in batches:
        if pace.stop():
            return
        if refusal is not None:
            yield _refused(batch, refusal)
            continue
        going = [message for message in batch if message.group_id not in stopped]
        answer = _send(going, queue, sender, pace) if going else _Answer([], [])
        refusal = answer.refusal
        outcomes = iter(answer.outcomes)
        merged = [
            _held_back(message) if message.group_id in stopped else next(outcomes)
            for message in batch
        ]
        stopped |= {
            message.group_id
            for message, outcome in zip(batch, merged, strict=True)
            if isinstance(outcome, NotSent)
        }
        yield _Answer(batch, merged, answer.refusal)


def _held_back(message: Outgoing) -> NotSent:
    return NotSent("GroupStopped", f'an earlier message of group "{message.group_id}" failed')


def _refused(batch: list[Outgoing], error: EdactlError) -> _Answer:
    return _Answer(batch, [_not_sent(error) for _ in batch], error)


def _not_sent(error: EdactlError) -> NotSent:
    code = error.code if isinstance(error, AwsError) else type(error).__name__
    return NotSent(code, error.message)


def _send(batch: list[Outgoing], queue: Queue, sender: Sender, pace: Pace) -> _Answer:
    """One batch, with its retryable entries tried again; a whole call refused is an answer too."""
    outcomes: list[SendOutcome] = [NotSent("NotTried", "not tried", retryable=True)] * len(batch)
    waiting = list(range(len(batch)))
    attempt = 0
    while True:
        try:
            answers = sender.send(queue, [batch[place] for place in waiting])
        except Throttled as error:
            answers = [NotSent(error.code, error.message, retryable=True) for _ in waiting]
        except EdactlError as error:
            for place in waiting:
                outcomes[place] = _not_sent(error)
            return _Answer(batch, outcomes, error)
        for place, outcome in zip(waiting, answers, strict=True):
            outcomes[place] = outcome
        waiting = _worth_another_try(batch, outcomes, queue)
        attempt += 1
        if not waiting or attempt == ATTEMPTS or pace.stop():
            return _Answer(batch, outcomes)
        pace.sleep(backoff_seconds(attempt - 1, pace.random(), base=_BASE_SECONDS))


def _worth_another_try(
    batch: list[Outgoing], outcomes: list[SendOutcome], queue: Queue
) -> list[int]:
    """The retryable places; on FIFO only those that nothing sent of their group has overtaken."""
    places = [
        place
        for place, outcome in enumerate(outcomes)
        if isinstance(outcome, NotSent) and outcome.retryable
    ]
    if not queue.is_fifo:
        return places
    last_sent = {
        batch[place].group_id: place
        for place, outcome in enumerate(outcomes)
        if isinstance(outcome, Sent)
    }
    return [place for place in places if place > last_sent.get(batch[place].group_id, -1)]
