"""Numbers as the engine compares them: by the literal text, and as doubles where that is exact."""

from __future__ import annotations

from math import isinf

_SAFE_DIGITS = 15


def comparable(text: str) -> float | None:
    """The double of a JSON number that the engine can compare, or None when it cannot.

    A number is comparable when its decimal value is exactly that of the shortest decimal of its
    double, and finite: 300, 300.0 and 3.0e2 are 300.0; 9007199254740993 and 1e309 are not
    comparable. Negative zero is zero. Source: event-ruler 2.0.1, `ComparableNumber`.
    """
    value = float(text)
    if isinf(value):
        return None
    if text.isdigit() and len(text) <= _SAFE_DIGITS:
        return value
    if _decimal(text) != _decimal(repr(value)):
        return None
    return value or 0.0


def _decimal(text: str) -> tuple[bool, str, int]:
    """Sign, significant digits and exponent of a decimal number; equal for equal values."""
    mantissa, _, exponent = text.lower().partition("e")
    negative = mantissa.startswith("-")
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    digits = (whole + fraction).lstrip("0")
    significant = digits.rstrip("0")
    if not significant:
        return False, "", 0
    power = int(exponent or 0) - len(fraction) + len(digits) - len(significant)
    return negative, significant, power
