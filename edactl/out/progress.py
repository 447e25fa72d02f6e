"""One line on a person's screen that tells how far a long command is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from edactl.out.terminal import Terminal

EVERY_SECONDS = 0.1
_CLEAR = "\r\x1b[K"


@dataclass
class Progress:
    """Rewrites one line of stderr, at most ten times a second; silent when stderr is no TTY."""

    terminal: Terminal
    clock: Callable[[], float]
    quiet: bool = False
    _next_at: float = 0.0
    _shown: bool = False

    def show(self, text: Callable[[], str]) -> None:
        """Put this on the line, unless it was rewritten just now; `text` is called only then."""
        if self.quiet or not self.terminal.is_tty(self.terminal.stderr):
            self.quiet = True  # asked once, since it is called for every event
            return
        now = self.clock()
        if now < self._next_at:
            return
        self._next_at = now + EVERY_SECONDS
        self._shown = True
        self.terminal.stderr.write(_CLEAR + text()[: self.terminal.width - 1])
        self.terminal.stderr.flush()

    def clear(self) -> None:
        """Take the line away, so that what is written next stands alone."""
        if self._shown:
            self._shown = False
            self.terminal.stderr.write(_CLEAR)
            self.terminal.stderr.flush()
