"""`edactl dlq runs`."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import context_of
from edactl.cli.journal_file import known_journals, read_journal_header
from edactl.cli.journal_runs import end_of
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COLUMNS = ("run_id", "kind", "queue", "destination", "ended", "sent", "skipped", "failed")


@dataclass(frozen=True)
class RunRow:
    """One run that has a journal here. The counts are null while it has not ended."""

    run_id: str
    kind: str
    queue: str
    destination: str | None
    account: str
    region: str
    started_at: str
    ended: bool
    received: int | None
    sent: int | None
    deleted: int | None
    skipped: int | None
    failed: int | None
    ambiguous: int | None
    journal: str


def runs(
    ctx: typer.Context,
    queue: Annotated[
        str, typer.Option("--queue", metavar="QUEUE", help="Only runs out of this queue.")
    ] = "",
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Only runs that did not come to their end.")
    ] = False,
) -> int:
    """List the runs that have a journal here, the newest first. Calls nothing.

    A run that is not ended was killed, stopped, or is still at work; `dlq redrive --resume RUN_ID`
    finishes it. A journal holds its letters in full: delete it once they are not needed as backup.

    \b
    Examples:
      edactl dlq runs
      edactl dlq runs --unfinished -o ndjson --query '[].journal'
    """
    context = context_of(ctx)
    rows = [
        row
        for row in _rows(known_journals(context.environment))
        if queue in {"", row.queue} and not (unfinished and row.ended)
    ]
    context.emitter.records(rows, columns=COLUMNS)
    return 0


def _rows(paths: list[Path]) -> Iterator[RunRow]:
    for path in paths:
        with suppress(InputError):  # another version's journal is no reason to list none
            yield _row(path)


def _row(path: Path) -> RunRow:
    header = read_journal_header(path)
    end = end_of(path)

    def count(name: str) -> int | None:
        value = end.get(name) if end else None
        return value if isinstance(value, int) else None

    return RunRow(
        run_id=header.run_id,
        kind=header.kind,
        queue=header.queue_name,
        destination=header.destination,
        account=header.account,
        region=header.region,
        started_at=header.started_at,
        ended=end is not None,
        received=count("received"),
        sent=count("sent"),
        deleted=count("deleted"),
        skipped=count("skipped"),
        failed=count("failed"),
        ambiguous=count("ambiguous"),
        journal=str(path),
    )
