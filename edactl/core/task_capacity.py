"""What ECS would refuse of a task's capacity, known before it is asked.

Source: ECS API reference, RunTask (launchType; enableExecuteCommand needs a task role); developer
guide, "Amazon ECS clusters for Fargate" (Fargate Spot runs no Windows).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from edactl.core.task import ON_DEMAND
from edactl.errors import InputError

if TYPE_CHECKING:
    from edactl.core.task import TaskDefinition
    from edactl.core.task_request import TaskRequest


def on_fargate(request: TaskRequest, definition: TaskDefinition) -> bool:
    """Whether it asks for Fargate; where it asks for nothing, whether the definition is for it."""
    if request.launch_type or request.strategy:
        return ON_DEMAND in json.dumps([request.launch_type, request.strategy])
    return ON_DEMAND in definition.compatibilities


def check_capacity(request: TaskRequest, definition: TaskDefinition) -> None:
    """Nothing for a task that its capacity can run. Raises InputError."""
    known = definition.compatibilities
    if on_fargate(request, definition) and known and ON_DEMAND not in known:
        raise InputError(
            f"task definition {definition.name} is for {', '.join(known)}, not for Fargate",
            hint=f"--launch-type {known[0]}, or a revision that requires FARGATE",
        )
    if request.on_spot and definition.platform == "WINDOWS":
        raise InputError(
            f"task definition {definition.name} is Windows, and Fargate Spot runs Linux alone",
            hint="leave --spot out",
        )
    role = request.overrides.task_role or definition.task_role
    if request.enable_execute_command and not role:
        raise InputError(
            f"--exec needs a task role, and task definition {definition.name} has none",
            hint="--task-role ARN, of a role that may call ssmmessages",
        )
