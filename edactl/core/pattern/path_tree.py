"""The paths of a rule set as a tree, with the table of a field at each that some rule asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edactl.core.pattern.leaf_table import LeafTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edactl.core.pattern.conditions import Condition
    from edactl.core.pattern.matching import SubRule


@dataclass
class Node:
    """One step of the paths: its own table when a rule asks for it, and the steps below it.

    `missing` is what its absence leaves, `absent` the sub-rules that ask for absence here or below.
    """

    leaf: LeafTable | None = None
    below: dict[str, Node] = field(default_factory=dict)
    missing: int = -1
    absent: int = 0

    @property
    def fields(self) -> int:
        """How many fields are asked for here and below."""
        return (self.leaf is not None) + sum(one.fields for one in self.below.values())

    @property
    def asking(self) -> int:
        """The sub-rules that ask for something here or below."""
        found = self.leaf.asking if self.leaf else 0
        for one in self.below.values():
            found |= one.asking
        return found


def _summed_up(node: Node) -> Node:
    node.missing = node.leaf.missing if node.leaf else -1
    for one in node.below.values():
        node.missing &= one.missing
        node.absent |= one.absent
    return node


def tree_of(sub_rules: Mapping[int, SubRule], full: int, unset: object) -> Node:
    """The tree of all paths; `unset` is what the decoder gives for an absent field."""
    asked: dict[str, list[tuple[int, tuple[Condition, ...]]]] = {}
    for place, rule in sub_rules.items():
        for path, conditions in rule.fields:
            asked.setdefault(path, []).append((1 << place, conditions))
    root = Node()
    for path, by_bit in asked.items():
        node = root
        for step in path.split("."):
            node = node.below.setdefault(step, Node())
        node.leaf = LeafTable(full, by_bit, unset)
        for bit, conditions in by_bit:
            if any(one.absent for one in conditions):
                node.absent |= bit
    _sum_up_all(root)
    return root


def _sum_up_all(node: Node) -> None:
    for one in node.below.values():
        _sum_up_all(one)
    _summed_up(node)
