"""`edactl service list` and `show`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import context_of
from edactl.cli.task_parameters import ClusterOption
from edactl.cli.task_tables import emit_service
from edactl.core.ecs_names import ecs_name
from edactl.errors import AwsError, ExitStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.aws.session import AwsSession
    from edactl.cli.context import CommandContext
    from edactl.core.deployed_scaling import DeployedScaling
    from edactl.core.ecs_service import Service

COLUMNS = ("name", "status", "desired", "running", "pending", "task_definition", "scaling_summary")


def list_(ctx: typer.Context, cluster: ClusterOption = "") -> int:
    """List the services of a cluster: tasks wanted, running, pending; how they scale.

    \b
    Examples:
      edactl service list --cluster jobs
      edactl service list --cluster jobs --query '[?scaling == null].name'
      edactl service list --cluster jobs --query '[?running < desired].name'
    """
    context = context_of(ctx)
    session = context.session(read_only=True)
    from edactl.aws.ecs_services import EcsServices

    found = _scaled(context, session, list(EcsServices(session).list(cluster or "default")))
    context.emitter.records(found, columns=COLUMNS)
    return ExitStatus.DONE


def _scaled(
    context: CommandContext, session: AwsSession, services: list[Service]
) -> Iterator[Service]:
    """The services with their scaling, or without where it may not be read."""
    from edactl.aws.scaling_policies import ScalingPolicies

    scaling: dict[str, DeployedScaling] = {}
    try:
        scaling = ScalingPolicies(session).of_services(one.place for one in services)
    except AwsError as error:
        # the sandbox has no Application Auto Scaling: nothing to worry anybody with
        tell = context.messages.detail if context.sandbox else context.messages.warn
        tell(f"how services scale is not shown: {error.message}")
    return (one.scaled(scaling.get(one.place.resource_id)) for one in services)


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
    """Show one service: its tasks, deployments, last events, and how it scales.

    \b
    Examples:
      edactl service show jobs/orders
      edactl service show orders --cluster jobs --query 'events[].message'
    """
    context = context_of(ctx)
    named = ecs_name(service, "service", cluster)
    session = context.session(read_only=True)
    from edactl.aws.ecs_services import EcsServices

    [found] = _scaled(context, session, [EcsServices(session).describe(named.cluster, named.name)])
    emit_service(context, found)
    return ExitStatus.DONE
