"""A dead letter: a message of a DLQ, and what it tells of why it is there.

Each service that writes to a DLQ leaves other traces: `edactl.core.letter_origins` reads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edactl.core.message import Message


class Origin(StrEnum):
    """Who put the letter into the DLQ."""

    SQS_REDRIVE = "sqs-redrive"
    """SQS itself, by the redrive policy of a source queue."""
    EVENTBRIDGE_RULE = "eventbridge-rule"
    """A rule of EventBridge (Classic) that could not reach one of its targets."""
    SCHEDULER = "scheduler"
    """A schedule of EventBridge Scheduler that could not reach its target."""
    SNS = "sns"
    """A subscription of SNS; the body is SNS's envelope."""
    SNS_RAW = "sns-raw"
    """A subscription with raw delivery. The message itself does not tell; the DLQ's sources do."""
    LAMBDA_ASYNC = "lambda-async"
    """The dead-letter config of a function that was invoked asynchronously."""
    LAMBDA_DESTINATION = "lambda-destination"
    """The on-failure destination of a function that was invoked asynchronously."""
    STREAM_DESTINATION = "stream-destination"
    """The on-failure destination of a function that reads a stream, or of a pipe that does.

    It points into the stream. `target` is the function, or the pipe.
    """
    CUSTOM_EVENT_BUS = "custom-event-bus"
    """A subscriber of a Custom Event Bus: a record of the failure, without the event."""
    S3_POINTER = "s3-pointer"
    """An extended client's pointer to a body in S3, sent by nobody that can be told."""
    UNKNOWN = "unknown"
    """No trace of any of these: somebody may have sent it here by hand."""


class Payload(StrEnum):
    """What has to be sent again."""

    BODY = "body"
    """The body, byte for byte."""
    EVENT = "event"
    """The body is the event; the failed target gets it through its own input transformation."""
    API_REQUEST = "api-request"
    """The body is the JSON request of the API operation that the target names."""
    REQUEST_PAYLOAD = "request-payload"
    """What the body holds as `requestPayload`: what the function was invoked with."""
    S3_POINTER = "s3-pointer"
    """The body, byte for byte: it points to an object of S3, which has to stay there."""
    ABSENT = "absent"
    """The letter does not hold it: it has to come from the stream, or from the bus's retention."""


@dataclass(frozen=True)
class Letter:
    """A message of a DLQ, classified. A null is what this origin does not tell.

    `reason` is the error code as the origin writes it, an open set. `target` is what the letter
    was meant for: the ARN of a queue, a rule's target, a function, a subscription's endpoint; of
    Scheduler it is an operation, as `arn:aws:scheduler:::aws-sdk:sqs:sendMessage`.
    `sender` is the ARN of the rule, schedule, subscription, subscriber or stream that failed to
    deliver it. `exhausted` is the retry limit that was reached. `problem` says, in words, what of
    the letter is not as its origin promises; such a letter cannot go back by itself.
    """

    message: Message
    origin: Origin
    payload: Payload = Payload.BODY
    reason: str | None = None
    error_message: str | None = None
    target: str | None = None
    sender: str | None = None
    attempts: int | None = None
    exhausted: str | None = None
    request_id: str | None = None
    problem: str | None = None
