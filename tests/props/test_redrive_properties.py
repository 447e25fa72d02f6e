"""The redrive's state machine: whatever happens in whatever order, its counts balance."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from edactl.core.id_memory import IdMemory
from edactl.core.redrive import Intake, Ledger, Step

LETTERS = st.sampled_from([f"m{number}" for number in range(8)])


class Redrive(RuleBasedStateMachine):
    """A run in which every letter may do whatever a letter can do."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger(memory=IdMemory(maximum_slots=16))
        self.in_work: set[str] = set()
        self.planned: set[str] = set()
        self.in_doubt: set[str] = set()
        self.arrived: set[str] = set()
        self.gone: set[str] = set()
        self.stayed: set[str] = set()
        self.new_ids: list[str] = []
        self.bounced: set[str] = set()

    @rule(letter=LETTERS)
    def received(self, letter: str) -> None:
        known_in_work = letter in self.in_work
        answer = self.ledger.receive(letter)
        if letter in self.arrived | self.gone:
            assert answer is Intake.DELETE
        elif letter in self.stayed or (known_in_work and letter not in self.in_doubt):
            assert answer is Intake.HOLD
        else:
            assert answer is Intake.WORK
            self.in_work.add(letter)

    @precondition(lambda self: self.in_work - self.planned)
    @rule(data=st.data())
    def planned_for(self, data: st.DataObject) -> None:
        letter = data.draw(st.sampled_from(sorted(self.in_work - self.planned)))
        self.ledger.plan(letter)
        self.planned.add(letter)

    @precondition(lambda self: self.planned)
    @rule(data=st.data(), once=st.booleans())
    def arrives(self, data: st.DataObject, *, once: bool) -> None:
        letter = self._leave_work(data, self.planned)
        new_id = f"new-{len(self.new_ids)}"
        self.ledger.sent(letter, new_id, once=once)
        self.new_ids.append(new_id)
        self.in_doubt.discard(letter)
        self.arrived.add(letter)

    @precondition(lambda self: self.planned)
    @rule(data=st.data())
    def answer_is_lost(self, data: st.DataObject) -> None:
        letter = self._leave_work(data, self.planned)
        self.ledger.unknown(letter, "no answer")
        self.in_doubt.add(letter)

    @precondition(lambda self: self.in_work)
    @rule(data=st.data(), refused=st.booleans())
    def stays(self, data: st.DataObject, *, refused: bool) -> None:
        letter = self._leave_work(data, self.in_work)
        if refused:
            self.ledger.fail(letter, "TooLong", "too long")
        else:
            self.ledger.skip(letter)
        if letter not in self.in_doubt:
            self.stayed.add(letter)

    @precondition(lambda self: self.in_work)
    @rule(data=st.data())
    def goes_back(self, data: st.DataObject) -> None:
        self.ledger.give_back(self._leave_work(data, self.in_work))

    @precondition(lambda self: self.arrived)
    @rule(data=st.data())
    def deleted(self, data: st.DataObject) -> None:
        letter = data.draw(st.sampled_from(sorted(self.arrived)))
        self.ledger.deleted(letter)
        self.arrived.remove(letter)
        self.gone.add(letter)

    @precondition(lambda self: self.gone)
    @rule(data=st.data())
    def deleted_once_more(self, data: st.DataObject) -> None:
        self.ledger.deleted(data.draw(st.sampled_from(sorted(self.gone))))

    @precondition(lambda self: self.new_ids)
    @rule(data=st.data())
    def comes_back(self, data: st.DataObject) -> None:
        new_id = data.draw(st.sampled_from(self.new_ids))
        assert self.ledger.receive(new_id) is Intake.HOLD
        self.bounced.add(new_id)

    def _leave_work(self, data: st.DataObject, among: set[str]) -> str:
        letter = data.draw(st.sampled_from(sorted(among)))
        self.in_work.discard(letter)
        self.planned.discard(letter)
        return letter

    @invariant()
    def the_counts_balance(self) -> None:
        counts = self.ledger.counts
        assert counts.balanced
        assert counts.skipped + counts.failed == len(self.stayed)
        assert counts.deleted == len(self.gone)
        assert counts.bounced == len(self.bounced)
        assert set(self.ledger.undeleted) == self.arrived
        assert set(self.ledger.undecided) == self.in_work - self.in_doubt

    @invariant()
    def nothing_is_deleted_that_did_not_arrive(self) -> None:
        counts = self.ledger.counts
        assert counts.deleted <= counts.sent + counts.ambiguous
        assert all(self.ledger.step(one) is Step.DELETED for one in self.gone)


Redrive.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestRedrive = Redrive.TestCase
