"""`edactl rule infer`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import CommandContext, context_of
from edactl.cli.event_texts import event_id_of, event_texts
from edactl.core.pattern.fields import read_event
from edactl.core.pattern_infer import Inferred, Inseparable, infer
from edactl.errors import ExitStatus, InputError, UsageError

if TYPE_CHECKING:
    from edactl.cli.event_texts import Text

_NAMED = 5


def infer_(
    ctx: typer.Context,
    wanted: Annotated[
        list[str] | None,
        typer.Option("--from", metavar="FILE", help="Events that it has to match; repeatable."),
    ] = None,
    unwanted: Annotated[
        list[str] | None,
        typer.Option("--not", metavar="FILE", help="Events that it must not match; repeatable."),
    ] = None,
) -> int:
    """Propose the smallest pattern that matches some events and not others.

    It asks for few fields, and for exact values before beginnings, anything-but, exists and ranges;
    ids, times and accounts only where nothing else separates the events. It has been run against
    all of them before it is printed. Exit 1 when there is none.

    \b
    Examples:
      edactl rule infer --from wanted.ndjson --not others.ndjson > pattern.json
      edactl rule infer --from wanted.ndjson | edactl rule test others.ndjson --pattern @/dev/stdin
    """
    context = context_of(ctx)
    _ = context.emitter
    if not wanted:
        raise UsageError("there are no events: no --from", hint="--from events.ndjson, or -")
    if [*wanted, *(unwanted or [])].count("-") > 1:
        raise UsageError("stdin can be read once", hint="- for one of --from and --not")
    texts, others = _texts(context, wanted), _texts(context, unwanted or [])
    found = infer([text for text, _ in texts], [text for text, _ in others])
    if isinstance(found, Inseparable):
        _say_why_not(context, found, texts, others)
        return ExitStatus.NO
    _print(context, found.pattern)
    _say(
        context, found, f"all {len(texts)} events of --from and none of the {len(others)} of --not"
    )
    return ExitStatus.DONE


def _texts(context: CommandContext, files: list[str]) -> list[tuple[Text, str]]:
    texts = list(event_texts(files, context.terminal.stdin))
    for text, where in texts:
        try:
            read_event(text)
        except InputError as error:
            raise InputError(error.message, where=where) from None
    return texts


def _print(context: CommandContext, pattern: object) -> None:
    """The pattern as JSON, on a terminal too: it is to be kept in a file."""
    emitter = context.emitter
    if emitter.resolve("json") == "table" and emitter.query is None:
        text = json.dumps(pattern, indent=2, ensure_ascii=False)
        context.terminal.stdout.write(f"{text}\n")
    else:
        emitter.result(pattern)


def _say(context: CommandContext, found: Inferred, whom: str) -> None:
    context.messages.note(f"matches {whom}; asks for {', '.join(found.fields)}")
    for path in found.personal:
        context.messages.warn(f"nothing but {path} separates them: it may not hold for new events")


def _say_why_not(
    context: CommandContext,
    found: Inseparable,
    texts: list[tuple[Text, str]],
    others: list[tuple[Text, str]],
) -> None:
    say = context.messages.warn
    say("no pattern separates the events")
    for at in found.unwanted[:_NAMED]:
        name = _named(others[at])
        if at in found.twins:
            say(f"{name} of --not has the values of {_named(texts[found.twins[at]])} of --from")
        else:
            say(f"{name} of --not: no field tells it from all events of --from")
    if len(found.unwanted) > _NAMED:
        say(f"and {len(found.unwanted) - _NAMED} more events of --not")


def _named(event: tuple[Text, str]) -> str:
    text, where = event
    event_id = event_id_of(text)
    return f"{where} (id {event_id})" if event_id else where
