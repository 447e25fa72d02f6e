"""A rule set's fast path: stages of decoding, and the way back to the exact matcher.

The first stage decodes the fields at the top of an event and keeps its largest object as text. The
rules that are left then have a stage of their own, built for just them, which decodes that text.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

import msgspec

from edactl.core.pattern.bit_names import Names, placed
from edactl.core.pattern.leaf_table import Undecided
from edactl.core.pattern.line_matcher import Plan
from edactl.core.pattern.matching import SubRule
from edactl.core.pattern.path_tree import tree_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from edactl.core.pattern.path_tree import Node

NOT_DECODED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, Undecided)
FIELDS_WORTH_A_STAGE = 3
SEEN_BEFORE_STAGE = 16
MOST_STAGES = 256
MOST_MASKS = 1000


@dataclass(frozen=True)
class Member:
    """A sub-rule with its rule's name; `odd` ones only the exact matcher can judge."""

    name: str
    rule: SubRule
    odd: bool = False

    def below(self, step: str) -> Member:
        """The same for what is below a step: the other fields are dropped, the step stripped."""
        start = step + "."
        fields = tuple(
            (path.removeprefix(start), conditions)
            for path, conditions in self.rule.fields
            if path.startswith(start)
        )
        return Member(self.name, SubRule(fields), self.odd)


class Stage:
    """Members numbered for themselves, the plan of their fields, and their names."""

    def __init__(self, members: Sequence[Member], doubtful: list[int]) -> None:
        places = placed([one.name for one in members])
        self.members = dict(zip(places, members, strict=True))
        self.full = sum(1 << place for place in places)
        self.odd = sum(1 << place for place, one in self.members.items() if one.odd)
        self.names = Names({place: one.name for place, one in self.members.items()}).of
        rules = {place: one.rule for place, one in self.members.items()}
        self.root = tree_of(rules, self.full, msgspec.UNSET)
        self.deferred = _worth_a_stage(self.root)
        plan = Plan(self.root, doubtful, self.deferred)
        self.decode, self.run = plan.decode, plan.run

    def indexes(self, bits: int) -> list[int]:
        """Which of the members these bits are, counted from 0."""
        return [at for at, place in enumerate(self.members) if bits >> place & 1]


class FastPath:
    """Gives the names of the rules that match a line.

    `exact(line, indexes)` has the exact matcher judge those members; None is all of them.
    """

    def __init__(
        self,
        members: Sequence[Member],
        exact: Callable[[bytes | str, Iterable[int] | None], list[str]],
    ) -> None:
        self._members = members
        self._exact = exact
        self._doubtful = [0]
        walkable = [Member(one.name, _walkable(one.rule), one.odd) for one in members]
        self._first = Stage(walkable, self._doubtful)
        self._stages: dict[int, Stage | None] = {}
        self._seen: dict[int, int] = {}
        if self._first.deferred is None:
            self.match = self._one_stage()
        else:
            self._later = [one.below(self._first.deferred) for one in walkable]
            self._whole = Stage(self._later, self._doubtful)
            self.match = self._two_stages(
                f"f{list(self._first.root.below).index(self._first.deferred)}"
            )

    def _one_stage(self) -> Callable[[bytes | str], list[str]]:
        first = self._first
        decode, run, full, odd, names = first.decode, first.run, first.full, first.odd, first.names
        doubtful, exact = self._doubtful, self._exact

        def match(line: bytes | str) -> list[str]:
            try:
                found = run(decode(line), full)
            except NOT_DECODED:
                doubtful[0] = 0
                return exact(line, None)
            if doubtful[0] or found & odd:
                doubtful[0] = 0
                return exact(line, first.indexes(found))
            return names(found)

        return match

    def _two_stages(self, member: str) -> Callable[[bytes | str], list[str]]:
        first = self._first
        decode, run, full = first.decode, first.run, first.full
        doubtful, exact, stages = self._doubtful, self._exact, self._stages
        later, unset = self._later_stage, msgspec.UNSET

        raw_of = attrgetter(member)

        def match(line: bytes | str) -> list[str]:
            try:
                record = decode(line)
                found = run(record, full)
                if not found:
                    return []
                stage = stages.get(found)
                if stage is None:
                    stage, start = later(found)
                else:
                    start = stage.full
                raw = raw_of(record)
                if raw is unset:
                    left = start & stage.root.missing
                else:
                    left = stage.run(stage.decode(raw), start)
            except NOT_DECODED:
                doubtful[0] = 0
                return exact(line, None)
            if not left:
                return []
            if doubtful[0] or left & stage.odd:
                doubtful[0] = 0
                return exact(line, self._indexes(found, stage, left))
            return stage.names(left)

        return match

    def _indexes(self, found: int, stage: Stage, left: int) -> list[int]:
        """The members that a later stage's bits are, by their place among all."""
        if stage is self._whole:
            return stage.indexes(left)
        first = self._first.indexes(found)
        return [first[at] for at in stage.indexes(left)]

    def _later_stage(self, found: int) -> tuple[Stage, int]:
        """A stage for these members once they come often, else the one for all; and its bits."""
        if len(self._seen) > MOST_MASKS:
            self._seen.clear()
        seen = self._seen[found] = self._seen.get(found, 0) + 1
        if seen < SEEN_BEFORE_STAGE or len(self._stages) >= MOST_STAGES:
            return self._whole, found
        chosen = [self._later[at] for at in self._first.indexes(found)]
        stage = self._stages[found] = Stage(chosen, self._doubtful)
        return stage, stage.full


def _walkable(rule: SubRule) -> SubRule:
    """The sub-rule without the fields whose paths have empty steps."""
    return SubRule(tuple(one for one in rule.fields if "" not in one[0].split(".")))


def _worth_a_stage(root: Node) -> str | None:
    """The step at the root that is worth a stage of its own, if other fields can spare it."""
    if not any(one.leaf and not one.below for one in root.below.values()):
        return None
    candidates = {
        step: one.fields for step, one in root.below.items() if one.below and not one.leaf
    }
    best = max(candidates, key=lambda step: candidates[step], default=None)
    return best if best is not None and candidates[best] >= FIELDS_WORTH_A_STAGE else None
