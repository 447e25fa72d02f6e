"""`edactl replay archive`."""

from __future__ import annotations

from typing import Annotated

import typer

from edactl.cli.context import context_of
from edactl.errors import UsageError


def archive(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ARCHIVE", help="Archive, by name or ARN.")],
    since: Annotated[
        str, typer.Option("--since", metavar="TIME", help="From when: 2h, 7d, or ISO 8601.")
    ],
    until: Annotated[
        str, typer.Option("--until", metavar="TIME", help="Until when: now, 1h, or ISO 8601.")
    ] = "now",
    rules: Annotated[
        list[str] | None,
        typer.Option("--rule", metavar="RULE", help="Only this rule fires (repeatable)."),
    ] = None,
    bus: Annotated[
        str, typer.Option("--bus", metavar="BUS", help="Refuse an archive of another bus.")
    ] = "",
    only_to: Annotated[
        str,
        typer.Option("--only-to", metavar="QUEUE", help="To this queue alone; no rule fires."),
    ] = "",
    replay_name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="The replay's name [a new one].")
    ] = "",
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Watch it to its end; Ctrl-C cancels it.")
    ] = False,
    timeout: Annotated[
        str,
        typer.Option("--timeout", metavar="DURATION", help="Watch so long at most (status 124)."),
    ] = "",
    dry_run: Annotated[
        bool,
        typer.Option("-n", "--dry-run", "--plan", help="Show what would fire; start nothing."),
    ] = False,
    sample: Annotated[
        str,
        typer.Option("--sample", metavar="FILE|-", help="With --plan: events to count matches of."),
    ] = "",
    yes: Annotated[
        bool, typer.Option("-y", "--yes", help="Do not ask, though every rule of the bus may fire.")
    ] = False,
) -> int:
    """Replay a window of an archive on its bus.

    AWS replays whole minutes, so the window is widened to them. What AWS would refuse is refused
    before it is asked. Without --rule or --only-to every rule of the bus that does not guard
    against replays fires: look at --plan first. A replay keeps the events' times and adds the field
    replay-name at the top.

    \b
    Examples:
      edactl replay archive flix-all --since 2h --until 1h --plan --sample events.ndjson
      edactl replay archive flix-all --since 2h --rule orders --wait
      edactl replay archive flix-all --since 2026-11-24T08:00:00Z --only-to replay-queue
    """
    from edactl.cli.replay_archive_run import Wanted, run

    if only_to and rules:
        raise UsageError("--only-to fires no rule of yours", hint="drop --rule")
    if sample and not dry_run:
        raise UsageError("--sample is for --plan", hint="add --plan")
    wanted = Wanted(
        archive=name,
        since=since,
        until=until,
        rules=tuple(rules or ()),
        bus=bus,
        only_to=only_to,
        name=replay_name,
        wait=wait or bool(only_to) or bool(timeout),
        timeout=timeout,
        dry_run=dry_run,
        sample=sample,
        yes=yes,
    )
    return run(context_of(ctx), wanted)
