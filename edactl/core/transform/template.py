"""Input templates: text with `<name>` placeholders, a JSON value or quoted strings."""

from __future__ import annotations

import re
from dataclasses import dataclass
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

_TOKEN = re.compile(r'\\["\\]|"|<(?P<name>[^<>]*)>')
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

    def filled(self, render: Callable[[Placeholder], str]) -> str:
        """The text with each placeholder replaced."""
        return "".join(one if isinstance(one, str) else render(one) for one in self.pieces)


def parse_template(text: str) -> Template:
    """The template in the text; whether it is valid is another question."""
    is_string = text.lstrip().startswith('"')
    return Template(text, "string" if is_string else "json", tuple(_pieces(text, is_string)))


def _pieces(text: str, is_string: bool) -> Iterator[Piece]:  # noqa: FBT001 -- told by the text
    at, inside = 0, False
    for token in _TOKEN.finditer(text):
        name = token["name"]
        if name is None:
            inside ^= token.group() == '"'
            continue
        yield text[at : token.start()]
        at = token.end()
        in_quotes = is_string or inside
        yield Placeholder(name, in_quotes, is_key=not is_string and _is_key(text, at, inside))
    yield text[at:]


def _is_key(text: str, at: int, inside: bool) -> bool:  # noqa: FBT001 -- a state of the scanner
    """Whether a colon follows the placeholder, or the string that it is in."""
    if inside:
        closing = next((one for one in _TOKEN.finditer(text, at) if one.group() == '"'), None)
        at = closing.end() if closing else len(text)
    return _THEN_COLON.match(text, at) is not None
