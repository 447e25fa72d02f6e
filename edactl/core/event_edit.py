"""`--set detail.data.city=Melbourne`: edits of an event by path."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.core.json_text import parse_json
from edactl.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edactl.core.record import JsonValue

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_ROOTS = ("source", "detail-type", "detail", "time", "resources", "trace-header", "bus")


@dataclass(frozen=True)
class Edit:
    """One value to put at one path."""

    path: str
    steps: tuple[str | int, ...]
    value: JsonValue


def parse_edit(text: str) -> Edit:
    """The edit in `PATH=VALUE`; the value is JSON when it parses, else a string.

    Raises UsageError for a path that is none.
    """
    path, equals, raw = text.partition("=")
    steps = tuple(int(index) if index else name for name, index in _STEP.findall(path))
    spelt = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    if not equals or not steps or spelt != f".{path}" or steps[0] not in _ROOTS:
        raise UsageError(
            f'--set "{text}" is not PATH=VALUE',
            hint="--set detail.data.city=Melbourne; the path starts with " + ", ".join(_ROOTS),
        )
    try:
        value: JsonValue = parse_json(raw)
    except ValueError:
        value = raw
    return Edit(path, steps, value)


def apply_edits(
    fields: Mapping[str, JsonValue], edits: Sequence[Edit], where: str
) -> dict[str, JsonValue]:
    """A copy of the event's fields with the edits made; missing objects on the way are made.

    Raises InputError, with the path, where the event has something else on the way.
    """
    edited = copy.deepcopy(dict(fields))
    for edit in edits:
        _put(edited, edit, where)
    return edited


def _put(root: dict[str, JsonValue], edit: Edit, where: str) -> None:
    place: JsonValue = root
    for step, following in zip(edit.steps, (*edit.steps[1:], None), strict=True):
        last = following is None
        match place, step:
            case dict(), str():
                if last:
                    place[step] = edit.value
                else:
                    place = place.setdefault(step, [] if isinstance(following, int) else {})
            case list(), int() if step < len(place):
                if last:
                    place[step] = edit.value
                place = place[step]
            case list(), int() if step == len(place):
                place.append(edit.value if last else [] if isinstance(following, int) else {})
                place = place[step]
            case _:
                raise InputError(
                    f'--set {edit.path}: there is nothing to set at "{step}"', where=where
                )
