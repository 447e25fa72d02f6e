"""The client engine: workers that take letters out of one queue and carry each through its door.

At least once, never lost: a letter is in the journal before it is sent, and deleted only once the
journal says that it arrived. It may be twice where an answer was lost; that is counted and listed.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.core.pacing import backoff_seconds
from edactl.errors import EdactlError, FailedInside, Throttled, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable

    from edactl.core.message import Received
    from edactl.core.redrive import RedriveCounts
    from edactl.ops.redrive_batch import BatchWork
    from edactl.ops.redrive_limits import Budget, Gate
    from edactl.ops.redrive_ports import Receiver

BATCH = 10
_RECEIVE_ATTEMPTS = 8
_TICK_SECONDS = 0.1
_ABORT_SECONDS = 2.0
_LET_OTHERS_SECONDS = 0.05
_QUIET_SECONDS = 20.0
_COUNT_SECONDS = 1.0


@dataclass(frozen=True)
class Plan:
    """How to run. `expected` is the depth at the start: the run does not end before it has seen it.

    `hidden_until`, of the monotonic clock: an earlier run may hide letters until then.
    `empty_polls` without news end the run, twice as many while SQS says that there is more: one
    empty answer of SQS does not mean an empty queue. Each takes `wait_seconds`.
    """

    concurrency: int
    expected: int
    batch: int = BATCH
    hidden_until: float = 0.0
    empty_polls: int = 3
    wait_seconds: int = 2


class Engine:
    """One run of the client engine."""

    def __init__(
        self, work: BatchWork, receiver: Receiver, plan: Plan, budget: Budget, gate: Gate
    ) -> None:
        self.work, self.plan = work, plan
        self.halt: EdactlError | None = None
        """Why the run had to stop, if it had to."""
        self.bug: BaseException | None = None
        self.late = 0
        """Letters that could not be given back at once: they come back when their lease ends."""
        self._receiver, self._budget, self._gate = receiver, budget, gate
        self._polls = _Polls(plan.expected, plan.empty_polls)
        self._hidden_until = plan.hidden_until
        self._shown_since = 0.0
        self._waited_out = False
        self._quiet_since: float | None = None
        self._empty = False
        self._count_at = 0.0
        self._counting = threading.Lock()
        self._over = threading.Event()

    def run(self, on_tick: Callable[[RedriveCounts], None]) -> None:
        """Carry letters until the budget, the end of the queue, a halt or a stop.

        Whatever ends it, what is undecided is given back; `halt` says why it had to stop early.
        `on_tick` gets the counts ten times a second.
        """
        workers = [
            threading.Thread(target=self._work, daemon=True, name=f"redrive-{number}")
            for number in range(self.plan.concurrency)
        ]
        heart = threading.Thread(target=self._beat, daemon=True, name="redrive-leases")
        for thread in (heart, *workers):
            thread.start()
        try:
            while any(worker.is_alive() for worker in workers):
                next((one for one in workers if one.is_alive()), heart).join(_TICK_SECONDS)
                on_tick(self.work.books.counts)
        except BaseException:  # a second signal: what is being sent may still be deleted, no more
            self.work.timing.abort.set()
            self._over.set()
            deadline = time.monotonic() + _ABORT_SECONDS
            for worker in workers:
                worker.join(max(0.0, deadline - time.monotonic()))
            raise
        finally:
            self._over.set()
            self._close()
        if self.bug is not None:
            raise self.bug

    def _close(self) -> None:
        try:
            self.work.books.close()
            if self._waited_out:
                # every lease has ended, and polls brought nothing: what was to be deleted is gone
                self.work.books.deleted(self.work.books.undeleted)
            self.work.books.not_deleted(self.work.undeleted)
        except EdactlError as error:
            self._stop_for(error)
        self.late = self.work.hands.release_all()

    def _beat(self) -> None:
        while not self._over.wait(self.work.hands.lease_seconds / 3):
            self.work.hands.extend()

    def _stop_for(self, error: EdactlError) -> None:
        self.halt = self.halt or error
        self._over.set()

    @property
    def _ending(self) -> bool:
        return self.work.timing.stop() or self._over.is_set()

    def _ended(self) -> bool:
        self._empty = self._empty or self._drained()
        return self._ending or self._budget.spent or self._empty

    # -- a worker --------------------------------------------------------------------------------

    def _work(self) -> None:
        try:
            while not self._ended():
                with self._gate.one():
                    if not self._ended():
                        self._one_batch()
        except EdactlError as error:
            self._stop_for(error)
        except BaseException as error:  # noqa: BLE001 -- raised again by run, on its own thread
            self.bug = error
            self._over.set()

    def _one_batch(self) -> None:
        taken = self._budget.take(self.plan.batch)
        used = 0
        try:
            if not taken or not self._polls.begin():
                self._over.wait(_LET_OTHERS_SECONDS)
                return
            asked_at, failures = self.work.timing.clock(), self.work.delete_failures
            received = self._polled(taken)
            fresh = 0
            try:
                fresh, used = self.work.process(received, asked_at) if received else (0, 0)
            finally:
                self._polls.note(fresh, len(received))
            if self.work.delete_failures > failures:
                self._expect_hidden()
            self._gate.clean()
        finally:
            self._budget.settle(taken, used)

    def _polled(self, count: int) -> list[Received]:
        received: list[Received] = []
        try:
            received = self._receive(count)
        finally:
            self._polls.end(len(received))
        return received

    def _receive(self, count: int) -> list[Received]:
        """A long poll; a lost answer hides what it held for a lease, so the run waits for that."""
        for attempt in range(_RECEIVE_ATTEMPTS):
            try:
                lease = self.work.hands.lease_seconds
                return self._receiver.receive(
                    self.work.queue,
                    count=count,
                    wait_seconds=min(self.plan.wait_seconds, max(1, lease // 3)),
                    visibility_seconds=lease,
                )
            except Throttled as error:
                self._gate.slow_down()
                failure: EdactlError = error
            except (FailedInside, Unreachable) as error:
                self._expect_hidden()
                failure = error
            if self._ending:
                return []
            self._over.wait(backoff_seconds(attempt, self.work.timing.random(), base=0.2))
        raise failure

    # -- the end of the queue --------------------------------------------------------------------

    def _expect_hidden(self) -> None:
        self._hidden_until = self.work.timing.clock() + self.work.hands.lease_seconds

    def _drained(self) -> bool:
        """Whether polls bring nothing new, and nothing that is hidden will come back."""
        if not self._polls.idle:
            return False
        now = self.work.timing.clock()
        if now < self._hidden_until:
            return self._counted_now(now) and self._nothing_hidden(now)
        if self._shown_since < self._hidden_until:  # the polls so far came before the leases ended
            self._shown_since = now
            self._polls.restart()
            return False
        self._waited_out = self._hidden_until > 0
        return True

    def _counted_now(self, now: float) -> bool:
        """Whether it is this worker's turn to ask for the counts: once a second is enough."""
        with self._counting:
            if now < self._count_at:
                return False
            self._count_at = now + _COUNT_SECONDS
            return True

    def _nothing_hidden(self, now: float) -> bool:
        """Whether SQS counts nothing in flight that is not in hand.

        Where a letter could not be deleted the counts have to stay so for a while: they lag.
        """
        found = self.work.keeper.attributes(self.work.queue)
        if found.in_flight > len(self.work.hands):
            self._quiet_since = None
            return False
        if not self.work.books.undeleted:
            return True
        if found.visible or found.delayed or self._quiet_since is None:
            self._quiet_since = None if found.visible or found.delayed else now
            return False
        self._waited_out = now - self._quiet_since >= _QUIET_SECONDS
        return self._waited_out


