"""The parts of a run: canaries, the wait for them, and the rest, all under the guards asked for.

A guard that stops the run is its halt; what was sent until then stays sent.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from edactl.aws.cloudwatch import QueueMetrics
from edactl.cli.queue_parameters import counted
from edactl.cli.redrive_progress import RunProgress
from edactl.cli.redrive_source import timing_of
from edactl.core.redrive import Ledger, RedriveCounts, Step
from edactl.errors import EdactlError, GuardError
from edactl.ops.dlq_inspect import Inspection, inspect
from edactl.ops.redrive import Outcome, Setup, pacer_of, redrive
from edactl.ops.redrive_guards import (
    BacklogPacer,
    BacklogWatch,
    Breaker,
    bounce_window_seconds,
)
from edactl.ops.redrive_ports import NoJournal

if TYPE_CHECKING:
    from edactl.cli.context import CommandContext
    from edactl.cli.redrive_run import Job
    from edactl.cli.signals import StopSignal
    from edactl.core.message import Message
    from edactl.core.queue import Queue
    from edactl.core.redrive_plan import Chooser, Planning
    from edactl.ops.redrive_ports import Pacer, Timing

_LOOKS_AT = 100_000
_NOTE_EVERY_SECONDS = 30.0


@dataclass
class Phases:
    """One run of a job."""

    context: CommandContext
    job: Job
    stop: StopSignal

    def __post_init__(self) -> None:
        resumed, percent = self.job.resumed, self.job.how.guards.max_bounce
        self.ledger = resumed.ledger if resumed else Ledger()
        self._received_before = self.ledger.counts.received
        self.breaker = Breaker(percent) if percent is not None else None
        self.timing = timing_of(self.stop, self._tripped)
        self.depths = self.job.depths or self.job.source.queues
        self.backlogs = BacklogWatch(
            region=self.job.source.queue.region,
            destinations=lambda: self.job.doors.queues,
            depths=self.depths,
            ages=QueueMetrics(self.job.source.session),
            clock=time.monotonic,
            now=lambda: datetime.now(UTC),
        )
        self._said_at = float("-inf")

    def look(self, planning: Planning) -> Outcome:
        """Only look at letters, as the planning decides, and give all back."""
        timing = timing_of(self.stop, lambda: planning.is_full)
        return self._engine(planning, timing, limit=None, first=True)

    def run(self) -> Outcome:
        """Carry the letters; the outcome's halt tells of a guard that stopped the run."""
        limit, canary = self.job.limit, self.job.how.guards.canary
        if canary is None or (limit is not None and limit <= canary):
            return self._guarded(self._carry(limit, first=True))
        done = self._carry(canary, first=True)
        drained = done.counts.sent + done.counts.ambiguous < canary
        if done.halt is not None or self.stop() or drained:
            return self._guarded(done)
        halt = self._await_canaries(done)
        if halt is not None or self.stop():
            return replace(done, counts=self.ledger.counts, halt=halt)
        rest = None if limit is None else limit - canary
        return self._guarded(self._carry(rest, first=False))

    def _carry(self, limit: int | None, *, first: bool) -> Outcome:
        return self._engine(self.job.chooser, self.timing, limit=limit, first=first)

    def _engine(
        self, chooser: Chooser, timing: Timing, *, limit: int | None, first: bool
    ) -> Outcome:
        job, source = self.job, self.job.source
        setup = Setup(
            queue=source.queue,
            keeper=source.queues,
            receiver=source.once,
            chooser=chooser,
            doors=job.doors,
            timing=timing,
            expected=self._still_expected,
            journal=job.journal or NoJournal(),
            resumed=job.resumed if first else None,
            ledger=self.ledger,
            hidden_seconds=job.hidden_seconds if first else 0.0,
            concurrency=job.how.concurrency,
            rate=job.how.rate,
            pacer=self._pacer(timing),
            limit=limit,
            lease_seconds=job.options.lease_seconds,
            allow_reorder=job.options.allow_reorder or job.how.dry_run,
            patient=self.context.sandbox is None,
        )
        progress = RunProgress(
            self.context, source.queue.name, job.expected, job.limit, self.backlogs.deepest
        )
        try:
            return redrive(setup, lambda counts: self._tick(counts, progress))
        finally:
            self.context.progress.clear()

    @property
    def _still_expected(self) -> int:
        """Of what was there at the start: what earlier runs of the journal took was not."""
        taken = self.ledger.counts.received - self._received_before
        return max(0, self.job.expected - taken)

    # -- guards ------------------------------------------------------------------------------------

    def _tick(self, counts: RedriveCounts, progress: RunProgress) -> None:
        progress.show(counts)
        if self.breaker is not None:
            self.breaker.note(counts)

    def _tripped(self) -> bool:
        return self.breaker is not None and self.breaker.tripped

    def _guarded(self, done: Outcome) -> Outcome:
        if self.breaker is None:
            return done
        self.breaker.note(done.counts)
        if not self.breaker.tripped or done.halt is not None:
            return done
        counts, name = done.counts, self.job.source.queue.name
        halt = GuardError(
            f"{counts.bounced} of {counts.sent} letters came back to {name}: more than"
            f" {self.breaker.percent:g} %",
            hint=f"mend what fails, then go on; edactl dlq inspect {name} says why",
        )
        return replace(done, halt=halt)

    def _pacer(self, timing: Timing) -> Pacer | None:
        job = self.job
        if job.how.guards.max_backlog is None or job.how.dry_run:
            return None
        return BacklogPacer(
            inner=pacer_of(job.how.rate, timing),
            most=job.how.guards.max_backlog,
            destinations=lambda: job.doors.queues,
            depths=self.depths,
            clock=timing.clock,
            wait_for=timing.wait,
            on_wait=self._say_backlog,
        )

    def _say_backlog(self, queue: Queue, depth: int) -> None:
        now = time.monotonic()
        if now - self._said_at >= _NOTE_EVERY_SECONDS:
            self._said_at = now
            self.context.messages.note(
                f"{queue.name} has {depth} messages waiting, more than --max-backlog"
                f" {self.job.how.guards.max_backlog}: waiting for its consumers"
            )

    # -- canaries ----------------------------------------------------------------------------------

    def _await_canaries(self, done: Outcome) -> GuardError | None:
        """Wait until the canaries would be back, and look; why not to go on, if so."""
        note, name = self.context.messages.note, self.job.source.queue.name
        seconds = self._window_seconds()
        if seconds is None:
            note(f"nothing that takes the letters sends them back to {name}; going on")
            return None
        sent = done.counts.sent + done.counts.ambiguous
        note(
            f"{counted(sent, 'letter')} sent first; looking in {seconds:g} s whether they are back"
        )
        if self.stop.wait(seconds):
            return None
        bounced = self._look_for_canaries()
        allowed = self.job.how.guards.max_bounce or 0.0
        if bounced * 100 <= allowed * sent:
            note(f"{bounced} of {sent} canaries came back to {name}; going on")
            return None
        return GuardError(
            f"{bounced} of {sent} canaries came back to {name}: what failed is not mended",
            hint=f"edactl dlq inspect {name} says why; --max-bounce PERCENT allows some",
        )

    def _window_seconds(self) -> float | None:
        if self.job.how.guards.canary_wait is not None:
            return self.job.how.guards.canary_wait
        found = []
        for queue in self.job.doors.queues:
            try:
                found.append(self.depths.attributes(queue))
            except EdactlError as error:
                self.context.messages.warn(f"how long {queue.name} tries is not known: {error}")
        return bounce_window_seconds(self.job.source.queue.arn, found)

    def _look_for_canaries(self) -> int:
        """How many letters are in the DLQ again, under the ids that they were sent with."""
        source, before = self.job.source, self.ledger.counts.bounced

        def visit(message: Message) -> None:
            if self.ledger.step(message.message_id) is Step.RETURNED:
                self.ledger.receive(message.message_id)

        depth = source.queues.attributes(source.queue).visible
        look = Inspection(_LOOKS_AT, depth, None, time.monotonic, self.stop)
        inspect(source.queue, source.queues, look, visit)
        return self.ledger.counts.bounced - before
