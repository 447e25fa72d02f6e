"""Clusters and letters as a person reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.core.arn import name_of
from edactl.core.readable import harmless, how_long_ago
from edactl.core.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from edactl.cli.context import CommandContext
    from edactl.core.letter_report import ClusterRow
    from edactl.core.record import JsonValue

_BOLD, _DIM, _RESET = "\x1b[1m", "\x1b[2m", "\x1b[0m"
_HEAD = ("CLUSTER", "COUNT", "ORIGIN", "TARGET", "REASON", "FIRST SENT", "LAST SENT")
_INDENT = " " * 10


def emit_clusters(context: CommandContext, rows: Sequence[ClusterRow], now: datetime) -> None:
    """Write the clusters: records, or for a person a table with what to do under each row."""
    emitter, terminal = context.emitter, context.terminal
    if emitter.resolve("ndjson") != "table" or emitter.query is not None:
        emitter.records(rows)
        return
    colored = terminal.colored(terminal.stdout)
    terminal.stdout.write(
        "".join(f"{line}\n" for line in cluster_lines(rows, now, colored=colored))
    )


def cluster_lines(
    rows: Sequence[ClusterRow], now: datetime, *, colored: bool = False
) -> Iterator[str]:
    """The table. A hint is one line however long, so that a command in it can be copied.

    A hint that another cluster has too is printed once.
    """
    if not rows:
        return
    bold, dim, reset = (_BOLD, _DIM, _RESET) if colored else ("", "", "")
    cells = [_HEAD, *(_cells(row, now) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_HEAD))]
    padded = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in cells]
    hinted: dict[str, str] = {}
    yield f"{bold}{padded[0]}{reset}"
    for row, line in zip(rows, padded[1:], strict=True):
        yield line
        if row.message:
            yield f"{_INDENT}{dim}{harmless(row.message)}{reset}"
        first = hinted.setdefault(row.hint.replace(row.cluster, ""), row.cluster)
        yield f"{_INDENT}{harmless(row.hint) if first == row.cluster else f'as {first}'}"


def _cells(row: ClusterRow, now: datetime) -> tuple[str, ...]:
    return (
        row.cluster,
        str(row.count),
        row.origin.value,
        harmless(name_of(row.target)) if row.target else "-",
        harmless(row.reason or "-"),
        _ago(row.first_seen_at, now),
        _ago(row.last_seen_at, now),
    )


def _ago(moment: datetime | None, now: datetime) -> str:
    return (moment and how_long_ago(rfc3339(moment), now=now)) or "-"


def letter_line(record: JsonValue) -> str:
    """One letter on one line: its cluster, origin, reason, target, and the body's beginning."""
    if not isinstance(record, dict) or "cluster" not in record:
        return harmless(str(record))
    shown = [record.get(name) or "-" for name in ("cluster", "sent_at", "origin", "reason")]
    target = name_of(str(record["target"])) if record.get("target") else "-"
    body = " ".join(str(record.get("body")).split())
    return harmless("  ".join([*map(str, shown), target, body]))
