"""Options that the commands on ECS share, and what they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from edactl.core.arn import is_arn, parse_arn
from edactl.errors import InputError, NotFound

if TYPE_CHECKING:
    from edactl.aws.ecs import EcsTasks
    from edactl.core.task import Task

_LONG_ARN_PARTS = 3

ClusterOption: TypeAlias = Annotated[
    str, typer.Option("--cluster", metavar="CLUSTER", help="Cluster, by name or ARN [default].")
]
TaskArgument: TypeAlias = Annotated[
    str, typer.Argument(metavar="TASK", help="Task, by id or ARN.", show_default=False)
]


def cluster_of(text: str, cluster: str, kind: str) -> str:
    """The cluster of a task or service: the one named, that of its ARN, or the default one.

    Raises InputError for the ARN of anything else.
    """
    if not is_arn(text):
        return cluster or "default"
    arn = parse_arn(text)
    parts = arn.resource.split("/")
    if arn.service != "ecs" or parts[0] != kind:
        raise InputError(f'"{text}" is not the ARN of a {kind}', hint=f"edactl {kind} list")
    return cluster or (parts[1] if len(parts) == _LONG_ARN_PARTS else "default")


def known_task(tasks: EcsTasks, text: str, cluster: str) -> Task:
    """The task as it is now. Raises NotFound for one that ECS does not know."""
    for task in tasks.describe(cluster, [text]):
        return task
    raise NotFound(
        f'task "{text}" is not known in cluster "{cluster}" of {tasks.session.region}',
        code="MISSING",
        operation="ecs:DescribeTasks",
        hint=f"edactl task list --cluster {cluster} --status stopped (kept for an hour)",
    )
