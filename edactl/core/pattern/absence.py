"""Why an event has no value at a path: a misspelt key, or an object where a leaf is wanted."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from edactl.core.pattern.fields import Members

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ALIKE = 0.75


def absence_in_words(event: Members, path: str) -> str:
    """What the event has instead of a value at this path.

    Keys that have a dot in them are not followed.
    """
    objects: list[Any] = [event]
    values: list[Any] = []
    steps: list[str] = []
    for step in path.split("."):
        values = [value for one in objects for key, value in _members(one) if key == step]
        if not values:
            return f"the event has no such field{_near(objects, steps, step)}"
        steps.append(step)
        objects = [one for value in values for one in _elements(value) if _is_object(one)]
    if any(len(one) for one in objects):
        return "the event has an object there, and a pattern looks at its fields"
    kind = "object" if objects else "array"
    return f"the event has an empty {kind} there, which counts as no value"


def _near(objects: Iterable[Any], steps: list[str], wanted: str) -> str:
    names = list(dict.fromkeys(str(key) for one in objects for key, _ in _members(one)))
    if steps and not names:
        return f": {'.'.join(steps)} is no object"
    same = [name for name in names if name.casefold() == wanted.casefold()]
    for near in same or get_close_matches(wanted, names, n=1, cutoff=ALIKE):
        return f"; is {'.'.join((*steps, near))} meant?"
    return ""


def _is_object(value: object) -> bool:
    return isinstance(value, Members | dict)


def _members(one: Members | dict[str, Any]) -> Iterable[tuple[str, Any]]:
    return one if isinstance(one, Members) else one.items()


def _elements(value: object) -> Iterator[Any]:
    """The value, or the elements of an array at any depth of arrays."""
    todo: list[Any] = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, list | tuple) and not isinstance(one, Members):
            todo += reversed(one)
        else:
            yield one
