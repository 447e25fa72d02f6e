"""The one event that a command line gives: a file, stdin or an option."""

from __future__ import annotations

from edactl.cli.context import CommandContext
from edactl.cli.opened import lines_of, shown, text_or_file
from edactl.errors import InputError, UsageError


def one_event(context: CommandContext, file: str, event: str) -> bytes | str:
    """The event's JSON text. Raises UsageError unless it is given in one way, once."""
    from edactl.core.pattern.fields import read_event

    if bool(file) == bool(event):
        raise UsageError("say which event, in one way", hint="FILE, - or --event JSON")
    text = text_or_file(event, "--event") if event else _only_one(context, file)
    try:
        read_event(text)
    except InputError as error:
        where = shown(file) if file else "--event"
        raise InputError(error.message, where=where, hint="one JSON object") from None
    return text


def _only_one(context: CommandContext, file: str) -> bytes | str:
    from edactl.core.json_texts import json_texts

    texts = list(json_texts(lines_of(file, context.terminal.stdin), shown(file)))
    if len(texts) != 1:
        raise InputError(
            f"{len(texts)} events in it; one is looked at",
            where=shown(file),
            hint=f"sed -n 1p {file} picks the first; edactl rule test {file} takes all",
        )
    return texts[0][0]
