"""Events out of the files that a command line names, one text at a time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from edactl.cli.opened import lines_of, shown
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO


def event_texts(files: Sequence[str], stdin: TextIO) -> Iterator[tuple[bytes | str, str]]:
    """Each event's text with its place, `events.ndjson:12`; `-` is stdin.

    Raises InputError, with the line, for what is not JSON, and for a file that holds no event.
    """
    from edactl.core.json_stream import json_texts

    for name in files:
        number = 0
        for text, number in json_texts(lines_of(name, stdin), shown(name)):
            yield text, f"{shown(name)}:{number}"
        if not number:
            raise InputError(
                "there is no event in it", where=shown(name), hint="JSON, or one event a line"
            )


def event_id_of(text: bytes | str) -> str | None:
    """The id in an event's envelope; None when it has none."""
    try:
        found = json.loads(text).get("id")
    except (ValueError, RecursionError):  # what follows the event is not read
        return None
    return found if isinstance(found, str) else None
