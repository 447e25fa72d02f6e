"""Doors that lead nowhere in AWS: into the journal alone, and into a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from edactl.core.journal import line, message_record
from edactl.core.redrive_delivery import Delivered, Delivery, Halted
from edactl.errors import EdactlError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edactl.core.redrive_route import Carried


class LineFile(Protocol):
    """Takes lines of letters, and brings them to the disk."""

    def write(self, lines: str, /) -> None:
        """Add whole lines. Raises EdactlError."""
        ...

    def sync(self) -> None:
        """Return when they are on disk. Raises EdactlError."""
        ...


@dataclass(frozen=True)
class DropDoor:
    """Takes every letter: the journal has it in full, and that is all that is left of it."""

    deduplicates: bool = True

    def deliver(self, letters: Sequence[Carried]) -> list[Delivery]:
        """Every letter is taken."""
        return [Delivered() for _ in letters]


@dataclass(frozen=True)
class FileDoor:
    """Writes each letter to a file, and has it on disk before it counts as taken."""

    file: LineFile
    deduplicates: bool = False
    _lock: Lock = field(default_factory=Lock)

    def deliver(self, letters: Sequence[Carried]) -> list[Delivery]:
        """Every letter is taken, once the disk has them all."""
        lines = "".join(line(message_record(letter.message)) for letter in letters)
        try:
            with self._lock:
                self.file.write(lines)
                self.file.sync()
        except EdactlError as error:
            return [Halted(error) for _ in letters]
        return [Delivered() for _ in letters]
