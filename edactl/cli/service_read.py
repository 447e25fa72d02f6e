"""`edactl service list` and `show`."""

from __future__ import annotations

from typing import Annotated

import typer

from edactl.cli.context import context_of
from edactl.cli.task_parameters import ClusterOption
from edactl.core.ecs_names import ecs_name
from edactl.errors import ExitStatus

COLUMNS = ("name", "status", "desired", "running", "pending", "task_definition", "created_at")


def list_(ctx: typer.Context, cluster: ClusterOption = "") -> int:
    """List the services of a cluster: tasks wanted, running, pending.

    \b
    Examples:
      edactl service list --cluster jobs
      edactl service list --cluster jobs --query '[?running < desired].name'
    """
    context = context_of(ctx)
    session = context.session(read_only=True)
    from edactl.aws.ecs_services import EcsServices

    context.emitter.records(EcsServices(session).list(cluster or "default"), columns=COLUMNS)
    return ExitStatus.DONE


def show(
    ctx: typer.Context,
    service: Annotated[
        str,
        typer.Argument(
            metavar="SERVICE", help="Service: name, CLUSTER/NAME, ARN.", show_default=False
        ),
    ],
    cluster: ClusterOption = "",
) -> int:
    """Show one service: its tasks, deployments and last events.

    \b
    Examples:
      edactl service show orders --cluster jobs
      edactl service show orders --cluster jobs --query 'events[].message'
    """
    context = context_of(ctx)
    named = ecs_name(service, "service", cluster)
    session = context.session(read_only=True)
    from edactl.aws.ecs_services import EcsServices

    context.emitter.result(EcsServices(session).describe(named.cluster, named.name))
    return ExitStatus.DONE
