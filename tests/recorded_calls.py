"""The calls that commands really make, taken from botocore's own events, with what IAM asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import botocore
from botocore.session import Session

from edactl.core.iam_action import iam_action

ACCOUNT, REGION = "000000000000", "us-east-1"
# "To tag on creation you need both": SQS developer guide, EventBridge user guide
_TAGGING = {"sqs:CreateQueue": "sqs:TagQueue", "events:PutRule": "events:TagResource"}


@dataclass(frozen=True)
class Demand:
    """One thing that IAM must allow for a call: an action on a resource, `*` for those without."""

    action: str
    resource: str


@contextmanager
def recorded_demands() -> Iterator[set[Demand]]:
    """What the calls of every session made inside the block demand of IAM."""
    demands: set[Demand] = set()

    def record(**event: Any) -> None:
        model, parameters = event["model"], event["params"]
        action = iam_action(model.service_model.service_name, model.name)
        for resource in _resources(action, parameters):
            demands.add(Demand(action, resource))
            if action in _TAGGING and (parameters.get("Tags") or parameters.get("tags")):
                demands.add(Demand(_TAGGING[action], resource))

    def watch(session: Session) -> None:
        session.register("before-parameter-build", record)

    botocore.register_initializer(watch)
    try:
        yield demands
    finally:
        botocore.unregister_initializer(watch)


_WITHOUT_RESOURCE = {
    "sqs:ListQueues",
    "events:ListEventBuses",
    "events:ListRules",
    "events:ListRuleNamesByTarget",
    "events:ListArchives",
    "events:ListReplays",
    "events:StartReplay",
    "events:CreateArchive",
}


def _resources(action: str, parameters: dict[str, Any]) -> list[str]:
    """The ARNs that a call is about, as the service authorization reference has them."""
    if action in _WITHOUT_RESOURCE:
        return ["*"]
    match action.split(":"):
        case ["sqs", _]:
            place = parameters.get("QueueUrl") or parameters.get("SourceArn", "")
            name = parameters.get("QueueName") or re.split("[:/]", place)[-1]
            return [f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"]
        case ["events", operation]:
            return _of_events(operation, parameters)
        case ["ecs", operation]:
            return _of_ecs(operation, parameters)
        case ["logs", "StartQuery"]:
            return [f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{parameters['logGroupName']}:*"]
        case ["s3" | "states", _]:
            return [_of_machines(parameters)]
        case ["sns", "Subscribe"]:
            return [parameters["TopicArn"]]
    return ["*"]


def _of_events(operation: str, parameters: dict[str, Any]) -> list[str]:
    match operation:
        case "DescribeEventBus":
            return [_bus(parameters.get("Name", "default"))]
        case "PutEvents":
            return [_bus(entry.get("EventBusName", "default")) for entry in parameters["Entries"]]
        case "DescribeArchive" | "DeleteArchive":
            return [f"arn:aws:events:{REGION}:{ACCOUNT}:archive/{parameters['ArchiveName']}"]
        case "DescribeReplay" | "CancelReplay":
            return [f"arn:aws:events:{REGION}:{ACCOUNT}:replay/{parameters['ReplayName']}"]
    return [parameters.get("ResourceARN") or _rule(parameters)]


def _of_ecs(operation: str, parameters: dict[str, Any]) -> list[str]:
    here = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
    cluster = parameters.get("cluster", "default")
    match operation:
        case "RunTask":
            return [parameters["taskDefinition"]]
        case "DescribeTasks":
            return [_named(f"{here}:task/{cluster}", task) for task in parameters["tasks"]]
        case "StopTask":
            return [_named(f"{here}:task/{cluster}", parameters["task"])]
        case "DescribeServices":
            return [_named(f"{here}:service/{cluster}", one) for one in parameters["services"]]
    return ["*"]


def _of_machines(parameters: dict[str, Any]) -> str:
    """The object, or the machine, execution or map run, that a call of `--via` is about."""
    if "Bucket" in parameters:
        return f"arn:aws:s3:::{parameters['Bucket']}/{parameters['Key']}"
    made = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{parameters.get('name')}"
    names = ("stateMachineArn", "executionArn", "mapRunArn")
    return next((parameters[name] for name in names if name in parameters), made)


def _named(place: str, name: str) -> str:
    return name if name.startswith("arn:") else f"{place}/{name}"


def _bus(name: str) -> str:
    return (
        name if name.startswith("arn:") else f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{name}"
    )


def _rule(parameters: dict[str, Any]) -> str:
    bus = parameters.get("EventBusName", "default")
    name = parameters.get("Rule") or parameters["Name"]
    path = name if bus == "default" else f"{bus}/{name}"
    return f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{path}"


def allows(statement: dict[str, Any], demand: Demand) -> bool:
    """Whether one statement of a policy allows this."""
    resources = statement["Resource"]
    patterns = [resources] if isinstance(resources, str) else resources
    return demand.action in statement["Action"] and any(
        fnmatchcase(demand.resource, pattern) for pattern in patterns
    )
