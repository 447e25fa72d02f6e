"""What a stream of events uses of a set of rules: rules that fire, and events that none takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_KINDS = 10_000


@dataclass(frozen=True)
class RuleCoverage:
    """How many events a rule matched, and the indexes of the first of them."""

    rule: str
    matched: int
    sample_indexes: tuple[int, ...]


@dataclass(frozen=True)
class SourceCoverage:
    """The events of one source and detail-type; `sample_indexes` are of those that no rule took.

    Both names are null for events without them, and for all kinds beyond the first 10,000.
    """

    source: str | None
    detail_type: str | None
    events: int
    taken: int
    untaken: int
    sample_indexes: tuple[int, ...]


@dataclass(frozen=True)
class CoverageReport:
    """The whole of it; rules that never fired are named once more."""

    events: int
    taken: int
    untaken: int
    never_fired: tuple[str, ...]
    rules: tuple[RuleCoverage, ...]
    sources: tuple[SourceCoverage, ...]

    @property
    def complete(self) -> bool:
        """Whether every rule fired and every event was taken."""
        return not self.never_fired and not self.untaken


@dataclass
class _Count:
    number: int = 0
    taken: int = 0
    indexes: list[int] = field(default_factory=list)


class Coverage:
    """Counts events one by one, in memory bounded by rules and kinds of events.

    `samples` is how many indexes each count keeps.
    """

    def __init__(self, rules: Iterable[str], *, samples: int) -> None:
        self._samples = samples
        self._rules = {name: _Count() for name in rules}
        self._kinds: dict[tuple[str | None, str | None], _Count] = {}

    def add(
        self, index: int, names: Sequence[str], source: str | None, detail_type: str | None
    ) -> None:
        """Count one event: its index, the rules that matched it, and its kind."""
        for name in names:
            self._count(self._rules[name], index)
        kind = (source, detail_type)
        if kind not in self._kinds and len(self._kinds) >= MAX_KINDS:
            kind = (None, None)
        count = self._kinds.setdefault(kind, _Count())
        if names:
            count.number += 1
            count.taken += 1
        else:
            self._count(count, index)

    def _count(self, count: _Count, index: int) -> None:
        count.number += 1
        if len(count.indexes) < self._samples:
            count.indexes.append(index)

    def report(self) -> CoverageReport:
        """What has been counted; rules in their order, sources by untaken events, most first."""
        rules = tuple(
            RuleCoverage(name, one.number, tuple(one.indexes)) for name, one in self._rules.items()
        )
        sources = sorted(
            (_of_kind(*kind, one) for kind, one in self._kinds.items()),
            key=lambda one: (-one.untaken, one.source or "", one.detail_type or ""),
        )
        events, taken = sum(one.events for one in sources), sum(one.taken for one in sources)
        never = tuple(one.rule for one in rules if not one.matched)
        return CoverageReport(events, taken, events - taken, never, rules, tuple(sources))


def _of_kind(source: str | None, detail_type: str | None, one: _Count) -> SourceCoverage:
    untaken = one.number - one.taken
    return SourceCoverage(source, detail_type, one.number, one.taken, untaken, tuple(one.indexes))
