"""Tables for people: fitted to the width and coloured on a TTY only, never cut when piped."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from edactl.core.json_text import json_text
from edactl.core.readable import harmless, how_long_ago

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from rich.table import Table

    from edactl.core.record import JsonValue
    from edactl.out.terminal import Terminal

_UNBOUNDED = 100_000


def render(
    value: JsonValue,
    terminal: Terminal,
    columns: Sequence[str] | None = None,
    *,
    now: datetime,
) -> str:
    """`value` as a table: a list of objects by column, one object as names and values.

    On a TTY the fields named `…_at` tell how long ago that was, seen from `now`; control characters
    of the data are spelt out wherever the table goes.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    tty = terminal.is_tty(terminal.stdout)
    if isinstance(value, list) and not value:
        return ""
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    for row in _rows(value, table, columns, now if tty else None):
        table.add_row(*(Text(harmless(cell)) for cell in row))
    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=terminal.width if tty else _UNBOUNDED,
        force_terminal=terminal.colored(terminal.stdout),
        no_color=not terminal.colored(terminal.stdout),
        highlight=False,
        emoji=False,
        legacy_windows=False,
    )
    console.print(table)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"


def _rows(
    value: JsonValue, table: Table, columns: Sequence[str] | None, now: datetime | None
) -> Iterator[list[str]]:
    """The cells of each row, once the table's columns are set."""
    if isinstance(value, list):
        names = list(columns or _names(value))
        for name in names:
            table.add_column(harmless(name.upper().replace("_", " ")), overflow="fold")
        yield from (_cells(_told_by_age(row, now), names) for row in value)
        return
    table.show_header = False
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    shown = _told_by_age(value, now)
    pairs = shown.items() if isinstance(shown, dict) else [("", shown)]
    yield from ([name.replace("_", " "), _cell(cell)] for name, cell in pairs)


def _told_by_age(row: JsonValue, now: datetime | None) -> JsonValue:
    """The same record with its times as ages, seen from `now`; as it is without one."""
    if now is None or not isinstance(row, dict):
        return row
    return {
        name: (how_long_ago(cell, now=now) or cell)
        if name.endswith("_at") and isinstance(cell, str)
        else cell
        for name, cell in row.items()
    }


def _names(rows: list[JsonValue]) -> list[str]:
    names: dict[str, None] = {}
    for row in rows:
        names.update(dict.fromkeys(row if isinstance(row, dict) else ["value"]))
    return list(names)


def _cells(row: JsonValue, names: list[str]) -> list[str]:
    if not isinstance(row, dict):
        return [_cell(row)] + [""] * (len(names) - 1)
    return [_cell(row.get(name)) for name in names]


def _cell(value: JsonValue) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case str() | int() | float():
            return str(value)
        case _ if not value:
            return "-"
        case list() if all(isinstance(item, str | int | float) for item in value):
            return ", ".join(str(item) for item in value)
        case _:
            return json_text(value)
