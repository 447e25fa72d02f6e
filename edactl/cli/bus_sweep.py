"""`edactl bus sweep`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import CommandContext, context_of
from edactl.errors import ExitStatus

if TYPE_CHECKING:
    from edactl.aws.session import AwsSession
    from edactl.ops.sweep import Leftover, Sweeper


def sweep(
    ctx: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what has not expired: it may be in use.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("-n", "--dry-run", help="Show what would be removed.")
    ] = False,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Remove without asking.")] = False,
) -> int:
    """Remove the temporary rules and queues that killed tails left behind.

    Only what carries edactl's own tag is touched, and only once it has expired.

    \b
    Examples:
      edactl bus sweep --dry-run
      edactl bus sweep --yes
    """
    context = context_of(ctx)
    sweeper = _sweeper(context.session(read_only=dry_run))
    there = list(sweeper.find(datetime.now(UTC)))
    found = [(one, thing) for one, thing in there if everything or one.expired]
    if not found:
        context.messages.note(_nothing([leftover for leftover, _ in there]))
    elif not dry_run:
        names = ", ".join(leftover.name for leftover, _ in found)
        context.messages.confirm(f"Remove {len(found)} temporary resources ({names})?", yes=yes)
        found = [(_removed(leftover, sweeper.remove(thing)), thing) for leftover, thing in found]
    return _report(context, [leftover for leftover, _ in found])


def _nothing(young: list[Leftover]) -> str:
    if not young:
        return "there is nothing to sweep"
    first = min(leftover.expires_at for leftover in young)
    return (
        f"nothing has expired: {len(young)} temporary resources may be in use, the first until"
        f" {first} ({', '.join(one.name for one in young)}); --all removes them now"
    )


def _removed(leftover: Leftover, error: str | None) -> Leftover:
    return replace(leftover, removed=error is None, error=error)


def _report(context: CommandContext, leftovers: list[Leftover]) -> int:
    context.emitter.records(leftovers)
    failed = [leftover for leftover in leftovers if leftover.error]
    for leftover in failed:
        context.messages.warn(f"{leftover.kind} {leftover.name} is left: {leftover.error}")
    return ExitStatus.PARTLY if failed else ExitStatus.DONE


def _sweeper(session: AwsSession) -> Sweeper:
    from edactl.aws.events import EventBuses
    from edactl.aws.rules import BusRules
    from edactl.aws.sns import SnsTopics
    from edactl.aws.sqs import SqsQueues
    from edactl.ops.sweep import Sweeper

    return Sweeper(EventBuses(session), BusRules(session), SqsQueues(session), SnsTopics(session))
