"""`edactl task list`, `show`, `explain` and `stop`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import context_of
from edactl.cli.task_options import PriceFileOption
from edactl.cli.task_parameters import ClusterOption, TaskArgument, known_task
from edactl.cli.task_tables import emit_task, emit_task_result
from edactl.core.ecs_names import ecs_name
from edactl.core.record import record_of
from edactl.errors import ExitStatus, UsageError

if TYPE_CHECKING:
    from edactl.core.record import JsonValue
    from edactl.core.task import Task

COLUMNS = (
    "task_id",
    "last_status",
    "task_definition",
    "group",
    "capacity_provider",
    "created_at",
    "stopped_reason",
)


def list_(
    ctx: typer.Context,
    cluster: ClusterOption = "",
    status: Annotated[
        str,
        typer.Option("--status", metavar="running|stopped", help="Which: on the way, or ended."),
    ] = "running",
    service: Annotated[
        str, typer.Option("--service", metavar="SERVICE", help="Only tasks of this service.")
    ] = "",
    family: Annotated[
        str, typer.Option("--family", metavar="FAMILY", help="Only tasks of this family.")
    ] = "",
    started_by: Annotated[
        str, typer.Option("--started-by", metavar="TEXT", help="Only tasks started by this.")
    ] = "",
) -> int:
    """List the tasks of a cluster; those that ended are kept for an hour.

    \b
    Examples:
      edactl task list --cluster jobs
      edactl task list --cluster jobs --status stopped --query '[].[task_id, stop_code]'
    """
    context = context_of(ctx)
    if status not in {"running", "stopped"}:
        raise UsageError(f'--status "{status}"', hint="--status running, or stopped")
    if started_by and (service or family):
        raise UsageError("--started-by must be the only filter", hint="narrow it with --query")
    named = ecs_name(service, "service", cluster)
    session = context.session(read_only=True)
    from edactl.aws.ecs import EcsTasks

    tasks = EcsTasks(session)
    given = {"serviceName": named.name, "family": family, "startedBy": started_by}
    filters = {name: value for name, value in given.items() if value}
    arns = list(tasks.arns(named.cluster, status.upper(), **filters))
    records = [_record(task) for task in tasks.describe(named.cluster, arns)]
    context.emitter.records(records, columns=COLUMNS)
    return ExitStatus.DONE


def _record(task: Task) -> dict[str, JsonValue]:
    name = task.task_definition_arn.rpartition("/")[2]
    return {"task_id": task.task_id, "task_definition": name, **record_of(task)}


def show(ctx: typer.Context, task: TaskArgument, cluster: ClusterOption = "") -> int:
    """Show one task: status, containers, times, network interface.

    \b
    Examples:
      edactl task show 0f9de17a6465404e8b1b2356dc13c2f8 --cluster jobs
    """
    context = context_of(ctx)
    named = ecs_name(task, "task", cluster)
    session = context.session(read_only=True)
    from edactl.aws.ecs import EcsTasks

    found = known_task(EcsTasks(session), named)
    emit_task(context, _record(found), found)
    return ExitStatus.DONE


def explain(
    ctx: typer.Context,
    task: TaskArgument,
    cluster: ClusterOption = "",
    price_file: PriceFileOption = "",
) -> int:
    """Say how a task ended and why, where its time went, and what it cost.

    The result is that of task run, without attempts.

    \b
    Examples:
      edactl task explain 0f9de17a6465404e8b1b2356dc13c2f8 --cluster jobs
      edactl task explain ARN --query explanation -o text
    """
    context = context_of(ctx)
    named = ecs_name(task, "task", cluster)
    from edactl.cli.task_run_job import prices_of

    prices = prices_of(price_file, context)
    session = context.session(read_only=True)
    from edactl.aws.ecs import EcsTasks
    from edactl.core.task_outcome import judge, with_essentials
    from edactl.core.task_result import Ended, result_of

    tasks = EcsTasks(session)
    found = known_task(tasks, named)
    definition = tasks.definition(found.task_definition_arn)
    found = with_essentials(found, definition)
    judgement = judge(found, definition.main_container) if found.stopped else None
    ended = Ended(found, judgement, "")
    emit_task_result(context, result_of(ended, definition, named.cluster, prices=prices))
    return ExitStatus.DONE


def stop(
    ctx: typer.Context,
    task: TaskArgument,
    cluster: ClusterOption = "",
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Shown as the task's stopped reason.")
    ] = "edactl task stop",
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Do not ask.")] = False,
    dry_run: Annotated[
        bool, typer.Option("-n", "--dry-run", help="Show what would stop; stop nothing.")
    ] = False,
) -> int:
    """Stop a task: SIGTERM, then SIGKILL after its containers' stopTimeout (30 s).

    A task of a service is replaced by another one.

    \b
    Examples:
      edactl task stop 0f9de17a6465404e8b1b2356dc13c2f8 --cluster jobs --yes
    """
    context = context_of(ctx)
    named = ecs_name(task, "task", cluster)
    session = context.session(read_only=dry_run)
    from edactl.aws.ecs import EcsTasks

    tasks = EcsTasks(session)
    found = known_task(tasks, named)
    what = f'task {found.task_id} ({found.last_status}) of cluster "{named.cluster}"'
    stops = not dry_run and not found.stopped
    if stops:
        context.messages.confirm(f"Stop {what}?", yes=yes)
        tasks.stop(named.cluster, found.task_arn, reason)
    said = "has ended already:" if found.stopped else "asked to stop" if stops else "would stop"
    context.messages.note(f"{said} {what}")
    context.emitter.result(_record(found) | {"stop_requested": stops, "dry_run": dry_run})
    return ExitStatus.DONE
