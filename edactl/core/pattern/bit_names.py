"""Bits of sub-rules and the names of their rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WORD_BITS = 30  # what a Python int of one digit holds
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
    """From the bits of sub-rules to the names of their rules, a word of bits at a time.

    Word n of `words` has the names for the bits from n * WORD_BITS on; when `repeats`, a rule has
    sub-rules in more than one word.
    """

    def __init__(self, owners: Mapping[int, str]) -> None:
        count = max(owners, default=0) // WORD_BITS + 1
        self.words = [Word(owners, number * WORD_BITS) for number in range(count)]
        self.repeats = any(
            owners.get(place - 1) == owners[place]
            for place in owners
            if place and place % WORD_BITS == 0
        )


class Word:
    """The names of one word's bits: those in `known`, others by `search`."""

    def __init__(self, owners: Mapping[int, str], base: int) -> None:
        self.known: dict[int, tuple[str, ...]] = {0: ()}
        self._owners = owners
        self._base = base

    def search(self, word: int) -> tuple[str, ...]:
        """The names of bits that are not known, and keep them."""
        found: dict[str, None] = {}
        left = word
        while left:
            lowest = left & -left
            found[self._owners[self._base + lowest.bit_length() - 1]] = None
            left ^= lowest
        if len(self.known) >= REMEMBERED:
            self.known.clear()
        names = self.known[word] = tuple(found)
        return names
