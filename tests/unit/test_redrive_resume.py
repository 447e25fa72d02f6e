"""What a journal leaves to do, and sending its letters again, on fakes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from edactl.core.journal import End, Entry, Ids, Planned, SentIds, Skipped
from edactl.core.redrive import Step
from edactl.core.redrive_delivery import Delivery, Halted, Refused, Unknown
from edactl.errors import AccessDenied, EdactlError, InputError, Unreachable
from edactl.ops.redrive_books import Books
from edactl.ops.redrive_deliver import Deliverer
from edactl.ops.redrive_keepsakes import DropDoor, FileDoor
from edactl.ops.redrive_restore import Restoring, read_backup
from edactl.ops.redrive_resume import Resumed, read_back, settle_leases
from tests.queue_fakes import a_message
from tests.redrive_fakes import (
    DLQ,
    PLACE,
    FakeDlq,
    FakeDoor,
    FakeJournal,
    Leaving,
    OneDoor,
    letters,
    quick_timing,
    run_engine,
)

LOST = Unreachable("no answer", code="ReadTimeoutError")
DENIED = AccessDenied("no", code="AccessDenied", action="sqs:SendMessage")


def _planned(message_id: str, handle: str = "h", at: float = 5.0) -> Planned:
    return Planned(a_message(message_id), handle, PLACE.destination, None, at)


def _sized(entries: Iterable[Entry]) -> list[tuple[Entry, int]]:
    return [(one, 10) for one in entries]


def _read(*entries: Entry) -> Resumed:
    return read_back(_sized(entries), "j")


def test_a_run_that_ended_leaves_nothing() -> None:
    resumed = _read(_planned("m1"), SentIds({"m1": "n"}), Ids("deleted", ("m1",)), End({}))

    assert resumed.is_done
    assert (resumed.lost_at, resumed.handles, resumed.size_bytes) == ({}, {}, 40)
    assert resumed.used == 1


def test_each_letter_is_as_far_as_the_journal_says() -> None:
    resumed = _read(
        *(_planned(name, f"h-{name}") for name in ("arrived", "doubt", "back", "failed", "lost")),
        Skipped({"left": "h-left", "back": "h-new"}),
        SentIds({"arrived": "n"}, once=False),
        Ids("failed", ("failed",)),
        Ids("ambiguous", ("lost",)),
        Ids("restored", ("arrived",)),
    )

    steps = {name: resumed.ledger.step(name) for name in ("arrived", "doubt", "lost", "failed")}
    assert steps == {
        "arrived": Step.TWICE,
        "doubt": Step.AMBIGUOUS,
        "lost": Step.AMBIGUOUS,
        "failed": None,
    }
    assert resumed.ledger.step("back") is None
    assert resumed.lost_at == {"doubt": 5.0, "lost": 5.0}
    assert resumed.handles["back"] == "h-new"
    counts = resumed.ledger.counts
    assert (counts.received, counts.ambiguous, resumed.ended) == (3, 3, False)


def test_a_run_with_failures_has_something_left_until_they_are_sent() -> None:
    failed = (_planned("m1"), Ids("failed", ("m1",)), End({}))

    assert not _read(*failed).is_done
    assert _read(
        *failed, _planned("m1"), SentIds({"m1": "n"}), Ids("deleted", ("m1",)), End({})
    ).is_done


def test_a_letter_that_two_killed_runs_were_sending_is_one_letter_in_doubt() -> None:
    resumed = _read(_planned("m1", at=1.0), _planned("m1", at=2.0))

    assert resumed.lost_at == {"m1": 1.0}
    assert resumed.ledger.counts.ambiguous == 1


def test_a_letter_in_doubt_that_was_given_back_stays_in_doubt() -> None:
    resumed = _read(_planned("m1"), _planned("m1"), Ids("returned", ("m1",)))

    assert resumed.ledger.step("m1") is Step.AMBIGUOUS
    assert "m1" in resumed.lost_at


def test_a_journal_that_contradicts_itself_names_its_line() -> None:
    with pytest.raises(InputError, match=r"^j:3: the journal contradicts itself"):
        _read(_planned("m1"), Ids("deleted", ("m1",)))


def test_leases_of_the_dead_run_are_settled_at_once() -> None:
    dlq = FakeDlq(letters("arrived", "open"))
    first, second = dlq.receive(DLQ, count=2, wait_seconds=0, visibility_seconds=1)
    resumed = _read(
        _planned("arrived", first.receipt_handle),
        _planned("open", second.receipt_handle),
        SentIds({"arrived": "n"}),
    )

    settle_leases(resumed, DLQ, dlq, Books(resumed.ledger, FakeJournal()))

    assert (dlq.deleted, dlq.hidden) == (["arrived"], {})


def test_leases_that_cannot_be_settled_are_left_to_their_end() -> None:
    dlq = FakeDlq(letters("arrived", "open"), delete_script=[LOST], release_error=LOST)
    resumed = _read(_planned("arrived"), _planned("open"), SentIds({"arrived": "n"}))

    settle_leases(resumed, DLQ, dlq, Books(resumed.ledger, FakeJournal()))

    assert resumed.ledger.undeleted == ("arrived",)


def test_a_resumed_run_sends_what_was_in_doubt_and_deletes_what_arrived() -> None:
    dlq = FakeDlq(letters("arrived", "doubt"))
    resumed = _read(_planned("arrived"), _planned("doubt"), SentIds({"arrived": "n"}))
    door = FakeDoor()

    done = run_engine(dlq, door, resumed=resumed)

    assert door.calls == [["doubt"]]
    assert (done.counts.received, done.counts.sent, done.counts.ambiguous) == (2, 1, 1)
    assert sorted(dlq.deleted) == ["arrived", "doubt"]


def test_a_letter_in_doubt_that_is_no_longer_chosen_stays_in_doubt() -> None:
    resumed = _read(_planned("m1"))

    done = run_engine(FakeDlq(letters("m1")), chooser=Leaving({"m1"}), resumed=resumed)

    assert (done.counts.ambiguous, done.counts.skipped, done.unresolved) == (1, 0, 1)


# -- restore ---------------------------------------------------------------------------------------


def _restore(
    door: FakeDoor, *entries: Entry, unsent: bool = False, in_order: bool = False
) -> tuple[Restoring, FakeJournal]:
    journal = FakeJournal()
    deliverer = Deliverer(OneDoor(door), quick_timing(), lambda: None)
    backup = read_backup(_sized(entries))
    done = Restoring(backup, deliverer, journal, None, unsent, in_order)
    done.run(_sized(entries), lambda: False)
    return done, journal


def test_every_letter_of_a_journal_is_sent_again_once() -> None:
    done, journal = _restore(
        FakeDoor(), _planned("m1"), _planned("m1"), SentIds({"m1": "n"}), _planned("m2")
    )

    assert (done.counts.received, done.counts.sent, done.counts.skipped) == (2, 2, 0)
    assert journal.lines == ['{"restored":["m1","m2"]}']
    assert journal.synced == [1]


def test_what_stayed_is_left_out_and_what_was_planned_anew_is_not() -> None:
    entries = (
        *(_planned("m1"), Skipped({"m1": "h", "never": "h"})),
        *(_planned("m2"), Ids("returned", ("m2",)), _planned("m2")),
        *(_planned("m3"), Ids("deleted", ("m3",)), End({}), Ids("restored", ("m3",))),
    )
    door = FakeDoor()

    _restore(door, *entries)

    assert door.calls == [["m2"]]


@pytest.mark.parametrize(
    ("answers", "sent", "failed", "ambiguous"),
    [
        ([{"m1": Unknown("lost")}], 1, 0, 1),
        ([{"m1": Unknown("lost")}] * 8, 1, 0, 1),
        ([{"m1": Refused("TooLong", "too long")}], 1, 1, 0),
    ],
)
def test_what_becomes_of_letters_is_counted_and_listed(
    answers: list[dict[str, Delivery]], sent: int, failed: int, ambiguous: int
) -> None:
    done, _ = _restore(FakeDoor(answers), _planned("m1"), _planned("m2"))

    counts = done.counts
    assert (counts.sent, counts.failed, counts.ambiguous) == (sent, failed, ambiguous)
    assert counts.balanced
    assert [one.message_id for one in done.failures] == ["m1"]


def test_a_restore_stops_where_nothing_is_taken() -> None:
    refusal: dict[str, Delivery] = {"m0": Halted(DENIED)}

    done, journal = _restore(
        FakeDoor([refusal]), *(_planned(f"m{number}") for number in range(20)), in_order=True
    )

    assert done.halt is DENIED
    assert (done.counts.sent, journal.lines) == (0, [])


def test_in_order_nothing_of_a_group_follows_a_failure() -> None:
    entries = [
        replace(_planned(name), message=replace(a_message(name), group_id=group))
        for name, group in (("a1", "a"), ("a2", "a"), ("b1", "b"))
    ]
    door = FakeDoor([{"a1": Refused("TooLong", "too long")}])

    _restore(door, *entries, in_order=True)

    assert door.calls == [["a1"], ["b1"]]


# -- doors that lead nowhere in AWS ----------------------------------------------------------------


def test_a_dropped_letter_is_in_the_journal_and_gone() -> None:
    dlq, journal = FakeDlq(letters("m1")), FakeJournal()

    done = run_engine(dlq, DropDoor(), journal=journal, limit=1)

    assert (done.counts.sent, dlq.deleted) == (1, ["m1"])
    assert "body of m1" in journal.lines[0]


def test_a_letter_goes_into_a_file_that_is_synced_before_it_is_deleted() -> None:
    dlq, file = FakeDlq(letters("m1")), FakeJournal()

    run_engine(dlq, FileDoor(file), limit=1)

    assert (len(file.lines), file.synced, dlq.deleted) == (1, [1], ["m1"])


def test_a_file_that_cannot_be_written_stops_the_run_and_deletes_nothing() -> None:
    dlq, full = FakeDlq(letters("m1")), EdactlError("disk full")

    done = run_engine(dlq, FileDoor(FakeJournal(fails_at={1: full})))

    assert (done.halt, dlq.deleted, dlq.hidden) == (full, [], {})
