"""JSON values out of text that comes line by line: NDJSON, one document, or one array.

Only one value is in memory at a time, so ten million lines or one huge array cost the same.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from edactl.core.json_text import decoder
from edactl.core.json_waiting import MAX_VALUE_CHARACTERS, Waiting
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from edactl.core.record import JsonValue

MAX_PIECE_BYTES = 1024 * 1024
_SPACE = " \t\r\n"
_PACKED = ((b"\x1f\x8b", "zcat"), (b"\x28\xb5\x2f\xfd", "zstdcat"))
_SOMETHING = re.compile(r"[^ \t\r\n]")


def json_values(
    lines: Iterable[bytes | None], name: str, accepts: type = dict
) -> Iterator[tuple[JsonValue, int] | None]:
    """Each value with the number of the line it starts on, from 1; the items of an array singly.

    A None line (the input paused) comes out as None. `name` is the file's, for errors. `accepts` is
    what a value has to be: an object, or with `object` anything.
    Raises InputError, with the line, for what is not JSON or not UTF-8.
    """
    reader = Reader(name, accepts=accepts)
    for number, line in enumerate_lines(lines):
        if line is None:
            yield None
        else:
            yield from reader.feed(line, number)
    reader.end()


def lines_of_chunks(chunks: Iterable[bytes | None]) -> Iterator[bytes | None]:
    """The lines in chunks of bytes, each with its end; None passes through.

    A line over 1 MB comes in pieces, so that an array on one line costs no more than one of many.
    """
    held = b""
    for chunk in chunks:
        if chunk is None:
            yield None
            continue
        *lines, held = (held + chunk).split(b"\n")
        for line in lines:
            yield line + b"\n"
        if len(held) >= MAX_PIECE_BYTES:
            cut = _last_character(held)
            yield held[:cut]
            held = held[cut:]
    if held:
        yield held


def _last_character(text: bytes) -> int:
    """Where the last character of UTF-8 begins: its other bytes are 0x80 to 0xbf."""
    place = len(text) - 1
    while place > len(text) - 4 and 0x80 <= text[place] < 0xC0:  # noqa: PLR2004 -- see above
        place -= 1
    return place


def enumerate_lines(lines: Iterable[bytes | None]) -> Iterator[tuple[int, bytes | None]]:
    """Lines with their numbers, from 1; pauses (None) are not counted, a line's pieces once."""
    number, ended = 0, True
    for line in lines:
        if line is not None:
            number += ended
            ended = line.endswith(b"\n")
        yield number, line


