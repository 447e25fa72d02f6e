"""The server engine of `dlq redrive`: whether SQS's own move task will do, and running it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.aws.move_tasks import MoveTasks
from edactl.aws.sqs import SqsQueues
from edactl.cli.queue_parameters import counted
from edactl.cli.redrive_report import emit
from edactl.cli.signals import graceful_stop
from edactl.core.arn import arn_of
from edactl.core.move_task import MAXIMUM_RATE_PER_SECOND
from edactl.core.redrive import RedriveReport
from edactl.core.redrive_plan import CLIENT
from edactl.core.redrive_plan import SERVER as ENGINE
from edactl.core.redrive_targets import Kind, kind_of
from edactl.errors import (
    AwsError,
    ExitStatus,
    FailedInside,
    Throttled,
    Unreachable,
    UsageError,
)
from edactl.ops.queue_list import sources_of
from edactl.ops.redrive_server import TaskWatch

if TYPE_CHECKING:
    from collections.abc import Callable

    from edactl.cli.context import CommandContext
    from edactl.cli.redrive_run import Job
    from edactl.core.journal import JournalHeader
    from edactl.core.move_task import MoveTask
    from edactl.core.redrive_plan import Planning

NO_SOURCE = "CouldNotDetermineMessageSource"
_NOTE_EVERY_SECONDS = 30.0
_WORKERS = 4


def why_not(job: Job) -> str | None:
    """What of a job SQS's move task cannot do, in words; None when it can do all.

    Source: SQS API reference, StartMessageMoveTask.
    """
    how, options = job.how, job.options
    asks = {
        "a move task moves a whole DLQ alone": options.chooses,
        "a move task cannot edit": bool(options.edit),
        "a move task puts nothing on a bus": bool(options.via),
        "a move task moves to queues alone": not _is_queue(job.header.destination),
        "a move task stays in its region": not _is_near(job.header),
        "a move task keeps no journal": bool(how.journal) or job.resumed is not None,
        "a move task takes no canaries first": how.guards.canary is not None,
        "a move task does not look at what comes back": how.guards.max_bounce is not None,
        "a move task does not look at backlogs": how.guards.max_backlog is not None,
        f"a move task takes whole rates up to {MAXIMUM_RATE_PER_SECOND}": not _rate_fits(how.rate),
        "a move task only redrives": job.header.kind != "redrive",
    }
    return next((words for words, wanted in asks.items() if wanted), None)


def _is_queue(destination: str | None) -> bool:
    return destination is None or kind_of(destination) is Kind.QUEUE


def _is_near(header: JournalHeader) -> bool:
    arn = arn_of(header.destination)
    return arn is None or arn.region == header.region


def _rate_fits(rate: float | None) -> bool:
    return rate is None or (rate == int(rate) and 1 <= rate <= MAXIMUM_RATE_PER_SECOND)


def refuse_server(job: Job) -> None:
    """Raises UsageError where `--engine server` cannot do what was asked."""
    reason = why_not(job)
    if job.how.engine == ENGINE and reason is not None:
        raise UsageError(f"--engine server: {reason}", hint="--engine client")


def why_client(context: CommandContext, job: Job, planning: Planning) -> str | None:
    """What of a run needs the client engine, as a look at its letters tells; None for nothing.

    Warns where SQS would not do what `--engine server` asks of it. Raises AwsError where such a run
    would: at an endpoint without move tasks.
    """
    if job.how.engine == CLIENT:
        return "--engine client"
    if reason := why_not(job):
        return reason
    if not job.expected:
        return "there is no letter to move"
    asked = job.how.engine == ENGINE
    try:
        MoveTasks(job.source.session).recent(job.source.queue.arn)
    except AwsError as error:
        if asked:
            raise
        return f"SQS does not tell of move tasks here ({error.code})"
    reason = _why_refused(job, planning)
    if asked and reason:
        context.messages.warn(f"--engine server: SQS will not move them all: {reason}")
    return None if asked else reason


def _why_refused(job: Job, planning: Planning) -> str | None:
    """Why SQS would not start a task, or fail it; None when it will do."""
    queue = job.source.queue
    if not sources_of(queue, SqsQueues(job.source.session), workers=_WORKERS):
        return f"no queue's redrive policy names {queue.name}, as a move task wants"
    if planning.sourceless and job.header.destination is None:
        return f"SQS does not know where {counted(planning.sourceless, 'letter')} came from"
    return None


def run_by_server(context: CommandContext, job: Job) -> int | None:
    """Have SQS move the letters if that was asked for or will do; the exit status.

    None when the client engine is to do it.
    """
    reason = why_not(job)
    if job.how.engine == CLIENT or reason is not None or not job.expected:
        return None
    try:
        return _Moved(context, job).run()
    except (FailedInside, Unreachable, Throttled):
        raise
    except AwsError as error:
        if job.how.engine == ENGINE:
            raise
        context.messages.detail(f"the client engine does it, since SQS will not: {error.message}")
        return None


@dataclass
class _Moved:
    context: CommandContext
    job: Job
    moved: int = 0

    def run(self) -> int | None:
        """Start the task, watch it, and report."""
        rate, source = self.job.how.rate, self.job.source
        with graceful_stop() as stop:
            watch = TaskWatch(
                MoveTasks(source.session), stop, stop.wait, time.monotonic, self._progress()
            )
            task = watch.run(
                source.queue.arn,
                destination_arn=self.job.header.destination,
                rate_per_second=None if rate is None else int(rate),
            )
            self.context.progress.clear()
            return self._conclude(task, stop.status if stop() else ExitStatus.DONE)

    def _progress(self) -> Callable[[MoveTask], None]:
        context, name = self.context, self.job.source.queue.name
        said_at = time.monotonic()

        def show(task: MoveTask) -> None:
            nonlocal said_at
            self.moved = task.moved
            text = f"{name}: SQS has moved {task.moved} of about {task.to_move or '?'}"
            if context.terminal.is_tty(context.terminal.stderr):
                context.progress.show(lambda: text)
            elif time.monotonic() - said_at >= _NOTE_EVERY_SECONDS:
                said_at = time.monotonic()
                context.messages.note(text)

        return show

    def _conclude(self, task: MoveTask, stop_status: ExitStatus) -> int | None:
        name, messages = self.job.source.queue.name, self.context.messages
        if task.failure_reason == NO_SOURCE and self.job.how.engine == "auto":
            messages.note(
                f"{name}: SQS does not know where some letters came from; after {task.moved} the"
                " client engine goes on"
            )
            return None
        messages.note(f"{name}: the move task is {task.status}, about {task.moved} moved")
        emit(self.context, self._report(task))
        if task.status == "FAILED":
            messages.error(self._failure(task))
            return ExitStatus.AWS
        if stop_status is not ExitStatus.DONE:
            return stop_status
        return ExitStatus.DONE if task.status == "COMPLETED" else ExitStatus.PARTLY

    def _failure(self, task: MoveTask) -> AwsError:
        name, reason = self.job.source.queue.name, task.failure_reason or "no reason given"
        return AwsError(
            f"{name}: SQS could not move all letters ({reason}); the rest is where it was",
            code=reason,
            operation="sqs:StartMessageMoveTask",
            hint=f"edactl dlq redrive {name} --engine client",
        )

    def _report(self, task: MoveTask) -> RedriveReport:
        job = self.job
        left = job.source.queues.attributes(job.source.queue)
        return RedriveReport(
            run_id=job.header.run_id,
            journal=None,
            received=task.moved,
            sent=task.moved,
            deleted=task.moved,
            skipped=0,
            failed=0,
            ambiguous=0,
            bounced=0,
            remaining=left.visible + left.in_flight + left.delayed,
            engine=ENGINE,
            duration_seconds=round(time.monotonic() - job.started, 3),
            failures=(),
        )
