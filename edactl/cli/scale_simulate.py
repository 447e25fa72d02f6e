"""`edactl scale simulate`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import CommandContext, context_of
from edactl.cli.scale_measured import LookbackOption
from edactl.cli.scale_parameters import (
    MOST_SIMULATED,
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
    from collections.abc import Iterator, Sequence

    from edactl.core.scaling_sim.arrivals import Trace
    from edactl.core.scaling_sim.results import Contest, Contestant, Outcome
    from edactl.core.scaling_sim.simulator import Minute
    from edactl.core.scaling_sim.work import Work
    from edactl.ops.scale_measure import Quantity

    Run = tuple[Outcome, Sequence[Minute]]


def simulate(
    ctx: typer.Context,
    pattern: PatternOption = "",
    arrivals: ArrivalsOption = "",
    messages: MessagesOption = None,
    duration: DurationOption = "",
    service_time: ServiceTimeOption = "",
    processing_time: ProcessingTimeOption = "",
    processing_time_p95: ProcessingTimeP95Option = "",
    samples: SamplesOption = "",
    policy: Annotated[
        list[str] | None,
        typer.Option(
            "--policy",
            metavar="POLICY|FILE",
            help="fixed:10, step, step-only, cpu:70, queue-depth:100, backlog:60, load:0.75,"
            " step1:60, each with ,min=N,max=N; or a policy's JSON. Repeatable.",
        ),
    ] = None,
    latency: LatencyOption = "2m",
    concurrency_per_task: ConcurrencyOption = 1,
    task_start_time: StartTimeOption = "60s",
    publish_delay: PublishDelayOption = "60s",
    minimum_tasks: MinimumOption = 1,
    maximum_tasks: Annotated[
        int, typer.Option("--maximum-tasks", metavar="N", min=1, help="That a policy may run.")
    ] = 1000,
    initial_tasks: Annotated[
        int | None, typer.Option("--initial-tasks", metavar="N", min=0, help="At the start.")
    ] = None,
    task_cpu: TaskCpuOption = 1024,
    task_memory: TaskMemoryOption = 2048,
    seed: SeedOption = 1,
    series: Annotated[
        bool, typer.Option("--series", help="One record a minute and policy, not one a policy.")
    ] = False,
    plot: Annotated[
        bool, typer.Option("--plot", help="Plots on stderr: backlog, tasks and longest wait.")
    ] = False,
    svg: Annotated[str, typer.Option("--svg", metavar="FILE", help="Write the plots.")] = "",
    html: Annotated[str, typer.Option("--html", metavar="FILE", help="Write a report.")] = "",
    live: Annotated[
        str,
        typer.Option("--live", metavar="CLUSTER/SERVICE", help="The policies deployed for it."),
    ] = "",
    queue: Annotated[
        str, typer.Option("--queue", metavar="QUEUE", help="Measured where nothing is given.")
    ] = "",
    lookback: LookbackOption = "1d",
) -> int:
    """Replay arrivals against scaling policies, side by side.

    Message by message, in a model of Application Auto Scaling: AWS does not publish its own
    algorithm. Every policy gets the same messages. A wait ends when work starts; a message is late
    when its age exceeds --latency as its work ends. Without --policy and --live the usual ones
    compete. Offline but for --live and --queue.

    \b
    Examples:
      edactl scale simulate --pattern burst:5/s,20/s --service-time lognormal:2s,cv=1.5
      edactl scale simulate --pattern steady:8/s --service-time exponential:1s --policy fixed:10
      edactl scale simulate --queue orders --live flix/orders --policy load:0.75
      edactl scale simulate --arrivals sent.txt --samples durations.txt --policy backlog:60
        --policy load:0.75,min=12 --html report.html
    """
    context = context_of(ctx)
    _ = context.emitter
    traffic = TrafficOptions(pattern, arrivals, messages, duration)
    work = WorkOptions(service_time, processing_time, processing_time_p95, samples)
    checked_stdin(traffic, work)
    timing = (latency, task_start_time, publish_delay)
    tasks = (minimum_tasks, maximum_tasks, initial_tasks)
    price = _price(task_cpu, task_memory)
    given = _given(context, traffic, work, queue, lookback)
    contest = _contest(given, concurrency_per_task, timing, tasks, price)
    from edactl.cli.scale_policies import policies_of

    policies = policies_of(context, policy or (), live, contest, _queue_name(queue))
    runs = list(_runs(context, contest, policies, seed))
    _emit(context, runs, series=series)
    _draw(context, runs, plot=plot, svg=svg, html=html)
    return ExitStatus.DONE


def _price(cpu: int, memory: int) -> float:
    from edactl.core.scaling_sim.results import task_hour_usd

    return task_hour_usd(cpu, memory)


def _queue_name(queue: str) -> str:
    if not queue:
        return ""
    from edactl.core.arn import parse_queue

    return parse_queue(queue).name


def _given(
    context: CommandContext, traffic: TrafficOptions, work: WorkOptions, queue: str, lookback: str
) -> tuple[Trace, Work]:
    """Arrivals and work: as given, else measured on the queue, where one is named."""
    stdin = context.terminal.stdin
    lacks: dict[Quantity, bool] = {"traffic": traffic.is_absent, "work": work.is_absent}
    wanted = [name for name, lacking in lacks.items() if lacking]
    if not queue or not wanted:
        found = work.work(stdin)
        return traffic.trace(stdin), found
    from edactl.cli.scale_measured import measured_queue
    from edactl.core.scaling_sim.work import Exponential

    measured = measured_queue(context, queue, wanted, lookback)
    if measured.work:
        seconds = measured.work.value
        context.messages.note(f"work on {queue}: {seconds:.3g} s by Little's law, as exponential")
    return (
        measured.trace or traffic.trace(stdin),
        Exponential(measured.work.value) if measured.work else work.work(stdin),
    )


def _contest(
    given: tuple[Trace, Work],
    concurrency: int,
    timing: tuple[str, str, str],
    tasks: tuple[int, int, int | None],
    hour_usd: float,
) -> Contest:
    from edactl.core.scaling_sim.controllers import Bounds
    from edactl.core.scaling_sim.results import Contest
    from edactl.core.scaling_sim.simulator import Setting

    trace, distribution = given
    latency, start_time, publish_delay = timing
    minimum, maximum, first = tasks
    if minimum > maximum:
        raise UsageError(
            f"--minimum-tasks {minimum} is above --maximum-tasks {maximum}",
            hint=f"--maximum-tasks {minimum}",
        )
    limit = positive_seconds("--latency", latency)
    setting = Setting(
        distribution,
        concurrency,
        seconds_of("--task-start-time", start_time),
        seconds_of("--publish-delay", publish_delay),
    )
    if trace.total > MOST_SIMULATED:
        raise UsageError(
            f"{trace.total:.0f} messages are more than the {MOST_SIMULATED} that are simulated",
            hint="a shorter --duration, or --messages 1000000",
        )
    return Contest(trace, setting, Bounds(minimum, maximum), limit, hour_usd, first)


def _runs(
    context: CommandContext, contest: Contest, policies: list[Contestant], seed: int
) -> Iterator[Run]:
    for policy in policies:
        replay = contest.replay(policy, generators(seed))
        outcome = contest.outcome(policy, replay)
        if outcome.messages_left:
            context.messages.warn(
                f"{policy.text}: {outcome.messages_left} messages were never worked on, a day"
                " after the last arrival; they count as late and their waits are left out"
            )
        yield outcome, replay.minutes  # the waits of millions of messages are not kept


def _emit(context: CommandContext, runs: list[Run], *, series: bool) -> None:
    if series:
        context.emitter.records(
            {"policy": outcome.policy, **asdict(minute)}
            for outcome, minutes in runs
            for minute in minutes
        )
        return
    from edactl.cli.scale_report import outcome_table

    outcome_table(context, [outcome for outcome, _ in runs])


def _draw(context: CommandContext, runs: list[Run], *, plot: bool, svg: str, html: str) -> None:
    if not (plot or svg or html):
        return
    from edactl.cli.scale_report import plots, report_files

    named = [(outcome.policy, minutes) for outcome, minutes in runs]
    report_files(context, named, [outcome for outcome, _ in runs], svg=svg, html=html)
    if plot:
        plots(context, named)
