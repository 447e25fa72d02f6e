"""The question of `scale advise`: what was given, what is measured, and the case they make."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.cli.scale_parameters import checked_stdin, positive_seconds, seconds_of
from edactl.core.arn import parse_queue
from edactl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edactl.cli.context import CommandContext
    from edactl.cli.scale_measured import Found, MeasuredWorkOptions
    from edactl.cli.scale_parameters import TrafficOptions, WorkOptions
    from edactl.core.scaling_advice.case import Case
    from edactl.core.scaling_advice.measured import Circumstances, Input
    from edactl.core.scaling_policy.service_place import ServicePlace
    from edactl.core.scaling_sim.arrivals import Trace
    from edactl.core.scaling_sim.controllers import Bounds
    from edactl.core.scaling_sim.work import Work
    from edactl.ops.scale_measure import Quantity


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
    place: ServicePlace | None
    lookback: str
    traffic: TrafficOptions
    work: WorkOptions
    measuring: MeasuredWorkOptions
    limits: Limits
    consumer: Consumer
    redelivery_ratio: float
    given: frozenset[str]

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
        if self.measuring.option and not self.work.is_absent:
            raise UsageError(
                f"the processing time is given, and to be measured with {self.measuring.option}",
                hint="say one of them",
            )
        checked_stdin(self.traffic, self.work)

    @property
    def lacks_traffic(self) -> bool:
        """Whether arrivals are to be measured."""
        return self.traffic.is_absent

    @property
    def lacks_work(self) -> bool:
        """Whether the processing time is to be measured on the queue."""
        return self.work.is_absent and not self.measuring.option

    @property
    def measures(self) -> bool:
        """Whether AWS is asked at all: traffic or the processing time is not given."""
        return self.lacks_traffic or self.work.is_absent

    @property
    def wanted(self) -> list[Quantity]:
        """What is to be measured on the queue; redeliveries beside anything else."""
        lacks: dict[Quantity, bool] = {
            "traffic": self.lacks_traffic,
            "work": self.lacks_work,
            "redelivery": "--redelivery-ratio" not in self.given,
        }
        if not (self.queue and self.measures):
            return []
        return [name for name, lacking in lacks.items() if lacking]


def case_of(context: CommandContext, question: Question, found: Found, hour_usd: float) -> Case:
    """The case to advise on. Raises UsageError and InputError."""
    from edactl.core.scaling_advice.case import Case
    from edactl.core.scaling_sim.simulator import Setting

    consumer = question.consumer
    latency = positive_seconds("--latency", question.latency)
    concurrency = min(consumer.concurrency, question.limits.fifo_groups or consumer.concurrency)
    bounds = question.limits.bounds(concurrency)
    start = seconds_of("--task-start-time", consumer.start_time)
    if found.service and found.service.facts.start and "--task-start-time" not in question.given:
        start = found.service.facts.start.value
    setting = Setting(
        _work(context, question, found),
        concurrency,
        start,
        seconds_of("--publish-delay", consumer.publish_delay),
    )
    trace = _trace(context, question, found)
    return Case(trace, setting, latency, question.percentile, bounds, hour_usd)


def _work(context: CommandContext, question: Question, found: Found) -> Work:
    from edactl.core.scaling_sim.work import Exponential

    if found.durations:
        return found.durations.work()
    if found.queue and found.queue.work:
        return Exponential(found.queue.work.value)
    return question.work.work(context.terminal.stdin)


def _trace(context: CommandContext, question: Question, found: Found) -> Trace:
    """The arrivals, each as often as it is received; Little's law has redeliveries in it."""
    if found.queue and found.queue.trace:
        trace = found.queue.trace
    else:
        trace = question.traffic.trace(context.terminal.stdin)
    if found.queue and found.queue.work:
        return trace
    return trace.times(_redelivery(question, found))


def _redelivery(question: Question, found: Found) -> float:
    if found.queue and "--redelivery-ratio" not in question.given:
        return found.queue.redelivery_ratio
    return question.redelivery_ratio


def circumstances_of(
    question: Question, found: Found, price_inputs: Mapping[str, Input]
) -> Circumstances:
    """What the case does not tell."""
    from edactl.cli.scale_concerns import concerns_of_measuring
    from edactl.core.scaling_advice.measured import Circumstances
    from edactl.core.scaling_advice.service_facts import in_flight_per_task

    metrics = f"CloudWatch metrics of {question.queue}, {found.lookback}"
    work_source, estimate, mean_only = question.work.source, None, question.work.mean_only
    if found.durations:
        work_source, estimate = question.measuring.option, found.durations.mean
        mean_only = found.durations.mean_only
    elif found.queue and found.queue.work:
        work_source, estimate, mean_only = f"Little's law on {metrics}", found.queue.work, True
    held = None
    if found.queue and found.service:
        held = in_flight_per_task(
            found.queue.minutes.in_flight, found.service.minutes.running_tasks
        )
    return Circumstances(
        work_source=work_source,
        arrivals_source=metrics if question.lacks_traffic else question.traffic.source,
        work_estimate=estimate,
        measured={**_measured(question, found, metrics), **price_inputs},
        given=question.given,
        redelivery_ratio=_redelivery(question, found),
        batch_size=question.consumer.batch_size,
        fifo=question.queue.endswith(".fifo"),
        fifo_groups=question.limits.fifo_groups,
        mean_only=mean_only,
        in_flight_per_task=held,
        concerns=concerns_of_measuring(question, found),
        queue=parse_queue(question.queue).name if question.queue else None,
        service=str(question.place) if question.place else None,
    )


def _measured(question: Question, found: Found, metrics: str) -> dict[str, Input]:
    """The inputs that were found on AWS."""
    from edactl.core.scaling_advice.measured import estimated_input

    inputs: dict[str, Input] = {}
    redelivery = found.queue.redelivery if found.queue else None
    if redelivery:
        inputs["redelivery_ratio"] = estimated_input(redelivery, "receives/message", metrics)
    p95 = found.durations.p95 if found.durations else None
    if p95 is not None and question.percentile == 95:  # noqa: PLR2004 -- p95
        source = f"{question.measuring.option}, p95"
        inputs["processing_time_percentile"] = estimated_input(p95, "seconds", source)
    if found.service is None:
        return inputs
    facts = found.service.facts
    if facts.running:
        source = f"{facts.running_metric} of {facts.name}, {found.lookback}"
        inputs["running_tasks"] = estimated_input(facts.running, "tasks", source)
    if facts.start and "--task-start-time" not in question.given:
        source = f"tasks of {facts.name}, from createdAt to startedAt"
        inputs["task_start_time"] = estimated_input(facts.start, "seconds", source)
    return inputs
