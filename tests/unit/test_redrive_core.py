"""Redrive's rules without a queue: memory of ids, routes, plans, failures, the journal's lines."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edactl.core.id_memory import IdMemory
from edactl.core.journal import (
    End,
    Ids,
    JournalHeader,
    Planned,
    SentIds,
    Skipped,
    end_line,
    failure_line,
    ids_line,
    message_record,
    planned_line,
    sent_line,
    skipped_line,
)
from edactl.core.journal_reading import read_entries, read_header
from edactl.core.letter import Letter, Origin, Payload
from edactl.core.message import Message, MessageAttribute
from edactl.core.record import record_of
from edactl.core.redrive import LISTED_FAILURES, Ledger, RedriveFailure, Step
from edactl.core.redrive_plan import PlannedEdit, Planning, ShowingEdits
from edactl.core.redrive_route import Carried, Decider, Route, Skip, ToOnePlace
from edactl.core.times import from_epoch_milliseconds
from edactl.errors import InputError
from tests.queue_fakes import a_message

PLACE = Route("sqs", "arn:aws:sqs:r:1:orders")
HEADER = JournalHeader("r", "redrive", "1", "eu-west-1", "arn:q:dlq", None, {}, "2026-01-31")
MOMENTS = st.none() | st.integers(0, 2_000_000_000_000).map(from_epoch_milliseconds)
MESSAGES = st.builds(
    Message,
    message_id=st.text(min_size=1),
    body=st.text(),
    attributes=st.dictionaries(st.text(), st.text(), max_size=3),
    message_attributes=st.dictionaries(
        st.text(),
        st.builds(MessageAttribute, st.just("String"), st.text())
        | st.builds(MessageAttribute, st.just("Binary"), st.none(), st.binary()),
        max_size=3,
    ),
    group_id=st.none() | st.text(),
    deduplication_id=st.none() | st.text(),
    sent_at=MOMENTS,
    first_received_at=MOMENTS,
    receive_count=st.none() | st.integers(0, 9),
    source_queue_arn=st.none() | st.text(),
    trace_header=st.none() | st.text(),
)


def _letter(**changed: object) -> Letter:
    return replace(Letter(a_message("m1"), Origin.SQS_REDRIVE), **changed)  # type: ignore[arg-type] # by name


# -- memory ----------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(1, 255))))
def test_the_newest_ids_are_remembered_with_their_last_number(
    entries: list[tuple[str, int]],
) -> None:
    memory = IdMemory(maximum_slots=16)
    for name, number in entries:
        memory.set(name, number)

    assert {name: memory.get(name) for name, _ in entries} == dict(entries)


def test_memory_grows_then_forgets_the_oldest_generation() -> None:
    memory = IdMemory(maximum_slots=1 << 16)
    for number in range(40_000):
        memory.set(f"first {number}", 1)
    assert all(memory.get(f"first {number}") == 1 for number in range(40_000))

    for number in range(60_000):
        memory.set(f"later {number}", 2)

    assert memory.get("first 0") == 0
    assert memory.get("later 59999") == 2


# -- the ledger ------------------------------------------------------------------------------------


def test_an_event_that_does_not_follow_is_a_bug_of_the_caller() -> None:
    ledger = Ledger()
    ledger.receive("m1")

    with pytest.raises(ValueError, match="letter m1"):
        ledger.sent("m1", "new")
    with pytest.raises(ValueError, match="letter m2"):
        ledger.skip("m2")


def test_failures_are_counted_past_the_end_of_their_list() -> None:
    ledger = Ledger()
    for number in range(LISTED_FAILURES + 5):
        ledger.receive(str(number))
        ledger.fail(str(number), "TooLong", "too long")

    assert ledger.counts.failed == LISTED_FAILURES + 5
    assert len(ledger.failures) == LISTED_FAILURES


def test_a_doubt_that_is_resolved_is_listed_no_more() -> None:
    ledger = Ledger()
    ledger.receive("m1")
    ledger.plan("m1")
    ledger.unknown("m1", "lost")
    ledger.unknown("m1", "lost again")
    assert [one.error_message for one in ledger.failures] == ["lost"]
    assert ledger.unresolved == ("m1",)

    ledger.sent("m1", "", once=True)

    assert ledger.failures == ()
    assert ledger.step("m1") is Step.SENT
    assert (ledger.counts.sent, ledger.counts.ambiguous) == (1, 0)


def test_a_doubt_is_no_failure_whatever_its_destination_says_later() -> None:
    ledger = Ledger()
    ledger.receive("m1")
    ledger.plan("m1")
    ledger.unknown("m1", "lost")

    ledger.fail("m1", "TooLong", "too long")

    assert (ledger.counts.ambiguous, ledger.counts.failed) == (1, 0)
    assert [one.error_code for one in ledger.failures] == ["Ambiguous"]
    assert ledger.unresolved == ("m1",)


def test_a_letter_that_is_shown_again_after_its_delete_is_counted_once() -> None:
    ledger = Ledger()
    ledger.receive("m1")
    ledger.plan("m1")
    ledger.sent("m1", "new")
    ledger.deleted("m1")

    ledger.deleted("m1")

    assert ledger.counts.deleted == 1


# -- routes ----------------------------------------------------------------------------------------


def test_a_letter_that_is_not_as_its_origin_promises_stays_with_the_reason() -> None:
    letter = _letter(problem="the body is no event")

    assert Decider(ToOnePlace(PLACE)).decide(letter) == Skip("the body is no event")
    assert PLACE.name == "orders"


def test_a_letter_that_does_not_hold_what_was_sent_stays() -> None:
    letter = _letter(origin=Origin.STREAM_DESTINATION, payload=Payload.ABSENT)

    decision = Decider(ToOnePlace(PLACE)).decide(letter)

    assert decision == Skip("a letter of origin stream-destination does not hold what was sent")


def test_a_named_place_gets_the_body_whatever_the_origin_says() -> None:
    letter = _letter(payload=Payload.ABSENT, problem="odd")

    decision = Decider(ToOnePlace(PLACE), as_it_is=True).decide(letter)

    assert decision == Carried(letter, PLACE, "body of m1")


# -- plans -----------------------------------------------------------------------------------------


def test_a_plan_counts_up_to_the_limit_and_the_rest_as_left() -> None:
    planning = Planning(Decider(ToOnePlace(PLACE)), limit=1)

    decisions = [planning.decide(_letter(message=a_message(one))) for one in ("m1", "m2")]

    assert {one.reason for one in decisions} == {"this is a dry run"}
    assert planning.is_full
    plan = planning.plan(None, "--limit")
    assert (plan.engine, plan.engine_reason) == ("client", "--limit")
    assert [one.letters for one in plan.destinations] == [1]
    assert [(one.reason, one.letters) for one in plan.skipped] == [("--limit is reached", 1)]


def test_a_plan_of_fifo_letters_stops_a_group_where_a_run_would() -> None:
    stays = Decider(ToOnePlace(PLACE), [lambda one: "no" if one.message.body[-1] == "1" else None])
    planning = Planning(stays, in_order=True)

    for name, group in (("m1", "a"), ("m2", "a"), ("m3", "b")):
        planning.decide(_letter(message=replace(a_message(name), group_id=group)))

    assert planning.going == 1
    assert {one.reason for one in planning.plan(2.0, None).skipped} == {
        *("no", "an earlier letter of its group stays"),
    }


def test_only_the_first_edits_are_shown_and_what_is_unchanged_is_not() -> None:
    shown: list[PlannedEdit] = []
    edited = Decider(ToOnePlace(PLACE), edit=lambda _letter, payload: payload.upper())
    chooser = ShowingEdits(edited, shown.append)

    for body in ("SAME", "a", "b", "c", "d"):
        message = replace(a_message(body), body=body)
        assert isinstance(chooser.decide(_letter(message=message)), Carried)

    assert [one.message_id for one in shown] == ["a", "b", "c"]
    assert shown[0].diff == "--- body\n+++ edited\n@@ -1 +1 @@\n-a\n+A"


def test_a_plan_lists_only_so_many_reasons() -> None:
    reasons = iter(range(1000))
    planning = Planning(Decider(ToOnePlace(PLACE), [lambda _: f"reason {next(reasons)}"]))

    for _ in range(120):
        planning.decide(_letter())

    skipped = planning.plan(None, None).skipped
    assert len(skipped) == 101
    assert (skipped[0].reason, skipped[0].letters) == ("other reasons", 20)


# -- the journal -----------------------------------------------------------------------------------


@given(MESSAGES, st.none() | st.text())
def test_a_message_comes_back_from_the_journal_as_it_was(
    message: Message, payload: str | None
) -> None:
    planned = Planned(message, "r", "arn", payload, 1.5)

    ((entry, size),) = read_entries([planned_line(planned)], "j")

    assert entry == planned
    assert size == len(planned_line(planned).encode())
    assert message_record(message) == record_of(message)


def test_what_letters_came_to_is_read_back() -> None:
    lines = [
        sent_line({"a": "b"}, once=True),
        sent_line({"a": "b"}, once=False),
        skipped_line([("m1", "handle", "why")]),
        failure_line("failed", [RedriveFailure("m2", "code", "text")]),
        ids_line("deleted", ["a"]),
        end_line({"sent": 1}),
        '{"deleted":["cut of',
    ]

    entries = [entry for entry, _ in read_entries(lines, "j")]

    assert entries == [
        SentIds({"a": "b"}),
        SentIds({"a": "b"}, once=False),
        Skipped({"m1": "handle"}),
        Ids("failed", ("m2",)),
        Ids("deleted", ("a",)),
        End({"sent": 1}),
    ]


PLANNED = json.loads(planned_line(Planned(a_message("m1"), "r", "arn", None, 1.0)))["planned"]


@pytest.mark.parametrize(
    "record",
    [
        5,
        {"unheard": []},
        {"deleted": 5},
        {"deleted": [5]},
        {"skipped": [["m1"]]},
        {"failed": [{}]},
        {"sent": {"a": 5}},
        {"one": 1, "two": 2},
        {"planned": PLANNED | {"planned_at": "soon"}},
        {"planned": PLANNED | {"message": []}},
        {"planned": {}},
    ],
)
def test_a_line_that_is_none_of_a_journal_is_named(record: object) -> None:
    with pytest.raises(InputError, match=r"^j:2: not a line of a journal"):
        list(read_entries([json.dumps(record) + "\n"], "j"))


def test_a_line_that_is_no_json_is_named() -> None:
    with pytest.raises(InputError, match=r"^j:3: "):
        list(read_entries([ids_line("deleted", []), "{\n"], "j"))


def test_a_header_that_was_changed_by_hand_is_refused() -> None:
    assert read_header(HEADER.line(), "j") == HEADER
    changed = HEADER.line().replace('"options":{}', '"options":{"limit":5}')

    with pytest.raises(InputError, match="damaged"):
        read_header(changed, "j")
