"""`edactl archive list`, `show`, `create` and `delete`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import context_of
from edactl.core.arn import is_arn, parse_arn, parse_bus
from edactl.errors import ExitStatus, InputError, UsageError

if TYPE_CHECKING:
    from edactl.aws.archives import Archives
    from edactl.core.archive import Archive

COLUMNS = ("name", "bus", "state", "event_count", "size_bytes", "retention_days", "created_at")
ArchiveArgument = Annotated[str, typer.Argument(metavar="ARCHIVE", help="Archive, by name or ARN.")]


def archive_name(text: str) -> str:
    """The name of an archive given by name or ARN. Raises InputError for an ARN of another kind."""
    if not is_arn(text):
        return text
    arn = parse_arn(text)
    if arn.service != "events" or not arn.resource.startswith("archive/"):
        raise InputError(f'"{text}" is not the ARN of an archive')
    return arn.resource.removeprefix("archive/")


def described(archives: Archives, text: str) -> Archive:
    """The archive. Raises NotFound."""
    return archives.describe(archive_name(text))


def list_(
    ctx: typer.Context,
    bus: Annotated[
        str, typer.Option("--bus", metavar="BUS", help="Only archives of this bus.")
    ] = "",
    prefix: Annotated[
        str, typer.Option("--prefix", metavar="TEXT", help="Only names that begin so.")
    ] = "",
) -> int:
    """List archives with what they hold.

    Counts and sizes lag behind by up to a day. A retention of 0 days is for ever.

    \b
    Examples:
      edactl archive list
      edactl archive list --bus flix --query '[].name'
    """
    context = context_of(ctx)
    session = context.session(read_only=True)
    from edactl.aws.archives import Archives
    from edactl.aws.events import EventBuses

    bus_arn = EventBuses(session).describe_bus(parse_bus(bus).name).arn if bus else ""
    found = list(Archives(session).list(prefix=prefix, bus_arn="" if prefix else bus_arn))
    kept = [one for one in found if not bus or one.bus_arn == bus_arn]
    context.emitter.records(kept, columns=COLUMNS)
    return ExitStatus.DONE


def show(ctx: typer.Context, archive: ArchiveArgument) -> int:
    """Show one archive: bus, pattern, retention, counts.

    \b
    Examples:
      edactl archive show flix-all
      edactl archive show flix-all --query event_pattern
    """
    context = context_of(ctx)
    session = context.session(read_only=True)
    from edactl.aws.archives import Archives

    context.emitter.result(described(Archives(session), archive))
    return ExitStatus.DONE


def create(
    ctx: typer.Context,
    archive: Annotated[str, typer.Argument(metavar="NAME", help="Name of the new archive.")],
    bus: Annotated[
        str, typer.Option("--bus", metavar="BUS", help="The bus, by name or ARN.")
    ] = "default",
    pattern: Annotated[
        str,
        typer.Option("--pattern", metavar="JSON|@FILE", help="Keep only events of this pattern."),
    ] = "",
    retention: Annotated[
        str, typer.Option("--retention", metavar="30d", help="How long to keep events [for ever].")
    ] = "",
    description: Annotated[
        str, typer.Option("--description", metavar="TEXT", help="What it is for.")
    ] = "",
) -> int:
    """Archive the events of a bus from now on.

    The pattern is checked offline first, in AWS's words. Only events that come after the archive
    can be replayed from it.

    \b
    Examples:
      edactl archive create flix-all --bus flix --retention 30d
      edactl archive create flix-orders --bus flix --pattern '{"source":["com.flix.orders"]}'
    """
    context = context_of(ctx)
    from edactl.core.archive import MAX_ARCHIVE_NAME, checked_name

    checked_name(archive, "an archive", MAX_ARCHIVE_NAME)
    days = _days(retention)
    text = _pattern(pattern) if pattern else None
    session = context.session()
    from edactl.aws.archives import Archives
    from edactl.aws.events import EventBuses

    found = EventBuses(session).describe_bus(parse_bus(bus).name)
    made = Archives(session).create(
        archive, found.arn, pattern=text, retention_days=days, description=description
    )
    context.messages.note(f'archive "{archive}" keeps the events of bus "{found.name}" from now on')
    context.emitter.result(made)
    return ExitStatus.DONE


def delete(
    ctx: typer.Context,
    archive: ArchiveArgument,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Do not ask.")] = False,
    dry_run: Annotated[
        bool, typer.Option("-n", "--dry-run", help="Show what would go; delete nothing.")
    ] = False,
) -> int:
    """Delete an archive and every event in it. There is no way back.

    Replays that run from it fail.

    \b
    Examples:
      edactl archive export flix-all --since 30d -o kept.ndjson
      edactl archive delete flix-all --yes
    """
    context = context_of(ctx)
    session = context.session(read_only=dry_run)
    from edactl.aws.archives import Archives
    from edactl.core.record import record_of

    archives = Archives(session)
    found = described(archives, archive)
    what = f'archive "{found.name}" of bus "{found.bus}" and its {found.event_count or 0} events'
    if not dry_run:
        context.messages.confirm(f"Delete {what}?", yes=yes)
        archives.delete(found.name)
    context.messages.note(f"{'would delete' if dry_run else 'deleted'} {what}")
    context.emitter.result(record_of(found) | {"deleted": not dry_run, "dry_run": dry_run})
    return ExitStatus.DONE


def _days(retention: str) -> int:
    """Whole days. Raises UsageError for what is no number of days."""
    if not retention:
        return 0
    match = re.fullmatch(r"(\d+)d?", retention.strip())
    if not match or int(match[1]) == 0:
        raise UsageError(f'--retention "{retention}" is no number of days', hint="--retention 30d")
    return int(match[1])


def _pattern(text: str) -> str:
    from edactl.cli.opened import text_or_file
    from edactl.cli.rule_sources import compiled

    pattern = text_or_file(text, "--pattern")
    compiled("--pattern", pattern, "rule")
    return pattern
