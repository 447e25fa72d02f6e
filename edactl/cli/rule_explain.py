"""`edactl rule explain`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import CommandContext, context_of
from edactl.cli.one_event import one_event
from edactl.cli.opened import shown
from edactl.cli.rule_sources import (
    BusOption,
    DialectOption,
    ManagedOption,
    ParameterOption,
    PatternOption,
    RulesOption,
    Source,
    patterns_of,
)
from edactl.errors import ExitStatus, InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.core.pattern.explain import AlternativeVerdict, Explanation

_GREEN, _RED, _DIM, _RESET = "\x1b[32m", "\x1b[31m", "\x1b[2m", "\x1b[0m"


def explain(
    ctx: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="[FILE|-]", help="The event: a file with one JSON object.")
    ] = "",
    event: Annotated[
        str, typer.Option("--event", metavar="JSON|@FILE", help="The event, instead of FILE.")
    ] = "",
    pattern: PatternOption = "",
    rules: RulesOption = "",
    bus: BusOption = "",
    managed: ManagedOption = False,
    dialect: DialectOption = "",
    parameter: ParameterOption = None,
    rule: Annotated[str, typer.Option("--rule", metavar="NAME", help="Only this rule.")] = "",
) -> int:
    """Say why an event matches a pattern or does not.

    Shows each field: what the pattern wants, what the event has, and how near it came. Rules stand
    nearest first. Exit 0 when a rule matches, 1 when none does.

    \b
    Examples:
      edactl rule explain event.json --pattern '{"detail":{"region":["AU","NZ"]}}'
      edactl rule explain --event @event.json --bus flix --rule au
      edactl rule explain event.json --rules rules.json -o json --query '[0]'
    """
    context = context_of(ctx)
    _ = context.emitter
    patterns = patterns_of(context, Source(pattern, rules, bus, managed, dialect, parameter or ()))
    if rule:
        if rule not in patterns:
            raise UsageError(
                f'there is no rule "{rule}"', hint=f"one of {', '.join(list(patterns)[:10])}"
            )
        patterns = {rule: patterns[rule]}
    text = one_event(context, file, event)
    try:
        found = [(name, one.explain(text)) for name, one in patterns.items()]
    except InputError as error:
        where = shown(file) if file else "--event"
        raise InputError(error.message, where=where, hint="one JSON object") from None
    found.sort(key=lambda one: (not one[1].match, one[1].missed))
    _emit(context, found)
    return ExitStatus.DONE if found[0][1].match else ExitStatus.NO


def _emit(context: CommandContext, found: list[tuple[str, Explanation]]) -> None:
    emitter = context.emitter
    if emitter.resolve("json") == "table" and emitter.query is None:
        colored = context.terminal.colored(context.terminal.stdout)
        context.terminal.stdout.write(
            "".join(f"{line}\n" for line in _lines(found, colored=colored))
        )
        return
    emitter.result([{"rule": name, **asdict(one)} for name, one in found])


def _lines(found: list[tuple[str, Explanation]], *, colored: bool) -> Iterator[str]:
    from edactl.core.readable import harmless

    green, red, dim, reset = (_GREEN, _RED, _DIM, _RESET) if colored else ("", "", "", "")
    for name, one in found:
        fields = len(one.alternatives[0].fields)
        missed = f": {one.missed} of {fields} fields missed" if not one.match else ""
        color = green if one.match else red
        verdict = "matches" if one.match else "does not match"
        yield f"{color}{harmless(name)} {verdict}{missed}{reset}"
        for number, alternative in enumerate(one.alternatives, 1):
            if len(one.alternatives) > 1:
                yield f"{dim}  alternative {number}:{reset}"
            for good, text in _fields(alternative):
                yield f"  {green if good else red}{'✓' if good else '✗'}{reset} {harmless(text)}"


def _fields(alternative: AlternativeVerdict) -> Iterator[tuple[bool, str]]:
    for one in alternative.fields:
        elements = f" ({one.elements} values hold)" if one.elements else ""
        yield one.holds, one.reason + elements
    if alternative.note:
        yield False, alternative.note
