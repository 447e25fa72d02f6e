"""What letters have in common: the words of a text without its numbers and ids, a body's shape."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edactl.core.message import parsed_body

if TYPE_CHECKING:
    from edactl.core.record import JsonValue

MASK = "#"
_LOOKED_AT = 2000
_SHOWN = 200
_SHOWN_NAMES = 20
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z\b|[+-]\d\d:?\d\d\b)?"
)
_UUID = re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b")
_WORD_WITH_DIGIT = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]*[0-9][A-Za-z0-9]*")
_HEX = re.compile(r"[0-9a-fA-F]{6,}|0[xX][0-9a-fA-F]+")
_DIGITS = re.compile(r"[0-9]+")
_RUN = re.compile(r"(?:(?<!\w)[-+])?#(?:[.,:/_+-]*#)*")
_ID_LENGTH = 12
"""A word of letters and digits this long is an id, shorter ones are names as `sha256` or `s3`."""
_KIND_NAMES = frozenset(
    {
        *("action", "command", "kind", "operation", "source", "topicarn", "type"),
        *("detail-type", "event", "event_type", "eventname", "eventsource", "eventtype"),
        *("error", "errorcode", "errortype", "message_type", "messagetype"),
    }
)
"""Members, by their names in lower case, whose values tell kinds of messages apart."""


def masked(text: str) -> str:
    """The text on one line with `#` for every number, id, UUID, hex text and time in it.

    Two texts of one program's message, about different things, come out the same. At most 200
    characters are kept.
    """
    text = " ".join(text[:_LOOKED_AT].split())
    text = _UUID.sub(MASK, _TIME.sub(MASK, text))
    text = _WORD_WITH_DIGIT.sub(_masked_word, text)
    return _RUN.sub(MASK, text)[:_SHOWN]


def _masked_word(found: re.Match[str]) -> str:
    word = found.group()
    if len(word) >= _ID_LENGTH or _HEX.fullmatch(word):
        return MASK
    return _DIGITS.sub(MASK, word)


def shape_of(body: str) -> str:
    """What a body is, without what it is about.

    For a JSON object the names of its members, and the values of those that tell its kind, as
    `type` or `detail-type`; for a list that of its first item; for other text its first words.
    """
    value = parsed_body(body) if body.lstrip()[:1] in {"{", "["} else None
    match value:
        case dict():
            return _of_object(value)
        case [dict(first), *_]:
            return f"[{_of_object(first)}]"
        case [*_]:
            return "[]"
    return masked(body)


def _of_object(value: dict[str, JsonValue]) -> str:
    names = sorted(value)[:_SHOWN_NAMES]
    return "{" + ", ".join(_member(name, value[name]) for name in names) + "}"


def _member(name: str, value: JsonValue) -> str:
    tells = name.lower() in _KIND_NAMES and isinstance(value, str)
    return f"{masked(name)}: {masked(str(value))}" if tells else masked(name)
