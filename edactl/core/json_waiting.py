"""Lines of a JSON value that goes on over many of them."""

from __future__ import annotations

import re

MAX_VALUE_CHARACTERS = 4 * 1024 * 1024
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


class Waiting:
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
