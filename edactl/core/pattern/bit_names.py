"""Bits of sub-rules and the names of their rules."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

WORD_BITS = 32
REMEMBERED = 8192


def placed(names: Sequence[str]) -> list[int]:
    """A place for each sub-rule, by its rule's name; those of a rule share a word if they can."""
    places: list[int] = []
    place = at = 0
    while at < len(names):
        count = 1
        while at + count < len(names) and names[at + count] == names[at]:
            count += 1
        if count <= WORD_BITS < place % WORD_BITS + count:
            place += WORD_BITS - place % WORD_BITS
        places += range(place, place + count)
        place += count
        at += count
    return places


class Names:
    """From the bits of sub-rules to the names of their rules, a word of bits at a time."""

    def __init__(self, owners: Mapping[int, str]) -> None:
        self._owners = owners
        self._words = max(owners, default=0) // WORD_BITS + 1
        self._unpack = Struct(f"<{self._words}I").unpack
        self._size = 4 * self._words
        self._known: list[dict[int, tuple[str, ...]]] = [{0: ()} for _ in range(self._words)]
        self._repeats = any(
            owners.get(place - 1) == owners[place]
            for place in owners
            if place and place % WORD_BITS == 0
        )
        self.of: Callable[[int], list[str]] = self._of_words
        if self._words == 1:
            self.of = self._of_word

    def _of_word(self, bits: int) -> list[str]:
        known = self._known[0].get(bits)
        return list(self._found(0, bits) if known is None else known)

    def _of_words(self, bits: int) -> list[str]:
        found: list[str] = []
        for number, word in enumerate(self._unpack(bits.to_bytes(self._size, "little"))):
            if word:
                known = self._known[number].get(word)
                found += self._found(number, word) if known is None else known
        return list(dict.fromkeys(found)) if self._repeats else found

    def _found(self, number: int, word: int) -> tuple[str, ...]:
        found: dict[str, None] = {}
        left, base = word, number * WORD_BITS
        while left:
            lowest = left & -left
            found[self._owners[base + lowest.bit_length() - 1]] = None
            left ^= lowest
        known = self._known[number]
        if len(known) >= REMEMBERED:
            known.clear()
        known[word] = tuple(found)
        return known[word]
