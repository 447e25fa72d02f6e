"""What sends its failures to a DLQ."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SourceKind(StrEnum):
    """The kinds of resources that can have a DLQ."""

    QUEUE = "queue"
    """An SQS queue, by its redrive policy."""
    BUS = "bus"
    """An event bus, by its own dead-letter config."""
    RULE = "rule"
    """A target of an EventBridge rule, by the target's dead-letter config."""
    SCHEDULE = "schedule"
    """A schedule of EventBridge Scheduler."""
    SUBSCRIPTION = "subscription"
    """An SNS subscription, by its redrive policy."""
    FUNCTION = "function"
    """A Lambda function, by its dead-letter config."""
    FUNCTION_DESTINATION = "function-destination"
    """A Lambda function, by its on-failure destination for asynchronous invokes."""
    EVENT_SOURCE_MAPPING = "event-source-mapping"
    """A Lambda function that reads a stream, by the mapping's on-failure destination."""
    PIPE = "pipe"
    """A pipe of EventBridge that reads a stream, by its source's dead-letter config."""


@dataclass(frozen=True)
class DeadLetterSource:
    """One resource that sends its failures to `dlq_arn`.

    `target` is where a delivery should have gone: a rule's or schedule's target, a subscription's
    endpoint, a mapping's function, a pipe's target; null for a queue and a function, which are it
    themselves. `raw` is an SNS subscription's RawMessageDelivery.
    """

    kind: SourceKind
    arn: str
    dlq_arn: str
    target: str | None = None
    raw: bool = False
