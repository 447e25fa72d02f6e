"""One field of many rules at once: from an event's value to the rules that it does not rule out.

Every sub-rule of a rule set owns one bit of an int. A table gives, for a value, the bits of the
sub-rules that the value satisfies, and of those that do not ask for this field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edactl.core.pattern.conditions import Value
from edactl.core.pattern.value_index import REMEMBERED, NumberIndex, StringIndex, union

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edactl.core.pattern.conditions import Condition
    from edactl.core.pattern.value_index import Asked


class Undecided(Exception):
    """The event has a shape that the fast path does not decide."""


class LeafTable:
    """The answers of one field; `asking` are the sub-rules that ask for it.

    `missing` is what an absent field leaves.
    """

    def __init__(
        self, full: int, asked: Sequence[tuple[int, tuple[Condition, ...]]], unset: object
    ) -> None:
        self._unset = unset
        self.asking = union(bit for bit, _ in asked)
        self.others = full & ~self.asking
        self.missing = self.others | union(
            bit for bit, conditions in asked if any(one.absent for one in conditions)
        )
        flat = [(bit, one) for bit, conditions in asked for one in conditions if not one.absent]
        self.strings = StringIndex(self.others, flat)
        self.numbers = NumberIndex(self.others, flat)
        self.base, self.exact_only = self.strings.base, self.strings.exact_only
        self._literals = {
            value: self._each(flat, Value(name, is_string=False))
            for value, name in ((True, "true"), (False, "false"), (None, "null"))
        }
        self.known: dict[str, int] = dict.fromkeys(self.strings.listed(), 0)
        for text in self.known:
            self.known[text] = self.strings.mask(text)

    def _each(self, flat: Sequence[Asked], value: Value) -> int:
        return self.others | union(bit for bit, one in flat if one.holds(value))

    def string(self, text: str) -> int:
        """The answer for a string; kept in `known` when it had to be searched."""
        if self.exact_only:
            return self.known.get(text, self.base)
        found = self.strings.mask(text)
        if len(self.known) < REMEMBERED:
            self.known[text] = found
        return found

    def other(self, value: Any) -> int:  # noqa: ANN401 -- what the JSON decoder makes
        """The answer for anything that is no string: a number, an array, nothing and so on."""
        kind = type(value)
        if value is self._unset or kind is dict:
            return self.missing
        if kind is int:
            return self.numbers.of_int(value)
        if kind is bytes:
            return self.numbers.of_literal(value)
        if kind is list:
            return self.array(value)
        if kind is float:  # decoded without its text
            raise Undecided
        return self._literals[value]

    def array(self, values: list[Any]) -> int:
        """Any scalar inside will do; an array without one is an absent field."""
        known, found, some = self.known, 0, False
        for one in values:
            if type(one) is str:
                answer = known.get(one)
                found |= self.string(one) if answer is None else answer
            elif type(one) is dict or (type(one) is list and not _has_scalar(one)):
                continue
            else:
                found |= self.other(one)
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
