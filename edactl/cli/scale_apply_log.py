"""The logs of `scale apply` on disk: private, in the state folder, one a run."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from edactl.cli.state_files import state_directory
from edactl.core.scaling_policy.run_log import line, read_run
from edactl.errors import InputError, UnreadableFile, UnwritableFile, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from edactl.core.record import JsonValue
    from edactl.core.scaling_policy.run_log import LoggedRun, RunHeader

KIND = "scale"
LATEST = "latest"


class RunLogFile:
    """One run's log. Its header, which is the backup, is on disk once this is made.

    What is added later says how far the run came; a full disk does not stop a run in the middle
    for that, since the backup is what a rollback needs.
    """

    def __init__(self, path: Path, header: RunHeader) -> None:
        """Raises UnwritableFile; nothing may be sent then."""
        self.path = path
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(header.line())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise UnwritableFile(error, str(path)) from None
        with suppress(OSError):  # a file system without synced folders
            folder = os.open(path.parent, os.O_RDONLY)
            os.fsync(folder)
            os.close(folder)

    def sending(self, operation: str) -> None:
        """A call is about to be made."""
        add_line(self.path, {"sending": operation})

    def sent(self, operation: str) -> None:
        """It was answered well."""
        add_line(self.path, {"sent": operation})

    def failed(self, operation: str, error: str) -> None:
        """It was not, or nobody knows."""
        add_line(self.path, {"failed": operation, "error": error})

    def end(self) -> None:
        """Every call was answered well."""
        add_line(self.path, {"end": True})


def add_line(path: Path, record: dict[str, JsonValue]) -> None:
    """Add a line to a log, and bring it to the disk if that works.

    What a crash or a full disk left of the last one is ended first, and stands alone.
    """
    with suppress(OSError), path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        unfinished = file.read(1) != b"\n"
        file.write(b"\n" * unfinished + line(record).encode())
        file.flush()
        os.fsync(file.fileno())


def log_path(environment: Mapping[str, str], run_id: str) -> Path:
    """Where the log of a run is."""
    return _folder(environment) / f"{run_id}.ndjson"


def _folder(environment: Mapping[str, str]) -> Path:
    try:
        return state_directory(environment, KIND)
    except OSError as error:
        raise InputError(
            f"the folder for backups cannot be made: {error.strerror}; nothing was changed",
            where=str(error.filename),
            hint="XDG_STATE_HOME=FOLDER edactl scale apply …, a folder that you may write to",
        ) from None


def named_run(environment: Mapping[str, str], name: str, service: str) -> tuple[Path, LoggedRun]:
    """The run of that id or file; of `service` unless that is empty.

    Raises UsageError when there is none, InputError when its log is broken.
    """
    path = Path(name) if name.endswith(".ndjson") else log_path(environment, name)
    if not path.exists():
        raise UsageError(f'no run "{name}" is known here', hint=f"ls {path.parent}")
    run = _read(path)
    if service not in {"", run.header.service}:
        raise UsageError(
            f"run {run.header.run_id} is of {run.header.service}, not of {service}",
            hint=f"edactl scale apply --rollback {run.header.run_id}",
        )
    return path, run


def applied_runs(
    environment: Mapping[str, str], service: str, region: str
) -> Iterator[tuple[Path, LoggedRun]]:
    """Each `apply` in a region, the newest first; of `service` unless that is empty."""
    for path, run in runs(environment):
        header = run.header
        if (header.kind, header.region) == ("apply", region) and service in {"", header.service}:
            yield path, run


def runs(environment: Mapping[str, str]) -> Iterator[tuple[Path, LoggedRun]]:
    """Every run that can be read, the newest first."""
    for path in sorted(_folder(environment).glob("*.ndjson"), reverse=True):
        with suppress(InputError):  # another version's log is no reason to know none
            yield path, _read(path)


def _read(path: Path) -> LoggedRun:
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            return read_run(file, str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(error, str(path)) from None
