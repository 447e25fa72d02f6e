"""Input templates: text with `<name>` placeholders, a JSON value or quoted strings."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_TEMPLATE_CHARACTERS = 8192
RULE_ARN = "aws.events.rule-arn"
RULE_NAME = "aws.events.rule-name"
INGESTION_TIME = "aws.events.event.ingestion-time"
ENVELOPE = "aws.events.event"
WHOLE_EVENT = "aws.events.event.json"
RESERVED = (RULE_ARN, RULE_NAME, INGESTION_TIME, ENVELOPE, WHOLE_EVENT)
RESERVED_JSON = frozenset({ENVELOPE, WHOLE_EVENT})

_PLACEHOLDER = re.compile(r"<(?P<name>[^<>]*)>")
_TOKEN = re.compile(rf'\\["\\]|"|{_PLACEHOLDER.pattern}')
_THEN_COLON = re.compile(r"\s*:")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """`<name>` in a template; `in_quotes` inside a string, `is_key` where a key would stand."""

    name: str
    in_quotes: bool
    is_key: bool


Piece: TypeAlias = str | Placeholder


@dataclass(frozen=True)
class Template:
    """A template taken apart.

    `kind` is "string" for text that begins with a quote: quoted strings, one a line. All its
    placeholders count as inside quotes, so that unescaped quotes in the text do not matter; the
    user guide shows such a template delivered as it is. Everything else is "json". The characters
    `<` and `>` cannot be escaped. Source: EventBridge user guide, "Amazon EventBridge input
    transformation", and its editions of 2020 to 2023.
    """

    text: str
    kind: Literal["json", "string"]
    pieces: tuple[Piece, ...]

    @property
    def placeholders(self) -> tuple[Placeholder, ...]:
        """Its placeholders, in order."""
        return tuple(one for one in self.pieces if isinstance(one, Placeholder))

    @property
    def sample(self) -> str:
        """The text with nothing in each placeholder: null, or an empty text inside quotes."""
        return self.filled(lambda one: "" if one.in_quotes else "null")

    def filled(self, render: Callable[[Placeholder], str]) -> str:
        """The text with each placeholder replaced."""
        return "".join(one if isinstance(one, str) else render(one) for one in self.pieces)


def parse_template(text: str) -> Template:
    """The template in the text; whether it is valid is another question."""
    if text.lstrip().startswith('"'):
        return Template(text, "string", tuple(_pieces_of_string(text)))
    return Template(text, "json", tuple(_pieces_of_json(text)))


def _pieces_of_string(text: str) -> Iterator[Piece]:
    at = 0
    for token in _PLACEHOLDER.finditer(text):
        yield text[at : token.start()]
        yield Placeholder(token["name"], in_quotes=True, is_key=False)
        at = token.end()
    yield text[at:]


def _pieces_of_json(text: str) -> list[Piece]:
    """What stands in a string is a key when a colon follows the string."""
    pieces: list[Piece] = []
    at, string_starts_at = 0, -1
    for token in _TOKEN.finditer(text):
        name = token["name"]
        if name is not None:
            inside = string_starts_at >= 0
            is_key = not inside and _THEN_COLON.match(text, token.end()) is not None
            pieces += [text[at : token.start()], Placeholder(name, inside, is_key)]
            at = token.end()
        elif token.group() == '"' and string_starts_at < 0:
            string_starts_at = len(pieces)
        elif token.group() == '"':
            if _THEN_COLON.match(text, token.end()):
                pieces[string_starts_at:] = [_as_key(one) for one in pieces[string_starts_at:]]
            string_starts_at = -1
    return [*pieces, text[at:]]


def _as_key(piece: Piece) -> Piece:
    return piece if isinstance(piece, str) else replace(piece, is_key=True)
