"""`edactl scale advise`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import CommandContext, context_of
from edactl.cli.scale_parameters import (
    ArrivalsOption,
    ConcurrencyOption,
    DurationOption,
    LatencyOption,
    MessagesOption,
    MinimumOption,
    PatternOption,
    ProcessingTimeOption,
    ProcessingTimeP95Option,
    PublishDelayOption,
    SamplesOption,
    SeedOption,
    ServiceTimeOption,
    StartTimeOption,
    TaskCpuOption,
    TaskMemoryOption,
    TrafficOptions,
    WorkOptions,
    checked_stdin,
    generators,
    positive_seconds,
    seconds_of,
)
from edactl.errors import ExitStatus, UsageError

if TYPE_CHECKING:
    from edactl.core.scaling_advice.advice import Advice
    from edactl.core.scaling_advice.case import Case
    from edactl.core.scaling_advice.measured import Circumstances

MOST_TASKS = 5000
"""The default quota of tasks of an ECS service."""


def advise_(
    ctx: typer.Context,
    latency: LatencyOption = "",
    percentile: Annotated[
        float, typer.Option("--percentile", metavar="P", help="Of messages that must not be late.")
    ] = 95.0,
    queue: Annotated[
        str, typer.Option("--queue", metavar="QUEUE", help="The queue, for its name and kind.")
    ] = "",
    service: Annotated[
        str, typer.Option("--service", metavar="CLUSTER/SERVICE", help="Whose tasks drain it.")
    ] = "",
    pattern: PatternOption = "",
    arrivals: ArrivalsOption = "",
    messages: MessagesOption = None,
    duration: DurationOption = "",
    service_time: ServiceTimeOption = "",
    processing_time: ProcessingTimeOption = "",
    processing_time_p95: ProcessingTimeP95Option = "",
    samples: SamplesOption = "",
    concurrency_per_task: ConcurrencyOption = 1,
    task_start_time: StartTimeOption = "60s",
    publish_delay: PublishDelayOption = "60s",
    redelivery_ratio: Annotated[
        float,
        typer.Option("--redelivery-ratio", metavar="R", help="Received over deleted, 1 or more."),
    ] = 1.0,
    batch_size: Annotated[
        int, typer.Option("--batch-size", metavar="N", min=1, max=10, help="Received at once.")
    ] = 1,
    fifo_groups: Annotated[
        int | None,
        typer.Option("--fifo-groups", metavar="N", min=1, help="Active groups of a FIFO queue."),
    ] = None,
    minimum_tasks: MinimumOption = 1,
    maximum_tasks: Annotated[
        int, typer.Option("--maximum-tasks", metavar="N", min=1, help="That may run at all.")
    ] = MOST_TASKS,
    task_cpu: TaskCpuOption = 1024,
    task_memory: TaskMemoryOption = 2048,
    lookback: Annotated[
        str, typer.Option("--lookback", metavar="DURATION", help="To measure; not built yet.")
    ] = "",
    seed: SeedOption = 1,
) -> int:
    """Say what target, minimum and maximum meet a latency, or that none does.

    Works offline from traffic and processing times that are given; measuring them from AWS is not
    built yet. The policy is replayed on that very traffic in a model of Application Auto Scaling.
    A message is late when its age exceeds --latency as its work ends; expected times are such ages.
    Exit 1 when no policy meets the latency.

    \b
    Examples:
      edactl scale advise --latency 2m --pattern burst:5/s,20/s --processing-time 2s
      edactl scale advise --latency 2m --arrivals sent.txt --samples durations.txt -o json
      edactl scale advise --latency 30s --percentile 99 --pattern diurnal:2/s,20/s --duration 24h
        --processing-time 800ms --processing-time-p95 2s --concurrency-per-task 4
    """
    context = context_of(ctx)
    _ = context.emitter
    traffic = TrafficOptions(pattern, arrivals, messages, duration)
    work = WorkOptions(service_time, processing_time, processing_time_p95, samples)
    limits = _Limits(minimum_tasks, maximum_tasks, fifo_groups)
    question = _Question(latency, percentile, traffic, work, queue, service, lookback)
    question.check()
    consumer = _Consumer(concurrency_per_task, task_start_time, publish_delay, redelivery_ratio)
    case = _case(context, question, consumer, limits, _price(task_cpu, task_memory))
    circumstances = _circumstances(ctx, question, redelivery_ratio, batch_size, fifo_groups)
    from edactl.core.scaling_advice.advice import advise
    from edactl.core.scaling_advice.measured import inputs_of

    inputs = inputs_of(case, circumstances)
    advice = advise(case, inputs, circumstances, generators(seed))
    _emit(context, case, advice)
    return ExitStatus.NO if advice.verdict == "not_reachable" else ExitStatus.DONE


@dataclass(frozen=True)
class _Limits:
    minimum: int
    maximum: int
    fifo_groups: int | None


@dataclass(frozen=True)
class _Consumer:
    concurrency: int
    start_time: str
    publish_delay: str
    redelivery_ratio: float


@dataclass(frozen=True)
class _Question:
    latency: str
    percentile: float
    traffic: TrafficOptions
    work: WorkOptions
    queue: str
    service: str
    lookback: str

    def check(self) -> None:
        """Raise UsageError for what cannot be asked."""
        if not self.latency:
            raise UsageError("there is no --latency to meet", hint="--latency 2m")
        if not 0 < self.percentile < 100:  # noqa: PLR2004 -- percent
            raise UsageError(
                f"--percentile {self.percentile:g} is not between 0 and 100",
                hint="--percentile 95: of 100 messages 5 may be late",
            )
        if self.lookback or not (self.traffic.pattern or self.traffic.arrivals):
            _refuse_to_measure("arrivals", "--arrivals FILE or --pattern burst:5/s,20/s")
        if not (self.work.service_time or self.work.processing_time or self.work.samples):
            _refuse_to_measure("the processing time", "--processing-time 2s or --samples FILE")
        checked_stdin(self.traffic, self.work)


def _refuse_to_measure(what: str, hint: str) -> None:
    raise UsageError(f"{what} must be given: to measure on AWS is not built yet", hint=hint)


def _price(cpu: int, memory: int) -> float:
    from edactl.core.scaling_sim.results import task_hour_usd

    return task_hour_usd(cpu, memory)


def _case(
    context: CommandContext,
    question: _Question,
    consumer: _Consumer,
    limits: _Limits,
    hour_usd: float,
) -> Case:
    from edactl.core.scaling_advice.case import Case
    from edactl.core.scaling_sim.controllers import Bounds
    from edactl.core.scaling_sim.simulator import Setting

    stdin = context.terminal.stdin
    latency = positive_seconds("--latency", question.latency)
    if not 1 <= consumer.redelivery_ratio < math.inf:
        raise UsageError("--redelivery-ratio must be 1 or more", hint="--redelivery-ratio 1.02")
    trace = question.traffic.trace(stdin).times(consumer.redelivery_ratio)
    concurrency, maximum = consumer.concurrency, limits.maximum
    if limits.fifo_groups is not None:
        concurrency = min(concurrency, limits.fifo_groups)
        maximum = min(maximum, math.ceil(limits.fifo_groups / concurrency))
    if limits.minimum > maximum:
        raise UsageError(
            f"--minimum-tasks {limits.minimum} is above the {maximum} that may run",
            hint="see --maximum-tasks and --fifo-groups",
        )
    setting = Setting(
        question.work.work(stdin),
        concurrency,
        seconds_of("--task-start-time", consumer.start_time),
        seconds_of("--publish-delay", consumer.publish_delay),
    )
    bounds = Bounds(limits.minimum, maximum)
    return Case(trace, setting, latency, question.percentile, bounds, hour_usd)


def _circumstances(
    ctx: typer.Context,
    question: _Question,
    redelivery_ratio: float,
    batch_size: int,
    fifo_groups: int | None,
) -> Circumstances:
    from edactl.core.scaling_advice.measured import Circumstances

    given = frozenset(
        "--" + name.replace("_", "-")
        for name in ctx.params
        if getattr(ctx.get_parameter_source(name), "name", "") == "COMMANDLINE"
    )
    return Circumstances(
        work_source=question.work.source,
        arrivals_source=question.traffic.source,
        given=given,
        redelivery_ratio=redelivery_ratio,
        batch_size=batch_size,
        fifo=question.queue.endswith(".fifo"),
        fifo_groups=fifo_groups,
        mean_only=question.work.mean_only,
    )


def _emit(context: CommandContext, case: Case, advice: Advice) -> None:
    emitter, messages = context.emitter, context.messages
    for warning in advice.warnings:
        messages.warn(warning)
    if emitter.resolve("json") == "table" and emitter.query is None:
        from edactl.cli.scale_report import advice_tables

        advice_tables(context, advice)
    else:
        emitter.result(advice)
    messages.note(_sentence(case, advice))


def _sentence(case: Case, advice: Advice) -> str:
    goal = f"{case.percentile:g} % of messages within {case.latency_seconds:g} s"
    if advice.verdict == "not_reachable":
        return f"{goal} cannot be reached by scaling"
    expected = advice.expected
    tasks = f"{advice.minimum_tasks} to {advice.maximum_tasks} tasks"
    return (
        f"{goal}: {advice.metric} {advice.target_value:g} with {tasks};"
        f" {expected.late_fraction:.2%} late in the replay, {expected.mean_tasks:.1f} tasks on"
        f" average, ${expected.cost_per_day_usd:.2f} a day"
    )
