"""Why a letter could not be delivered, as its error code tells: an open set, sorted into causes.

Sources: EventBridge user guide, "Using dead-letter queues to process undelivered events" (codes in
capitals); the error names of the targets' APIs, as Scheduler hands them on; Lambda developer guide,
"Troubleshoot invocation issues".
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING

from edactl.core.letter import Origin

if TYPE_CHECKING:
    from edactl.core.letter import Letter


class Cause(Enum):
    """What went wrong, as far as an operator's next step depends on it."""

    PERMISSION = auto()
    ROLE = auto()
    MISSING = auto()
    THROTTLED = auto()
    UNREACHABLE = auto()
    KEY = auto()
    TRANSFORMATION = auto()
    REFUSED = auto()
    HOPS = auto()
    TOO_OLD = auto()
    TIMED_OUT = auto()
    MEMORY = auto()
    HANDLER = auto()
    INSIDE_AWS = auto()
    UNKNOWN = auto()


_BY_CODE = (
    (Cause.ROLE, "ASSUME_ROLE|AssumeRole"),
    (Cause.KEY, "KMS|Kms"),
    (Cause.PERMISSION, "NO_PERMISSIONS|AccessDenied|NotAuthorized|AuthorizationError|Forbidden"),
    (Cause.MISSING, "NO_RESOURCE|NonExistent|NotFound|DoesNotExist|NoSuch"),
    (Cause.THROTTLED, "THROTTL|Throttl|TooManyRequests|LIMIT_EXCEEDED|LimitExceeded|^429$"),
    (Cause.HOPS, "_HOP_DETECTED|CROSS_ACCOUNT_|CROSS_REGION_"),
    (Cause.TRANSFORMATION, "INVALID_JSON|InvalidMessageContents"),
    (Cause.UNREACHABLE, "CONNECTION_FAILURE|^TIMEOUT$"),
    (Cause.TIMED_OUT, "Timedout|TimeoutError"),
    (Cause.MEMORY, "OutOfMemory|MemoryError"),
    (Cause.TOO_OLD, "AgeExceeded"),
    (Cause.INSIDE_AWS, "INTERNAL_ERROR|InternalServerError|InternalFailure|ServiceUnavailable"),
    (Cause.REFUSED, "ERROR_FROM_TARGET|SDK_CLIENT_ERROR|REJECTED|RESOURCE_(ALREADY|MODIFICATION)_"),
    (Cause.REFUSED, "INVALID_PARAMETER|InvalidParameter|Validation"),
)
_BY_MESSAGE = (
    (Cause.KEY, r"\bKMS\b"),
    (Cause.TIMED_OUT, r"Task timed out after"),
    (Cause.MEMORY, r"signal: killed|out of memory"),
    (Cause.PERMISSION, r"not authorized to perform"),
)
_FUNCTIONS = frozenset({Origin.LAMBDA_ASYNC, Origin.LAMBDA_DESTINATION, Origin.STREAM_DESTINATION})


def cause_of(letter: Letter) -> Cause:
    """What went wrong; for a function's letter that says nothing more exact, its handler."""
    told = letter.error_message or ""
    if found := _first(_BY_MESSAGE, told) or _first(_BY_CODE, letter.reason or ""):
        return found
    return Cause.HANDLER if letter.origin in _FUNCTIONS else Cause.UNKNOWN


def _first(table: tuple[tuple[Cause, str], ...], text: str) -> Cause | None:
    return next((cause for cause, pattern in table if re.search(pattern, text)), None)
