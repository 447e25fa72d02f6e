"""The question of `scale advise`: what was given, what is measured, and the case they make."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from edactl.cli.scale_parameters import checked_stdin, positive_seconds, seconds_of
from edactl.errors import UsageError

if TYPE_CHECKING:
    from edactl.cli.context import CommandContext
    from edactl.cli.scale_parameters import TrafficOptions, WorkOptions
    from edactl.core.scaling_advice.case import Case
    from edactl.core.scaling_advice.measured import Circumstances
    from edactl.core.scaling_sim.arrivals import Trace
    from edactl.core.scaling_sim.controllers import Bounds
    from edactl.core.scaling_sim.work import Work
    from edactl.ops.scale_measure import MeasuredQueue, Quantity

MOST_LOOKBACK = timedelta(days=15)
"""So long CloudWatch keeps minutes. Source: CloudWatch user guide, "Metrics concepts"."""


@dataclass(frozen=True)
class Limits:
    """How many tasks may run."""

    minimum: int
    maximum: int
    fifo_groups: int | None

    def bounds(self, concurrency: int) -> Bounds:
        """The least and the most; no more than message groups keep busy. Raises UsageError."""
        from edactl.core.scaling_sim.controllers import Bounds

        most = self.maximum
        if self.fifo_groups is not None:
            most = min(most, math.ceil(self.fifo_groups / concurrency))
        if self.minimum > most:
            raise UsageError(
                f"--minimum-tasks {self.minimum} is above the {most} that may run",
                hint="see --maximum-tasks and --fifo-groups",
            )
        return Bounds(self.minimum, most)


@dataclass(frozen=True)
class Consumer:
    """How a task works."""

    concurrency: int
    start_time: str
    publish_delay: str
    batch_size: int


@dataclass(frozen=True)
class Question:
    """The command line of `scale advise`, checked."""

    latency: str
    percentile: float
    queue: str
    lookback: str
    traffic: TrafficOptions
    work: WorkOptions
    limits: Limits
    consumer: Consumer
    redelivery_ratio: float

    def __post_init__(self) -> None:
        if not self.latency:
            raise UsageError("there is no --latency to meet", hint="--latency 2m")
        if not 0 < self.percentile < 100:  # noqa: PLR2004 -- percent
            raise UsageError(
                f"--percentile {self.percentile:g} is not between 0 and 100",
                hint="--percentile 95: of 100 messages 5 may be late",
            )
        if not 1 <= self.redelivery_ratio < math.inf:
            raise UsageError("--redelivery-ratio must be 1 or more", hint="--redelivery-ratio 1.02")
        if self.lacks_traffic and not self.queue:
            raise UsageError(
                "there are no arrivals, and no --queue to measure them on",
                hint="--arrivals FILE, --pattern burst:5/s,20/s or --queue QUEUE",
            )
        if self.lacks_work and not self.queue:
            raise UsageError(
                "there is no processing time, and no --queue to measure it on",
                hint="--processing-time 2s, --samples FILE or --queue QUEUE",
            )
        checked_stdin(self.traffic, self.work)

    @property
    def lacks_traffic(self) -> bool:
        """Whether arrivals are to be measured."""
        return not (self.traffic.pattern or self.traffic.arrivals)

    @property
    def lacks_work(self) -> bool:
        """Whether the processing time is to be measured."""
        work = self.work
        return not (work.service_time or work.processing_time or work.samples)

    @property
    def wanted(self) -> list[Quantity]:
        """What is to be measured."""
        lacks: dict[Quantity, bool] = {"traffic": self.lacks_traffic, "work": self.lacks_work}
        return [name for name, lacking in lacks.items() if lacking]


def measured_on_aws(context: CommandContext, question: Question) -> MeasuredQueue | None:
    """What is not given, from the queue's metrics; None, and no call, where all is given."""
    if not question.wanted:
        return None
    lookback = timedelta(seconds=positive_seconds("--lookback", question.lookback))
    if lookback > MOST_LOOKBACK:
        raise UsageError("CloudWatch keeps minutes for 15 days", hint="--lookback 15d")
    from edactl.core.arn import parse_queue

    queue = parse_queue(question.queue).name
    now = datetime.now(UTC)
    session = context.session(read_only=True)
    from edactl.aws.queue_minutes import QueueMinuteMetrics
    from edactl.ops.scale_measure import measure

    return measure(
        QueueMinuteMetrics(session),
        queue,
        start=now - lookback,
        end=now,
        wanted=question.wanted,
    )


def case_of(
    context: CommandContext, question: Question, measured: MeasuredQueue | None, hour_usd: float
) -> Case:
    """The case to advise on. Raises UsageError and InputError."""
    from edactl.core.scaling_advice.case import Case
    from edactl.core.scaling_sim.simulator import Setting

    consumer = question.consumer
    latency = positive_seconds("--latency", question.latency)
    concurrency = min(consumer.concurrency, question.limits.fifo_groups or consumer.concurrency)
    bounds = question.limits.bounds(concurrency)
    setting = Setting(
        _work(context, question, measured),
        concurrency,
        seconds_of("--task-start-time", consumer.start_time),
        seconds_of("--publish-delay", consumer.publish_delay),
    )
    trace = _trace(context, question, measured)
    return Case(trace, setting, latency, question.percentile, bounds, hour_usd)


def _work(context: CommandContext, question: Question, measured: MeasuredQueue | None) -> Work:
    from edactl.core.scaling_sim.work import Exponential

    if measured and measured.work:
        return Exponential(measured.work.value)
    return question.work.work(context.terminal.stdin)


def _trace(context: CommandContext, question: Question, measured: MeasuredQueue | None) -> Trace:
    """The arrivals, each as often as it is received; measured work has redeliveries in it."""
    if measured and measured.trace:
        trace = measured.trace
    else:
        trace = question.traffic.trace(context.terminal.stdin)
    if measured and measured.work:
        return trace
    return trace.times(_redelivery(question, measured))


def _redelivery(question: Question, measured: MeasuredQueue | None) -> float:
    if measured and question.redelivery_ratio == 1:
        return measured.redelivery_ratio
    return question.redelivery_ratio


def circumstances_of(
    question: Question, measured: MeasuredQueue | None, given: frozenset[str]
) -> Circumstances:
    """What the case does not tell."""
    from edactl.core.scaling_advice.measured import Circumstances

    estimate = measured.work if measured else None
    metrics = f"CloudWatch metrics of {question.queue}, {question.lookback}"
    return Circumstances(
        work_source=f"Little's law on {metrics}" if estimate else question.work.source,
        arrivals_source=metrics if question.lacks_traffic else question.traffic.source,
        work_estimate=estimate,
        redelivery_source=metrics if measured and "--redelivery-ratio" not in given else None,
        given=given,
        redelivery_ratio=_redelivery(question, measured),
        batch_size=question.consumer.batch_size,
        fifo=question.queue.endswith(".fifo"),
        fifo_groups=question.limits.fifo_groups,
        mean_only=question.work.mean_only or estimate is not None,
    )
