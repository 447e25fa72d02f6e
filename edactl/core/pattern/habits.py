"""What the events of a rule set turned out to be like, field by field.

Code is first generated for fields that hold scalars of few different values. Where an event shows
otherwise, the code raises, the habit is noted here, and the code is generated anew.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import Raw

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edactl.core.pattern.path_tree import Node
    from edactl.core.pattern.records import Records


class Habit(Enum):
    """What a field does that the first code cannot take.

    That is: scalars of few values, and objects that are always there.
    """

    OTHER = auto()
    ARRAY = auto()
    NESTED = auto()
    OBJECT = auto()
    CROWDED = auto()


class Unforeseen(Exception):
    """The code was not generated for such a value."""


Habits: TypeAlias = "dict[str, set[Habit]]"


def notice(
    nodes: Iterable[Node],
    records: Records,
    record: Any,  # noqa: ANN401 -- a type made here
    habits: Habits,
) -> set[str]:
    """Note what the fields of this record do; the paths where that is new."""
    new: set[str] = set()
    for one in nodes:
        value = getattr(record, records.attributes[one.path])
        if one.path in records.late and isinstance(value, Raw):
            value = records.late[one.path](value)
        new |= _noticed(one, records, value, habits)
    return new


def _noticed(node: Node, records: Records, value: Any, habits: Habits) -> set[str]:  # noqa: ANN401 -- what the JSON decoder makes
    made = records.types.get(node.path)
    new: set[str] = set()
    if made is None:
        seen = _plain_habits(node, value)
    elif type(value) is made:
        return notice(node.below.values(), records, value, habits)
    elif type(value) is list:
        seen = {Habit.OTHER, Habit.ARRAY}
        new.update(*(_noticed(node, records, one, habits) for one in value))
    else:
        seen = {Habit.OTHER}
    known = habits.setdefault(node.path, set())
    if not seen <= known:
        known |= seen
        new.add(node.path)
    return new


def _plain_habits(node: Node, value: object) -> set[Habit]:
    seen = {Habit.CROWDED} if node.leaf and node.leaf.memo.crowded else set()
    if type(value) is dict:
        seen.add(Habit.OBJECT)
    elif type(value) is list:
        inside = {type(one) for one in value} & {list, dict}
        seen.add(Habit.NESTED if inside else Habit.ARRAY)
    return seen
