"""How many a second: what --rate takes."""

from __future__ import annotations

from math import isfinite

from edactl.errors import UsageError


def checked_rate(rate: float | None) -> float | None:
    """The rate. Raises UsageError when it is no number above 0."""
    if rate is not None and not (isfinite(rate) and rate > 0):
        raise UsageError("--rate must be above 0", hint="--rate 20 sends at most 20 a second")
    return rate
