"""A guess, from a few bytes of a line, at the values that its first fields will have.

The first look leaves few rules, but needs the event decoded; the fields of those rules need it
decoded again. Most producers write an event's fields in one order, so that the same bytes of each
line tell what the first look would find: such a line is decoded once, for the rules of its guess.
Whether the guess was right is seen in what was decoded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MOST = 64
LONGEST_WINDOW = 256


class Misled(Exception):
    """The line's first fields are not what its bytes promised."""


class Guesses:
    """For the bytes of a line in `window`, the function that gives the names for such a line.

    `usual` is that for any line.
    """

    def __init__(self) -> None:
        self.window: slice | None = None
        self.known: dict[bytes | str, Callable[[bytes | str], list[str]]] = {}
        self._seen: list[tuple[int, int]] = []

    def sample(self, line: bytes | str, values: Iterable[Any]) -> None:
        """Note where in a line the values of its first fields are."""
        if isinstance(line, bytes):
            texts = [f'"{one}"'.encode() for one in values if isinstance(one, str)]
            starts = [line.find(one) for one in texts]
            if starts and min(starts) >= 0:
                ends = [start + len(one) for start, one in zip(starts, texts, strict=True)]
                self._seen.append((min(starts), max(ends)))
                return
        self._seen.append((-1, -1))

    def settle(self) -> None:
        """Choose the window: where the values are in every line seen, if they begin alike there."""
        starts = {start for start, _ in self._seen}
        end = min((end for _, end in self._seen), default=0)
        start = starts.pop() if len(starts) == 1 else -1
        self.window = slice(start, end) if 0 <= start < end <= start + LONGEST_WINDOW else None
        self._seen.clear()

    def add(self, line: bytes | str, names_of: Callable[[bytes | str], list[str]]) -> None:
        """Use this function for lines alike; with too many kinds of them, guess no more."""
        assert self.window is not None  # noqa: S101 -- only a line that was guessed at comes here
        self.known[line[self.window]] = names_of
        if len(self.known) > MOST:
            self.window = None
