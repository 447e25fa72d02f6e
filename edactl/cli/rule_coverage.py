"""`edactl rule coverage`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import CommandContext, context_of
from edactl.cli.event_texts import SkipInvalidOption, judged
from edactl.cli.rule_sources import (
    BusOption,
    DialectOption,
    ManagedOption,
    ParameterOption,
    PatternOption,
    RulesOption,
    Source,
    patterns_of,
    rule_set,
)
from edactl.core.rule_coverage import Coverage
from edactl.errors import ExitStatus

if TYPE_CHECKING:
    from edactl.core.rule_coverage import CoverageReport


def coverage(
    ctx: typer.Context,
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...|-", help="Events: JSON, an array, or NDJSON; .gz, .zst."),
    ],
    pattern: PatternOption = "",
    rules: RulesOption = "",
    bus: BusOption = "",
    managed: ManagedOption = False,
    dialect: DialectOption = "",
    parameter: ParameterOption = None,
    indexes: Annotated[
        int, typer.Option("--indexes", metavar="N", min=0, help="Sample indexes of each count.")
    ] = 3,
    skip_invalid: SkipInvalidOption = False,
) -> int:
    """Show which rules never fire, and which events no rule takes.

    One result: counts, the rules with their matches, and every source and detail-type with what was
    taken and what was not. Exit 0 when every rule fired and every event was taken, 1 otherwise.

    \b
    Examples:
      edactl rule coverage events.ndjson --rules rules.json
      edactl rule coverage day.ndjson.gz --bus flix -o json --query never_fired
      edactl bus tail flix --timeout 10m -o ndjson | edactl rule coverage - --bus flix
    """
    context = context_of(ctx)
    _ = context.emitter
    patterns = patterns_of(context, Source(pattern, rules, bus, managed, dialect, parameter or ()))
    counted = Coverage(patterns, samples=indexes)
    match = rule_set(patterns).match
    for index, text, names in judged(context, files, match, skip_invalid=skip_invalid):
        counted.add(index, names, *_kind_of(text))
    report = counted.report()
    _emit(context, report)
    return ExitStatus.DONE if report.complete else ExitStatus.NO


def _kind_of(text: bytes | str) -> tuple[str | None, str | None]:
    """The source and detail-type of an event; None for what is no text."""
    try:
        event = json.loads(text)
    except (ValueError, RecursionError):  # what follows the event is not read
        return None, None
    source, detail_type = event.get("source"), event.get("detail-type")
    return (
        source if isinstance(source, str) else None,
        detail_type if isinstance(detail_type, str) else None,
    )


def _emit(context: CommandContext, report: CoverageReport) -> None:
    emitter = context.emitter
    if emitter.resolve("json") == "table" and emitter.query is None:
        emitter.records(report.rules, columns=("rule", "matched", "sample_indexes"))
        context.terminal.stdout.write("\n")
        emitter.records(
            report.sources,
            columns=("source", "detail_type", "events", "taken", "untaken", "sample_indexes"),
        )
    else:
        emitter.result(report)
    rules = len(report.rules)
    context.messages.note(
        f"{rules - len(report.never_fired)} of {rules} rules fired;"
        f" {report.taken} of {report.events} events were taken"
    )
