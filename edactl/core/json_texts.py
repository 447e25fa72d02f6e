"""Texts of JSON objects out of lines: NDJSON, one document, or one array."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edactl.core.json_stream import Reader
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Skip = Callable[[InputError], None]

_NEXT_OBJECT = re.compile(rb"}\s*{")


def json_texts(
    lines: Iterable[bytes], name: str, *, skip: Skip | None = None
) -> Iterator[tuple[bytes | str, int]]:
    """Each object's text, as it is written, with the number of the line it starts on.

    A line that looks like one whole object is passed on unread: whoever reads it finds what is
    wrong with it. Raises InputError, with the line, for other text that is not JSON or not UTF-8;
    with `skip`, that is called with the error instead, and the next value is looked for. Inside an
    array over several lines there is no telling where that is: there it raises all the same.
    """
    texts = TextReader(name, skip)
    for number, line in enumerate(lines, 1):
        yield from texts.of_line(line, number)
    yield from texts.of_end()


class TextReader:
    """The same for lines that are given one by one; `name` is the file's, for errors."""

    def __init__(self, name: str, skip: Skip | None) -> None:
        self._reader = Reader(name, skip)
        self._skip = skip
        self.is_idle = True  # the next line begins a new text

    def of_line(self, line: bytes, number: int) -> Iterator[tuple[bytes | str, int]]:
        """The texts that this line, with its end, completes."""
        bare = line.strip()
        if self.is_idle and bare[:1] == b"{" and bare[-1:] == b"}" and _looks_single(bare):
            yield bare, number
        else:
            yield from self._objects([(line, number)])
            self.is_idle = self._reader.is_idle

    def of_end(self) -> Iterator[tuple[str, int]]:
        """The texts that are whole at the end, some lines given up."""
        return self._objects([(None, 0)])

    def _objects(self, waiting: list[tuple[bytes | None, int]]) -> Iterator[tuple[str, int]]:
        """The objects that the waiting lines complete; None is the end of the text."""
        reader = self._reader
        while waiting:
            line, number = waiting.pop(0)
            try:
                if line is None:
                    reader.end()
                else:
                    for _, starts_on in reader.feed(line, number):
                        yield reader.text, starts_on
            except InputError as error:
                if self._skip is None or not reader.may_skip:
                    raise
                self._skip(error)
                waiting[:0] = [*reader.give_up(), (None, 0)] if line is None else reader.give_up()


def _looks_single(line: bytes) -> bool:
    """Whether a line is one object at most; Firehose writes several with nothing between them."""
    return not _NEXT_OBJECT.search(line) and line.count(b"{") == line.count(b"}")
