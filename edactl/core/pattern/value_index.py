"""Conditions of many rules on one field, arranged so that a value finds those it satisfies."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from math import inf, nextafter
from typing import TYPE_CHECKING, TypeAlias

from edactl.core.pattern.address_index import AddressIndex
from edactl.core.pattern.conditions import Value
from edactl.core.pattern.numbers import comparable
from edactl.core.pattern.operators import equals_ignore_case, prefix, suffix, wildcard
from edactl.core.pattern.text_forms import WildcardParts, as_utf8, wildcard_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from edactl.core.pattern.conditions import Condition, NumberSpan, Side

Asked: TypeAlias = "tuple[int, Condition]"
_Test: TypeAlias = "tuple[int, Callable[[str], bool]]"
_NO_NUMBERS = {None, "true", "false", "null"}
_EXACT_INT = 2**53
_EXACT_DIGITS = 16  # of a decimal without exponent: 15 digits and the point always round-trip
FEW = 6


def union(bits: Iterable[int]) -> int:
    """All these bits together."""
    found = 0
    for bit in bits:
        found |= bit
    return found


class StringIndex:
    """Conditions on strings, looked up by the string and by its ends where that decides.

    `but` has the strings that the conditions `butting` refuse. Where a string needs more than its
    ends, `maybe` has the tests for what begins or ends so, `rest` those for any string.
    """

    def __init__(self, others: int, flat: Sequence[Asked]) -> None:
        self.base = others
        self.exact: dict[str, int] = {}
        self.edges: dict[tuple[Side, int], dict[str, int]] = {}
        self.maybe: dict[tuple[Side, int], dict[str, list[_Test]]] = {}
        self.refusing = 0
        self.refused: dict[str, int] = {}
        self.rest: list[_Test] = []
        self.addresses = AddressIndex(others, flat)
        self.butting = 0
        refused: list[Asked] = []
        for bit, one in flat:
            inner = _refused_by(one)
            if inner and not self.butting & bit:
                self.butting |= bit
                refused += [(bit, other) for other in inner]
            elif not one.addresses:
                self._add(bit, one)
        self.but = StringIndex(0, refused) if refused else None
        self._describe()

    def _describe(self) -> None:
        """Say what a look-up takes, for whoever writes code for it."""
        self.searched = bool(self.maybe or self.rest or self.but)
        self.listed_only = not (self.edges or self.addresses or self.searched)
        self.addresses_only = bool(self.addresses) and not (
            self.exact or self.edges or self.refusing or self.searched
        )
        self.no_string = self.listed_only and not (self.exact or self.refusing)
        self.edges_only = bool(self.edges) and not (
            self.addresses or self.refusing or self.searched
        )
        self._describe_tails()
        looks = len(self.edges) + len(self.maybe)
        self.few_lookups = not (self.addresses or self.rest) and looks <= FEW
        if self.but and not self.but.few_lookups:
            self.few_lookups = False

    def _describe_tails(self) -> None:
        """Find the character that every suffix begins with, if no suffix has it anywhere else.

        Suffixes of any length are then found together: by what follows the last such character.
        Those of one length are found faster by that.
        """
        self.tails: dict[str, int] = {}
        suffixes = [marked for (side, _), marked in self.edges.items() if side == "suffix"]
        for marked in suffixes:
            self.tails |= marked
        marks = {text[:1] for text in self.tails}
        alike = (
            len(suffixes) > 1
            and len(marks) == 1
            and all(text.rfind(text[:1]) == 0 for text in self.tails)
        )
        self.tail_mark = marks.pop() if alike else ""

    def listed(self) -> dict[object, int]:
        """The answers for the strings that are named whole."""
        return {text: self.mask(text) for text in (*self.exact, *self.refused)}

    def _add(self, bit: int, one: Condition) -> None:
        edge = one.edge or _only_edge(one)
        if one.any_string:
            self.base |= bit
        elif one.exact is not None:
            _mark(self.exact, one.exact, bit)
        elif edge is not None:
            side, text = edge
            _mark(self.edges.setdefault((side, len(text)), {}), (text,), bit)
        elif one.needs is not None and one.needs[1]:
            side, text = one.needs
            tests = self.maybe.setdefault((side, len(text)), {}).setdefault(text, [])
            tests.append((bit, _test_of(one)))
        elif one.refused is not None and not self.refusing & bit:
            self.refusing |= bit
            _mark(self.refused, one.refused, bit)
        elif not one.no_string:
            self.rest.append((bit, _test_of(one)))

    def mask(self, text: str) -> int:
        """The bits for one string."""
        found = self.base | self.exact.get(text, 0)
        for (side, length), marked in self.edges.items():
            found |= marked.get(text[:length] if side == "prefix" else text[-length:], 0)
        if self.refusing:
            found |= self.refusing & ~self.refused.get(text, 0)
        if self.but:
            found |= self.butting & ~self.but.mask(text)
        if self.addresses:
            found |= self.addresses.mask(text)
        for (side, length), tests in self.maybe.items():
            edge = text[:length] if side == "prefix" else text[-length:]
            found |= tried(tests.get(edge, ()), text)
        return found | tried(self.rest, text)


def _mark(marked: dict[str, int], texts: Iterable[str], bit: int) -> None:
    for text in texts:
        marked[text] = marked.get(text, 0) | bit


def tried(tests: Sequence[_Test], text: str) -> int:
    """The bits whose tests a string passes."""
    found = 0
    for bit, test in tests:
        if not found & bit and test(text):
            found |= bit
    return found


def _test_of(condition: Condition) -> Callable[[str], bool]:
    if condition.operator == "wildcard":
        return _pieces(condition).matches
    return lambda text: condition.holds(Value(text, is_string=True))


def _pieces(condition: Condition) -> WildcardParts:
    return wildcard_parts(as_utf8(str(condition.operand)))


def _only_edge(condition: Condition) -> tuple[Side, str] | None:
    """The start or end that is all a wildcard asks for."""
    if condition.operator != "wildcard":
        return None
    match _pieces(condition).pieces:
        case (start, "") if start:
            return "prefix", start
        case ("", end) if end:
            return "suffix", end
    return None


_REFUSERS = {
    "anything-but prefix": prefix,
    "anything-but suffix": suffix,
    "anything-but wildcard": wildcard,
    "anything-but equals-ignore-case": equals_ignore_case,
}


def _refused_by(condition: Condition) -> list[Condition]:
    """The conditions on strings that this one is the opposite of, if it is such a one."""
    refuser = _REFUSERS.get(condition.operator)
    if refuser is None or not isinstance(condition.operand, tuple):
        return []
    return [refuser(text) for text in condition.operand]


class NumberIndex:
    """Conditions on numbers as the answers between the bounds that they name.

    The answer for a comparable number is `masks[bisect_right(bounds, number)]`: a bound is the
    first double of a range or the first one beyond it. `by_value` when that is all there is to it,
    `alike` when all numbers get one answer.
    """

    def __init__(self, others: int, flat: Sequence[Asked]) -> None:
        self._others = others
        self._flat = flat
        self._digits = [(bit, one.holds) for bit, one in flat if one.addresses]
        ranges = [(bit, *edges) for bit, one in flat for edges in _ranges(one)]
        self.bounds = sorted({edge for _, *edges in ranges for edge in edges})
        self.masks = [others] * (len(self.bounds) + 1)
        for bit, first, beyond in ranges:
            start, end = (bisect_left(self.bounds, edge) + 1 for edge in (first, beyond))
            for place in range(start, end):
                self.masks[place] |= bit
        self.by_value = not self._digits
        self.alike = self.by_value and not any(
            one.spans or one.counts_numbers or one.literal not in _NO_NUMBERS for _, one in flat
        )

    def of_int(self, value: int) -> int:
        """The bits for a number that was written without point and exponent."""
        if self._digits or not -_EXACT_INT <= value <= _EXACT_INT:
            return self._of_text(str(value))
        return self._at(value)

    def of_literal(self, literal: bytes) -> int:
        """The bits for a number with point or exponent, as it was written."""
        if len(literal) > _EXACT_DIGITS or self._digits or b"e" in literal or b"E" in literal:
            return self._of_text(literal.decode())
        return self._at(float(literal))

    def _of_text(self, text: str) -> int:
        number = comparable(text)
        tests = self._digits
        if number is None:
            found, tests = self._others, [(bit, one.holds) for bit, one in self._flat]
        else:
            found = self._at(number)
        value = Value(text, is_string=False)
        return found | union(bit for bit, holds in tests if holds(value))

    def _at(self, number: float) -> int:
        return self.masks[bisect_right(self.bounds, number)]


def _ranges(condition: Condition) -> list[tuple[float, float]]:
    """The first number of each range that a condition holds for, and the first one beyond it."""
    if condition.any_number:
        return [(-inf, inf)]
    return [(_first(one), _beyond(one)) for one in condition.spans]


def _first(span: NumberSpan) -> float:
    if span.bottom is None:
        return -inf
    return nextafter(span.bottom, inf) if span.open_bottom else span.bottom


def _beyond(span: NumberSpan) -> float:
    if span.top is None:
        return inf
    return span.top if span.open_top else nextafter(span.top, inf)
