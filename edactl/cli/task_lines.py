"""The lines of containers as a person reads them: whose, in its colour, and harmless."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.core.readable import harmless

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edactl.core.task import LogStream
    from edactl.core.task_log import LogLine
    from edactl.out.terminal import Terminal

_COLORS = ("\x1b[36m", "\x1b[33m", "\x1b[35m", "\x1b[32m", "\x1b[34m")
_RESET = "\x1b[0m"


@dataclass(frozen=True)
class LinesOnScreen:
    """Writes log lines to stderr: stdout carries the result alone."""

    terminal: Terminal

    def of(self, containers: Sequence[str]) -> Callable[[LogStream, LogLine], None]:
        """What writes the lines of these containers, their names before them if there are some."""
        colored = self.terminal.colored(self.terminal.stderr)

        def write(stream: LogStream, line: LogLine) -> None:
            prefix = prefix_of(stream.container, containers, colored=colored)
            with suppress(BrokenPipeError):
                self.terminal.stderr.write(f"{prefix}{shown_line(line.message)}\n")
                self.terminal.stderr.flush()

        return write


def said_anyway(say: Callable[[str], None]) -> Callable[[str], None]:
    """The same, but a reader that has gone ends nothing: the task must still be waited for."""

    def spoken(text: str) -> None:
        with suppress(BrokenPipeError):
            say(text)

    return spoken


def prefix_of(container: str, containers: Sequence[str], *, colored: bool) -> str:
    """`app | ` in the container's colour; nothing for the only one there is."""
    if len(containers) < 2:  # noqa: PLR2004 -- several
        return ""
    width = max(len(name) for name in containers)
    text = f"{container:<{width}} |"
    if not colored:
        return f"{text} "
    return f"{_COLORS[containers.index(container) % len(_COLORS)]}{text}{_RESET} "


def shown_line(message: str) -> str:
    """A line that cannot drive the terminal; its TABs stay."""
    return "\t".join(harmless(part) for part in message.rstrip("\r\n").split("\t"))