class Reader:
    """The text in hand from `_at` on, the line that is on, and whether an array is open.

    `text` is the text of the value that came out last. A value that goes on over lines is tried
    again when its braces are closed, or twice as many lines have come: trying at each of 30,000
    lines of a large document takes minutes. `_begun` is the place and the line of what is read.
    """

    def __init__(
        self, name: str, skip: Callable[[InputError], None] | None = None, accepts: type = dict
    ) -> None:
        self._name = name
        self._skip = skip
        self._accepts = accepts
        self._begun = 0, 0
        self._array_line = 0
        self._indent = 0
        self._given_up: int | None = None  # how far the value was indented that was given up
        self._text = ""
        self._at = 0
        self._line = 0
        self._waiting = Waiting()
        self._is_cut = False  # the line goes on in the next piece
        self._in_array = False
        self._needs_comma = False
        self.text = ""

    @property
    def is_idle(self) -> bool:
        """Whether the next line begins a new value outside an array."""
        return not self._text and not self._in_array and self._given_up is None

    @property
    def may_skip(self) -> bool:
        """Whether it is known where the next value is, after a fault in the one that is read."""
        return not self._in_array or self._array_line == self._begun[1]

    def give_up(self) -> list[tuple[bytes | None, int]]:
        """Let go of the line that the value began on; the lines in hand after it, to be fed again.

        Lines that look like the rest of a value over several lines will be passed over.
        """
        at, number = self._begun
        rest = (self._text + self._waiting.text())[at:].partition("\n")[2]
        self._given_up = self._indent
        self._text, self._at, self._in_array, self._is_cut = "", 0, False, False
        again = rest.encode().splitlines(keepends=True)
        return [(line, place) for place, line in enumerate(again, number + 1)]

    def _is_rest_of_given_up(self, line: bytes) -> bool:
        bare = line.lstrip(b" \t")
        if self._given_up is not None and bare[:1] not in (b"}", b"]"):
            self._given_up = self._given_up if len(line) - len(bare) > self._given_up else None
        return self._given_up is not None

    def feed(self, line: bytes, number: int) -> Iterator[tuple[JsonValue, int]]:
        """The values that this line completes."""
        if self._is_rest_of_given_up(line):
            return
        text = self._decode(line, number)
        was_cut, self._is_cut = self._is_cut, not line.endswith(b"\n")
        if not self._text:
            self._indent = len(text) - len(text.lstrip(" \t"))
            self._line, self._text = number, text.removeprefix("\ufeff") if number == 1 else text
            yield from self._values()
        elif self._waiting.is_worth_a_try(text) or was_cut:
            self._text = self._text[self._at :] + self._waiting.text()
            self._at = 0
            yield from self._values()

    def end(self) -> None:
        """Raises InputError when the text ends inside a value."""
        self._is_cut = False
        self._text += self._waiting.text()
        if any(self._values()) or self._text or self._in_array:
            raise InputError("the JSON ends in the middle of a value", where=self._where())

    def _values(self) -> Iterator[tuple[JsonValue, int]]:
        """The values that are whole."""
        while found := _SOMETHING.search(self._text, self._at):
            self._go_to(found.start())
            self._begun = self._at, self._line
            if self._skip_structure():
                continue
            if (decoded := self._decode_one()) is None:
                return
            if isinstance(decoded[0], self._accepts):
                yield decoded[0], self._begun[1]
            else:
                self._refuse()
        self._text, self._at = "", 0

    def _go_to(self, place: int) -> None:
        self._line += self._text.count("\n", self._at, place)
        self._at = place

    def _skip_structure(self) -> bool:
        """Step over one of the array's brackets and commas; False when none is next."""
        first = self._text[self._at]
        opens = first == "[" and not self._in_array
        closes = first == "]" and self._in_array
        comma = first == "," and self._in_array and self._needs_comma
        if not (opens or closes or comma):
            if self._in_array and self._needs_comma:
                raise self._not_json("expecting ',' or ']'")
            return False
        self._in_array = opens or (self._in_array and not closes)
        self._array_line = self._line if opens else self._array_line
        self._needs_comma = False
        self._at += 1
        return True

    def _not_json(self, reason: str) -> InputError:
        begun = self._begun[1]
        begins = "" if begun == self._line else f" (in what begins on line {begun})"
        return InputError(
            f"not JSON: {reason}{begins}",
            where=self._where(),
            hint="one JSON object a line, one document, or one array; jq . shows what is wrong",
        )

    def _decode_one(self) -> tuple[JsonValue] | None:
        """The value that is next; None when it goes on in the next line."""
        try:
            value, end = decoder.raw_decode(self._text, self._at)
        except json.JSONDecodeError as error:
            if self._may_go_on(error):
                self._waiting.start(self._text[self._at :])
                return None
            if self._text.startswith("\n{", error.pos - 1):
                raise self._not_json("the next object begins inside this one") from None
            self._go_to(error.pos)
            raise self._not_json(error.msg) from None
        except RecursionError:
            raise self._not_json("nested too deep") from None
        except ValueError as error:
            raise self._not_json(str(error)) from None
        self.text = self._text[self._at : end]
        self._go_to(end)
        self._needs_comma = self._in_array
        return (value,)

    def _refuse(self) -> None:
        """Raises, or skips, for a value that is no object."""
        error = InputError(
            "not an event: a JSON object is expected",
            where=f"{self._name}:{self._begun[1]}",
            hint="one JSON object a line, one document, or one array of objects",
        )
        if self._skip is None:
            raise error
        self._skip(error)

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        if len(self._text) - self._at >= MAX_VALUE_CHARACTERS:
            return False
        at_the_end = error.pos >= len(self._text.rstrip(_SPACE))
        return self._is_cut or (at_the_end and not error.msg.startswith("Invalid control"))

    def _decode(self, line: bytes, number: int) -> str:
        try:
            return line.decode()
        except UnicodeDecodeError as error:
            packed = next((tool for magic, tool in _PACKED if line.startswith(magic)), None)
            raise InputError(
                f"not UTF-8 at byte {error.start + 1}",
                where=f"{self._name}:{number}",
                hint=packed and f"it is packed: {packed} FILE, into -",
            ) from None

    def _where(self) -> str:
        return f"{self._name}:{self._line}"
