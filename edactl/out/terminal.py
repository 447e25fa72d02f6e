"""The three standard streams and what is known about them."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping

ColorChoice = Literal["auto", "always", "never"]


@dataclass(frozen=True)
class Terminal:
    """Where words go and come from. Built once at the edge; tests build their own."""

    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    color: ColorChoice = "auto"
    terminal_path: str = "/dev/tty"

    @classmethod
    def of_process(cls) -> Terminal:
        """The real streams and environment of this process."""
        return cls(sys.stdin, sys.stdout, sys.stderr, os.environ)

    @property
    def width(self) -> int:
        """Columns of the screen; 80 when there is none."""
        return shutil.get_terminal_size((80, 24)).columns

    def is_tty(self, stream: TextIO) -> bool:
        """Whether a person reads this stream."""
        try:
            return stream.isatty()
        except ValueError:  # closed
            return False

    def keyboard(self) -> TextIO | None:
        """Where a person types: stdin, or the controlling terminal when stdin carries data."""
        if self.is_tty(self.stdin):
            return self.stdin
        try:
            return open(self.terminal_path, encoding="utf-8")  # noqa: PTH123 -- a device
        except OSError:
            return None

    def colored(self, stream: TextIO) -> bool:
        """Whether to colour what goes to this stream: --color, NO_COLOR, FORCE_COLOR, TTY."""
        if self.color != "auto":
            return self.color == "always"
        if self.environment.get("NO_COLOR"):
            return False
        if self.environment.get("FORCE_COLOR"):
            return True
        return self.is_tty(stream) and self.environment.get("TERM") != "dumb"
