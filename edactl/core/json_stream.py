"""JSON values out of text that comes line by line: NDJSON, one document, or one array.

Only one value is in memory at a time, so ten million lines or one huge array cost the same.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from edactl.core.record import JsonValue

MAX_VALUE_CHARACTERS = 4 * 1024 * 1024
_SPACE = " \t\r\n"


def _refuse_constant(name: str) -> JsonValue:
    raise ValueError(f"{name} is no JSON number")


_decoder = json.JSONDecoder(parse_constant=_refuse_constant)


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


def enumerate_lines(lines: Iterable[bytes | None]) -> Iterator[tuple[int, bytes | None]]:
    """Lines with their numbers, from 1; pauses (None) are not counted."""
    number = 0
    for line in lines:
        if line is not None:
            number += 1
        yield number, line


class _Reader:
    """The text in hand, the line it starts on, and whether an array is open.

    `text` is the text of the value that came out last.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._text = ""
        self._starts_on = 0
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
        if not self._text:
            self._starts_on = number
        self._text += text
        while self._text:
            self._text = self._text.lstrip(_SPACE + ("\ufeff" if number == 1 else ""))
            if not self._text or self._skip_structure(number):
                continue
            decoded = self._decode_one(number)
            if decoded is None:
                return
            yield decoded, self._starts_on
            self._starts_on = number

    def end(self) -> None:
        """Raises InputError when the text ends inside a value."""
        if self._text.strip(_SPACE) or self._in_array:
            raise InputError("the JSON ends in the middle of a value", where=self._where())

    def _skip_structure(self, number: int) -> bool:
        """Step over the array's brackets and commas; True when something was stepped over."""
        first = self._text[0]
        opens = first == "[" and not self._in_array
        closes = first == "]" and self._in_array
        comma = first == "," and self._in_array and self._needs_comma
        if not (opens or closes or comma):
            if self._in_array and self._needs_comma:
                self._starts_on = number
                raise self._not_json("expecting ',' or ']'")
            return False
        self._in_array = opens or (self._in_array and not closes)
        self._needs_comma = False
        self._text = self._text[1:]
        self._starts_on = number
        return True

    def _not_json(self, reason: str) -> InputError:
        return InputError(
            f"not JSON: {reason}",
            where=self._where(),
            hint="one JSON object a line, one document, or one array; jq . shows what is wrong",
        )

    def _decode_one(self, number: int) -> JsonValue:
        """The value at the start of the text; None when it goes on in the next line."""
        try:
            value, end = _decoder.raw_decode(self._text)
        except json.JSONDecodeError as error:
            incomplete = error.pos >= len(self._text.rstrip(_SPACE))
            if incomplete and len(self._text) < MAX_VALUE_CHARACTERS:
                return None
            self._starts_on = number
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
        self.text, self._text = self._text[:end], self._text[end:]
        self._needs_comma = self._in_array
        return value

    def _decode(self, line: bytes, number: int) -> str:
        try:
            return line.decode()
        except UnicodeDecodeError as error:
            raise InputError(
                f"not UTF-8 at byte {error.start + 1}", where=f"{self._name}:{number}"
            ) from None

    def _where(self) -> str:
        return f"{self._name}:{self._starts_on}"
