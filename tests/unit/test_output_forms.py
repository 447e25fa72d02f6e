"""What goes to the screen: tables, text, progress and messages, on terminals made for the test."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from edactl.core.readable import harmless, how_long_ago
from edactl.errors import UsageError
from edactl.out.emit import Emitter, Format
from edactl.out.messages import Messages
from edactl.out.progress import Progress
from edactl.out.query import compile_query
from edactl.out.terminal import Terminal

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


class Screen(io.StringIO):
    def __init__(self, *, tty: bool) -> None:
        super().__init__()
        self.tty = tty

    def isatty(self) -> bool:
        return self.tty


def terminal(*, tty: bool = False, **environment: str) -> Terminal:
    return Terminal(
        Screen(tty=tty),
        Screen(tty=tty),
        Screen(tty=tty),
        environment={"TERM": "xterm", **environment},
    )


def emitted(
    write: Callable[[Emitter], None],
    output: Format | None = None,
    *,
    tty: bool = False,
    query: str | None = None,
    **environment: str,
) -> str:
    screen = terminal(tty=tty, **environment)
    compiled = compile_query(query) if query else None
    write(Emitter(screen, output, compiled, lambda: NOW))
    assert isinstance(screen.stdout, Screen)
    return screen.stdout.getvalue()


ROWS = [
    {"name": "a", "created_at": "2026-01-31T11:57:00Z", "visible": 3, "dlq": None, "tags": ["x"]},
    {"name": "b", "created_at": "2026-02-01T12:00:00Z", "visible": 0, "dlq": "d", "tags": []},
]


def test_records_are_a_line_each_when_piped() -> None:
    out = emitted(lambda emitter: emitter.records(ROWS))

    assert [json.loads(line) for line in out.splitlines()] == ROWS
    assert '"created_at":"2026-01-31T11:57:00Z"' in out


def test_one_result_is_a_document_of_two_spaces_when_piped() -> None:
    assert emitted(lambda emitter: emitter.result({"a": 1})) == '{\n  "a": 1\n}\n'


@pytest.mark.parametrize(("output", "nothing"), [("json", "[]\n"), ("ndjson", ""), ("table", "")])
def test_nothing_found_is_an_empty_result(output: Format, nothing: str) -> None:
    assert emitted(lambda emitter: emitter.records([]), output) == nothing


def test_a_stream_as_json_is_one_array() -> None:
    def write(emitter: Emitter) -> None:
        with emitter.stream() as put:
            put({"n": 1})
            put({"n": 2})

    assert json.loads(emitted(write, "json")) == [{"n": 1}, {"n": 2}]


def test_an_empty_stream_as_json_is_an_empty_array() -> None:
    def write(emitter: Emitter) -> None:
        with emitter.stream():
            pass

    assert emitted(write, "json") == "[]\n"


def test_a_query_sees_the_whole_list_and_each_record_of_a_stream() -> None:
    assert json.loads(emitted(lambda e: e.records(ROWS), "json", query="[].name")) == ["a", "b"]

    def write(emitter: Emitter) -> None:
        with emitter.stream() as put:
            for row in ROWS:
                put(row)

    assert emitted(write, query="name") == '"a"\n"b"\n'


def test_text_is_tab_separated_with_one_record_a_line() -> None:
    rows = [{"a": 1, "b": None, "c": True, "d": "two\nlines\tand tabs"}]

    out = emitted(lambda emitter: emitter.records(rows), "text")

    assert out == "1\t\ttrue\ttwo lines and tabs\n"


@pytest.mark.parametrize(
    ("query", "out"),
    [("[a, b]", "1\t2\n"), ("c[].[n]", "3\n4\n"), ("a", "1\n"), ("nothing", "\n")],
)
def test_a_result_as_text_is_one_line_unless_a_query_made_records(query: str, out: str) -> None:
    result = {"a": 1, "b": 2, "c": [{"n": 3}, {"n": 4}]}

    assert emitted(lambda emitter: emitter.result(result), "text", query=query) == out


def test_text_refuses_a_nested_value() -> None:
    with pytest.raises(UsageError, match="holds other values"):
        emitted(lambda emitter: emitter.records(ROWS), "text")


@pytest.mark.parametrize(
    ("query", "out"),
    [
        (None, "2\ttrue\n"),
        ("[sent, failures]", '2\t[{"index":1}]\n'),
        ("failures", "1\n"),
        ("failures[].[index, bus]", "1\t{}\n"),
        ("sent", "2\n"),
    ],
)
def test_what_was_done_is_told_as_text_whatever_it_holds(query: str | None, out: str) -> None:
    done = {"sent": 2, "failures": [{"index": 1}], "ok": True, "plan": {"n": 1}}
    if query == "failures[].[index, bus]":
        done["failures"] = [{"index": 1, "bus": {}}]

    assert emitted(lambda emitter: emitter.outcome(done), "text", query=query) == out


def test_what_was_done_is_whole_in_any_other_format() -> None:
    done = {"sent": 2, "failures": [{"index": 1}]}

    assert json.loads(emitted(lambda emitter: emitter.outcome(done))) == done


def test_a_table_tells_ages_on_a_tty_and_times_elsewhere() -> None:
    seen = emitted(lambda emitter: emitter.records(ROWS), tty=True, NO_COLOR="1")
    piped = emitted(lambda emitter: emitter.records(ROWS), "table")

    assert "3m ago" in seen
    assert "in 1d" in seen
    assert "2026-01-31T11:57:00Z" not in seen
    assert "2026-01-31T11:57:00Z" in piped
    assert seen.splitlines()[0].split() == ["NAME", "CREATED", "AT", "VISIBLE", "DLQ", "TAGS"]


def test_one_result_as_a_table_tells_ages_too() -> None:
    seen = emitted(lambda emitter: emitter.result(ROWS[0]), tty=True, NO_COLOR="1")

    assert "3m ago" in seen


def test_a_table_shows_the_chosen_columns_in_order() -> None:
    out = emitted(lambda e: e.records(ROWS, columns=("visible", "name")), "table")

    assert [line.split() for line in out.splitlines()] == [
        ["VISIBLE", "NAME"],
        ["3", "a"],
        ["0", "b"],
    ]


def test_a_piped_table_is_not_cut_and_not_coloured() -> None:
    out = emitted(lambda emitter: emitter.records([{"body": "x" * 500}]), "table")

    assert "x" * 500 in out
    assert "\x1b" not in out


@pytest.mark.parametrize(
    ("tty", "environment", "colored"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (False, {"FORCE_COLOR": "1"}, True),
        (True, {"TERM": "dumb"}, False),
    ],
)
def test_colour_follows_terminal_and_environment(
    tty: bool, environment: dict[str, str], colored: bool
) -> None:
    out = emitted(lambda emitter: emitter.records(ROWS), "table", tty=tty, **environment)

    assert ("\x1b[" in out) is colored


def test_data_cannot_drive_the_terminal_from_a_table() -> None:
    nasty = [{"name": "\x1b[2Jgone\x07\r\u202eevil\x9b"}]

    for tty in (True, False):
        out = emitted(lambda emitter: emitter.records(nasty), "table", tty=tty, NO_COLOR="1")
        assert "\\e[2Jgone\\x07\\r\\u202eevil\\x9b" in out
    assert json.loads(emitted(lambda emitter: emitter.records(nasty))) == nasty[0]


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        ("2026-01-31T11:59:59.5Z", "now"),
        ("2026-01-31T11:59:15Z", "45s ago"),
        ("2026-01-31T09:00:00Z", "3h ago"),
        ("2026-01-22T12:00:00+00:00", "9d ago"),
        ("2026-01-31T14:30:00Z", "in 2h"),
        ("orders", None),
        ("2026-99-99T00:00:00Z", None),
    ],
)
def test_a_time_is_told_by_its_age(moment: str, told: str | None) -> None:
    assert how_long_ago(moment, now=NOW) == told


def test_harmless_text_stays_as_it_is() -> None:
    assert harmless("São Paulo 東京 😀 | ok") == "São Paulo 東京 😀 | ok"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_progress_rewrites_one_line_ten_times_a_second_and_goes_away() -> None:
    screen, clock = terminal(tty=True), Clock()
    progress = Progress(screen, clock)

    for count in range(100):
        progress.show(lambda count=count: f"{count} sent")  # type: ignore[misc]
        clock.now += 0.01
    Messages(screen, progress=progress).note("done")

    assert isinstance(screen.stderr, Screen)
    parts = screen.stderr.getvalue().split("\r\x1b[K")
    assert 9 <= len(parts) - 2 <= 11
    assert parts[1] == "0 sent"
    assert parts[-1] == "edactl: done\n"


@pytest.mark.parametrize(("tty", "quiet"), [(False, False), (True, True)])
def test_no_progress_where_nobody_looks_or_q_was_said(tty: bool, quiet: bool) -> None:
    screen = terminal(tty=tty)
    progress = Progress(screen, Clock(), quiet=quiet)

    progress.show(lambda: pytest.fail("nobody looks"))
    progress.clear()

    assert isinstance(screen.stderr, Screen)
    assert not screen.stderr.getvalue()
