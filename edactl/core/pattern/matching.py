"""Whether the fields of an event satisfy a pattern, with array elements kept together.

Source: event-ruler 2.0.1, `StructuredFinder` and `ArrayMembership`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edactl.core.pattern.conditions import Condition
    from edactl.core.pattern.fields import Fields, FieldValue, Places

Choice: TypeAlias = "frozenset[tuple[int, int]]"


@dataclass(frozen=True)
class SubRule:
    """One alternative of a pattern: every field has to hold, in the engine's order of fields."""

    fields: tuple[tuple[str, tuple[Condition, ...]], ...]

    def matches(self, event: Fields) -> bool:
        """Whether values can be chosen for all fields with no array at two elements at once.

        `exists: false` is judged against the elements that the fields before it have chosen.
        """
        if any(
            path not in event and not any(one.absent for one in conditions)
            for path, conditions in self.fields
        ):
            return False
        later = self._arrays_later(event)
        choices: set[Choice] = {frozenset()}
        for (path, conditions), arrays in zip(self.fields, later, strict=True):
            values = event.get(path, ())
            choices = {
                frozenset(pair for pair in choice if pair[0] in arrays)
                for choice in _extended(choices, values, conditions)
            }
            if not choices:
                return False
        return True

    def _arrays_later(self, event: Fields) -> list[set[int]]:
        """For each field, the arrays that fields after it are in: all that a choice need keep."""
        later: list[set[int]] = []
        seen: set[int] = set()
        for path, _ in reversed(self.fields):
            later.append(seen)
            seen = seen.union(*(one.places for one in event.get(path, ())))
        return later[::-1]


def _extended(
    choices: set[Choice], values: Sequence[FieldValue], conditions: tuple[Condition, ...]
) -> set[Choice]:
    held = [one.places for one in values if any(c.holds(one.value) for c in conditions)]
    may_be_absent = any(one.absent for one in conditions)
    found: set[Choice] = set()
    for choice in choices:
        chosen = dict(choice)
        found.update(
            frozenset({**chosen, **places}.items()) for places in held if _fit(chosen, places)
        )
        if may_be_absent and not any(_fit(chosen, one.places) for one in values):
            found.add(choice)
    return found


def _fit(chosen: Places, places: Places) -> bool:
    """Whether no array would be at two elements at once."""
    return all(chosen.get(array, at) == at for array, at in places.items())
