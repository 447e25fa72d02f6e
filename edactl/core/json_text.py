"""JSON to values and back with every number as it was written.

Python reads 1.10 as 1.1, 12345678901234567890.5 as 1.2345678901234567e+19 and 1e400 as infinity.
Events pass through here on their way to AWS and to the screen, and leave with the digits they had.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.core.record import JsonValue


class WrittenNumber(float):
    """A number that Python would write otherwise than it was: a float that keeps its text."""

    __slots__ = ("text",)

    text: str

    def __new__(cls, text: str) -> Self:
        """The number of this JSON text."""
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __getnewargs__(self) -> tuple[str]:  # type: ignore[override] # float's own gives a float
        """What a copy is made from."""
        return (self.text,)

    def __repr__(self) -> str:
        return self.text


def _number(text: str) -> float:
    plain = float(text)
    return plain if repr(plain) == text else WrittenNumber(text)


def _refuse_constant(name: str) -> JsonValue:
    raise ValueError(f"{name} is no JSON number")


class _Decoder(json.JSONDecoder):
    """Takes whole numbers of any length, too: Python refuses those of over 4,300 digits."""

    def raw_decode(self, s: str, idx: int = 0) -> tuple[JsonValue, int]:
        """The value that begins there, and where it ends."""
        try:
            return super().raw_decode(s, idx)
        except json.JSONDecodeError:
            raise
        except ValueError:  # not of the grammar: of a number
            return _of_any_length.raw_decode(s, idx)


def _whole_number(text: str) -> JsonValue:
    try:
        return int(text)
    except ValueError:
        return WrittenNumber(text)


_of_any_length = json.JSONDecoder(
    parse_float=_number, parse_int=_whole_number, parse_constant=_refuse_constant
)
decoder = _Decoder(parse_float=_number, parse_constant=_refuse_constant)


def parse_json(text: str) -> JsonValue:
    """The value of a JSON text. Raises ValueError for what is no JSON, NaN and Infinity among it.

    A text nested some thousand levels deep raises RecursionError.
    """
    value: JsonValue = decoder.decode(text)
    return value


def json_text(value: JsonValue, *, indent: int | None = None, ascii_only: bool = False) -> str:
    """The value as compact JSON, or over lines with `indent` spaces a level."""
    if not _holds_written_number(value):
        return _encoder(indent, ascii_only=ascii_only).encode(value)
    step = " " * indent if indent else None
    return "".join(_pieces(value, step, "\n", ascii_only=ascii_only))


@cache
def _encoder(indent: int | None, *, ascii_only: bool) -> json.JSONEncoder:
    separators = None if indent else (",", ":")
    return json.JSONEncoder(
        indent=indent, separators=separators, ensure_ascii=ascii_only, allow_nan=False
    )


def _holds_written_number(value: JsonValue) -> bool:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, WrittenNumber):
            return True
    return False


def _pieces(value: JsonValue, step: str | None, line: str, *, ascii_only: bool) -> Iterator[str]:
    """The text in pieces; `line` is a line's end and the indent that goes with it."""
    inner = line if step is None else line + step
    head, tail = ("", "") if step is None else (inner, line)
    match value:
        case WrittenNumber():
            yield value.text
        case dict() if value:
            colon = ":" if step is None else ": "
            for place, (name, item) in enumerate(value.items()):
                yield ("," if place else "{") + head
                yield json.dumps(name, ensure_ascii=ascii_only) + colon
                yield from _pieces(item, step, inner, ascii_only=ascii_only)
            yield tail + "}"
        case list() if value:
            for place, item in enumerate(value):
                yield ("," if place else "[") + head
                yield from _pieces(item, step, inner, ascii_only=ascii_only)
            yield tail + "]"
        case _:
            yield json.dumps(value, ensure_ascii=ascii_only, allow_nan=False)
