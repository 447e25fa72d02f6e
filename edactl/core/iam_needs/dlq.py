"""What `dlq` needs of IAM."""

from __future__ import annotations

from edactl.core.iam_needs.need import QUEUE, RULE, Need

_UNTOLD = "letters that do not tell who sent them"
_TO_FIND_WHOSE = (
    Need("sqs:ListDeadLetterSourceQueues", QUEUE, when=_UNTOLD),
    Need("sqs:ListQueues", when=_UNTOLD),
    Need("sqs:GetQueueAttributes", when=_UNTOLD),
    Need("sns:ListSubscriptions", when=_UNTOLD),
    Need("sns:GetSubscriptionAttributes", when=f"{_UNTOLD}, and those of SNS"),
    Need("lambda:ListFunctions", when="letters of asynchronous invokes"),
)

NEEDS: dict[str, tuple[Need, ...]] = {
    "dlq list": (
        Need("sqs:ListQueues"),
        Need("sqs:GetQueueAttributes"),
        Need("sqs:ListMessageMoveTasks"),
        Need("cloudwatch:GetMetricData"),
        Need("events:ListEventBuses"),
        Need("events:DescribeEventBus"),
        Need("events:ListRules"),
        Need("events:ListTargetsByRule", RULE),
        Need("scheduler:ListSchedules"),
        Need("scheduler:GetSchedule"),
        Need("sns:ListSubscriptions"),
        Need("sns:GetSubscriptionAttributes"),
        Need("lambda:ListFunctions"),
        Need("lambda:ListFunctionEventInvokeConfigs"),
        Need("lambda:ListEventSourceMappings"),
    ),
    "dlq inspect": (
        Need("sqs:GetQueueUrl", QUEUE),
        Need("sqs:GetQueueAttributes", QUEUE),
        Need("sqs:ReceiveMessage", QUEUE),
        Need("sqs:ChangeMessageVisibility", QUEUE),
        *_TO_FIND_WHOSE,
    ),
}
