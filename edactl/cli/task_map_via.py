"""`task map --via stepfunctions`: the options, and the state machine printed instead of run."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from edactl.cli.task_run_input import request_of, settings_of_definition
from edactl.core.arn import parse_arn
from edactl.core.json_text import json_text
from edactl.core.task import TaskDefinition
from edactl.core.task_map_item import Templates
from edactl.core.task_map_machine import role_policy, state_machine
from edactl.errors import ExitStatus, UsageError

if TYPE_CHECKING:
    from edactl.cli.context import CommandContext
    from edactl.cli.task_run_input import Labels, Placement, Target
    from edactl.core.record import JsonValue
    from edactl.core.task_map import MapPolicy
    from edactl.core.task_request import Overrides, TaskRequest

STEP_FUNCTIONS = "stepfunctions"


@dataclass(frozen=True)
class Via:
    """Whether Step Functions runs the map; where its items and results go; its role."""

    name: str = ""
    write: bool = False
    bucket: str = ""
    prefix: str = ""
    role: str = ""

    def checked(self, *, fallback: bool, state: bool) -> Via:
        """The same, with its prefix. Raises UsageError."""
        if self.name not in {"", STEP_FUNCTIONS}:
            raise UsageError(f'--via "{self.name}"', hint=f"--via {STEP_FUNCTIONS}")
        if not self.name:
            given = {"--write": self.write, "--bucket": self.bucket, "--prefix": self.prefix}
            given["--state-machine-role"] = self.role
            for option, value in given.items():
                if value:
                    raise UsageError(
                        f"{option} is for --via {STEP_FUNCTIONS}", hint=f"--via {STEP_FUNCTIONS}"
                    )
            return self
        if fallback:
            raise UsageError(
                f"--fallback is not for --via {STEP_FUNCTIONS}",
                hint="leave it out; --failed-to keeps what Spot lost, for another map on demand",
            )
        if state:
            raise UsageError(
                f"--state is not for --via {STEP_FUNCTIONS}",
                hint="the execution is the state: --resume EXECUTION follows it again",
            )
        prefix = self.prefix.strip("/")
        return replace(self, prefix=f"{prefix}/" if prefix else "edactl-task-map/")

    def runnable(self) -> Via:
        """The same. Raises UsageError when something is lacking that Step Functions needs."""
        if not self.name:
            return self
        if not self.bucket or not self.role:
            lacking = "--bucket BUCKET" if not self.bucket else "--state-machine-role ARN"
            raise UsageError(
                f"--via {STEP_FUNCTIONS} needs {lacking}",
                hint="--write prints the state machine, and the policy that its role needs",
            )
        if parse_arn(self.role).service != "iam":
            raise UsageError(
                f'--state-machine-role "{self.role}" is not the ARN of a role',
                hint="aws iam list-roles",
            )
        return self


def machine_name(definition: str, role: str) -> str:
    """The same machine has the same name: it is made once."""
    return f"edactl-map-{sha256(f'{definition} {role}'.encode()).hexdigest()[:12]}"


@dataclass(frozen=True)
class Written:
    """A state machine to print, from the command line alone."""

    target: Target
    placement: Placement
    labels: Labels
    policy: MapPolicy
    parallel: int
    via: Via

    def print(self, context: CommandContext, overrides: Overrides) -> int:
        """Print the machine on stdout, and what its role needs on stderr."""
        request = self._request(context, overrides)
        templates = Templates.over(request.overrides)
        machine = state_machine(request, templates, self.policy, self.parallel)
        messages = context.messages
        messages.note("nothing was called; the role of the state machine needs this policy:")
        name = machine_name(json_text(machine), self.via.role)
        machine_arn = f"arn:aws:states:*:*:stateMachine:{name}"
        policy = role_policy(
            self.via.bucket or "BUCKET",
            self.via.prefix,
            f"arn:aws:ecs:*:*:task-definition/{_family(request.task_definition)}:1",
            machine_arn,
            [one for one in (request.overrides.task_role, request.overrides.execution_role) if one],
        )
        messages.block(json.dumps(policy, indent=2))
        messages.note('an execution takes {"bucket": …, "key": items of JSON lines, "prefix": …}')
        emitter = context.emitter
        replace(emitter, format=emitter.format or "json").result(machine)
        return ExitStatus.DONE

    def _request(self, context: CommandContext, overrides: Overrides) -> TaskRequest:
        """The request as far as the command line knows: nothing is looked up."""
        if self.target.service:
            raise UsageError(
                "--write calls nothing, so it cannot copy what a service runs with",
                hint="--task-definition FAMILY:REVISION --subnet SUBNET",
            )
        family = _family(self.target.task_definition)
        if not overrides.container:
            context.messages.warn(
                f'the container is taken to be called "{family}", as the family; --container'
                " names another one"
            )
            overrides = replace(overrides, container=family)
        on_fargate = self.placement.launch_type in {"", "FARGATE"}
        stub = TaskDefinition(
            self.target.task_definition,
            family,
            0,
            network_mode="awsvpc" if on_fargate else None,
            compatibilities=("FARGATE",) if on_fargate else (),
        )
        settings = settings_of_definition(self.target)
        return request_of(
            self.target,
            settings,
            _with_container(stub, overrides.container),
            overrides,
            self.placement,
            self.labels,
            "map",
        )


def _with_container(definition: TaskDefinition, name: str) -> TaskDefinition:
    from edactl.core.task import ContainerDefinition

    return replace(definition, containers=(ContainerDefinition(name),))


def _family(name: str) -> str:
    return name.rpartition("/")[2].partition(":")[0]


def execution_input(via: Via, run_id: str) -> dict[str, JsonValue]:
    """What an execution is started with."""
    return {
        "bucket": via.bucket,
        "key": f"{via.prefix}{run_id}/items.ndjson",
        "prefix": f"{via.prefix}{run_id}/results",
    }
