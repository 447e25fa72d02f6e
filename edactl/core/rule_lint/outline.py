"""A pattern's text with places: its leaves in the order they are written, and its `$or` lists."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from edactl.core.pattern.grammar import OR
from edactl.core.pattern.tokens import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.core.pattern.tokens import Token

Branches: TypeAlias = "tuple[tuple[int, int], ...]"


@dataclass(frozen=True)
class Leaf:
    """One list of conditions: its path as the engine has it, and where it is.

    `steps` are the keys, `branches` the `$or` lists around it, each with the number of the member;
    `at` is the offset of its key, `items` those of its values.
    """

    path: str
    steps: tuple[str, ...]
    branches: Branches
    at: int
    items: tuple[int, ...]

    def excludes(self, other: Leaf) -> bool:
        """Whether the two stand in different members of one `$or`."""
        mine = dict(self.branches)
        return any(mine.get(number, member) != member for number, member in other.branches)


@dataclass(frozen=True)
class Outline:
    """The leaves of a valid pattern; `not_or` tells why `$or` is an ordinary field here."""

    text: str
    leaves: tuple[Leaf, ...]
    not_or: str | None

    def line(self, at: int) -> int:
        """The line of an offset, from 1."""
        return bisect_left(self._ends, at) + 1

    def line_of(self, path: str, item: int | None = None) -> int | None:
        """The line of a field, or of one of its values; None for no such field."""
        for leaf in self._by_path.get(path, ()):
            if item is None:
                return self.line(leaf.at)
            if item < len(leaf.items):
                return self.line(leaf.items[item])
        return None

    @cached_property
    def _ends(self) -> list[int]:
        """Where lines end."""
        return [at for at, one in enumerate(self.text) if one == "\n"]

    @cached_property
    def _by_path(self) -> dict[str, list[Leaf]]:
        """The lists of each field, the last one first: it is the one that counts."""
        found: dict[str, list[Leaf]] = {}
        for leaf in reversed(self.leaves):
            found.setdefault(leaf.path, []).append(leaf)
        return found


def outline(text: str, *, fields: frozenset[str]) -> Outline:
    """The outline of a pattern that compiles to these field paths."""
    knows_or = not any(OR in path.split(".") for path in fields)
    leaves = tuple(_Reader(text, knows_or=knows_or).run())
    return Outline(text, leaves, None if knows_or else _why_not_or(text, leaves))


@dataclass
class _Open:
    """An object or `$or` list that is open, and how many members it has had."""

    steps: tuple[str, ...]
    branches: Branches
    or_number: int | None = None
    members: int = 0


@dataclass
class _Reader:
    """One pass over the tokens of a valid pattern, with a stack of what is open."""

    text: str
    knows_or: bool
    open: list[_Open] = field(default_factory=list)
    ors: int = 0

    def run(self) -> Iterator[Leaf]:
        self._tokens = tokens(self.text)
        self.open.append(_Open((), ()))
        next(self._tokens)
        for token in self._tokens:
            here = self.open[-1]
            if token.kind == "{" and here.or_number is not None:
                inside = (*here.branches, (here.or_number, here.members))
                here.members += 1
                self.open.append(_Open(here.steps, inside))
            elif token.kind == "key":
                yield from self._member(here, token)
            else:
                self.open.pop()

    def _member(self, here: _Open, key: Token) -> Iterator[Leaf]:
        steps = (*here.steps, key.text)
        value = next(self._tokens)
        if self.knows_or and key.text == OR:
            self.ors += 1
            self.open.append(_Open(here.steps, here.branches, or_number=self.ors))
        elif value.kind == "{":
            self.open.append(_Open(steps, here.branches))
        else:
            yield Leaf(_path(steps), steps, here.branches, key.start, tuple(self._items()))

    def _items(self) -> Iterator[int]:
        """The offsets of a list's values, up to its closing bracket."""
        depth = 0
        while depth or (token := next(self._tokens)).kind != "]":
            if depth:
                token = next(self._tokens)
            else:
                yield token.start
            depth += (token.kind in {"{", "["}) - (token.kind in {"}", "]"})


def _path(steps: tuple[str, ...]) -> str:
    """As the engine joins steps: an empty path before the last one is dropped."""
    base = ".".join(steps[:-1])
    return f"{base}.{steps[-1]}" if base else steps[-1]


def _why_not_or(text: str, leaves: tuple[Leaf, ...]) -> str:
    """Why the engine does not take `$or` as alternatives here."""
    leaf = next(one for one in leaves if OR in one.steps)
    if leaf.steps[-1] != OR:
        return f"{OR} needs a list of objects"
    if all(text[item] == "{" for item in leaf.items):
        return f"the members of {OR} are conditions, and need to be objects with fields"
    return f"every member of {OR} has to be an object"
