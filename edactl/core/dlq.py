"""A queue as a DLQ: what it is for, and when its first letter is gone."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from edactl.core.message import Message
    from edactl.core.queue import QueueAttributes

_LIKE_A_DLQ = re.compile(r"(?i)dead[-_]?letter|(^|[-_])dlq([-_]|$)|dlq$")


def looks_like_dlq(name: str, attributes: QueueAttributes | None) -> bool:
    """Whether a queue seems to be meant as a DLQ, though nothing sends its failures there.

    By its name, as `orders-dlq` or `orders-dead-letter`, or because it names its source queues.
    """
    if attributes is not None and attributes.redrive_allow_policy is not None:
        return attributes.redrive_allow_policy.permission == "byQueue"
    return _LIKE_A_DLQ.search(name.removesuffix(".fifo")) is not None


def first_expiry_seconds(
    oldest_age_seconds: float | None, attributes: QueueAttributes
) -> float | None:
    """How long the first letter has at most until SQS deletes it; None when no age is known.

    The age that CloudWatch tells counts from when a letter came into the DLQ. A FIFO queue counts
    its retention from there too. A standard one counts from when the message was sent first, so the
    letter goes earlier than this, by the time that it spent in its source queue. Source: SQS
    developer guide, "Setting up dead-letter queue retention".
    """
    if oldest_age_seconds is None:
        return None
    return max(0.0, attributes.retention_seconds - oldest_age_seconds)


def expires_at(letter: Message, retention_seconds: int) -> datetime | None:
    """When SQS deletes this letter of a DLQ with that retention; None when SQS tells no time.

    Counts from when the message was sent, which in a standard DLQ is when it was sent first.
    """
    return letter.sent_at + timedelta(seconds=retention_seconds) if letter.sent_at else None
