"""The rules that match each event of a file, at the speed of the rules.

Nearly every file has one event a line. Such lines go to the rule set as they are: to look at each
of them first takes longer than to match one rule. A line that the rule set refuses is read again
with care: it may begin a document or an array, or hold several objects.
"""

from __future__ import annotations

from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING

from edactl.core.json_texts import TextReader
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from edactl.core.first_look import FirstLook
    from edactl.core.pattern import RuleSet

    Rules = RuleSet | FirstLook
    Told = Callable[[InputError], None]


class _Refused(Exception):
    """A line that is not just one event, by its number in a batch, from 1."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


def _refuse_at(at: int, _error: InputError) -> None:
    raise _Refused(at)


class EventLines:
    """The events of one file and the names of the rules that match each.

    `rules` are to be a rule set that refuses an event which something follows. `refused` is called
    with an event that is none, and `skip`, unless None, with text that is no JSON at all.
    `any` tells whether there was an event, refused or not.
    """

    def __init__(self, rules: Rules, name: str, refused: Told, skip: Told | None) -> None:
        self._rules = rules
        self._name = name
        self._refused = refused
        self._texts = TextReader(name, skip)
        self._line = b""  # of a run of plain lines
        self._text: bytes | str = b""  # read with care
        self._number = 0
        self._is_cut = False
        self.any = False

    def text(self) -> bytes | str:
        """The event whose names came last."""
        return self._text or self._line

    def names(self, lines: Iterable[bytes]) -> Iterator[list[str]]:
        """The names for each event; a line is read only when they are asked for.

        Raises InputError, with the line, for what is no JSON unless that is skipped, and what
        `refused` raises.
        """
        return chain.from_iterable(self._runs(iter(lines)))

    def names_in(self, lines: list[bytes]) -> list[list[str]]:
        """The names for each event that ends in these lines, the next ones of the file.

        Faster than `names`, which can stop after any event. After the last lines call
        `names_at_end`. Raises what `names` raises.
        """
        found: list[list[str]] = []
        start = 0
        while start < len(lines):
            if self._texts.is_idle:
                start = self._plain_ones(lines, start, found)
            start = self._ones_with_care(lines, start, found)
        return found

    def names_at_end(self) -> list[list[str]]:
        """The names for the event that the last line left open."""
        return list(chain.from_iterable(self._one_by_one(self._texts.of_end())))

    def each_in(self, lines: list[bytes]) -> Iterator[tuple[bytes | str, list[str]]]:
        """Each event that ends in the next lines, with its names; every line is read with care.

        After the last lines call `each_at_end`.
        """
        for line in lines:
            self._number += 1
            yield from self._each(self._texts.of_line(line, self._number))

    def each_at_end(self) -> Iterator[tuple[bytes | str, list[str]]]:
        """The event that the last line left open, with its names."""
        return self._each(self._texts.of_end())

    def _each(
        self, texts: Iterable[tuple[bytes | str, int]]
    ) -> Iterator[tuple[bytes | str, list[str]]]:
        for names in chain.from_iterable(self._one_by_one(texts)):
            yield self._text, names

    @property
    def is_between_events(self) -> bool:
        """Whether the next line begins an event, as far as is known."""
        return self._texts.is_idle

    def pass_over(self, lines: list[bytes]) -> None:
        """Leave out the next lines: somebody else judged the events that they are."""
        self._number += len(lines)
        self.any = True

    def _plain_ones(self, lines: list[bytes], start: int, found: list[list[str]]) -> int:
        """Judge the lines that are events, from `start` on; where the first other line is."""
        left = lines[start:] if start else lines
        try:
            found.extend(self._rules.match_lines(left, invalid=_refuse_at))
            passed = len(left)
        except _Refused as refused:  # those before it are in `found`
            passed = refused.at - 1
        self._number += passed
        self.any = self.any or bool(found)
        return start + passed

    def _ones_with_care(self, lines: list[bytes], start: int, found: list[list[str]]) -> int:
        """Judge what begins in the line at `start`, and ends in another; where that leaves off."""
        for line in islice(lines, start, None):
            start += 1
            self._number += 1
            found.extend(
                chain.from_iterable(self._one_by_one(self._texts.of_line(line, self._number)))
            )
            if self._texts.is_idle:
                break
        return start

    def _runs(self, lines: Iterator[bytes]) -> Iterator[Iterator[list[str]]]:
        """The names for lines that are events, then for those of a line that is not just one."""
        self._is_cut = True
        while self._is_cut:
            self._is_cut, self._text = False, b""
            names = self._rules.match_lines(self._plain(lines), invalid=self._cut)
            for first in names:
                self.any = True
                yield iter([first])
                yield names
            if self._is_cut:
                yield from self._with_care(lines)
        yield from self._one_by_one(self._texts.of_end())

    def _plain(self, lines: Iterator[bytes]) -> Iterator[bytes]:
        """The lines, until one is refused."""
        for self._line in lines:
            yield self._line
            if self._is_cut:
                return

    def _cut(self, at: int, _error: InputError) -> None:
        self._is_cut = True
        self._number += at

    def _with_care(self, lines: Iterator[bytes]) -> Iterator[Iterator[list[str]]]:
        """The names for the line that was refused and for those that its last value goes on in."""
        for line in chain([self._line], lines):
            yield from self._one_by_one(self._texts.of_line(line, self._number))
            if self._texts.is_idle:
                return
            self._number += 1

    def _one_by_one(
        self, texts: Iterable[tuple[bytes | str, int]]
    ) -> Iterator[Iterator[list[str]]]:
        for self._text, number in texts:
            self.any = True
            yield self._rules.match_lines([self._text], invalid=partial(self._refuse, number))

    def _refuse(self, line: int, _at: int, error: InputError) -> None:
        self._refused(InputError(error.message, where=f"{self._name}:{line}"))
