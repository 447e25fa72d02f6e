"""What `dlq` needs of IAM."""

from __future__ import annotations

from edactl.core.iam_needs.need import RULE, Need

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
}
