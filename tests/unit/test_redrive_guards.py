from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edactl.core.pacing import RAMP_SECONDS, Meter, RampedPace
from edactl.core.queue import Queue, QueueAttributes, RedrivePolicy, queue_attributes
from edactl.core.redrive import RedriveCounts
from edactl.errors import AwsError
from edactl.ops.redrive_guards import (
    Backlog,
    BacklogPacer,
    BacklogWatch,
    Breaker,
    bounce_window_seconds,
)

DLQ = "arn:aws:sqs:eu-west-1:1:dlq"
ORDERS = Queue("orders", "http://orders", "arn:aws:sqs:eu-west-1:1:orders", "1", "eu-west-1")


@pytest.mark.parametrize(
    ("percent", "sent", "bounced", "trips"),
    [
        (10.0, 100, 10, False),
        (10.0, 100, 11, True),
        (10.0, 9, 9, False),
        (10.0, 10, 2, True),
        (0.0, 1, 1, True),
        (0.0, 100, 0, False),
        (100.0, 100, 100, False),
    ],
)
def test_a_breaker_trips_when_more_than_its_percentage_came_back(
    percent: float, sent: int, bounced: int, trips: bool
) -> None:
    breaker = Breaker(percent)

    breaker.note(RedriveCounts(received=sent, sent=sent, bounced=bounced))

    assert breaker.tripped is trips


def test_a_breaker_that_tripped_stays_so() -> None:
    breaker = Breaker(0.0)
    breaker.note(RedriveCounts(received=1, sent=1, bounced=1))

    breaker.note(RedriveCounts(received=1, sent=1))

    assert breaker.tripped


def _attributes(policy: RedrivePolicy | None, delay_seconds: int = 0) -> QueueAttributes:
    plain = queue_attributes({"VisibilityTimeout": "30"})
    return replace(plain, redrive_policy=policy, delay_seconds=delay_seconds)


def test_a_letter_is_back_after_all_its_tries() -> None:
    queues = [_attributes(RedrivePolicy(DLQ, 3)), _attributes(RedrivePolicy(DLQ, 5), 10)]

    assert bounce_window_seconds(DLQ, queues) == 10 + 5 * 30


def test_what_fails_elsewhere_does_not_come_back() -> None:
    queues = [_attributes(None), _attributes(RedrivePolicy("arn:aws:sqs:eu-west-1:1:other", 3))]

    assert bounce_window_seconds(DLQ, queues) is None


@dataclass
class World:
    """A queue whose depth changes as time passes, a pacer behind, and a clock."""

    depths: list[int | None]
    now: float = 0.0
    stop_at: float = float("inf")
    let_go: list[int] = field(default_factory=list)
    said: list[tuple[str, int]] = field(default_factory=list)

    def attributes(self, _queue: Queue) -> QueueAttributes:
        depth = self.depths.pop(0) if len(self.depths) > 1 else self.depths[0]
        if depth is None:
            raise AwsError("denied", code="AccessDenied")
        return queue_attributes({"ApproximateNumberOfMessages": str(depth)})

    def clock(self) -> float:
        return self.now

    def wait_for(self, seconds: float) -> bool:
        self.now += seconds
        return self.now >= self.stop_at

    def wait(self, count: int) -> bool:
        self.let_go.append(count)
        return True

    def pacer(self, most: int) -> BacklogPacer:
        return BacklogPacer(
            inner=self,
            most=most,
            destinations=lambda: [ORDERS],
            depths=self,
            clock=self.clock,
            wait_for=self.wait_for,
            on_wait=lambda queue, depth: self.said.append((queue.name, depth)),
        )


def test_letters_go_while_the_backlog_is_small() -> None:
    world = World([100])

    assert world.pacer(100).wait(7)
    assert world.let_go == [7]
    assert world.said == []


def test_letters_wait_until_the_backlog_is_down_to_four_fifths() -> None:
    world = World([101, 90, 81, 80])

    assert world.pacer(100).wait(7)
    assert world.now == 6.0
    assert world.said == [("orders", 101), ("orders", 90), ("orders", 81)]
    assert world.let_go == [7]


def test_the_depth_is_asked_for_every_two_seconds_and_no_more() -> None:
    world = World([0, 999])
    pacer = world.pacer(100)

    assert pacer.wait(1)
    assert pacer.wait(1)

    assert world.depths == [999]


def test_a_stop_while_waiting_ends_the_run() -> None:
    world = World([500], stop_at=2.0)

    assert not world.pacer(100).wait(7)
    assert world.let_go == []


def test_a_queue_that_does_not_tell_its_depth_holds_nothing_back() -> None:
    assert World([None]).pacer(100).wait(7)


def test_the_first_letter_goes_at_once_and_the_pace_grows_to_its_full() -> None:
    pace = RampedPace(100.0, started_at=0.0)
    due = [pace.seconds_until(1, 0.0) for _ in range(2000)]

    assert due[0] == 0.0
    assert due[550] == pytest.approx(RAMP_SECONDS)
    assert due[1] - due[0] == pytest.approx(1 / 10, rel=0.2)
    assert due[1999] - due[1899] == pytest.approx(1.0)


