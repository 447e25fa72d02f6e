"""`edactl rule test --jobs N`: files judged by several processes.

This process reads the lines and hands them out in batches. It judges itself what needs care: the
first events, which decide whether all have to be read exactly, and batches in which some line is
not just one event, since that event may go on in the next batch.
"""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, NoReturn, TypeVar

from edactl.cli.event_texts import event_id_of
from edactl.cli.opened import batches_of
from edactl.cli.rule_testing import Run
from edactl.ops.processes import Processes, processes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from edactl.core.event_lines import EventLines
    from edactl.core.pattern import RuleSet
    from edactl.errors import InputError

LINES_AT_ONCE = 1024

T = TypeVar("T")
Judged = list[tuple[bytes | str, list[str]]]


class _NotOneEvent(Exception):
    """A line is not just one event."""


@dataclass
class RunInProcesses(Run):
    """The same test, by so many processes."""

    jobs: int = 2

    def count(self, files: list[str], _event: str) -> None:
        """Count the matches."""
        for events, taken, matched in self._sums(files, _counts):
            self.tally.add_counts(events, taken, matched)

    def show(self, files: list[str], _event: str, *, every: bool) -> None:
        """Write a record for each event and rule that match; for all pairs when asked."""
        found = self._sums(files, partial(_with_ids, every=every))
        self.write(chain.from_iterable(found), every=every)

    def _sums(self, files: list[str], sum_up: Callable[[Judged], T]) -> Iterator[T]:
        """What the events come to, batch by batch, in the order of the files."""
        with ExitStack() as stack:
            pool: Processes[T | None] | None = None
            for name, lines in self.files_of(files):
                batches = batches_of(name, self.context.terminal.stdin, LINES_AT_ONCE)
                while pool is None and (batch := next(batches, None)):
                    yield sum_up(list(lines.each_in(batch)))
                    if self.first_look and self.first_look.is_done:
                        work = partial(_judge, self.first_look.settled(), sum_up)
                        pool = stack.enter_context(processes(work, self.jobs))
                if pool:
                    yield from _in_order(pool, batches, lines, sum_up)
                yield sum_up(list(lines.each_at_end()))


def _in_order(
    pool: Processes[T | None],
    batches: Iterable[list[bytes]],
    lines: EventLines,
    sum_up: Callable[[Judged], T],
) -> Iterator[T]:
    for batch, found in pool.results(batches):
        if found is None or not lines.is_between_events:
            yield sum_up(list(lines.each_in(batch)))
        else:
            lines.pass_over(batch)
            yield found


def _judge(rules: RuleSet, sum_up: Callable[[Judged], T], batch: list[bytes]) -> T | None:
    """What a batch comes to; None when some line of it needs care."""
    lines = [one for one in batch if not one.isspace()]
    try:
        names = list(rules.match_lines(lines, invalid=_refuse))
    except _NotOneEvent:
        return None
    return sum_up(list(zip(lines, names, strict=True))) if lines else None


def _refuse(_number: int, _error: InputError) -> NoReturn:
    raise _NotOneEvent


def _counts(judged: Judged) -> tuple[int, int, Counter[str]]:
    names = [one for _, one in judged]
    return len(names), len(names) - names.count([]), Counter(chain.from_iterable(names))


def _with_ids(judged: Judged, *, every: bool) -> list[tuple[list[str], str | None]]:
    return [(names, event_id_of(text) if every or names else None) for text, names in judged]
