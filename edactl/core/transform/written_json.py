"""JSON that keeps what was written: is it one, where not, and out again with numbers as spelt."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn, TypeAlias

from edactl.core.event import is_unicode
from edactl.core.pattern.error import PatternError
from edactl.core.pattern.fields import Members, NumberText
from edactl.core.pattern.tokens import (
    MAX_DEPTH,
    MAX_NUMBER_CHARACTERS,
    place_of,
    tokens,
)

# Members for an object (its keys in order, duplicates kept), NumberText for a number as written
Json: TypeAlias = "Members | list[Any] | NumberText | str | bool | None"

_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s"]+', re.DOTALL)
_MARK = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{](?:\s*[\]}])?|[\]},:]|[^\s"\[\]{},:]+', re.DOTALL)


class _Written(str):
    """A piece of JSON text that is written out already."""

    __slots__ = ()


def json_fault(text: str) -> tuple[str, int, int] | None:
    """The reason, line and column at which the text stops being one JSON value; None if it is."""
    if _is_plainly_json(text):
        return None
    end = 0
    try:
        for token in tokens(text):
            end = token.end
    except PatternError as error:
        return error.reason, error.line, error.column
    rest = text[end:].lstrip()
    if rest:
        line, column = place_of(text, len(text) - len(rest))
        return f"Unexpected character ('{rest[0]}') after the end of the value", line, column
    if not is_unicode(text):
        return "half of a surrogate pair, which UTF-8 cannot carry", 1, 1
    return None


def _is_plainly_json(text: str) -> bool:
    """Whether the quick reader takes it, far from the limits that only the exact one knows."""
    if text.count("{") + text.count("[") > MAX_DEPTH or not is_unicode(text):
        return False
    try:
        _quick.decode(text)
    except (ValueError, RecursionError):
        return False
    return True


def _exactly(written: str) -> NoReturn:
    raise ValueError(f"{written} is for the exact reader")


def _number(written: str) -> None:
    if len(written) > MAX_NUMBER_CHARACTERS:
        _exactly(written)


_quick = json.JSONDecoder(parse_constant=_exactly, parse_int=_number, parse_float=_number)


def minified(text: str) -> str:
    """Valid JSON without the space between its tokens."""
    return "".join(_PIECE.findall(text))


def indented(text: str) -> str:
    """Valid JSON over lines, two spaces a level, with strings and numbers as written."""
    pieces: list[str] = []
    depth = 0
    for match in _MARK.finditer(text):
        mark = match.group()
        if mark in {"{", "["}:
            depth += 1
        elif mark in {"}", "]"}:
            depth -= 1
        line = "\n" + "  " * depth
        if mark in {"{", "[", ","}:
            pieces += [mark, line]
        elif mark in {"}", "]"}:
            pieces += [line, mark]
        else:
            pieces.append(": " if mark == ":" else mark)
    return "".join(pieces)


def compact(value: Json) -> str:
    """A JSON value as text without spaces, its keys in order and its numbers as written.

    Never recursive, since events may be nested 1,000 deep.
    """
    pieces: list[str] = []
    stack: list[Json | _Written] = [value]
    while stack:
        match stack.pop():
            case _Written() | NumberText() as written:
                pieces.append(written)
            case str() as string:
                pieces.append(quoted(string))
            case None:
                pieces.append("null")
            case bool() as truth:
                pieces.append("true" if truth else "false")
            case Members() as members:
                stack.extend(reversed(_object(members)))
            case elements:
                stack.extend(reversed(_array(elements)))
    return "".join(pieces)


def _object(members: Members) -> list[Json | _Written]:
    parts: list[Json | _Written] = [_Written("{")]
    for number, (key, value) in enumerate(members):
        parts += [_Written(f"{',' if number else ''}{quoted(key)}:"), value]
    return [*parts, _Written("}")]


def _array(elements: list[Any]) -> list[Json | _Written]:
    parts: list[Json | _Written] = [_Written("[")]
    for number, value in enumerate(elements):
        parts += [_Written(","), value] if number else [value]
    return [*parts, _Written("]")]


def quoted(text: str) -> str:
    """The text as a JSON string; escapes only what JSON or UTF-8 has no bytes for."""
    return json.dumps(text, ensure_ascii=not is_unicode(text))
