"""A queue and its attributes, with the units in the names."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FIFO_SUFFIX = ".fifo"
MAXIMUM_BATCH_BYTES = 1_048_576
"""Largest message, and largest batch, of SQS; API reference, SendMessageBatch."""


@dataclass(frozen=True)
class Queue:
    """A queue that exists: where to reach it, and who owns it. The URL is opaque."""

    name: str
    url: str
    arn: str
    account: str
    region: str

    @property
    def is_fifo(self) -> bool:
        """Whether it keeps order by group: SQS tells by the name."""
        return self.name.endswith(FIFO_SUFFIX)


@dataclass(frozen=True)
class RedrivePolicy:
    """Where messages go that were received more than `max_receive_count` times."""

    dead_letter_queue_arn: str
    max_receive_count: int

    @property
    def dead_letter_queue_name(self) -> str:
        """The DLQ's name; it is in the same account and region."""
        return self.dead_letter_queue_arn.rsplit(":", 1)[-1]


@dataclass(frozen=True)
class RedriveAllowPolicy:
    """Which queues may name this one as their DLQ: allowAll, denyAll or byQueue."""

    permission: str
    source_queue_arns: tuple[str, ...] = ()


@dataclass(frozen=True)
class QueueAttributes:
    """What SQS says of a queue; the three counts are approximate. `policy` is AWS's own JSON."""

    visible: int
    in_flight: int
    delayed: int
    created_at: datetime | None
    modified_at: datetime | None
    retention_seconds: int
    visibility_timeout_seconds: int
    delay_seconds: int
    receive_wait_seconds: int
    maximum_message_size_bytes: int
    redrive_policy: RedrivePolicy | None
    redrive_allow_policy: RedriveAllowPolicy | None
    kms_key_id: str | None
    sqs_managed_encryption: bool
    content_based_deduplication: bool
    deduplication_scope: str | None
    fifo_throughput_limit: str | None
    policy: str | None


def queue_attributes(raw: Mapping[str, str]) -> QueueAttributes:
    """The attributes as GetQueueAttributes names them, typed; SQS's defaults where one is absent.

    Source: SQS API reference, GetQueueAttributes and CreateQueue (defaults).
    """
    return QueueAttributes(
        visible=int(raw.get("ApproximateNumberOfMessages", 0)),
        in_flight=int(raw.get("ApproximateNumberOfMessagesNotVisible", 0)),
        delayed=int(raw.get("ApproximateNumberOfMessagesDelayed", 0)),
        created_at=_moment(raw.get("CreatedTimestamp")),
        modified_at=_moment(raw.get("LastModifiedTimestamp")),
        retention_seconds=int(raw.get("MessageRetentionPeriod", 345_600)),
        visibility_timeout_seconds=int(raw.get("VisibilityTimeout", 30)),
        delay_seconds=int(raw.get("DelaySeconds", 0)),
        receive_wait_seconds=int(raw.get("ReceiveMessageWaitTimeSeconds", 0)),
        maximum_message_size_bytes=int(raw.get("MaximumMessageSize", MAXIMUM_BATCH_BYTES)),
        redrive_policy=_redrive_policy(raw.get("RedrivePolicy")),
        redrive_allow_policy=_redrive_allow_policy(raw.get("RedriveAllowPolicy")),
        kms_key_id=raw.get("KmsMasterKeyId") or None,
        sqs_managed_encryption=raw.get("SqsManagedSseEnabled") == "true",
        content_based_deduplication=raw.get("ContentBasedDeduplication") == "true",
        deduplication_scope=raw.get("DeduplicationScope"),
        fifo_throughput_limit=raw.get("FifoThroughputLimit"),
        policy=raw.get("Policy") or None,
    )


def _moment(epoch_seconds: str | None) -> datetime | None:
    return datetime.fromtimestamp(int(float(epoch_seconds)), UTC) if epoch_seconds else None


def _redrive_policy(text: str | None) -> RedrivePolicy | None:
    if not text:
        return None
    policy = json.loads(text)
    return RedrivePolicy(policy["deadLetterTargetArn"], int(policy["maxReceiveCount"]))


def dead_letter_arn(redrive_policy: str | None) -> str | None:
    """The DLQ that the JSON text of a redrive policy names, of SQS or of SNS."""
    if not redrive_policy:
        return None
    arn: str | None = json.loads(redrive_policy).get("deadLetterTargetArn")
    return arn


def _redrive_allow_policy(text: str | None) -> RedriveAllowPolicy | None:
    if not text:
        return None
    policy = json.loads(text)
    sources = tuple(policy.get("sourceQueueArns", ()))
    return RedriveAllowPolicy(policy["redrivePermission"], sources)
