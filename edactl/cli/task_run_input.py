"""The options of `task run` as one request to ECS, checked before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edactl.cli.opened import shown, text_of
from edactl.core.ecs_names import ecs_name
from edactl.core.task import ON_DEMAND, SPOT, RunSettings
from edactl.core.task_capacity import check_capacity, on_fargate
from edactl.core.task_request import (
    RUN_TAG,
    Overrides,
    TaskRequest,
    check_overrides,
    checked_started_by,
    network_of,
    strategy_of,
)
from edactl.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TextIO

    from edactl.core.task import ContainerDefinition, TaskDefinition

_LAUNCH_TYPES = ("FARGATE", "EC2", "EXTERNAL")


def refuse_what_stays(given: Mapping[str, str]) -> None:
    """Nothing when none is given of what RunTask cannot override. Raises UsageError."""
    for what, text in given.items():
        if text:
            raise UsageError(
                f"RunTask cannot override the {what}: it needs a new revision of the task"
                " definition",
                hint="aws ecs register-task-definition, then --task-definition FAMILY:REVISION",
            )


@dataclass(frozen=True)
class Target:
    """What to run, and where."""

    cluster: str
    task_definition: str
    service: str

    def checked(self) -> Target:
        """The same with its cluster. Raises UsageError unless exactly one thing is to be run."""
        if bool(self.task_definition) == bool(self.service):
            both = "both --task-definition and --service are given" if self.service else None
            raise UsageError(
                both or "what is to be run?",
                hint="--task-definition FAMILY[:REVISION], or --service NAME to run as it does",
            )
        if not self.service:
            return replace(self, cluster=self.cluster or "default")
        named = ecs_name(self.service, "service", self.cluster)
        return replace(self, cluster=named.cluster, service=named.name)


@dataclass(frozen=True)
class Changes:
    """What the run changes of its task definition."""

    container: str
    command: list[str]
    env: list[str]
    env_file: list[str]
    cpu: int | None
    memory: int | None
    ephemeral_storage: int | None
    task_role: str
    execution_role: str

    def overrides(self, stdin: TextIO) -> Overrides:
        """As ECS takes them; the container is still to be chosen. Raises InputError."""
        environment: dict[str, str] = {}
        for name in self.env_file:
            environment.update(_variables(name, stdin))
        environment.update(_pair(text, "--env") for text in self.env)
        return Overrides(
            self.container,
            tuple(self.command),
            environment,
            self.cpu,
            self.memory,
            self.ephemeral_storage,
            self.task_role or None,
            self.execution_role or None,
        )


def _variables(name: str, stdin: TextIO) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text_of(name, stdin).splitlines(), start=1):
        text = line.strip()
        if text and not text.startswith("#"):
            yield _pair(text, f"{shown(name)}:{number}")


def _pair(text: str, where: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise InputError(f'"{text}" is no NAME=VALUE', where=where)
    return name, value


@dataclass(frozen=True)
class Placement:
    """Which network and which capacity the task gets."""

    subnets: list[str]
    security_groups: list[str]
    public_ip: bool
    launch_type: str
    capacity_provider: str
    spot: bool
    fallback: str

    def checked(self, *, service: bool) -> Placement:
        """The same. Raises UsageError for what contradicts itself, or needs a service's network."""
        provider = "--spot" if self.spot else "--capacity-provider"
        if self.launch_type and (self.spot or self.capacity_provider):
            raise UsageError(
                f"{provider} and --launch-type exclude each other", hint="leave one of them out"
            )
        if self.launch_type and self.launch_type not in _LAUNCH_TYPES:
            raise UsageError(
                f'--launch-type "{self.launch_type}"', hint=f"one of {', '.join(_LAUNCH_TYPES)}"
            )
        if self.spot and self.capacity_provider not in {"", SPOT}:
            raise UsageError(
                "--spot and --capacity-provider exclude each other", hint="leave one of them out"
            )
        if self.fallback not in {"", "on-demand"}:
            raise UsageError(f'--fallback "{self.fallback}"', hint="--fallback on-demand")
        if self.fallback and not self.spot:
            raise UsageError("--fallback is for --spot", hint="add --spot")
        if (self.security_groups or self.public_ip) and not (self.subnets or service):
            raise UsageError(
                "--security-group and --public-ip need --subnet",
                hint="name the subnets too, or take a service's network with --service",
            )
        return self

    def placed(self, request: TaskRequest, definition: TaskDefinition) -> TaskRequest:
        """The request with these; what is not said stays as it was."""
        if self.subnets or self.security_groups or self.public_ip:
            network = network_of(
                self.subnets, self.security_groups, public_ip=self.public_ip, like=request.network
            )
            request = replace(request, network=network)
        if self.spot or self.capacity_provider:
            strategy = strategy_of(SPOT if self.spot else self.capacity_provider)
            return replace(request, launch_type=None, strategy=strategy)
        if self.launch_type:
            return replace(request, launch_type=self.launch_type, strategy=None)
        if not request.launch_type and not request.strategy and _is_fargate(definition):
            return replace(request, launch_type=ON_DEMAND)
        return request


