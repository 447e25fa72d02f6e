"""Charts as SVG and HTML, and plots in the terminal."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from edactl.out.charts import Panel, html, svg, thinned
from edactl.out.plots import plots

PANELS = [
    Panel("backlog", {"a<b": [0.0, 5.0, 10.0], "c": [1.0, 1.0, 1.0]}),
    Panel("tasks", {"a<b": [0.0, 0.0, 0.0], "c": [2.0, 2.0, 2.0]}),
]
NOTHING = [Panel("tasks", {"a": []})]


def test_a_chart_is_well_formed_with_a_line_for_each_policy_and_panel() -> None:
    root = ET.fromstring(svg(PANELS, hours=2))  # noqa: S314 -- our own
    texts = [one.text for one in root.iter() if one.text and one.text.strip()]

    assert len([one for one in root.iter() if one.tag.endswith("polyline")]) == 4
    assert texts.count("a<b") == 1
    assert "2 h" in texts
    assert "10" in texts
    first = next(one for one in root.iter() if one.tag.endswith("polyline"))
    xs, ys = zip(*(point.split(",") for point in first.attrib["points"].split()), strict=True)
    assert float(xs[0]) < float(xs[1]) < float(xs[2])
    assert float(ys[0]) > float(ys[1]) > float(ys[2])


def test_a_chart_of_nothing_is_no_error() -> None:
    assert "<polyline" in svg(NOTHING, hours=1)


def test_a_page_escapes_what_it_shows() -> None:
    page = html("A & B", [{"policy_name": "<script>", "late": 0.1}], "<svg/>", "1 < 2")

    assert "<td>&lt;script&gt;</td><td>0.1</td>" in page
    assert "<th>policy name</th>" in page
    assert "<title>A &amp; B</title>" in page
    assert "1 &lt; 2" in page
    assert "<svg/>" in page


def test_a_long_line_keeps_its_peaks() -> None:
    line = [0.0] * 1000
    line[777] = 9.0

    assert max(thinned(line, 100)) == 9
    assert len(thinned(line, 100)) == 100
    assert thinned([1.0, 2.0], 100) == [1, 2]


def test_lines_that_no_colour_tells_apart_have_plots_of_their_own() -> None:
    pytest.importorskip("plotille")
    shown = plots(PANELS, hours=2, width=80, colored=False)

    for title in ("(backlog, a<b)", "(backlog, c)", "(tasks, a<b)", "(tasks, c)"):
        assert title in shown
    assert "\x1b" not in shown
    assert max(len(line) for line in shown.splitlines()) <= 80


def test_with_colours_they_share_one(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("plotille")
    monkeypatch.setenv("FORCE_COLOR", "1")
    shown = plots(PANELS, hours=2, width=80, colored=True)

    assert "(backlog)" in shown
    assert "\x1b[" in shown
    assert "Legend" in shown


def test_a_plot_of_nothing_and_one_on_a_narrow_terminal_are_drawn() -> None:
    pytest.importorskip("plotille")

    assert "(tasks, a)" in plots(NOTHING, hours=0.5, width=10, colored=False)
