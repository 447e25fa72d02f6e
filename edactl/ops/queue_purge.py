"""Purge a queue: the plan that is shown first, and the record of what was done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from edactl.errors import AwsError

if TYPE_CHECKING:
    from datetime import datetime

    from edactl.core.queue import Queue, QueueAttributes

PURGE_SECONDS = 60
"""SQS API reference, PurgeQueue: it takes up to 60 seconds, and so long refuses another one."""


class Purger(Protocol):
    """Empties queues."""

    def purge(self, queue: Queue, /) -> None:
        """Delete every message."""
        ...


@dataclass(frozen=True)
class Purge:
    """What a purge deletes, approximately; `purged_at` is when SQS took the order."""

    queue: str
    arn: str
    visible: int
    in_flight: int
    delayed: int
    purged: bool
    purged_at: datetime | None

    @property
    def depth(self) -> int:
        """All messages in the queue, approximately."""
        return self.visible + self.in_flight + self.delayed


def plan_purge(queue: Queue, attributes: QueueAttributes) -> Purge:
    """What a purge would delete now."""
    return Purge(
        queue=queue.name,
        arn=queue.arn,
        visible=attributes.visible,
        in_flight=attributes.in_flight,
        delayed=attributes.delayed,
        purged=False,
        purged_at=None,
    )


def purge(queue: Queue, queues: Purger) -> None:
    """Have SQS delete every message. Raises AwsError with what to do when a purge still runs."""
    try:
        queues.purge(queue)
    except AwsError as error:
        if error.code == "PurgeQueueInProgress":
            raise AwsError(
                f'queue "{queue.name}" is being purged already; SQS takes one purge a minute'
                f" ({error.code})",
                code=error.code,
                operation=error.operation,
                request_id=error.request_id,
                hint=f"wait {PURGE_SECONDS} s, then edactl queue show {queue.name}",
            ) from error
        raise
