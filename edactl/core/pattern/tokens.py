"""JSON text as tokens with their places: strict, never recursive, numbers as they are written."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NoReturn

from edactl.core.pattern import json_faults
from edactl.core.pattern.error import PatternError
from edactl.core.pattern.json_faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

TokenKind = Literal["{", "}", "[", "]", "key", "string", "number", "literal"]

MAX_DEPTH = 1000
MAX_NUMBER_CHARACTERS = 1000
MAX_NAME_CHARACTERS = 50_000
_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(
    r"-?(?:0|[1-9][0-9]*)(?![0-9])(?:\.[0-9]+(?![0-9])|(?!\.))(?:[eE][+-]?[0-9]+|(?![eE]))"
)
_BLANKS = frozenset(" \t\n\r")
_LITERAL = re.compile(r"(?:true|false|null)(?![\w$])")
_STRING = re.compile(r'"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"')
_CLOSING: dict[str, TokenKind] = {"{": "}", "[": "]"}
_OPENING = frozenset(_CLOSING.values())
_INSIDE = {"{": "Object", "[": "Array"}


@dataclass(frozen=True, slots=True)
class Token:
    """One token from `start` to `end`; `text` is a string's value, else the text as written."""

    kind: TokenKind
    text: str
    start: int
    end: int


def tokens(text: str) -> Iterator[Token]:
    """The tokens of the JSON value that the text begins with; what follows it is not read.

    Raises PatternError at the first character that JSON does not allow there, at a depth over
    1,000, a number of over 1,000 digits and a name of over 50,000 characters: the limits of AWS's
    JSON reader.
    """
    return _Tokenizer(text).run()


class _Tokenizer:
    """The text, how far it is read, and where the brackets are that are open."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.open: list[int] = []

    def run(self) -> Iterator[Token]:
        self._skip_space()
        if not self._peek():
            self._end("")
        yield self._value()
        fresh = True
        while self.open:
            self._skip_space()
            found = self._peek()
            if found in _OPENING:
                yield self._close(found)
                fresh = False
                continue
            if not found:
                self._end(f": expected close marker for {self._opened(' (start marker', ')')}")
            if not fresh:
                self._comma(found)
            if self.text[self.open[-1]] == "{":
                yield self._key()
            token = self._value()
            fresh = token.kind in _CLOSING
            yield token

    def _close(self, found: str) -> Token:
        closing = _CLOSING[self.text[self.open[-1]]]
        if found != closing:
            opened = self._opened(" starting", "")
            self._fail(
                Fault(
                    f"Unexpected close marker '{found}': expected '{closing}' (for {opened})",
                    self.at,
                )
            )
        self.open.pop()
        return self._token(closing, 1)

    def _comma(self, found: str) -> None:
        inside = _INSIDE[self.text[self.open[-1]]]
        if found != ",":
            expected = f"was expecting comma to separate {inside} entries"
            self._fail(json_faults.unexpected(self.text, self.at, expected))
        self.at += 1
        self._more(inside)

    def _key(self) -> Token:
        if self._peek() != '"':
            expected = "was expecting double-quote to start field name"
            self._fail(json_faults.unexpected(self.text, self.at, expected))
        found = self._string("key")
        self._more("Object")
        if self._peek() != ":":
            expected = "was expecting a colon to separate field name and value"
            self._fail(json_faults.unexpected(self.text, self.at, expected))
        self.at += 1
        self._more("Object")
        return found

    def _more(self, inside: str) -> None:
        """Skip blanks, behind which something has to come."""
        self._skip_space()
        if not self._peek():
            self._end(f" within/between {inside} entries")

    def _end(self, where: str) -> NoReturn:
        self._fail(Fault(f"Unexpected end-of-input{where}", len(self.text)))

    def _opened(self, before: str, after: str) -> str:
        line, column = place_of(self.text, self.open[-1])
        inside = _INSIDE[self.text[self.open[-1]]]
        return f"{inside}{before} at line {line}, column {column}{after}"

    def _value(self) -> Token:
        found = self._peek()
        if found in _CLOSING:
            self.open.append(self.at)
            if len(self.open) > MAX_DEPTH:
                self._over("Document nesting depth", MAX_DEPTH + 1, MAX_DEPTH, "NestingDepth")
            return self._token("{" if found == "{" else "[", 1)
        if found == '"':
            return self._string("string")
        if match := _NUMBER.match(self.text, self.at):
            return self._number(match.group())
        if match := _LITERAL.match(self.text, self.at):
            return self._token("literal", len(match.group()))
        return self._fail(json_faults.no_value(self.text, self.at))

    def _number(self, text: str) -> Token:
        digits = digits_counted(text)
        if digits > MAX_NUMBER_CHARACTERS:
            self._over("Number value length", digits, MAX_NUMBER_CHARACTERS, "NumberLength")
        return self._token("number", len(text))

    def _over(self, what: str, found: int, limit: int, name: str) -> NoReturn:
        """Refuse what AWS's reader holds to be too much."""
        reason = (
            f"{what} ({found}) exceeds the maximum allowed"
            f" ({limit}, from `StreamReadConstraints.getMax{name}()`)"
        )
        self._fail(Fault(reason, self.at))

    def _string(self, kind: Literal["key", "string"]) -> Token:
        match = _STRING.match(self.text, self.at)
        if match is None:
            what: Literal["name", "string value"] = "name" if kind == "key" else "string value"
            self._fail(json_faults.in_string(self.text, self.at, what))
        raw = match.group()
        value: str = json.loads(raw) if "\\" in raw else raw[1:-1]
        if kind == "key" and name_length(value) > MAX_NAME_CHARACTERS:
            self._over("Name length", name_length(value), MAX_NAME_CHARACTERS, "NameLength")
        self.at = match.end()
        return Token(kind, value, match.start(), self.at)

    def _token(self, kind: TokenKind, length: int) -> Token:
        start, self.at = self.at, self.at + length
        return Token(kind, self.text[start : self.at], start, self.at)

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _skip_space(self) -> None:
        if self._peek() not in _BLANKS:  # as between most tokens of compact JSON
            return
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def _fail(self, fault: Fault) -> NoReturn:
        line, column = place_of(self.text, fault.at)
        raise PatternError(fault.reason, line=line, column=column)


def digits_counted(number: str) -> int:
    """The digits of a number as AWS's reader counts them.

    A zero in front counts only in a number with both fraction and exponent.
    """
    digits = sum(one.isdigit() for one in number)
    both = "." in number and "e" in number.lower()
    return digits - (number.lstrip("-").startswith("0") and not both)


def name_length(name: str) -> int:
    """The UTF-16 units of a name."""
    return len(name) if name.isascii() else len(name.encode("utf-16-le", "surrogatepass")) // 2


def place_of(text: str, at: int) -> tuple[int, int]:
    """Line and column, from 1, of the character at an offset; columns are UTF-16 units.

    A carriage return ends a line, too, by itself or with the line feed behind it.
    """
    start = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    ends = text.count("\n", 0, at) + text.count("\r", 0, at) - text.count("\r\n", 0, at)
    astral = 0 if text.isascii() else sum(one > "\uffff" for one in text[start:at])
    return ends + 1, at - start + astral + 1
