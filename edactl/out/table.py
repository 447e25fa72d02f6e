"""Tables for people: fitted to the width and coloured on a TTY only, never cut when piped."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edactl.core.record import JsonValue
    from edactl.out.terminal import Terminal

_UNBOUNDED = 100_000


def render(value: JsonValue, terminal: Terminal, columns: Sequence[str] | None = None) -> str:
    """`value` as a table: a list of objects by column, one object as names and values."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    tty = terminal.is_tty(terminal.stdout)
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    if isinstance(value, list):
        names = list(columns or _names(value))
        for name in names:
            table.add_column(name.upper().replace("_", " "), overflow="fold")
        for row in value:
            table.add_row(*(Text(cell) for cell in _cells(row, names)))
        if not value:
            return ""
    else:
        table.show_header = False
        table.add_column(style="bold", no_wrap=True)
        table.add_column(overflow="fold")
        pairs = value.items() if isinstance(value, dict) else [("", value)]
        for name, cell in pairs:
            table.add_row(name.replace("_", " "), Text(_cell(cell)))
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
            return json.dumps(value, ensure_ascii=False)
