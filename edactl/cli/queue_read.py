"""`edactl queue list` and `edactl queue show`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import CommandContext, context_of
from edactl.cli.queue_parameters import QueueArgument
from edactl.core.arn import parse_queue
from edactl.core.record import record_of

if TYPE_CHECKING:
    from edactl.core.queue_policy import Grant
    from edactl.core.record import JsonValue
    from edactl.ops.queue_show import QueueDetails

WORKERS = 16
COLUMNS = ("name", "visible", "in_flight", "delayed", "oldest_age_seconds", "dlq", "sources")


def list_(
    ctx: typer.Context,
    prefix: Annotated[
        str, typer.Option("--prefix", metavar="TEXT", help="Only names that begin so.")
    ] = "",
) -> int:
    """List queues: visible, in flight, delayed, oldest message, DLQ and sources. Reads only.

    The oldest age comes from CloudWatch, where a queue in use reports it once a minute; it is null
    elsewhere. All counts are approximate.

    \b
    Examples:
      edactl queue list
      edactl queue list --prefix orders -o json
      edactl queue list -o ndjson --query '[?visible > `0`].name'
    """
    context = context_of(ctx)
    session = context.session(read_only=True, workers=WORKERS)
    from edactl.aws.cloudwatch import QueueMetrics
    from edactl.aws.sqs import SqsQueues
    from edactl.ops.queue_list import list_queues

    listing = list_queues(
        SqsQueues(session),
        QueueMetrics(session),
        prefix=prefix,
        now=datetime.now(UTC),
        workers=WORKERS,
    )
    for warning in listing.warnings:
        context.messages.warn(warning)
    context.emitter.records(listing.queues, columns=COLUMNS)
    return 0


def show(ctx: typer.Context, queue: QueueArgument) -> int:
    """Show one queue: its attributes explained, who may send, and what feeds it. Reads only.

    Looks for EventBridge rules on every bus, for SNS subscriptions in the whole account, and for
    queues that use this one as DLQ. What could not be read is null, and a warning says why.

    \b
    Examples:
      edactl queue show orders
      edactl queue show orders-dlq --query sources
      edactl queue show https://sqs.eu-west-1.amazonaws.com/123456789012/orders -o json
    """
    context = context_of(ctx)
    session = context.session(read_only=True, workers=WORKERS)
    from edactl.aws.cloudwatch import QueueMetrics
    from edactl.aws.event_targets import RulesByTarget
    from edactl.aws.sns import SnsTopics
    from edactl.aws.sqs import SqsQueues
    from edactl.ops.queue_show import Readers, show_queue

    queues = SqsQueues(session)
    readers = Readers(queues, RulesByTarget(session), SnsTopics(session), QueueMetrics(session))
    found = queues.find(parse_queue(queue))
    details, warnings = show_queue(found, readers, now=datetime.now(UTC), workers=WORKERS)
    for warning in warnings:
        context.messages.warn(warning)
    _emit(context, details)
    return 0


def _emit(context: CommandContext, details: QueueDetails) -> None:
    if context.emitter.resolve("json") == "table" and context.emitter.query is None:
        context.emitter.records(_rows(details))
    else:
        context.emitter.result(details_record(details))


def details_record(details: QueueDetails) -> dict[str, JsonValue]:
    """The details as one flat document; the policy is AWS's own, as a document."""
    record = record_of(details)
    attributes = record_of(details.attributes)
    policy = details.attributes.policy
    attributes["policy"] = None if policy is None else json.loads(policy)
    explained = record.pop("explained")
    del record["attributes"]
    redrive = details.attributes.redrive_policy
    dlq: dict[str, JsonValue] = {
        "dlq": redrive.dead_letter_queue_name if redrive else None,
        "max_receive_count": redrive.max_receive_count if redrive else None,
    }
    return record | attributes | dlq | {"explained": explained}


def _rows(details: QueueDetails) -> list[dict[str, JsonValue]]:
    rows = [("queue", details.name, details.arn), ("url", "", details.url)]
    rows += [(one.attribute, one.value, one.meaning) for one in details.explained]
    rows += [
        (f"{grant.effect.lower()}s sending", ", ".join(grant.principals), _conditions(grant))
        for grant in details.senders
    ]
    if not details.senders:
        rows.append(("allows sending", "the account", "whoever IAM allows; no queue policy"))
    rows += _feeds(details)
    rows += [("tag", name, value) for name, value in (details.tags or {}).items()]
    return [{"what": what, "value": value, "meaning": text} for what, value, text in rows]


def _feeds(details: QueueDetails) -> list[tuple[str, str, str]]:
    rules, topics, sources = details.fed_by_rules, details.fed_by_topics, details.sources
    unknown = ("unknown", "it could not be read")
    rows = [("fed by rule", *unknown)] if rules is None else []
    rows += [("fed by rule", one.rule, f"bus {one.bus}") for one in rules or ()]
    rows += [("fed by topic", *unknown)] if topics is None else []
    rows += [
        ("fed by topic", one.topic_arn.rsplit(":", 1)[-1], one.subscription_arn)
        for one in topics or ()
    ]
    rows += [("dlq of", *unknown)] if sources is None else []
    return rows + [("dlq of", name, "its redrive policy") for name in sources or ()]


def _conditions(grant: Grant) -> str:
    return json.dumps(grant.conditions) if grant.conditions else "without conditions"
