"""What a queue's own metrics tell of its traffic and of the work on it, without instrumentation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.core.queueing.estimates import Estimate, ratio_estimate, work_by_littles_law
from edactl.core.scaling_sim.arrivals import filled
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

Counts = tuple[float | None, ...]


@dataclass(frozen=True)
class QueueMinutes:
    """Metrics of consecutive minutes; None where CloudWatch has no datapoint.

    `busy_groups` are the message groups with messages in flight; empty unless the queue is FIFO.
    """

    queue: str
    sent: Counts
    received: Counts
    deleted: Counts
    in_flight: Counts
    busy_groups: Counts = ()


@dataclass(frozen=True)
class QueueTraffic:
    """Arrivals of each minute with gaps filled, from the first datapoint to the last."""

    per_minute: tuple[float, ...]
    gaps: int


def traffic_of(minutes: QueueMinutes) -> QueueTraffic:
    """The arrivals. Raises InputError when no minute has any datapoint."""
    known = [number for number, one in enumerate(minutes.sent) if one is not None]
    if not known:
        raise _no_data(minutes.queue, "NumberOfMessagesSent", "--arrivals FILE")
    found = minutes.sent[known[0] : known[-1] + 1]
    return QueueTraffic(tuple(filled(list(found))), len(found) - len(known))


def work_of(minutes: QueueMinutes) -> Estimate:
    """Mean seconds of work for each message that is done, by Little's law.

    The work on messages that are received again is in it. Raises InputError where nothing was
    in work or nothing was done.
    """
    if received := never_deleted(minutes):
        raise InputError(
            f'{received:.0f} messages were received from queue "{minutes.queue}" and none was'
            " deleted: its consumers fail on all of them, and no work can be timed",
            hint=f"edactl queue show {minutes.queue}; or give --processing-time 2s",
        )
    both = _both(minutes.in_flight, minutes.deleted)
    held, deleted = [one for one, _ in both], [one for _, one in both]
    if math.fsum(held) <= 0 or math.fsum(deleted) <= 0:
        raise _no_data(minutes.queue, "messages in flight and deleted", "--processing-time 2s")
    return work_by_littles_law(held, deleted)


def never_deleted(minutes: QueueMinutes) -> float:
    """Messages that were received where none was ever deleted; 0 where any was."""
    if any(minutes.deleted):
        return 0.0
    return math.fsum(one for one in minutes.received if one is not None)


def redelivery_of(minutes: QueueMinutes) -> Estimate | None:
    """Receives for each message that is done, 1 at least; None where nothing was done."""
    both = _both(minutes.received, minutes.deleted)
    received, deleted = [one for one, _ in both], [one for _, one in both]
    if math.fsum(deleted) <= 0:
        return None
    found = ratio_estimate(received, deleted)
    value, low, high = (max(1.0, one) for one in (found.value, found.low, found.high))
    return Estimate(value, found.samples, low, high)


def _both(
    first: Sequence[float | None], second: Sequence[float | None]
) -> list[tuple[float, float]]:
    pairs = zip(first, second, strict=True)
    return [(one, two) for one, two in pairs if one is not None and two is not None]


def _no_data(queue: str, what: str, hint: str) -> InputError:
    return InputError(
        f'CloudWatch has no data on queue "{queue}" to measure with: {what}',
        hint=f"check name and region: edactl queue show {queue}; or give {hint}",
    )
