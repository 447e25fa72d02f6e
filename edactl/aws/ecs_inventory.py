"""What there is in ECS, by name alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.aws.session import AwsSession

_STATUSES = ("RUNNING", "STOPPED")


@dataclass(frozen=True)
class EcsInventory:
    """The names of one account and region. Every error is an AwsError or one of its kinds."""

    session: AwsSession

    def clusters(self) -> Iterator[str]:
        """The names of all clusters."""
        return self._names("list_clusters", "clusterArns")

    def services(self, cluster: str) -> Iterator[str]:
        """The names of a cluster's services."""
        return self._names("list_services", "serviceArns", cluster=cluster)

    def tasks(self, cluster: str) -> Iterator[str]:
        """The ids of a cluster's tasks, those that run or start first, then those that ended."""
        for status in _STATUSES:
            yield from self._names("list_tasks", "taskArns", cluster=cluster, desiredStatus=status)

    def families(self) -> Iterator[str]:
        """The families of task definitions that have an active revision."""
        return self._names("list_task_definition_families", "families", status="ACTIVE")

    def _names(self, operation: str, items: str, **parameters: Any) -> Iterator[str]:
        found = self.session.pages(
            "ecs",
            operation,
            items=items,
            token="nextToken",  # noqa: S106 -- the name of a paging token
            **parameters,
        )
        return (str(one).rpartition("/")[2] for one in found)
