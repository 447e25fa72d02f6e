"""Every DLQ: how deep, how soon its first letter is gone, what sends to it. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from edactl.core.arn import parse_arn
from edactl.core.dead_letter_source import DeadLetterSource, SourceKind
from edactl.core.dlq import first_expiry_seconds, looks_like_dlq
from edactl.errors import AccessDenied, AwsError, InputError
from edactl.ops.dead_letter_sources import find_sources
from edactl.ops.queue_list import oldest_ages, read_attributes
from edactl.ops.workers import worker_pool

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from edactl.core.move_task import MoveTask
    from edactl.core.queue import Queue, QueueAttributes
    from edactl.ops.dead_letter_sources import SourceReader
    from edactl.ops.queue_list import AgeReader, QueueReader, Read


class TaskReader(Protocol):
    """Knows the move tasks of a DLQ."""

    def recent(self, dlq_arn: str, /) -> Sequence[MoveTask]:
        """The newest tasks."""
        ...


@dataclass(frozen=True)
class SourceRow:
    """One resource that sends its failures here; `target` is where a delivery should have gone."""

    kind: SourceKind
    arn: str
    target: str | None


@dataclass(frozen=True)
class DlqRow:
    """One DLQ of the list; a null was not allowed to be read, or is not known.

    `oldest_age_seconds` counts from when the letter came here. `expires_in_seconds` is the longest
    that the first letter has left; a standard queue deletes it earlier, by the time that it spent
    in its source queue. `move_task` is the one that is running.
    """

    name: str
    visible: int | None
    in_flight: int | None
    delayed: int | None
    oldest_age_seconds: float | None
    expires_in_seconds: float | None
    retention_seconds: int | None
    sources: tuple[SourceRow, ...]
    move_task: MoveTask | None
    arn: str
    url: str | None

    @property
    def letters(self) -> int | None:
        """How many letters it holds, approximately."""
        if self.visible is None or self.in_flight is None or self.delayed is None:
            return None
        return self.visible + self.in_flight + self.delayed


@dataclass(frozen=True)
class DlqReaders:
    """Where the facts come from; `sources` are the services besides SQS that have DLQs."""

    queues: QueueReader
    ages: AgeReader
    tasks: TaskReader
    sources: Sequence[SourceReader]


@dataclass(frozen=True)
class DlqListing:
    """The DLQs, the most urgent first, and what the operator should know of the list."""

    dlqs: tuple[DlqRow, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class _Known:
    """What was read so far, by the ARN of the DLQ or the name of the queue."""

    queues: Mapping[str, Queue]
    attributes: Read
    sources: Mapping[str, list[DeadLetterSource]]


def list_dlqs(
    readers: DlqReaders, *, prefix: str, nobodys: bool, now: datetime, workers: int
) -> DlqListing:
    """Every queue that something sends its failures to, and whose name begins with `prefix`.

    With `nobodys` also the queues that look like DLQs and are of nothing. Urgent is what expires
    soonest, then what holds most. Raises AccessDenied when no queue may be read.
    """
    known, warnings = _read(readers, workers)
    arns = [arn for arn in _dlqs(known, nobodys=nobodys) if _name(arn).startswith(prefix)]
    deep = [arn for arn in arns if _depth(known, arn)]
    ages, age_warnings = oldest_ages(readers.ages, [_name(arn) for arn in deep], now)
    tasks, task_warnings = _running(readers.tasks, known, deep, workers)
    rows = [_row(known, arn, ages.get(_name(arn)), tasks.get(arn)) for arn in arns]
    return DlqListing(
        tuple(sorted(rows, key=_urgency)),
        (*warnings, *_lost(known), *age_warnings, *task_warnings),
    )


def _read(readers: DlqReaders, workers: int) -> tuple[_Known, list[str]]:
    """Queues and every service's sources, side by side."""
    with worker_pool(workers + 1) as pool:
        asked = pool.submit(find_sources, readers.sources, workers=workers)
        read, warnings = read_attributes(pool, readers.queues, readers.queues.list())
        found = asked.result()
    sources: dict[str, list[DeadLetterSource]] = {}
    for one in (*_of_queues(read), *found.sources):
        sources.setdefault(one.dlq_arn, []).append(one)
    known = _Known({queue.arn: queue for queue in read}, read, sources)
    return known, [*warnings, *found.warnings]


