"""Generated code that walks a record and ands the answers of its fields.

In an array of objects it ors the answers of the elements, which is what keeps array elements
together. What it cannot decide exactly raises Undecided, or is marked in `doubtful`; what it was
not generated for raises TypeError or Unforeseen, see `habits`.
"""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING, Any

from edactl.core.pattern import templates
from edactl.core.pattern.habits import Habit, Unforeseen
from edactl.core.pattern.leaf_table import Undecided
from edactl.core.pattern.scalar_code import ScalarCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from edactl.core.pattern.habits import Habits
    from edactl.core.pattern.leaf_table import LeafTable
    from edactl.core.pattern.path_tree import Node
    from edactl.core.pattern.records import Records

_WORTH_A_TEST = 4
_LAST = 3


class WalkCode(ScalarCode):
    """Code for the fields of records, and the objects that it names.

    `full` is the mask of all its sub-rules; `doubtful` has those that it cannot decide.
    """

    def __init__(
        self, records: Records, habits: Habits, full: int, doubtful: list[int] | None = None
    ) -> None:
        self.records = records
        self._habits = habits
        self._full = full
        self.doubtful = [0] if doubtful is None else doubtful
        super().__init__()
        self.names |= {"Undecided": Undecided, "Unforeseen": Unforeseen, "doubtful": self.doubtful}

    def made(self, code: str, name: str) -> Callable[..., Any]:
        """The function of that name in this code."""
        exec(compile(code, "<rules>", "exec"), self.names)  # noqa: S102 -- our own
        found: Callable[..., Any] = self.names[name]
        return found

    def fields(self, nodes: list[Node], record: str, mask: str, fail: str) -> str:
        """Code that looks at these fields of a record, the cheap ones first: they spare others."""
        plain = [one for one in nodes if self.is_plain(one)]
        pieces = [(0, self._together(plain, record, mask), True)] if plain else []
        for node in nodes:
            if node not in plain:
                structured = node.path in self.records.types
                write = self._below if structured else self._leaf
                cost, code = write(node, record, mask, fail)
                guarded = self._guarded(node, mask, code) if cost > 1 else code
                pieces.append((cost, guarded, guarded == code))
        end = templates.FAIL.format(m=mask, fail=fail) if fail else ""
        code = ""
        for _, piece, needs_bits in sorted(pieces, key=lambda one: one[0]):
            # what is guarded is skipped by itself once the mask has become 0
            code += end + piece if code and needs_bits else piece
        return code

    def is_plain(self, node: Node) -> bool:
        """Whether the field holds scalars of few values, as far as is known."""
        if node.path in self.records.answers:
            return not self.records.answers[node.path].many
        habits, table = self._habits.get(node.path), node.leaf
        structured = node.path in self.records.types
        return not (structured or habits or table is None or table.memo.twins)

    def _together(self, nodes: list[Node], record: str, mask: str) -> str:
        answers: list[str] = []
        known, searched = [], []
        for node in nodes:
            assert node.leaf is not None  # noqa: S101 -- a plain node has one
            memo, x = node.leaf.memo, f"{record}.{self.records.attributes[node.path]}"
            if node.path in self.records.answers:
                answers.append(f"{x}.mask")
                continue
            known.append(templates.KNOWN.format(known=self.named(memo.known), x=x))
            searched.append(templates.SEARCHED.format(look=self.named(memo.look), x=x))
        code = templates.ANSWERS.format(m=mask, answers=" & ".join(answers)) if answers else ""
        if known:
            code += templates.TOGETHER.format(
                m=mask, known=" & ".join(known), searched=" & ".join(searched)
            )
        return code

    def begun(self, code: str, start: int) -> str:
        """The code, beginning with the mask `start`."""
        return f"m = {self.named(start)}\n{code}"

    def _guarded(self, node: Node, mask: str, code: str) -> str:
        """The code, skipped when no sub-rule that is left asks for this field."""
        if node.asking.bit_count() > _WORTH_A_TEST or node.asking == self._full:
            return code
        asking = self.named(node.asking)
        return templates.GUARDED.format(m=mask, asking=asking, code=indent(code, "    "))

    def _leaf(self, node: Node, record: str, mask: str, _fail: str) -> tuple[int, str]:
        table = node.leaf
        assert table is not None  # noqa: S101 -- a node without steps below has one
        habits = self._habits.get(node.path, set())
        place = f"{record}.{self.records.attributes[node.path]}"
        if node.path in self.records.answers:
            missing = self.named(table.missing)
            return _LAST - 1, templates.MANY_ANSWERS.format(x=place, m=mask, missing=missing)
        cost = 1 + len(habits) + (table.listed is None)
        scalar = self.scalar(table, mask, crowded=Habit.CROWDED in habits)
        if habits <= {Habit.CROWDED}:
            return cost, f"x = {place}\n{scalar}"
        return cost, templates.MAYBE_ARRAY.format(
            x=place,
            m=mask,
            missing=self.named(table.missing),
            array=self.array(table, mask, flat=Habit.NESTED not in habits),
            scalar=indent(scalar, "    "),
        )

    def _below(self, node: Node, record: str, mask: str, fail: str) -> tuple[int, str]:
        """Code for a field that may be an object, and functions for its other shapes."""
        x = f"{record}.{self.records.attributes[node.path]}"
        if node.path in self.records.late:
            x = templates.LATE.format(x=x, decode=self.named(self.records.late[node.path]))
        inner, each = (f"{one}{len(self.names)}" for one in "vm")
        parts = {
            "inner": inner,
            "x": x,
            "m": mask,
            "type": self.named(self.records.types[node.path]),
            "missing": self.named(node.missing),
            "shape": self._shape(node),
        }
        cost = _LAST + len(node.below)
        if node.leaf is None and Habit.ARRAY in self._habits.get(node.path, ()):
            return cost + _LAST, self._objects(node, parts, each)
        code = self.fields(list(node.below.values()), inner, mask, fail)
        if node.leaf is None and Habit.OTHER not in self._habits.get(node.path, ()):
            return cost, templates.BELOW.format(code=code, **parts)
        if node.leaf:
            code = templates.OWN.format(m=mask, own_missing=self.named(node.leaf.missing)) + code
        array = "" if node.leaf else templates.NEW_ARRAY.format(**parts)
        return cost, templates.BELOW_AT_TIMES.format(
            code=indent(code or "pass", "    "), array=array, **parts
        )

    def _objects(self, node: Node, parts: dict[str, str], each: str) -> str:
        """Code for a field that is known to be an array of objects at times."""
        element, total = f"one{each}", f"total{each}"
        code = self.fields(list(node.below.values()), element, each, "continue")
        doubt = self._doubt(node, parts["m"], total)
        early = templates.EARLY_OBJECTS.format(total=total, m=parts["m"])
        return templates.OBJECTS.format(
            element=element,
            total=total,
            each=each,
            code=indent(code, "        "),
            early="" if doubt else early,
            doubt=indent(doubt, "            "),
            missing_below=self.named(node.missing_below),
            **parts,
        )

    def _doubt(self, node: Node, mask: str, total: str) -> str:
        """Absence inside an array is left to the exact matcher."""
        if not node.absent:
            return ""
        return templates.DOUBT.format(m=mask, total=total, absent=self.named(node.absent))

    def _shape(self, node: Node) -> str:
        """The name of a function for such a field when it is no plain object.

        It is written when it is first called: most never are, and to compile them takes longer than
        to judge thousands of events.
        """
        written: list[Callable[[Any, int], int]] = []

        def shape(value: Any, mask: int) -> int:  # noqa: ANN401 -- what the JSON decoder makes
            if not written:
                code = WalkCode(self.records, self._habits, self._full, self.doubtful)
                written.append(code._made_shape(node))
            return written[0](value, mask)

        return self.named(shape)

    def _made_shape(self, node: Node) -> Callable[[Any, int], int]:
        record = self.records.types[node.path]
        code = self.fields(list(node.below.values()), "one", "n", "continue")
        own = self.named(_own_values(node.leaf, record)) if node.leaf else ""
        doubt = self._doubt(node, "m", "total")
        text = templates.SHAPE.format(
            type=self.named(record),
            own=templates.OWN_VALUES.format(own=own) if own else "",
            missing_below=self.named(node.missing_below),
            code=indent(code, " " * 12),
            doubt=indent(doubt, "    "),
            early="" if doubt else templates.EARLY,
        )
        return self.made(text, "shape")


def _own_values(table: LeafTable, record: type) -> Callable[[Any], int]:
    """What the field itself leaves when it is no object but may be asked for as a value."""

    def own(value: Any) -> int:  # noqa: ANN401 -- what the JSON decoder makes
        if type(value) is int:  # decoded without its text, as a float is
            raise Undecided
        return table.answer(_bare(value, record))

    return own


def _bare(value: Any, record: type) -> Any:  # noqa: ANN401 -- what the JSON decoder makes
    """The same without the objects in it."""
    if type(value) is not list:
        return value
    return [_bare(one, record) for one in value if type(one) is not record]
