"""Options of the commands that send: put-event, replay file, queue send, dlq import."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

ConcurrencyOption = Annotated[
    int, typer.Option("--concurrency", metavar="N", min=1, max=64, help="Requests in flight.")
]
FailedToOption = Annotated[
    str | None,
    typer.Option("--failed-to", metavar="FILE", help="Keep what failed, to send again."),
]
SendDryRunOption = Annotated[
    bool, typer.Option("-n", "--dry-run", help="Check and size everything; send nothing.")
]


def check_failed_to(name: str | None, inputs: Sequence[str]) -> str | None:
    """The name, if what failed can be kept there.

    Raises InputError for a file that is also read, which it would wipe, or that cannot be written.
    """
    if name is None:
        return None
    path, where = Path(name), f"--failed-to {name}"
    if any(one == name or _is_same(path, Path(one)) for one in inputs):
        raise InputError("is also an input", where=where, hint="name another file")
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise InputError("cannot be written", where=where, hint=f"ls -ld {path.parent} {name}")
    return name


def _is_same(path: Path, other: Path) -> bool:
    return path.exists() and other.exists() and path.samefile(other)
