"""What an answer of AWS to a letter means for it."""

from __future__ import annotations

from edactl.core.message import NotSent, SendOutcome, Sent
from edactl.core.redrive_delivery import Delivered, Delivery, Halted, Refused, Unknown
from edactl.errors import (
    AccessDenied,
    AwsError,
    ConfigError,
    EdactlError,
    FailedInside,
    InputError,
    NotFound,
    Throttled,
    Unreachable,
)

_LOST = frozenset({"ResponseParserError", "NoAnswer"})
"""Codes of answers that do not tell: a text that is none of AWS's, and a message left out."""
_THROTTLES = ("Throttl", "ProvisionedThroughputExceeded", "TooManyRequests", "LimitExceeded")


def delivery_of(outcome: SendOutcome) -> Delivery:
    """What an entry's own answer means for its letter."""
    match outcome:
        case Sent(message_id):
            return Delivered(message_id)
        case NotSent(code, message) if code in _LOST:
            return Unknown(message)
        case NotSent(code, message, retryable):
            throttled = retryable and any(word in code for word in _THROTTLES)
            return Refused(code, message, retryable, throttled)


def delivery_of_call(error: EdactlError) -> Delivery:
    """What a call that failed as a whole means for each of its letters."""
    match error:
        case FailedInside() | Unreachable():
            return Unknown(error.message)
        case Throttled():
            return Refused(error.code, error.message, retryable=True, throttled=True)
        case AccessDenied() | NotFound() | ConfigError():
            return Halted(error)
        case AwsError(code=code) if code.upper().startswith("KMS"):
            return Halted(error)
        case AwsError(code=code) if code in _LOST:
            return Unknown(error.message)
        case AwsError(code=code):
            return Refused(code, error.message)
        case InputError():
            return Refused("InvalidInput", error.message)
    return Halted(error)
