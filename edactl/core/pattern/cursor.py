"""Where the compiler stands in a pattern's text: token, path and place."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from edactl.core.pattern.error import PatternError
from edactl.core.pattern.tokens import place_of, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.core.pattern.error import Kind
    from edactl.core.pattern.tokens import Token


class Cursor:
    """The tokens of a pattern, the last one read, and the path it stands at.

    AWS's reader has read a value when it gives the name before it, all but the text of a string:
    an error at a name stands behind the value's start, and one in the value comes first.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.path = ""
        self.token: Token | None = None
        self._ahead: Token | None = None
        self._tokens: Iterator[Token] = tokens(text)

    def next(self) -> Token:
        """The next token; what JSON does not allow is a PatternError with the path."""
        self.token = self._ahead or self._read()
        self._ahead = None
        if self.token.kind == "key" and not self._string_follows(self.token.end):
            self._ahead = self._read()
        return self.token

    def _read(self) -> Token:
        try:
            return next(self._tokens)
        except PatternError as error:
            raise PatternError(
                error.reason, path=self.path, line=error.line, column=error.column
            ) from None

    def _string_follows(self, at: int) -> bool:
        return self._value_after(at).startswith('"')

    def _value_after(self, at: int) -> str:
        """The text behind a name's colon, blanks left out."""
        return self.text[at:].lstrip(" \t\r\n").removeprefix(":").lstrip(" \t\r\n")

    def error(self, reason: str, *, kind: Kind = "json", read: bool = False) -> PatternError:
        """The error at the last token; a string whose text was not `read` ends at its quote."""
        token = self.token
        at = token.end if token else 0
        if token and token.kind == "string" and not read:
            at = token.start + 1
        if token and token.kind == "key":
            at = self._ahead.end if self._ahead else len(self.text) - len(self._value_after(at)) + 1
        line, column = place_of(self.text, at)
        return PatternError(reason, path=self.path, line=line, column=column, kind=kind)

    def fail(self, reason: str, *, read: bool = False) -> NoReturn:
        """Raise that error."""
        raise self.error(reason, read=read)

    def expect(self, kind: str, reason: str) -> Token:
        """The next token, which has to be of this kind."""
        if self.next().kind != kind:
            self.fail(reason)
        assert self.token  # noqa: S101 -- next() has just set it
        return self.token
