"""Random generators that repeat."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def generator(seed: object) -> Random:
    """A generator that gives the same for the same seed."""
    return Random(str(seed))  # noqa: S311 -- numbers that repeat, no secret


def seeded(seed: int) -> Callable[[str], Random]:
    """A fresh generator for each name."""
    return lambda name: generator(f"{seed} {name}")
