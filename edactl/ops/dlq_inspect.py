"""Look at every letter of a DLQ under leases, and give all of them back at once.

A letter is held until the end, so that no receive brings it again. Only its receipt handle is kept:
what it says goes to `visit`, once for each letter. Source: SQS API reference, ReceiveMessage and
ChangeMessageVisibility; developer guide, "Amazon SQS message quotas" (120,000 in flight).
"""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from edactl.errors import AwsError, EdactlError, GuardError
from edactl.ops.following import Leases
from edactl.ops.held_leases import HeldLeases
from edactl.ops.queue_peek import used_up
from edactl.ops.workers import worker_pool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import ThreadPoolExecutor

    from edactl.core.message import BatchFailure, Message, Received
    from edactl.core.queue import Queue, RedrivePolicy

SHORTEST_LEASE_SECONDS = 120
LONGEST_LEASE_SECONDS = 900
_EACH_SECOND = 100
MOST_HELD = 100_000
"""Fewer than SQS lets be in flight, so that others can still receive."""
WORKERS = 4
_WAIT_SECONDS = 1
_EMPTY_POLLS = 3
_BATCH = 10
_AT_ONCE = 500
"""Handles given back between two looks at the progress; each call that waits takes memory."""
_FEW = 100
_HEAVY_CHARACTERS = 1_000_000
"""From this much text in one batch on, only one batch at a time is read: memory has a bound."""


def lease_seconds(letters: int) -> int:
    """How long a letter stays hidden should this process be killed.

    Longer where there are many, since to extend all of them takes as long as to receive them.
    """
    wanted = SHORTEST_LEASE_SECONDS + letters // _EACH_SECOND
    return min(LONGEST_LEASE_SECONDS, wanted)


class LongLeases(Leases, Protocol):
    """Receives messages, gives them back, and keeps them longer."""

    def extend(
        self, queue: Queue, handles: Sequence[str], /, *, visibility_seconds: int
    ) -> list[BatchFailure]:
        """Hide messages from now on; gives those that were not."""
        ...


@dataclass(frozen=True)
class Inspection:
    """How to look: at most `limit` letters; `expected` is how many the queue says it shows.

    `progress` gets how many letters were looked at, and how many of them were given back.
    """

    limit: int
    expected: int
    redrive_policy: RedrivePolicy | None
    clock: Callable[[], float]
    stop: Callable[[], bool]
    progress: Callable[[int, int], None] = lambda _seen, _returned: None


@dataclass(frozen=True)
class Inspected:
    """How many letters were looked at; `guard` says why the look ended early, if it did.

    `not_released` letters come back by themselves, when their lease of `lease_seconds` ends. `full`
    is whether SQS let no more be in flight.
    """

    looked_at: int
    not_released: int
    lease_seconds: int
    guard: GuardError | None
    full: bool


def inspect(
    queue: Queue, leases: LongLeases, look: Inspection, visit: Callable[[Message], None]
) -> Inspected:
    """Show each letter once to `visit`, and give all of them back, also when that fails.

    Only a second Ctrl-C, which raises past `Exception`, leaves letters hidden, until their lease
    ends. Raises what receiving and `visit` raise.
    """
    with worker_pool(WORKERS) as pool:
        run = _Run(queue, leases, look, visit, pool)
        try:
            run.gather()
        except Exception:
            run.harvest()
            run.release()
            raise
        not_released = run.release()
    return Inspected(len(run.held), not_released, run.lease_seconds, run.guard, run.full)


@dataclass
class _Run:
    """One look: what is in hand and on its way."""

    queue: Queue
    leases: LongLeases
    look: Inspection
    visit: Callable[[Message], None]
    pool: ThreadPoolExecutor
    waiting: set[Future[list[Received]]] = field(default_factory=set)
    guard: GuardError | None = None
    full: bool = False
    empty_polls: int = 0
    at_once: int = 1

    def __post_init__(self) -> None:
        self.lease_seconds = lease_seconds(min(self.look.expected, self.look.limit))
        self.held = HeldLeases(self.lease_seconds)

    def gather(self) -> None:
        """Receive until the limit, the end of the queue, the guard or a stop."""
        self.ask()
        while self.waiting:
            done, _ = wait(self.waiting, return_when=FIRST_COMPLETED)
            self.see(self.answer(done.pop()))
            self.extend()
            self.ask()

    def ask(self) -> None:
        """Have as many receives on their way as there is room for."""
        while self.wants_more and len(self.waiting) < self.at_once:
            room = self.look.limit - len(self.held) - _BATCH * len(self.waiting)
            if room <= 0:
                return
            self.waiting.add(self.pool.submit(self.receive, min(_BATCH, room)))

    @property
    def wants_more(self) -> bool:
        """Whether another receive is of use."""
        if self.guard or self.full or self.look.stop():
            return False
        seen_all = len(self.held) >= self.look.expected
        return self.empty_polls < (1 if seen_all else _EMPTY_POLLS)

    def receive(self, count: int) -> list[Received]:
        """One call; runs in a thread of the pool."""
        return self.leases.receive(
            self.queue,
            count=count,
            wait_seconds=_WAIT_SECONDS,
            visibility_seconds=self.lease_seconds,
        )

    def answer(self, asked: Future[list[Received]]) -> list[Received]:
        """What a receive brought: nothing when SQS lets no more be in flight."""
        self.waiting.discard(asked)
        try:
            return asked.result()
        except AwsError as error:
            if error.code != "OverLimit":
                raise
            self.full = True
            return []

    def see(self, received: list[Received]) -> None:
        """Take a batch in hand and show what is new of it."""
        fresh = self.held.take(received, self.look.clock())
        self.empty_polls = 0 if fresh else self.empty_polls + 1
        self.guard = self.guard or used_up(self.queue, fresh, self.look.redrive_policy)
        heavy = sum(len(one.message.body) for one in received) > _HEAVY_CHARACTERS
        self.at_once = 1 if heavy or self.look.expected <= _FEW else WORKERS
        for one in fresh:
            self.visit(one.message)
        self.look.progress(len(self.held), 0)

    def extend(self) -> None:
        """Keep what has been in hand for long; what cannot be kept comes back by itself."""

        def one(handles: Sequence[str]) -> None:
            self.leases.extend(self.queue, handles, visibility_seconds=self.lease_seconds)

        due = self.held.due(self.look.clock())
        for start in range(0, len(due), _AT_ONCE):
            list(self.pool.map(one, _batches(due[start : start + _AT_ONCE])))

    def harvest(self) -> None:
        """Take in hand what receives still bring, so that it is given back."""
        for asked in wait(self.waiting).done:
            if asked.exception() is None:
                self.held.take(asked.result(), self.look.clock())

    def release(self) -> int:
        """Give everything back; how many letters could not be."""

        def one(handles: Sequence[str]) -> int:
            try:
                return len(self.leases.release(self.queue, handles))
            except EdactlError:
                return len(handles)

        handles, failed = self.held.handles, 0
        for start in range(0, len(handles), _AT_ONCE):
            some = handles[start : start + _AT_ONCE]
            failed += sum(self.pool.map(one, _batches(some)))
            self.look.progress(len(handles), start + len(some))
        return failed


def _batches(handles: Sequence[str]) -> Iterator[Sequence[str]]:
    return (handles[start : start + _BATCH] for start in range(0, len(handles), _BATCH))
