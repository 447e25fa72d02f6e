"""A task of ECS, its definition, and where its time went.

Sources: ECS API reference, Task, Container, TaskDefinition; ECS developer guide, "Task lifecycle".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from edactl.core.record import JsonValue

SPOT = "FARGATE_SPOT"
ON_DEMAND = "FARGATE"


@dataclass(frozen=True)
class TaskContainer:
    """One container of a task; `exit_code` is null when it never ran or its host died."""

    name: str
    last_status: str | None = None
    exit_code: int | None = None
    reason: str | None = None
    essential: bool = True


@dataclass(frozen=True)
class Task:
    """A task as DescribeTasks tells it. `cpu` in CPU units (1024 a vCPU), `memory` in MiB."""

    task_arn: str
    cluster_arn: str
    task_definition_arn: str
    last_status: str
    desired_status: str | None = None
    stop_code: str | None = None
    stopped_reason: str | None = None
    containers: tuple[TaskContainer, ...] = ()
    capacity_provider: str | None = None
    launch_type: str | None = None
    cpu: int | None = None
    memory: int | None = None
    ephemeral_storage_gib: int | None = None
    group: str | None = None
    started_by: str | None = None
    platform_version: str | None = None
    network_interface_id: str | None = None
    created_at: datetime | None = None
    pull_started_at: datetime | None = None
    pull_stopped_at: datetime | None = None
    started_at: datetime | None = None
    stopping_at: datetime | None = None
    execution_stopped_at: datetime | None = None
    stopped_at: datetime | None = None
    tags: Mapping[str, str] | None = None

    @property
    def task_id(self) -> str:
        """The last part of the ARN, as log streams have it."""
        return self.task_arn.rpartition("/")[2]

    @property
    def stopped(self) -> bool:
        """Whether it has come to its end."""
        return self.last_status in {"STOPPED", "DELETED"}

    @property
    def ran(self) -> bool:
        """Whether any container of it ever ran: RUNNING itself may have passed unseen."""
        return self.started_at is not None or any(
            one.exit_code is not None for one in self.containers
        )


_STATUSES = {
    "PROVISIONING": "ECS makes its network interface",
    "PENDING": "it waits for its host, or its images are pulled",
    "ACTIVATING": "ECS registers it with load balancers and service discovery",
    "DEACTIVATING": "ECS takes it out of load balancers and service discovery",
    "STOPPING": "its containers got SIGTERM, and get SIGKILL after their stopTimeout",
    "DEPROVISIONING": "its containers have ended, and ECS takes its network interface away",
}


def said_of_status(task: Task) -> str:
    """What is going on in a status that does not say so itself: `: ECS makes …`, or nothing."""
    words = _STATUSES.get(task.last_status)
    return f": {words}" if words else ""


@dataclass(frozen=True)
class LogTarget:
    """Where a container's lines go. `group` is null for a driver other than awslogs."""

    driver: str
    group: str | None = None
    region: str | None = None
    stream_prefix: str | None = None
    mode: str | None = None


@dataclass(frozen=True)
class ContainerDefinition:
    """One container of a task definition."""

    name: str
    image: str = ""
    essential: bool = True
    entry_point: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    log: LogTarget | None = None


@dataclass(frozen=True)
class TaskDefinition:
    """One revision of a family. `cpu` in CPU units and `memory` in MiB of the whole task.

    `platform` is what its price goes by: X86_64, ARM64, or WINDOWS, which has a licence in it.
    """

    arn: str
    family: str
    revision: int
    status: str = "ACTIVE"
    network_mode: str | None = None
    compatibilities: tuple[str, ...] = ()
    cpu: int | None = None
    memory: int | None = None
    platform: str = "X86_64"
    task_role: str | None = None
    containers: tuple[ContainerDefinition, ...] = ()

    @property
    def name(self) -> str:
        """`family:revision`."""
        return f"{self.family}:{self.revision}"

    @property
    def main_container(self) -> str:
        """The first essential container: the one a run is about when none is named."""
        essential = [one.name for one in self.containers if one.essential]
        return (essential or [""])[0]


