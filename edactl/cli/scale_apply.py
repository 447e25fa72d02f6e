"""`edactl scale apply`."""

from __future__ import annotations

from typing import Annotated

import typer

from edactl.cli.context import context_of


def apply_(
    ctx: typer.Context,
    advice: Annotated[
        str,
        typer.Argument(
            metavar="[FILE|-]", help="An advice: scale advise -o json.", show_default=False
        ),
    ] = "",
    queue: Annotated[
        str, typer.Option("--queue", metavar="QUEUE", help="That tasks work on.")
    ] = "",
    service: Annotated[
        str, typer.Option("--service", metavar="CLUSTER/SERVICE", help="That scales; or its ARN.")
    ] = "",
    metric: Annotated[
        str, typer.Option("--metric", metavar="METRIC", help="backlog_per_task or load_per_slot.")
    ] = "",
    target_value: Annotated[
        float | None, typer.Option("--target-value", metavar="N", help="To hold the metric at.")
    ] = None,
    minimum: Annotated[
        int | None,
        typer.Option("--minimum", "--minimum-tasks", metavar="N", help="Always running."),
    ] = None,
    maximum: Annotated[
        int | None,
        typer.Option("--maximum", "--maximum-tasks", metavar="N", help="That may run at all."),
    ] = None,
    scale_out_cooldown: Annotated[
        str, typer.Option("--scale-out-cooldown", metavar="DURATION", help="Otherwise 60s.")
    ] = "",
    scale_in_cooldown: Annotated[
        str, typer.Option("--scale-in-cooldown", metavar="DURATION", help="Otherwise 300s.")
    ] = "",
    processing_time: Annotated[
        str, typer.Option("--processing-time", metavar="DURATION", help="Mean; for load_per_slot.")
    ] = "",
    latency: Annotated[
        str,
        typer.Option(
            "--latency", metavar="DURATION", help="To clear a backlog in; for load_per_slot."
        ),
    ] = "",
    concurrency_per_task: Annotated[
        int | None,
        typer.Option("--concurrency-per-task", metavar="N", help="Slots; for load_per_slot."),
    ] = None,
    running_tasks: Annotated[
        str,
        typer.Option(
            "--running-tasks",
            metavar="SOURCE",
            help="How tasks are counted: cpu-samples, or container-insights.",
        ),
    ] = "cpu-samples",
    policy_name: Annotated[
        str, typer.Option("--policy-name", metavar="NAME", help="Otherwise edactl-QUEUE.")
    ] = "",
    write: Annotated[
        str,
        typer.Option(
            "--write", metavar="DIR", help="Write the requests and templates; apply nothing."
        ),
    ] = "",
    rollback: Annotated[
        str,
        typer.Option(
            "--rollback", metavar="RUN|latest", help="Put back what was there before that run."
        ),
    ] = "",
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Past a guard: a metric without data; an advice that is not_reachable or for"
            " another service or queue; a rollback over a change since the run, or that deletes"
            " other policies. Read what the guard says first.",
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Do not ask.")] = False,
    dry_run: Annotated[
        bool, typer.Option("-n", "--dry-run", help="Show what would change; change nothing.")
    ] = False,
) -> int:
    """Put a scaling policy on a service, by the backlog of its queue; or take it back.

    The policy is target tracking, its metric math over metrics that AWS sends anyway. It is
    evaluated over the last 24 hours first, and refused when it has no data. What was there before
    is kept on this machine; --rollback puts it back, also after a run that was killed half-way.
    Exit 3 when a guard refused, 2 when only a part was changed.

    \b
    Examples:
      edactl scale advise --latency 2m --queue orders --service jobs/orders -o json > advice.json
      edactl scale apply advice.json --dry-run
      edactl scale apply --queue orders --service jobs/orders --target-value 15 --minimum 2
        --maximum 40 --yes
      edactl scale apply advice.json --write policy/
      edactl scale apply --rollback latest --service jobs/orders
    """
    context = context_of(ctx)
    _ = context.emitter
    from edactl.cli.scale_apply_input import Given, How

    how = How(force, yes, dry_run)
    cooldowns = (scale_out_cooldown, scale_in_cooldown)
    slots = (processing_time, latency, concurrency_per_task)
    tasks = (minimum, maximum)
    names = (queue, service, policy_name)
    given = Given(names, metric, target_value, tasks, cooldowns, slots, running_tasks)
    if rollback:
        given.refuse_beside_rollback(advice, write)
        from edactl.cli.scale_apply_rollback import roll_back

        return roll_back(context, rollback, service, how)
    wanted = given.wanted(context, advice, how)
    if write:
        from edactl.cli.scale_apply_write import write_files

        return write_files(context, wanted, write, how)
    from edactl.cli.scale_apply_policy import apply_policy

    return apply_policy(context, wanted, how)
