"""Record types for the fields of a rule set: what the JSON decoder makes of an event.

The union of the paths becomes a tree of record types, so that the decoder skips the rest of an
event without building it. Numbers with point or exponent come as the bytes that were written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Union

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

    from edactl.core.pattern.answers import Answers
    from edactl.core.pattern.path_tree import Node

LISTS_DEEP = 3


@dataclass
class Records:
    """By path: the record's attribute for a field, and the type of a record that is at it.

    `late` has the decoders of the fields that are kept as text until they are looked at, `answers`
    the fields that are decoded to their answers.
    """

    attributes: dict[str, str] = field(default_factory=dict)
    types: dict[str, type] = field(default_factory=dict)
    late: dict[str, Callable[[Any], Any]] = field(default_factory=dict)
    answers: Answers = field(default_factory=dict)

    def decoder(self) -> Callable[[Any], Any]:
        """From the text of an event to its record. Raises what msgspec raises."""
        return _decoder(self.types[""])

    def with_own_below(self, own: Records, path: str) -> Records:
        """The same, but for the late field at a path and what is below it: there they are `own`."""
        start = f"{path}."
        below = {one: name for one, name in own.attributes.items() if one.startswith(start)}
        types = {
            one: made for one, made in own.types.items() if one == path or one.startswith(start)
        }
        return Records(self.attributes | below, self.types | types, self.late | own.late)


def records_of(
    root: Node,
    kept_as_text: str | None = None,
    answers: Answers | None = None,
) -> Records:
    """The records of a tree; the field at the path `kept_as_text` is decoded later."""
    found = Records(answers=answers or {})
    _add(root, found, kept_as_text)
    return found


def _add(node: Node, found: Records, late: str | None) -> type:
    fields, rename = [], {}
    for place, (step, one) in enumerate(node.below.items()):
        attribute = found.attributes[one.path] = f"f{place}"
        rename[attribute] = step
        wanted: Any = Any
        if one.below:
            wanted = _any_shape(_add(one, found, late))
        if one.path == late:
            found.late[one.path] = _decoder(wanted)
            wanted = msgspec.Raw
        listed = found.answers.get(one.path)
        fields.append(
            (attribute, listed.wanted, listed.absent)
            if listed
            else (attribute, wanted, msgspec.UNSET)
        )
    made = msgspec.defstruct("Record", fields, rename=rename, gc=False, kw_only=True)
    found.types[node.path] = made
    return made


def _decoder(wanted: Any) -> Callable[[Any], Any]:  # noqa: ANN401 -- a type made here
    return msgspec.json.Decoder(wanted, float_hook=str.encode).decode


def _any_shape(record: Any) -> Any:  # noqa: ANN401 -- a type made here
    """A type that takes the record, lists of it, and every other JSON value."""
    inner: Any = Any
    for _ in range(LISTS_DEEP):
        inner = Union[record, list[inner], str, int, float, bool, None]  # noqa: UP007 -- of a variable
    return inner
