"""`edactl replay file`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import context_of
from edactl.cli.rate import checked_rate
from edactl.cli.send_options import ConcurrencyOption, FailedToOption
from edactl.errors import InputError, UsageError

if TYPE_CHECKING:
    from edactl.core.pattern import Pattern


def file(
    ctx: typer.Context,
    files: Annotated[
        list[str],
        typer.Argument(metavar="[FILE|-]...", help="Captured events: JSON, NDJSON; .gz, .zst."),
    ],
    bus: Annotated[
        str, typer.Option("--bus", metavar="BUS", help="Bus, by name or ARN.")
    ] = "default",
    speed: Annotated[
        str,
        typer.Option("--speed", metavar="10x", help="Keep the old gaps, so many times as fast."),
    ] = "",
    rate: Annotated[
        float | None, typer.Option("--rate", metavar="N", help="A fixed pace: N events a second.")
    ] = None,
    as_fast: Annotated[
        bool, typer.Option("--as-fast", help="As fast as the bus takes them (the default).")
    ] = False,
    keep_time: Annotated[
        bool,
        typer.Option(
            "--keep-time/--restamp", help="Send the old time, or let AWS stamp a new one."
        ),
    ] = True,
    where: Annotated[
        str,
        typer.Option("--where", metavar="JSON|@FILE", help="Only events of this event pattern."),
    ] = "",
    mark: Annotated[
        bool, typer.Option("--mark", help="Put the replay's id into detail.metadata.replay-id.")
    ] = False,
    source_prefix: Annotated[
        str,
        typer.Option(
            "--source-prefix", metavar="TEXT", help="Send aws. sources too, with TEXT before them."
        ),
    ] = "",
    checkpoint: Annotated[
        str,
        typer.Option("--checkpoint", metavar="FILE", help="Where to write how far it is."),
    ] = "",
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where a replay of these files ended.")
    ] = False,
    concurrency: ConcurrencyOption = 8,
    failed_to: FailedToOption = None,
    no_check: Annotated[
        bool, typer.Option("--no-check", help="Do not check first that the bus exists.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("-n", "--dry-run", help="Check and count everything; send nothing.")
    ] = False,
) -> int:
    """Put captured events on a bus again.

    Reads what `bus tail`, `archive export`, `dlq export` and S3 or Firehose exports write. AWS
    gives each event a new id. What cannot be sent (a source of AWS's own, an event that is too
    large) is counted and listed, and the rest goes on. A checkpoint is kept: --resume sends only
    what is left. No event goes twice in a run that ends by itself; after a kill, those that were
    in flight may (at least once).

    \b
    Examples:
      edactl replay file events.ndjson --bus flix --speed 10x
      edactl replay file captured.ndjson.gz --bus flix --where '{"source":["com.flix"]}' --mark
      edactl replay file events.ndjson --bus flix --resume
    """
    from edactl.cli.replay_file_run import Plan, run

    if sum(map(bool, (speed, rate is not None, as_fast))) > 1:
        raise UsageError("--speed, --rate and --as-fast are three paces", hint="say one of them")
    plan = Plan(
        files=files,
        bus=bus,
        speed=speed,
        rate=checked_rate(rate),
        keep_time=keep_time,
        where=where,
        mark=mark,
        source_prefix=source_prefix or None,
        checkpoint=checkpoint,
        resume=resume,
        concurrency=concurrency,
        failed_to=failed_to,
        check=not no_check,
        dry_run=dry_run,
    )
    return run(context_of(ctx), plan, _pattern(where))


def _pattern(where: str) -> Pattern | None:
    if not where:
        return None
    from edactl.cli.opened import text_or_file
    from edactl.core.pattern import PatternError, compile_pattern

    text = text_or_file(where, "--where")
    try:
        return compile_pattern(text)
    except PatternError as error:
        raise InputError(str(error), where="--where", hint=error.hint) from None
