"""Data as a person can read it on a screen: no control character acts, times tell how long ago."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edactl.core.times import parse_time
from edactl.errors import InputError

if TYPE_CHECKING:
    from datetime import datetime

# C0, DEL and C1, and the marks that turn the direction of text: any of them lets data repaint a
# terminal, hide text or ring its bell
_ACTING = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\x1b": "\\e"}
_BYTE = 0x100
_UNITS = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def harmless(text: str) -> str:
    r"""Text with its control characters spelt out: `\e[2J` for the one that clears a screen."""
    return _ACTING.sub(_spelt, text)


def _spelt(found: re.Match[str]) -> str:
    one = found.group()
    code = ord(one)
    return _SHORT.get(one) or (f"\\x{code:02x}" if code < _BYTE else f"\\u{code:04x}")


def how_long_ago(text: str, *, now: datetime) -> str | None:
    """`3m ago`, `in 2h`, or `now`, of an RFC 3339 time; None when the text is no such time."""
    if not re.match(r"\d{4}-\d\d-\d\dT", text):
        return None
    try:
        seconds = (now - parse_time(text, now=now)).total_seconds()
    except InputError:
        return None
    for size, unit in _UNITS:
        if abs(seconds) >= size:
            count = f"{int(abs(seconds) // size)}{unit}"
            return f"{count} ago" if seconds > 0 else f"in {count}"
    return "now"
