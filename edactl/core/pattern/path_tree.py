"""The paths of a rule set as a tree, with the table of a field at each that some rule asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edactl.core.pattern.leaf_table import LeafTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edactl.core.pattern.conditions import Condition
    from edactl.core.pattern.matching import SubRule
    from edactl.core.pattern.memo import Budget


@dataclass
class Node:
    """One step of the paths: its own table when a rule asks for it, and the steps below it.

    `missing` is what its absence leaves, `absent` the sub-rules that ask for absence here or below,
    `asking` those that ask for anything here or below.
    """

    path: str = ""
    leaf: LeafTable | None = None
    below: dict[str, Node] = field(default_factory=dict)
    missing: int = -1
    absent: int = 0
    asking: int = 0

    @property
    def missing_below(self) -> int:
        """What is left when there is no object here."""
        found = -1
        for one in self.below.values():
            found &= one.missing
        return found

    @property
    def fields(self) -> int:
        """How many fields are asked for here and below."""
        return (self.leaf is not None) + sum(one.fields for one in self.below.values())

    def step_below(self, step: str) -> Node:
        """The node one step down, made when there is none."""
        found = self.below.get(step)
        if found is None:
            path = f"{self.path}.{step}" if self.path else step
            found = self.below[step] = Node(path)
        return found

    def sum_up(self) -> None:
        """Work out `missing`, `absent` and `asking` from the tables here and below."""
        if self.leaf:
            self.missing, self.absent = self.leaf.missing, self.leaf.absent
            self.asking = self.leaf.asking
        for one in self.below.values():
            one.sum_up()
            self.missing &= one.missing
            self.absent |= one.absent
            self.asking |= one.asking


def tree_of(sub_rules: Mapping[int, SubRule], budget: Budget) -> Node:
    """The tree of all paths of these sub-rules, each of which owns the bit of its place."""
    full = sum(1 << place for place in sub_rules)
    asked: dict[str, list[tuple[int, tuple[Condition, ...]]]] = {}
    for place, rule in sub_rules.items():
        bit = 1 << place  # one int for all fields: with 10,000 rules it has 1,250 bytes
        for path, conditions in rule.fields:
            asked.setdefault(path, []).append((bit, conditions))
    root = Node()
    for path, by_bit in asked.items():
        node = root
        for step in path.split("."):
            node = node.step_below(step)
        node.leaf = LeafTable(full, by_bit, budget)
    root.sum_up()
    return root
