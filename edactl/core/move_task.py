"""A message move task: SQS itself moves a DLQ's messages, as StartMessageMoveTask asked it to.

Source: SQS API reference, StartMessageMoveTask, ListMessageMoveTasks, CancelMessageMoveTask.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

MAXIMUM_RATE_PER_SECOND = 500
"""Fastest that a task can be asked to move; without a wish SQS chooses by itself."""


@dataclass(frozen=True)
class MoveTask:
    """One task of a DLQ. The counts are approximate and may lag, even when it has ended.

    `status` is RUNNING, COMPLETED, CANCELLING, CANCELLED or FAILED. `handle` is what cancels it,
    told only while it runs. `destination_arn` is null when each message goes back to its own source
    queue; `to_move` is the depth when it started.
    """

    source_arn: str
    status: str
    started_at: datetime | None
    moved: int
    to_move: int | None
    handle: str | None = None
    destination_arn: str | None = None
    rate_per_second: int | None = None
    failure_reason: str | None = None

    @property
    def is_active(self) -> bool:
        """Whether the task still holds the queue: SQS takes one task a queue at a time."""
        return self.status in {"RUNNING", "CANCELLING"}
