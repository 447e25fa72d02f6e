"""`edactl rule infer`, through the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.running import Run

Edactl = Callable[..., Run]


def event(number: int, region: str, **fields: Any) -> dict[str, Any]:
    return {"id": f"e{number}", "source": "com.flix", "detail": {"region": region}, **fields}


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, events in {
        "wanted": [event(0, "AU"), event(1, "NZ")],
        "others": [event(2, "US"), event(3, "US")],
        "same": [event(4, "US"), event(0, "AU")],
        "alike": [event(5, "AU")],
    }.items():
        Path(name).write_text("".join(json.dumps(one) + "\n" for one in events))
    return tmp_path


def test_the_pattern_is_ready_for_a_test(edactl: Edactl, files: Path) -> None:
    run = edactl("rule", "infer", "--from", "wanted", "--not", "others")

    assert run.status == 0
    assert json.loads(run.out) == {"detail": {"region": ["AU", "NZ"]}}
    assert "matches all 2 events of --from and none of the 2 of --not" in run.err
    assert "asks for detail.region" in run.err
    Path("pattern.json").write_text(run.out)
    assert edactl("rule", "test", "wanted", "--pattern", "@pattern.json").status == 0
    assert edactl("rule", "test", "others", "--pattern", "@pattern.json").out == ""


def test_it_is_json_on_a_terminal_too(edactl: Edactl, files: Path) -> None:
    arguments = ("rule", "infer", "--from", "wanted", "--not", "others", "-o", "table")

    assert json.loads(edactl(*arguments).out) == {"detail": {"region": ["AU", "NZ"]}}
    assert "AU" in edactl(*arguments, "--query", "detail.region[0]").out


def test_several_files_and_stdin(edactl: Edactl, files: Path) -> None:
    stdin = json.dumps(event(9, "DE"))

    run = edactl("rule", "infer", "--from", "wanted", "--from", "-", "--not", "others", stdin=stdin)

    assert json.loads(run.out) == {"detail": {"region": ["AU", "DE", "NZ"]}}


def test_an_id_is_used_only_with_a_warning(edactl: Edactl, files: Path) -> None:
    run = edactl("rule", "infer", "--from", "wanted", "--not", "alike")

    assert run.status == 0
    assert json.loads(run.out) == {"id": ["e0", "e1"]}
    assert "warning: nothing but id separates them" in run.err


def test_where_there_is_no_pattern_it_names_the_event(edactl: Edactl, files: Path) -> None:
    run = edactl("rule", "infer", "--from", "wanted", "--not", "same")

    assert (run.status, run.out) == (1, "")
    assert "same:2 (id e0) of --not has the values of wanted:1 (id e0) of --from" in run.err


def test_events_that_no_field_tells_apart_are_named(edactl: Edactl, files: Path) -> None:
    Path("odd").write_text('{"n":12345678901234567890123}')
    Path("like").write_text("".join(f'{{"n":1234567890123456789{n}}}\n' for n in range(1230, 1237)))

    run = edactl("rule", "infer", "--from", "odd", "--not", "like")

    assert run.status == 1
    assert "like:1 of --not: no field tells it from all events of --from" in run.err
    assert "and 2 more events of --not" in run.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "no --from"),
        (("--from", "-", "--not", "-"), "stdin can be read once"),
        (("--from", "/nowhere/e"), "/nowhere/e"),
    ],
)
def test_a_wrong_command_line_is_252(
    edactl: Edactl, arguments: tuple[str, ...], words: str
) -> None:
    run = edactl("rule", "infer", *arguments)

    assert run.status == 252
    assert words in run.err


def test_an_event_that_cannot_be_read_is_252_with_its_place(edactl: Edactl) -> None:
    run = edactl("rule", "infer", "--from", "-", stdin='{"a":1}\n{"a":tru}\n')

    assert run.status == 252
    assert "<stdin>:2" in run.err
