"""Generated code that looks up the answers for one value of a field."""

from __future__ import annotations

from bisect import bisect_right
from textwrap import indent
from typing import TYPE_CHECKING, Any

import msgspec

from edactl.core.pattern import templates
from edactl.core.pattern.address_index import OCTETS
from edactl.core.pattern.value_index import tried

if TYPE_CHECKING:
    from edactl.core.pattern.conditions import Side
    from edactl.core.pattern.leaf_table import LeafTable
    from edactl.core.pattern.value_index import StringIndex

_EXACT_INT = 2**53


class ScalarCode:
    """Code that ands the answers for the value `x` into a mask, and the objects that it names."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {
            "UNSET": msgspec.UNSET,
            "bisect": bisect_right,
            "encode": msgspec.json.encode,
            "number": msgspec.json.Decoder(float).decode,
            "NO_STRING": (TypeError, AttributeError, KeyError),
        }

    def named(self, value: object) -> str:
        """The name by which the code knows an object."""
        name = f"n{len(self.names)}"
        self.names[name] = value
        return name

    def scalar(self, table: LeafTable, mask: str, *, crowded: bool) -> str:
        """The look-up of a scalar, in the memo unless there are too many values for one."""
        if table.listed is not None:
            get, default = self.named(table.listed.get), self.named(table.default)
            return templates.LISTED.format(m=mask, x="x", get=get, default=default)
        if crowded:
            return self._crowded(table, mask)
        parts = {
            "m": mask,
            "x": "x",
            "known": self.named(table.memo.known),
            "look": self.named(table.memo.look),
        }
        if not table.memo.twins:
            known, searched = templates.KNOWN.format(**parts), templates.SEARCHED.format(**parts)
            return templates.TOGETHER.format(m=mask, known=known, searched=searched)
        true, false = (self.named(table.answer(one)) for one in (True, False))
        return templates.WITH_TWINS.format(**parts, true=true, false=false)

    def array(self, table: LeafTable, mask: str, *, flat: bool) -> str:
        """The look-up of an array, in line when its elements are scalars and listed."""
        if table.listed is None or not flat:
            return templates.ARRAY.format(m=mask, array=self.named(table.array))
        return templates.LISTED_ARRAY.format(
            m=mask,
            get=self.named(table.listed.get),
            default=self.named(table.default),
            missing=self.named(table.missing),
        )

    def _crowded(self, table: LeafTable, mask: str) -> str:
        """The look-up of scalars too many to remember: in line where that is few steps."""
        numbers, strings = table.numbers, table.strings
        parts = {"m": mask, "x": "x", "answer": self.named(table.answer)}
        if strings.addresses_only and strings.base == table.others:
            return self._addresses(strings, parts)
        if strings.edges_only and numbers.alike and numbers.of_int(0) == strings.base:
            return templates.CROWDED_EDGES.format(found=self._looked_up(strings), **parts)
        integer = self.named(numbers.of_int(0))
        literal = f"{mask} &= {integer}"
        if not numbers.by_value:
            literal = f"{mask} &= {self.named(numbers.of_literal)}(x)"
            integer = f"{self.named(numbers.of_int)}(x)"
        elif not numbers.alike:
            masks, bounds = self.named(numbers.masks), self.named(numbers.bounds)
            slowly, slowly_int = self.named(numbers.of_literal), self.named(numbers.of_int)
            literal = templates.LITERAL.format(
                m=mask, x="x", masks=masks, bounds=bounds, slowly=slowly
            )
            integer = (
                f"{masks}[bisect({bounds}, x)]"
                f" if -{_EXACT_INT} <= x <= {_EXACT_INT} else {slowly_int}(x)"
            )
        numeric = strings.no_string and not numbers.alike
        template = templates.CROWDED_NUMBERS if numeric else templates.CROWDED
        string = "" if numeric else self._string(table, mask)
        return template.format(string=string, literal=literal, integer=integer, **parts)

    def _addresses(self, strings: StringIndex, parts: dict[str, str]) -> str:
        return templates.CROWDED_ADDRESSES.format(
            base=self.named(strings.base),
            heads=self.named(strings.addresses.heads),
            octets=self.named(OCTETS),
            search=self.named(strings.addresses.mask),
            **parts,
        )

    def _string(self, table: LeafTable, mask: str) -> str:
        strings = table.strings
        if not strings.few_lookups:
            return f"{mask} &= {self.named(strings.mask)}(x)"
        code = self._found(strings, "y")
        if strings.but:
            code += self._found(strings.but, "w")
            code += f"y |= {self.named(strings.butting)} & ~w\n"
        return indent(f"{code}{mask} &= y", "    ").lstrip()

    def _found(self, strings: StringIndex, name: str) -> str:
        """Code that finds the bits for a string by look-ups and a few tests."""
        code = f"{name} = {self._looked_up(strings)}\n"
        for edge, tests in strings.maybe.items():
            code += templates.MAYBE.format(
                name=name, tests=self.named(tests), edge=self._slice(edge), tried=self.named(tried)
            )
        return code

    def _looked_up(self, strings: StringIndex) -> str:
        parts = [self.named(strings.base)]
        if strings.exact:
            parts.append(f"{self.named(strings.exact)}.get(x, 0)")
        mark = strings.tail_mark
        if mark:
            parts.append(f"{self.named(strings.tails)}.get(x[x.rfind({mark!r}):], 0)")
        for edge, marked in strings.edges.items():
            if not (mark and edge[0] == "suffix"):
                parts.append(f"{self.named(marked)}.get(x[{self._slice(edge)}], 0)")
        if strings.refusing:
            refused = self.named(strings.refused)
            parts.append(f"{self.named(strings.refusing)} & ~{refused}.get(x, 0)")
        return " | ".join(parts)

    def _slice(self, edge: tuple[Side, int]) -> str:
        side, length = edge
        return self.named(slice(length) if side == "prefix" else slice(-length, None))
