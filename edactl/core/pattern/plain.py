"""Whether a text is all that the fast path takes it for, be it an event or a pattern's path."""

from __future__ import annotations

import json
import re
from typing import Any

from edactl.core.pattern.tokens import MAX_NAME_CHARACTERS, MAX_NUMBER_CHARACTERS

_ESCAPED = re.compile(r'["\\\x00-\x1f\ud800-\udfff]')
_LONG_NUMBER = re.compile(f"[-+.eE0-9]{{{MAX_NUMBER_CHARACTERS + 1}}}")


def is_plain(text: bytes | str) -> bool:
    """Whether the JSON text has none of what the fast path does not see.

    That is a key with a dot in it, a key twice in one object, a number or name that may be over the
    limit, and bytes that are not UTF-8. False, too, for what cannot be read here.
    """
    try:
        text = text.decode() if isinstance(text, bytes) else text
        json.loads(text, object_pairs_hook=_refuse_odd)
    except (ValueError, RecursionError):
        return False
    return len(text) <= MAX_NUMBER_CHARACTERS or not _LONG_NUMBER.search(text)


def is_odd(path: str) -> bool:
    """Whether a pattern's path has an empty step, or a character that JSON has to escape.

    The fast path cannot ask for such a field.
    """
    return "" in path.split(".") or _ESCAPED.search(path) is not None


def _refuse_odd(pairs: list[tuple[str, Any]]) -> None:
    keys = {key for key, _ in pairs}
    if len(keys) < len(pairs) or any("." in key or _may_be_long(key) for key in keys):
        raise ValueError("an odd key")


def _may_be_long(key: str) -> bool:
    return 2 * len(key) > MAX_NAME_CHARACTERS
