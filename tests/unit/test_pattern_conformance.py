"""Verdicts of the engine that EventBridge runs: recorded ones, and edges told by its source."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edactl.core.pattern import PatternError, compile_pattern
from edactl.errors import InputError

FILES = ("event_patterns.ndjson", "event_pattern_edges.ndjson")
FOLDER = Path(__file__).parents[1] / "cases"
CASES: list[dict[str, Any]] = [
    json.loads(line) for name in FILES for line in (FOLDER / name).read_text("utf-8").splitlines()
]
KINDS = {
    "IllegalArgumentException": "argument",
    "ArrayIndexOutOfBoundsException": "bounds",
    "NullPointerException": "null",
}
VALID = [case for case in CASES if case["valid"]]
REFUSED = [case for case in CASES if not case["valid"]]


@pytest.mark.parametrize("case", VALID, ids=[case["id"] for case in VALID])
def test_the_verdict_is_the_engines(case: dict[str, Any]) -> None:
    pattern = compile_pattern(case["pattern"])

    if "event_error" in case:
        with pytest.raises(InputError):
            pattern.matches(case["event"])
    else:
        assert pattern.matches(case["event"]) is case["match"]
        assert pattern.matches(case["event"].encode("utf-8", "surrogatepass")) is case["match"]


@pytest.mark.parametrize("case", REFUSED, ids=[case["id"] for case in REFUSED])
def test_what_the_engine_refuses_is_refused_in_its_words(case: dict[str, Any]) -> None:
    with pytest.raises(PatternError) as caught:
        compile_pattern(case["pattern"])

    said = case["error"].split("\n at [Source")[0]
    name, _, text = said.rpartition("Exception: ")
    assert caught.value.kind == KINDS.get(f"{name}Exception", "json")
    if caught.value.kind != "bounds":  # there the engine's text depends on its warm-up
        assert caught.value.reason == text
