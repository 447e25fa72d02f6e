"""The checkpoint of a file replay on disk: made, found again, and added to."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from edactl.cli.state_files import state_directory
from edactl.core.replay_checkpoint import (
    Checkpoint,
    ReplayedFile,
    end_line,
    read_checkpoint,
    refuse_other,
)
from edactl.errors import InputError, UnreadableFile, UnwritableFile, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from edactl.core.replay_checkpoint import Header

_TAIL_BYTES = 4 * 1024 * 1024


def fingerprint(name: str) -> ReplayedFile:
    """A file's size and content hash. Raises InputError when its last line is cut off."""
    path = Path(name)
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
            if path.suffix not in {".gz", ".zst"}:
                file.seek(max(0, size - _TAIL_BYTES))
                _check_end(file.read(), name)
    except OSError as error:
        raise UnreadableFile(error, name) from None
    return ReplayedFile(name, size, digest)


def _check_end(tail: bytes, name: str) -> None:
    """A copy that was interrupted ends inside an event; that is found before anything is sent."""
    _, newline, last = tail.rpartition(b"\n")
    if not newline and len(tail) == _TAIL_BYTES:  # the line begins before the tail
        return
    left = last.decode("utf-8", "replace").strip()
    decode = json.JSONDecoder().raw_decode
    try:
        while left.startswith("{"):
            left = left[decode(left)[1] :].lstrip()
    except RecursionError:
        return
    except ValueError:
        raise InputError(
            "the last line is cut off in the middle of an event",
            where=name,
            hint=f"copy the file again, or leave that line out: head -n -1 {name}",
        ) from None


class CheckpointFile:
    """A checkpoint that is made, or opened, at its first line.

    So a run that sends nothing leaves none. Every line is written by one call, and outlives the
    process.
    """

    def __init__(self, path: Path, header: Header, found: Checkpoint | None) -> None:
        self.path = path
        self._header = header
        self._found = found
        self._descriptor: int | None = None
        self._lock = threading.Lock()

    @property
    def exists(self) -> bool:
        """Whether there is a file to resume from."""
        return self._descriptor is not None or self._found is not None

    def write(self, line: str) -> None:
        """Add a line. Raises UnwritableFile when the file cannot be made or opened."""
        with self._lock:
            if self._descriptor is None:
                self._descriptor = self._opened()
            os.write(self._descriptor, line.encode())

    def _opened(self) -> int:
        try:
            if self._found is not None:
                os.truncate(self.path, self._found.size_bytes)  # a line that was cut off goes
                return os.open(self.path, os.O_WRONLY | os.O_APPEND)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
            descriptor = os.open(self.path, flags, 0o600)
            os.write(descriptor, self._header.line().encode())
        except OSError as error:
            raise UnwritableFile(error, f"--checkpoint {self.path}") from None
        return descriptor

    def close(self, *, ended: bool) -> None:
        """Say that nothing is in flight any more, bring it to the disk, and close it."""
        if self._descriptor is None:
            return
        os.write(self._descriptor, end_line(ended=ended).encode())
        os.fsync(self._descriptor)
        os.close(self._descriptor)

    def remove(self) -> None:
        """Delete it: there is nothing to resume."""
        with suppress(OSError):
            self.path.unlink()


def new(path: Path, header: Header) -> CheckpointFile:
    """The checkpoint of a new run. Raises UsageError where a file is there already."""
    if path.exists():
        raise UsageError(
            f"--checkpoint {path} is there already",
            hint="--resume goes on with it; name another file for a new replay",
        )
    return CheckpointFile(path, header, None)


def reopen(path: Path, run: Header) -> tuple[CheckpointFile, Checkpoint]:
    """A checkpoint to go on with. Raises InputError when it is none, or not of this replay."""
    found = read(path)
    refuse_other(found.header, run, str(path))
    return CheckpointFile(path, found.header, found), found


def read(path: Path) -> Checkpoint:
    """What a checkpoint says."""
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            return read_checkpoint(file, str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(error, f"--checkpoint {path}") from None


def default_path(environment: Mapping[str, str], run_id: str) -> Path:
    """Where the checkpoint of a replay goes when nobody says."""
    return state_directory(environment, "replay") / f"{run_id}.ndjson"


def unfinished(environment: Mapping[str, str], bus: str, files: Sequence[ReplayedFile]) -> Path:
    """The newest checkpoint of these files and this bus that has not ended.

    Raises UsageError when none is known here.
    """
    directory = state_directory(environment, "replay")
    paths = sorted(directory.glob("*.ndjson"), key=lambda path: path.stat().st_mtime, reverse=True)
    hashes = [one.sha256 for one in files]
    for path, found in _readable(paths):
        same = [one.sha256 for one in found.header.files] == hashes and found.header.bus == bus
        if same and not found.ended:
            return path
    raise UsageError(
        f'no unfinished replay of these files on bus "{bus}" is known here',
        hint="--checkpoint FILE names one; without --resume a new replay begins",
    )


def _readable(paths: Sequence[Path]) -> Iterator[tuple[Path, Checkpoint]]:
    for path in paths:
        with suppress(InputError):
            yield path, read(path)
