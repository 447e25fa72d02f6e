from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

import pytest

from edactl.core.queue import RedrivePolicy
from edactl.errors import GuardError
from edactl.ops.following import Consumed, Follow, Seen, consume
from edactl.ops.queue_tail import follow_under_lease
from tests.queue_fakes import ORDERS, FakeQueue, a_message, redrive_to


@dataclass
class Waits:
    """Stops after so many pauses; `during` happens in each one."""

    pauses: int
    during: Callable[[int], None] = lambda _number: None
    waited: list[float] = field(default_factory=list)

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.during(len(self.waited))

    def stop(self) -> bool:
        return len(self.waited) >= self.pauses

    def follow(self, policy: RedrivePolicy | None = None) -> Follow:
        return Follow(stop=self.stop, wait=self.wait, clock=lambda: 0.0, redrive_policy=policy)


def messages(count: int) -> FakeQueue:
    return FakeQueue([a_message(f"m{n}") for n in range(count)])


def test_a_lease_shows_each_message_once_over_many_sweeps() -> None:
    queue = messages(25)
    waits = Waits(3, during=lambda number: queue.messages.append(a_message(f"new{number}")))

    shown = [one.message_id for one in follow_under_lease(ORDERS, queue, waits.follow())]

    assert shown == [f"m{n}" for n in range(25)] + ["new1", "new2"]
    assert queue.in_flight == {}
    assert queue.deleted == []


def test_a_lease_gives_everything_back_before_it_shows_anything() -> None:
    queue = messages(3)

    first = next(follow_under_lease(ORDERS, queue, Waits(1).follow()))

    assert first.message_id == "m0"
    assert queue.in_flight == {}


def test_a_lease_sweeps_more_and_more_rarely_while_nothing_new_comes() -> None:
    queue = messages(1)

    def on_fifth(number: int) -> None:
        if number == 7:
            queue.messages.append(a_message("new"))

    waits = Waits(9, during=on_fifth)
    list(follow_under_lease(ORDERS, queue, waits.follow()))

    assert waits.waited == [1, 2, 4, 8, 16, 20, 20, 1, 2]


def test_a_lease_stops_when_a_message_has_hardly_a_receive_left() -> None:
    queue = messages(2)
    following = follow_under_lease(ORDERS, queue, Waits(9).follow(redrive_to("orders-dlq", 4)))

    shown = [one.message_id for one in islice(following, 2)]
    with pytest.raises(GuardError, match="received 3 times"):
        next(following)

    assert shown == ["m0", "m1"]
    assert queue.in_flight == {}


def test_ids_are_forgotten_oldest_first() -> None:
    seen = Seen(capacity=2)

    assert [seen.first_time(one) for one in ("a", "b", "a", "c", "b")] == [
        True,
        True,
        False,
        True,
        True,
    ]


def test_consuming_deletes_each_message_after_it_was_shown() -> None:
    queue, counts = messages(3), Consumed()
    consuming = consume(ORDERS, queue, Waits(0).follow(), limit=None, counts=counts)

    assert list(consuming) == []

    shown = [
        (one.message_id, list(queue.deleted))
        for one in consume(
            ORDERS,
            queue,
            Follow(stop=lambda: queue.receives >= 1 and not queue.in_flight, wait=id, clock=float),
            limit=None,
            counts=counts,
        )
    ]

    assert [one for one, _ in shown] == ["m0", "m1", "m2"]
    assert all(not deleted for _, deleted in shown)
    assert queue.deleted == ["m0", "m1", "m2"]
    assert counts == Consumed(deleted=3)


def test_consuming_ends_at_its_limit_with_the_last_one_deleted() -> None:
    queue, counts = messages(15), Consumed()

    shown = list(consume(ORDERS, queue, Waits(99).follow(), limit=12, counts=counts))

    assert len(shown) == 12
    assert len(queue.deleted) == 12
    assert len(queue.messages) == 3
    assert queue.in_flight == {}
    assert counts.deleted == 12


def test_a_message_whose_showing_fails_is_given_back_and_not_deleted() -> None:
    queue, counts = messages(3), Consumed()
    consuming = consume(ORDERS, queue, Waits(99).follow(), limit=None, counts=counts)

    next(consuming)
    next(consuming)
    consuming.close()  # type: ignore[attr-defined] # a generator

    assert queue.deleted == ["m0"]
    assert sorted(queue.released) == ["m1", "m2"]
    assert queue.in_flight == {}
    assert counts.deleted == 1


def test_a_stop_gives_the_rest_of_the_batch_back() -> None:
    queue, counts = messages(5), Consumed()
    shown: list[str] = []
    follow = Follow(stop=lambda: len(shown) >= 2, wait=id, clock=float)

    for one in consume(ORDERS, queue, follow, limit=None, counts=counts):
        shown.append(one.message_id)  # noqa: PERF401 -- the stop looks at it

    assert shown == ["m0", "m1"]
    assert queue.deleted == ["m0", "m1"]
    assert sorted(queue.released) == ["m2", "m3", "m4"]


def test_a_message_that_cannot_be_deleted_is_counted() -> None:
    queue, counts = messages(2), Consumed()
    queue.cannot_delete = {"m1"}

    list(consume(ORDERS, queue, Waits(99).follow(), limit=2, counts=counts))

    assert counts == Consumed(deleted=1, not_deleted=1)
