"""A rule set's fast path: a first look at an event, code for the rules that are left, a way back.

The first look is at the fields at the top of an event that hold plain values. For the rules that it
leaves there is code of their own. An event that this code cannot decide goes to the exact matcher.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, islice
from textwrap import indent
from typing import TYPE_CHECKING, Any

import msgspec

from edactl.core.pattern import templates
from edactl.core.pattern.bad_line import tell
from edactl.core.pattern.guesses import Guesses, Misled, forget
from edactl.core.pattern.habits import Unforeseen, notice
from edactl.core.pattern.leaf_table import Undecided
from edactl.core.pattern.memo import Budget
from edactl.core.pattern.plain import is_odd
from edactl.core.pattern.records import records_of
from edactl.core.pattern.second_decodes import SAMPLED, SecondDecodes, worth_text
from edactl.core.pattern.stage import Doubt, Member, Stage
from edactl.core.pattern.walk_code import WalkCode
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from edactl.core.pattern.bad_line import Invalid
    from edactl.core.pattern.habits import Habits
    from edactl.core.pattern.records import Records
    from edactl.core.pattern.stage import Walk

    Exact = Callable[[bytes | str, Iterable[int] | None], list[str]]

NEW_HABIT = (TypeError, AttributeError, Unforeseen)
NOT_DECIDED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, Undecided)
REDO = (*NEW_HABIT, *NOT_DECIDED, Doubt, Misled)
SEEN_BEFORE_STAGE = 16
MOST_STAGES = 256
MOST_MASKS = 1000
MOST_VALUES = 4096


@dataclass
class Progress:
    """How many lines have been read, and whether that was all."""

    number: int = 0
    done: bool = False


class FastPath:
    """Gives the names of the rules that match a line.

    `exact(line, numbers)` has the exact matcher judge those members; None is all of them.
    """

    def __init__(self, members: Iterable[Member], exact: Exact) -> None:
        self._exact = exact
        self._budget = Budget()
        self._habits: Habits = {}
        self._members = {number: _walkable(one) for number, one in enumerate(members)}
        self._all = Stage(self._members, self._budget)
        tops = self._all.root.below
        self._first_steps = {step: one for step, one in tops.items() if not one.below}
        self._first = list(self._first_steps.values())
        self._rest = [one for one in tops.values() if one.below]
        self._text = worth_text(self._rest) if self._first else None
        self._unsettled = self._text is not None
        self._seconds = SecondDecodes(self._members, self._all.numbers)
        self._by_values: dict[tuple[Any, ...], Callable[..., list[str]]] = {}
        self._guesses = Guesses()
        self.version = 0
        self._start()

    def _start(self) -> None:
        """Begin with no stage but the one of all members."""
        self._records = records_of(self._all.root, self._text)
        self._stages: dict[int, Stage] = {}
        self._walks: dict[int, Walk] = {}
        self._write_whole()
        self._write_first()

    def _write_whole(self) -> None:
        self._whole = self._all.walk(self._rest, self._records, self._habits, None)
        self._walks[self._all.full] = self._whole

    def _write_first(self) -> None:
        """Generate the first look anew."""
        self.version += 1
        self._forget_values()
        code = WalkCode(self._records, self._habits, self._all.full)
        head = code.begun(code.fields(self._first, "v", "m", ""), self._all.full)
        values = "".join(f"v.{self._records.attributes[one.path]}, " for one in self._first)
        self._decode = self._records.decoder()
        code.names |= {
            "decode": self._decode,
            "walk": self._walks.get,
            "begin": self._begin,
            "by_values": self._by_values.get,
            "meet": self._meet,
            "guesses": self._guesses.known,
            "window": self._guesses.window,
            "meet_line": self._meet_line,
            "unlisted": self._unlisted,
            "ValidationError": msgspec.ValidationError,
            "again": self._again,
            "otherwise": self._otherwise,
            "path": self,
            "REDO": REDO,
        }
        by_values = bool(values) and all(map(code.is_plain, self._first))
        template = templates.BY_VALUES if by_values else templates.BY_MASK
        names = template.format(head=head, values=f"({values})")
        guessing = by_values and self._guesses.window
        text = templates.LINES.format(
            version=self.version,
            names_in_lines=indent(templates.BY_GUESS if guessing else names, " " * 12),
            names=indent(names, "    "),
            head=indent(head, "    "),
            values=f"({values})",
        )
        self._first_look: Callable[[Any], int] = code.made(text, "first")
        self._values: Callable[[Any], tuple[Any, ...]] = code.names["values"]
        self._usual: Callable[[bytes | str], list[str]] = code.names["usual"]
        self._lines: Callable[..., Iterator[list[str]]] = code.names["lines"]
        self._match: Callable[[bytes | str], list[str]] = code.names["match"]

    def _forget_values(self) -> None:
        self._by_values.clear()
        self._guesses.known.clear()

    def _meet(self, record: Any) -> list[str]:  # noqa: ANN401 -- a type made here
        """The names for a record whose first values have not been met, or not often enough."""
        left = self._first_look(record)
        names = (self._walks.get(left) or self._begin(left))(record, left) if left else []
        if len(self._by_values) < MOST_VALUES:
            if not left:
                self._by_values[self._values(record)] = _none
            elif left in self._stages:
                self._by_values[self._values(record)] = self._walks[left]
        return names

    def _meet_line(self, line: bytes | str) -> list[str]:
        """The names for a line that begins as none before; the next such line is guessed at."""
        names, record = self._usual(line), self._decode(line)
        values = self._values(record)
        if values not in self._by_values:
            return names
        if self._guesses.window and self._guesses.is_due(line):
            stage, like = self._stages.get(self._first_look(record)), self._guesses.lines_like(line)
            guessed = stage and stage.guessed(self._first_steps, values, self._habits, like)
            self._guesses.add(line, guessed or self._usual)
        if self._guesses.window is None:
            self._write_first()
            raise Unforeseen
        return names

    def _unlisted(self, line: bytes | str) -> list[str]:
        """The names for a line that its guess refuses."""
        self._guesses.refuse(line)
        return self._usual(line)

    def match(self, line: bytes | str) -> list[str]:
        """The names for one line. Raises what the exact matcher raises."""
        return self._match(line)

    def match_lines(
        self, lines: Iterable[bytes | str], invalid: Invalid | None
    ) -> Iterator[list[str]]:
        """The names for each line; `invalid` is told of lines that are no event, else it raises."""
        return chain.from_iterable(self._runs(iter(lines), invalid))

    def _runs(
        self, lines: Iterator[bytes | str], invalid: Invalid | None
    ) -> Iterator[Iterator[list[str]]]:
        progress = Progress()
        if self._unsettled:
            sample = self._sample(lines)
            while not progress.done:
                yield self._lines(sample, progress, invalid)
            self._settle()
            progress.done = False
        while not progress.done:
            yield self._lines(lines, progress, invalid)

    def _sample(self, lines: Iterator[bytes | str]) -> Iterator[bytes | str]:
        """The first lines, with what a second decode of each would cost."""
        for line in islice(lines, SAMPLED):
            try:
                record = self._decode(line)
                left = self._first_look(record)
            except REDO:
                left = self._all.full
            else:
                self._guesses.sample(line, self._values(record))
            self._seconds.add(left)
            yield line

    def _settle(self) -> None:
        """Decode everything at once if that is cheaper than to decode twice what is left."""
        if self._seconds.are_enough:
            self._unsettled = False
            if self._seconds.cost_more_than(self._all.root.fields):
                self._text = None
                self._start()
            if self._seconds.are_usual:
                self._guesses.settle()
                self._write_first()

    def _again(
        self, error: Exception, line: bytes | str, number: int, invalid: Invalid | None
    ) -> list[str] | None:
        """The names for a numbered line that raised; None when it is no event, or blank."""
        try:
            return self._otherwise(error, line)
        except InputError as refused:
            if line.strip():
                tell(invalid, number, refused)
            return None

    def _otherwise(self, error: Exception, line: bytes | str) -> list[str]:
        """The names for a line that raised: by code that takes it, or by the exact matcher."""
        if isinstance(error, Doubt):
            return self._exact(line, error.members)
        if isinstance(error, Misled):
            self._guesses.add(line, self._usual)
            return self._match(line)
        if isinstance(error, NEW_HABIT) and self._learns(line):
            return self._match(line)
        return self._exact(line, None)

    def _learns(self, line: bytes | str) -> bool:
        """Whether this line has shown a new habit of a field, and the code is another now."""
        record = self._decode(line)
        if notice(self._first, self._records, record, self._habits):
            self._write_first()
            return True
        stage = self._stages.get(left := self._first_look(record))
        if stage is None:
            notice(self._rest, self._records, record, self._habits)
            before = self._all.code
            self._write_whole()
            return self._all.code != before
        notice(stage.root.below.values(), self._records_of(stage), record, self._habits)
        before = stage.code
        forget(self._by_values, [self._walks[left]])
        forget(self._guesses.known, stage.guesses)
        self._walks[left] = self._walk_of(stage)
        return stage.code != before

    def _begin(self, left: int) -> Walk:
        """The code for all members, until these have come often enough to get code of their own."""
        seen = 0
        if len(self._walks) >= MOST_MASKS:
            for other in self._walks.keys() - self._stages.keys() - {self._all.full}:
                del self._walks[other]

        def walk(record: Any, mask: int) -> list[str]:  # noqa: ANN401 -- a type made here
            nonlocal seen
            seen += 1
            if seen == SEEN_BEFORE_STAGE and len(self._stages) < MOST_STAGES:
                self._add_stage(left)
            return self._whole(record, mask)

        self._walks[left] = walk
        return walk

    def _add_stage(self, left: int) -> None:
        looked_at = {one.path for one in self._first}
        chosen = {
            number: self._members[number].without(looked_at) for number in self._all.numbers(left)
        }
        stage = self._stages[left] = Stage(chosen, self._budget)
        self._walks[left] = self._walk_of(stage)

    def _walk_of(self, stage: Stage) -> Walk:
        nodes = list(stage.root.below.values())
        return stage.walk(nodes, self._records_of(stage), self._habits, stage.full)

    def _records_of(self, stage: Stage) -> Records:
        """Those of all; but what is kept as text is decoded for this stage's fields alone."""
        if self._text is None or self._text not in stage.root.below:
            return self._records
        return self._records.with_own_below(records_of(stage.root, self._text), self._text)


def _none(_record: Any) -> list[str]:  # noqa: ANN401 -- a type made here
    return []


def _walkable(member: Member) -> Member:
    """The sub-rule without the fields that an odd one's event may spell in a way not seen here."""
    if not member.odd:
        return member
    return member.without({path for path, _ in member.rule.fields if "." in path or is_odd(path)})
