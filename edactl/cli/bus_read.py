"""`edactl bus list` and `edactl bus show`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import context_of
from edactl.errors import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.aws.rules import BusRules


def list_buses(
    ctx: typer.Context,
    prefix: Annotated[
        str, typer.Option(metavar="TEXT", help="Only buses whose names start so.")
    ] = "",
) -> int:
    """List the event buses of the account and region.

    \b
    Examples:
      edactl bus list
      edactl bus list -o json --query '[].name'
    """
    context = context_of(ctx)
    session = context.session()
    from edactl.aws.events import EventBuses

    records = [asdict(bus) for bus in EventBuses(session).list_buses(prefix)]
    for record in records:
        del record["policy"]
    context.emitter.records(records, columns=("name", "arn", "created_at", "has_policy"))
    return ExitStatus.DONE


def show(
    ctx: typer.Context,
    bus: Annotated[str, typer.Argument(metavar="BUS", help="Bus, by name or ARN.")],
    managed: Annotated[
        bool, typer.Option("--managed", help="Show rules that AWS services manage too.")
    ] = False,
) -> int:
    """Show a bus: its policy, and its rules with their targets and DLQs.

    \b
    Examples:
      edactl bus show flix
      edactl bus show flix --query 'rules[].name'
    """
    context = context_of(ctx)
    session = context.session()
    from edactl.aws.events import EventBuses
    from edactl.aws.rules import BusRules

    found = EventBuses(session).describe_bus(bus)
    rules = list(_rules(BusRules(session), found.name, managed=managed))
    context.emitter.result({**asdict(found), "rules": rules})
    return ExitStatus.DONE


def _rules(rules: BusRules, bus: str, *, managed: bool) -> Iterator[dict[str, object]]:
    for rule in rules.rules_of(bus):
        if managed or rule.managed_by is None:
            targets = rules.targets(rule)
            yield {
                **asdict(rule),
                "targets": [asdict(target) for target in targets],
                "targets_without_dlq": sum(not target.dead_letter_arn for target in targets),
            }