@dataclass(frozen=True)
class LogStream:
    """The CloudWatch Logs stream of one container of one task."""

    container: str
    group: str
    stream: str
    region: str | None = None


def log_streams(task_id: str, definition: TaskDefinition) -> tuple[LogStream, ...]:
    """The streams of a task's containers that log to CloudWatch.

    `prefix/container/task id`. Source: ECS developer guide, "Send Amazon ECS logs to CloudWatch",
    awslogs-stream-prefix; without a prefix the stream's name cannot be known.
    """
    return tuple(
        LogStream(
            one.name, one.log.group, f"{one.log.stream_prefix}/{one.name}/{task_id}", one.log.region
        )
        for one in definition.containers
        if one.log and one.log.group and one.log.stream_prefix
    )


def unshown_logs(definition: TaskDefinition) -> list[str]:
    """A sentence for each container whose lines cannot be shown."""
    said = []
    for one in definition.containers:
        if one.log is None:
            said.append(f"container {one.name} has no log driver: its lines are kept nowhere")
        elif one.log.group is None:
            said.append(
                f"container {one.name} logs with {one.log.driver}, not awslogs: its lines are not"
                " shown here"
            )
        elif not one.log.stream_prefix:
            said.append(
                f"container {one.name} has no awslogs-stream-prefix: its log stream cannot be named"
            )
    return said


MANY_LINES = 10_000


def dropped_perhaps(definition: TaskDefinition, lines: Mapping[str, int]) -> list[str]:
    """A sentence for each container that logged much by a driver that may drop lines.

    Source: ECS developer guide, mode of a log driver: non-blocking by default since 25 June 2025.
    When its buffer overflows depends on lengths and pace too, so this is a hint.
    """
    return [
        f"container {one.name} logged {lines[one.name]} lines, and its log driver's mode is not"
        " set: the default, non-blocking, drops lines when its buffer is full; set mode to blocking"
        " where each line counts"
        for one in definition.containers
        if one.log and one.log.group and not one.log.mode and lines.get(one.name, 0) >= MANY_LINES
    ]


@dataclass(frozen=True)
class Timeline:
    """Where a task's time went, in seconds; null where it did not come so far.

    `queued_seconds` is from the request to the pull (placement, network interface), then the pull
    of the images, the start of the containers, and their run.
    """

    queued_seconds: float | None
    pull_seconds: float | None
    start_seconds: float | None
    run_seconds: float | None


def timeline(task: Task) -> Timeline:
    """The parts of a task's life, from its own timestamps."""
    end = task.execution_stopped_at or task.stopped_at
    return Timeline(
        _between(task.created_at, task.pull_started_at),
        _between(task.pull_started_at, task.pull_stopped_at),
        _between(task.pull_stopped_at, task.started_at),
        _between(task.started_at, end),
    )


def _between(start: datetime | None, end: datetime | None) -> float | None:
    return round((end - start).total_seconds(), 3) if start and end else None


@dataclass(frozen=True)
class RunSettings:
    """What a service runs its tasks with, in RunTask's own form."""

    task_definition: str
    network_configuration: JsonValue = None
    launch_type: str | None = None
    capacity_provider_strategy: JsonValue = None
    platform_version: str | None = None
    enable_execute_command: bool = False
    tags: Mapping[str, str] | None = None


@dataclass(frozen=True)
class LaunchFailure:
    """One of the `failures` in an answer that is itself a success."""

    reason: str
    arn: str | None = None
    detail: str | None = None


@dataclass(frozen=True)
class LaunchAnswer:
    """What ECS made of one RunTask for several tasks: those that it started, and why not more."""

    tasks: tuple[Task, ...] = ()
    failures: tuple[LaunchFailure, ...] = ()
