"""What a command line did, as tests look at it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """Status, stdout and stderr of one command line."""

    status: int
    out: str
    err: str
