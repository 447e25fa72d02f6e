"""How hard a pattern's wildcards are to match, by the engine's own measure.

The score of a field is how many beginnings of its wildcards one worst value can meet at once: the
engine follows each of them. A beginning is what stands before some place of the wildcard, its
quotes included, so `"*ab` is one of `*ab*`. The wildcards of one list of `anything-but` share
their beginnings, other wildcards do not. A rule's score is that of its worst field. Source:
event-ruler, `MachineComplexityEvaluator`; how lists of `anything-but` share is inferred from scores
that its tests record.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from edactl.core.pattern.text_forms import as_utf8, wildcard_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from edactl.core.pattern.conditions import Condition
    from edactl.core.pattern.matching import SubRule

FINE, ACCEPTED = 7, 10
Pieces: TypeAlias = "tuple[str, ...]"


def pattern_complexity(sub_rules: Sequence[SubRule]) -> dict[str, int]:
    """The score of each field that has wildcards.

    Alternatives that are alike up to a field share it, and its wildcards add up. Scores up to 7
    have been seen accepted by EventBridge and 11 refused; its limit is 10 by event-ruler's tests.
    """
    lists: dict[tuple[object, str], list[tuple[Pieces, ...]]] = {}
    scores: dict[str, int] = {}
    for rule in sub_rules:
        before: list[object] = []
        for path, conditions in rule.fields:
            found = list(_wildcards_of(conditions))
            if found:
                lists.setdefault((tuple(before), path), []).extend(found)
            before.append((path, tuple((one.operator, one.operand) for one in conditions)))
    for (_, path), found in lists.items():
        score = complexity(found)
        scores[path] = max(score, scores.get(path, 0))
    return scores


def _wildcards_of(conditions: Iterable[Condition]) -> Iterator[tuple[Pieces, ...]]:
    for one in conditions:
        if one.operator == "wildcard" and isinstance(one.operand, str):
            yield (_quoted(one.operand),)
        if one.operator == "anything-but wildcard" and isinstance(one.operand, tuple):
            made = tuple(_quoted(text) for text in one.operand)
            if made:
                yield made


def _quoted(text: str) -> Pieces:
    """The pieces between the stars as the engine sees them: in quotes, each byte a character."""
    pieces = wildcard_parts(f'"{as_utf8(text)}"').pieces
    return tuple(one.encode("utf-8").decode("latin-1") for one in pieces)


def complexity(lists: Iterable[Sequence[Pieces]]) -> int:
    """The score of lists of wildcards, each given as the pieces between its stars.

    A list is one condition: its wildcards share the beginnings that are alike. A condition that
    comes twice counts once. Time is linear in the wildcards' length, times the different pieces
    before a first star.
    """
    wildcards = [
        one
        for number, pieces in enumerate(dict.fromkeys(tuple(one) for one in lists))
        for one in _with_places(pieces, number)
    ]
    heads = sorted({one.head for one in wildcards})
    best = 0
    for head in heads:
        best = max(best, _within_head(head, wildcards), _beyond_head(head, wildcards))
    return best


@dataclass(frozen=True)
class _Wildcard:
    """A wildcard as steps, characters and stars; `places` has the name of each beginning.

    Equal beginnings of one list have one name, and so have the ends of all its wildcards.
    """

    steps: tuple[str | None, ...]
    places: tuple[tuple[int, int], ...]
    head: str


def _with_places(wildcards: Sequence[Pieces], number: int) -> Iterator[_Wildcard]:
    names: dict[tuple[int, str | None], int] = {}
    for pieces in wildcards:
        steps: list[str | None] = [*pieces[0]]
        for piece in pieces[1:]:
            steps += [None, *piece]
        place, places = 0, [(number, 0)]
        for step in steps:
            place = names.setdefault((place, step), len(names) + 1)
            places.append((number, place))
        if steps[-1:] != [None]:
            places[-1] = (number, -1)
        yield _Wildcard(tuple(steps), tuple(places), pieces[0])


def _within_head(head: str, wildcards: Sequence[_Wildcard]) -> int:
    """The most beginnings that some value meets which is the head or a beginning of it."""
    alive = _opened({(one, 0) for one in range(len(wildcards))}, wildcards)
    best = _count(alive, wildcards)
    for character in head:
        moved = set()
        for one, at in alive:
            steps = wildcards[one].steps
            if at and steps[at - 1] is None:
                moved.add((one, at))
            if at < len(steps) and steps[at] == character:
                moved.add((one, at + 1))
        alive = _opened(moved, wildcards)
        best = max(best, _count(alive, wildcards))
    return best


def _opened(alive: set[tuple[int, int]], wildcards: Sequence[_Wildcard]) -> set[tuple[int, int]]:
    """With what a star meets by nothing at all."""
    stars = {
        (one, at + 1)
        for one, at in alive
        if at < len(wildcards[one].steps) and wildcards[one].steps[at] is None
    }
    return alive | stars


def _count(alive: set[tuple[int, int]], wildcards: Sequence[_Wildcard]) -> int:
    return len({wildcards[one].places[at] for one, at in alive if at})


def _beyond_head(head: str, wildcards: Sequence[_Wildcard]) -> int:
    """The most beginnings that a long value meets which begins with the head.

    It can hold every piece of the wildcards whose heads it begins with, so all their stars are
    met for good; what remains is to choose its end.
    """
    chosen = [one for one in wildcards if head.startswith(one.head) and None in one.steps]
    stars = {
        place
        for one in chosen
        for step, place in zip(one.steps, one.places[1:], strict=True)
        if step is None
    }
    return len(stars) + _best_end(chosen)


@dataclass
class _Node:
    """A piece's beginning: how many beginnings of wildcards end with it, and which lists' ends."""

    children: dict[str, _Node] = field(default_factory=dict)
    places: set[tuple[int, int]] = field(default_factory=set)
    count: int = 0
    ends: frozenset[int] = frozenset()
    shorter: _Node | None = None


def _best_end(chosen: Sequence[_Wildcard]) -> int:
    """The most pieces' beginnings that one text ends with, by the links of Aho and Corasick."""
    root = _Node()
    for one in chosen:
        at = root
        for step, place in zip(
            one.steps[len(one.head) :], one.places[len(one.head) + 1 :], strict=True
        ):
            if step is None:
                at = root
            else:
                at = at.children.setdefault(step, _Node())
                at.places.add(place)
    best, queue = 0, deque([root])
    while queue:
        node = queue.popleft()
        for step, child in node.children.items():
            child.shorter = _shorter(node, step, root)
            child.ends = child.shorter.ends | {one for one, at in child.places if at < 0}
            child.count = child.shorter.count + sum(at >= 0 for _, at in child.places)
            best = max(best, child.count + len(child.ends))
            queue.append(child)
    return best


def _shorter(node: _Node, step: str, root: _Node) -> _Node:
    """The node of the longest text that ends the child's and is a piece's beginning too."""
    at = node.shorter
    while at is not None and step not in at.children:
        at = at.shorter
    return at.children[step] if at is not None else root
