"""Lines over time in the terminal, in braille, as wide as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.errors import ConfigError
from edactl.out.charts import Panel, thinned

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MARGIN, _LEAST_WIDTH, _HEIGHT = 24, 20, 8
_DOTS_A_COLUMN = 2
_COLORS = ("bright_blue", "red", "green", "yellow", "magenta", "cyan", "white", "blue")


def plots(panels: Sequence[Panel], *, hours: float, width: int, colored: bool) -> str:
    """Each panel as a plot, without colours each line. Raises ConfigError without plotille."""
    try:
        import plotille
    except ImportError:
        raise ConfigError(
            "plots need the extra plot", hint="pip install 'edactl[plot]', or --svg FILE"
        ) from None
    columns = max(_LEAST_WIDTH, width - _MARGIN)
    found = []
    for panel in panels if colored else _one_line_each(panels):
        figure = plotille.Figure()
        figure.width, figure.height = columns, _HEIGHT
        figure.color_mode, figure.with_colors = "names", colored
        figure.x_label, figure.y_label = "h", panel.title
        figure.register_label_formatter(float, _label)
        highest = max((max(line, default=0.0) for line in panel.lines.values()), default=0.0)
        figure.set_x_limits(min_=0.0, max_=hours)
        figure.set_y_limits(min_=0.0, max_=highest or 1.0)
        for number, (name, line) in enumerate(panel.lines.items()):
            points = thinned(line, columns * _DOTS_A_COLUMN)
            times = [hours * at / max(1, len(points) - 1) for at in range(len(points))]
            figure.plot(times, points, label=name, lc=_COLORS[number % len(_COLORS)])
        found.append(figure.show(legend=colored))
    return "\n\n".join(found) + "\n"


def _one_line_each(panels: Sequence[Panel]) -> Iterator[Panel]:
    """Lines that no colour tells apart, in plots of their own."""
    for panel in panels:
        for name, line in panel.lines.items():
            yield Panel(f"{panel.title}, {name}", {name: line})


def _label(value: float, chars: int, delta: float, left: bool = False) -> str:  # noqa: FBT001, FBT002 -- plotille's signature
    _ = delta
    text = f"{value:.4g}"
    return text.ljust(chars) if left else text.rjust(chars)
