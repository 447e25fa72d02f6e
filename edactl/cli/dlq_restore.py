"""`edactl dlq restore`."""

from __future__ import annotations

import os
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli import redrive_parameters as shared
from edactl.cli.context import CommandContext, context_of
from edactl.cli.journal_file import (
    JournalFile,
    cut_after,
    journal_entries,
    journal_path,
    read_journal_header,
)
from edactl.cli.queue_parameters import counted
from edactl.cli.redrive_report import confirm_run, emit
from edactl.cli.redrive_source import timing_of
from edactl.cli.signals import StopSignal, graceful_stop
from edactl.core.arn import parse_queue
from edactl.core.journal_reading import refuse_other
from edactl.core.redrive import RedriveReport
from edactl.errors import AwsError, ExitStatus, InputError

if TYPE_CHECKING:
    from pathlib import Path

    from edactl.aws.session import AwsSession
    from edactl.core.journal import JournalHeader
    from edactl.core.queue import Queue
    from edactl.ops.redrive_restore import Backup, Restoring

_SHOWN_FAILURES = 5


def restore(
    ctx: typer.Context,
    journal: Annotated[
        str, typer.Argument(metavar="JOURNAL", help="A journal's file, or its run id.")
    ],
    to: Annotated[
        str, typer.Option("--to", metavar="QUEUE", help="Send to this queue instead.")
    ] = "",
    unsent: Annotated[
        bool,
        typer.Option("--unsent", help="Only letters whose arrival the journal does not know."),
    ] = False,
    yes: shared.YesOption = False,
    confirm: shared.ConfirmOption = None,
    dry_run: Annotated[
        bool, typer.Option("-n", "--dry-run", help="Count what would be sent; send nothing.")
    ] = False,
) -> int:
    """Send the letters of a journal again, when they are gone: it holds each in full.

    They go to where the run sent them, by the same way: a rule's to its target, as it is now;
    dropped ones back into their DLQ. They are new messages:
    a letter that still exists somewhere is there twice then. Letters that the run did not send
    because they were refused are in the DLQ, and are left out unless --unsent. What was restored
    is written into the journal, so that a restore that broke off goes on where it was.

    \b
    Examples:
      edactl dlq restore 20260131T080000Z-1f0c9a --dry-run
      edactl dlq restore backup.ndjson --to orders-again --yes
      edactl dlq restore backup.ndjson --unsent --yes
    """
    context = context_of(ctx)
    path = journal_path(journal, context.environment)
    if dry_run:
        return _task(context, path, to, unsent=unsent).show()
    with closing(JournalFile.going_on(path)) as file:
        return _task(context, path, to, unsent=unsent).run(file, yes=yes, confirm=confirm)


def _task(context: CommandContext, path: Path, to: str, *, unsent: bool) -> _Task:
    from edactl.ops.redrive_restore import read_backup

    header = read_journal_header(path)
    return _Task(context, path, header, read_backup(journal_entries(path)), to, unsent)


@dataclass
class _Task:
    context: CommandContext
    path: Path
    header: JournalHeader
    backup: Backup
    to: str
    unsent: bool

    def show(self) -> int:
        """Say what would be sent."""
        self._queue(read_only=True)
        count = self.backup.count(unsent=self.unsent)
        self.context.messages.note(f"would send {self._what(count)}")
        emit(self.context, self._report(count, None, 0.0), dry_run=True)
        return ExitStatus.DONE

    def run(self, file: JournalFile, *, yes: bool, confirm: str | None) -> int:
        """Send them, and report."""
        session, queue = self._queue(read_only=False)
        count = self.backup.count(unsent=self.unsent)
        if not count:
            self.context.messages.note(f"{self.path} holds no letter that is to be sent again")
        else:
            what = f"Send {self._what(count)}? What still exists is there twice then."
            confirm_run(self.context, what, queue.name, count, yes=yes, confirm=confirm)
        started = time.monotonic()
        with graceful_stop() as stop:
            done = self._restoring(session, queue, file, stop)
            self._cut()
            done.run(journal_entries(self.path), stop)
        return self._conclude(done, time.monotonic() - started, stop)

    def _conclude(self, done: Restoring, seconds: float, stop: StopSignal) -> int:
        if done.halt is not None and not done.sent:
            raise done.halt
        messages = self.context.messages
        messages.note(
            f"{counted(done.sent, 'letter')} sent again, {done.failed} failed,"
            f" {done.ambiguous} ambiguous"
        )
        for one in done.failures[:_SHOWN_FAILURES]:
            messages.warn(f"message {one.message_id}: {one.error_message} ({one.error_code})")
        emit(self.context, self._report(done.sent, done, seconds))
        if done.halt is not None:
            messages.error(done.halt)
            return done.halt.status if isinstance(done.halt, AwsError) else ExitStatus.PARTLY
        if done.failed or done.ambiguous:
            return ExitStatus.PARTLY
        return stop.status

    def _what(self, count: int) -> str:
        place = self.to or self._destination_name or "where each came from"
        which = "that did not arrive for certain" if self.unsent else "again"
        return f"{counted(count, 'letter')} of run {self.header.run_id} {which} to {place}"

    @property
    def _destination_name(self) -> str:
        return (self.header.destination or "").rpartition(":")[2]

    def _queue(self, *, read_only: bool) -> tuple[AwsSession, Queue]:
        """The queue to send to, or the DLQ of the journal: it tells account and region."""
        session = self.context.session(read_only=read_only)
        from edactl.aws.sqs import SqsQueues

        queues = SqsQueues(session)
        name = self.to or self.header.queue_name
        queue = queues.find(parse_queue(name))
        if not self.to:
            refuse_other(self.header, queue.account, queue.region, str(self.path))
        elif queue.is_fifo is not self.header.queue_name.endswith(".fifo"):
            raise InputError(
                f"its letters are of {self.header.queue_name}, a queue of the other type"
                f" than {queue.name}",
                where=str(self.path),
                hint="FIFO letters go to FIFO queues, others to others",
            )
        return session, queue

    def _restoring(
        self, session: AwsSession, queue: Queue, file: JournalFile, stop: StopSignal
    ) -> Restoring:
        from edactl.cli.redrive_doors import Ways
        from edactl.ops.redrive_deliver import Deliverer
        from edactl.ops.redrive_restore import Restoring

        ways = Ways(self.context, session, queue, f"restore-{os.urandom(6).hex()}")
        doors = ways.doors(one_place=bool(self.to or self.header.destination))
        deliverer = Deliverer(doors, timing_of(stop), lambda: None)
        arn = queue.arn if self.to else None
        return Restoring(self.backup, deliverer, file, arn, self.unsent, queue.is_fifo)

    def _cut(self) -> None:
        size = sum(size for _, size in journal_entries(self.path))
        cut_after(self.path, size)

    def _report(self, sent: int, done: Restoring | None, seconds: float) -> RedriveReport:
        skipped = self.backup.letters - sent
        counts = vars(done.counts) if done else {"received": self.backup.letters, "sent": sent}
        zeros = {"deleted": 0, "skipped": skipped, "failed": 0, "ambiguous": 0, "bounced": 0}
        return RedriveReport(
            run_id=f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-restore",
            journal=str(self.path),
            **(zeros | counts),
            remaining=None,
            engine="restore",
            duration_seconds=round(seconds, 3),
            failures=tuple(done.failures) if done else (),
        )
