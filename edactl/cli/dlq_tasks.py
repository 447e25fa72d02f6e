"""`edactl dlq status` and `edactl dlq cancel`: SQS's own move tasks of a DLQ."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import CommandContext, context_of
from edactl.cli.redrive_parameters import DlqArgument, DryRunOption
from edactl.core.arn import parse_queue
from edactl.core.record import record_of
from edactl.errors import ExitStatus

if TYPE_CHECKING:
    from edactl.aws.move_tasks import MoveTasks
    from edactl.core.queue import Queue

COLUMNS = ("status", "started_at", "moved", "to_move", "rate_per_second", "failure_reason")


def status(
    ctx: typer.Context,
    dlq: DlqArgument,
    running: Annotated[
        bool, typer.Option("--running", help="Only the one that runs; exit 1 when none does.")
    ] = False,
) -> int:
    """List the move tasks of a DLQ, the newest first: how far each came.

    A task is what `dlq redrive --engine server` starts, and the console. SQS tells of the ten
    newest, and its counts are approximate.

    \b
    Examples:
      edactl dlq status orders-dlq
      edactl dlq status orders-dlq --running --query '[].moved'
    """
    context = context_of(ctx)
    tasks, queue = _tasks(context, dlq, read_only=True)
    found = [one for one in tasks.recent(queue.arn) if one.is_active or not running]
    context.emitter.records(found, columns=COLUMNS)
    return ExitStatus.NO if running and not found else ExitStatus.DONE


def cancel(ctx: typer.Context, dlq: DlqArgument, dry_run: DryRunOption = False) -> int:
    """Cancel the move task that runs on a DLQ.

    What it has moved stays moved. Exit 1 when none runs.

    \b
    Examples:
      edactl dlq cancel orders-dlq
    """
    context = context_of(ctx)
    tasks, queue = _tasks(context, dlq, read_only=dry_run)
    task = next((one for one in tasks.recent(queue.arn) if one.handle and one.is_active), None)
    if task is None:
        context.messages.warn(f"no move task runs on {queue.name}")
        return ExitStatus.NO
    if not dry_run:
        moved = tasks.cancel(str(task.handle), queue.arn)
        task = replace(task, status="CANCELLING", moved=max(moved, task.moved))
        context.messages.note(f"SQS cancels the move task of {queue.name}; {task.moved} moved")
    context.emitter.result(record_of(task) | ({"dry_run": True} if dry_run else {}))
    return ExitStatus.DONE


def _tasks(context: CommandContext, dlq: str, *, read_only: bool) -> tuple[MoveTasks, Queue]:
    session = context.session(read_only=read_only)
    from edactl.aws.move_tasks import MoveTasks
    from edactl.aws.sqs import SqsQueues

    return MoveTasks(session), SqsQueues(session).find(parse_queue(dlq))
