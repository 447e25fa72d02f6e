"""What the first lines of a file tell of the cost of decoding the others twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.core.pattern.path_tree import Node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from edactl.core.pattern.stage import Member

SAMPLED = 64
FIELDS_WORTH_TEXT = 3
FIELDS_PER_SCAN = 8  # to read over an event once costs as much as to decode so many fields


class SecondDecodes:
    """Counts lines, those that some member is left for, and their second decodes in fields."""

    def __init__(
        self, members: Mapping[int, Member], numbers: Callable[[int], Iterable[int]]
    ) -> None:
        self._members = members
        self._numbers = numbers
        self._fields_of: dict[int, int] = {}
        self.lines = self.with_members = self.fields = 0

    def add(self, left: int) -> None:
        """Count a line that the first look leaves these members for."""
        self.lines += 1
        if not left:
            return
        self.with_members += 1
        if left not in self._fields_of:
            members = [self._members[number] for number in self._numbers(left)]
            self._fields_of[left] = len({path for one in members for path, _ in one.rule.fields})
        self.fields += FIELDS_PER_SCAN + self._fields_of[left]

    @property
    def are_enough(self) -> bool:
        """Whether enough lines were seen to decide."""
        return self.lines >= SAMPLED

    def cost_more_than(self, fields: int) -> bool:
        """Whether it is cheaper to decode so many fields of every line at once."""
        return self.fields > self.lines * fields

    @property
    def are_usual(self) -> bool:
        """Whether most lines need one: then it pays to guess which, at a little cost for all."""
        return self.with_members > self.lines // 2


def worth_text(nodes: Iterable[Node]) -> str | None:
    """The path at the top that is worth keeping as text until the first look is done."""
    candidates = [one for one in nodes if not one.leaf and one.fields >= FIELDS_WORTH_TEXT]
    return max(candidates, key=lambda one: one.fields, default=Node()).path or None
