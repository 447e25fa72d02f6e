from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from edactl.core.queue import RedrivePolicy
from edactl.errors import AwsError, GuardError, Terminated, Unreachable
from edactl.ops.queue_peek import (
    HOLD_SECONDS,
    Look,
    peek,
    refuse_to_use_up_receives,
)
from tests.queue_fakes import FIFO, ORDERS, FakeQueue, a_message, redrive_to


@dataclass
class Clock:
    now: float = 0.0
    step: float = 0.0

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def look(
    limit: int = 10,
    *,
    expected: int = 0,
    policy: RedrivePolicy | None = None,
    clock: Callable[[], float] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Look:
    return Look(limit, expected, policy, clock or Clock(), stop)


def messages(count: int) -> FakeQueue:
    return FakeQueue([a_message(f"m{n}") for n in range(count)])


def test_a_peek_shows_the_messages_and_leaves_none_in_flight() -> None:
    queue = messages(3)

    peeked = peek(ORDERS, queue, look())

    assert [one.message_id for one in peeked.messages] == ["m0", "m1", "m2"]
    assert queue.in_flight == {}
    assert queue.deleted == []
    assert peeked.not_released == 0
    assert peeked.guard is None


def test_a_peek_stops_at_its_limit_and_receives_no_more_than_that() -> None:
    queue = messages(30)

    peeked = peek(ORDERS, queue, look(12))

    assert len(peeked.messages) == 12
    assert queue.receives == 2
    assert sum(one.receive_count or 0 for one in queue.messages) == 12


def test_an_empty_queue_that_says_so_is_polled_once() -> None:
    queue = messages(0)

    assert peek(ORDERS, queue, look()).messages == ()
    assert queue.receives == 1


def test_a_queue_that_promises_more_is_polled_until_three_polls_came_back_empty() -> None:
    queue = messages(1)

    assert len(peek(ORDERS, queue, look(expected=5)).messages) == 1
    assert queue.receives == 1 + 3


def test_a_message_delivered_twice_is_shown_once_and_its_newest_lease_is_given_back() -> None:
    queue = messages(1)

    def lease_ends() -> None:
        queue.in_flight.pop("m0#1", None)

    queue.after_receive = lease_ends

    peeked = peek(ORDERS, queue, look(expected=5))

    assert len(peeked.messages) == 1
    assert queue.released == ["m0"]


def test_a_fifo_group_is_shown_in_order_and_freed() -> None:
    queue = FakeQueue([a_message(f"m{n}", group_id="g") for n in range(12)])

    peeked = peek(FIFO, queue, look(20, expected=12))

    assert [one.message_id for one in peeked.messages] == [f"m{n}" for n in range(10)]
    assert queue.in_flight == {}


@pytest.mark.parametrize("error", [KeyboardInterrupt(), Terminated(), ValueError("bug")])
def test_whatever_ends_a_peek_everything_is_given_back(error: BaseException) -> None:
    queue = messages(15)
    queue.receive_errors = {2: error}

    with pytest.raises(type(error)):
        peek(ORDERS, queue, look(20))

    assert queue.in_flight == {}
    assert len(queue.released) == 10


def test_a_stop_ends_the_peek_and_shows_what_was_seen() -> None:
    queue = messages(30)

    peeked = peek(ORDERS, queue, look(30, stop=lambda: queue.receives >= 1))

    assert len(peeked.messages) == 10
    assert queue.in_flight == {}


def test_messages_are_held_for_less_than_their_lease() -> None:
    queue = messages(100)

    peeked = peek(ORDERS, queue, look(100, clock=Clock(step=HOLD_SECONDS / 2)))

    assert len(peeked.messages) == 10
    assert queue.in_flight == {}


def test_messages_that_cannot_be_given_back_are_counted() -> None:
    one = messages(3)
    one.cannot_release = {"m1"}
    every = messages(3)
    every.release_error = Unreachable("gone", code="EndpointConnectionError")

    assert peek(ORDERS, one, look()).not_released == 1
    assert peek(ORDERS, every, look()).not_released == 3


@pytest.mark.parametrize("count", [1, 2])
def test_a_queue_whose_receives_one_look_uses_up_is_refused_before_any_receive(count: int) -> None:
    with pytest.raises(GuardError) as caught:
        refuse_to_use_up_receives(ORDERS, redrive_to("orders-dlq", count))

    assert 'its DLQ "orders-dlq"' in caught.value.message
    assert caught.value.hint is not None
    assert "--force" in caught.value.hint


def test_a_queue_without_a_tight_policy_is_not_refused() -> None:
    refuse_to_use_up_receives(ORDERS, None)
    refuse_to_use_up_receives(ORDERS, redrive_to("orders-dlq", 3))


def test_a_message_with_one_receive_left_stops_the_peek_and_all_is_given_back() -> None:
    queue = FakeQueue([a_message("m0"), a_message("worn", receive_count=3)])

    peeked = peek(ORDERS, queue, look(expected=50, policy=redrive_to("orders-dlq", 5)))

    assert peeked.guard is not None
    assert "message worn has been received 4 times" in peeked.guard.message
    assert [one.message_id for one in peeked.messages] == ["m0", "worn"]
    assert queue.receives == 1
    assert queue.in_flight == {}


def test_a_message_with_two_receives_left_does_not_stop_the_peek() -> None:
    queue = FakeQueue([a_message("m0", receive_count=2)])

    assert peek(ORDERS, queue, look(policy=redrive_to("orders-dlq", 5))).guard is None


def test_an_error_of_aws_leaves_nothing_in_flight() -> None:
    queue = messages(15)
    queue.receive_errors = {2: AwsError("busy", code="InternalError")}

    with pytest.raises(AwsError, match="busy"):
        peek(ORDERS, queue, look(20))

    assert queue.in_flight == {}
