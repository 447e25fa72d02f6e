"""ECS tasks: launch, look, list, stop.

Launches are tried once here: each failure has a class of its own (`edactl.core.task_failure`), and
`edactl.ops.task_run` decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from edactl.aws.ecs_shapes import definition_of, task_of
from edactl.core.task import LaunchAnswer, LaunchFailure
from edactl.errors import AwsError, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edactl.aws.session import AwsSession
    from edactl.core.task import Task, TaskDefinition
    from edactl.core.task_request import TaskRequest

DESCRIBED_AT_ONCE = 100
"""ECS API reference, DescribeTasks: at most 100 tasks in one call."""
_STATUSES = ("RUNNING", "STOPPED")


@dataclass(frozen=True)
class EcsTasks:
    """The tasks of one account and region. Every error is an AwsError or one of its kinds."""

    session: AwsSession

    def definition(self, name: str) -> TaskDefinition:
        """A task definition by family, family:revision or ARN. Raises NotFound."""
        return definition_of(described_definition(self.session, name)["taskDefinition"])

    def run(self, request: TaskRequest, token: str) -> Task | LaunchFailure:
        """The task that was started, or the failure inside an answer that is a success itself."""
        answer = self.run_many(request, token, 1)
        if answer.tasks:
            return answer.tasks[0]
        if answer.failures:
            return answer.failures[0]
        return LaunchFailure("the answer holds neither a task nor a failure")

    def run_many(self, request: TaskRequest, token: str, count: int) -> LaunchAnswer:
        """The tasks that were started, up to ten, and the failures of those that were not."""
        answer = self.session.call(
            "ecs",
            "run_task",
            resource=f"task of {request.task_definition}",
            attempts=1,
            **cast(
                "dict[str, Any]", request.as_json(token, count)
            ),  # AWS's own names, none of ours
        )
        return LaunchAnswer(
            tuple(task_of(one) for one in answer.get("tasks", [])),
            tuple(
                LaunchFailure(str(one.get("reason", "")), one.get("arn"), one.get("detail"))
                for one in answer.get("failures", [])
            ),
        )

    def describe(self, cluster: str, arns: Sequence[str]) -> list[Task]:
        """These tasks as they are now; those that ECS does not know (yet) are left out."""
        found: list[Task] = []
        for start in range(0, len(arns), DESCRIBED_AT_ONCE):
            answer = self.session.call(
                "ecs",
                "describe_tasks",
                resource=f'tasks of cluster "{cluster}"',
                cluster=cluster,
                tasks=list(arns[start : start + DESCRIBED_AT_ONCE]),
                include=["TAGS"],
            )
            found += [task_of(one) for one in answer.get("tasks", [])]
        return found

    def arns(self, cluster: str, status: str, **filters: Any) -> Iterator[str]:
        """The ARNs of the tasks of a cluster, RUNNING (or on the way) or STOPPED."""
        yield from self.session.pages(
            "ecs",
            "list_tasks",
            items="taskArns",
            token="nextToken",  # noqa: S106 -- the name of a paging token
            resource=f'cluster "{cluster}"',
            cluster=cluster,
            desiredStatus=status,
            **filters,
        )

    def started_by(self, cluster: str, started_by: str) -> list[Task]:
        """The tasks that somebody of this name started, ended ones of the last hour too."""
        arns = [
            arn for status in _STATUSES for arn in self.arns(cluster, status, startedBy=started_by)
        ]
        return self.describe(cluster, list(dict.fromkeys(arns))) if arns else []

    def of_service(self, cluster: str, service: str) -> list[Task]:
        """The tasks of a service, ended ones of the last hour too."""
        arns = [
            arn for status in _STATUSES for arn in self.arns(cluster, status, serviceName=service)
        ]
        return self.describe(cluster, list(dict.fromkeys(arns))) if arns else []

    def stop(self, cluster: str, arn: str, reason: str) -> None:
        """Ask ECS to stop a task: SIGTERM, then SIGKILL after the container's stopTimeout."""
        self.session.call(
            "ecs",
            "stop_task",
            resource=f'task "{arn.rpartition("/")[2]}"',
            cluster=cluster,
            task=arn,
            reason=reason,
        )


def described_definition(session: AwsSession, name: str, **parameters: Any) -> dict[str, Any]:
    """DescribeTaskDefinition's answer for a family, family:revision or ARN. Raises NotFound."""
    try:
        return session.call(
            "ecs",
            "describe_task_definition",
            resource=f'task definition "{name}"',
            taskDefinition=name,
            **parameters,
        )
    except AwsError as error:
        if error.code == "ClientException":  # "Unable to describe task definition."
            raise NotFound(
                f'task definition "{name}" does not exist in {session.region} ({error.code})',
                code=error.code,
                operation=error.operation,
                request_id=error.request_id,
                hint="aws ecs list-task-definition-families --status ACTIVE",
            ) from None
        raise
