"""Answers worked out once for each value of a field, and bounded over a whole rule set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.core.pattern.habits import Unforeseen

if TYPE_CHECKING:
    from collections.abc import Callable

REMEMBERED = 16_384
CHEAP = 512
REMEMBERED_TOGETHER = 131_072


class Budget:
    """How many more answers the memos of a rule set may keep together."""

    def __init__(self) -> None:
        self.left = REMEMBERED_TOGETHER


class Memo:
    """From a scalar of an event to its answer: those in `known`, all by `look`.

    True is 1 and False is 0 to a dict: where they differ there are `twins`, and whoever looks here
    has to set the two apart before.
    """

    def __init__(self, answer: Callable[[object], int], most: int, budget: Budget) -> None:
        self.known: dict[object, int] = {}
        self.crowded = False
        self._answer = answer
        self._most = most
        self._budget = budget
        self.twins = any(answer(number) != answer(bool(number)) for number in (0, 1))

    def look(self, value: object) -> int:
        """The answer for a value; it is kept.

        Raises Unforeseen, and forgets everything, when there is no room for another.
        """
        known = self.known.get(value)
        if known is not None:
            return known
        found = self._answer(value)
        if len(self.known) >= self._most or not self._budget.left:
            self.forget()
            self.crowded = True
            raise Unforeseen
        self._budget.left -= 1
        self.known[value] = found
        return found

    def forget(self) -> None:
        """Make room for others."""
        self._budget.left += len(self.known)
        self.known.clear()
