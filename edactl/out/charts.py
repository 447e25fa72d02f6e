"""Lines over time as an SVG document, and a report around it as HTML; plain text, no library."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WIDTH, _PANEL, _LEFT, _TOP, _GAP = 960, 180, 70, 40, 48
_ROW = 18
_COLORS = ("#1f6feb", "#d1242f", "#1a7f37", "#9a6700", "#8250df", "#bf3989", "#0a7ea4", "#57606a")
_MOST_POINTS = 800
_SVG_SETTINGS = 'font-family="system-ui,sans-serif" font-size="12" role="img"'
_STYLE = (
    "body{font:14px system-ui,sans-serif;margin:2em;max-width:70em}"
    "table{border-collapse:collapse}td,th{padding:.25em .8em;text-align:right}"
    "td:first-child,th:first-child{text-align:left}tr:nth-child(even){background:#f6f8fa}"
)


@dataclass(frozen=True)
class Panel:
    """One chart: its title, and for each line the values at even steps of time."""

    title: str
    lines: Mapping[str, Sequence[float]]


def svg(panels: Sequence[Panel], *, hours: float) -> str:
    """The panels one below the other, over so many hours, with one legend."""
    names = list(panels[0].lines)
    top = _TOP + _ROW * math.ceil(len(names) / 4)
    height = top + len(panels) * (_PANEL + _GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" {_SVG_SETTINGS}>',
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        *_legend(names),
    ]
    for number, panel in enumerate(panels):
        parts += _panel(panel, top + number * (_PANEL + _GAP), hours)
    return "\n".join([*parts, "</svg>", ""])


def html(title: str, rows: Sequence[Mapping[str, object]], chart: str, note: str) -> str:
    """A page with a table of records and the chart; it needs nothing from anywhere."""
    head = "".join(f"<th>{escape(name.replace('_', ' '))}</th>" for name in rows[0])
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row.values()) + "</tr>\n"
        for row in rows
    )
    return (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>\n'
        f"<style>{_STYLE}</style>\n<h1>{escape(title)}</h1>\n<p>{escape(note)}</p>\n"
        f"<table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>\n{chart}</html>\n"
    )


def _legend(names: Sequence[str]) -> list[str]:
    found = []
    for number, name in enumerate(names):
        x, y = _LEFT + number % 4 * 220, 20 + number // 4 * _ROW
        found.append(
            f'<path d="M{x} {y - 4}h18" stroke="{_color(number)}" stroke-width="3"/>'
            f'<text x="{x + 24}" y="{y}">{escape(name)}</text>'
        )
    return found


def _panel(panel: Panel, top: float, hours: float) -> list[str]:
    highest = max((max(line, default=0.0) for line in panel.lines.values()), default=0.0) or 1.0
    bottom, right = top + _PANEL, _WIDTH - 20
    found = [
        f'<text x="{_LEFT}" y="{top - 6}" font-weight="bold">{escape(panel.title)}</text>',
        f'<path d="M{_LEFT} {top}V{bottom}H{right}" fill="none" stroke="#8c959f"/>',
    ]
    for share in (0.0, 0.5, 1.0):
        y = bottom - share * _PANEL
        x = _LEFT + share * (right - _LEFT)
        found.append(
            f'<text x="{_LEFT - 6}" y="{y + 4}" text-anchor="end">{share * highest:.4g}</text>'
        )
        found.append(
            f'<text x="{x:g}" y="{bottom + 16}" text-anchor="middle">{share * hours:.3g} h</text>'
        )
    for number, line in enumerate(panel.lines.values()):
        points = thinned(line, _MOST_POINTS)
        step = (right - _LEFT) / max(1, len(points) - 1)
        path = " ".join(
            f"{_LEFT + at * step:.1f},{bottom - value / highest * _PANEL:.1f}"
            for at, value in enumerate(points)
        )
        found.append(
            f'<polyline points="{path}" fill="none" stroke="{_color(number)}" stroke-width="1.5"/>'
        )
    return found


def thinned(line: Sequence[float], most: int) -> list[float]:
    """At most so many points: the highest of each run of them, so that no peak is lost."""
    size = max(1, math.ceil(len(line) / most))
    return [max(line[at : at + size]) for at in range(0, len(line), size)]


def _color(number: int) -> str:
    return _COLORS[number % len(_COLORS)]
