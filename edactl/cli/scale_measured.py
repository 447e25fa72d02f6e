"""What `scale advise` measures on AWS where nothing was given, and which options ask for it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.scale_parameters import positive_seconds
from edactl.core.scaling_advice.durations import (
    CLOUDWATCH_UNITS,
    UNIT_SECONDS,
    insights_query,
    measured_durations,
    parse_metric,
)
from edactl.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection

    from edactl.aws.session import AwsSession
    from edactl.cli.context import CommandContext
    from edactl.cli.scale_question import Question
    from edactl.core.scaling_advice.durations import MeasuredDurations
    from edactl.core.scaling_policy.service_place import ServicePlace
    from edactl.ops.scale_measure import MeasuredQueue, MeasuredService, Quantity

MOST_LOOKBACK = timedelta(days=15)
"""So long CloudWatch keeps minutes. Source: CloudWatch user guide, "Metrics concepts"."""

MetricOption = Annotated[
    str,
    typer.Option(
        "--processing-time-metric",
        metavar="METRIC",
        help="Work: a CloudWatch metric, as NAMESPACE/NAME,Dimension=Value.",
    ),
]
LogOption = Annotated[
    str,
    typer.Option(
        "--processing-time-log",
        metavar="GROUP",
        help="Work: a log group that Logs Insights is asked about, for a fee.",
    ),
]
FieldOption = Annotated[
    str,
    typer.Option(
        "--processing-time-field", metavar="FIELD", help="Its field with the duration, as took_ms."
    ),
]
UnitOption = Annotated[
    str,
    typer.Option(
        "--processing-time-unit", metavar="s|ms|us", help="Of that field, or of that metric."
    ),
]
LookbackOption = Annotated[
    str,
    typer.Option("--lookback", metavar="DURATION", help="How far back is measured; 15d at most."),
]


@dataclass(frozen=True)
class MeasuredWorkOptions:
    """Where the processing time is measured. Raises UsageError for options that do not fit."""

    metric: str
    log: str
    field: str
    unit: str

    def __post_init__(self) -> None:
        if self.metric and self.log:
            raise UsageError(
                "the processing time is measured on one of --processing-time-metric and"
                " --processing-time-log",
                hint="say one of them",
            )
        if bool(self.log) != bool(self.field):
            raise UsageError(
                "--processing-time-log and --processing-time-field go together",
                hint="--processing-time-log /ecs/orders --processing-time-field took_ms",
            )
        if self.unit and self.unit not in UNIT_SECONDS:
            raise UsageError(
                f'--processing-time-unit "{self.unit}" is none of {", ".join(UNIT_SECONDS)}',
                hint="--processing-time-unit ms",
            )
        if self.log and not self.unit:
            raise UsageError(
                f'a log does not say what unit "{self.field}" has',
                hint="--processing-time-unit ms",
            )
        if self.unit and not (self.log or self.metric):
            raise UsageError(
                "--processing-time-unit is for --processing-time-metric and -log",
                hint="--processing-time 300ms has its unit in it",
            )
        if self.metric:
            parse_metric(self.metric)
        if self.field:
            insights_query(self.field)

    @property
    def option(self) -> str:
        """The option that says where, with its value; empty where none does."""
        if self.metric:
            return f"--processing-time-metric {self.metric}"
        return f"--processing-time-log {self.log}, field {self.field}" if self.log else ""


@dataclass(frozen=True)
class Found:
    """What was measured; None for what was not asked for. `lookback` is as it was typed."""

    lookback: str = ""
    queue: MeasuredQueue | None = None
    service: MeasuredService | None = None
    durations: MeasuredDurations | None = None


def measured_on_aws(context: CommandContext, question: Question) -> Found:
    """What is not given, from AWS; nothing, and no call, where all is given."""
    place = question.place
    if not question.measures:
        if place:
            context.messages.note(
                f"{place} is not read where traffic and processing time are given: see"
                " --task-start-time, --task-cpu and --task-memory"
            )
        return Found()
    span = _span(question.lookback)
    session = context.session(read_only=True)
    return Found(
        lookback=question.lookback,
        service=_service(session, place, span) if place else None,
        queue=_queue(session, question.queue, question.wanted, span) if question.wanted else None,
        durations=_durations(session, question.measuring, span),
    )


_Span = tuple[datetime, datetime]


def measured_queue(
    context: CommandContext, queue: str, wanted: Collection[Quantity], lookback: str
) -> MeasuredQueue:
    """What is wanted of a queue alone. Raises UsageError, and InputError where it has no data."""
    span = _span(lookback)
    return _queue(context.session(read_only=True), queue, wanted, span)


def _span(lookback: str) -> _Span:
    seconds = timedelta(seconds=positive_seconds("--lookback", lookback))
    if seconds > MOST_LOOKBACK:
        raise UsageError("CloudWatch keeps minutes for 15 days", hint="--lookback 15d")
    now = datetime.now(UTC)
    return now - seconds, now


def _queue(
    session: AwsSession, queue: str, wanted: Collection[Quantity], span: _Span
) -> MeasuredQueue:
    from edactl.aws.queue_minutes import QueueMinuteMetrics
    from edactl.core.arn import parse_queue
    from edactl.ops.scale_measure import measure

    name = parse_queue(queue).name
    metrics, (start, end) = QueueMinuteMetrics(session), span
    return measure(metrics, name, start=start, end=end, wanted=wanted)


def _service(session: AwsSession, place: ServicePlace, span: _Span) -> MeasuredService:
    from edactl.aws.ecs import EcsTasks
    from edactl.aws.ecs_services import EcsServices
    from edactl.aws.service_minutes import ServiceMinuteMetrics
    from edactl.ops.scale_measure import ServiceDoors, measure_service

    doors = ServiceDoors(EcsServices(session), EcsTasks(session), ServiceMinuteMetrics(session))
    start, end = span
    return measure_service(place, doors, start=start, end=end)


def _durations(
    session: AwsSession, options: MeasuredWorkOptions, span: _Span
) -> MeasuredDurations | None:
    if options.metric:
        return _of_metric(session, options, span)
    return _of_log(session, options, span) if options.log else None


def _of_metric(session: AwsSession, options: MeasuredWorkOptions, span: _Span) -> MeasuredDurations:
    from edactl.aws.duration_metric import DurationMetrics

    metric, (start, end) = parse_metric(options.metric), span
    periods, sent_as = DurationMetrics(session).durations(metric, start=start, end=end)
    unit = options.unit or CLOUDWATCH_UNITS.get(sent_as or "", "")
    if periods and not unit:
        raise InputError(
            f"its unit is {sent_as}: say what its numbers are",
            where=f"metric {metric}",
            hint="--processing-time-unit ms",
        )
    names = " ".join(f"{name}={value}" for name, value in metric.dimensions)
    listing = f"aws cloudwatch list-metrics --namespace {metric.namespace}"
    hint = f"all dimensions must be named ({names or 'none is'}): {listing}"
    return measured_durations(periods, unit or "s", f"metric {metric}", hint)


def _of_log(session: AwsSession, options: MeasuredWorkOptions, span: _Span) -> MeasuredDurations:
    from edactl.aws.log_insights import InsightsQueries
    from edactl.ops.scale_measure import queried_durations

    queries, (start, end) = InsightsQueries(session), span
    query = insights_query(options.field)
    found = queried_durations(
        queries,
        options.log,
        queries.start(options.log, query, start=start, end=end),
        wait=time.sleep,
        clock=time.monotonic,
    )
    where = f"field {options.field} of log group {options.log}"
    hint = "a longer --lookback, or the field's name as Logs Insights shows it"
    return measured_durations([found], options.unit, where, hint)
