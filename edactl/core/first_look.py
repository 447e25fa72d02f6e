"""A rule set that looks at its first events for what its fast path does not see."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING

from edactl.core.pattern.bad_line import tell
from edactl.core.pattern.plain import is_plain
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from edactl.core.pattern import RuleSet
    from edactl.core.pattern.bad_line import Invalid


class FirstLook:
    """Judges the first events one by one, exactly; the others too where one of those needed it.

    `exact` makes the rule set for that: what `is_plain` tells of is not seen otherwise.
    """

    def __init__(self, rules: RuleSet, exact: Callable[[], RuleSet], first: int) -> None:
        self._rules = rules
        self._exact = exact
        self._left = first
        self._has_odd = False

    @property
    def is_done(self) -> bool:
        """Whether the first events have been seen: from here on `settled` judges alone."""
        return not self._left

    def match_lines(self, lines: Iterable[bytes | str], *, invalid: Invalid) -> Iterator[list[str]]:
        """The names for each line, as a rule set gives them."""
        if not self._left:
            return self.settled().match_lines(lines, invalid=invalid)
        return chain.from_iterable(self._runs(iter(lines), invalid))

    def _runs(
        self, lines: Iterator[bytes | str], invalid: Invalid
    ) -> Iterator[Iterator[list[str]]]:
        before = self._left
        yield self._singly(islice(lines, before), invalid)
        seen = before - self._left
        if not self._left:
            yield self.settled().match_lines(
                lines, invalid=lambda number, error: invalid(seen + number, error)
            )

    def settled(self) -> RuleSet:
        """The rules for what comes after the first events."""
        if self._has_odd:
            self._rules, self._has_odd = self._exact(), False
        return self._rules

    def _singly(self, lines: Iterable[bytes | str], invalid: Invalid) -> Iterator[list[str]]:
        for number, line in enumerate(lines, 1):
            self._left -= 1
            plain = is_plain(line)
            try:
                names = self._rules.match_line(line) if plain else self._rules.match(line)
            except InputError as error:
                tell(invalid, number, error)
            else:
                self._has_odd = self._has_odd or not plain
                yield names
