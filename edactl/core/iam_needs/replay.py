"""What `archive` and `replay` need of IAM.

Unverified: which resources IAM checks for StartReplay and CreateArchive (archive, replay, bus);
theirs are therefore on any.
"""

from __future__ import annotations

from edactl.core.iam_needs.need import (
    ARCHIVE,
    BUS,
    QUEUE,
    REPLAY,
    RULE,
    TAIL_QUEUE,
    TAIL_RULE,
    Need,
)

NEEDS: dict[str, tuple[Need, ...]] = {
    "archive list": (
        Need("events:ListArchives"),
        Need("events:DescribeEventBus", BUS, when="--bus"),
    ),
    "archive show": (Need("events:DescribeArchive", ARCHIVE),),
    "archive create": (
        Need("events:DescribeEventBus", BUS),
        Need("events:CreateArchive"),
        Need("events:DescribeArchive", ARCHIVE),
    ),
    "archive delete": (
        Need("events:DescribeArchive", ARCHIVE),
        Need("events:DeleteArchive", ARCHIVE),
    ),
    "archive export": (
        Need("events:DescribeArchive", ARCHIVE),
        Need("events:DescribeEventBus", BUS),
        Need("events:PutEvents", BUS),
        Need("events:StartReplay"),
        Need("events:DescribeReplay", REPLAY),
        Need("events:CancelReplay", REPLAY, when="Ctrl-C"),
        Need("sqs:CreateQueue", TAIL_QUEUE),
        Need("sqs:TagQueue", TAIL_QUEUE),
        Need("sqs:GetQueueAttributes", TAIL_QUEUE),
        Need("sqs:ReceiveMessage", TAIL_QUEUE),
        Need("sqs:DeleteMessage", TAIL_QUEUE),
        Need("sqs:ChangeMessageVisibility", TAIL_QUEUE, when="Ctrl-C"),
        Need("sqs:DeleteQueue", TAIL_QUEUE),
        Need("events:PutRule", TAIL_RULE),
        Need("events:TagResource", TAIL_RULE),
        Need("events:PutTargets", TAIL_RULE),
        Need("events:RemoveTargets", TAIL_RULE),
        Need("events:DeleteRule", TAIL_RULE),
    ),
    "replay file": (
        Need("events:DescribeEventBus", BUS),
        Need("events:PutEvents", BUS),
    ),
    "replay archive": (
        Need("events:DescribeArchive", ARCHIVE),
        Need("events:ListReplays"),
        Need("events:StartReplay"),
        Need("events:DescribeReplay", REPLAY),
        Need("events:CancelReplay", REPLAY, when="Ctrl-C"),
        Need("events:DescribeRule", RULE, when="--rule"),
        Need("events:ListRules", when="--plan"),
        Need("events:ListTargetsByRule", RULE, when="--plan"),
        Need("sqs:GetQueueUrl", QUEUE, when="--only-to"),
        Need("sqs:GetQueueAttributes", QUEUE, when="--only-to"),
        Need("events:PutRule", TAIL_RULE, when="--only-to"),
        Need("events:TagResource", TAIL_RULE, when="--only-to"),
        Need("events:PutTargets", TAIL_RULE, when="--only-to"),
        Need("events:RemoveTargets", TAIL_RULE, when="--only-to"),
        Need("events:DeleteRule", TAIL_RULE, when="--only-to"),
    ),
    "replay list": (Need("events:ListReplays"), Need("events:ListArchives")),
    "replay show": (Need("events:DescribeReplay", REPLAY),),
    "replay cancel": (
        Need("events:DescribeReplay", REPLAY),
        Need("events:CancelReplay", REPLAY, when="a replay that still runs"),
    ),
}
