"""stdout: one result, a list of records, or a stream, as json, ndjson, table or text.

stdout carries data only. A result is one document; records are a finite list; a stream is written
and flushed record by record. `--query` works on the whole result, or on each record of a stream.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, TypeAlias

from edactl.core.json_text import json_text
from edactl.core.record import to_json_value
from edactl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from edactl.core.record import JsonValue
    from edactl.out.query import Query
    from edactl.out.terminal import Terminal

Format: TypeAlias = Literal["table", "json", "ndjson", "text"]
_NESTED = (list, dict)
FORMATS: tuple[Format, ...] = ("table", "json", "ndjson", "text")


@dataclass(frozen=True)
class Emitter:
    """Writes what a command found to stdout, in the format that was asked for.

    `format` is None when nobody asked: then a TTY gets a table, a pipe gets json for one result
    and ndjson for records and streams.
    """

    terminal: Terminal
    format: Format | None = None
    query: Query | None = None
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def resolve(self, piped: Format) -> Format:
        """The format to write when a pipe would get `piped`."""
        if self.format:
            return self.format
        return "table" if self.terminal.is_tty(self.terminal.stdout) else piped

    def result(self, value: object) -> None:
        """Write one result; as text it is one line, unless a query made records of it."""
        selected = self._select(to_json_value(value))
        chosen = self.resolve("json")
        if chosen == "text" and not _are_records(selected):
            selected = [selected]
        self._document(selected, chosen, columns=None)

    def outcome(self, value: object) -> None:
        """Write the result of what was just done to the world; as text, what holds no other values.

        A refusal would end with the status of a wrong command line: nothing was sent. A value that
        a query asked for is written as JSON.
        """
        selected = self._select(to_json_value(value))
        if self.resolve("json") != "text":
            self._document(selected, self.resolve("json"), columns=None)
            return
        if self.query is None and isinstance(selected, dict):
            selected = {name: one for name, one in selected.items() if not isinstance(one, _NESTED)}
        rows = selected if isinstance(selected, list) and _are_records(selected) else [selected]
        self._write("".join(_flat_line(row) + "\n" for row in rows))

    def records(self, values: Iterable[object], *, columns: Sequence[str] | None = None) -> None:
        """Write a finite list of records; `columns` are those a table shows, in order."""
        whole = self._select([to_json_value(value) for value in values])
        self._document(whole, self.resolve("ndjson"), columns=None if self.query else columns)

    @contextmanager
    def stream(
        self, *, line: Callable[[JsonValue], str] | None = None
    ) -> Iterator[Callable[[object], None]]:
        """Give a function that writes one record and flushes.

        `line` renders a record for a person where a table is asked for. `-o json` writes one array.
        """
        chosen = self.resolve("ndjson")
        first = True

        def write(value: object) -> None:
            nonlocal first
            record = self._select(to_json_value(value))
            self._write(_stream_text(record, chosen, first=first, line=line))
            first = False

        yield write
        if chosen == "json":
            self._write("[]\n" if first else "\n]\n")

    def _select(self, value: JsonValue) -> JsonValue:
        return self.query(value) if self.query else value

    def _document(self, value: JsonValue, chosen: Format, columns: Sequence[str] | None) -> None:
        match chosen:
            case "json":
                self._write(_pretty(value) + "\n")
            case "ndjson":
                rows = value if isinstance(value, list) else [value]
                self._write("".join(_compact(row) + "\n" for row in rows))
            case "text":
                rows = value if isinstance(value, list) else [value]
                self._write("".join(text_line(row) + "\n" for row in rows))
            case "table":
                from edactl.out.table import render

                self._write(render(value, self.terminal, columns, now=self.clock()))

    def _write(self, text: str) -> None:
        self.terminal.stdout.write(text)
        self.terminal.stdout.flush()


def _are_records(value: JsonValue) -> bool:
    return (
        isinstance(value, list) and bool(value) and all(isinstance(one, _NESTED) for one in value)
    )


def _stream_text(
    record: JsonValue, chosen: Format, *, first: bool, line: Callable[[JsonValue], str] | None
) -> str:
    match chosen:
        case "json":
            return ("[\n" if first else ",\n") + _indented(record)
        case "text":
            return text_line(record) + "\n"
        case "table" if line is not None:
            return line(record) + "\n"
        case _:
            return _compact(record) + "\n"


def _pretty(value: JsonValue) -> str:
    return json_text(value, indent=2)


def _indented(value: JsonValue) -> str:
    return "\n".join("  " + row for row in _pretty(value).splitlines())


def _compact(value: JsonValue) -> str:
    return json_text(value)


def text_line(value: JsonValue) -> str:
    """TAB-separated scalars of one record, for `$(…)`. Raises UsageError for a nested value."""
    cells = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(cells, list):
        return _text_cell(cells)
    return "\t".join(_text_cell(cell) for cell in cells)


def _flat_line(value: JsonValue) -> str:
    cells = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(cells, list):
        return _text_cell(cells)
    return text_line([json_text(one) if isinstance(one, _NESTED) else one for one in cells])


def _text_cell(value: JsonValue) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list() | dict():
            raise UsageError(
                "-o text cannot show a value that holds other values",
                hint="pick single fields with --query '[field, field]', or use -o json",
            )
        case _:
            return str(value).replace("\t", " ").replace("\n", " ")
