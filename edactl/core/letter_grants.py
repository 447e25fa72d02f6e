"""The permission that a sender lacks on a target, ready to paste.

Sources: EventBridge user guide, "Using resource-based policies for EventBridge" and "Sending and
receiving events between AWS accounts"; SNS developer guide, "Subscribing an Amazon SQS queue";
Lambda developer guide, "Resource-based policies".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from shlex import quote

from edactl.core.arn import arn_of, name_of

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
    "events": "events:InvokeApiDestination",
}


@dataclass(frozen=True)
class Caller:
    """Who wants to reach the target: a service, on behalf of a rule or a subscription."""

    principal: str
    source_arn: str | None


def missing_grant(target: str, caller: Caller) -> str:
    """What to run, or which statement to add where, so that the caller reaches the target."""
    arn = arn_of(target)
    match arn.service if arn else "":
        case "lambda":
            return _function_permission(target, caller)
        case "sqs" | "sns" as service:
            return _resource_grant(service, target, caller)
        case "logs":
            return _log_group_grant(target)
        case "events" if "event-bus/" in target:
            return _bus_grant(target, caller)
        case service:
            return identity_grant(_ROLE_ACTIONS.get(service, f"{service or '?'}:ACTION"), target)


def _resource_grant(service: str, target: str, caller: Caller) -> str:
    statement: dict[str, object] = {
        "Effect": "Allow",
        "Principal": {"Service": caller.principal},
        "Action": _ROLE_ACTIONS[service],
        "Resource": target,
    }
    if caller.source_arn:
        statement["Condition"] = {"ArnEquals": {"aws:SourceArn": caller.source_arn}}
    kind = "queue" if service == "sqs" else "topic"
    return f"add to the policy of {kind} {name_of(target)}: {json.dumps(statement)}"


def _bus_grant(target: str, caller: Caller) -> str:
    """A bus is reached with a role; one of another account has to let the rule's account in too."""
    role = identity_grant("events:PutEvents", target)
    source, bus = arn_of(caller.source_arn), arn_of(target)
    if source is None or bus is None or source.account == bus.account:
        return role
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{source.partition}:iam::{source.account}:root"},
        "Action": "events:PutEvents",
        "Resource": target,
    }
    return f"add to the policy of bus {name_of(target)}: {json.dumps(statement)}; {role}"


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
