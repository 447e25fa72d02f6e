from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from edactl.core.message import NotSent, Outgoing, Sent
from edactl.core.queue import Queue
from edactl.errors import AccessDenied, ConfigError, Throttled, Unreachable
from edactl.ops.queue_send import ATTEMPTS, Pace, Tried, send_messages
from tests.queue_fakes import FIFO, ORDERS, FakeSender

BUSY = NotSent("ServiceUnavailable", "later", retryable=True)
REFUSED = NotSent("InvalidMessageContents", "bad", retryable=False)
LOST = Unreachable("gone", code="ConnectionClosedError")
DENIED = AccessDenied("no", code="AccessDenied", action="sqs:SendMessage")


@dataclass
class Waits:
    slept: list[float] = field(default_factory=list)
    stop: bool = False

    def pace(self) -> Pace:
        return Pace(sleep=self.slept.append, random=lambda: 1.0, stop=lambda: self.stop)


def bodies(count: int, *, group: str | None = None) -> list[Outgoing]:
    return [Outgoing(f"m{n}", group_id=group) for n in range(count)]


def send(
    messages: list[Outgoing],
    sender: FakeSender,
    queue: Queue = ORDERS,
    waits: Waits | None = None,
    concurrency: int = 1,
) -> list[Tried]:
    pace = (waits or Waits()).pace()
    return list(send_messages(messages, queue, sender, concurrency=concurrency, pace=pace))


def failed(tried: list[Tried]) -> dict[str, str]:
    return {
        one.message.body: one.outcome.error_code
        for one in tried
        if isinstance(one.outcome, NotSent)
    }


def test_nothing_to_send_calls_nothing() -> None:
    sender = FakeSender()

    assert send([], sender) == []
    assert sender.calls == []


def test_outcomes_come_in_input_order_with_concurrency() -> None:
    sender = FakeSender()

    tried = send(bodies(95), sender, concurrency=4)

    assert [one.index for one in tried] == list(range(95))
    assert [one.outcome for one in tried] == [Sent(f"id of m{n}") for n in range(95)]
    assert sorted(len(call) for call in sender.calls) == [5] + [10] * 9


def test_only_the_retryable_entries_are_sent_again() -> None:
    sender = FakeSender({1: {"m1": BUSY, "m2": REFUSED}})
    waits = Waits()

    tried = send(bodies(3), sender, waits=waits)

    assert sender.calls == [["m0", "m1", "m2"], ["m1"]]
    assert failed(tried) == {"m2": "InvalidMessageContents"}
    assert waits.slept == [0.2]


def test_an_entry_that_stays_busy_is_given_up_after_five_tries_with_growing_pauses() -> None:
    sender = FakeSender({n: {"m0": BUSY} for n in range(1, 10)})
    waits = Waits()

    tried = send(bodies(1), sender, waits=waits)

    assert len(sender.calls) == ATTEMPTS
    assert failed(tried) == {"m0": "ServiceUnavailable"}
    assert waits.slept == [0.2, 0.4, 0.8, 1.6]


def test_a_throttled_call_is_tried_again() -> None:
    sender = FakeSender({1: Throttled("slow down", code="RequestThrottled")})

    tried = send(bodies(2), sender)

    assert sender.calls == [["m0", "m1"], ["m0", "m1"]]
    assert failed(tried) == {}


def test_a_first_call_that_is_refused_raises_since_nothing_was_sent() -> None:
    sender = FakeSender({1: DENIED})

    with pytest.raises(AccessDenied):
        send(bodies(25), sender, concurrency=4)

    assert len(sender.calls) == 1


def test_a_later_call_that_is_refused_fails_what_follows_without_sending_it() -> None:
    sender = FakeSender({2: LOST})

    tried = send(bodies(45), sender)

    assert [one.index for one in tried] == list(range(45))
    assert set(failed(tried).values()) == {"ConnectionClosedError"}
    assert len(failed(tried)) + len(sender.taken) == 45
    assert "m0" not in failed(tried)
    assert "m44" in failed(tried)


def test_a_call_refused_after_part_of_its_batch_was_sent_tells_both() -> None:
    sender = FakeSender({1: {"m1": BUSY}, 2: ConfigError("expired")})

    tried = send(bodies(2), sender)

    assert tried[0].outcome == Sent("id of m0")
    assert failed(tried) == {"m1": "ConfigError"}


