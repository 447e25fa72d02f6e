from __future__ import annotations

import pytest

from edactl.core.pattern_suite import CaseResult, NotACase, cases_in, run_case
from edactl.errors import InputError


def deep(levels: int) -> dict[str, object]:
    found: dict[str, object] = {"a": [1]}
    for _ in range(levels):
        found = {"a": found}
    return found


@pytest.mark.parametrize("key", ["pattern", "event"])
def test_a_case_nested_too_deep_for_python_fails_alone(key: str) -> None:
    case = {"pattern": {"a": [1]}, "event": {}, "match": False} | {key: deep(10_000)}

    found = run_case(case, 7, {})

    assert (found.id, found.match, found.reason) == ("7", False, "nested too deep")
    assert found.valid is (key == "event")


@pytest.mark.parametrize(
    ("dialect", "ok"), [("rule", False), ("pipes", True), ("sns-body", True), ("nope", True)]
)
def test_a_case_may_be_of_another_dialect(dialect: str, ok: bool) -> None:
    case = {"pattern": {"a": [{"wildcard": "x*"}]}, "dialect": dialect, "valid": False}

    assert run_case(case, 0, {}).ok is ok


def test_a_line_that_is_no_json_is_told_with_its_number() -> None:
    assert cases_in('{"a"\n\n{"id":"b"}\n', "s") == [
        NotACase("line 1: not JSON: Expecting ':' delimiter: line 1 column 5 (char 4)"),
        {"id": "b"},
    ]
    assert run_case(NotACase("line 1: not JSON"), 0, {}) == CaseResult(
        "0", expected=False, match=False, valid=False, ok=False, reason="line 1: not JSON"
    )


def test_a_file_of_such_lines_alone_is_no_suite() -> None:
    with pytest.raises(InputError, match="not JSON") as caught:
        cases_in("a\nb", "s")

    assert caught.value.where == "s:1"
