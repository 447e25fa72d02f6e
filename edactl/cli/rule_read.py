"""`edactl rule list`, `edactl rule show` and `edactl rule pull`."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import CommandContext, context_of
from edactl.core.arn import parse_bus
from edactl.errors import AccessDenied, AwsError, ExitStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edactl.aws.rules import BusRules
    from edactl.aws.session import AwsSession
    from edactl.core.bus import Rule

COLUMNS = ("name", "state", "targets_count", "targets_without_dlq", "last_triggered_at")
OnBus = Annotated[str, typer.Option("--bus", metavar="BUS", help="The bus, by name or ARN.")]
Managed = Annotated[bool, typer.Option("--managed", help="The rules that AWS services manage too.")]


def list_(
    ctx: typer.Context,
    bus: OnBus = "default",
    prefix: Annotated[
        str, typer.Option("--prefix", metavar="TEXT", help="Only names that begin so.")
    ] = "",
    managed: Managed = False,
) -> int:
    """List the rules of a bus with targets and last use.

    Each rule comes with its targets, their DLQs and retry policies. The last use is the hour in
    which the rule last matched an event, of the past 14 days, where CloudWatch tells.

    \b
    Examples:
      edactl rule list
      edactl rule list --bus flix --query '[?targets_without_dlq > `0`].name'
    """
    context = context_of(ctx)
    session = context.session(read_only=True)
    from edactl.aws.rules import BusRules

    name, rules = parse_bus(bus).name, BusRules(session)
    found = list(_chosen(rules, name, prefix, managed=managed))
    fired = _last_triggered(context, session, name, found)
    records = [_record(rules, rule, fired.get(rule.name)) for rule in found]
    context.emitter.records(records, columns=COLUMNS)
    return ExitStatus.DONE


def show(
    ctx: typer.Context,
    rule: Annotated[str, typer.Argument(metavar="RULE", help="Rule, by name.")],
    bus: OnBus = "default",
) -> int:
    """Show one rule: its pattern, targets, DLQs and retry.

    \b
    Examples:
      edactl rule show au --bus flix
      edactl rule show au --bus flix --query event_pattern
    """
    context = context_of(ctx)
    session = context.session(read_only=True)
    from edactl.aws.rules import BusRules

    rules = BusRules(session)
    found = rules.describe(parse_bus(bus).name, rule)
    fired = _last_triggered(context, session, found.bus, [found])
    context.emitter.result(_record(rules, found, fired.get(found.name)))
    return ExitStatus.DONE


def pull(ctx: typer.Context, bus: OnBus = "default", managed: Managed = False) -> int:
    """Print a bus's rules and targets as one snapshot.

    Every command that takes --rules reads the snapshot again.

    \b
    Examples:
      edactl rule pull --bus flix > flix.json
      edactl rule test events.ndjson --rules flix.json --count
    """
    context = context_of(ctx)
    session = context.session(read_only=True)
    from edactl.aws.events import EventBuses
    from edactl.aws.rules import BusRules

    found = EventBuses(session).describe_bus(parse_bus(bus).name)
    rules = BusRules(session)
    chosen = _chosen(rules, found.name, "", managed=managed)
    context.emitter.result(
        {
            "bus": found.name,
            "arn": found.arn,
            "taken_at": datetime.now(UTC),
            "rules": [_described(rules, rule) for rule in chosen],
        }
    )
    return ExitStatus.DONE


def _chosen(rules: BusRules, bus: str, prefix: str, *, managed: bool) -> Iterator[Rule]:
    for rule in rules.rules_of(bus, prefix):
        if managed or rule.managed_by is None:
            yield rule


def _described(rules: BusRules, rule: Rule) -> dict[str, object]:
    """A rule with its targets; the pattern as JSON."""
    record: dict[str, object] = asdict(rule)
    pattern = record.pop("pattern")
    record["event_pattern"] = json.loads(pattern) if isinstance(pattern, str) else None
    return record | {"targets": [asdict(target) for target in rules.targets(rule)]}


def _record(rules: BusRules, rule: Rule, fired: datetime | None) -> dict[str, object]:
    record = _described(rules, rule)
    targets = record["targets"]
    assert isinstance(targets, list)  # noqa: S101 -- as _described makes it
    return record | {
        "targets_count": len(targets),
        "targets_without_dlq": sum(not target["dead_letter_arn"] for target in targets),
        "last_triggered_at": fired,
    }


def _last_triggered(
    context: CommandContext, session: AwsSession, bus: str, rules: Sequence[Rule]
) -> dict[str, datetime]:
    """When each rule last fired; nothing, and a warning, where CloudWatch may not be asked."""
    from edactl.aws.cloudwatch import RuleMetrics

    names = [rule.name for rule in rules]
    try:
        return RuleMetrics(session).last_triggered(bus, names, now=datetime.now(UTC))
    except AccessDenied as error:
        context.messages.warn(f"no last use: {error.message}")
    except AwsError:  # an endpoint without CloudWatch
        return {}
    return {}
