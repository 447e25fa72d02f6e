"""`edactl dlq list`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import CommandContext, context_of
from edactl.core.arn import name_of
from edactl.core.queue_explain import coarse_span
from edactl.errors import ExitStatus, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edactl.aws.session import AwsSession
    from edactl.core.move_task import MoveTask
    from edactl.core.record import JsonValue
    from edactl.ops.dead_letter_sources import SourceReader
    from edactl.ops.dlq_list import DlqListing, DlqReaders, DlqRow

WORKERS = 16
SERVICES = ("rules", "schedules", "topics", "functions", "pipes")


def list_(
    ctx: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Also queues that look like DLQs and are nobody's.")
    ] = False,
    prefix: Annotated[
        str, typer.Option("--prefix", metavar="TEXT", help="Only names that begin so.")
    ] = "",
    skip: Annotated[
        list[str] | None,
        typer.Option("--skip", metavar="|".join(SERVICES), help="Do not ask these; repeatable."),
    ] = None,
    fail_if_any: Annotated[
        bool, typer.Option("--fail-if-any", help="Status 1 when there are letters: a check.")
    ] = False,
) -> int:
    """List DLQs: letters, when the first one expires, and what sends its failures there.

    Looks at the redrive policy of every queue, and at all buses, rules, schedules, pipes, SNS
    subscriptions and Lambda functions; a service that may not be asked is a warning. The most
    urgent DLQ comes first. Of a standard DLQ the first letter expires earlier than shown, by the
    time that it spent in its source queue. Reads only.

    \b
    Examples:
      edactl dlq list
      edactl dlq list --all --prefix orders -o json
      edactl dlq list --fail-if-any --skip functions -q > /dev/null || page-somebody
    """
    context = context_of(ctx)
    asked = _services_besides(skip or ())
    session = context.session(read_only=True, workers=2 * WORKERS)
    from edactl.ops.dlq_list import list_dlqs

    listing = list_dlqs(
        _readers(session, asked),
        prefix=prefix,
        nobodys=everything,
        now=datetime.now(UTC),
        workers=WORKERS,
    )
    _emit(context, listing)
    found = any(row.letters for row in listing.dlqs)
    return ExitStatus.NO if fail_if_any and found else ExitStatus.DONE


def _services_besides(skipped: Sequence[str]) -> set[str]:
    if unknown := set(skipped) - set(SERVICES):
        raise UsageError(
            f'--skip does not know "{min(unknown)}"', hint=f"one of {', '.join(SERVICES)}"
        )
    return set(SERVICES) - set(skipped)


def _readers(session: AwsSession, asked: set[str]) -> DlqReaders:
    from edactl.aws import dead_letter_sources as aws
    from edactl.aws.cloudwatch import QueueMetrics
    from edactl.aws.move_tasks import MoveTasks
    from edactl.aws.sqs import SqsQueues
    from edactl.ops.dlq_list import DlqReaders

    by_service: dict[str, list[SourceReader]] = {
        "rules": [aws.BusSources(session), aws.RuleSources(session)],
        "schedules": [aws.ScheduleSources(session)],
        "topics": [aws.SubscriptionSources(session)],
        "functions": [aws.FunctionSources(session), aws.MappingSources(session)],
        "pipes": [aws.PipeSources(session)],
    }
    sources = [reader for name in SERVICES if name in asked for reader in by_service[name]]
    return DlqReaders(SqsQueues(session), QueueMetrics(session), MoveTasks(session), sources)


def _emit(context: CommandContext, listing: DlqListing) -> None:
    for warning in listing.warnings:
        context.messages.warn(warning)
    if context.emitter.resolve("ndjson") == "table" and context.emitter.query is None:
        context.emitter.records([_told(row) for row in listing.dlqs])
    else:
        context.emitter.records(listing.dlqs)


def _told(row: DlqRow) -> dict[str, JsonValue]:
    """One DLQ as a person reads it."""
    return {
        "name": row.name,
        "visible": row.visible,
        "in_flight": row.in_flight,
        "delayed": row.delayed,
        "oldest": _span(row.oldest_age_seconds),
        "expires_in": _span(row.expires_in_seconds),
        "sources": ", ".join(f"{one.kind.value} {name_of(one.arn)}" for one in row.sources),
        "moving": _moving(row.move_task),
    }


def _span(seconds: float | None) -> str | None:
    return None if seconds is None else coarse_span(seconds)


def _moving(task: MoveTask | None) -> str | None:
    if task is None:
        return None
    return f"{task.moved} of {task.to_move if task.to_move is not None else '?'}"
