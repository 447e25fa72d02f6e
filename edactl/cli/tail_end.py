"""When a tail ends: a signal, the deadline, or nobody reading any more."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.cli.closed_pipe import reader_is_gone
from edactl.errors import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from edactl.cli.context import CommandContext
    from edactl.cli.signals import StopSignal


@dataclass(frozen=True)
class End:
    """When a tail ends: a signal, the deadline, or nobody reading any more."""

    context: CommandContext
    signal: StopSignal
    deadline: float | None

    def __call__(self) -> bool:
        """Whether to end now."""
        return self.signal() or self._late() or self._unread()

    def keeping(self, keep: Callable[[], object]) -> Callable[[], bool]:
        """The same question, for loops that also have something to keep alive."""

        def ended() -> bool:
            keep()
            return self()

        return ended

    def _late(self) -> bool:
        return self.deadline is not None and time.monotonic() >= self.deadline

    def _unread(self) -> bool:
        return reader_is_gone(self.context.terminal.stdout)

    def wait(self, seconds: float) -> None:
        """Sleep, but wake within half a second of the end."""
        until = time.monotonic() + seconds
        while not self() and (left := until - time.monotonic()) > 0:
            self.signal.wait(min(0.5, left))

    def status(self, *, reached: bool) -> int:
        """The exit status; `reached` says that the limit was."""
        if self.signal():
            return self.signal.status
        if reached:
            return ExitStatus.DONE
        if self._unread():
            return ExitStatus.PIPE_CLOSED
        return ExitStatus.TIMED_OUT if self._late() else ExitStatus.DONE
