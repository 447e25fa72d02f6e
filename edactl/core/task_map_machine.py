"""A task map as a state machine of Step Functions: a Distributed Map over items in S3.

Its definition does not know the bucket: an execution's input names `bucket`, `key` (items, one JSON
value a line) and `prefix` (where results go), so one machine serves every file of items. The map
speaks JSONPath, the language of its documented dynamic locations; its task speaks JSONata. Sources:
Step Functions developer guide, "Run Amazon ECS or Fargate tasks", "ItemReader", "ResultWriter",
"Context object", "Transforming data with JSONata". Which names of errors ECS's refusals have there
is unverified but for AmazonECS.Unknown.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edactl.core.record import JsonValue
    from edactl.core.task_map import MapPolicy
    from edactl.core.task_map_item import Template, Templates
    from edactl.core.task_request import TaskRequest

MAP_STATE, TASK_STATE = "Each item", "Run its task"
MOST_CONCURRENT = 10_000
"""Child executions that a Distributed Map runs at once at most."""
_ITEM, _INDEX = "$states.input.item", "$states.input.index"
_LAUNCH_PAUSE_SECONDS = 60
_BEFORE_ECS = ["AmazonECS.Unknown", "ECS.ThrottlingException", "ECS.ServerException"]


def state_machine(
    request: TaskRequest, templates: Templates, policy: MapPolicy, parallel: int
) -> dict[str, JsonValue]:
    """The definition, in Amazon States Language."""
    run: dict[str, JsonValue] = {
        "Type": "Task",
        "QueryLanguage": "JSONata",
        "Resource": "arn:aws:states:::ecs:runTask.sync",
        "Arguments": _arguments(request, templates),
        "Retry": _retries(policy),
        "End": True,
    }
    if policy.seconds is not None:
        run["TimeoutSeconds"] = max(1, round(policy.seconds))
    return {
        "Comment": "edactl task map: one task an item",
        "StartAt": MAP_STATE,
        "States": {MAP_STATE: _map_state(run, min(parallel, MOST_CONCURRENT))},
    }


def _map_state(run: JsonValue, concurrency: int) -> JsonValue:
    return {
        "Type": "Map",
        "Label": "edactl",
        "MaxConcurrency": concurrency,
        "ToleratedFailurePercentage": 100,
        "ItemReader": {
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "JSONL"},
            "Parameters": {"Bucket.$": "$.bucket", "Key.$": "$.key"},
        },
        "ItemSelector": {
            "index.$": "$$.Map.Item.Index",
            "item.$": "$$.Map.Item.Value",
        },
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": TASK_STATE,
            "States": {TASK_STATE: run},
        },
        "ResultWriter": {
            "Resource": "arn:aws:states:::s3:putObject",
            "Parameters": {"Bucket.$": "$.bucket", "Prefix.$": "$.prefix"},
        },
        "End": True,
    }


def _arguments(request: TaskRequest, templates: Templates) -> JsonValue:
    """RunTask's parameters as Step Functions spells them, each place in them filled by the item."""
    left = {"clientToken", "startedBy", "count", "overrides"}
    plain = {name: one for name, one in request.as_json("").items() if name not in left}
    whole = request.overrides.as_json()
    whole.pop("containerOverrides", None)
    container: dict[str, JsonValue] = {"Name": request.overrides.container}
    if templates.command:
        container["Command"] = [expression(one) for one in templates.command]
    if templates.environment:
        container["Environment"] = [
            {"Name": name, "Value": expression(one)} for name, one in templates.environment.items()
        ]
    if len(container) > 1:
        whole["containerOverrides"] = [container]
    return _pascal(plain | ({"overrides": whole} if whole else {}))


def _pascal(value: JsonValue) -> JsonValue:
    if isinstance(value, list):
        return [_pascal(one) for one in value]
    if isinstance(value, dict):
        return {name[:1].upper() + name[1:]: _pascal(one) for name, one in value.items()}
    return value


