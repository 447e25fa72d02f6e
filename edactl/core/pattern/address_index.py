"""Address ranges of many rules on one field, arranged so that an address finds those it is in."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from edactl.core.pattern.addresses import address_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edactl.core.pattern.conditions import Condition

_V4_DIGITS, _LONGEST_HEAD = 8, 11
OCTETS = frozenset(str(octet) for octet in range(256))
_HEX = frozenset("0123456789abcdefABCDEF:")
MOST_HEADS = 16_384


class AddressIndex:
    """Ranges of addresses as answers at and between their bounds, for each family.

    `heads` has the answer for all addresses that share the first three numbers, where that is one.
    """

    def __init__(self, others: int, flat: Sequence[tuple[int, Condition]]) -> None:
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
                for bit, one in self._ranges:
                    if len(one.bottom) == length and one.holds(digits):
                        found |= bit
        return found
