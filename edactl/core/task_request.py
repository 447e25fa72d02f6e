"""One RunTask request: what is asked of ECS, checked before it is sent.

Source: ECS API reference, RunTask and TaskOverride: overrides are at most 8192 characters of JSON,
launchType and capacityProviderStrategy exclude each other, startedBy has at most 128 characters,
clientToken at most 64.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from edactl.core.task import ON_DEMAND, SPOT
from edactl.core.task_size import check_size, check_storage
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edactl.core.record import JsonValue
    from edactl.core.task import TaskDefinition

MAX_OVERRIDE_CHARACTERS = 8192
RUN_TAG = "edactl:run"
_STARTED_BY = re.compile(r"[A-Za-z0-9/_-]{1,128}")


@dataclass(frozen=True)
class Overrides:
    """What of a task definition a run changes; None leaves it as it is."""

    container: str = ""
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    cpu: int | None = None
    memory: int | None = None
    ephemeral_storage_gib: int | None = None
    task_role: str | None = None
    execution_role: str | None = None

    def as_json(self) -> dict[str, JsonValue]:
        """RunTask's `overrides`."""
        container: dict[str, JsonValue] = {"name": self.container}
        if self.command:
            container["command"] = list(self.command)
        if self.environment:
            container["environment"] = [
                {"name": name, "value": value} for name, value in self.environment.items()
            ]
        found: dict[str, JsonValue] = {}
        if len(container) > 1:
            found["containerOverrides"] = [container]
        if self.cpu is not None:
            found["cpu"] = str(self.cpu)
        if self.memory is not None:
            found["memory"] = str(self.memory)
        if self.ephemeral_storage_gib is not None:
            found["ephemeralStorage"] = {"sizeInGiB": self.ephemeral_storage_gib}
        if self.task_role:
            found["taskRoleArn"] = self.task_role
        if self.execution_role:
            found["executionRoleArn"] = self.execution_role
        return found


def check_overrides(overrides: Overrides, definition: TaskDefinition, *, fargate: bool) -> None:
    """Nothing for overrides that ECS takes. Raises InputError for those that it refuses.

    Sizes are Fargate's, and checked only for it.
    """
    names = [one.name for one in definition.containers]
    if overrides.container not in names:
        raise InputError(
            f'task definition {definition.name} has no container "{overrides.container}"',
            hint=f"--container {'|'.join(names)}",
        )
    if fargate and (overrides.cpu is not None or overrides.memory is not None):
        cpu = definition.cpu if overrides.cpu is None else overrides.cpu
        memory = definition.memory if overrides.memory is None else overrides.memory
        if cpu is not None and memory is not None:
            check_size(cpu, memory)
    if overrides.ephemeral_storage_gib is not None:
        check_storage(overrides.ephemeral_storage_gib)
    check_length(overrides)


def check_length(overrides: Overrides) -> None:
    """Nothing for overrides that are short enough. Raises InputError naming the biggest."""
    whole = _length(overrides.as_json())
    if whole <= MAX_OVERRIDE_CHARACTERS:
        return
    sizes = {f"--env {name}": len(name) + len(text) for name, text in overrides.environment.items()}
    sizes["the command"] = _length(list(overrides.command))
    biggest = max(sizes, key=lambda name: sizes[name])
    raise InputError(
        f"the overrides are {whole} characters, ECS takes {MAX_OVERRIDE_CHARACTERS};"
        f" the biggest is {biggest} with {sizes[biggest]}",
        hint="put large input into S3 or a queue, and pass its name",
    )


def _length(value: JsonValue) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


@dataclass(frozen=True)
class TaskRequest:
    """One task to run. `launch_type` and `strategy` exclude each other; neither: the cluster's."""

    cluster: str
    task_definition: str
    overrides: Overrides
    started_by: str
    network: JsonValue = None
    launch_type: str | None = None
    strategy: JsonValue = None
    platform_version: str | None = None
    enable_execute_command: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def provider(self) -> str | None:
        """The capacity that is asked for, when it is one; None when ECS chooses."""
        match self.strategy:
            case [{"capacityProvider": str(name)}]:
                return name
        return self.launch_type

    @property
    def on_spot(self) -> bool:
        """Whether any of it may run on Spot: it may be interrupted, and who asked knows."""
        return SPOT in json.dumps(self.strategy)

    @property
    def on_fargate(self) -> bool:
        """Whether Fargate runs it, whichever of its capacities."""
        if not isinstance(self.strategy, list) or not self.strategy:
            return self.launch_type == ON_DEMAND
        names = [one.get("capacityProvider") for one in self.strategy if isinstance(one, dict)]
        return set(names) <= {ON_DEMAND, SPOT}

    def on_demand(self) -> TaskRequest:
        """The same on capacity that is not taken away."""
        return replace(self, launch_type=None, strategy=strategy_of(ON_DEMAND))

    def as_json(self, token: str, count: int = 1) -> dict[str, JsonValue]:
        """RunTask's parameters for so many equal tasks, by AWS's names."""
        found: dict[str, JsonValue] = {
            "cluster": self.cluster,
            "taskDefinition": self.task_definition,
            "count": count,
            "startedBy": self.started_by,
            "clientToken": token,
        }
        optional: dict[str, JsonValue] = {
            "overrides": self.overrides.as_json(),
            "networkConfiguration": self.network,
            "launchType": self.launch_type,
            "capacityProviderStrategy": self.strategy,
            "platformVersion": self.platform_version,
            "enableExecuteCommand": self.enable_execute_command,
            "tags": [{"key": key, "value": value} for key, value in self.tags.items()],
        }
        return found | {name: value for name, value in optional.items() if value}


def strategy_of(provider: str) -> JsonValue:
    """RunTask's `capacityProviderStrategy` for one provider."""
    return [{"capacityProvider": provider, "weight": 1}]


def network_of(
    subnets: list[str], groups: list[str], *, public_ip: bool, like: JsonValue = None
) -> JsonValue:
    """RunTask's `networkConfiguration` for awsvpc; what is not named is as in `like`."""
    inside: dict[str, JsonValue] = {"subnets": [], "assignPublicIp": "DISABLED"}
    match like:
        case {"awsvpcConfiguration": dict(known)}:
            inside |= known
    if subnets:
        inside["subnets"] = list(subnets)
    if groups:
        inside["securityGroups"] = list(groups)
    if public_ip:
        inside["assignPublicIp"] = "ENABLED"
    return {"awsvpcConfiguration": inside}


def checked_started_by(text: str) -> str:
    """The text, when ECS takes it as startedBy. Raises InputError otherwise."""
    if not _STARTED_BY.fullmatch(text):
        raise InputError(
            f'--started-by "{text}" is not taken by ECS',
            hint="at most 128 letters, digits, - / and _",
        )
    return text


def job_id(key: str) -> str:
    """A short name for a job: the same key is the same job."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def client_token(job: str, attempt: int) -> str:
    """The token of one attempt of a job: ECS starts one task a token, however often it is asked."""
    return f"edactl-{job}-{attempt}"