@given(st.floats(0.1, 1000), st.lists(st.integers(1, 10), min_size=1, max_size=200))
def test_a_ramped_pace_never_goes_faster_than_its_rate(rate: float, batches: list[int]) -> None:
    pace = RampedPace(rate, started_at=0.0)

    due = [pace.seconds_until(count, 0.0) for count in batches]

    assert due == sorted(due)
    for place, count in enumerate(batches[:-1]):
        assert due[place + 1] - due[place] >= (count / rate) * 0.999


def test_waiting_time_that_has_passed_is_not_waited_again() -> None:
    pace = RampedPace(10.0, started_at=0.0)
    pace.seconds_until(1000, 0.0)

    assert pace.seconds_until(1, 1000.0) == 0.0


def test_what_was_sent_since_the_last_answer_counts_as_waiting() -> None:
    world = World([85, 95, 80])
    pacer = world.pacer(100)

    assert pacer.wait(10)  # 85 wait, and there is room for 15
    assert pacer.wait(5)
    assert world.now == 0.0
    assert pacer.wait(6)  # none is left: asked again, 95 wait
    assert pacer.wait(1)  # again, 80
    assert world.let_go == [10, 5, 6, 1]
    assert world.said == []


def test_until_it_is_known_where_letters_go_every_batch_looks() -> None:
    world = World([101, 80])
    queues: list[Queue] = []
    pacer = replace(world.pacer(100), destinations=lambda: queues)

    assert pacer.wait(10)
    queues.append(ORDERS)
    assert pacer.wait(10)
    assert world.said == [("orders", 101)]
    assert world.let_go == [10, 10]


# -- the watch -------------------------------------------------------------------------------------

BILLING = Queue("billing", "http://billing", "arn:aws:sqs:eu-west-1:1:billing", "1", "eu-west-1")


@dataclass
class Watched:
    """Two queues and the ages of their messages; `asked` are the names that ages were asked of."""

    waiting: Mapping[str, int | None]
    age: float | None = None
    now: float = 100.0
    asked: list[str] = field(default_factory=list)
    region: str = "eu-west-1"

    def attributes(self, queue: Queue) -> QueueAttributes:
        depth = self.waiting[queue.name]
        if depth is None:
            raise AwsError("denied", code="AccessDenied")
        return queue_attributes({"ApproximateNumberOfMessages": str(depth)})

    def oldest_age_seconds(self, names: Sequence[str], *, now: datetime) -> dict[str, float]:
        assert now == datetime(2026, 11, 25, tzinfo=UTC)
        self.asked += names
        if self.age is None:
            raise AwsError("denied", code="AccessDenied")
        return dict.fromkeys(names, self.age)

    def watch(self) -> BacklogWatch:
        return BacklogWatch(
            region=self.region,
            destinations=lambda: [ORDERS, BILLING],
            depths=self,
            ages=self,
            clock=lambda: self.now,
            now=lambda: datetime(2026, 11, 25, tzinfo=UTC),
        )


def test_the_deepest_queue_is_watched_every_ten_seconds_and_its_age_every_minute() -> None:
    world = Watched({"orders": 3, "billing": 7}, age=35.0)
    watch = world.watch()

    assert watch.deepest() is None
    world.now += 10
    assert watch.deepest() == Backlog(BILLING, 7, 35.0)
    world.waiting, world.age = {"orders": 3, "billing": 9}, 90.0
    assert watch.deepest() == Backlog(BILLING, 7, 35.0)
    world.now += 10
    assert watch.deepest() == Backlog(BILLING, 9, 35.0)
    world.waiting = {"orders": 10, "billing": 9}
    world.now += 10
    assert watch.deepest() == Backlog(ORDERS, 10, None)
    world.now += 40
    assert watch.deepest() == Backlog(ORDERS, 10, 90.0)
    assert world.asked == ["billing", "orders"]


def test_the_age_of_a_queue_of_another_region_is_not_that_of_its_namesake() -> None:
    world = Watched({"orders": 3, "billing": 7}, age=35.0, region="us-east-1")
    watch = world.watch()
    world.now += 10

    assert watch.deepest() == Backlog(BILLING, 7, None)
    assert world.asked == []


def test_what_may_not_be_asked_is_left_out() -> None:
    world = Watched({"orders": 3, "billing": None})
    watch = world.watch()
    world.now += 10

    assert watch.deepest() == Backlog(ORDERS, 3, None)
    world.waiting = {"orders": None, "billing": None}
    world.now += 10
    assert watch.deepest() is None


# -- the rate shown --------------------------------------------------------------------------------


def test_a_rate_is_of_the_last_ten_seconds() -> None:
    meter = Meter()

    rates = [meter.per_second(count, now) for now, count in ((0.0, 0), (0.2, 10), (1.0, 100))]
    assert rates == [0.0, 50.0, 100.0]
    for second in range(2, 12):
        meter.per_second(100 * second, float(second))
    assert meter.per_second(1100, 21.0) == 0.0
