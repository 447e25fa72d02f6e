"""SQS messages, from AWS's form and to it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from edactl.core.message import (
    BatchFailure,
    Message,
    MessageAttribute,
    NotSent,
    Outgoing,
    Received,
    SendOutcome,
    Sent,
)
from edactl.core.times import from_epoch_milliseconds

if TYPE_CHECKING:
    from datetime import datetime


def received(raw: dict[str, Any]) -> Received:
    """A message as ReceiveMessage gives it."""
    system: dict[str, str] = raw.get("Attributes", {})
    count = system.get("ApproximateReceiveCount")
    message = Message(
        message_id=raw["MessageId"],
        body=raw.get("Body", ""),
        attributes=system,
        message_attributes={
            name: MessageAttribute(
                value["DataType"], value.get("StringValue"), value.get("BinaryValue")
            )
            for name, value in raw.get("MessageAttributes", {}).items()
        },
        group_id=system.get("MessageGroupId"),
        deduplication_id=system.get("MessageDeduplicationId"),
        sent_at=_moment(system.get("SentTimestamp")),
        first_received_at=_moment(system.get("ApproximateFirstReceiveTimestamp")),
        receive_count=int(count) if count else None,
        source_queue_arn=system.get("DeadLetterQueueSourceArn"),
        trace_header=system.get("AWSTraceHeader"),
    )
    return Received(message, raw["ReceiptHandle"], raw.get("MD5OfBody", ""))


def _moment(milliseconds: str | None) -> datetime | None:
    return from_epoch_milliseconds(int(float(milliseconds))) if milliseconds else None


def send_entry(entry_id: str, message: Outgoing) -> dict[str, Any]:
    """An entry of SendMessageBatch."""
    entry: dict[str, Any] = {"Id": entry_id, "MessageBody": message.body}
    if message.message_attributes:
        entry["MessageAttributes"] = {
            name: _attribute(value) for name, value in message.message_attributes.items()
        }
    if message.trace_header is not None:
        entry["MessageSystemAttributes"] = {
            "AWSTraceHeader": {"DataType": "String", "StringValue": message.trace_header}
        }
    if message.group_id is not None:
        entry["MessageGroupId"] = message.group_id
    if message.deduplication_id is not None:
        entry["MessageDeduplicationId"] = message.deduplication_id
    if message.delay_seconds is not None:
        entry["DelaySeconds"] = message.delay_seconds
    return entry


def _attribute(value: MessageAttribute) -> dict[str, Any]:
    if value.binary_value is not None:
        return {"DataType": value.data_type, "BinaryValue": value.binary_value}
    return {"DataType": value.data_type, "StringValue": value.string_value}


def checked(message: Outgoing, entry: dict[str, Any]) -> SendOutcome:
    """What became of a message that SQS says it took: its body's digest has to agree."""
    ours = hashlib.md5(message.body.encode(), usedforsecurity=False).hexdigest()
    theirs = entry.get("MD5OfMessageBody", ours)
    if theirs != ours:
        return NotSent(
            "BodyDigestMismatch",
            f"SQS took another body (MD5OfMessageBody {theirs}, sent {ours})"
            f" as message {entry['MessageId']}",
        )
    return Sent(entry["MessageId"])


def failures(answer: dict[str, Any], *, offset: int) -> list[BatchFailure]:
    """The entries that a 200 refused; `offset` is the place of the first entry."""
    return [
        BatchFailure(
            index=offset + int(entry["Id"]),
            error_code=str(entry.get("Code", "Unknown")),
            error_message=str(entry.get("Message", "no reason given")),
            retryable=not entry.get("SenderFault", True),
        )
        for entry in answer.get("Failed", [])
    ]
