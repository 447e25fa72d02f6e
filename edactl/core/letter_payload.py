"""What has to be sent again for a dead letter, as it was written, digit for digit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from edactl.core.letter import Payload

if TYPE_CHECKING:
    from edactl.core.letter import Letter

_decoder = json.JSONDecoder()
_SPACE = " \t\r\n"


def payload_of(letter: Letter) -> str | None:
    """The text to send again; None where the letter does not hold it.

    It is the body, or of a function's record the text of `requestPayload` inside it. An event of a
    rule is given as it is: the target's input transformation is the sender's work.
    """
    match letter.payload:
        case Payload.ABSENT:
            return None
        case Payload.REQUEST_PAYLOAD:
            return member_text(letter.message.body, "requestPayload")
    return letter.message.body


def member_text(document: str, name: str) -> str | None:
    """The text of one member of a JSON object, as it is written: `1.10` stays `1.10`.

    Of members with the same name the last one counts, as it does for every reader. None where the
    text is no object with this member.
    """
    found = None
    try:
        at = _after(document, 0, "{")
        while True:
            member, end = _decoder.raw_decode(document, _skipped(document, at))
            start = _skipped(document, _after(document, end, ":"))
            _, end = _decoder.raw_decode(document, start)
            if member == name:
                found = document[start:end]
            at = _skipped(document, end) + 1
            if document[at - 1 : at] != ",":
                return found if document[at - 1 : at] == "}" else None
    except (ValueError, RecursionError):
        return None


def _skipped(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _after(text: str, at: int, character: str) -> int:
    at = _skipped(text, at)
    if text[at : at + 1] != character:
        raise ValueError(character)
    return at + 1
