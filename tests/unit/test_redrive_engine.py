"""The client engine on a queue in memory: what every failure leaves, and that counts balance."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import pytest

from edactl.core.message import Received
from edactl.core.redrive import RedriveCounts
from edactl.core.redrive_delivery import Delivery, Halted, Refused, Unknown
from edactl.errors import (
    AccessDenied,
    AwsError,
    ConfigError,
    EdactlError,
    FailedInside,
    NotFound,
    Throttled,
    Unreachable,
)
from edactl.ops import redrive_hands
from edactl.ops.redrive import Setup, redrive
from edactl.ops.redrive_hands import InHand
from edactl.ops.redrive_limits import Budget, Gate, RatePacer
from tests.queue_fakes import a_message, a_queue
from tests.redrive_fakes import (
    DLQ,
    FakeDlq,
    FakeDoor,
    FakeJournal,
    Leaving,
    OneDoor,
    letters,
    quick_timing,
    run_engine,
)

FIFO = a_queue("dlq.fifo")
DENIED = AccessDenied("no", code="AccessDenied", action="sqs:X")
LOST = Unreachable("no answer", code="ReadTimeoutError")


def test_every_letter_is_sent_then_deleted() -> None:
    dlq = FakeDlq(letters(*(f"m{number}" for number in range(25))))

    done = run_engine(dlq)

    counts = done.counts
    assert (counts.received, counts.sent, counts.deleted) == (25, 25, 25)
    assert (done.remaining, done.failures, done.halt) == (0, (), None)


def test_a_letter_is_on_disk_before_it_is_sent_and_its_new_id_before_it_is_deleted() -> None:
    journal = FakeJournal()
    dlq = FakeDlq(letters("m1"))
    seen: list[tuple[list[str], list[int]]] = []
    door = FakeDoor(then=lambda: seen.append((list(journal.lines), list(journal.synced))))

    run_engine(dlq, door, journal=journal, limit=1)

    ((lines, synced),) = seen
    assert json.loads(lines[0])["planned"]["message"]["body"] == "body of m1"
    assert synced == [1]
    assert [next(iter(json.loads(line))) for line in journal.lines] == [
        "planned",
        "sent",
        "deleted",
    ]
    assert journal.synced == [1, 2]


def test_a_lost_answer_is_sent_again_and_counted_as_ambiguous() -> None:
    dlq = FakeDlq(letters("m1", "m2"))
    door = FakeDoor([{"m1": Unknown("no answer")}])

    done = run_engine(dlq, door, limit=2)

    assert door.calls == [["m1", "m2"], ["m1"]]
    assert (done.counts.sent, done.counts.ambiguous, done.counts.deleted) == (1, 1, 2)
    (failure,) = done.failures
    assert (failure.message_id, failure.error_code) == ("m1", "PossibleDuplicate")
    assert failure.new_message_id == "new-m1"


def test_where_duplicates_are_dropped_a_lost_answer_is_no_doubt() -> None:
    done = run_engine(FakeDlq(letters("m1")), FakeDoor([{"m1": Unknown("lost")}], True), limit=1)

    assert (done.counts.sent, done.counts.ambiguous) == (1, 0)


def test_answers_that_stay_lost_leave_the_letter_in_the_dlq() -> None:
    dlq = FakeDlq(letters("m1"))
    door = FakeDoor([{"m1": Unknown("lost")}] * 8)

    done = run_engine(dlq, door, limit=1)

    assert len(door.calls) == 8
    assert (done.counts.ambiguous, done.counts.deleted, done.unresolved) == (1, 0, 1)
    assert dlq.hidden == {}


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (Refused("TooLong", "too long"), "an answer was lost, then: too long"),
        (Halted(DENIED), "an answer was lost, then: no"),
    ],
)
def test_a_refusal_after_a_lost_answer_stays_ambiguous(last: Delivery, words: str) -> None:
    done = run_engine(
        FakeDlq(letters("m1")), FakeDoor([{"m1": Unknown("lost")}, {"m1": last}]), limit=1
    )

    assert (done.counts.ambiguous, done.counts.failed) == (1, 0)
    assert done.failures[0].error_message == words


def test_a_refused_letter_stays_and_is_listed() -> None:
    dlq = FakeDlq(letters("m1", "m2"))

    done = run_engine(dlq, FakeDoor([{"m1": Refused("TooLong", "too long")}]), limit=2)

    assert (done.counts.sent, done.counts.failed) == (1, 1)
    assert done.failures[0].error_code == "TooLong"
    assert [one.message_id for one in dlq.messages] == ["m1"]
    assert dlq.hidden == {}


def test_a_throttled_letter_is_tried_again() -> None:
    throttled = Refused("Throttled", "slow down", retryable=True, throttled=True)

    done = run_engine(FakeDlq(letters("m1")), FakeDoor([{"m1": throttled}]), limit=1)

    assert done.counts.sent == 1


def test_a_destination_that_refuses_all_stops_the_run() -> None:
    dlq = FakeDlq(letters("m1", "m2"))

    done = run_engine(dlq, FakeDoor([{"m1": Halted(DENIED), "m2": Halted(DENIED)}]))

    assert done.halt is DENIED
    assert done.counts.received == 0
    assert dlq.hidden == {}


@pytest.mark.parametrize(
    ("error", "failed", "halted"),
    [
        (NotFound("gone", code="QueueDoesNotExist"), 1, False),
        (ConfigError("expired"), 0, True),
    ],
)
def test_a_door_that_does_not_open_fails_its_letters_or_stops_the_run(
    error: EdactlError, failed: int, *, halted: bool
) -> None:
    done = run_engine(FakeDlq(letters("m1")), doors=OneDoor(FakeDoor(), error), limit=1)

    assert (done.counts.failed, done.halt is error) == (failed, halted)


def test_a_letter_sent_but_not_deleted_is_deleted_when_it_is_met_again_and_not_sent() -> None:
    dlq = FakeDlq(letters("m1"), delete_script=[{"m1"}])
    dlq.on_empty = dlq.lapse
    door = FakeDoor()

    done = run_engine(dlq, door)

    assert door.calls == [["m1"]]
    assert (done.counts.sent, done.counts.deleted, dlq.deleted) == (1, 1, ["m1"])


def test_without_the_right_to_delete_no_more_is_sent() -> None:
    dlq = FakeDlq(letters(*(f"m{number}" for number in range(30))), delete_script=[DENIED] * 9)
    door = FakeDoor()

    done = run_engine(dlq, door)

    assert done.halt is DENIED
    assert len(door.calls) == 1
    assert done.undeleted == 10
    assert {one.error_code for one in done.failures} == {"AccessDenied"}


def test_a_letter_that_is_gone_after_its_lease_counts_as_deleted() -> None:
    dlq = FakeDlq(letters("m1"), delete_script=[FailedInside("broke", code="InternalError")])

    def somebody_deletes() -> None:
        dlq.messages.clear()
        dlq.hidden.clear()

    dlq.on_empty = somebody_deletes

    done = run_engine(dlq)

    assert (done.counts.sent, done.counts.deleted, done.undeleted) == (1, 1, 0)


@pytest.mark.parametrize(("left", "seconds"), [(0, 20.0), (1, 120.0)])
def test_a_queue_that_stays_empty_tells_sooner_that_a_letter_is_gone(
    left: int, seconds: float
) -> None:
    now = [1000.0]
    dlq = FakeDlq(letters("m1"), delete_script=[FailedInside("broke", code="InternalError")])

    def somebody_deletes() -> None:
        now[0] += 2.0
        dlq.messages[:] = letters("elsewhere")[:left]
        dlq.hidden.clear()
        dlq.hidden.update({"elsewhere": "theirs"} if left else {})

    dlq.on_empty = somebody_deletes
    timing = replace(quick_timing(), clock=lambda: now[0])

    done = run_engine(dlq, timing=timing, lease_seconds=120, concurrency=1)

    assert (done.counts.deleted, done.undeleted) == (1, 0)
    assert dlq.asked <= 70
    assert seconds <= now[0] - 1000.0 <= seconds + 20.0


def test_a_letter_that_comes_back_is_counted_and_never_sent_again() -> None:
    dlq = FakeDlq(letters("m1"))

    def come_back() -> None:
        if not any(one.message_id == "new-m1" for one in dlq.messages):
            dlq.messages.append(a_message("new-m1"))

    dlq.on_empty = come_back
    door = FakeDoor()

    done = run_engine(dlq, door)

    assert door.calls == [["m1"]]
    assert (done.counts.received, done.counts.bounced) == (1, 1)
    assert (dlq.hidden, done.remaining) == ({}, 1)


def test_receiving_is_tried_again_and_at_last_stops_the_run() -> None:
    dlq = FakeDlq(letters("m1"))
    dlq.receive_script = [Throttled("slow", code="Throttled"), LOST, None]
    failing = FakeDlq(letters("m1"), receive_script=[LOST] * 16)

    assert run_engine(dlq, limit=1).counts.sent == 1
    assert run_engine(failing).halt is LOST


def test_a_bug_in_a_worker_is_raised_by_the_run() -> None:
    class Broken:
        def decide(self, letter: object) -> None:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_engine(FakeDlq(letters("m1")), chooser=Broken())


def test_a_journal_that_fails_stops_the_run_with_nothing_sent() -> None:
    full = EdactlError("disk full")
    dlq = FakeDlq(letters("m1"))
    door = FakeDoor()

    done = run_engine(dlq, door, journal=FakeJournal(fails_at={1: full}), limit=1)

    assert (done.halt, door.calls, done.counts.received) == (full, [], 0)
    assert dlq.hidden == {}


def test_a_journal_that_fails_after_the_send_deletes_nothing() -> None:
    full = EdactlError("disk full")
    dlq = FakeDlq(letters("m1"))

    done = run_engine(dlq, journal=FakeJournal(fails_at={2: full, 3: full}), limit=1)

    assert done.halt is full
    assert (done.counts.sent, done.counts.deleted, dlq.deleted) == (1, 0, [])
    assert done.failures[0].error_code == "NotDeleted"


def test_a_stop_gives_back_what_waits_for_its_turn() -> None:
    dlq = FakeDlq(letters("m1", "m2"))
    asked: list[bool] = []
    timing = quick_timing(lambda: bool(asked))

    class Never:
        def wait(self, count: int) -> bool:
            asked.append(True)
            return False

    done = run_engine(dlq, timing=timing, pacer=Never())

    assert (done.counts.received, dlq.hidden) == (0, {})


def test_a_second_signal_sends_no_more() -> None:
    dlq = FakeDlq(letters("m1"))
    timing = quick_timing()
    door = FakeDoor([{"m1": Refused("Busy", "busy", retryable=True)}], then=timing.abort.set)

    done = run_engine(dlq, door, timing=timing, limit=1)

    assert len(door.calls) == 1
    assert (done.counts.received, dlq.hidden) == (0, {})


def test_an_interrupt_of_the_waiting_thread_ends_the_run_at_once() -> None:
    dlq = FakeDlq(letters("m1"))
    timing, pause = quick_timing(), threading.Event()

    def wait_for_the_end() -> None:
        while not timing.abort.is_set():
            pause.wait(0.005)

    def interrupt(_counts: RedriveCounts) -> None:
        raise KeyboardInterrupt

    dlq.on_empty = wait_for_the_end
    setup = Setup(DLQ, dlq, dlq, Leaving({"m1"}), OneDoor(FakeDoor()), timing, 5)
    with pytest.raises(KeyboardInterrupt):
        redrive(setup, interrupt)

    assert dlq.hidden == {}


def test_a_damaged_body_is_not_sent() -> None:
    class Damaging(FakeDlq):
        def _hide(self, message: object) -> Received:
            return replace(super()._hide(message), md5_of_body="0" * 32)  # type: ignore[arg-type] # as given

    door = FakeDoor()

    done = run_engine(Damaging(letters("m1")), door, limit=None)

    assert door.calls == []
    assert done.failures[0].error_code == "BodyDigestMismatch"


def test_what_cannot_be_given_back_is_counted() -> None:
    dlq = FakeDlq(letters("m1"), release_error=LOST)

    done = run_engine(dlq, chooser=Leaving({"m1"}))

    assert done.late == 1


def test_what_is_left_is_unknown_where_it_may_not_be_asked() -> None:
    class Secret(FakeDlq):
        def attributes(self, queue: object) -> None:  # type: ignore[override] # it never returns
            raise DENIED

    done = run_engine(Secret(letters("m1")), limit=1)

    assert done.remaining is None


# -- FIFO ------------------------------------------------------------------------------------------


def _fifo() -> FakeDlq:
    messages = letters("a1", "a2", "a3", group="a") + letters("b1", "b2", group="b")
    return FakeDlq(messages, FIFO)


def test_letters_of_a_group_go_one_after_the_other() -> None:
    door = FakeDoor()

    run_engine(_fifo(), door, concurrency=1)

    assert door.calls == [["a1", "b1"], ["a2", "b2"], ["a3"]]


def test_polls_are_empty_while_the_run_itself_hides_a_group_and_do_not_end_it() -> None:
    dlq = FakeDlq(letters(*map(str, range(30)), group="g"), queue=a_queue("dlq.fifo"))
    empties = threading.Semaphore(0)
    dlq.on_empty = empties.release
    door = FakeDoor()

    def slow() -> None:
        if len(door.calls) == 12:  # in the second batch, once the gate lets the other worker poll
            for _ in range(8):
                empties.acquire(timeout=2)

    door.then = slow
    done = run_engine(dlq, door, expected=0)

    assert (done.counts.received, done.remaining) == (30, 0)


@pytest.mark.parametrize(
    "stays", [Refused("TooLong", "too long"), Unknown("lost")], ids=["refused", "unknown"]
)
def test_nothing_of_a_group_follows_a_letter_that_stayed(stays: Delivery) -> None:
    dlq = _fifo()
    door = FakeDoor([{"a1": stays}] * 8)

    done = run_engine(dlq, door, concurrency=1)

    sent = [one for call in door.calls for one in call]
    assert "a2" not in sent
    assert "a3" not in sent
    assert done.counts.skipped == 2
    assert [one.message_id for one in dlq.messages] == ["a1", "a2", "a3"]


def test_a_letter_that_is_not_chosen_stops_its_group() -> None:
    dlq = _fifo()

    done = run_engine(dlq, chooser=Leaving({"a2"}), concurrency=1)

    assert [one.message_id for one in dlq.messages] == ["a2", "a3"]
    assert (done.counts.sent, done.counts.skipped) == (3, 2)


def test_reordering_goes_past_letters_that_stay() -> None:
    dlq = _fifo()

    done = run_engine(dlq, chooser=Leaving({"a1"}), concurrency=1, allow_reorder=True)

    assert [one.message_id for one in dlq.messages] == ["a1"]
    assert (done.counts.sent, done.counts.skipped) == (4, 1)


# -- leases and limits -----------------------------------------------------------------------------


def test_leases_are_extended_before_they_end_and_not_past_twelve_hours() -> None:
    now = [0.0]
    dlq = FakeDlq(letters("m1", "m2"))
    hands = InHand(DLQ, dlq, 120, lambda: now[0])
    hands.take([Received(a_message("m1"), "m1#1", "")], 0.0)
    hands.extend()
    assert dlq.extended == []

    now[0] = 41.0
    hands.extend()
    assert dlq.extended == ["m1#1"]
    assert hands.safe("m1")

    now[0] = 160.0
    assert not hands.safe("m1")
    now[0] = 12 * 3600.0
    hands.extend()
    assert dlq.extended == ["m1#1"]


def test_a_lease_that_cannot_be_extended_now_is_tried_by_the_next_beat() -> None:
    now = [0.0]
    dlq = FakeDlq(letters("m1"))
    hands = InHand(DLQ, dlq, 120, lambda: now[0])
    hands.take([Received(a_message("m1"), "m1#1", "")], 0.0)
    now[0] = 100.0

    def fail(*_: object, **__: object) -> list[object]:
        raise LOST

    whole, dlq.extend = dlq.extend, fail  # type: ignore[method-assign,assignment] # fails once
    hands.extend()
    assert not hands.safe("missing")
    assert hands.safe("m1")
    dlq.extend = whole  # type: ignore[method-assign] # and works again
    hands.extend()

    assert dlq.extended == ["m1#1"]


def test_of_too_many_held_letters_the_oldest_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redrive_hands, "MOST_HELD", 2)
    dlq = FakeDlq(letters("m1", "m2", "m3"))

    done = run_engine(dlq, chooser=Leaving({"m1", "m2", "m3"}), concurrency=1)

    assert done.lapsed == 1
    assert set(dlq.hidden) == {"m1"}


def test_a_gate_lets_one_work_then_all_then_half_then_more_again() -> None:
    gate = Gate(4)
    assert gate.allowed == 1
    gate.clean()
    assert gate.allowed == 4
    gate.slow_down()
    assert gate.allowed == 2
    for _ in range(10):
        gate.clean()
    assert gate.allowed == 4


def test_a_budget_takes_back_what_was_not_used() -> None:
    budget = Budget(12)
    assert (budget.take(10), budget.take(10), budget.take(10)) == (10, 2, 0)
    assert not budget.spent
    budget.settle(10, 4)
    budget.settle(2, 2)
    assert budget.take(10) == 6
    budget.settle(6, 6)
    assert budget.spent


def test_a_rate_makes_letters_wait_and_a_stop_ends_the_wait() -> None:
    waits: list[float] = []

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        return False

    pacer = RatePacer(10.0, lambda: 0.0, wait)

    assert pacer.wait(5)
    assert pacer.wait(5)
    assert waits[0] == 0.0
    assert waits[1] > 0.0
    assert not RatePacer(1.0, lambda: 0.0, lambda _seconds: True).wait(1)


def test_an_unexpected_aws_error_while_receiving_stops_the_run() -> None:
    odd = AwsError("odd", code="Odd")
    done = run_engine(FakeDlq(letters("m1"), receive_script=[odd]))

    assert done.halt is odd
