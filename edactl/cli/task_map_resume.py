"""The state file of a task map on disk: a new one, or one to go on with."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edactl.cli.journal_file import JournalFile, new_journal
from edactl.cli.state_files import state_directory
from edactl.core.task import Task
from edactl.core.task_map_record import MapTally
from edactl.core.task_map_state import MapState, read_state, refuse_other
from edactl.errors import InputError, UnreadableFile
from edactl.ops.task_map import Unfinished

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edactl.cli.task_map_job import MapOptions, Ready
    from edactl.core.task_map import ItemRun
    from edactl.core.task_map_journal import MapHeader

KIND = "task-map"
_OPTION = "--state"


@dataclass
class Resumed:
    """A state file that is open, and what it says; nothing for a new run."""

    journal: JournalFile
    header: MapHeader
    state: MapState | None = None

    def __contains__(self, index: int) -> bool:
        """Whether an earlier process launched this item, or ended it."""
        if self.state is None:
            return False
        return index in self.state.done or index in self._in_hand

    def __post_init__(self) -> None:
        """Find what is in hand once: it is asked for each item."""
        self._in_hand = self.state.in_hand() if self.state else set()

    def tally(self) -> MapTally:
        """Counts that begin with what has ended already."""
        tally = MapTally(self.header.file.items)
        if self.state is not None:
            tally.outcomes.update(self.state.outcomes)
            tally.cost_usd = sum(one or 0.0 for one in self.state.costs)
            tally.unpriced = sum(one is None for one in self.state.costs)
            tally.launched = self.state.tasks_launched
            tally.possibly_repeated = self.state.possibly_repeated
        return tally

    def unfinished(self, ready: Ready, retries: int) -> Unfinished:
        """What an earlier process left, with the items that it is of."""
        state = self.state
        if state is None:
            return Unfinished()
        runs: dict[int, ItemRun] = {}
        for item in ready.items.each() if self._in_hand else ():
            if item.index in self._in_hand:
                run = runs[item.index] = ready.run_of(item)
                run.retries_used = max(0, min(retries, state.attempts[item.index] - 1))
                if item.index in state.fell_back:
                    run.fall_back()
        calls = list(state.open_calls.values())
        return Unfinished(
            state.calls,
            [(call, [runs[index] for index in call.items]) for call in calls],
            [(runs[index], _unseen(arn)) for index, arn in state.launched.items()],
        )


def _unseen(arn: str) -> Task:
    """A task of which only the ARN is known yet."""
    return Task(arn, "", "", "UNKNOWN")


def state_of(options: MapOptions, ready: Ready, environment: Mapping[str, str]) -> Resumed:
    """The state file of a new run, or the one to resume.

    Raises InputError for one that is none, or of another map; UsageError for one that is in use, or
    that is there already.
    """
    if not options.resume:
        header = ready.header
        path = state_directory(environment, KIND) / f"{header.run_id}.ndjson"
        named = Path(options.state) if options.state else path
        return Resumed(new_journal(named, header, _OPTION), header)
    path = _path(options.resume, environment)
    journal = JournalFile.going_on(path, _OPTION)
    try:
        state = _read(path)
        refuse_other(state.header, ready.header, str(path))
        if path.stat().st_size > state.size_bytes:
            os.truncate(path, state.size_bytes)  # a line that was cut off goes
    except BaseException:
        journal.close()
        raise
    return Resumed(journal, state.header, state)


def _path(name: str, environment: Mapping[str, str]) -> Path:
    """The state file of that name, or of that run id."""
    path = Path(name)
    by_id = state_directory(environment, KIND) / f"{name}.ndjson"
    if not path.exists() and by_id.exists():
        return by_id
    if not path.is_file():
        raise InputError(
            "there is no such state file, and no run of that id",
            where=f"--resume {name}",
            hint=f"ls {by_id.parent}",
        )
    return path


def _read(path: Path) -> MapState:
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            return read_state(file, str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(error, f"--resume {path}") from None
