"""Whether the fields of an event satisfy a pattern, with array elements kept together.

Source: event-ruler 2.0.1, `StructuredFinder` and `ArrayMembership`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edactl.core.pattern.conditions import Condition
    from edactl.core.pattern.fields import Fields, FieldValue, Places

Choice: TypeAlias = "frozenset[tuple[int, int]]"

MAX_CHOICES = 100_000


@dataclass(frozen=True)
class SubRule:
    """One alternative of a pattern: every field has to hold, in the engine's order of fields."""

    fields: tuple[tuple[str, tuple[Condition, ...]], ...]

    def matches(self, event: Fields) -> bool:
        """Whether values can be chosen for all fields with no array at two elements at once.

        `exists: false` is judged against the elements that the fields before it have chosen.
        Raises InputError for an event made so that over 100,000 choices would have to be tried;
        it takes arrays of arrays under keys that sort between a name and that name with a dot.
        """
        if any(
            path not in event and not any(one.absent for one in conditions)
            for path, conditions in self.fields
        ):
            return False
        later = self._arrays_later(event)
        choices: set[Choice] = {frozenset()}
        for (path, conditions), arrays in zip(self.fields, later, strict=True):
            found: set[Choice] = set()
            values = _Values(event.get(path, ()), conditions)
            for choice in choices:
                for one in values.extensions(dict(choice)):
                    found.add(
                        frozenset((array, at) for array, at in one.items() if array in arrays)
                    )
                if len(found) > MAX_CHOICES:
                    raise InputError(
                        f"the event's arrays can be combined in over {MAX_CHOICES:,} ways at {path}"
                    )
            if not found:
                return False
            choices = found
        return True

    def _arrays_later(self, event: Fields) -> list[set[int]]:
        """For each field, the arrays that fields after it are in: all that a choice need keep."""
        later: list[set[int]] = []
        seen: set[int] = set()
        for path, _ in reversed(self.fields):
            later.append(seen)
            seen = seen.union(*(one.places for one in event.get(path, ())))
        return later[::-1]


class _Values:
    """The values of one field, found by the array elements that they are in."""

    def __init__(self, values: Sequence[FieldValue], conditions: tuple[Condition, ...]) -> None:
        self.places = [one.places for one in values]
        self.held = [one.places for one in values if any(c.holds(one.value) for c in conditions)]
        self.may_be_absent = any(one.absent for one in conditions)

    def extensions(self, chosen: Places) -> list[Places]:
        """What the choice may become when this field is satisfied, too."""
        array = next((one for one in sorted(chosen) if one in self._arrays), None)
        near = self.held if array is None else self._held_at.get((array, chosen[array]), [])
        found = [{**chosen, **one} for one in near if _fit(chosen, one)]
        if self.may_be_absent and not self._is_present(array, chosen):
            found.append(chosen)
        return found

    def _is_present(self, array: int | None, chosen: Places) -> bool:
        """Whether the event has the field in or beside the chosen elements."""
        if array is None:
            return bool(self.places)
        beside = (one for one in self._mixed if array not in one)
        return any(
            _fit(chosen, one) for one in (*self._all_at.get((array, chosen[array]), ()), *beside)
        )

    @cached_property
    def _arrays(self) -> set[int]:
        return {array for one in self.places for array in one}

    @cached_property
    def _mixed(self) -> list[Places]:
        """Those that are not in every array that another is in; only odd events have some.

        Where a field has values inside a chosen array and beside it (by a key that is there twice,
        or has a dot), the engine looks only at those inside, but for `exists: false` at all.
        """
        return [one for one in self.places if len(one) < len(self._arrays)]

    @cached_property
    def _held_at(self) -> dict[tuple[int, int], list[Places]]:
        return _by_element(self.held)

    @cached_property
    def _all_at(self) -> dict[tuple[int, int], list[Places]]:
        return _by_element(self.places)


def _by_element(values: list[Places]) -> dict[tuple[int, int], list[Places]]:
    found: dict[tuple[int, int], list[Places]] = {}
    for one in values:
        for element in one.items():
            found.setdefault(element, []).append(one)
    return found


def _fit(chosen: Places, places: Places) -> bool:
    """Whether no array would be at two elements at once."""
    return all(chosen.get(array, at) == at for array, at in places.items())
