"""What a row of the table of launch and stop failures says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Literal

Where = Literal["failure", "error", "stop"]
"""In `failures` of an answer, as an error instead of one, or why a task stopped."""


class FailureClass(Enum):
    """What kind of failure it is, and so whether trying again can help."""

    CAPACITY = "capacity"
    THROTTLE = "throttle"
    QUOTA = "quota"
    INTERRUPTED = "interrupted"
    TRANSIENT = "transient"
    CONFIGURATION = "configuration"
    UNKNOWN = "unknown"

    @property
    def retried(self) -> bool:
        """Whether the same request may go through later."""
        return self not in {FailureClass.CONFIGURATION, FailureClass.UNKNOWN}


@dataclass(frozen=True)
class FailureRule:
    """A row: where it is seen, what its code and text match, its class, and words on it."""

    where: Where
    code: str
    text: str
    kind: FailureClass
    says: str
    fix: str

    def fits(self, where: Where, code: str, text: str) -> bool:
        """Whether a failure is of this row."""
        return (
            self.where == where
            and re.fullmatch(self.code, code, re.IGNORECASE) is not None
            and re.search(self.text, text, re.IGNORECASE) is not None
        )
