"""Traffic and work, measured from a queue's own metrics."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from edactl.core.scaling_advice.queue_minutes import (
    QueueMinutes,
    never_deleted,
    redelivery_of,
    traffic_of,
    work_of,
)
from edactl.errors import InputError
from edactl.ops.scale_measure import measure

NOW = datetime(2026, 1, 31, 8, tzinfo=UTC)
NOTHING = (None, None, None)
BUSY = QueueMinutes(
    "orders",
    sent=(None, 60.0, None, 120.0, None),
    received=(None, 66.0, 66.0, 66.0, None),
    deleted=(None, 60.0, 60.0, None, 60.0),
    in_flight=(None, 2.0, 3.0, 9.0, 1.0),
)


class Reader:
    """Hands out what it has, and keeps what it was asked for."""

    def __init__(self, minutes: QueueMinutes) -> None:
        self.held, self.asked = minutes, ("", NOW, NOW)

    def minutes(self, queue: str, *, start: datetime, end: datetime) -> QueueMinutes:
        self.asked = (queue, start, end)
        return self.held


def test_traffic_reaches_from_the_first_datapoint_to_the_last_with_gaps_filled() -> None:
    found = traffic_of(BUSY)

    assert list(found.per_minute) == [60, 90, 120]
    assert found.gaps == 1


def test_work_is_what_is_in_flight_over_what_is_done_in_minutes_that_know_both() -> None:
    found = work_of(BUSY)

    assert found.value == pytest.approx(2.0)
    assert found.samples == 3
    assert found.low < 2 < found.high


def test_redelivery_is_receives_over_deletes_and_1_at_least() -> None:
    found = redelivery_of(BUSY)
    assert found is not None
    assert found.value == pytest.approx(1.1)
    assert found.samples == 2
    assert 1 < found.low <= found.value <= found.high
    idle = QueueMinutes("q", NOTHING, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), NOTHING)
    assert redelivery_of(idle) is None
    fewer = redelivery_of(QueueMinutes("q", NOTHING, (1.0,) * 3, (2.0,) * 3, NOTHING))
    assert fewer is not None
    assert (fewer.value, fewer.low) == (1, 1)


def test_a_queue_without_data_cannot_be_measured() -> None:
    silent = QueueMinutes("quiet", NOTHING, NOTHING, NOTHING, NOTHING)

    with pytest.raises(InputError, match=r'no data on queue "quiet" .*: NumberOfMessagesSent'):
        traffic_of(silent)
    for held, done in (((0.0,) * 3, (5.0,) * 3), ((1.0,) * 3, (0.0,) * 3), (NOTHING, NOTHING)):
        with pytest.raises(InputError, match="in flight and deleted"):
            work_of(QueueMinutes("quiet", NOTHING, NOTHING, done, held))


def test_a_queue_whose_every_message_fails_is_no_measure_of_work() -> None:
    failing = QueueMinutes("q", NOTHING, (5.0, None, 6.0), (0.0, 0.0, None), (1.0,) * 3)

    with pytest.raises(InputError, match=r"11 messages were received .* none was deleted"):
        work_of(failing)
    assert never_deleted(failing) == 11
    assert never_deleted(BUSY) == 0


def test_only_what_is_wanted_is_measured() -> None:
    reader = Reader(BUSY)
    start = NOW - timedelta(days=7)

    both = measure(reader, "orders", start=start, end=NOW, wanted=["traffic", "work"])
    traffic = measure(reader, "orders", start=start, end=NOW, wanted=["traffic"])
    work = measure(reader, "orders", start=start, end=NOW, wanted=["work"])
    redelivery = measure(reader, "orders", start=start, end=NOW, wanted=["redelivery"])

    assert reader.asked == ("orders", start, NOW)
    assert both.trace is not None
    assert (both.trace.exact, both.trace.gaps) == (True, 1)
    assert both.work is not None
    assert (traffic.work, work.trace) == (None, None)
    assert (both.redelivery, both.redelivery_ratio) == (None, 1)
    assert redelivery.redelivery_ratio == pytest.approx(1.1)
    assert (redelivery.trace, redelivery.work) == (None, None)
