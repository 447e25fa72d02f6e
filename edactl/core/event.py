"""One event to send, and the rules that PutEvents holds it to.

Source of the rules: EventBridge API reference, PutEvents and PutEventsRequestEntry; user guide,
"PutEvents event entry size".
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from edactl.core.put_outcome import EntryOutcome
    from edactl.core.record import JsonValue

MAX_ENTRIES = 10
MAX_REQUEST_BYTES = 1_048_576  # AWS says "less than 1 MB" over all entries of a request
TIME_BYTES = 14
MAX_DETAIL_TYPE_CHARACTERS = 128
MAX_TRACE_HEADER_CHARACTERS = 500
RETRYABLE_CODES = frozenset({"InternalFailure", "ThrottlingException", "InternalException"})
IDEMPOTENCY_FIELD = "idempotency-key"


@dataclass(frozen=True, slots=True)
class Entry:
    """One PutEvents entry. `detail` is JSON text of an object; `bus` is a name or ARN."""

    source: str
    detail_type: str
    detail: str
    bus: str
    time: datetime | None = None
    resources: tuple[str, ...] = ()
    trace_header: str | None = None


def billed_size_bytes(entry: Entry) -> int:
    """Size AWS counts for one PutEvents entry, in bytes.

    UTF-8 length of source, detail-type, detail and resources; 14 more if time is set. Bus name
    and trace header do not count.
    """
    texts = (entry.source, entry.detail_type, entry.detail, *entry.resources)
    size = sum(len(text) if text.isascii() else len(text.encode()) for text in texts)
    return size + (TIME_BYTES if entry.time is not None else 0)


def is_unicode(text: str) -> bool:
    """Whether UTF-8 can carry the text: it holds no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_entry(entry: Entry, where: str) -> int:
    """The size of a valid entry, in bytes. Raises InputError for what PutEvents would refuse."""
    texts = (entry.source, entry.detail_type, entry.detail, entry.bus, *entry.resources)
    if not all(text.isascii() or is_unicode(text) for text in texts):
        raise InputError(
            "the event holds half of a surrogate pair, which UTF-8 cannot carry",
            where=where,
            hint="inside detail it may stand as an escape, as \\ud800",
        )
    if entry.source.startswith("aws."):
        raise InputError(
            f'source "{entry.source}" is reserved: AWS refuses sources that start with "aws."',
            where=where,
            hint="--source my.app --override sends it under a source of your own",
        )
    if len(entry.detail_type) > MAX_DETAIL_TYPE_CHARACTERS:
        raise InputError(
            f"detail-type has {len(entry.detail_type)} characters; AWS takes 128", where=where
        )
    if entry.trace_header and len(entry.trace_header) > MAX_TRACE_HEADER_CHARACTERS:
        raise InputError("the trace header has over 500 characters", where=where)
    size = billed_size_bytes(entry)
    if size >= MAX_REQUEST_BYTES:
        raise InputError(
            f"the event has {size} bytes; AWS takes less than {MAX_REQUEST_BYTES}",
            where=where,
            hint="put the payload in S3 and send its key",
        )
    return size


def content_key(
    source: str,
    detail_type: str,
    detail: JsonValue,
    resources: Iterable[str] = (),
    time: str | None = None,
) -> str:
    """An idempotency key from the content: the same for the same event, however it is spelt."""
    content = json.dumps(
        [source, detail_type, detail, list(resources), time], sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(content.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Numbered:
    """An entry with its place among all events of the run, from 0, and its size in bytes."""

    index: int
    entry: Entry
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Refused:
    """An event that will not be sent, in its place among the others: `why` is its outcome.

    `record` is the event as it was read.
    """

    index: int
    why: EntryOutcome
    record: Mapping[str, JsonValue]
    size_bytes: int = 0


def pack(
    events: Iterable[Numbered | Refused | None],
) -> Iterator[tuple[Numbered | Refused, ...]]:
    """Batches of at most 10 entries and less than 1 MB, in order.

    None is a pause of the input: what is in hand goes out rather than wait for more, and an empty
    batch after it tells of the pause.
    """
    batch: list[Numbered | Refused] = []
    size = 0
    for event in events:
        full = event is None or (
            len(batch) == MAX_ENTRIES or size + event.size_bytes >= MAX_REQUEST_BYTES
        )
        if batch and full:
            yield tuple(batch)
            batch, size = [], 0
        if event is None:
            yield ()
        else:
            batch.append(event)
            size += event.size_bytes
    if batch:
        yield tuple(batch)
