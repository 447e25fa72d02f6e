"""The functions of Terraform that patterns are made with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from edactl.core.rule_files.documents import (
    Members,
    Unresolved,
    items,
    json_text,
    members,
    text_of_value,
    unresolved_in,
)
from edactl.core.rule_files.hcl_text import number_text

if TYPE_CHECKING:
    from collections.abc import Callable


def _json_encode(arguments: list[object]) -> object:
    """JSON with the keys of objects in order, as Terraform writes it."""
    unresolved = unresolved_in(arguments)
    return unresolved or json_text(_ordered(arguments[0]))


def _ordered(value: object) -> object:
    match value:
        case dict():
            return {key: _ordered(value[key]) for key in sorted(value)}
        case list():
            return [_ordered(one) for one in value]
    return value


def _json_decode(arguments: list[object]) -> object | None:
    [text, *_] = arguments
    if not isinstance(text, str):
        return text if isinstance(text, Unresolved) else None
    try:
        found: object = json.loads(
            text, object_pairs_hook=Members, parse_float=number_text, parse_int=number_text
        )
    except ValueError:
        return None
    return found


def _join(arguments: list[object]) -> object:
    separator, *lists = arguments
    parts = [text_of_value(part) for one in lists for part in items(one)]
    text = text_of_value(separator).join(parts)
    unresolved = unresolved_in(arguments)
    return Unresolved(text, unresolved.what) if unresolved else text


def _concat(arguments: list[object]) -> object:
    if any(isinstance(one, Unresolved) for one in arguments):
        return unresolved_in(arguments)
    return [part for one in arguments for part in items(one)]


def _merge(arguments: list[object]) -> object:
    if any(isinstance(one, Unresolved) for one in arguments):
        return unresolved_in(arguments)
    return Members((key, value) for one in arguments for key, value in members(one).items())


def _format(arguments: list[object]) -> object | None:
    spec, *given = arguments
    unresolved = unresolved_in(arguments)
    text = text_of_value(spec)
    if text.count("%") != text.count("%s") + text.count("%d") or text.count("%") != len(given):
        return unresolved
    made = text.replace("%d", "%s") % tuple(text_of_value(one) for one in given)
    return Unresolved(made, unresolved.what) if unresolved else made


def _on_text(change: Callable[[str], str]) -> Callable[[list[object]], object | None]:
    def function(arguments: list[object]) -> object | None:
        unresolved = unresolved_in(arguments)
        return unresolved or change(text_of_value(arguments[0]))

    return function


FUNCTIONS: dict[str, Callable[[list[object]], object | None]] = {
    "jsonencode": _json_encode,
    "jsondecode": _json_decode,
    "join": _join,
    "concat": _concat,
    "merge": _merge,
    "format": _format,
    "lower": _on_text(str.lower),
    "upper": _on_text(str.upper),
    "trimspace": _on_text(str.strip),
    "tostring": _on_text(str),
    "tolist": lambda arguments: arguments[0],
    "tomap": lambda arguments: arguments[0],
    "toset": lambda arguments: arguments[0],
}
"""What each gives for its values; None where this reader cannot tell."""
