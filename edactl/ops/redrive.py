"""One run of the client engine, put together: what a command hands in, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edactl.core.redrive import Ledger, RedriveCounts, RedriveFailure
from edactl.errors import EdactlError
from edactl.ops.redrive_batch import BatchWork
from edactl.ops.redrive_books import Books
from edactl.ops.redrive_deliver import Deliverer
from edactl.ops.redrive_engine import BATCH, Engine, Plan
from edactl.ops.redrive_hands import InHand
from edactl.ops.redrive_limits import Budget, Gate, RatePacer
from edactl.ops.redrive_ports import LEASE_SECONDS, NoJournal, NoPace
from edactl.ops.redrive_resume import settle_leases

if TYPE_CHECKING:
    from collections.abc import Callable

    from edactl.core.queue import Queue
    from edactl.core.redrive_plan import Chooser
    from edactl.ops.redrive_ports import Doors, JournalWriter, Keeper, Pacer, Receiver, Timing
    from edactl.ops.redrive_resume import Resumed


@dataclass
class Setup:
    """A run: where letters come from, what decides about them, the ways out, and its limits.

    `expected` is how many letters the queue says it has. `hidden_seconds` is how long an earlier
    run may still hide some. `pacer` says when letters may go; None is by `rate` a second.
    `ledger` has the letters of an earlier part of the same run; without, of the resumed one.
    `patient` is for an SQS that may hold back what it has; the sandbox shows all at once.
    """

    queue: Queue
    keeper: Keeper
    receiver: Receiver
    chooser: Chooser
    doors: Doors
    timing: Timing
    expected: int
    journal: JournalWriter = field(default_factory=NoJournal)
    resumed: Resumed | None = None
    ledger: Ledger | None = None
    hidden_seconds: float = 0.0
    concurrency: int = 8
    rate: float | None = None
    pacer: Pacer | None = None
    limit: int | None = None
    lease_seconds: int = LEASE_SECONDS
    allow_reorder: bool = False
    patient: bool = True


@dataclass(frozen=True)
class Outcome:
    """What came of a run. `halt` is why it had to stop early, if it had.

    `late` letters could not be given back at once and `lapsed` ones were too many to hold: they
    come back when their lease ends. `undeleted` are in both places. `remaining` is what SQS says is
    left, None when it does not say.
    """

    counts: RedriveCounts
    failures: tuple[RedriveFailure, ...]
    halt: EdactlError | None
    late: int
    lapsed: int
    undeleted: int
    unresolved: int
    remaining: int | None


def redrive(setup: Setup, on_tick: Callable[[RedriveCounts], None]) -> Outcome:
    """Carry letters until the limit, the end of the queue, a halt or a stop."""
    ledger = setup.ledger or (setup.resumed.ledger if setup.resumed else Ledger())
    books = Books(ledger, setup.journal)
    hands = InHand(setup.queue, setup.keeper, setup.lease_seconds, setup.timing.clock)
    gate = Gate(setup.concurrency)
    work = BatchWork(
        queue=setup.queue,
        keeper=setup.keeper,
        hands=hands,
        books=books,
        chooser=setup.chooser,
        deliverer=Deliverer(setup.doors, setup.timing, gate.slow_down),
        pacer=_pacer(setup),
        timing=setup.timing,
        allow_reorder=setup.allow_reorder,
    )
    if setup.resumed is not None:
        work.lost_at.update(setup.resumed.lost_at)
        settle_leases(setup.resumed, setup.queue, setup.keeper, books)
    engine = Engine(work, setup.receiver, _plan(setup), Budget(setup.limit), gate)
    engine.run(on_tick)
    return Outcome(
        counts=books.counts,
        failures=books.failures,
        halt=engine.halt,
        late=engine.late,
        lapsed=hands.lapsed,
        undeleted=len(books.undeleted),
        unresolved=len(ledger.unresolved),
        remaining=_remaining(setup),
    )


def _pacer(setup: Setup) -> Pacer:
    return setup.pacer or pacer_of(setup.rate, setup.timing)


def pacer_of(rate: float | None, timing: Timing) -> Pacer:
    """What lets letters go at so many a second; as fast as it goes without a rate."""
    return NoPace() if rate is None else RatePacer(rate, timing.clock, timing.wait)


def _plan(setup: Setup) -> Plan:
    batch = BATCH if setup.rate is None else max(1, min(BATCH, int(setup.rate)))
    hidden_until = setup.timing.clock() + setup.hidden_seconds
    patience = (3, 2) if setup.patient else (1, 1)
    return Plan(setup.concurrency, setup.expected, batch, hidden_until, *patience)


def _remaining(setup: Setup) -> int | None:
    try:
        found = setup.keeper.attributes(setup.queue)
    except EdactlError:  # the run itself is what counts
        return None
    return found.visible + found.in_flight + found.delayed
