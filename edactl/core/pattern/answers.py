"""Answers that come out of the JSON decoder in place of the strings that they are the answers for.

A field of few strings need not be made into a string and looked up: its strings are the members of
an enum, each of which carries the answer, and the decoder finds the member in the event's bytes.
Any other value is refused, so that whoever decodes has to be ready to do it the usual way.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from msgspec import NODEFAULT, UNSET

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from edactl.core.pattern.leaf_table import LeafTable
    from edactl.core.pattern.path_tree import Node
    from edactl.core.pattern.records import Records

MOST_LISTED = 64
OFTEN = 4  # times a value has to come, on average, so that few new ones are to be expected


class Answer(Enum):
    """A string of a field with the mask of the sub-rules that it leaves."""

    mask: int

    def __new__(cls, text: str, mask: int) -> Self:
        """The member for a string."""
        made = object.__new__(cls)
        made._value_ = text
        made.mask = mask
        return made

    @classmethod
    def absent(cls, mask: int) -> Self:
        """No member: what stands for a field that an event has not."""
        made = object.__new__(cls)
        made.mask = mask
        return made


@dataclass(frozen=True, slots=True)
class Listed:
    """What a field is decoded to, and what it is when absent; `many` when it is an array."""

    wanted: Any
    absent: Any
    many: bool = False


Answers: TypeAlias = "dict[str, Listed]"


def only(text: str) -> Listed:
    """The answers of a field that has to be there and to have this value."""
    return Listed(_made({text: 0}), NODEFAULT)


def answers_in(root: Node, records: Records, sample: Iterable[Any]) -> Answers:
    """By path, the answers for the fields that hold few strings, and nothing else, in the sample.

    The sample is of `records`.
    """
    values: dict[str, list[object]] = {}
    for record in sample:
        _collect(root, records, record, values)
    found: Answers = {}
    for path, table in _leaves(root):
        listed = _listed(table, values.get(path, []))
        if listed:
            found[path] = listed
    return found


def _listed(table: LeafTable, seen: list[Any]) -> Listed | None:
    many = bool(seen) and all(type(one) is list for one in seen)
    flat = [one for each in seen for one in each] if many else seen
    texts = {one: 0 for one in flat if type(one) is str}
    if not texts or len(texts) > min(MOST_LISTED, len(flat) // OFTEN):
        return None
    if any(type(one) is not str for one in flat):
        return None
    made = _made({one: table.answer(one) for one in texts})
    if many:
        return Listed(list[made], (), many=True)  # type: ignore[valid-type]  # made just now
    return Listed(made, made.absent(table.missing))


def _leaves(node: Node) -> Iterator[tuple[str, LeafTable]]:
    for one in node.below.values():
        if one.below:
            yield from _leaves(one)
        else:
            assert one.leaf is not None  # noqa: S101 -- a node without steps below has one
            yield one.path, one.leaf


def _collect(node: Node, records: Records, record: Any, values: dict[str, list[object]]) -> None:  # noqa: ANN401 -- a type made here
    """Add the values of a record's fields."""
    for one in node.below.values():
        value = getattr(record, records.attributes[one.path])
        if one.below:
            made = records.types[one.path]
            for each in value if type(value) is list else (value,):
                if type(each) is made:
                    _collect(one, records, each, values)
        elif value is not UNSET:
            values.setdefault(one.path, []).append(value)


def _made(masks: Mapping[str, int]) -> type[Answer]:
    members = {f"v{number}": one for number, one in enumerate(masks.items())}
    made: type[Answer] = Answer("Answers", members)  # type: ignore[arg-type,assignment]  # makes a type of these
    return made
