"""Running a redrive once its options are read: look, confirm, carry, count, conclude."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from edactl.cli.journal_file import JournalFile, default_path, new_journal
from edactl.cli.queue_parameters import counted
from edactl.cli.redrive_phases import Phases
from edactl.cli.redrive_report import (
    balance_of,
    confirm_run,
    emit,
    is_cut_by_groups,
    is_missed,
    say_outcome,
    say_plan,
    status_of,
)
from edactl.cli.redrive_server import refuse_server, run_by_server, why_client
from edactl.cli.signals import StopSignal, graceful_stop
from edactl.core.arn import name_of
from edactl.core.journal import JournalHeader, end_line
from edactl.core.redrive import RedriveReport
from edactl.core.redrive_plan import CLIENT, SHOWN_EDITS, Planning
from edactl.core.times import rfc3339
from edactl.errors import ExitStatus

if TYPE_CHECKING:
    from edactl.cli.context import CommandContext
    from edactl.cli.redrive_options import RedriveOptions
    from edactl.cli.redrive_source import Source
    from edactl.core.letter_clusters import WantedCluster
    from edactl.core.record import JsonValue
    from edactl.core.redrive_plan import Chooser
    from edactl.ops.redrive import Outcome
    from edactl.ops.redrive_doors import DoorCache
    from edactl.ops.redrive_guards import Depths
    from edactl.ops.redrive_resume import Resumed


@dataclass(frozen=True)
class Guards:
    """What may stop a run, or hold it back.

    `canary` letters go first, and are waited for `canary_wait` seconds, or as long as they need to
    come back. `max_bounce` is a percentage, `max_backlog` a number of messages.
    """

    canary: int | None = None
    canary_wait: float | None = None
    max_bounce: float | None = None
    max_backlog: int | None = None


@dataclass(frozen=True)
class How:
    """How to run, which does not decide what goes where."""

    concurrency: int = 8
    rate: float | None = None
    dry_run: bool = False
    yes: bool = False
    confirm: str | None = None
    journal: str = ""
    engine: str = "auto"
    guards: Guards = field(default_factory=Guards)

    @property
    def pace(self) -> str:
        """The options that hold a run back, as they are typed: the journal does not have them."""
        given = {
            "--rate": self.rate,
            "--max-backlog": self.guards.max_backlog,
            "--max-bounce": self.guards.max_bounce,
        }
        return "".join(f" {name} {one:.10g}" for name, one in given.items() if one is not None)


@dataclass
class Job:
    """One run, ready to start. `what` says it in words, with about how many letters.

    `resumed` is what an earlier run left; `hidden_seconds` how long that may still hide letters.
    `wanted` is the cluster whose letters were chosen, if one was. `depths` knows how deep queues
    are that letters go to, whatever their region.
    """

    source: Source
    header: JournalHeader
    options: RedriveOptions
    chooser: Chooser
    doors: DoorCache
    how: How
    what: str
    journal: JournalFile | None
    depths: Depths | None = None
    wanted: WantedCluster | None = None
    resumed: Resumed | None = None
    hidden_seconds: float = 0.0
    shows_report: bool = True
    started: float = field(default_factory=time.monotonic)

    @property
    def limit(self) -> int | None:
        """How many letters may still be sent; none when a resumed run was at its end already."""
        if self.resumed is not None and self.resumed.is_done:
            return 0
        if self.options.limit is None:
            return None
        return max(0, self.options.limit - (self.resumed.used if self.resumed else 0))

    @property
    def command(self) -> str:
        """What starts such a run, without its options."""
        name, to = self.source.queue.name, self.header.destination or ""
        if self.header.kind == "move":
            return f"edactl queue move {name} {name_of(to)}"
        return f"edactl dlq {self.header.kind} {name}"

    @property
    def expected(self) -> int:
        """About how many letters there are to look at; what a broken run hides comes back."""
        hidden = self.source.attributes.in_flight if self.resumed is not None else 0
        return self.source.depth + hidden

    def confirm(self, context: CommandContext) -> None:
        """Return when the operator agrees; an empty queue needs no answer. Raises Declined."""
        count = self.expected if self.limit is None else min(self.expected, self.limit)
        if count or (self.resumed is not None and not self.resumed.is_done):
            how, queue = self.how, self.source.queue.name
            confirm_run(context, self.what, queue, count, yes=how.yes, confirm=how.confirm)
            self.started = time.monotonic()  # not while somebody thought about it


def header_of(
    kind: str, source: Source, destination: str | None, options: dict[str, JsonValue]
) -> JournalHeader:
    """The header of a new run."""
    now = datetime.now(UTC)
    queue = source.queue
    return JournalHeader(
        run_id=f"{now:%Y%m%dT%H%M%SZ}-{os.urandom(3).hex()}",
        kind=kind,
        account=queue.account,
        region=queue.region,
        queue_arn=queue.arn,
        destination=destination,
        options=options,
        started_at=rfc3339(now.replace(microsecond=0)),
    )


def confirm_and_run(context: CommandContext, job: Job) -> int:
    """Ask, unless it is a dry run, then run, by SQS's own task where that will do."""
    refuse_server(job)
    if job.how.dry_run:
        return run(context, job)
    if stopped := _show_edits(context, job):
        return stopped
    job.confirm(context)
    status = run_by_server(context, job)
    return run(context, job) if status is None else status