class _Polls:
    """Counts polls that brought nothing new. One empty answer does not mean an empty queue."""

    def __init__(self, expected: int, enough: int) -> None:
        self._expected, self._most = expected, enough
        self._seen = self._without_news = self._under_way = self._in_work = 0
        self._lock = threading.Lock()

    def begin(self) -> bool:
        """Whether to poll: not when those under way may end it, since each takes a long poll."""
        with self._lock:
            ending = self._without_news and self._without_news + self._under_way >= self._enough
            if ending and self._under_way:
                return False
            self._under_way += 1
            return True

    def end(self, received: int) -> None:
        with self._lock:
            self._under_way -= 1
            self._in_work += received

    def restart(self) -> None:
        with self._lock:
            self._without_news = 0

    def note(self, fresh: int, received: int) -> None:
        with self._lock:
            self._in_work -= received
            self._seen += fresh
            self._without_news = 0 if fresh else self._without_news + 1

    @property
    def _enough(self) -> int:
        """Polls without news that end it: double where SQS said there is more, one where none."""
        if not self._expected and not self._seen:
            return 1
        return self._most if self._seen >= self._expected else 2 * self._most

    @property
    def idle(self) -> bool:
        """Whether enough polls in a row brought no news.

        Never while letters are being worked on: they are news, and may hide the rest of a group.
        """
        with self._lock:
            return not self._in_work and self._without_news >= self._enough
