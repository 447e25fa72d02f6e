"""IP addresses as the engine reads them, and the ranges of hex digits it compares them by."""

from __future__ import annotations

import re
from dataclasses import dataclass

_is_v4 = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+").fullmatch
_V6 = re.compile(r"[0-9a-fA-F:]*:[0-9a-fA-F:]*")
_INTEGER = re.compile(r"[+-]?\d+")
_DIGITS = "0123456789ABCDEF"
_MAPPED = bytes(10) + b"\xff\xff"
_V4_LONGEST, _V6_GROUP, _V6_GROUPS = 15, 0xFFFF, 8
_V4_BITS, _V6_BITS = 31, 127
_INT_BITS = 31


def looks_like_address(text: str) -> bool:
    """Whether the engine tries to read a string as an address."""
    return bool(_is_v4(text) or _V6.fullmatch(text))


def address_bytes(text: str) -> bytes | None:
    """The 4 or 16 bytes of an address as Java parses it, or None.

    Leading zeros are decimal; an IPv4-mapped IPv6 address is the IPv4 address.
    """
    if _is_v4(text):
        return _v4(text)
    if _V6.fullmatch(text):
        return _v6(text)
    return None


def address_hex(text: str) -> str | None:
    """The upper-case hex digits of an address, 8 or 32, or None when it is none."""
    found = address_bytes(text)
    return found.hex().upper() if found else None


def _v4(text: str) -> bytes | None:
    if len(text) > _V4_LONGEST:
        return None
    try:
        return bytes(map(int, text.split(".")))
    except ValueError:  # over 255
        return None


def _v6(text: str) -> bytes | None:
    head, gap, tail = text.partition("::")
    if "::" in tail or ":::" in text:
        return None
    left, right = _groups(head), _groups(tail)
    if left is None or right is None:
        return None
    missing = _V6_GROUPS - len(left) - len(right)
    if missing < 0 or bool(missing) != bool(gap):
        return None
    found = b"".join(group.to_bytes(2, "big") for group in [*left, *[0] * missing, *right])
    return found.removeprefix(_MAPPED)


def _groups(text: str) -> list[int] | None:
    if not text:
        return []
    parts = text.split(":")
    if not all(parts):
        return None
    values = [int(part, 16) for part in parts]
    return values if max(values) <= _V6_GROUP else None


@dataclass(frozen=True)
class DigitRange:
    """A range of hex digit strings of one length, as the engine keeps addresses."""

    bottom: str
    top: str
    open_bottom: bool = False
    open_top: bool = False

    def bounds(self) -> tuple[int, int]:
        """The first address inside and the first one beyond, as numbers."""
        bottom, top = int(self.bottom, 16), int(self.top, 16)
        return bottom + self.open_bottom, top + (not self.open_top)

    def holds(self, text: str) -> bool:
        """Whether text is in the range, read digit by digit.

        As in the engine the first digit that decides is the last one looked at, so a longer text,
        or an address of the other family, can be inside.
        """
        last = len(self.bottom) - 1
        low = high = True
        for place, digit in enumerate(text[: last + 1]):
            if digit not in _DIGITS:
                return False
            above = not low or digit > self.bottom[place]
            below = not high or digit < self.top[place]
            low = low and digit == self.bottom[place]
            high = high and digit == self.top[place]
            if above and below:
                return True
            if not (above or low) or not (below or high):
                return False
            if place == last:
                return not ((low and self.open_bottom) or (high and self.open_top))
        return False


def range_of_address(text: str) -> DigitRange | None:
    """The range that holds just this address; None when the string is no address."""
    digits = address_hex(text)
    if digits is None:
        return None
    body, last = digits[:-1], _DIGITS.index(digits[-1])
    if last == len(_DIGITS) - 1:
        return DigitRange(body + _DIGITS[last - 1], digits, open_bottom=True)
    return DigitRange(digits, body + _DIGITS[last + 1], open_top=True)


def range_of_block(text: str) -> DigitRange:
    """The range of a CIDR block, host bits masked away; ValueError with the engine's wording."""
    parts = text.split("/")
    while parts and not parts[-1]:  # as Java's split, which drops empty strings at the end
        parts.pop()
    if len(parts) != 2:  # noqa: PLR2004 -- address and bits
        raise ValueError("Malformed CIDR, one '/' required")
    address, bits_text = parts
    if not _INTEGER.fullmatch(bits_text) or abs(bits := int(bits_text)) >= 1 << _INT_BITS:
        raise ValueError("Malformed CIDR, mask bits must be an integer")
    if bits < 0:
        raise ValueError("Malformed CIDR, mask bits must not be negative")
    found = address_bytes(address)
    if found is None:
        what = "Invalid" if looks_like_address(address) else "Nonstandard"
        raise ValueError(f"{what} IP address: {address}")
    v4 = len(found) == 4  # noqa: PLR2004 -- bytes of IPv4
    if bits > (_V4_BITS if v4 else _V6_BITS):
        limit = "IPv4 mask bits must be < 32" if v4 else "IPv6 mask bits must be < 128"
        raise ValueError(limit)
    return _block(found, len(found) * 8 - bits)


def _block(address: bytes, host_bits: int) -> DigitRange:
    whole = int.from_bytes(address, "big")
    bottom = whole >> host_bits << host_bits
    top = bottom | (1 << host_bits) - 1
    digits = len(address) * 2
    return DigitRange(f"{bottom:0{digits}X}", f"{top:0{digits}X}")
