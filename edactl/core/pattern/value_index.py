"""Conditions of many rules on one field, arranged so that a value finds those it satisfies."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from math import inf, nextafter
from typing import TYPE_CHECKING, TypeAlias

from edactl.core.pattern.addresses import address_bytes
from edactl.core.pattern.conditions import Value
from edactl.core.pattern.numbers import comparable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from edactl.core.pattern.conditions import Condition, NumberSpan, Side

Asked: TypeAlias = "tuple[int, Condition]"
_Test: TypeAlias = "tuple[int, Callable[[Value], bool]]"
_V4_DIGITS, _LONGEST_HEAD = 8, 11
OCTETS = frozenset(str(octet) for octet in range(256))
_HEX = frozenset("0123456789abcdefABCDEF:")
_NO_NUMBERS = {None, "true", "false", "null"}
_EXACT_INT = 2**53
_EXACT_DIGITS = 16  # of a decimal without exponent: 15 digits and the point always round-trip
FEW = 6
MOST_HEADS = 16_384


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
        self.addresses = AddressIndex(others, flat)
        for bit, one in flat:
            if not one.addresses:
                self._add(bit, one)
        self.searched = bool(self.maybe or self.rest)
        self.listed_only = not (self.edges or self.addresses or self.searched)
        self.addresses_only = bool(self.addresses) and not (
            self.exact or self.edges or self.refusing or self.searched
        )
        self.no_string = self.listed_only and not (self.exact or self.refusing)
        self.few_lookups = not (self.addresses or self.searched) and len(self.edges) <= FEW

    def listed(self) -> dict[object, int]:
        """The answers for the strings that are named whole."""
        return {text: self.mask(text) for text in (*self.exact, *self.refused)}

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
    """Ranges of addresses as answers at and between their bounds, for each family.

    `heads` has the answer for all addresses that share the first three numbers, where that is one.
    """

    def __init__(self, others: int, flat: Sequence[Asked]) -> None:
        self._others = others
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

        self.heads: dict[str, int | None] = {}
        self._v4_only = set(self._families) == {_V4_DIGITS}

    def __bool__(self) -> bool:
        return bool(self._ranges)

    def mask(self, text: str) -> int:
        """The bits for one string; those of the others when it is no address."""
        head, _, last = text.rpartition(".")
        if last not in OCTETS or len(head) > _LONGEST_HEAD:
            return self._searched(text)
        known = self.heads.get(head)
        if known is None:
            known = self._of_head(head)
            if known is not None and len(self.heads) < MOST_HEADS:
                self.heads[head] = known
        return self._searched(text) if known is None else known

    def _of_head(self, head: str) -> int | None:
        first, beyond = address_bytes(f"{head}.0"), address_bytes(f"{head}.255")
        if first is None or beyond is None:
            return self._others if first is None else None
        if not self._v4_only:
            return None
        bounds, masks = self._families[_V4_DIGITS]
        ends = [bisect_right(bounds, int.from_bytes(one, "big")) for one in (first, beyond)]
        return self._others | masks[ends[0]] if ends[0] == ends[1] else None

    def _searched(self, text: str) -> int:
        found_bytes = address_bytes(text) if text[-1:] in _HEX and text else None
        if found_bytes is None:
            return self._others
        number, size, digits = int.from_bytes(found_bytes, "big"), 2 * len(found_bytes), ""
        found = self._others
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