def _of_queues(read: Read) -> Iterable[DeadLetterSource]:
    for queue, attributes in read.items():
        if attributes is not None and attributes.redrive_policy is not None:
            dlq = attributes.redrive_policy.dead_letter_queue_arn
            yield DeadLetterSource(SourceKind.QUEUE, queue.arn, dlq)


def _dlqs(known: _Known, *, nobodys: bool) -> list[str]:
    """The ARNs to list: of SQS queues only, since a function may use a topic as its DLQ."""
    arns = {arn for arn in known.sources if _is_queue(arn)}
    if nobodys:
        arns |= {
            queue.arn
            for queue, attributes in known.attributes.items()
            if looks_like_dlq(queue.name, attributes)
        }
    return sorted(arn for arn in arns if arn in known.queues or not _is_ours(known, arn))


def _lost(known: _Known) -> list[str]:
    """A warning for each source whose DLQ is not there: its failures are lost."""
    return [
        f"{one.kind.value} {one.arn} sends its failures to a queue that does not exist:"
        f" {_name(arn)}; they are lost"
        for arn, sources in sorted(known.sources.items())
        if _is_queue(arn) and arn not in known.queues and _is_ours(known, arn)
        for one in sources
    ]


def _is_queue(arn: str) -> bool:
    try:
        return parse_arn(arn).service == "sqs"
    except InputError:
        return False


def _is_ours(known: _Known, arn: str) -> bool:
    """Whether a queue is of the account and region that was asked; without any queue, it is."""
    where = parse_arn(arn)
    places = {(queue.account, queue.region) for queue in known.queues.values()}
    return not places or (where.account, where.region) in places


def _running(
    tasks: TaskReader, known: _Known, arns: Sequence[str], workers: int
) -> tuple[dict[str, MoveTask], list[str]]:
    """The running task of each DLQ that SQS fills; nothing where the endpoint does not tell."""
    wanted = [
        arn
        for arn in arns
        if any(one.kind is SourceKind.QUEUE for one in known.sources.get(arn, ()))
    ]
    try:
        with worker_pool(workers) as pool:
            recent = list(zip(wanted, pool.map(tasks.recent, wanted), strict=True))
    except AccessDenied as error:
        return {}, [f"no move tasks: {error.message}"]
    except AwsError:  # an endpoint without move tasks
        return {}, []
    active = {arn: [one for one in found if one.is_active] for arn, found in recent}
    return {arn: found[0] for arn, found in active.items() if found}, []


def _row(known: _Known, arn: str, age: float | None, task: MoveTask | None) -> DlqRow:
    queue = known.queues.get(arn)
    found = known.attributes.get(queue) if queue else None
    sources = sorted(known.sources.get(arn, ()), key=lambda one: (one.kind, one.arn))
    return DlqRow(
        name=_name(arn),
        visible=found.visible if found else None,
        in_flight=found.in_flight if found else None,
        delayed=found.delayed if found else None,
        oldest_age_seconds=age,
        expires_in_seconds=first_expiry_seconds(age, found) if found else None,
        retention_seconds=found.retention_seconds if found else None,
        sources=tuple(SourceRow(one.kind, one.arn, one.target) for one in sources),
        move_task=task,
        arn=arn,
        url=queue.url if queue else None,
    )


def _depth(known: _Known, arn: str) -> int:
    queue = known.queues.get(arn)
    found: QueueAttributes | None = known.attributes.get(queue) if queue else None
    return found.visible + found.in_flight + found.delayed if found else 0


def _urgency(row: DlqRow) -> tuple[bool, bool, float, int, str]:
    """Those with letters first, also of unknown depth: by what expires, then by depth."""
    letters = row.letters
    expires = row.expires_in_seconds
    return (letters == 0, expires is None, expires or 0.0, -(letters or 0), row.name)


def _name(arn: str) -> str:
    return arn.rpartition(":")[2]
