"""Every queue with its depth, its DLQ, its sources and its oldest message. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from edactl.errors import AccessDenied, AwsError, NotFound
from edactl.ops.workers import worker_pool

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import ThreadPoolExecutor
    from datetime import datetime

    from edactl.core.queue import Queue, QueueAttributes


class QueueReader(Protocol):
    """Reads queues."""

    def list(self, prefix: str = "", /) -> Iterator[Queue]:
        """All queues whose names begin with `prefix`."""
        ...

    def attributes(self, queue: Queue, /) -> QueueAttributes:
        """What SQS says of the queue."""
        ...

    def sources_of(self, queue: Queue, /) -> Sequence[str]:
        """The names of the queues that have this one as their DLQ."""
        ...


class AgeReader(Protocol):
    """Knows how old the oldest message of a queue is."""

    def oldest_age_seconds(self, names: Sequence[str], /, *, now: datetime) -> Mapping[str, float]:
        """The age by queue name, absent where it is not known."""
        ...


@dataclass(frozen=True)
class QueueRow:
    """One queue of the list; a null was not allowed to be read, or is not known."""

    name: str
    visible: int | None
    in_flight: int | None
    delayed: int | None
    oldest_age_seconds: float | None
    dlq: str | None
    max_receive_count: int | None
    sources: tuple[str, ...] | None
    arn: str
    url: str


@dataclass(frozen=True)
class Listing:
    """The queues by name, and what the operator should know of the list."""

    queues: tuple[QueueRow, ...]
    warnings: tuple[str, ...]


Read: TypeAlias = "dict[Queue, QueueAttributes | None]"


def list_queues(
    queues: QueueReader, ages: AgeReader, *, prefix: str, now: datetime, workers: int
) -> Listing:
    """Every queue whose name begins with `prefix`, by name; attributes are read side by side.

    A queue that goes away meanwhile is left out. Raises AccessDenied when no queue may be read.
    """
    with worker_pool(workers) as pool:
        read, warnings = read_attributes(pool, queues, queues.list(prefix))
        sources = _sources(pool, queues, read, prefix)
    known, age_warnings = oldest_ages(ages, [queue.name for queue in read], now)
    rows = [
        _row(queue, attributes, sources, known.get(queue.name))
        for queue, attributes in sorted(read.items(), key=lambda item: item[0].name)
    ]
    return Listing(tuple(rows), (*warnings, *age_warnings))


def _row(
    queue: Queue,
    attributes: QueueAttributes | None,
    sources: Mapping[str, list[str]],
    age_seconds: float | None,
) -> QueueRow:
    policy = attributes.redrive_policy if attributes else None
    return QueueRow(
        name=queue.name,
        visible=attributes.visible if attributes else None,
        in_flight=attributes.in_flight if attributes else None,
        delayed=attributes.delayed if attributes else None,
        oldest_age_seconds=age_seconds,
        dlq=policy.dead_letter_queue_name if policy else None,
        max_receive_count=policy.max_receive_count if policy else None,
        sources=tuple(sources.get(queue.name, ())),
        arn=queue.arn,
        url=queue.url,
    )


def read_attributes(
    pool: ThreadPoolExecutor, queues: QueueReader, wanted: Iterable[Queue]
) -> tuple[Read, list[str]]:
    """The attributes of these queues, read side by side, null where they may not be read; warnings.

    A queue that goes away meanwhile is left out. Raises AccessDenied when no queue may be read.
    """
    denied: list[AccessDenied] = []

    def one(queue: Queue) -> tuple[Queue, QueueAttributes | None, bool]:
        try:
            return queue, queues.attributes(queue), True
        except NotFound:
            return queue, None, False
        except AccessDenied as error:
            denied.append(error)
            return queue, None, True

    read = {queue: found for queue, found, exists in pool.map(one, wanted) if exists}
    if denied and len(denied) == len(read):
        raise denied[0]
    if denied:
        return read, [f"{len(denied)} of {len(read)} queues may not be read: {denied[0].message}"]
    return read, []


def _sources(
    pool: ThreadPoolExecutor, queues: QueueReader, read: Read, prefix: str
) -> Mapping[str, list[str]]:
    """The sources of each queue by name: by one call a queue, else from every redrive policy."""
    if not prefix:
        return sources_by_policy(read)
    try:
        asked = pool.map(queues.sources_of, read)
        return {queue.name: list(names) for queue, names in zip(read, asked, strict=True)}
    except AwsError:  # not allowed, or an endpoint without this operation
        return sources_by_policy(read_attributes(pool, queues, queues.list())[0])


def sources_by_policy(read: Mapping[Queue, QueueAttributes | None]) -> dict[str, list[str]]:
    """Source queues by the name of their DLQ, sorted, as the redrive policies say."""
    sources: dict[str, list[str]] = {}
    for queue, attributes in sorted(read.items(), key=lambda item: item[0].name):
        if attributes is not None and attributes.redrive_policy is not None:
            name = attributes.redrive_policy.dead_letter_queue_name
            sources.setdefault(name, []).append(queue.name)
    return sources


def sources_of(queue: Queue, queues: QueueReader, *, workers: int) -> tuple[str, ...]:
    """The queues that have this one as their DLQ, by name."""
    try:
        return tuple(queues.sources_of(queue))
    except AwsError:  # not allowed, or an endpoint without this operation
        with worker_pool(workers) as pool:
            read, _ = read_attributes(pool, queues, queues.list())
        return tuple(sources_by_policy(read).get(queue.name, ()))


def oldest_ages(
    ages: AgeReader, names: Sequence[str], now: datetime
) -> tuple[Mapping[str, float], list[str]]:
    """Age in seconds of the oldest message by queue name, and a warning when it may not be read."""
    if not names:
        return {}, []
    try:
        return ages.oldest_age_seconds(names, now=now), []
    except AccessDenied as error:
        return {}, [f"no oldest ages: {error.message}"]
    except AwsError:  # an endpoint without CloudWatch
        return {}, []
