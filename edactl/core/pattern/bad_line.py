"""What becomes of a line that is no event."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    Invalid: TypeAlias = Callable[[int, InputError], None]


def tell(invalid: Invalid | None, number: int, error: InputError) -> None:
    """Tell `invalid` of it, by its number from 1; without that, raise the error with the number."""
    if invalid is None:
        raise InputError(error.message, where=f"line {number}", hint=error.hint) from None
    invalid(number, error)
