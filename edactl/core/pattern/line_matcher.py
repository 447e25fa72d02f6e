"""A rule set as generated code: one decode of the wanted fields, one look-up a field.

The union of all rules' paths becomes one record type, so that the JSON decoder skips the rest of an
event without building it. A function is generated that walks the record and ands the answers of the
fields' tables; in an array of objects it ors the answers of the elements, which is what keeps array
elements together. What it cannot decide exactly raises Undecided, or is marked in `doubtful`.
"""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING, Any, Union

import msgspec

from edactl.core.pattern import templates
from edactl.core.pattern.leaf_table import Undecided

if TYPE_CHECKING:
    from collections.abc import Callable

    from edactl.core.pattern.leaf_table import LeafTable
    from edactl.core.pattern.path_tree import Node

LISTS_DEEP = 3
_FIRST, _SECOND, _LAST = range(3)
_MOST_ASK = 0.6


class Plan:
    """A record type and the function that gives the bits which one record leaves.

    `deferred` names a step at the root that is kept as text, to be decoded by a plan of its own.
    """

    def __init__(self, root: Node, doubtful: list[int], deferred: str | None = None) -> None:
        self._names: dict[str, Any] = {
            "Undecided": Undecided,
            "UNSET": msgspec.UNSET,
            "doubtful": doubtful,
        }
        self._full = root.asking
        self._code: list[str] = []
        record = self._walker(root, "walk", deferred)
        exec(compile("".join(self._code), "<rules>", "exec"), self._names)  # noqa: S102 -- our own
        self.run: Callable[[Any, int], int] = self._names["walk"]
        self.decode = msgspec.json.Decoder(record, float_hook=str.encode).decode

    def _named(self, value: object) -> str:
        name = f"n{len(self._names)}"
        self._names[name] = value
        return name

    def _walker(self, node: Node, name: str, deferred: str | None = None) -> Any:  # noqa: ANN401 -- a class made here
        """Write the function `name(v, m)` for a record of this node; the record's type."""
        record, code = self._record(node, "v", deferred)
        self._code.append(f"def {name}(v, m):\n{indent(code, '    ')}    return m\n")
        return record

    def _record(self, node: Node, variable: str, deferred: str | None = None) -> tuple[Any, str]:
        """The record type of a node, and the code that looks at such a record's fields."""
        code: list[tuple[int, str]] = []
        fields, rename = [], {}
        for place, (step, one) in enumerate(node.below.items()):
            member = f"f{place}"
            rename[member] = step
            wanted: Any = Any
            if step == deferred:
                wanted = msgspec.Raw
            elif one.below:
                wanted, lines = self._below(one, variable, member)
                code.append((_LAST, lines))
            else:
                code.append(self._leaf(one.leaf, variable, member))
            fields.append((member, wanted, msgspec.UNSET))
        body = "".join(lines for _, lines in sorted(code, key=lambda one: one[0]))
        return msgspec.defstruct("Record", fields, rename=rename, gc=False), body

    def _leaf(self, table: LeafTable | None, variable: str, member: str) -> tuple[int, str]:
        """What to look up, and how early: cheap fields first, since they spare the others."""
        assert table is not None  # noqa: S101 -- a node without steps below has one
        code = templates.FIELD.format(
            record=variable,
            member=member,
            string=self._string(table),
            literal=self._named(table.numbers.of_literal),
            integer=self._named(table.numbers.of_int),
            array=self._named(table.array),
            other=self._named(table.other),
        )
        if table.exact_only:
            return _FIRST, code
        return _SECOND, self._guarded(code, table.asking)

    def _guarded(self, code: str, asking: int) -> str:
        return templates.GUARDED.format(asking=self._named(asking), code=indent(code, "    "))

    def _string(self, table: LeafTable) -> str:
        """The look-up of a string: in line where that is few steps, remembered where it is many."""
        strings, base = table.strings, self._named(table.base)
        if table.exact_only:
            return f"m &= {self._named(table.known)}.get(x, {base})"
        if strings.addresses_only:
            return f"m &= {base} | {self._named(strings.addresses.mask)}(x)"
        if not strings.few_lookups:
            known, search = self._named(table.known), self._named(table.string)
            return f"y = {known}.get(x); m &= {search}(x) if y is None else y"
        parts = [base]
        if strings.exact:
            parts.append(f"{self._named(strings.exact)}.get(x, 0)")
        for (side, length), marked in strings.edges.items():
            edge = f"x[:{length}]" if side == "prefix" else f"x[-{length}:]"
            parts.append(f"{self._named(marked)}.get({edge}, 0)")
        if strings.refusing:
            refused = self._named(strings.refused)
            parts.append(f"{self._named(strings.refusing)} & ~{refused}.get(x, 0)")
        return f"m &= {' | '.join(parts)}"

    def _below(self, node: Node, variable: str, member: str) -> tuple[Any, str]:
        """The type of a field with steps below, and the code that looks at such a field.

        A field that only some of the sub-rules ask for is kept as text, and decoded when one of
        them is left.
        """
        inner = "v" + self._named(None)
        record, code = self._record(node, inner)
        wanted = _any_shape(record)
        late = node.asking.bit_count() < _MOST_ASK * self._full.bit_count()
        parts = {
            "inner": inner,
            "record": variable,
            "member": member,
            "type": self._named(record),
            "own_missing": self._named(node.leaf.missing if node.leaf else -1),
            "code": indent(code, "    " * (1 + late)),
            "shape": self._shape(node, record, inner, code),
        }
        if not late:
            return wanted, self._guarded(templates.BELOW.format(**parts), node.asking)
        decoder = msgspec.json.Decoder(wanted, float_hook=str.encode)
        parts |= {
            "missing": self._named(node.missing),
            "decode": self._named(decoder.decode),
        }
        return msgspec.Raw, self._guarded(templates.LATE.format(**parts), node.asking)

    def _shape(self, node: Node, record: type, variable: str, code: str) -> str:
        """The name of a function for such a field when it is no plain object."""
        walk, shape, many = (self._named(None) for _ in range(3))
        self._code.append(f"def {walk}({variable}, m):\n{indent(code, '    ')}    return m\n")
        below = -1
        for one in node.below.values():
            below &= one.missing
        doubt = templates.DOUBT.format(absent=self._named(node.absent)) if node.absent else ""
        self._code.append(
            templates.SHAPE.format(
                shape=shape,
                many=many,
                walk=walk,
                record=self._named(record),
                own=self._named(_own_values(node.leaf, record)),
                below_missing=self._named(below),
                doubt=doubt,
                early="" if doubt else templates.EARLY,
            )
        )
        return shape


def _own_values(table: LeafTable | None, record: type) -> Callable[[Any], int]:
    """What the field itself leaves when it is no object but may be asked for as a value."""
    if table is None:
        return lambda _value: -1

    def own(value: Any) -> int:  # noqa: ANN401 -- what the JSON decoder makes
        if type(value) is int:  # decoded without its text, as a float is
            raise Undecided
        return table.string(value) if type(value) is str else table.other(_bare(value, record))

    return own


def _bare(value: Any, record: type) -> Any:  # noqa: ANN401 -- what the JSON decoder makes
    """The same without the objects in it."""
    if type(value) is not list:
        return value
    return [_bare(one, record) for one in value if type(one) is not record]


def _any_shape(record: Any) -> Any:  # noqa: ANN401 -- a type made here
    """A type that takes the record, lists of it, and every other JSON value."""
    inner: Any = Any
    for _ in range(LISTS_DEEP):
        inner = Union[record, list[inner], str, int, float, bool, None]  # noqa: UP007 -- of a variable
    return inner
