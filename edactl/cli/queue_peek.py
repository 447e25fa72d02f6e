"""`edactl queue peek`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import CommandContext, context_of
from edactl.cli.queue_parameters import JsonBodyOption, QueueArgument, counted
from edactl.cli.signals import graceful_stop
from edactl.core.arn import parse_queue
from edactl.core.message import record_with_json_body
from edactl.core.record import record_of

if TYPE_CHECKING:
    from edactl.core.queue import Queue
    from edactl.ops.queue_peek import Peeked

COLUMNS = ("message_id", "sent_at", "receive_count", "group_id", "body")


def peek(
    ctx: typer.Context,
    queue: QueueArgument,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=1, help="Look at up to N messages.")
    ] = 10,
    json_body: JsonBodyOption = False,
    force: Annotated[
        bool, typer.Option("--force", help="Look even if it uses up a redrive policy's receives.")
    ] = False,
) -> int:
    """Look at messages under a lease and give every one back at once.

    A look raises each message's receive count. A queue whose redrive policy is so tight that looks
    could push messages to its DLQ is refused (status 3) without --force. Of each FIFO group only
    the first messages show: SQS holds the rest back while these are in hand.

    \b
    Examples:
      edactl queue peek orders-dlq
      edactl queue peek orders-dlq --limit 100 -o ndjson > letters.ndjson
      edactl queue peek orders --json-body --query '[].json_body.detail'
    """
    context = context_of(ctx)
    session = context.session()
    from edactl.aws.sqs import SqsQueues
    from edactl.ops.queue_peek import Look, refuse_to_use_up_receives
    from edactl.ops.queue_peek import peek as peek_queue

    queues = SqsQueues(session)
    found = queues.find(parse_queue(queue))
    attributes = queues.attributes(found)
    policy = None if force else attributes.redrive_policy
    refuse_to_use_up_receives(found, policy)
    with graceful_stop() as stop:
        look = Look(limit, attributes.visible, policy, time.monotonic, stop)
        peeked = peek_queue(found, queues, look)
    _say(context, found, peeked)
    record = record_with_json_body if json_body else record_of
    context.emitter.records([record(message) for message in peeked.messages], columns=COLUMNS)
    if peeked.guard is not None:
        raise peeked.guard
    return stop.status


def _say(context: CommandContext, queue: Queue, peeked: Peeked) -> None:
    count = len(peeked.messages)
    if peeked.not_released:
        context.messages.warn(
            f"{counted(peeked.not_released)} of {queue.name} could not be given back;"
            " SQS shows them again within a minute"
        )
    if count:
        context.messages.note(
            f"looked at {counted(count)} of {queue.name} and gave all back;"
            " a look raises the receive count by 1"
        )
    else:
        context.messages.note(f"no message to see in {queue.name} now")
