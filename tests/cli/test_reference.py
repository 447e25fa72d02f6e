"""The pages of docs/reference are the exact help; EDACTL_UPDATE_REFERENCE=1 writes them anew."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edactl.cli.root import COMMANDS, load_command
from tests.running import Run

FOLDER = Path(__file__).parents[2] / "docs" / "reference"
UPDATE = os.environ.get("EDACTL_UPDATE_REFERENCE") == "1"


def _tree() -> dict[tuple[str, ...], Any]:
    found: dict[tuple[str, ...], Any] = {(): None}
    for name in COMMANDS:
        command = load_command(name)
        found[(name,)] = command
        for verb, child in getattr(command, "commands", {}).items():
            found[(name, verb)] = child
    return found


TREE = _tree()
LEAVES = {words: one for words, one in TREE.items() if one and not hasattr(one, "commands")}


def _page(words: tuple[str, ...]) -> Path:
    return FOLDER / ("-".join(words or ("edactl",)) + ".txt")


@pytest.mark.parametrize("words", sorted(TREE), ids=" ".join)
@pytest.mark.parametrize("columns", ["80", "200"])
def test_the_page_of_a_command_is_its_help(
    edactl: Callable[..., Run],
    words: tuple[str, ...],
    columns: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", columns)

    run = edactl(*words, "--help")

    assert run.status == 0
    if UPDATE:
        _page(words).write_text(run.out, "utf-8")
    assert run.out == _page(words).read_text("utf-8")


def test_there_is_no_page_without_a_command() -> None:
    assert {path.name for path in FOLDER.glob("*.txt")} == {_page(words).name for words in TREE}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_root_says_of_a_command_what_its_module_says(name: str) -> None:
    own = " ".join(load_command(name).help.split("\n\n")[0].split())

    assert COMMANDS[name].help == own


@pytest.mark.parametrize("words", [words for words in TREE if len(words) > 1], ids=" ".join)
def test_a_noun_says_of_its_verb_what_the_verb_says(words: tuple[str, ...]) -> None:
    noun, verb = words
    own = " ".join(TREE[words].help.split("\n\n")[0].split())

    assert own.startswith(TREE[(noun,)].commands.entries[verb].help)


@pytest.mark.parametrize("words", sorted(LEAVES), ids=" ".join)
def test_every_command_has_examples_that_name_it(words: tuple[str, ...]) -> None:
    _, _, examples = LEAVES[words].help.partition("Examples:")

    assert f"edactl {' '.join(words)}" in examples or words == ("sandbox", "env")


@pytest.mark.parametrize("words", sorted(LEAVES), ids=" ".join)
def test_every_parameter_has_help(words: tuple[str, ...]) -> None:
    assert [one.name for one in LEAVES[words].params if not one.help] == []
