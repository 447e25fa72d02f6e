"""A queue's attributes in words: what each one does to the messages.

Source: SQS API reference, GetQueueAttributes; developer guide, "Short and long polling",
"Dead-letter queues", "FIFO queue and message identifiers".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.core.queue import Queue, QueueAttributes


@dataclass(frozen=True)
class Explanation:
    """One attribute: its value as people say it, and what it means here."""

    attribute: str
    value: str
    meaning: str


def explain(queue: Queue, attributes: QueueAttributes) -> tuple[Explanation, ...]:
    """Every attribute that matters, in the order an operator asks for them."""
    return (
        *_depth(attributes),
        *_timing(attributes),
        *_redrive(attributes),
        _encryption(attributes),
        *(_fifo(attributes) if queue.is_fifo else ()),
    )


def span(seconds: int) -> str:
    """`4d`, `1d1h`, `0s`: exact, so that nobody reads 25 hours as a day."""
    text = ""
    for unit, length in (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, length)
        text += f"{count}{unit}" if count else ""
    return text or "0s"


def coarse_span(seconds: float) -> str:
    """`3d2h`, `2h5m`, `45s`: the two largest units, since nobody waits for the seconds of a day."""
    unit = next((finer for size, finer in ((86_400, 3600), (3600, 60)) if seconds >= size), 1)
    return span(int(seconds) // unit * unit)


def _depth(attributes: QueueAttributes) -> Iterator[Explanation]:
    yield Explanation("visible", str(attributes.visible), "wait to be received (approximate)")
    yield Explanation("in flight", str(attributes.in_flight), "received and not deleted yet")
    yield Explanation("delayed", str(attributes.delayed), "not to be seen yet")


def _timing(attributes: QueueAttributes) -> Iterator[Explanation]:
    retention = span(attributes.retention_seconds)
    yield Explanation(
        "retention",
        retention,
        f"a message is deleted {retention} after it was sent, received or not",
    )
    visibility = span(attributes.visibility_timeout_seconds)
    yield Explanation(
        "visibility timeout",
        visibility,
        f"a consumer has {visibility} to delete what it received; then others get it",
    )
    delay = span(attributes.delay_seconds)
    yield Explanation(
        "delay",
        delay,
        f"a new message is hidden for {delay} first"
        if attributes.delay_seconds
        else "a new message can be received at once",
    )
    wait = span(attributes.receive_wait_seconds)
    yield Explanation(
        "receive wait",
        wait,
        f"a receive waits up to {wait} for a message (long polling)"
        if attributes.receive_wait_seconds
        else "a receive answers at once, and may miss messages, unless it asks to wait",
    )
    yield Explanation(
        "maximum message size",
        f"{attributes.maximum_message_size_bytes} bytes",
        "body and message attributes together",
    )


def _redrive(attributes: QueueAttributes) -> Iterator[Explanation]:
    policy = attributes.redrive_policy
    if policy is None:
        yield Explanation(
            "redrive policy", "none", "a message that fails is received again until retention ends"
        )
    else:
        yield Explanation(
            "redrive policy",
            f"{policy.max_receive_count} receives",
            "a message received more often than that, looks included, goes to"
            f" {policy.dead_letter_queue_name}",
        )
    allow = attributes.redrive_allow_policy
    if allow is not None:
        yield Explanation("redrive allow policy", allow.permission, _ALLOW[allow.permission])


_ALLOW = {
    "allowAll": "any queue of this account and region may use it as DLQ",
    "denyAll": "no queue may use it as DLQ",
    "byQueue": "only the queues it names may use it as DLQ",
}


def _encryption(attributes: QueueAttributes) -> Explanation:
    if attributes.kms_key_id is not None:
        meaning = "senders and consumers need this KMS key too"
        return Explanation("encryption", f"KMS {attributes.kms_key_id}", meaning)
    if attributes.sqs_managed_encryption:
        return Explanation("encryption", "SQS", "at rest, with a key that SQS manages")
    return Explanation("encryption", "none", "messages are not encrypted at rest")


def _fifo(attributes: QueueAttributes) -> Iterator[Explanation]:
    by_content = attributes.content_based_deduplication
    yield Explanation(
        "content-based deduplication",
        "on" if by_content else "off",
        "a body sent again within 5 minutes is dropped"
        if by_content
        else "each send must give a deduplication id",
    )
    scope = attributes.deduplication_scope or "queue"
    yield Explanation("deduplication scope", scope, f"ids are compared within one {_SCOPE[scope]}")
    limit = attributes.fifo_throughput_limit or "perQueue"
    yield Explanation("throughput limit", limit, _THROUGHPUT[limit])


_SCOPE = {"queue": "queue", "messageGroup": "message group"}
_THROUGHPUT = {
    "perQueue": "300 calls a second of each kind for the whole queue",
    "perMessageGroupId": "high throughput: the limit counts for each message group",
}
