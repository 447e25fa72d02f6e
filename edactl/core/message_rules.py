"""What SQS takes as a message: characters, attributes, ids, sizes. Checked before anything is sent.

Source of every rule: SQS API reference, SendMessage and SendMessageBatch; SQS developer guide,
"Message metadata" and "Message quotas".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.core.queue import MAXIMUM_BATCH_BYTES
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from edactl.core.message import MessageAttribute, Outgoing
    from edactl.core.queue import Queue, QueueAttributes

MAXIMUM_ATTRIBUTES = 10
MAXIMUM_BATCH_ENTRIES = 10
MAXIMUM_DELAY_SECONDS = 900
_MAXIMUM_NAME = 256
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ATTRIBUTE_NAME = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_DATA_TYPE = re.compile(r"(String|Number|Binary)(\..+)?")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_ID = re.compile(r"[!-~]{1,128}")


def check_message(message: Outgoing, where: str) -> None:
    """Return when SQS takes such a message on some queue; `where` is its place in the input.

    Raises InputError naming the place, the rule and, for a character, its position.
    """
    if not message.body:
        raise InputError("the body is empty; SQS takes no empty message", where=where)
    _check_text(message.body, "the body", where)
    if len(message.message_attributes) > MAXIMUM_ATTRIBUTES:
        raise InputError(
            f"{len(message.message_attributes)} message attributes;"
            f" SQS takes at most {MAXIMUM_ATTRIBUTES}",
            where=where,
        )
    for name, attribute in message.message_attributes.items():
        check_attribute(name, attribute, where)
    for label, value in (("group", message.group_id), ("deduplication", message.deduplication_id)):
        if value is not None and not _ID.fullmatch(value):
            raise InputError(
                f'the {label} id "{value}" is not 1 to 128 letters, digits and punctuation',
                where=where,
            )
    if message.trace_header is not None:
        _check_text(message.trace_header, "the trace header", where)
    delay = message.delay_seconds
    if delay is not None and not 0 <= delay <= MAXIMUM_DELAY_SECONDS:
        raise InputError(f"a delay of {delay} s is not within 0 to 900 seconds", where=where)


def check_attribute(name: str, attribute: MessageAttribute, where: str) -> None:
    """Return when SQS takes this message attribute. Raises InputError naming it."""
    subject = f'message attribute "{name}"'
    if not _ATTRIBUTE_NAME.fullmatch(name) or len(name) > _MAXIMUM_NAME:
        raise InputError(
            f"{subject}: a name is at most 256 letters, digits, _ and -,"
            " with single periods inside",
            where=where,
        )
    if name.lower().startswith(("aws.", "amazon.")):
        raise InputError(f"{subject}: names that begin with AWS. or Amazon. are AWS's", where=where)
    kind = attribute.data_type.split(".")[0]
    if not _DATA_TYPE.fullmatch(attribute.data_type) or len(attribute.data_type) > _MAXIMUM_NAME:
        raise InputError(
            f'{subject}: "{attribute.data_type}" is not a type',
            where=where,
            hint="String, Number or Binary, with a label of your own as in Number.int",
        )
    if (kind == "Binary") is not (attribute.binary_value is not None):
        raise InputError(f"{subject}: a {kind} has no such value", where=where)
    if not (attribute.string_value or attribute.binary_value):
        raise InputError(f"{subject}: the value is empty; SQS takes no empty value", where=where)
    if attribute.string_value is not None:
        _check_text(attribute.string_value, subject, where)
        if kind == "Number" and not _NUMBER.fullmatch(attribute.string_value):
            raise InputError(f'{subject}: "{attribute.string_value}" is not a number', where=where)


def _check_text(text: str, subject: str, where: str) -> None:
    if found := _NOT_XML.search(text):
        raise InputError(
            f"{subject} holds U+{ord(found.group()):04X} at character {found.start() + 1},"
            " which SQS does not carry",
            where=where,
            hint="SQS takes tab, line feed, carriage return and U+0020 upwards, no surrogates",
        )


def size_bytes(message: Outgoing) -> int:
    """Size that SQS counts for one message, in bytes.

    UTF-8 length of the body and of every message attribute's name, type and value; the trace
    header does not count. Source: SQS API reference, SendMessageBatch.
    """
    return len(message.body.encode()) + sum(
        len(name.encode())
        + len(attribute.data_type.encode())
        + len((attribute.string_value or "").encode())
        + len(attribute.binary_value or b"")
        for name, attribute in message.message_attributes.items()
    )


def pack(messages: Iterable[Outgoing]) -> Iterator[list[Outgoing]]:
    """The messages in their order, in batches of at most 10 and 1 MiB."""
    batch: list[Outgoing] = []
    batch_bytes = 0
    for message in messages:
        message_bytes = size_bytes(message)
        full = len(batch) == MAXIMUM_BATCH_ENTRIES
        if batch and (full or batch_bytes + message_bytes > MAXIMUM_BATCH_BYTES):
            yield batch
            batch, batch_bytes = [], 0
        batch.append(message)
        batch_bytes += message_bytes
    if batch:
        yield batch


@dataclass(frozen=True)
class Survey:
    """What a queue could refuse in an input, found in one pass.

    `count` messages; `largest_bytes` is at `largest`; the others name the first message that has
    or lacks something, and are None when no message does.
    """

    count: int = 0
    largest_bytes: int = 0
    largest: str | None = None
    without_group: str | None = None
    without_deduplication: str | None = None
    with_delay: str | None = None

    def seeing(self, message: Outgoing, where: str) -> Survey:
        """The survey after one more message."""
        message_bytes = size_bytes(message)
        larger = message_bytes > self.largest_bytes
        no_group, no_id = message.group_id is None, message.deduplication_id is None
        return Survey(
            count=self.count + 1,
            largest_bytes=max(message_bytes, self.largest_bytes),
            largest=where if larger else self.largest,
            without_group=self.without_group or (where if no_group else None),
            without_deduplication=self.without_deduplication or (where if no_id else None),
            with_delay=self.with_delay or (where if message.delay_seconds is not None else None),
        )


def check_for_queue(survey: Survey, queue: Queue, attributes: QueueAttributes) -> None:
    """Return when this queue takes every message of the survey.

    Raises InputError naming the first message that it would refuse, and what to type.
    """
    limit = attributes.maximum_message_size_bytes
    if survey.largest_bytes > limit:
        raise InputError(
            f'the message has {survey.largest_bytes} bytes; queue "{queue.name}" takes {limit}',
            where=survey.largest,
            hint="body, and names, types and values of message attributes, count",
        )
    if not queue.is_fifo:
        return
    if survey.without_group is not None:
        raise InputError(
            f'no message group id, which FIFO queue "{queue.name}" needs',
            where=survey.without_group,
            hint="add --group-id GROUP, or give each message a group_id",
        )
    if survey.without_deduplication is not None and not attributes.content_based_deduplication:
        raise InputError(
            f'no deduplication id, and queue "{queue.name}" has no content-based deduplication',
            where=survey.without_deduplication,
            hint="add --deduplication-id ID, or give each message a deduplication_id",
        )
    if survey.with_delay is not None:
        raise InputError(
            f'FIFO queue "{queue.name}" takes no delay of a single message',
            where=survey.with_delay,
            hint="leave --delay out; set the queue's own DelaySeconds",
        )
