"""The events of `put-event`: from flags, files and stdin, checked before the first one goes."""

from __future__ import annotations

import os
import select
from itertools import chain
from typing import TYPE_CHECKING, TextIO, TypeVar

from edactl.cli.opened import CHUNK_BYTES, chunks_of, shown
from edactl.core.event import Numbered, check_entry
from edactl.core.event_input import Shaping, entry_from
from edactl.core.json_stream import json_values, lines_of_chunks
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from edactl.core.record import JsonValue

T = TypeVar("T")

# What is read and checked before the first event goes; a long pause of a pipe ends it early.
READ_AHEAD_EVENTS = 20_000
READ_AHEAD_BYTES = 32 * 1024 * 1024
# After the first pause what is in hand goes out; after both the pipe is taken to flow slowly, and
# the checking ahead ends. A program that only starts up, or is slow for a moment, pauses less.
_PAUSES_SECONDS = (0.15, 0.85)
_WAKE_SECONDS = 0.5


def numbered_events(
    names: Sequence[str],
    stdin: TextIO,
    shaping: Shaping,
    *,
    from_index: int = 0,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Numbered | None]:
    """Every event of these files in order, as entries; `-` is stdin; None is a pause.

    Raises InputError with file and line.
    """
    index = -1
    for name in names:
        seen = False
        lines = lines_of_chunks(_chunks(name, stdin, stop))
        for found in json_values(lines, shown(name)):
            if found is None:
                yield None
                continue
            seen, index = True, index + 1
            if index >= from_index:
                value, line = found
                yield _numbered(index, value, shaping, f"{shown(name)}:{line}")
        if not seen and not stop():
            raise InputError(
                "there is no event in it",
                where=shown(name),
                hint="an event a line on stdin or in a file, or --source, --detail-type, --detail",
            )


def one_event(fields: dict[str, JsonValue], shaping: Shaping) -> Iterator[Numbered]:
    """The one event that the options themselves describe."""
    yield _numbered(0, fields, shaping, "the command line")


def _numbered(index: int, value: JsonValue, shaping: Shaping, where: str) -> Numbered:
    if not isinstance(value, dict):
        raise InputError("not an event: a JSON object is expected", where=where)
    entry = entry_from(value, shaping, where)
    return Numbered(index, entry, check_entry(entry, where))


def read_ahead(events: Iterable[T | None], size_bytes: Callable[[T], int]) -> Iterator[T | None]:
    """The same events, but the first 20,000 (or 32 MB) are checked before any comes out.

    So a wrong line is found before anything is sent, unless the input is longer than that, or
    pauses for a second once it has begun.
    """
    source = iter(events)
    held: list[T | None] = []
    size = pauses = 0
    for event in source:
        if event is None:
            pauses += 1
            if held and pauses == len(_PAUSES_SECONDS):
                held.append(None)
                break
            continue
        pauses = 0
        held.append(event)
        size += size_bytes(event)
        if len(held) >= READ_AHEAD_EVENTS or size >= READ_AHEAD_BYTES:
            break
    return chain(held, source)


def _chunks(name: str, stdin: TextIO, stop: Callable[[], bool]) -> Iterable[bytes | None]:
    return _stdin_chunks(stdin, stop) if name == "-" else chunks_of(name)


def _stdin_chunks(stdin: TextIO, stop: Callable[[], bool]) -> Iterator[bytes | None]:
    """Bytes as they come; None when a pipe pauses, so that a part of a batch need not wait."""
    try:
        descriptor = stdin.fileno()
    except OSError:
        yield from stdin.buffer
        return
    while True:
        for seconds in _PAUSES_SECONDS:
            if select.select([descriptor], [], [], seconds)[0]:
                break
            yield None
        while not select.select([descriptor], [], [], _WAKE_SECONDS)[0]:
            if stop():
                return
        chunk = os.read(descriptor, CHUNK_BYTES)
        if not chunk:
            return
        yield chunk
