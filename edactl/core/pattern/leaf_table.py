"""One field of many rules at once: from an event's value to the rules that it does not rule out.

Every sub-rule of a rule set owns one bit of an int. A table gives, for a value, the bits of the
sub-rules that the value satisfies, and of those that do not ask for this field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from edactl.core.pattern.conditions import Value
from edactl.core.pattern.memo import CHEAP, REMEMBERED, Memo
from edactl.core.pattern.value_index import NumberIndex, StringIndex, union

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edactl.core.pattern.conditions import Condition
    from edactl.core.pattern.memo import Budget
    from edactl.core.pattern.value_index import Asked

_LITERALS = {True: "true", False: "false", None: "null"}


class Undecided(Exception):
    """The event has a shape that the fast path does not decide."""


class LeafTable:
    """The answers of one field; `asking` are the sub-rules that ask for it.

    `missing` is what an absent field leaves. When few strings, null and absence are all that makes
    a difference, `listed` has their answers and `default` is that of everything else; otherwise
    `memo` has the answers of scalars as they come.
    """

    def __init__(
        self, full: int, asked: Sequence[tuple[int, tuple[Condition, ...]]], budget: Budget
    ) -> None:
        self.asking = union(bit for bit, _ in asked)
        self.others = full & ~self.asking
        self.absent = union(
            bit for bit, conditions in asked if any(one.absent for one in conditions)
        )
        self.missing = self.others | self.absent
        flat = [(bit, one) for bit, conditions in asked for one in conditions if not one.absent]
        self.strings = StringIndex(self.others, flat)
        self.numbers = NumberIndex(self.others, flat)
        self._literals = {value: self._each(flat, name) for value, name in _LITERALS.items()}
        self.default = 0
        self.listed = self._listed()
        self.memo = Memo(self.answer, REMEMBERED if self.strings.searched else CHEAP, budget)

    def _each(self, flat: Sequence[Asked], literal: str) -> int:
        value = Value(literal, is_string=False)
        return self.others | union(bit for bit, one in flat if one.holds(value))

    def _listed(self) -> dict[object, int] | None:
        """The answers that differ from the default, when that is a short list."""
        strings = self.strings
        if not (strings.listed_only and self.numbers.alike):
            return None
        self.default = strings.base | strings.refusing
        alike = {self.numbers.of_int(0), self._literals[True], self._literals[False]}
        if alike != {self.default}:
            return None
        return {UNSET: self.missing, None: self._literals[None], **strings.listed()}

    def answer(self, value: Any) -> int:  # noqa: ANN401 -- what the JSON decoder makes
        """The answer for whatever the field is: a scalar, an array, an object, nothing."""
        kind = type(value)
        if kind is str:
            return self.strings.mask(value)
        if kind is int:
            return self.numbers.of_int(value)
        if kind is bytes:
            return self.numbers.of_literal(value)
        if value is UNSET or kind is dict:
            return self.missing
        if kind is list:
            return self.array(value)
        if kind is float:  # decoded without its text
            raise Undecided
        return self._literals[value]

    def array(self, values: list[Any]) -> int:
        """Any scalar inside will do; an array without one is an absent field."""
        found, some = 0, False
        for one in values:
            if type(one) is dict or (type(one) is list and not _has_scalar(one)):
                continue
            found |= self.answer(one)
            some = True
        return found if some else self.missing


def _has_scalar(values: list[Any]) -> bool:
    todo = list(values)
    while todo:
        one = todo.pop()
        if type(one) is list:
            todo += one
        elif type(one) is not dict:
            return True
    return False
