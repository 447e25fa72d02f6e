"""A table that grows on a terminal, its last rows in sight."""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edactl.core.readable import harmless

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.live import Live
    from rich.table import Table

    from edactl.out.terminal import Terminal

NOTHING = "-"
_ROWS = 15


@dataclass(frozen=True)
class Cell:
    """A text and its style, as rich has them."""

    text: str
    style: str = ""


@dataclass
class LiveTable:
    """Draws itself anew with each row, without columns that hold nothing. `say` is put below."""

    live: Live
    columns: Sequence[str]
    title: str
    caption: str = ""
    rows: deque[Sequence[Cell]] = field(default_factory=lambda: deque(maxlen=_ROWS))

    def show(self, row: Sequence[Cell]) -> None:
        """Add a row; the oldest beyond fifteen goes."""
        self.rows.append(row)
        self._draw()

    def say(self, text: str) -> None:
        """Say something about what is shown."""
        self.caption = harmless(text)
        self._draw()

    def _draw(self) -> None:
        self.live.update(self._table(), refresh=True)

    def _table(self) -> Table:
        from rich.table import Table
        from rich.text import Text

        table = Table(
            title=Text(self.title),
            title_justify="left",
            caption=Text(self.caption) if self.caption else None,
            caption_justify="left",
            box=None,
            pad_edge=False,
            collapse_padding=True,
            header_style="bold",
        )
        shown = [
            number
            for number in range(len(self.columns))
            if any(row[number].text != NOTHING for row in self.rows)
        ]
        for number in shown:
            table.add_column(self.columns[number], justify="right", no_wrap=True)
        for row in self.rows:
            cells = (row[number] for number in shown)
            table.add_row(*(Text(harmless(cell.text), style=cell.style) for cell in cells))
        return table


@contextmanager
def live_table(terminal: Terminal, columns: Sequence[str], title: str) -> Iterator[LiveTable]:
    """A table on stdout, which is a terminal; its last state stays there at the end."""
    from rich.console import Console
    from rich.live import Live

    console = Console(
        file=terminal.stdout,
        width=terminal.width,
        no_color=not terminal.colored(terminal.stdout),
        force_terminal=True,
        highlight=False,
        emoji=False,
        legacy_windows=False,
    )
    with Live(
        console=console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False
    ) as live:
        yield LiveTable(live, columns, harmless(title))
