"""`edactl rule diff`."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import CommandContext, context_of
from edactl.cli.event_texts import SkipInvalidOption, event_id_of, judged
from edactl.cli.rule_revision import version_of
from edactl.cli.rule_sources import (
    DialectOption,
    ManagedOption,
    ParameterOption,
    Source,
    check_dialect,
    rule_set,
)
from edactl.core.rule_diff import RuleDiff
from edactl.errors import ExitStatus, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.core.record import JsonValue
    from edactl.core.rule_diff import VerdictChange

COLUMNS = ("rule", "before", "after", "gained", "lost", "only_in")


def diff(
    ctx: typer.Context,
    old: Annotated[
        str,
        typer.Argument(
            metavar="OLD", help="The rules before: FILE, DIR, REV:PATH of git, or bus:NAME."
        ),
    ],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The rules after, in the same forms.")],
    more: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILE...]", help="More events, as a glob after --events gives."),
    ] = None,
    events: Annotated[
        list[str] | None,
        typer.Option("--events", metavar="FILE", help="Events: JSON, NDJSON, .gz, .zst; - too."),
    ] = None,
    managed: ManagedOption = False,
    dialect: DialectOption = "",
    parameter: ParameterOption = None,
    count: Annotated[bool, typer.Option("--count", help="Only count, rule by rule.")] = False,
    skip_invalid: SkipInvalidOption = False,
    exact: Annotated[
        bool, typer.Option("--exact", help="See duplicate keys and keys with dots too; slower.")
    ] = False,
) -> int:
    """Show which events change verdict between two versions of the rules.

    A record for each event and rule that matches on one side only, and one without event for each
    rule that only one side has. Exit 0 when no verdict changes, 1 when some do.

    \b
    Examples:
      edactl rule diff main:rules.json rules.json --events events.ndjson
      edactl rule diff bus:flix rules/ --events day-*.ndjson.gz --count
      edactl rule diff HEAD~1:rules rules -o json --events e.ndjson --query '[?after].event_id'
    """
    context = context_of(ctx)
    _ = context.emitter
    files = [*(events or []), *(more or [])]
    if not files:
        raise UsageError("there are no events: no --events", hint="--events events.ndjson, or -")
    check_dialect(dialect)
    options = Source(managed=managed, dialect=dialect, parameters=parameter or ())
    before, after = (version_of(context, one, options) for one in (old, new))
    compared = RuleDiff(before, after, partial(rule_set, exact=exact), count_all=count)
    found = judged(context, files, compared.changes, skip_invalid=skip_invalid)
    if count:
        for _ in found:
            pass
        context.emitter.records(compared.by_rule(), columns=COLUMNS)
    else:
        _show(context, compared, found)
    return _conclude(context, compared)


def _show(
    context: CommandContext,
    compared: RuleDiff,
    found: Iterator[tuple[int, bytes | str, list[VerdictChange]]],
) -> None:
    with context.emitter.stream(line=_line) as write:
        for one in compared.one_sided():
            write(one)
        for index, text, changes in found:
            event_id = event_id_of(text) if changes else None
            for change in changes:
                write(replace(change, event_index=index, event_id=event_id))


def _line(record: JsonValue) -> str:
    if not isinstance(record, dict) or "only_in" not in record:
        return json.dumps(record)
    from edactl.core.readable import harmless

    if record["event_index"] is None:
        return harmless(f"rule {record['rule']} is only in {record['only_in']}")
    event = record["event_id"] or "no id"
    verdict = "matches now, and did not" if record["after"] else "matched, and does not now"
    only = f" (only in {record['only_in']})" if record["only_in"] else ""
    return harmless(f"event {record['event_index']} ({event}) {verdict}: {record['rule']}{only}")


def _conclude(context: CommandContext, compared: RuleDiff) -> int:
    lonely = compared.one_sided()
    sides = f"; {len(lonely)} rules only on one side" if lonely else ""
    context.messages.note(
        f"{compared.changed_events} of {compared.events} events change verdict{sides}"
    )
    return ExitStatus.NO if compared.changed_events else ExitStatus.DONE
