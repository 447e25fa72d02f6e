"""`edactl queue purge`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

import typer

from edactl.cli.context import context_of
from edactl.cli.queue_parameters import QueueArgument
from edactl.core.arn import parse_queue
from edactl.core.record import record_of


def purge(
    ctx: typer.Context,
    queue: QueueArgument,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Do not ask.")] = False,
    dry_run: Annotated[
        bool, typer.Option("-n", "--dry-run", help="Show what would go; delete nothing.")
    ] = False,
) -> int:
    """Delete every message of a queue, those in flight too. There is no way back.

    SQS takes up to 60 seconds, may delete messages sent meanwhile, and takes one purge a minute.
    Asks first; prints what was done.

    \b
    Examples:
      edactl queue purge orders-dlq --dry-run
      edactl queue peek orders-dlq --limit 1000 -o ndjson > kept.ndjson
      edactl queue purge orders-dlq --yes
    """
    context = context_of(ctx)
    session = context.session(read_only=dry_run)
    from edactl.aws.sqs import SqsQueues
    from edactl.ops.queue_purge import plan_purge
    from edactl.ops.queue_purge import purge as purge_queue

    queues = SqsQueues(session)
    found = queues.find(parse_queue(queue))
    plan = plan_purge(found, queues.attributes(found))
    what = f"every message of queue {found.name} in {found.region}, about {plan.depth}"
    if dry_run:
        context.messages.note(f"would delete {what}")
        context.emitter.result(record_of(plan) | {"dry_run": True})
        return 0
    context.messages.warn("a purge takes up to 60 s and deletes what is sent meanwhile too")
    context.messages.confirm(f"Delete {what}?", yes=yes)
    purge_queue(found, queues)
    done = replace(plan, purged=True, purged_at=datetime.now(UTC))
    context.messages.note(f"deleting {what}; SQS takes up to 60 s")
    context.emitter.result(done)
    return 0
