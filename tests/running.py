"""What a command line did, as tests look at it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """Status, stdout and stderr of one command line."""

    status: int
    out: str
    err: str


def name_of(value: object) -> str:
    """What a test with this parameter is called: a set by its sorted items.

    Each process orders a set its own way, and the workers of one run must agree on the names.
    """
    if isinstance(value, set | frozenset):
        return "{" + ", ".join(sorted(map(repr, value))) + "}"
    return str(value)
