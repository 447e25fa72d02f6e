"""The file that letters are exported to: new, private, and synced before anything is deleted."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from edactl.errors import EdactlError, ExitStatus, UsageError

if TYPE_CHECKING:
    from typing import TextIO


class ExportFailed(EdactlError):
    """The disk does not take the letters: none of those is deleted."""

    status = ExitStatus.PARTLY


class LetterFile:
    """Appends whole lines to a file, or to stdout where that is a file."""

    def __init__(self, name: str, descriptor: int) -> None:
        self.name = name
        self._descriptor = descriptor

    def write(self, lines: str) -> None:
        """Add whole lines. Raises ExportFailed."""
        left = memoryview(lines.encode())
        try:
            while left:
                left = left[os.write(self._descriptor, left) :]
        except OSError as error:
            raise self._failed(error) from None

    def sync(self) -> None:
        """Return when they are on disk. Raises ExportFailed."""
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            raise self._failed(error) from None

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def _failed(self, error: OSError) -> ExportFailed:
        return ExportFailed(f"{self.name} cannot be written: {error.strerror}")


def new_letter_file(name: str, stdout: TextIO) -> LetterFile:
    """The file to export to; `-` is stdout, which has to be a file then.

    Raises UsageError where there is a file already, or none can be made.
    """
    if name == "-":
        stdout.flush()
        descriptor = os.dup(stdout.fileno())
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise UsageError(
                "--delete needs a file that can be brought to the disk; stdout is none",
                hint="edactl dlq export DLQ FILE --delete",
            )
        return LetterFile("stdout", descriptor)
    try:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL
        return LetterFile(name, os.open(name, flags, 0o600))
    except FileExistsError:
        raise UsageError(f"{name} is there already", hint="name another file") from None
    except OSError as error:
        raise UsageError(f"{name} cannot be made: {error.strerror}", hint=f"ls -l {name}") from None
