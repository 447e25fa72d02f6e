"""A guess, from a few bytes of a line, at the values that its first fields will have.

The first look leaves few rules, but needs the event decoded; the fields of those rules need it
decoded again. Most producers write an event's fields in one order, so that the same bytes of each
line tell what the first look would find: such a line is decoded once, for the rules of its guess.
Whether the guess was right is seen in what was decoded.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MOST = 64
MET = 128
ROOM_BYTES = 8 << 20
REFUSED_SOME, REFUSED_MANY = 8, 64
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
        self._met: Counter[bytes | str] = Counter()
        self._lines: dict[bytes | str, list[bytes | str]] = {}
        self._room = ROOM_BYTES
        self._refused: Counter[bytes | str] = Counter()

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

    def is_due(self, line: bytes | str) -> bool:
        """Whether lines alike have come often enough, so that the values of their fields are known.

        With too many kinds of lines, guess no more.
        """
        kind = self._kept(line)
        self._met[kind] += 1
        if len(self._met) > MOST:
            self.window = None
        return self._met[kind] >= MET and self.window is not None

    def refuse(self, line: bytes | str) -> None:
        """Forget the function for such lines when it has refused some, and when it has many.

        First it is made anew with what these lines have; in the end it has to take every line.
        """
        kind = self._kept(line)
        self._refused[kind] += 1
        if self._refused[kind] in {REFUSED_SOME, REFUSED_MANY}:
            self.known.pop(kind, None)

    def lines_like(self, line: bytes | str) -> list[bytes | str]:
        """What a function for such lines may take as a sample; none when it has to take any."""
        kind = line[self._window]
        return [] if self._refused[kind] >= REFUSED_MANY else self._lines[kind]

    def _kept(self, line: bytes | str) -> bytes | str:
        """The kind of the line, which is kept while there is room."""
        kind = line[self._window]
        kept = self._lines.setdefault(kind, [])
        if len(line) <= self._room:
            self._room -= len(line)
            kept.append(line)
        return kind

    @property
    def _window(self) -> slice:
        assert self.window is not None  # noqa: S101 -- only lines that were guessed at are asked of
        return self.window

    def add(self, line: bytes | str, names_of: Callable[[bytes | str], list[str]]) -> None:
        """Use this function for lines alike."""
        self.known[line[self._window]] = names_of


def forget(known: dict[Any, Callable[..., list[str]]], old: list[Callable[..., list[str]]]) -> None:
    """Take these functions out, and empty their list."""
    for key in [key for key, one in known.items() if one in old]:
        del known[key]
    old.clear()
