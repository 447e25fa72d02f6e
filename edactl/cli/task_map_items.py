"""The items of a task map: read, checked through once before anything is launched, read again."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.cli.opened import CHUNK_BYTES, chunks_of, shown
from edactl.cli.replay_checkpoint_file import fingerprint
from edactl.core.json_stream import json_values, lines_of_chunks
from edactl.core.task_map_item import MapItem, item_value
from edactl.core.task_map_journal import ItemsFile
from edactl.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edactl.cli.context import CommandContext
    from edactl.core.task_map_item import Templates


@dataclass(frozen=True)
class Items:
    """A file of items. stdin is kept in one of our own, since it is read twice, and on resume."""

    name: str
    path: str

    @property
    def is_kept(self) -> bool:
        """Whether the file is our copy of stdin."""
        return self.name == "-"

    def forget(self) -> None:
        """Delete our copy of stdin."""
        if self.is_kept:
            with suppress(OSError):
                os.unlink(self.path)  # noqa: PTH108 -- a name, not a Path

    def each(self) -> Iterator[MapItem]:
        """The items in order. Raises InputError, with the line, for what is not JSON."""
        index = 0
        lines = lines_of_chunks(chunks_of(self.path))
        for found in json_values(lines, shown(self.name), accepts=object):
            if found is not None:
                value, line = found
                yield MapItem(index, line, item_value(value))
                index += 1

    def checked(self, templates: Templates) -> ItemsFile:
        """What identifies them, once each has filled in the templates.

        Raises InputError, with the line, for an item that cannot, and for a file without items.
        """
        name, count = shown(self.name), 0
        for item in self.each():
            templates.of(item, name)
            count += 1
        if not count:
            raise InputError(
                "there is no item in it", where=name, hint='a JSON value a line, as {"id": 1}'
            )
        found = fingerprint(self.path)
        return ItemsFile(self.name, found.size_bytes, found.sha256, count)


def items_of(name: str, context: CommandContext, folder: Path) -> Items:
    """The items of a file, or of stdin, which is copied into a private file of this folder."""
    if name != "-":
        return Items(name, name)
    terminal = context.terminal
    if terminal.is_tty(terminal.stdin):
        context.messages.note("reading items from the keyboard; Ctrl-D ends them")
    descriptor, path = tempfile.mkstemp(".items", "stdin-", folder)  # private by itself
    with os.fdopen(descriptor, "wb") as file:
        while chunk := terminal.stdin.buffer.read(CHUNK_BYTES):
            file.write(chunk)
    return Items("-", path)


def require_each(name: str) -> str:
    """The name. Raises UsageError when there is none."""
    if not name:
        raise UsageError("which items?", hint="--each items.ndjson, or --each - for stdin")
    return name
