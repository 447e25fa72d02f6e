"""The house sizes and the seams, checked on the source itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "edactl"
MODULES = sorted(PACKAGE.rglob("*.py"))
MAX_MODULE_LINES, MAX_FUNCTION_LINES, MAX_COMMAND_LINES = 300, 40, 25

ALLOWED: dict[str, str] = {
    "cli/options.py:global_options": "a table: one entry an option",
    "cli/put_event.py:put_event": "its 19 parameters are its options, one line or four each",
    "cli/bus_tail.py:tail": "the same, with 9 options",
    "cli/queue_send.py:send": "the same, with 9 options",
    "cli/queue_tail.py:tail": "the same, with 7 options",
    "cli/queue_peek.py:peek": "the same, with 4 options",
    "cli/dlq_list.py:list_": "the same, with 4 options",
    "cli/archive_verbs.py:create": "the same, with 4 options",
    "cli/replay_archive.py:archive": "the same, with 11 options",
    "cli/dlq_export.py:export": "the same, with 11 options",
    "cli/dlq_inspect.py:inspect": "the same, with 4 options",
    "cli/dlq_redrive.py:redrive": "the same, with 18 options",
    "cli/dlq_drop.py:drop": "the same, with 11 options",
    "cli/queue_move.py:move": "the same, with 18 options",
    "cli/replay_file.py:file": "the same, with 13 options",
    "cli/rule_testing.py:offline_test": "the same, with 10 options",
    "cli/rule_transform.py:transform": "the same, with 16 options",
    "cli/rule_check.py:check": "the same, with 3 options",
    "cli/rule_diff.py:diff": "the same, with 9 options",
    "cli/rule_lint.py:lint_": "the same, with 9 options",
    "cli/rule_explain.py:explain": "the same, with 8 options",
    "cli/scale_advise.py:advise_": "the same, with 27 options",
    "cli/scale_apply.py:apply_": "the same, with 18 options",
    "cli/scale_simulate.py:simulate": "the same, with 26 options",
    "cli/scale_watch.py:watch": "the same, with 11 options",
    "cli/task_run.py:run": "the same, with 31 options",
    "cli/task_map.py:map_": "the same, with 36 options",
    "cli/iam_policy.py:iam_policy": "the same, with 7 options",
}


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _name(path: Path, function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    return f"{path.relative_to(PACKAGE)}:{function.name}"


def _body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_has_at_most_300_lines(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MAX_MODULE_LINES


def test_a_function_has_at_most_40_lines() -> None:
    long = {
        _name(path, one)
        for path in MODULES
        for one in _functions(path)
        if (one.end_lineno or 0) - one.lineno + 1 > MAX_FUNCTION_LINES
    }

    assert long == set(ALLOWED)


def test_the_body_of_a_command_has_at_most_25_lines() -> None:
    long = {
        _name(path, one)
        for path in (PACKAGE / "cli").glob("*.py")
        for one in _functions(path)
        if any(argument.arg == "ctx" for argument in one.args.args)
        and _body_lines(one) > MAX_COMMAND_LINES
    }

    assert long == set()


def test_only_public_names_of_typer_are_used() -> None:
    private = [
        (path.name, node.module)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("typer")
        and "._" in (node.module or "")
    ]

    assert private == []


def test_names_of_tests_do_not_depend_on_the_order_of_sets() -> None:
    """`str` of a set differs from process to process; workers then refuse to run at all."""
    order = [f"ids={function}" for function in ("str", "repr")]
    tests = Path(__file__).parents[1].rglob("test_*.py")

    assert [path.name for path in tests if any(one in path.read_text() for one in order)] == []
