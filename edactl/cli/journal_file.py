"""The journal of a run on disk: made at its first line, private, synced in groups."""

from __future__ import annotations

import fcntl
import os
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

from edactl.cli.state_files import state_directory
from edactl.core.journal_reading import read_entries, read_header
from edactl.errors import EdactlError, ExitStatus, InputError, UnreadableFile, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from edactl.core.journal import Entry, JournalHeader

KIND = "redrive"
_to_disk = getattr(os, "fdatasync", os.fsync)  # the data, and the length they need


class JournalFailed(EdactlError):
    """The disk does not take the journal: without it nothing may be sent or deleted."""

    status = ExitStatus.PARTLY


class Header(Protocol):
    """What a journal belongs to."""

    def line(self) -> str:
        """The first line of the file."""
        ...


class JournalFile:
    """Appends whole lines. A run that moves nothing leaves no file behind.

    Workers that wait for the disk at the same time share one sync. One process has a journal at a
    time: the lock goes with the process, however that ends.
    """

    def __init__(self, path: Path, header: Header | None, option: str = "--journal") -> None:
        """With a `header` the journal is new; without, the file is there and goes on.

        `option` is the one that names another file.
        """
        self.path = path
        self._option = option
        self._header = header
        self._descriptor: int | None = None
        self._lock, self._syncing = threading.Lock(), threading.Lock()
        self._pending = bytearray()
        self._added = self._synced = 0
        self._failed = False

    @classmethod
    def going_on(cls, path: Path, option: str = "--journal") -> Self:
        """A journal that is there, to add to. Raises UsageError while another process has it."""
        journal = cls(path, None, option)
        with journal._failing():
            journal._descriptor = journal._opened()
        return journal

    @property
    def exists(self) -> bool:
        """Whether there is a file to resume from."""
        return self._descriptor is not None or self._header is None

    def write(self, lines: str) -> None:
        """Add whole lines; they outlive the process. Raises JournalFailed."""
        with self._lock:
            self._add(lines)
            self._flush()

    def save(self, lines: str) -> None:
        """Add whole lines, and return when they are on disk. Raises JournalFailed."""
        with self._lock:
            self._add(lines)
            wanted = self._added
        self._sync_to(wanted)

    def sync(self) -> None:
        """Return when all that was added before is on disk. Raises JournalFailed."""
        self._sync_to(self._added)

    def _add(self, lines: str) -> None:
        self._pending += lines.encode()
        self._added += 1

    def _flush(self) -> int:
        """Write what is pending; what the disk does not take stays so, and goes first."""
        with self._failing():
            if self._descriptor is None:
                self._descriptor = self._opened()
            while self._pending:
                written = os.write(self._descriptor, self._pending)
                del self._pending[:written]
            return self._descriptor

    def _sync_to(self, wanted: int) -> None:
        """Whoever comes first writes and syncs for all that wait: each system call costs a turn."""
        with self._syncing:
            if self._synced >= wanted:
                return
            with self._lock:
                descriptor, added = self._flush(), self._added
            with self._failing():
                _to_disk(descriptor)
            self._synced = added

    def close(self) -> None:
        """Bring everything to the disk and close."""
        if self._descriptor is not None:
            if not self._failed:  # else whoever wrote was told
                self.sync()
            os.close(self._descriptor)
            self._descriptor = None

    def _opened(self) -> int:
        flags = os.O_WRONLY | os.O_APPEND
        if self._header is None:
            descriptor = os.open(self.path, flags)
            _lock(descriptor, self.path)
            return descriptor
        descriptor = os.open(self.path, flags | os.O_CREAT | os.O_EXCL, 0o600)
        _lock(descriptor, self.path)
        os.write(descriptor, self._header.line().encode())
        self._header = None
        with suppress(OSError):  # a file system without synced folders
            folder = os.open(self.path.parent, os.O_RDONLY)
            os.fsync(folder)  # the name has to outlive a crash too
            os.close(folder)
        return descriptor

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._failed = True
            raise JournalFailed(
                f"journal {self.path} cannot be written: {error.strerror}",
                hint="nothing is sent or deleted without it; free some space, then --resume, or"
                f" name another file with {self._option}",
            ) from None


def _lock(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise UsageError(
            f"the run of journal {path} is still at work in another process",
            hint="wait for its end, or stop it: Ctrl-C there, or kill -TERM",
        ) from None


def new_journal(path: Path, header: Header, option: str = "--journal") -> JournalFile:
    """The journal of a new run. Raises UsageError where a file is there already."""
    if path.exists():
        raise UsageError(
            f"{option} {path} is there already",
            hint="--resume goes on with it; name another file for a new run",
        )
    if not path.parent.is_dir():
        raise UsageError(f"{option} {path}: there is no such folder", hint="make it first")
    return JournalFile(path, header, option)


def default_path(environment: Mapping[str, str], run_id: str) -> Path:
    """Where the journal of a run goes when nobody says."""
    return state_directory(environment, KIND) / f"{run_id}.ndjson"


def read_journal_header(path: Path) -> JournalHeader:
    """What a journal belongs to. Raises InputError when it is none."""
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            return read_header(file.readline(), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(error, str(path)) from None


def journal_entries(path: Path) -> Iterator[tuple[Entry, int]]:
    """Each entry of a journal, and its length in bytes."""
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            file.readline()
            yield from read_entries(file, str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(error, str(path)) from None


def cut_after(path: Path, entries_bytes: int) -> None:
    """Cut off a last line that a crash left unfinished, so that the next one stands alone."""
    try:
        with path.open("rb") as file:
            whole = len(file.readline()) + entries_bytes
        if path.stat().st_size > whole:
            os.truncate(path, whole)
    except OSError as error:
        raise UnreadableFile(error, str(path)) from None


def known_journals(environment: Mapping[str, str]) -> list[Path]:
    """The journals of the state folder, the newest run first."""
    return sorted(state_directory(environment, KIND).glob("*.ndjson"), reverse=True)


def journal_path(name: str, environment: Mapping[str, str]) -> Path:
    """The journal of that file name, or of that run id. Raises InputError when there is none."""
    path = Path(name)
    by_id = state_directory(environment, KIND) / f"{name}.ndjson"
    if not path.exists() and by_id.exists():
        return by_id
    if not path.exists():
        raise InputError(
            "there is no such journal, and no run of that id",
            where=name,
            hint="edactl dlq runs lists those that are known here",
        )
    return path