def _is_fargate(definition: TaskDefinition) -> bool:
    return "FARGATE" in definition.compatibilities and definition.network_mode == "awsvpc"


@dataclass(frozen=True)
class Labels:
    """How the run is marked."""

    tags: list[str]
    started_by: str
    idempotency_key: str

    def pairs(self) -> dict[str, str]:
        """The tags by key. Raises InputError."""
        found = dict(_pair(text, "--tag") for text in self.tags)
        for name in found:
            if name.lower().startswith("aws:"):
                raise InputError(
                    f'"{name}": AWS keeps the names that start with aws: for itself', where="--tag"
                )
        return found


def settings_of_definition(target: Target) -> RunSettings:
    """What is known of a task that no service runs."""
    return RunSettings(task_definition=target.task_definition)


def check_service(settings: RunSettings, name: str) -> None:
    """Nothing for a service whose tasks can be run alike. Raises InputError."""
    if settings.launch_type in {"EC2", "EXTERNAL"}:
        raise InputError(
            f'service "{name}" runs on {settings.launch_type}, not on Fargate',
            hint=f"--task-definition {settings.task_definition.rpartition('/')[2]}"
            f" --launch-type {settings.launch_type}",
        )
    if not settings.network_configuration:
        raise InputError(
            f'service "{name}" has no awsvpc network that a task could share',
            hint=f"--task-definition {settings.task_definition.rpartition('/')[2]} --subnet SUBNET",
        )


def request_of(
    target: Target,
    settings: RunSettings,
    definition: TaskDefinition,
    overrides: Overrides,
    placement: Placement,
    labels: Labels,
    job: str,
) -> TaskRequest:
    """The request, checked against the definition. Raises InputError for what ECS would refuse."""
    if definition.status != "ACTIVE":
        raise InputError(
            f"task definition {definition.name} is {definition.status}",
            hint=f"the newest active one: --task-definition {definition.family}",
        )
    container = overrides.container or definition.main_container
    marked = {RUN_TAG: job} if labels.started_by else {}
    request = placement.placed(
        TaskRequest(
            cluster=target.cluster,
            task_definition=definition.arn,
            overrides=replace(overrides, container=container),
            started_by=checked_started_by(labels.started_by or f"edactl-{job}"),
            network=settings.network_configuration,
            launch_type=settings.launch_type,
            strategy=settings.capacity_provider_strategy,
            platform_version=settings.platform_version,
            enable_execute_command=settings.enable_execute_command,
            tags={**(settings.tags or {}), **labels.pairs(), **marked},
        ),
        definition,
    )
    if definition.network_mode == "awsvpc" and not request.network:
        raise UsageError(
            f"task definition {definition.name} needs a network (awsvpc)",
            hint="--subnet SUBNET, or --service NAME to take a service's",
        )
    check_capacity(request, definition)
    check_overrides(request.overrides, definition, fargate=on_fargate(request, definition))
    return request


def swallowed(container: ContainerDefinition, command: tuple[str, ...]) -> str | None:
    """A warning, when the definition's entry point gets the command as its arguments."""
    if not command or not container.entry_point:
        return None
    entry = " ".join(container.entry_point)
    shell = container.entry_point[-1] == "-c" and len(command) > 1
    more = f'; of it "-c" runs only the first word, {command[0]}' if shell else ""
    return f'container {container.name} has the entry point "{entry}": it gets the command{more}'
