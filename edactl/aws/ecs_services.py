"""ECS services: what they run their tasks with, and how they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edactl.aws.ecs_shapes import settable_tags
from edactl.core.ecs_service import Deployment, Service, ServiceEvent
from edactl.core.task import RunSettings
from edactl.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edactl.aws.session import AwsSession

DESCRIBED_AT_ONCE = 10
"""ECS API reference, DescribeServices: at most 10 services in one call."""
NEWEST_EVENTS = 10


@dataclass(frozen=True)
class EcsServices:
    """The services of one account and region. Every error is an AwsError or one of its kinds."""

    session: AwsSession

    def list(self, cluster: str) -> Iterator[Service]:
        """Every service of a cluster."""
        arns = list(
            self.session.pages(
                "ecs",
                "list_services",
                items="serviceArns",
                token="nextToken",  # noqa: S106 -- the name of a paging token
                resource=f'cluster "{cluster}"',
                cluster=cluster,
            )
        )
        for start in range(0, len(arns), DESCRIBED_AT_ONCE):
            some = arns[start : start + DESCRIBED_AT_ONCE]
            yield from (_service(one) for one in self._described(cluster, some))

    def describe(self, cluster: str, name: str, *, events: int = NEWEST_EVENTS) -> Service:
        """One service, with so many of its newest events; ECS keeps 100. Raises NotFound."""
        return _service(self._one(cluster, name), events)

    def run_settings(self, cluster: str, name: str) -> RunSettings:
        """What a service runs its tasks with. Raises NotFound."""
        item = self._one(cluster, name)
        return RunSettings(
            task_definition=item["taskDefinition"],
            network_configuration=item.get("networkConfiguration"),
            launch_type=item.get("launchType"),
            capacity_provider_strategy=item.get("capacityProviderStrategy"),
            platform_version=item.get("platformVersion"),
            enable_execute_command=bool(item.get("enableExecuteCommand")),
            tags={tag["key"]: tag.get("value", "") for tag in settable_tags(item.get("tags", []))},
        )

    def _one(self, cluster: str, name: str) -> dict[str, Any]:
        for item in self._described(cluster, [name], include=["TAGS"]):
            if item.get("status") != "INACTIVE":
                return item
        raise NotFound(
            f'service "{name}" does not exist in cluster "{cluster}" of {self.session.region}',
            code="MISSING",
            operation="ecs:DescribeServices",
            hint=f"edactl service list --cluster {cluster}",
        )

    def _described(
        self, cluster: str, names: Sequence[str], **parameters: Any
    ) -> Iterator[dict[str, Any]]:
        answer = self.session.call(
            "ecs",
            "describe_services",
            resource=f'cluster "{cluster}"',
            cluster=cluster,
            services=list(names),
            **parameters,
        )
        yield from answer.get("services", [])


def _service(item: dict[str, Any], events: int = NEWEST_EVENTS) -> Service:
    strategy = item.get("capacityProviderStrategy") or []
    return Service(
        name=item["serviceName"],
        cluster=str(item.get("clusterArn", "")).rpartition("/")[2],
        status=item.get("status", ""),
        desired=int(item.get("desiredCount", 0)),
        running=int(item.get("runningCount", 0)),
        pending=int(item.get("pendingCount", 0)),
        task_definition=str(item.get("taskDefinition", "")).rpartition("/")[2],
        launch_type=item.get("launchType"),
        capacity_providers=tuple(one["capacityProvider"] for one in strategy),
        created_at=item.get("createdAt"),
        arn=item["serviceArn"],
        deployments=tuple(_deployment(one) for one in item.get("deployments", [])),
        events=tuple(
            ServiceEvent(one.get("createdAt"), one.get("message", ""))
            for one in item.get("events", [])[:events]
        ),
    )


def _deployment(item: dict[str, Any]) -> Deployment:
    return Deployment(
        status=item.get("status", ""),
        rollout=item.get("rolloutState"),
        reason=item.get("rolloutStateReason"),
        task_definition=str(item.get("taskDefinition", "")).rpartition("/")[2],
        desired=int(item.get("desiredCount", 0)),
        running=int(item.get("runningCount", 0)),
        pending=int(item.get("pendingCount", 0)),
        failed=int(item.get("failedTasks", 0)),
        updated_at=item.get("updatedAt"),
    )
