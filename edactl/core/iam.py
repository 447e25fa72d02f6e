"""The IAM actions that each command needs, and the least policy that allows them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from edactl.core.record import JsonValue


@dataclass(frozen=True)
class Need:
    """One IAM action on one kind of resource; `when` names the option that brings it in."""

    action: str
    resource: str = "*"
    when: str | None = None


BUS = "arn:${Partition}:events:${Region}:${Account}:event-bus/${Bus}"
QUEUE = "arn:${Partition}:sqs:${Region}:${Account}:${Queue}"
TAIL_QUEUE = "arn:${Partition}:sqs:${Region}:${Account}:edactl-tail-*"
RULE = "arn:${Partition}:events:${Region}:${Account}:rule/*"
TOPIC = "arn:${Partition}:sns:${Region}:${Account}:*"
TAIL_RULE = "arn:${Partition}:events:${Region}:${Account}:rule/*edactl-tail-*"

NEEDS: dict[str, tuple[Need, ...]] = {
    "whoami": (Need("sts:GetCallerIdentity"),),
    "put-event": (
        Need("events:DescribeEventBus", BUS),
        Need("events:PutEvents", BUS),
    ),
    "bus list": (Need("events:ListEventBuses"),),
    "bus show": (
        Need("events:DescribeEventBus", BUS),
        Need("events:ListRules"),
        Need("events:ListTargetsByRule", RULE),
    ),
    "rule list": (
        Need("events:ListRules"),
        Need("events:ListTargetsByRule", RULE),
        Need("cloudwatch:GetMetricData"),
    ),
    "rule show": (
        Need("events:DescribeRule", RULE),
        Need("events:ListTargetsByRule", RULE),
        Need("cloudwatch:GetMetricData"),
    ),
    "rule pull": (
        Need("events:DescribeEventBus", BUS),
        Need("events:ListRules"),
        Need("events:ListTargetsByRule", RULE),
    ),
    "rule test": (Need("events:ListRules", when="--bus"),),
    "rule explain": (Need("events:ListRules", when="--bus"),),
    "bus tail": (
        Need("events:DescribeEventBus", BUS),
        Need("events:PutEvents", BUS),
        Need("events:DescribeRule", RULE, when="--rule"),
        Need("sqs:CreateQueue", TAIL_QUEUE),
        Need("sqs:TagQueue", TAIL_QUEUE),
        Need("sqs:ReceiveMessage", TAIL_QUEUE),
        Need("sqs:DeleteMessage", TAIL_QUEUE),
        Need("sqs:ChangeMessageVisibility", TAIL_QUEUE, when="--limit"),
        Need("sqs:DeleteQueue", TAIL_QUEUE),
        Need("events:PutRule", TAIL_RULE),
        Need("events:TagResource", TAIL_RULE),
        Need("events:PutTargets", TAIL_RULE),
        Need("events:RemoveTargets", TAIL_RULE),
        Need("events:DeleteRule", TAIL_RULE),
    ),
    "bus sweep": (
        Need("events:ListEventBuses"),
        Need("events:ListRules"),
        Need("events:ListTagsForResource", TAIL_RULE),
        Need("events:ListTargetsByRule", TAIL_RULE),
        Need("events:RemoveTargets", TAIL_RULE),
        Need("events:DeleteRule", TAIL_RULE),
        Need("sqs:ListQueues"),
        Need("sqs:ListQueueTags", TAIL_QUEUE),
        Need("sqs:DeleteQueue", TAIL_QUEUE),
        Need("sns:ListSubscriptions"),
        Need("sns:Unsubscribe", when="a killed queue tail that mirrored a topic"),
    ),
    "queue list": (
        Need("sqs:ListQueues"),
        Need("sqs:GetQueueAttributes"),
        Need("sqs:ListDeadLetterSourceQueues", when="--prefix"),
        Need("cloudwatch:GetMetricData"),
    ),
    "queue show": (
        Need("sqs:GetQueueUrl", QUEUE),
        Need("sqs:GetQueueAttributes"),  # of every queue, where the sources cannot be asked for
        Need("sqs:ListQueueTags", QUEUE),
        Need("sqs:ListDeadLetterSourceQueues", QUEUE),
        Need("sqs:ListQueues"),
        Need("events:ListEventBuses"),
        Need("events:ListRuleNamesByTarget"),
        Need("sns:ListSubscriptions"),
        Need("cloudwatch:GetMetricData"),
    ),
    "queue send": (
        Need("sqs:GetQueueUrl", QUEUE),
        Need("sqs:GetQueueAttributes", QUEUE),
        Need("sqs:SendMessage", QUEUE),
    ),
    "queue peek": (
        Need("sqs:GetQueueUrl", QUEUE),
        Need("sqs:GetQueueAttributes", QUEUE),
        Need("sqs:ReceiveMessage", QUEUE),
        Need("sqs:ChangeMessageVisibility", QUEUE),
    ),
    "queue tail": (
        Need("sqs:GetQueueUrl", QUEUE),
        Need("events:ListEventBuses"),
        Need("events:ListRuleNamesByTarget"),
        Need("events:DescribeRule", RULE),
        Need("events:ListTargetsByRule", RULE),
        Need("sns:ListSubscriptions"),
        Need("sns:GetSubscriptionAttributes"),
        Need("sqs:CreateQueue", TAIL_QUEUE),
        Need("sqs:TagQueue", TAIL_QUEUE),
        Need("sqs:ReceiveMessage", TAIL_QUEUE),
        Need("sqs:ChangeMessageVisibility", TAIL_QUEUE),
        Need("sqs:DeleteMessage", TAIL_QUEUE),
        Need("sqs:DeleteQueue", TAIL_QUEUE),
        Need("events:PutRule", TAIL_RULE),
        Need("events:TagResource", TAIL_RULE),
        Need("events:PutTargets", TAIL_RULE),
        Need("events:RemoveTargets", TAIL_RULE),
        Need("events:DeleteRule", TAIL_RULE),
        Need("sns:Subscribe", TOPIC),
        Need("sns:Unsubscribe"),
        Need("sqs:GetQueueAttributes", QUEUE, when="--lease"),
        Need("sqs:ReceiveMessage", QUEUE, when="--lease or --consume"),
        Need("sqs:ChangeMessageVisibility", QUEUE, when="--lease or --consume"),
        Need("sqs:DeleteMessage", QUEUE, when="--consume"),
    ),
    "queue purge": (
        Need("sqs:GetQueueUrl", QUEUE),
        Need("sqs:GetQueueAttributes", QUEUE),
        Need("sqs:PurgeQueue", QUEUE),
    ),
}

OFFLINE = frozenset(
    {
        "rule check",
        "completion",
        "demo",
        "help",
        "iam-policy",
        "sandbox down",
        "sandbox env",
        "sandbox reset",
        "sandbox status",
        "sandbox up",
    }
)

# Operations whose IAM action has another name, or that need the action of another operation.
# Source: service authorization reference, pages of Amazon SQS and Amazon SNS.
_ACTION_OF_OPERATION = {
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sns:PublishBatch": "sns:Publish",
}
_PREFIX_OF_SERVICE = {"stepfunctions": "states"}


def iam_action(service: str, operation: str) -> str:
    """The IAM action of an API operation: `sqs:SendMessage` of `sqs`, `SendMessageBatch`."""
    prefix = _PREFIX_OF_SERVICE.get(service, service)
    return _ACTION_OF_OPERATION.get(f"{prefix}:{operation}", f"{prefix}:{operation}")


def conditional_needs(commands: Iterable[str]) -> list[str]:
    """A sentence for each need that only an option, or a state of things, brings in."""
    return [
        f"{command} needs {need.action} only with {need.when}"
        for command in commands
        for need in NEEDS[command]
        if need.when
    ]


def policy(commands: Iterable[str], values: Mapping[str, str]) -> dict[str, JsonValue]:
    """The least policy document that lets these commands run.

    `values` fills the placeholders Partition, Region, Account, Bus and Queue; what it lacks
    becomes `*`. Actions on the same resource share a statement; what a wider resource of the same
    action covers is left out.
    """
    resources: dict[str, set[str]] = {}
    for command in commands:
        for need in NEEDS[command]:
            resources.setdefault(need.action, set()).add(_filled(need.resource, values))
    actions: dict[str, set[str]] = {}
    for action, found in resources.items():
        for resource in found:
            if not any(_covers(wider, resource) for wider in found - {resource}):
                actions.setdefault(resource, set()).add(action)
    statements: list[JsonValue] = [
        {
            "Sid": f"Edactl{number}",
            "Effect": "Allow",
            "Action": [*sorted(allowed)],
            "Resource": resource,
        }
        for number, (resource, allowed) in enumerate(sorted(actions.items()), start=1)
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def _filled(resource: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\$\{(\w+)\}", lambda match: values.get(match[1]) or "*", resource)


def _covers(wider: str, resource: str) -> bool:
    """Whether one resource pattern holds all that another does."""
    parts = (re.escape(part) for part in wider.split("*"))
    return re.fullmatch(".*".join(parts), resource) is not None
