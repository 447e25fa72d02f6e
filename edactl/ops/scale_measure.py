"""Measure a queue for an advice on its scaling. Reads metrics alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from edactl.core.scaling_advice.queue_minutes import redelivery_of, traffic_of, work_of
from edactl.core.scaling_sim.arrivals import Trace

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from edactl.core.queueing.estimates import Estimate
    from edactl.core.scaling_advice.queue_minutes import QueueMinutes

Quantity = Literal["traffic", "work"]


class MinuteReader(Protocol):
    """Knows what passed through a queue, minute by minute."""

    def minutes(self, queue: str, /, *, start: datetime, end: datetime) -> QueueMinutes:
        """Every minute from `start` to `end`."""
        ...


@dataclass(frozen=True)
class MeasuredQueue:
    """What was asked for: the trace, the mean time of the work, or both; and redeliveries."""

    trace: Trace | None
    work: Estimate | None
    redelivery_ratio: float


def measure(
    reader: MinuteReader,
    queue: str,
    *,
    start: datetime,
    end: datetime,
    wanted: Collection[Quantity],
) -> MeasuredQueue:
    """Measure what is wanted. Raises InputError where CloudWatch has no data for it."""
    minutes = reader.minutes(queue, start=start, end=end)
    found = traffic_of(minutes) if "traffic" in wanted else None
    return MeasuredQueue(
        Trace(found.per_minute, exact=True, gaps=found.gaps) if found else None,
        work_of(minutes) if "work" in wanted else None,
        redelivery_of(minutes),
    )
