"""A place that cannot be reached closes its own door, and the letters of other places go on.

Where all letters go to one place a refusal stops the run. Where each goes to its own, one missing
target is no reason to keep the others; but nobody wants to read of each of 10,000 letters that it
was refused, so a run that has reached nothing at all gives up.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edactl.core.redrive_delivery import Delivered, Delivery, Halted, Refused
from edactl.errors import AwsError, ConfigError, EdactlError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edactl.core.redrive_route import Carried
    from edactl.ops.redrive_ports import Door

PATIENCE = 100
"""So many letters may be refused by closed doors before any has arrived anywhere."""


@dataclass
class Patience:
    """How many letters the doors of a run have taken, and how many met a closed one."""

    delivered: int = 0
    refused: int = 0
    error: EdactlError | None = None
    """Why the door that closed first did."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def door(self, inner: Door) -> ClosingDoor:
        """The door, which closes instead of stopping the run."""
        return ClosingDoor(inner, self)

    def closed(self, error: EdactlError) -> ClosingDoor:
        """A door that is closed from the start."""
        return ClosingDoor(None, self, error)

    def note(self, answers: Sequence[Delivery]) -> None:
        """Count what arrived."""
        with self._lock:
            self.delivered += sum(isinstance(one, Delivered) for one in answers)

    @property
    def in_vain(self) -> EdactlError | None:
        """Why a run came to nothing: all doors that letters went to were closed to them."""
        return None if self.delivered else self.error

    def is_out(self, refused: int, error: EdactlError) -> bool:
        """Count so many refusals; whether it is time to give up."""
        with self._lock:
            self.error = self.error or error
            self.refused += refused
            return not self.delivered and self.refused >= PATIENCE


@dataclass
class ClosingDoor:
    """A door that stays closed once what is behind it was found missing, or not allowed."""

    inner: Door | None
    patience: Patience
    error: EdactlError | None = None

    @property
    def deduplicates(self) -> bool:
        """As the inner door does."""
        return self.inner is not None and self.inner.deduplicates

    def deliver(self, letters: Sequence[Carried]) -> list[Delivery]:
        """What became of each letter, in their order."""
        if self.inner is None or self.error is not None:
            return self._all_refused(len(letters))
        answers = self.inner.deliver(letters)
        self.patience.note(answers)
        return [self._after(one) for one in answers]

    def _all_refused(self, count: int) -> list[Delivery]:
        assert self.error is not None  # noqa: S101 -- who has no inner door has this
        if self.patience.is_out(count, self.error):
            return [Halted(self.error)] * count
        return [_refusal(self.error)] * count

    def _after(self, answer: Delivery) -> Delivery:
        if not isinstance(answer, Halted) or isinstance(answer.error, ConfigError):
            return answer
        self.error = answer.error
        return answer if self.patience.is_out(1, answer.error) else _refusal(answer.error)


def _refusal(error: EdactlError) -> Refused:
    code = error.code if isinstance(error, AwsError) else type(error).__name__
    return Refused(code, error.message)
