"""What has to be sent again for a dead letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.core.json_text import json_text
from edactl.core.letter import Payload
from edactl.core.message import parsed_body

if TYPE_CHECKING:
    from edactl.core.letter import Letter


def payload_of(letter: Letter) -> str | None:
    """The text to send again; None where the letter does not hold it.

    It is the body, or of a function's record the `requestPayload` in it, with the digits that its
    numbers came with. An event of a rule is given as it is: the target's input transformation is
    the sender's work.
    """
    if letter.payload is Payload.ABSENT:
        return None
    if letter.payload is not Payload.REQUEST_PAYLOAD:
        return letter.message.body
    match parsed_body(letter.message.body):
        case {"requestPayload": request}:
            return json_text(request)
    return None
