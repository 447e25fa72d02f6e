"""A look of `scale watch` for a person: a row of the live table, or a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.core.record import record_of
from edactl.core.times import rfc3339
from edactl.out.live_table import NOTHING, Cell

if TYPE_CHECKING:
    from collections.abc import Callable

    from edactl.core.record import JsonValue
    from edactl.core.scale_look import Look

COLUMNS = (
    "AT",
    "VISIBLE",
    "FLIGHT",
    "PER TASK",
    "TARGET",
    "RUN",
    "WANT",
    "OLDEST",
    "SLO",
    "BURN",
)
_FIELDS = (
    "at",
    "visible",
    "in_flight",
    "backlog_per_task",
    "target",
    "running_tasks",
    "desired_tasks",
    "oldest_age_seconds",
    "slo_used",
    "slo_burn",
)
_LATE, _NEARLY_LATE = 1.0, 0.8


def cells(look: Look) -> list[Cell]:
    """The cells of the live table; red what is late, yellow what is over its target."""
    styles = {
        "backlog_per_task": "yellow"
        if look.target is not None and look.backlog_per_task > look.target
        else "",
        "running_tasks": "yellow" if look.running_tasks != look.desired_tasks else "",
        "oldest_age_seconds": _of_share(look.slo_used),
        "slo_used": _of_share(look.slo_used),
        "slo_burn": _of_share(look.slo_burn),
    }
    record = record_of(look)
    texts = {name: _text(name, record[name]) for name in _FIELDS}
    texts["at"] = rfc3339(look.at)[11:19]
    return [Cell(texts[name], styles.get(name, "")) for name in _FIELDS]


def line() -> Callable[[JsonValue], str]:
    """Renders a record on one line, under the columns' names above the first."""
    first = True

    def render(record: JsonValue) -> str:
        nonlocal first
        if not isinstance(record, dict):
            return str(record)
        texts = [_text(name, record.get(name)) for name in _FIELDS]
        widths = [20, *(max(len(title), 7) for title in COLUMNS[1:])]
        rows = [COLUMNS, texts] if first else [texts]
        first = False
        return "\n".join(
            "  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True))
            for row in rows
        )

    return render


def _of_share(share: float | None) -> str:
    if share is None or share <= _NEARLY_LATE:
        return ""
    return "red" if share > _LATE else "yellow"


def _text(name: str, value: JsonValue) -> str:
    if value is None:
        return NOTHING
    if name == "at":
        return f"{str(value)[:19]}Z"
    if name == "oldest_age_seconds":
        return f"{value:g}s"
    return f"{value:g}" if isinstance(value, float) else str(value)
