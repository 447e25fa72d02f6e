"""`edactl scale advise`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import CommandContext, context_of
from edactl.cli.scale_measured import (
    FieldOption,
    LogOption,
    LookbackOption,
    MeasuredWorkOptions,
    MetricOption,
    UnitOption,
    measured_on_aws,
)
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
    generators,
)
from edactl.cli.scale_question import (
    Consumer,
    Limits,
    Question,
    case_of,
    circumstances_of,
)
from edactl.cli.scale_task_price import TaskPrice
from edactl.errors import ExitStatus

if TYPE_CHECKING:
    from edactl.core.scaling_advice.advice import Advice
    from edactl.core.scaling_advice.case import Case
    from edactl.core.scaling_advice.measured import Circumstances
    from edactl.core.scaling_policy.service_place import ServicePlace

MOST_TASKS = 5000
"""The default quota of tasks of an ECS service."""


def advise_(
    ctx: typer.Context,
    latency: LatencyOption = "",
    percentile: Annotated[
        float, typer.Option("--percentile", metavar="P", help="Of messages that must not be late.")
    ] = 95.0,
    queue: Annotated[
        str, typer.Option("--queue", metavar="QUEUE", help="Measured where nothing is given.")
    ] = "",
    service: Annotated[
        str,
        typer.Option(
            "--service", metavar="CLUSTER/SERVICE", help="Its tasks, their start and their size."
        ),
    ] = "",
    pattern: PatternOption = "",
    arrivals: ArrivalsOption = "",
    messages: MessagesOption = None,
    duration: DurationOption = "",
    service_time: ServiceTimeOption = "",
    processing_time: ProcessingTimeOption = "",
    processing_time_p95: ProcessingTimeP95Option = "",
    samples: SamplesOption = "",
    processing_time_metric: MetricOption = "",
    processing_time_log: LogOption = "",
    processing_time_field: FieldOption = "",
    processing_time_unit: UnitOption = "",
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
    lookback: LookbackOption = "7d",
    plot: Annotated[
        bool, typer.Option("--plot", help="Plots on stderr: backlog, tasks and longest wait.")
    ] = False,
    seed: SeedOption = 1,
) -> int:
    """Say what target, minimum and maximum meet a latency, or that none does.

    Works offline where traffic and processing time are given. What is not is measured: on --queue
    arrivals, redeliveries, and the mean processing time by Little's law; on --service running
    tasks, their start and their size. The policy is replayed on that very traffic in a model of
    Application Auto Scaling. A message is late when its age exceeds --latency as its work ends;
    expected times are such ages. Exit 1 when no policy meets the latency.

    \b
    Examples:
      edactl scale advise --latency 2m --queue orders --service flix/orders
      edactl scale advise --latency 2m --pattern burst:5/s,20/s --processing-time 2s
      edactl scale advise --latency 2m --arrivals sent.txt --samples durations.txt -o json
      edactl scale advise --latency 30s --percentile 99 --queue orders --concurrency-per-task 4
        --processing-time-metric Orders/Took,Service=orders
      edactl scale advise --latency 2m --queue orders --processing-time-log /ecs/orders
        --processing-time-field took_ms --processing-time-unit ms
    """
    context = context_of(ctx)
    _ = context.emitter
    traffic = TrafficOptions(pattern, arrivals, messages, duration)
    work = WorkOptions(service_time, processing_time, processing_time_p95, samples)
    log = (processing_time_log, processing_time_field)
    measuring = MeasuredWorkOptions(processing_time_metric, *log, processing_time_unit)
    limits = Limits(minimum_tasks, maximum_tasks, fifo_groups)
    consumer = Consumer(concurrency_per_task, task_start_time, publish_delay, batch_size)
    question = Question(
        *(latency, percentile, queue, _place(service), lookback, traffic, work, measuring),
        *(limits, consumer, redelivery_ratio, _given(ctx)),
    )
    found = measured_on_aws(context, question)
    price = TaskPrice.of(question, found, task_cpu, task_memory)
    case = case_of(context, question, found, price.hour_usd)
    advice = _advice(case, circumstances_of(question, found, price.inputs), seed)
    _emit(context, case, advice)
    if plot:
        from edactl.cli.scale_advise_plot import plot_advice

        plot_advice(context, case, advice, seed)
    return ExitStatus.NO if advice.verdict == "not_reachable" else ExitStatus.DONE


def _advice(case: Case, circumstances: Circumstances, seed: int) -> Advice:
    from edactl.core.scaling_advice.advice import advise
    from edactl.core.scaling_advice.measured import inputs_of

    return advise(case, inputs_of(case, circumstances), circumstances, generators(seed))


def _given(ctx: typer.Context) -> frozenset[str]:
    """The options that were on the command line."""
    return frozenset(
        "--" + name.replace("_", "-")
        for name in ctx.params
        if getattr(ctx.get_parameter_source(name), "name", "") == "COMMANDLINE"
    )


def _place(service: str) -> ServicePlace | None:
    if not service:
        return None
    from edactl.core.scaling_policy.service_place import parse_service_place

    return parse_service_place(service)


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
    now = advice.inputs.get("running_tasks"), advice.inputs.get("cost_per_day_now")
    today = f" (now {now[0].value:.1f}, ${now[1].value:.2f})" if now[0] and now[1] else ""
    return (
        f"{goal}: {advice.metric} {advice.target_value:g} with {tasks};"
        f" {expected.late_fraction:.2%} late in the replay, {expected.mean_tasks:.1f} tasks on"
        f" average, ${expected.cost_per_day_usd:.2f} a day{today}"
    )