def expression(template: Template) -> str:
    """A template as a text, or as the JSONata that an item fills."""
    texts = [part for part in template if isinstance(part, str)]
    if len(texts) == len(template) and not any("{%" in text for text in texts):
        return "".join(texts)
    parts = [_literal(one) if isinstance(one, str) else _looked_up(one.path) for one in template]
    return f"{{% {' & '.join(parts)} %}}"


def _literal(text: str) -> str:
    return json.dumps(text).replace("%}", "%\\u007d").replace("{%", "\\u007b%")


def _looked_up(path: str) -> str:
    """The text of an item's field: strings as they are, anything else as JSON."""
    if path == "json":
        return f"$string({_ITEM})"
    own = f"$lookup({_ITEM}, {json.dumps(path)})"
    if path == "item":
        return f'$string($type({_ITEM}) = "object" ? {own} : {_ITEM})'
    if path == "index":
        return f"$string($exists({own}) ? {own} : {_INDEX})"
    if "." not in path:
        return f"$string({own})"
    inside = ".".join(f"`{name}`" for name in path.split("."))
    return f"$string($exists({own}) ? {own} : {_ITEM}.{inside})"


def _retries(policy: MapPolicy) -> JsonValue:
    """Launches that ECS did not take within --launch-timeout, and failed tasks as --retries says.

    The capacity of Spot that is lost is a failed task here.
    """
    launches: dict[str, JsonValue] = {
        "ErrorEquals": [*_BEFORE_ECS],
        "IntervalSeconds": 5,
        "BackoffRate": 2,
        "MaxDelaySeconds": _LAUNCH_PAUSE_SECONDS,
        "MaxAttempts": max(1, round(policy.launch_seconds / _LAUNCH_PAUSE_SECONDS) + 3),
        "JitterStrategy": "FULL",
    }
    if not policy.retries:
        return [launches]
    errors = ["States.TaskFailed", "States.Timeout"]
    tasks: dict[str, JsonValue] = {
        "ErrorEquals": [*errors],
        "IntervalSeconds": 5,
        "BackoffRate": 2,
        "MaxAttempts": policy.retries,
        "JitterStrategy": "FULL",
    }
    return [launches, tasks]


def role_policy(
    bucket: str, prefix: str, definition_arn: str, machine_arn: str, roles: Sequence[str]
) -> dict[str, JsonValue]:
    """The policy of the machine's own role.

    Sources: developer guide, "IAM policies for using Distributed Map state", "IAM policies for
    calling Amazon ECS".
    """
    executions = machine_arn.replace(":stateMachine:", ":execution:")
    partition = machine_arn.split(":")[1]
    rule = ":".join(["arn", partition, "events", *machine_arn.split(":")[3:5]])
    passed = [*roles] or ["*"]
    statements: list[Mapping[str, JsonValue]] = [
        _allow(["ecs:RunTask"], [definition_arn.rpartition(":")[0] + ":*"]),
        _allow(["ecs:StopTask", "ecs:DescribeTasks"], ["*"]),
        _allow(
            ["events:PutTargets", "events:PutRule", "events:DescribeRule"],
            [f"{rule}:rule/StepFunctionsGetEventsForECSTaskRule"],
        ),
        _allow(["iam:PassRole"], passed)
        | {"Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}},
        _allow(["states:StartExecution"], [machine_arn]),
        _allow(
            ["states:DescribeExecution", "states:StopExecution", "states:RedriveExecution"],
            [f"{executions}:*", f"{executions}/*"],
        ),
        _allow(
            [
                "s3:GetObject",
                "s3:PutObject",
                "s3:ListMultipartUploadParts",
                "s3:AbortMultipartUpload",
            ],
            [f"arn:{partition}:s3:::{bucket}/{prefix}*"],
        ),
    ]
    return {"Version": "2012-10-17", "Statement": [dict(one) for one in statements]}


def _allow(actions: Sequence[str], resources: Sequence[str]) -> dict[str, JsonValue]:
    return {"Effect": "Allow", "Action": [*actions], "Resource": [*resources]}
