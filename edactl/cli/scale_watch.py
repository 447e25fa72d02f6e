"""`edactl scale watch`."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import CommandContext, context_of
from edactl.cli.scale_parameters import positive_seconds
from edactl.cli.scale_watch_rows import COLUMNS, cells, line
from edactl.cli.signals import graceful_stop
from edactl.cli.tail_end import End
from edactl.core.scale_look import Condition, parse_condition
from edactl.errors import AwsError, ExitStatus, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edactl.aws.session import AwsSession
    from edactl.core.scale_look import Look
    from edactl.core.scaling_policy.service_place import ServicePlace
    from edactl.ops.scale_watch import Goal, ScaleWatch, Waiting


def watch(
    ctx: typer.Context,
    queue: Annotated[str, typer.Option("--queue", metavar="QUEUE", help="Its backlog.")] = "",
    service: Annotated[
        str, typer.Option("--service", metavar="CLUSTER/SERVICE", help="Its tasks.")
    ] = "",
    latency: Annotated[
        str, typer.Option("--latency", metavar="DURATION", help="That no message may wait longer.")
    ] = "",
    percentile: Annotated[
        float, typer.Option("--percentile", metavar="P", help="Of messages that must not be late.")
    ] = 95.0,
    target: Annotated[
        float | None,
        typer.Option("--target", metavar="N", help="Backlog per task; else the deployed policy's."),
    ] = None,
    interval: Annotated[
        str, typer.Option("--interval", metavar="DURATION", help="Between two looks.")
    ] = "10s",
    wait_for: Annotated[
        list[str] | None,
        typer.Option(
            "--wait-for",
            metavar="CONDITION",
            help="End, with status 0, once it holds: backlog=0, 'running>=4', 'oldest-age<=30s',"
            " empty, stable, within-slo. Repeatable: all at once.",
        ),
    ] = None,
    looks: Annotated[
        int, typer.Option("--looks", metavar="N", min=1, help="In a row in which it must hold.")
    ] = 1,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="End after N looks.")
    ] = None,
    timeout: Annotated[
        str, typer.Option("--timeout", metavar="DURATION", help="End after that long (status 124).")
    ] = "",
) -> int:
    """Watch the backlog of a queue and the tasks of its service.

    A live table on a terminal, else a record a look. Counts are approximate, the oldest age is a
    minute or more late. slo_used is that age over --latency; slo_burn, the share of the last hour's
    looks in which it was late over the share that may be (1 - --percentile). Reads only. With
    --limit and no look in which --wait-for held, exit 1.

    \b
    Examples:
      edactl scale watch --queue orders --service flix/orders --latency 2m
      edactl scale watch --queue orders --service flix/orders --wait-for empty --looks 3
        --timeout 15m
      edactl scale watch --queue orders --service flix/orders -o ndjson --interval 1m > log
    """
    context = context_of(ctx)
    conditions = [parse_condition(one) for one in wait_for or ()]
    pace = positive_seconds("--interval", interval)
    deadline = time.monotonic() + positive_seconds("--timeout", timeout) if timeout else None
    waiting = _waiting(conditions, looks)
    watching = _watch(context, _names(queue, service), (latency, percentile), target, conditions)
    with graceful_stop() as signal:
        end = End(context, signal, deadline)
        run = Run(context, watching, end, pace, waiting)
        held = run.show(limit)
    status = end.status(reached=held is not None)
    if status != ExitStatus.PIPE_CLOSED:
        run.tell(conditions, reached=held is True)
    return ExitStatus.NO if held is False and status == ExitStatus.DONE else status


@dataclass
class Run:
    """One watch: what, until when, how often, and for what."""

    context: CommandContext
    watching: ScaleWatch
    end: End
    interval_seconds: float
    waiting: Waiting | None
    last: Look | None = None

    def show(self, limit: int | None) -> bool | None:
        """Show each look. True when all that was wanted came, False when the limit came first.

        None when it ended otherwise.
        """
        with _shown(self.context, self.watching) as show:
            looks = self.watching.looks(self.end, self.end.wait, self.interval_seconds)
            for number, look in enumerate(looks, start=1):
                show(look)
                self.last = look
                if self.waiting and self.waiting.reached(look):
                    return True
                if number == limit:
                    return self.waiting is None
        return None

    def tell(self, conditions: list[Condition], *, reached: bool) -> None:
        """Say how what was waited for stands."""
        look = self.last
        if not conditions or look is None:
            return
        missing = [one.text for one in conditions if not one.holds(look)]
        said = f"{'' if reached else 'not yet: '}{', '.join(missing or map(str, conditions))}"
        self.context.messages.note(
            f"{said} ({look.visible} visible, {look.in_flight} in flight,"
            f" {look.running_tasks} of {look.desired_tasks} tasks running)"
        )


@contextmanager
def _shown(context: CommandContext, watching: ScaleWatch) -> Iterator[Callable[[Look], None]]:
    """A live table for a person, else a stream of records."""
    emitter, terminal = context.emitter, context.terminal
    live = emitter.resolve("ndjson") == "table" and emitter.query is None
    if live and terminal.is_tty(terminal.stdout):
        from edactl.out.live_table import live_table

        title = f"{watching.queue.name} → {watching.place}"
        with live_table(terminal, COLUMNS, title) as table:
            watching.warn = table.say
            yield lambda look: table.show(cells(look))
        return
    with emitter.stream(line=line()) as write:
        yield write


def _names(queue: str, service: str) -> tuple[str, ServicePlace]:
    if not queue or not service:
        raise UsageError(
            "a watch needs a queue and the service that works on it",
            hint="edactl scale watch --queue orders --service flix/orders",
        )
    from edactl.core.scaling_policy.service_place import parse_service_place

    return queue, parse_service_place(service)


def _waiting(conditions: list[Condition], looks: int) -> Waiting | None:
    if not conditions:
        if looks > 1:
            raise UsageError("--looks is for --wait-for", hint="--wait-for backlog=0")
        return None
    from edactl.ops.scale_watch import Waiting

    return Waiting(lambda look: all(one.holds(look) for one in conditions), looks)


def _watch(
    context: CommandContext,
    names: tuple[str, ServicePlace],
    slo: tuple[str, float],
    target: float | None,
    conditions: list[Condition],
) -> ScaleWatch:
    latency, percentile = slo
    if not 0 < percentile < 100:  # noqa: PLR2004 -- percent
        raise UsageError(
            f"--percentile {percentile:g} is not between 0 and 100", hint="--percentile 95"
        )
    if not latency and any(one.text == "within-slo" for one in conditions):
        raise UsageError("--wait-for within-slo needs a latency", hint="--latency 2m")
    seconds = positive_seconds("--latency", latency) if latency else None
    session = context.session(read_only=True)
    from edactl.aws.cloudwatch import QueueMetrics
    from edactl.aws.ecs_services import EcsServices
    from edactl.aws.sqs import SqsQueues
    from edactl.core.arn import parse_queue
    from edactl.ops.scale_watch import ScaleWatch

    queue, place = names
    queues = SqsQueues(session)
    found = queues.find(parse_queue(queue))
    services = EcsServices(session)
    services.describe(place.cluster, place.service)
    goal = _goal(context, session, place, target, seconds, percentile)
    return ScaleWatch(
        *(found, place, queues, services, QueueMetrics(session), goal),
        *(lambda: datetime.now(UTC), context.messages.warn),
    )


def _goal(
    context: CommandContext,
    session: AwsSession,
    place: ServicePlace,
    target: float | None,
    latency_seconds: float | None,
    percentile: float,
) -> Goal:
    """The target that was given, or the deployed one; the bounds that are deployed."""
    from edactl.aws.scaling_policies import ScalingPolicies
    from edactl.core.scaling_sim.policy_json import backlog_target_of
    from edactl.ops.scale_watch import Goal

    warn = context.messages.warn
    bare = Goal(target, None, None, latency_seconds, percentile)
    if context.sandbox:
        context.messages.note("the sandbox has no Application Auto Scaling: see --target")
        return bare
    try:
        scaling = ScalingPolicies(session).of_service(place)
    except AwsError as error:
        warn(f"how {place} scales cannot be read: {error.message}")
        return bare
    if scaling is None:
        warn(f"{place} is not behind Application Auto Scaling: its tasks do not follow the queue")
        return bare
    if scaling.suspended:
        warn(f"{place}: {', '.join(scaling.suspended)} suspended")
    deployed = backlog_target_of(scaling)
    if target is None and deployed is None:
        context.messages.note(f"no policy of {place} holds a backlog per task: see --target")
    bounds = (scaling.minimum_tasks, scaling.maximum_tasks)
    return Goal(deployed if target is None else target, *bounds, latency_seconds, percentile)
