"""What `queue` needs of IAM."""

from __future__ import annotations

from edactl.core.iam_needs.dlq import AGES, LOOK, SEND
from edactl.core.iam_needs.need import QUEUE, RULE, TAIL_QUEUE, TAIL_RULE, TOPIC, Need

NEEDS: dict[str, tuple[Need, ...]] = {
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
    "queue move": (*LOOK, *SEND, Need("sqs:DeleteMessage", QUEUE), AGES),
    "queue purge": (
        Need("sqs:GetQueueUrl", QUEUE),
        Need("sqs:GetQueueAttributes", QUEUE),
        Need("sqs:PurgeQueue", QUEUE),
    ),
}
