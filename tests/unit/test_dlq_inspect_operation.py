from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from edactl.core.message import Message, Received
from edactl.core.queue import Queue
from edactl.errors import AwsError, Terminated, Unreachable
from edactl.ops.dlq_inspect import Inspected, Inspection, inspect, lease_seconds
from edactl.ops.held_leases import HeldLeases
from tests.queue_fakes import FIFO, ORDERS, FakeQueue, a_message, redrive_to


@dataclass
class Clock:
    """Stands still but for what each look at it adds."""

    step: float = 0.0
    now: float = 0.0

    def __call__(self) -> float:
        self.now += self.step
        return self.now


@dataclass
class Look:
    """What a look was told, and how it went."""

    seen: list[str] = field(default_factory=list)
    progress: list[tuple[int, int]] = field(default_factory=list)

    def at(
        self,
        queue: FakeQueue,
        *,
        of: Queue = ORDERS,
        visit: Callable[[Message], None] | None = None,
        **facts: Any,
    ) -> Inspected:
        known: dict[str, Any] = {
            "limit": 100_000,
            "expected": len(queue.messages),
            "redrive_policy": None,
            "clock": Clock(),
            "stop": lambda: False,
            "progress": lambda *numbers: self.progress.append(numbers),
        }
        look = Inspection(**known | facts)
        return inspect(of, queue, look, visit or (lambda one: self.seen.append(one.message_id)))


def letters(count: int) -> FakeQueue:
    return FakeQueue([a_message(f"m{n}") for n in range(count)])


@pytest.mark.parametrize("count", [0, 1, 10, 11, 250])
def test_every_letter_is_seen_once_and_none_stays_in_flight(count: int) -> None:
    queue, look = letters(count), Look()

    done = look.at(queue)

    assert sorted(look.seen) == sorted(f"m{n}" for n in range(count))
    assert done == Inspected(count, 0, lease_seconds(count), guard=None, full=False)
    assert queue.in_flight == {}
    assert sorted(queue.released) == sorted(look.seen)
    assert queue.deleted == []


def test_a_look_stops_at_its_limit_and_receives_no_more_than_that() -> None:
    queue, look = letters(300), Look()

    assert look.at(queue, limit=125).looked_at == 125
    assert sum(one.receive_count or 0 for one in queue.messages) == 125


def test_a_queue_that_says_it_is_empty_is_polled_once_one_that_promises_more_thrice() -> None:
    empty, promising = letters(0), letters(0)

    Look().at(empty)
    Look().at(promising, expected=5)

    assert (empty.receives, promising.receives) == (1, 3)


def test_of_a_fifo_group_the_first_letters_show_and_all_groups_are_freed() -> None:
    groups = ["a"] * 12 + ["b"] * 2
    queue = FakeQueue([a_message(f"m{n}", group_id=group) for n, group in enumerate(groups)])

    done = Look().at(queue, of=FIFO)

    assert done.looked_at == 12  # ten of a, then b
    assert queue.in_flight == {}


def test_a_stop_gives_back_what_was_seen() -> None:
    queue, look = letters(300), Look()

    done = look.at(queue, stop=lambda: len(look.seen) >= 50)

    assert 50 <= done.looked_at < 300
    assert queue.in_flight == {}


@pytest.mark.parametrize("error", [ValueError("bug"), AwsError("busy", code="InternalError")])
def test_whatever_fails_while_receiving_everything_is_given_back(error: Exception) -> None:
    queue = letters(300)
    queue.receive_errors = dict.fromkeys(range(5, 7), error)

    with pytest.raises(type(error)):
        Look().at(queue)

    assert queue.in_flight == {}
    assert len(queue.released) >= 40


def test_a_reader_that_has_gone_away_leaves_nothing_in_flight() -> None:
    queue = letters(300)
    shown: list[str] = []

    def visit(one: Message) -> None:
        shown.append(one.message_id)
        if len(shown) == 15:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        Look().at(queue, visit=visit)

    assert queue.in_flight == {}


