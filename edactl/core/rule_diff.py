"""Which verdicts change between two versions of a set of rules, event by event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from edactl.core.pattern import Pattern, RuleSet

Side: TypeAlias = Literal["old", "new"]


@dataclass(frozen=True)
class VerdictChange:
    """One event on which a rule's verdict is another now; null is no such rule on that side.

    `only_in` names the side that alone has the rule. A record without event says just that.
    """

    event_index: int | None
    event_id: str | None
    rule: str
    before: bool | None
    after: bool | None
    only_in: Side | None = None


@dataclass(frozen=True)
class RuleChange:
    """One rule's matches on both sides, and how many events came and went."""

    rule: str
    before: int | None
    after: int | None
    gained: int
    lost: int
    only_in: Side | None


@dataclass
class _Tally:
    before: int = 0
    after: int = 0
    gained: int = 0
    lost: int = 0


class RuleDiff:
    """Two versions of rules side by side; memory does not grow with the events.

    Only rules that differ are matched on both sides. Those alike are matched, once, only when all
    are to be counted. `rule_set` makes a set of patterns ready to match.
    """

    def __init__(
        self,
        old: Mapping[str, Pattern],
        new: Mapping[str, Pattern],
        rule_set: Callable[[Mapping[str, Pattern]], RuleSet],
        *,
        count_all: bool = False,
    ) -> None:
        self._only_in: dict[str, Side | None] = {
            name: None if name in new else "old" for name in old
        } | {name: "new" for name in new if name not in old}
        self._tallies = {name: _Tally() for name in self._only_in}
        alike = {name: one for name, one in old.items() if name in new and _same(one, new[name])}
        self._old = rule_set({name: one for name, one in old.items() if name not in alike})
        self._new = rule_set({name: one for name, one in new.items() if name not in alike})
        # some set has to read the events, if only to find those that are none
        idle = not (self._old.patterns or self._new.patterns)
        self._alike = rule_set(alike if count_all or idle else {})
        self.events = 0
        self.changed_events = 0

    def one_sided(self) -> list[VerdictChange]:
        """A record without event for each rule that only one side has."""
        return [
            VerdictChange(None, None, name, None, None, side)
            for name, side in self._only_in.items()
            if side
        ]

    def changes(self, text: bytes | str) -> list[VerdictChange]:
        """What changes for one event, in the order of the rules; index and id are the caller's.

        Raises InputError for an event that is no JSON object.
        """
        before, after = _names(self._old, text), _names(self._new, text)
        for name in _names(self._alike, text):
            self._tallies[name].before += 1
            self._tallies[name].after += 1
        self.events += 1
        for name in before:
            self._tallies[name].before += 1
            self._tallies[name].lost += name not in after
        for name in after:
            self._tallies[name].after += 1
            self._tallies[name].gained += name not in before
        if before == after:
            return []
        self.changed_events += 1
        return [
            VerdictChange(
                None,
                None,
                name,
                None if side == "new" else name in before,
                None if side == "old" else name in after,
                side,
            )
            for name, side in self._only_in.items()
            if (name in before) != (name in after)
        ]

    def by_rule(self) -> list[RuleChange]:
        """A record for each rule of either side."""
        return [
            RuleChange(
                name,
                tally.before if self._only_in[name] != "new" else None,
                tally.after if self._only_in[name] != "old" else None,
                tally.gained,
                tally.lost,
                self._only_in[name],
            )
            for name, tally in self._tallies.items()
        ]


def _same(one: Pattern, other: Pattern) -> bool:
    """Whether two patterns are one text, for the same records."""
    about = [(type(each), each.text, getattr(each, "dialect", None)) for each in (one, other)]
    return about[0] == about[1]


def _names(rules: RuleSet, text: bytes | str) -> set[str]:
    return set(rules.match_line(text)) if rules.patterns else set()
