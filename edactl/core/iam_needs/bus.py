"""What `bus` and `put-event` need of IAM."""

from __future__ import annotations

from edactl.core.iam_needs.need import BUS, RULE, TAIL_QUEUE, TAIL_RULE, Need

NEEDS: dict[str, tuple[Need, ...]] = {
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
}
