"""Events out of the files that a command line names, one text at a time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from edactl.cli.opened import lines_of, shown
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TextIO

    from edactl.cli.context import CommandContext

Text = bytes | str
Verdict = TypeVar("Verdict")
SkipInvalidOption = Annotated[
    bool, typer.Option("--skip-invalid", help="Go on after an event that cannot be read.")
]


def event_texts(
    files: Sequence[str], stdin: TextIO, *, skip: Callable[[InputError], None] | None = None
) -> Iterator[tuple[Text, str]]:
    """Each event's text with its place, `events.ndjson:12`; `-` is stdin.

    Raises InputError, with the line, for what is not JSON (with `skip`, that is called with the
    error where it is known how to go on), and for a file that holds no event.
    """
    from edactl.core.json_texts import json_texts

    for name in files:
        number = 0
        place = f"{shown(name)}:"
        for text, number in json_texts(lines_of(name, stdin), shown(name), skip=skip):
            yield text, place + str(number)
        if not number:
            raise no_event_in(name)


def no_event_in(name: str) -> InputError:
    """The error for a file without events."""
    return InputError(
        "there is no event in it", where=shown(name), hint="JSON, or one event a line"
    )


def event_id_of(text: Text) -> str | None:
    """The id in an event's envelope; None when it has none."""
    try:
        found = json.loads(text).get("id")
    except (ValueError, RecursionError):  # what follows the event is not read
        return None
    return found if isinstance(found, str) else None


def judged(
    context: CommandContext,
    files: Sequence[str],
    judge: Callable[[Text], Verdict],
    *,
    skip_invalid: bool,
) -> Iterator[tuple[int, Text, Verdict]]:
    """Each event's index from 0, text and verdict; one that cannot be read is skipped if told so.

    What is skipped is named in a warning and has no index. Raises InputError with the place.
    """

    def skip(error: InputError) -> None:
        context.messages.warn(f"{error}; skipped")

    index = 0
    for text, where in event_texts(
        files, context.terminal.stdin, skip=skip if skip_invalid else None
    ):
        try:
            verdict = judge(text)
        except InputError as error:
            if not skip_invalid:
                raise InputError(
                    error.message, where=where, hint="--skip-invalid goes on without it"
                ) from None
            context.messages.warn(f"{where}: {error.message}; skipped")
            continue
        yield index, text, verdict
        index += 1
