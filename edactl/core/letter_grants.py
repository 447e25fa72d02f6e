"""The permission that a sender lacks on a target, ready to paste.

Sources: EventBridge user guide, "Using resource-based policies for EventBridge" and "Identity-based
policies"; SNS developer guide, "Subscribing an Amazon SQS queue"; Lambda developer guide,
"Resource-based policies".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from shlex import quote

from edactl.core.arn import Arn, parse_arn
from edactl.errors import InputError

_ROLE_ACTIONS = {
    "states": "states:StartExecution",
    "kinesis": "kinesis:PutRecord",
    "firehose": "firehose:PutRecord",
    "ecs": "ecs:RunTask",
    "batch": "batch:SubmitJob",
    "codebuild": "codebuild:StartBuild",
    "codepipeline": "codepipeline:StartPipelineExecution",
    "execute-api": "execute-api:Invoke",
    "redshift": "redshift-data:ExecuteStatement",
    "ssm": "ssm:StartAutomationExecution",
    "lambda": "lambda:InvokeFunction",
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
}
_RESOURCE_ACTIONS = {"sqs": "sqs:SendMessage", "sns": "sns:Publish", "events": "events:PutEvents"}
_RESOURCES = {"sqs": "queue", "sns": "topic", "events": "bus"}


@dataclass(frozen=True)
class Caller:
    """Who wants to reach the target: a service, on behalf of a rule or a subscription."""

    principal: str
    source_arn: str | None


def arn_of(text: str | None) -> Arn | None:
    """The ARN, taken apart; None when it is none."""
    try:
        return parse_arn(text or "")
    except InputError:
        return None


def name_of(text: str | None) -> str:
    """What people call the resource of this ARN; the text itself when it is no ARN."""
    arn = arn_of(text)
    if arn is None:
        return text or "?"
    match arn.service:
        case "lambda":
            return arn.resource.removeprefix("function:").split(":")[0]
        case "sns":
            return arn.resource.split(":")[0]
        case "scheduler" if not arn.region:
            return arn.resource.removeprefix("aws-sdk:")
    return arn.resource.rpartition("/")[2].rpartition(":")[2] or arn.resource


def missing_grant(target: str, caller: Caller) -> str:
    """What to run, or which statement to add where, so that the caller reaches the target."""
    arn = arn_of(target)
    service = arn.service if arn else ""
    if service == "lambda":
        return _function_permission(target, caller)
    if action := _RESOURCE_ACTIONS.get(service):
        if service == "events" and "event-bus/" not in target:
            return identity_grant("events:InvokeApiDestination", target)
        statement: dict[str, object] = {
            "Effect": "Allow",
            "Principal": {"Service": caller.principal},
            "Action": action,
            "Resource": target,
        }
        if caller.source_arn:
            statement["Condition"] = {"ArnEquals": {"aws:SourceArn": caller.source_arn}}
        kind = _RESOURCES[service]
        return f"add to the policy of {kind} {name_of(target)}: {json.dumps(statement)}"
    if service == "logs":
        return _log_group_grant(target)
    return identity_grant(_ROLE_ACTIONS.get(service, f"{service or '?'}:ACTION"), target)


def identity_grant(action: str, target: str) -> str:
    """The statement that the role of a target, or of a schedule, lacks."""
    statement = {"Effect": "Allow", "Action": action, "Resource": target}
    return f"add to the policy of its role: {json.dumps(statement)}"


def trust_grant(principal: str) -> str:
    """The statement that lets a service take on a role."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": principal},
        "Action": "sts:AssumeRole",
    }
    return f"add to its trust policy: {json.dumps(statement)}"


def key_grant(principal: str) -> str:
    """The statement that lets a service write to what is encrypted with a KMS key."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": principal},
        "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
        "Resource": "*",
    }
    return f"add to the key's policy: {json.dumps(statement)}"


def _function_permission(target: str, caller: Caller) -> str:
    source = f" --source-arn {quote(caller.source_arn)}" if caller.source_arn else ""
    return (
        f"aws lambda add-permission --function-name {quote(target)}"
        f" --statement-id {quote(name_of(caller.source_arn or target))}-may-invoke"
        f" --action lambda:InvokeFunction --principal {caller.principal}{source}"
    )


def _log_group_grant(target: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]},
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": f"{target.removesuffix(':*')}:*",
    }
    return f"add to a resource policy of CloudWatch Logs: {json.dumps(statement)}"
