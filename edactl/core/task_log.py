"""The lines of one log stream, each once: what is new in each page that CloudWatch Logs gives.

GetLogEvents gives the token it was asked with when there is no more, and may give the same page
again. Lines have no id, and equal lines are real: they are counted. A line
that came late, with a time before what was read already, is behind the token: a last sweep over the
end of the stream finds it. Source: CloudWatch Logs API reference, GetLogEvents.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

_REMEMBERED = 20_000


@dataclass(frozen=True)
class LogLine:
    """One event of a stream; times in milliseconds since 1970."""

    timestamp: int
    ingested: int
    message: str


@dataclass(frozen=True)
class LogPage:
    """One answer of GetLogEvents."""

    lines: tuple[LogLine, ...]
    next_token: str


@dataclass
class LogReading:
    """How far a stream is read. `at_end` says that the last page had nothing new."""

    token: str | None = None
    at_end: bool = False
    _of_token: Counter[LogLine] = field(default_factory=Counter)
    _last_page: tuple[LogLine, ...] = ()
    _recent: deque[LogLine] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def take(self, page: LogPage) -> list[LogLine]:
        """The lines of the page at `token` that were not given before."""
        again = page.lines == self._last_page  # were it no repetition, the sweep finds it
        new = [] if again else _beyond(page.lines, self._of_token)
        self._last_page = page.lines
        if page.next_token == self.token:
            self._of_token.update(new)
        else:
            self._of_token = Counter()
        self.at_end = page.next_token == self.token and not new
        self.token = page.next_token
        self._recent.extend(new)
        return new

    @property
    def sweep_from(self) -> int:
        """The time from which a sweep can tell new lines from old ones."""
        if len(self._recent) < _REMEMBERED:
            return 0
        return max(line.timestamp for line in list(self._recent)[: _REMEMBERED // 2]) + 1

    def sweep(self, lines: list[LogLine]) -> list[LogLine]:
        """Of all lines from `sweep_from` on, those that were never given."""
        new = _beyond(lines, Counter(self._recent))
        self._recent.extend(new)
        return new


def _beyond(lines: list[LogLine] | tuple[LogLine, ...], given: Counter[LogLine]) -> list[LogLine]:
    if not given:
        return list(lines)
    left = Counter(given)
    new = []
    for line in lines:
        if left[line] > 0:
            left[line] -= 1
        else:
            new.append(line)
    return new
