"""JSON text as tokens with their places: strict, never recursive, numbers as they are written."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NoReturn

from edactl.core.pattern.error import PatternError

if TYPE_CHECKING:
    from collections.abc import Iterator

TokenKind = Literal["{", "}", "[", "]", "key", "string", "number", "literal"]

MAX_DEPTH = 1000
MAX_NUMBER_CHARACTERS = 1000
_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORD = re.compile(r"[A-Za-z]+")
_STRING = re.compile(r'"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"')
_LITERALS = {"true", "false", "null"}
_CLOSING: dict[str, TokenKind] = {"{": "}", "[": "]"}


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
    1,000, and at a number of more than 1,000 digits (the limits of AWS's JSON reader).
    """
    return _Tokenizer(text).run()


class _Tokenizer:
    """The text, how far it is read, and the brackets that are open."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.open: list[str] = []

    def run(self) -> Iterator[Token]:
        self._skip_space()
        yield self._value()
        fresh = True
        while self.open:
            self._skip_space()
            if self._peek() == _CLOSING[self.open[-1]]:
                yield self._token(_CLOSING[self.open.pop()], 1)
                fresh = False
                continue
            if not fresh:
                self._comma(self._peek())
            if self.open[-1] == "{":
                yield self._key()
            token = self._value()
            fresh = token.kind in _CLOSING
            yield token

    def _comma(self, found: str) -> None:
        if found != ",":
            inside = "Object" if self.open[-1] == "{" else "Array"
            self._unexpected(f"was expecting comma to separate {inside} entries")
        self.at += 1
        self._skip_space()

    def _key(self) -> Token:
        if self._peek() != '"':
            self._unexpected("was expecting double-quote to start field name")
        found = self._string("key")
        self._skip_space()
        if self._peek() != ":":
            self._unexpected("was expecting a colon to separate field name and value")
        self.at += 1
        self._skip_space()
        return found

    def _value(self) -> Token:
        found = self._peek()
        if found in _CLOSING:
            self.open.append(found)
            if len(self.open) > MAX_DEPTH:
                self._fail(f"Document nesting depth ({MAX_DEPTH + 1}) exceeds the maximum allowed")
            return self._token("{" if found == "{" else "[", 1)
        if found == '"':
            return self._string("string")
        if match := _NUMBER.match(self.text, self.at):
            return self._number(match.group())
        if match := _WORD.match(self.text, self.at):
            if match.group() in _LITERALS:
                return self._token("literal", len(match.group()))
            self._fail(
                f"Unrecognized token '{match.group()[:40]}': was expecting (JSON String, Number,"
                " Array, Object or token 'null', 'true' or 'false')"
            )
        return self._bad_value(found)

    def _number(self, text: str) -> Token:
        digits = sum(one.isdigit() for one in text)
        if digits > MAX_NUMBER_CHARACTERS:
            self._fail(f"Number value length ({digits}) exceeds the maximum allowed")
        token = self._token("number", len(text))
        if text in {"0", "-0"} and self._peek().isdigit():
            self._fail("Invalid numeric value: Leading zeroes not allowed")
        return token

    def _bad_value(self, found: str) -> NoReturn:
        if found == "-":
            self.at += 1
            self._unexpected(
                "expected digit (0-9) to follow minus sign, for valid numeric value",
                " in numeric value",
            )
        if found == "+":
            self._unexpected(
                "JSON spec does not allow numbers to have plus signs: enable"
                " `JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow",
                " in numeric value",
            )
        self._unexpected("expected a valid value (JSON String, Number, Array, Object or token)")

    def _string(self, kind: Literal["key", "string"]) -> Token:
        match = _STRING.match(self.text, self.at)
        if match is None:
            self._bad_string()
        raw = match.group()
        self.at = match.end()
        value: str = json.loads(raw) if "\\" in raw else raw[1:-1]
        return Token(kind, value, match.start(), self.at)

    def _bad_string(self) -> NoReturn:
        for at in range(self.at + 1, len(self.text)):
            one = self.text[at]
            if one < " ":
                self.at = at
                self._fail(
                    f"Illegal unquoted character ((CTRL-CHAR, code {ord(one)})): has to be"
                    " escaped using backslash to be included in string value"
                )
            if one == '"' and self.text[at - 1] != "\\":
                break
        self._fail("Unrecognized character escape, or the string does not end")

    def _token(self, kind: TokenKind, length: int) -> Token:
        start, self.at = self.at, self.at + length
        return Token(kind, self.text[start : self.at], start, self.at)

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _skip_space(self) -> None:
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def _unexpected(self, expected: str, place: str = "") -> NoReturn:
        found = self._peek()
        if not found:
            inside = {"{": "Object", "[": "Array"}.get(self.open[-1] if self.open else "", "value")
            self._fail(f"Unexpected end-of-input: expected close marker for {inside}")
        code = f"Unexpected character ('{found}' (code {ord(found)}))"
        self._fail(f"{code}{place}: {expected}")

    def _fail(self, reason: str) -> NoReturn:
        line, column = place_of(self.text, self.at)
        raise PatternError(reason, line=line, column=column)


def place_of(text: str, at: int) -> tuple[int, int]:
    """Line and column, from 1, of the character at an offset."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
