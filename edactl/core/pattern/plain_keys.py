"""Whether an event's keys are all that the fast path takes them for."""

from __future__ import annotations

import json
from typing import Any


def has_plain_keys(text: bytes | str) -> bool:
    """Whether no key of the JSON text has a dot in it, and none comes twice in one object.

    False, too, for what cannot be read here.
    """
    try:
        json.loads(text, object_pairs_hook=_refuse_odd)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse_odd(pairs: list[tuple[str, Any]]) -> None:
    keys = {key for key, _ in pairs}
    if len(keys) < len(pairs) or any("." in key for key in keys):
        raise ValueError("an odd key")
