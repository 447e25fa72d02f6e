"""Options that the commands on ECS share, and what they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from edactl.errors import NotFound

if TYPE_CHECKING:
    from edactl.aws.ecs import EcsTasks
    from edactl.core.ecs_names import EcsName
    from edactl.core.task import Task

ClusterOption: TypeAlias = Annotated[
    str, typer.Option("--cluster", metavar="CLUSTER", help="Cluster, by name or ARN [default].")
]
TaskArgument: TypeAlias = Annotated[
    str, typer.Argument(metavar="TASK", help="Task: id, CLUSTER/ID, ARN.", show_default=False)
]


def known_task(tasks: EcsTasks, named: EcsName) -> Task:
    """The task as it is now. Raises NotFound for one that ECS does not know."""
    cluster = named.cluster
    for task in tasks.describe(cluster, [named.name]):
        return task
    raise NotFound(
        f'task "{named.name}" is not known in cluster "{cluster}" of {tasks.session.region}',
        code="MISSING",
        operation="ecs:DescribeTasks",
        hint=f"edactl task list --cluster {cluster} --status stopped (kept for an hour)",
    )
