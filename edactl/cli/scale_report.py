"""What `scale` shows to people: tables, plots in the terminal, and report files."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from edactl.core.scaling_sim.results import MODEL
from edactl.errors import UnwritableFile
from edactl.out.charts import Panel, html, svg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edactl.cli.context import CommandContext
    from edactl.core.scaling_advice.advice import Advice
    from edactl.core.scaling_advice.measured import Input
    from edactl.core.scaling_sim.results import Outcome
    from edactl.core.scaling_sim.simulator import Minute

    Named = Sequence[tuple[str, Sequence[Minute]]]

_COLUMNS = (
    "policy",
    "late_fraction",
    "p50_wait_seconds",
    "p95_wait_seconds",
    "p99_wait_seconds",
    "mean_tasks",
    "task_hours",
    "scaling_actions",
    "cost_usd",
)
_SHORT = {
    "late_fraction": "late",
    "p50_wait_seconds": "p50_s",
    "p95_wait_seconds": "p95_s",
    "p99_wait_seconds": "p99_s",
    "scaling_actions": "actions",
}
_CHARTS = {
    "backlog, messages": "backlog",
    "tasks": "running_tasks",
    "longest wait, s": "longest_wait_seconds",
}


def outcome_table(context: CommandContext, outcomes: Sequence[Outcome]) -> None:
    """The outcomes as records; a table has short names and numbers, and the chosen columns."""
    emitter = context.emitter
    if emitter.resolve("ndjson") == "table" and emitter.query is None:
        emitter.records(
            [
                {_SHORT.get(name, name): _short(getattr(one, name)) for name in _COLUMNS}
                for one in outcomes
            ]
        )
    else:
        emitter.records(outcomes)
    context.messages.note(f"{outcomes[0].messages} messages to each policy; {MODEL}")


def advice_tables(context: CommandContext, advice: Advice) -> None:
    """The answer, then its inputs, then what happens if they are worse."""
    shown = asdict(advice)
    for left_out in ("inputs", "sensitivity", "assumptions", "warnings"):
        del shown[left_out]
    expected = {f"expected_{name}": value for name, value in shown.pop("expected").items()}
    stdout, emitter = context.terminal.stdout, context.emitter
    emitter.result({**shown, **expected})
    stdout.write("\n")
    emitter.records([_input_row(name, one) for name, one in advice.inputs.items()])
    stdout.write("\n")
    emitter.records(advice.sensitivity)
    for assumption in advice.assumptions:
        context.messages.note(assumption)


def _input_row(name: str, one: Input) -> dict[str, object]:
    row = {field: _short(value) for field, value in asdict(one).items()}
    return {"input": name.replace("_", " "), **row}


def _short(value: object) -> object:
    """A number with the digits that a person reads."""
    return float(f"{value:.4g}") if isinstance(value, float) else value


def plots(context: CommandContext, named: Named) -> None:
    """Plots on stderr: stdout carries data."""
    from edactl.out.plots import plots as drawn

    terminal = context.terminal
    terminal.stderr.write(
        drawn(
            _panels(named),
            hours=_hours(named),
            width=terminal.width,
            # plotille itself colours nothing unless stdout is a terminal
            colored=terminal.colored(terminal.stderr) and terminal.is_tty(terminal.stdout),
        )
    )


def report_files(
    context: CommandContext, named: Named, outcomes: Sequence[Outcome], *, svg: str, html: str
) -> None:
    """Write the chart and the report that were asked for. Raises UnwritableFile."""
    chart = _chart(named)
    if svg:
        _write(svg, chart)
    if html:
        rows = [{name: getattr(one, name) for name in _COLUMNS} for one in outcomes]
        _write(html, _page(rows, chart))
    written = [name for name in (svg, html) if name]
    if written:
        context.messages.note(f"wrote {' and '.join(written)}")


def _chart(named: Named) -> str:
    return svg(_panels(named), hours=_hours(named))


def _page(rows: list[dict[str, object]], chart: str) -> str:
    return html("Scaling policies compared", rows, chart, MODEL)


def _write(name: str, text: str) -> None:
    try:
        Path(name).write_text(text, "utf-8")
    except OSError as error:
        raise UnwritableFile(error, name) from None


def _panels(named: Named) -> list[Panel]:
    return [
        Panel(
            title,
            {name: [float(getattr(one, field)) for one in minutes] for name, minutes in named},
        )
        for title, field in _CHARTS.items()
    ]


def _hours(named: Named) -> float:
    return max(len(minutes) for _, minutes in named) / 60
