"""The input of `queue send`: every line read and checked before the first message goes."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Self

from edactl.cli.opened import lines_of
from edactl.core.message_input import Defaults, parse_line
from edactl.core.message_rules import Survey, check_message
from edactl.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import TracebackType
    from typing import TextIO

    from edactl.core.message import Outgoing

_IN_MEMORY_BYTES = 16 * 1024 * 1024
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass
class Inputs:
    """Messages on their way: checked, counted, and kept on disk when they are many.

    A pipe can be read only once, and a bad line must stop the command before anything is sent.
    The lines before the one with index `first` are left out.
    """

    defaults: Defaults
    first: int = 0

    def __post_init__(self) -> None:
        self.survey = Survey()
        self._spool = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115 -- closed by __exit__
        self._bodies: list[Outgoing] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._spool.close()

    def add_message(self, message: Outgoing, where: str) -> None:
        """Check one message and keep it. Raises InputError."""
        self._see(message, where)
        self._bodies.append(message)

    def add_lines(self, names: Sequence[str], stdin: TextIO) -> None:
        """Check every line of these files and keep it; `-` is stdin. Raises InputError."""
        for where, line in self._lines(names, stdin):
            self._see(parse_line(line, where), where)
            self._spool.write(line.encode() + b"\n")

    def _lines(self, names: Sequence[str], stdin: TextIO) -> Iterator[tuple[str, str]]:
        return islice(_read_lines(names, stdin), min(self.first, sys.maxsize), None)

    def _see(self, message: Outgoing, where: str) -> None:
        filled = self.defaults.fill(message)
        check_message(filled, where)
        self.survey = self.survey.seeing(filled, where)

    def messages(self) -> Iterator[Outgoing]:
        """Every message, in input order."""
        self._spool.seek(0)
        for message in self._bodies:
            yield self.defaults.fill(message)
        for line in self._spool:
            yield self.defaults.fill(parse_line(line.decode(), ""))


def _read_lines(names: Sequence[str], stdin: TextIO) -> Iterator[tuple[str, str]]:
    """Every line that is not blank, with its place as `orders.ndjson:3`.

    Raises InputError for a file that cannot be read, and for a line that is no UTF-8.
    """
    for name in names:
        yield from _places(lines_of(name, stdin), "stdin" if name == "-" else name)


def _places(lines: Iterable[bytes], shown: str) -> Iterator[tuple[str, str]]:
    for number, raw in enumerate(lines, start=1):
        content = raw.removeprefix(_BYTE_ORDER_MARK) if number == 1 else raw
        where = f"{shown}:{number}"
        try:
            line = content.decode().strip()
        except UnicodeDecodeError as error:
            raise InputError(f"not UTF-8 at byte {error.start + 1}", where=where) from None
        if line:
            yield where, line


def check_sources(files: Sequence[str], body: str | None, *, stdin_is_tty: bool) -> list[str]:
    """The files to read. Raises UsageError when there is too much or nothing to read."""
    if body is not None and files:
        raise UsageError("--body and FILE both say what to send", hint="leave one out; - is stdin")
    if body is not None:
        return []
    if not files and stdin_is_tty:
        raise UsageError("nothing to send", hint="give --body TEXT, a FILE, or - for stdin")
    return list(files) or ["-"]
