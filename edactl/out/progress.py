"""Some lines on a person's screen that tell how far a long command is."""

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
    """Rewrites its lines of stderr, at most ten times a second; silent when stderr is no TTY."""

    terminal: Terminal
    clock: Callable[[], float]
    quiet: bool = False
    _next_at: float = 0.0
    _shown: int = 0

    @property
    def seen(self) -> bool:
        """Whether anybody sees it."""
        return not self.quiet and self.terminal.is_tty(self.terminal.stderr)

    def show(self, text: Callable[[], str]) -> None:
        """Put this on the screen, unless it was rewritten just now; `text` is called only then."""
        if not self.seen:
            self.quiet = True  # asked once, since it is called for every event
            return
        now = self.clock()
        if now < self._next_at:
            return
        self._next_at = now + EVERY_SECONDS
        rows = [row[: self.terminal.width - 1] for row in text().split("\n")]
        self.terminal.stderr.write(self._erase() + "\n".join(rows))
        self.terminal.stderr.flush()
        self._shown = len(rows)

    def clear(self) -> None:
        """Take the lines away, so that what is written next stands alone."""
        if self._shown:
            self.terminal.stderr.write(self._erase())
            self.terminal.stderr.flush()
            self._shown = 0

    def _erase(self) -> str:
        up = f"\x1b[{self._shown - 1}A" if self._shown > 1 else ""
        return up + ("\r\x1b[J" if up else _CLEAR)