def _show_edits(context: CommandContext, job: Job) -> ExitStatus:
    """Look at letters until the first edits are shown, where somebody is to agree to them."""
    asks = context.messages.can_ask and not job.how.yes and job.how.confirm is None
    if not (asks and job.options.edit and job.resumed is None and job.expected):
        return ExitStatus.DONE
    limit = SHOWN_EDITS if job.limit is None else min(job.limit, SHOWN_EDITS)
    with graceful_stop() as stop:
        Phases(context, replace(job, journal=None), stop).look(Planning(job.chooser, limit))
        return stop.status


def journal_for(context: CommandContext, header: JournalHeader, how: How) -> JournalFile | None:
    """The journal of a new run; none for a dry run."""
    if how.dry_run:
        return None
    path = Path(how.journal) if how.journal else default_path(context.environment, header.run_id)
    return new_journal(path, header)


def run(context: CommandContext, job: Job) -> int:
    """Carry the job's letters, or only look at them in a dry run, and report; the exit status.

    The operator has agreed.
    """
    if job.resumed is not None and job.resumed.is_done:
        context.messages.note(f"run {job.header.run_id} had come to its end; nothing is left of it")
    with graceful_stop() as stop:
        return _look(context, job, stop) if job.how.dry_run else _carry(context, job, stop)


def _look(context: CommandContext, job: Job, stop: StopSignal) -> int:
    in_order = job.source.queue.is_fifo and not job.options.allow_reorder
    planning = Planning(job.chooser, job.limit, in_order)
    done = Phases(context, job, stop).look(planning)
    if done.halt is not None:
        raise done.halt
    plan = planning.plan(job.how.rate, why_client(context, job, planning))
    report = replace(_report(job, done), engine=plan.engine)
    would = replace(report, sent=planning.going, skipped=report.received - planning.going)
    say_plan(context, job.source.queue.name, would, plan)
    emit(context, would, plan, dry_run=True)
    if not (planning.is_full or stop()):
        is_cut_by_groups(context, job.source, report.received)
    missed = is_missed(context, job.source.queue.name, job.wanted)
    return stop.status or (ExitStatus.NO if missed else ExitStatus.DONE)


def _carry(context: CommandContext, job: Job, stop: StopSignal) -> int:
    try:
        done = Phases(context, job, stop).run()
    except BaseException:
        _say_resume(context, job)
        raise
    context.progress.clear()
    if done.halt is None and not (done.counts.sent or done.counts.ambiguous):
        done = replace(done, halt=job.doors.in_vain)
    report = _report(job, done)
    _close(job, report, ended=done.halt is None and not stop())
    if done.halt is not None and not (report.sent or report.ambiguous or report.failed):
        raise done.halt
    if not report.received and done.halt is None and not stop():
        context.messages.note(f"{job.source.queue.name} has no letter to take now")
    say_outcome(context, job.source.queue.name, report, done)
    if report.skipped and not job.options.chooses:
        context.messages.note(
            f"{job.command} --dry-run says why {counted(report.skipped, 'letter')} stayed"
        )
    if job.shows_report:
        emit(context, report)
    if done.halt is not None:
        context.messages.error(done.halt)
    status = status_of(done, stop.status)
    if done.halt is not None or stop() or done.unresolved or done.undeleted:
        _say_resume(context, job)
    missed = not report.sent and is_missed(context, job.source.queue.name, job.wanted)
    return status or (ExitStatus.NO if missed else ExitStatus.DONE)


def _report(job: Job, done: Outcome) -> RedriveReport:
    written = job.journal is not None and job.journal.exists
    return RedriveReport(
        run_id=job.header.run_id,
        journal=str(job.journal.path) if job.journal and written else None,
        **vars(done.counts),
        remaining=done.remaining,
        engine=CLIENT,
        duration_seconds=round(time.monotonic() - job.started, 3),
        failures=done.failures,
    )


def _close(job: Job, report: RedriveReport, *, ended: bool) -> None:
    if job.journal is None or not job.journal.exists:
        return
    if ended:
        job.journal.write(end_line(balance_of(report)))
    job.journal.close()


def _say_resume(context: CommandContext, job: Job) -> None:
    if job.journal is not None and job.journal.exists:
        context.messages.warn(
            f"not at its end; go on with edactl dlq redrive {job.source.queue.name}"
            f" --resume {job.journal.path}{job.how.pace}"
        )
