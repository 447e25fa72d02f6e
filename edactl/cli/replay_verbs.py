"""`edactl replay list`, `show` and `cancel`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import context_of
from edactl.core.arn import is_arn, parse_arn
from edactl.errors import ExitStatus, InputError

if TYPE_CHECKING:
    from edactl.aws.session import AwsSession
    from edactl.core.replay import Replay

COLUMNS = ("replay_name", "state", "archive", "bus", "progress", "started_at", "ended_at")
STATES = ("STARTING", "RUNNING", "CANCELLING", "COMPLETED", "CANCELLED", "FAILED")
ReplayArgument = Annotated[str, typer.Argument(metavar="REPLAY", help="Replay, by name or ARN.")]


def replay_name(text: str) -> str:
    """The name of a replay given by name or ARN. Raises InputError for an ARN of another kind."""
    if not is_arn(text):
        return text
    arn = parse_arn(text)
    if arn.service != "events" or not arn.resource.startswith("replay/"):
        raise InputError(f'"{text}" is not the ARN of a replay')
    return arn.resource.removeprefix("replay/")


def list_(
    ctx: typer.Context,
    archive: Annotated[
        str, typer.Option("--archive", metavar="ARCHIVE", help="Only replays of this archive.")
    ] = "",
    state: Annotated[
        str, typer.Option("--state", metavar="STATE", help=f"One of {', '.join(STATES)}.")
    ] = "",
    prefix: Annotated[
        str, typer.Option("--prefix", metavar="TEXT", help="Only names that begin so.")
    ] = "",
) -> int:
    """List the replays of the past 90 days.

    The newest comes first. The rules that a replay was limited to are told by `replay show`
    alone: they are null here.

    \b
    Examples:
      edactl replay list --state RUNNING
      edactl replay list --archive flix-all --query '[].{name: replay_name, state: state}'
    """
    context = context_of(ctx)
    if state and state.upper() not in STATES:
        raise InputError(f'"{state}" is no state of a replay', hint=f"one of {', '.join(STATES)}")
    session = context.session(read_only=True)
    from edactl.aws.replays import Replays
    from edactl.cli.archive_verbs import archive_name

    found = [
        one
        for one in Replays(session).list()
        if one.replay_name.startswith(prefix)
        and state.upper() in {"", one.state}
        and (not archive or one.archive == archive_name(archive))
    ]
    found.sort(key=lambda one: str(one.started_at), reverse=True)
    context.emitter.records(_with_buses(session, found), columns=COLUMNS)
    return ExitStatus.DONE


def _with_buses(session: AwsSession, found: list[Replay]) -> list[Replay]:
    """A list of replays does not tell the bus, which is the archive's own; archives do."""
    from edactl.aws.archives import Archives

    if not found:
        return found
    buses = {one.name: one.bus for one in Archives(session).list()}
    return [replace(one, bus=buses.get(one.archive)) for one in found]


def show(ctx: typer.Context, replay: ReplayArgument) -> int:
    """Show one replay and how far it is.

    State and its reason, window, and the rules that it is limited to.

    \b
    Examples:
      edactl replay show flix-all-20261125T010000-1a2b3c
      edactl replay show NAME --query progress
    """
    context = context_of(ctx)
    session = context.session(read_only=True)
    from edactl.aws.replays import Replays

    context.emitter.result(Replays(session).describe(replay_name(replay)))
    return ExitStatus.DONE


def cancel(
    ctx: typer.Context,
    replay: ReplayArgument,
    dry_run: Annotated[
        bool, typer.Option("-n", "--dry-run", help="Show what would be cancelled.")
    ] = False,
) -> int:
    """Ask AWS to cancel a replay.

    What it has delivered stays delivered. A replay that has ended cannot be cancelled: exit 1,
    and its record tells how it ended.

    \b
    Examples:
      edactl replay cancel flix-all-20261125T010000-1a2b3c
    """
    context = context_of(ctx)
    session = context.session(read_only=dry_run)
    from edactl.aws.replays import Replays
    from edactl.core.record import record_of

    replays = Replays(session)
    found = replays.describe(replay_name(replay))
    if found.ended:
        context.messages.warn(f'replay "{found.replay_name}" has ended: it is {found.state}')
    elif not dry_run and found.state != "CANCELLING":
        found = replays.cancel(found.replay_name)
        context.messages.note(f'replay "{found.replay_name}" is {found.state}')
    context.emitter.result(record_of(found) | ({"dry_run": True} if dry_run else {}))
    return ExitStatus.NO if found.ended and found.state != "CANCELLED" else ExitStatus.DONE
