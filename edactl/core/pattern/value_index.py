"""Conditions of many rules on one field, arranged so that a value finds those it satisfies."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, TypeAlias

from edactl.core.pattern.addresses import address_bytes
from edactl.core.pattern.conditions import Value
from edactl.core.pattern.numbers import comparable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from edactl.core.pattern.conditions import Condition, Side

Asked: TypeAlias = "tuple[int, Condition]"
_Test: TypeAlias = "tuple[int, Callable[[Value], bool]]"
_V4_DIGITS, _LONGEST_HEAD = 8, 11
_OCTETS = frozenset(str(octet) for octet in range(256))
_HEX = frozenset("0123456789abcdefABCDEF:")
_EXACT_INT = 2**53
_EXACT_DIGITS = 16  # of a decimal without exponent: 15 digits and the point always round-trip
FEW = 4
REMEMBERED = 16_384
"""Values of a field whose answers are kept; more would not pay for the memory."""


def union(bits: Iterable[int]) -> int:
    """All these bits together."""
    found = 0
    for bit in bits:
        found |= bit
    return found


class StringIndex:
    """Conditions on strings, looked up by the string and by its ends where that decides."""

    def __init__(self, others: int, flat: Sequence[Asked]) -> None:
        self.base = others
        self.exact: dict[str, int] = {}
        self.edges: dict[tuple[Side, int], dict[str, int]] = {}
        self.maybe: dict[tuple[Side, int], dict[str, list[_Test]]] = {}
        self.refusing = 0
        self.refused: dict[str, int] = {}
        self.rest: list[_Test] = []
        self.addresses = AddressIndex([(bit, one) for bit, one in flat if one.addresses])
        for bit, one in flat:
            if not one.addresses:
                self._add(bit, one)
        searched = bool(self.maybe or self.rest)
        self.exact_only = not (self.edges or self.refusing or self.addresses or searched)
        self.addresses_only = bool(self.addresses) and not (
            self.exact or self.edges or self.refusing or searched
        )
        self.few_lookups = not (self.addresses or searched) and len(self.edges) <= FEW

    def listed(self) -> list[str]:
        """The strings that plain values name."""
        return list(self.exact)

    def _add(self, bit: int, one: Condition) -> None:
        if one.any_string:
            self.base |= bit
        elif one.exact is not None:
            _mark(self.exact, one.exact, bit)
        elif one.edge is not None:
            side, text = one.edge
            _mark(self.edges.setdefault((side, len(text)), {}), (text,), bit)
        elif one.needs is not None and one.needs[1]:
            side, text = one.needs
            tests = self.maybe.setdefault((side, len(text)), {}).setdefault(text, [])
            tests.append((bit, one.holds))
        elif one.refused is not None and not self.refusing & bit:
            self.refusing |= bit
            _mark(self.refused, one.refused, bit)
        elif not one.no_string:
            self.rest.append((bit, one.holds))

    def mask(self, text: str) -> int:
        """The bits for one string."""
        found = self.base | self.exact.get(text, 0)
        for (side, length), marked in self.edges.items():
            found |= marked.get(text[:length] if side == "prefix" else text[-length:], 0)
        if self.refusing:
            found |= self.refusing & ~self.refused.get(text, 0)
        if self.addresses:
            found |= self.addresses.mask(text)
        for (side, length), tests in self.maybe.items():
            edge = text[:length] if side == "prefix" else text[-length:]
            found = _tried(tests.get(edge, ()), text, found)
        return _tried(self.rest, text, found)


def _mark(marked: dict[str, int], texts: Iterable[str], bit: int) -> None:
    for text in texts:
        marked[text] = marked.get(text, 0) | bit


def _tried(tests: Sequence[_Test], text: str, found: int) -> int:
    if tests:
        value = Value(text, is_string=True)
        for bit, holds in tests:
            if not found & bit and holds(value):
                found |= bit
    return found


class AddressIndex:
    """Ranges of addresses as answers at and between their bounds, for each family."""

    def __init__(self, flat: Sequence[Asked]) -> None:
        self._families: dict[int, tuple[list[int], list[int]]] = {}
        self._ranges = [(bit, one.addresses) for bit, one in flat if one.addresses]
        for digits in {len(ranges.bottom) for _, ranges in self._ranges}:
            inside = [(bit, one) for bit, one in self._ranges if len(one.bottom) == digits]
            bounds = sorted({edge for _, one in inside for edge in one.bounds()})
            masks = [0] * (len(bounds) + 1)
            for bit, one in inside:
                first, beyond = (bisect_left(bounds, edge) + 1 for edge in one.bounds())
                for place in range(first, beyond):
                    masks[place] |= bit
            self._families[digits] = bounds, masks

        self._heads: dict[str, int | None] = {}
        self._v4_only = set(self._families) == {_V4_DIGITS}

    def __bool__(self) -> bool:
        return bool(self._ranges)

    def mask(self, text: str) -> int:
        """The bits for one string; none when it is no address."""
        head, _, last = text.rpartition(".")
        if last in _OCTETS:
            known = self._heads.get(head, -1)
            if known is None:
                return self._searched(text)
            return known if known >= 0 else self._head(head, text)
        return self._searched(text)

    def _head(self, head: str, text: str) -> int:
        """The bits for an address; kept for all that share its first three numbers if they can."""
        known = None
        first, beyond = address_bytes(f"{head}.0"), address_bytes(f"{head}.255")
        if self._v4_only and first and beyond and len(head) <= _LONGEST_HEAD:
            bounds, masks = self._families[_V4_DIGITS]
            ends = [bisect_right(bounds, int.from_bytes(one, "big")) for one in (first, beyond)]
            known = masks[ends[0]] if ends[0] == ends[1] else None
        elif first is None:
            known = 0
        if len(self._heads) < REMEMBERED:
            self._heads[head] = known
        return self._searched(text) if known is None else known

    def _searched(self, text: str) -> int:
        found_bytes = address_bytes(text) if text[-1:] in _HEX and text else None
        if found_bytes is None:
            return 0
        number, size, digits = int.from_bytes(found_bytes, "big"), 2 * len(found_bytes), ""
        found = 0
        for length, (bounds, masks) in self._families.items():
            if length == size:
                found |= masks[bisect_right(bounds, number)]
            else:  # the engine compares the digits of one family with bounds of the other
                digits = digits or found_bytes.hex().upper()
                found |= union(
                    bit
                    for bit, one in self._ranges
                    if len(one.bottom) == length and one.holds(digits)
                )
        return found


class NumberIndex:
    """Conditions on numbers as answers at and between the numbers that they name."""

    def __init__(self, others: int, flat: Sequence[Asked]) -> None:
        self._others = others
        self._flat = flat
        self._digits = [(bit, one.holds) for bit, one in flat if one.addresses]
        self._points = sorted({point for _, one in flat for point in one.points()})
        masks = [others] * (2 * len(self._points) + 1)
        for bit, one in flat:
            for first, last in one.places(self._points):
                for place in range(first, last + 1):
                    masks[place] |= bit
        # an unreachable last point spares the look-up a test for the end
        self._at_points = [*masks[1::2], masks[-1]]
        self._between = masks[0::2]
        self._ends = [*self._points, float("inf")]

    def of_int(self, value: int) -> int:
        """The bits for a number that was written without point and exponent."""
        if self._digits or not -_EXACT_INT <= value <= _EXACT_INT:
            return self._of_text(str(value))
        return self._at(value)

    def of_literal(self, literal: bytes) -> int:
        """The bits for a number with point or exponent, as it was written."""
        if len(literal) > _EXACT_DIGITS or self._digits or b"e" in literal or b"E" in literal:
            return self._of_text(literal.decode())
        number = float(literal)
        place = bisect_left(self._ends, number)
        return (self._at_points if self._ends[place] == number else self._between)[place]

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
        place = bisect_left(self._ends, number)
        return (self._at_points if self._ends[place] == number else self._between)[place]
