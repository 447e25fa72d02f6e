"""The lines of containers as a person reads them: whose, in its colour, and harmless."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
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
    """Writes log lines to stderr: stdout carries the result alone. `counts` is by container."""

    terminal: Terminal
    counts: Counter[str] = field(default_factory=Counter)

    def of(self, containers: Sequence[str]) -> Callable[[LogStream, LogLine], None]:
        """What writes the lines of these containers, their names before them if there are some."""
        stderr = self.terminal.stderr
        colored = self.terminal.colored(stderr)
        prefixes = {name: prefix_of(name, containers, colored=colored) for name in containers}

        def write(stream: LogStream, line: LogLine) -> None:
            self.counts[stream.container] += 1
            with suppress(BrokenPipeError):
                stderr.write(f"{prefixes[stream.container]}{shown_line(line.message)}\n")
                stderr.flush()

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