@pytest.mark.parametrize("end", [KeyboardInterrupt, Terminated])
def test_being_told_to_stop_now_gives_nothing_back(end: type[BaseException]) -> None:
    queue = letters(30)

    def visit(_one: Message) -> None:
        raise end

    with pytest.raises(end):
        Look().at(queue, visit=visit)

    assert queue.released == []


def test_letters_held_for_half_their_lease_are_extended_and_fresh_ones_are_not() -> None:
    queue, look = letters(30), Look()
    clock = Clock()

    def visit(one: Message) -> None:
        if one.message_id == "m19":
            clock.now += lease_seconds(30) / 2

    look.at(queue, clock=clock, visit=visit)

    assert queue.extended[:10] == [f"m{n}" for n in range(10)]
    assert "m25" not in queue.extended


@pytest.mark.parametrize(
    ("letters_there", "seconds"), [(0, 120), (99, 120), (10_000, 220), (100_000, 900)]
)
def test_leases_are_longer_where_there_are_many_letters(letters_there: int, seconds: int) -> None:
    assert lease_seconds(letters_there) == seconds


def test_what_cannot_be_given_back_is_counted() -> None:
    one, every = letters(30), letters(30)
    one.cannot_release = {"m1"}
    every.release_error = Unreachable("gone", code="EndpointConnectionError")

    assert Look().at(one).not_released == 1
    assert Look().at(every).not_released == 30


def test_a_queue_that_lets_no_more_be_in_flight_ends_the_look() -> None:
    queue, look = letters(300), Look()
    queue.receive_errors = {n: AwsError("too many", code="OverLimit") for n in range(4, 20)}

    done = look.at(queue)

    assert (done.full, done.looked_at) == (True, 30)
    assert queue.in_flight == {}


def test_a_letter_that_has_hardly_a_receive_left_ends_the_look() -> None:
    queue = FakeQueue([a_message("worn", receive_count=3), *letters(50).messages])

    done = Look().at(queue, redrive_policy=redrive_to("last-dlq", 5))

    assert done.guard is not None
    assert "worn has been received 4 times" in done.guard.message
    assert done.looked_at == 10
    assert queue.in_flight == {}


def test_a_letter_that_comes_twice_is_seen_once_and_its_newest_lease_is_given_back() -> None:
    queue, look = letters(1), Look()

    def lease_ends() -> None:
        queue.in_flight.pop("m0#1", None)

    queue.after_receive = lease_ends

    look.at(queue, expected=5)

    assert look.seen == ["m0"]
    assert queue.in_flight == {}


def test_large_letters_are_read_one_batch_at_a_time() -> None:
    queue = FakeQueue([replace(a_message(f"m{n}"), body="x" * 200_000) for n in range(150)])
    look = Look()
    unseen: list[int] = []
    queue.after_receive = lambda: unseen.append(10 * queue.receives - len(look.seen))

    look.at(queue)

    assert set(unseen[:15]) == {10}  # each batch was shown before the next one was asked for


def test_progress_tells_what_was_seen_and_then_what_was_given_back() -> None:
    look = Look()

    look.at(letters(525))

    assert look.progress[0] == (10, 0)
    assert (525, 0) in look.progress
    assert look.progress[-2:] == [(525, 500), (525, 525)]


def received(*ids: str, handle: str = "h") -> list[Received]:
    return [Received(a_message(one), f"{handle}-{one}", "") for one in ids]


def test_leases_are_due_at_half_their_time_and_again_later() -> None:
    held = HeldLeases(100)

    held.take(received("a", "b"), 0)
    held.take(received("c"), 30)

    assert held.due(49) == []
    assert held.due(50) == ["h-a", "h-b"]
    assert held.due(79) == []
    assert held.due(80) == ["h-c"]
    assert held.due(100) == ["h-a", "h-b"]
    assert len(held) == 3


def test_the_newest_handle_of_a_letter_counts() -> None:
    held = HeldLeases(100)

    first = held.take(received("a"), 0)
    again = held.take(received("a", "b", handle="new"), 1)
    nothing = held.take([], 2)

    assert [one.message.message_id for one in first + again + nothing] == ["a", "b"]
    assert held.handles == ["new-a", "new-b"]
