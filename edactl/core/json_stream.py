"""JSON values out of text that comes line by line: NDJSON, one document, or one array.

Only one value is in memory at a time, so ten million lines or one huge array cost the same.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from edactl.core.json_text import decoder
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from edactl.core.record import JsonValue

MAX_VALUE_CHARACTERS = 4 * 1024 * 1024
MAX_PIECE_BYTES = 1024 * 1024
_SPACE = " \t\r\n"
_SOMETHING = re.compile(r"[^ \t\r\n]")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def json_values(lines: Iterable[bytes | None], name: str) -> Iterator[tuple[JsonValue, int] | None]:
    """Each value with the number of the line it starts on, from 1; the items of an array singly.

    A None line (the input paused) comes out as None. `name` is the file's, for errors.
    Raises InputError, with the line, for what is not JSON or not UTF-8.
    """
    reader = _Reader(name)
    for number, line in enumerate_lines(lines):
        if line is None:
            yield None
        else:
            yield from reader.feed(line, number)
    reader.end()


def json_texts(lines: Iterable[bytes], name: str) -> Iterator[tuple[bytes | str, int]]:
    """Each object's text, as it is written, with the number of the line it starts on.

    A line that looks like one whole object is passed on unread: whoever reads it finds what is
    wrong with it. Raises InputError, with the line, for other text that is not JSON or not UTF-8.
    """
    reader = _Reader(name)
    for number, line in enumerate(lines, 1):
        bare = line.strip()
        if reader.is_idle and bare[:1] == b"{" and bare[-1:] == b"}" and _looks_single(bare):
            yield bare, number
            continue
        for _, starts_on in reader.feed(line, number):
            yield reader.text, starts_on
    reader.end()


def _looks_single(line: bytes) -> bool:
    """Whether a line is one object at most; Firehose writes several with nothing between them."""
    if b"}{" in line or b"} {" in line:
        return False
    return line.count(b"{") == line.count(b"}")


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


class _Reader:
    """The text in hand from `_at` on, the line that is on, and whether an array is open.

    `text` is the text of the value that came out last. A value that goes on over lines is tried
    again when its braces are closed, or twice as many lines have come: trying at each of 30,000
    lines of a large document takes minutes.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._text = ""
        self._at = 0
        self._line = 0
        self._waiting = _Waiting()
        self._is_cut = False  # the line goes on in the next piece
        self._in_array = False
        self._needs_comma = False
        self.text = ""

    @property
    def is_idle(self) -> bool:
        """Whether the next line begins a new value outside an array."""
        return not self._text and not self._in_array

    def feed(self, line: bytes, number: int) -> Iterator[tuple[JsonValue, int]]:
        """The values that this line completes."""
        text = self._decode(line, number)
        was_cut, self._is_cut = self._is_cut, not line.endswith(b"\n")
        if not self._text:
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
            if self._skip_structure():
                continue
            line = self._line
            value = self._decode_one()
            if value is None:
                return
            yield value, line
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
        self._needs_comma = False
        self._at += 1
        return True

    def _not_json(self, reason: str) -> InputError:
        return InputError(
            f"not JSON: {reason}",
            where=self._where(),
            hint="one JSON object a line, one document, or one array; jq . shows what is wrong",
        )

    def _decode_one(self) -> JsonValue:
        """The value that is next; None when it goes on in the next line."""
        try:
            value, end = decoder.raw_decode(self._text, self._at)
        except json.JSONDecodeError as error:
            if self._may_go_on(error):
                self._waiting.start(self._text[self._at :])
                return None
            self._go_to(error.pos)
            raise self._not_json(error.msg) from None
        except RecursionError:
            raise self._not_json("nested too deep") from None
        except ValueError as error:
            raise self._not_json(str(error)) from None
        if not isinstance(value, dict):
            raise InputError(
                "not an event: a JSON object is expected",
                where=self._where(),
                hint="one JSON object a line, one document, or one array of objects",
            )
        self.text = self._text[self._at : end]
        self._go_to(end)
        self._needs_comma = self._in_array
        return value

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        if len(self._text) - self._at >= MAX_VALUE_CHARACTERS:
            return False
        at_the_end = error.pos >= len(self._text.rstrip(_SPACE))
        return self._is_cut or (at_the_end and not error.msg.startswith("Invalid control"))

    def _decode(self, line: bytes, number: int) -> str:
        try:
            return line.decode()
        except UnicodeDecodeError as error:
            raise InputError(
                f"not UTF-8 at byte {error.start + 1}", where=f"{self._name}:{number}"
            ) from None

    def _where(self) -> str:
        return f"{self._name}:{self._line}"


class _Waiting:
    """Lines that a value goes on with, until it is worth trying to read it again."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._characters = 0
        self._open_braces = 0
        self._patience = 1

    def start(self, text: str) -> None:
        """Wait for the rest of this value."""
        self._patience = max(1, 2 * text.count("\n") - 1)
        self._open_braces = _open_braces(text)

    def is_worth_a_try(self, line: str) -> bool:
        """Keep one more line; whether the value may be whole, or its text is no JSON at all."""
        self._lines.append(line)
        self._characters += len(line)
        self._open_braces += _open_braces(line)
        return (
            self._open_braces <= 0
            or len(self._lines) >= self._patience
            or self._characters >= MAX_VALUE_CHARACTERS
        )

    def text(self) -> str:
        """The lines kept, which are then gone."""
        text = "".join(self._lines)
        self._lines.clear()
        self._characters = 0
        return text


def _open_braces(text: str) -> int:
    bare = _STRING.sub("", text)
    return bare.count("{") - bare.count("}")
