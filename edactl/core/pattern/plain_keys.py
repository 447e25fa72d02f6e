"""Whether keys are all that the fast path takes them for, in an event and in a pattern."""

from __future__ import annotations

import json
import re
from typing import Any

_ESCAPED = re.compile(r'["\\\x00-\x1f\ud800-\udfff]')


def has_plain_keys(text: bytes | str) -> bool:
    """Whether no key of the JSON text has a dot in it, and none comes twice in one object.

    False, too, for what cannot be read here.
    """
    try:
        json.loads(text, object_pairs_hook=_refuse_odd)
    except (ValueError, RecursionError):
        return False
    return True


def is_odd(path: str) -> bool:
    """Whether a pattern's path has an empty step, or a character that JSON has to escape.

    The fast path cannot ask for such a field.
    """
    return "" in path.split(".") or _ESCAPED.search(path) is not None


def _refuse_odd(pairs: list[tuple[str, Any]]) -> None:
    keys = {key for key, _ in pairs}
    if len(keys) < len(pairs) or any("." in key for key in keys):
        raise ValueError("an odd key")
