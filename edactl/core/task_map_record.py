"""What a task map tells: a record for each item that ended, and counts that add up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, get_args

from edactl.core.record import record_of
from edactl.core.task_outcome import Outcome
from edactl.core.task_result import Ended, result_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edactl.core.fargate_prices import Price
    from edactl.core.record import JsonValue
    from edactl.core.task import TaskDefinition
    from edactl.core.task_map import ItemRun
    from edactl.core.task_outcome import Judgement
    from edactl.core.task_result import TaskResult

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
MAX_LISTED_FAILURES = 1000
_NAMED_LINES = 5


@dataclass(frozen=True)
class ItemRecord:
    """One item that has ended: which, and the result of its last task as `task run` gives it."""

    index: int
    line: int
    item: JsonValue
    possibly_repeated: bool
    result: TaskResult

    @property
    def succeeded(self) -> bool:
        """Whether there is nothing left to do for it."""
        return self.result.outcome == "succeeded"

    def as_json(self) -> dict[str, JsonValue]:
        """The record as one flat object."""
        return {
            "index": self.index,
            "line": self.line,
            "item": self.item,
            "possibly_repeated": self.possibly_repeated,
            **record_of(self.result),
        }


def item_record(
    run: ItemRun,
    judgement: Judgement,
    definition: TaskDefinition,
    prices: Mapping[tuple[str, str], Price],
) -> ItemRecord:
    """The record of an item that has ended this way."""
    result = result_of(
        Ended(run.task, judgement, ""),
        definition,
        run.request.cluster,
        attempts=run.attempts,
        prices=prices,
    )
    item = run.item
    return ItemRecord(item.index, item.line, item.value, run.possibly_repeated, result)


@dataclass
class MapTally:
    """Counts of the items: each ends in exactly one outcome, or is left.

    `failures` lists the first thousand that did not succeed. `cost_usd` is of the last task of each
    item whose price is known; `unpriced` counts the others.
    """

    items: int
    outcomes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    launched: int = 0
    cost_usd: float = 0.0
    unpriced: int = 0
    possibly_repeated: int = 0
    failures: list[dict[str, JsonValue]] = field(default_factory=list)

    @property
    def ended(self) -> int:
        """How many items have ended."""
        return sum(self.outcomes.values())

    @property
    def left(self) -> int:
        """How many have not: not launched, or stopped with the whole run."""
        return self.items - self.ended

    @property
    def unsuccessful(self) -> int:
        """How many ended otherwise than well."""
        return self.ended - self.outcomes["succeeded"]

    def count(self, outcome: str, cost_usd: float | None) -> None:
        """Count an item that has ended."""
        self.outcomes[outcome] += 1
        self.cost_usd += cost_usd or 0.0
        self.unpriced += cost_usd is None

    def add(self, record: ItemRecord, *, listed: bool = True) -> None:
        """Count an item that has ended now, and list it if it failed."""
        result = record.result
        self.count(result.outcome or "interrupted", result.cost_usd)
        if listed and not record.succeeded and len(self.failures) < MAX_LISTED_FAILURES:
            self.failures.append(
                {
                    "index": record.index,
                    "line": record.line,
                    "outcome": result.outcome,
                    "exit_code": result.exit_code,
                    "task_arn": result.task_arn,
                    "explanation": result.explanation,
                }
            )

    def reasons(self) -> list[str]:
        """What the listed failures have in common, in a sentence each, the most frequent first."""
        groups: dict[tuple[str, str], list[dict[str, JsonValue]]] = {}
        for one in self.failures:
            key = str(one["outcome"]), str(one["explanation"])
            groups.setdefault(key, []).append(one)
        frequent = sorted(groups.items(), key=lambda group: -len(group[1]))
        return [f"{_which(items)} {outcome}: {why}" for (outcome, why), items in frequent]

    def as_json(self) -> dict[str, JsonValue]:
        """The counts as one object."""
        cost = None if self.unpriced == self.ended and self.ended else round(self.cost_usd, 6)
        return {
            "items": self.items,
            **self.outcomes,
            "left": self.left,
            "tasks_launched": self.launched,
            "possibly_repeated": self.possibly_repeated,
            "cost_usd": cost,
        }


def _which(items: list[dict[str, JsonValue]]) -> str:
    first = items[0]
    if len(items) == 1:
        return f"item {first['index']} (line {first['line']})"
    lines = ", ".join(str(one["line"]) for one in items[:_NAMED_LINES])
    more = ", …" if len(items) > _NAMED_LINES else ""
    return f"{len(items)} items (lines {lines}{more})"
