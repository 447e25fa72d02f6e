"""How far a task map is: a table that is rewritten on a TTY, a line every 30 seconds otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from edactl.ops.task_map import TaskMap
    from edactl.out.progress import Progress

EVERY_SECONDS = 30.0


@dataclass
class MapScreen:
    """Shows the counts; `alone` when nothing else goes to the same screen."""

    progress: Progress
    note: Callable[[str], None]
    clock: Callable[[], float]
    alone: bool
    _started: float = 0.0
    _next_line_at: float = 0.0

    def __post_init__(self) -> None:
        """The first line comes after half a minute."""
        self._started = self.clock()
        self._next_line_at = self._started + EVERY_SECONDS

    def show(self, task_map: TaskMap) -> None:
        """The counts as they are now."""
        if self.alone and self.progress.seen:
            self.progress.show(lambda: self._table(task_map))
        elif self.clock() >= self._next_line_at:
            self._next_line_at = self.clock() + EVERY_SECONDS
            self.note(self._line(task_map))

    def _line(self, task_map: TaskMap) -> str:
        tally = task_map.tally
        return (
            f"{tally.ended} of {tally.items} items ended, {tally.unsuccessful} of them without"
            f" success; {task_map.in_flight} tasks running or starting"
        )

    def _table(self, task_map: TaskMap) -> str:
        tally, watcher = task_map.tally, task_map.watcher
        columns = {
            "items": tally.items,
            "waiting": tally.left - task_map.in_flight,
            "starting": watcher.pending,
            "running": task_map.in_flight - watcher.pending,
        }
        seen = ("succeeded", "failed")  # the others only when there are some: 80 columns are few
        columns |= {name: count for name, count in tally.outcomes.items() if count or name in seen}
        widths = [max(len(name), len(str(count))) for name, count in columns.items()]
        head = "  ".join(f"{name:>{width}}" for name, width in zip(columns, widths, strict=True))
        row = "  ".join(
            f"{count:>{width}}" for count, width in zip(columns.values(), widths, strict=True)
        )
        return f"{head}\n{row}\n{self._pace(task_map)}"

    def _pace(self, task_map: TaskMap) -> str:
        seconds = max(self.clock() - self._started, 0.001)
        launched = task_map.answers.launched  # by this process
        return (
            f"{launched} launched in {seconds:.0f} s, {launched / seconds:.1f}/s;"
            f" {task_map.tally.cost_usd:.4f} USD so far; Ctrl-C stops"
        )
