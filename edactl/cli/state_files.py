"""Where edactl keeps what must outlive a process: journals and checkpoints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def state_directory(environment: Mapping[str, str], kind: str) -> Path:
    """The private folder of one kind of state, made when it is not there.

    It is edactl/KIND under XDG_STATE_HOME or ~/.local/state.
    """
    base = environment.get("XDG_STATE_HOME")
    home = Path(base) if base else Path.home() / ".local" / "state"
    directory = home / "edactl" / kind
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    return directory
