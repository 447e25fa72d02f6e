"""`edactl scale explain`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import CommandContext, context_of
from edactl.cli.scale_deployed import deployed_scaling
from edactl.core.arn import parse_queue
from edactl.core.readable import harmless
from edactl.core.scaling_policy.service_place import parse_service_place
from edactl.core.times import parse_time
from edactl.errors import ExitStatus, UsageError

if TYPE_CHECKING:
    from edactl.aws.session import AwsSession
    from edactl.core.arn import QueueReference
    from edactl.core.scaling_policy.service_place import ServicePlace
    from edactl.core.scaling_story.facts import QueueNow
    from edactl.core.scaling_story.story import Story

MOST_EVENTS = 100


def explain_(
    ctx: typer.Context,
    service: Annotated[
        str,
        typer.Argument(
            metavar="CLUSTER/SERVICE", help="Service, by name or ARN.", show_default=False
        ),
    ],
    since: Annotated[
        str, typer.Option("--since", metavar="TIME", help="How far back: 3h, or an ISO time.")
    ] = "3h",
    queue: Annotated[
        str, typer.Option("--queue", metavar="QUEUE", help="That its tasks work on.")
    ] = "",
) -> int:
    """Say why a service did or did not scale, in one sentence and a timeline.

    Joins scaling activities and decisions against one, the alarms of its policies and their
    history, deployments, events, protected tasks and the metrics. What may not be read is left out
    and named. -o ndjson writes the timeline, the sentence as its first record.

    \b
    Examples:
      edactl scale explain jobs/orders
      edactl scale explain jobs/orders --queue orders --since 24h
      edactl scale explain jobs/orders --query verdict -o text
    """
    context = context_of(ctx)
    now = datetime.now(UTC)
    place, start = parse_service_place(service), parse_time(since, now=now)
    if start >= now:
        raise UsageError(f'--since "{since}" is not in the past', hint="--since 3h")
    reference = parse_queue(queue) if queue else None
    session = context.session(read_only=True)

    _emit(context, _story(context, session, place, (start, now), reference), now)
    return ExitStatus.DONE


def _story(
    context: CommandContext,
    session: AwsSession,
    place: ServicePlace,
    window: tuple[datetime, datetime],
    queue: QueueReference | None,
) -> Story:
    from edactl.aws.ecs_services import EcsServices
    from edactl.aws.metric_math import MetricMath
    from edactl.aws.scaling_history import ScalingHistory
    from edactl.core.scaling_story.story import explain
    from edactl.ops.scale_explain import Gathering

    service = EcsServices(session).describe(place.cluster, place.service, events=MOST_EVENTS)
    scaling = deployed_scaling(context, session, place)
    gathering = Gathering(ScalingHistory(session), MetricMath(session), place, *window)
    facts = gathering.facts(service, scaling, lambda: _queue_now(session, queue))
    return explain(facts, tuple(gathering.unread))


def _queue_now(session: AwsSession, reference: QueueReference | None) -> QueueNow | None:
    from edactl.aws.sqs import SqsQueues
    from edactl.core.scaling_story.facts import QueueNow

    if reference is None:
        return None
    queues = SqsQueues(session)
    found = queues.find(reference)
    attributes = queues.attributes(found)
    return QueueNow(found.name, attributes.visible, attributes.in_flight)


def _emit(context: CommandContext, story: Story, now: datetime) -> None:
    from edactl.core.scaling_story.timeline import Moment

    emitter, messages = context.emitter, context.messages
    for one in story.unread:
        messages.warn(f"left out: {harmless(one)}")
    chosen = emitter.resolve("json")
    if emitter.query is not None or chosen not in {"table", "ndjson"}:
        emitter.result(story)
    elif chosen == "ndjson":
        emitter.records([Moment(now, "verdict", story.verdict), *story.timeline])
    else:
        context.terminal.stdout.write(f"{harmless(story.verdict)}\n")
        if story.timeline:
            context.terminal.stdout.write("\n")
            emitter.records(story.timeline, columns=("at", "source", "what"))
    messages.note(f"try: {harmless(story.next)}")