def test_a_stop_before_the_start_sends_nothing() -> None:
    sender = FakeSender()

    assert send(bodies(3), sender, waits=Waits(stop=True)) == []
    assert send(bodies(3), sender, FIFO, waits=Waits(stop=True)) == []
    assert sender.calls == []


def stop_after(messages: list[Outgoing], count: int, waits: Waits) -> Iterator[Outgoing]:
    for number, message in enumerate(messages):
        waits.stop = number >= count
        yield message


@pytest.mark.parametrize("queue", [ORDERS, FIFO])
def test_a_stop_ends_between_batches_and_reports_what_was_sent(queue: Queue) -> None:
    sender, waits = FakeSender(), Waits()
    messages = stop_after(bodies(40, group="g"), 25, waits)

    tried = list(send_messages(messages, queue, sender, concurrency=1, pace=waits.pace()))

    assert [one.index for one in tried] == list(range(len(sender.taken)))
    assert 0 < len(tried) < 40


def test_a_stop_ends_the_retries_too() -> None:
    sender, waits = FakeSender({1: {"m0": BUSY}}), Waits()

    def sleep_and_stop(seconds: float) -> None:
        waits.stop = True

    sender.script[2] = {"m0": BUSY}
    pace = Pace(sleep=sleep_and_stop, random=lambda: 1.0, stop=lambda: waits.stop)
    tried = list(send_messages(bodies(1), ORDERS, sender, concurrency=1, pace=pace))

    assert len(sender.calls) == 2
    assert failed(tried) == {"m0": "ServiceUnavailable"}


def test_a_standard_queue_gets_no_deduplication_id_but_keeps_the_group() -> None:
    sender = FakeSender()

    send([Outgoing("x", group_id="g", deduplication_id="d")], sender)

    assert sender.taken == [Outgoing("x", group_id="g")]


def test_a_fifo_queue_gets_one_batch_at_a_time_in_order() -> None:
    sender = FakeSender()
    messages = [Outgoing(f"m{n}", group_id="g", deduplication_id=str(n)) for n in range(25)]

    tried = send(messages, sender, FIFO, concurrency=8)

    assert sender.taken == messages
    assert [len(call) for call in sender.calls] == [10, 10, 5]
    assert len(tried) == 25


def test_a_failed_message_of_a_group_holds_back_the_group_and_no_other() -> None:
    groups = ["a", "b"]
    messages = [Outgoing(f"{groups[n % 2]}{n}", group_id=groups[n % 2]) for n in range(14)]
    sender = FakeSender({1: {"a8": REFUSED}})

    tried = send(messages, sender, FIFO)

    assert failed(tried) == {
        "a8": "InvalidMessageContents",
        "a10": "GroupStopped",
        "a12": "GroupStopped",
    }
    assert sender.calls[1] == ["b11", "b13"]


def test_a_batch_of_held_back_messages_alone_is_not_sent() -> None:
    sender = FakeSender({1: {"m9": REFUSED}})

    tried = send(bodies(25, group="g"), sender, FIFO)

    assert len(sender.calls) == 1
    assert len(failed(tried)) == 16


def test_a_busy_message_of_a_group_is_not_sent_after_its_successors() -> None:
    sender = FakeSender({1: {"m1": BUSY}})

    tried = send(bodies(3, group="g"), sender, FIFO)

    assert len(sender.calls) == 1
    assert failed(tried) == {"m1": "ServiceUnavailable"}


def test_the_busy_end_of_a_group_is_sent_again() -> None:
    sender = FakeSender({1: {"m1": BUSY, "m2": BUSY}})

    tried = send(bodies(3, group="g"), sender, FIFO)

    assert sender.calls == [["m0", "m1", "m2"], ["m1", "m2"]]
    assert failed(tried) == {}


def test_a_refused_call_fails_the_rest_of_a_fifo_queue() -> None:
    sender = FakeSender({2: LOST})

    tried = send([Outgoing(f"m{n}", group_id=f"g{n}") for n in range(35)], sender, FIFO)

    assert len(sender.calls) == 2
    assert len(failed(tried)) == 25
    assert set(failed(tried).values()) == {"ConnectionClosedError"}
