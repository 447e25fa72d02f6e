"""What CloudWatch Logs is sent for an event of a rule. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.core.message import parsed_body
from edactl.core.times import parse_time
from edactl.errors import InputError

if TYPE_CHECKING:
    from datetime import datetime


def log_entry(text: str, now: datetime) -> tuple[int, str]:
    """The timestamp, in milliseconds since 1970, and the message of one log event.

    The text of a target that is a log group is the event, or what a template made of it: an object
    of `timestamp` and `message`, both text. A timestamp is a time or milliseconds; what is neither,
    and an event without one, gets `now` (unverified).
    Source: EventBridge API reference, InputTransformer; aws-cdk, LogGroupTargetInput.
    """
    match parsed_body(text):
        case {"message": str(message), "timestamp": str(moment) | int(moment), **rest} if not rest:
            return _milliseconds(str(moment), now), message
    return _milliseconds("", now), text


def _milliseconds(text: str, now: datetime) -> int:
    if text.isdecimal():
        return int(text)
    try:
        moment = parse_time(text, now=now) if text else now
    except InputError:
        moment = now
    return int(moment.timestamp() * 1000)
