"""A service of ECS: how many tasks it wants and has, its deployments and its last events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


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
    """A service as DescribeServices tells it; its ten newest events."""

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
