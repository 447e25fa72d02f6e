"""A service of ECS: how many tasks it wants and has, its deployments and its last events."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edactl.core.scaling_brief import ScalingBrief, brief_of
from edactl.core.scaling_policy.service_place import ServicePlace

if TYPE_CHECKING:
    from datetime import datetime

    from edactl.core.deployed_scaling import DeployedScaling


@dataclass(frozen=True)
class Deployment:
    """One deployment: PRIMARY is the newest. `failed` counts tasks that did not become healthy."""

    status: str
    rollout: str | None
    reason: str | None
    task_definition: str
    desired: int
    running: int
    pending: int
    failed: int
    updated_at: datetime | None


@dataclass(frozen=True)
class ServiceEvent:
    """What ECS said about a service."""

    at: datetime | None
    message: str


@dataclass(frozen=True)
class Service:
    """A service as DescribeServices tells it; its ten newest events.

    `scaling` is null when it is not behind Application Auto Scaling, or that could not be read.
    """

    name: str
    cluster: str
    status: str
    desired: int
    running: int
    pending: int
    task_definition: str
    launch_type: str | None
    capacity_providers: tuple[str, ...]
    created_at: datetime | None
    arn: str
    deployments: tuple[Deployment, ...] = ()
    events: tuple[ServiceEvent, ...] = ()
    scaling: ScalingBrief | None = None
    scaling_summary: str | None = None

    @property
    def place(self) -> ServicePlace:
        """Its cluster and name, as Application Auto Scaling wants them."""
        return ServicePlace(self.cluster, self.name)

    def scaled(self, scaling: DeployedScaling | None) -> Service:
        """The same with how it scales."""
        brief = brief_of(scaling) if scaling else None
        return replace(self, scaling=brief, scaling_summary=brief.words if brief else None)
