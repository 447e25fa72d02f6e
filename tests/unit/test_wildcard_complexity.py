"""The engine's measure of wildcards, held against scores that it has recorded."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edactl.core.pattern import compile_pattern
from edactl.core.wildcard_complexity import complexity, pattern_complexity

CASES = json.loads((Path(__file__).parents[1] / "cases" / "wildcard_complexity.json").read_text())


@pytest.mark.parametrize("case", CASES["bare"], ids=lambda case: " ".join(case["wildcards"])[:40])
def test_the_score_of_bare_wildcards_is_the_engines(case: dict[str, Any]) -> None:
    assert bare(case["wildcards"]) == case["score"]


@pytest.mark.parametrize("case", CASES["rules"], ids=lambda case: str(case["values"])[:40])
def test_the_score_of_a_rule_is_the_engines(case: dict[str, Any]) -> None:
    assert scores({"zzz": case["values"]}) == {"zzz": case["score"]}


def bare(wildcards: list[str]) -> int:
    return complexity([(tuple(one.split("*")),) for one in wildcards])


def scores(pattern: dict[str, Any]) -> dict[str, int]:
    return pattern_complexity(compile_pattern(pattern).sub_rules)


def test_a_score_is_that_of_each_field() -> None:
    pattern = {"a": [{"wildcard": "*aa"}, "x"], "b": ["x"], "c": [{"wildcard": "*abab*a"}]}

    assert scores(pattern) == {"a": 4 - 1, "c": 5}


def test_alternatives_that_begin_alike_add_up_and_others_do_not() -> None:
    one, other = {"z": [{"wildcard": "*a*"}]}, {"z": [{"wildcard": "*b*"}]}

    assert scores({"a": ["1"], "$or": [one, other]}) == {"z": 6}
    assert scores({"$or": [{"a": ["1"], **one}, {"a": ["2"], **other}]}) == {"z": 3}


def test_letters_beyond_ascii_are_bytes() -> None:
    assert scores({"a": [{"wildcard": "*éé"}]}) == {"a": 3}


def test_an_empty_list_of_anything_but_has_no_score() -> None:
    assert scores({"a": ["x", {"anything-but": {"wildcard": []}}]}) == {}


def beginnings_met(wildcard: str, value: str) -> int:
    """By the definition: how many beginnings of the wildcard the whole value meets."""

    def meets(pattern: str, text: str) -> bool:
        if not pattern:
            return not text
        if pattern[0] == "*":
            return any(meets(pattern[1:], text[at:]) for at in range(len(text) + 1))
        return text[:1] == pattern[0] and meets(pattern[1:], text[1:])

    return sum(meets(wildcard[:end], value) for end in range(1, len(wildcard) + 1))


wildcards = st.from_regex(r"\*?([ab]{1,2}\*){0,2}[ab]?", fullmatch=True).filter(bool)


@given(st.lists(wildcards, min_size=1, max_size=2, unique=True))
def test_the_score_is_what_the_worst_short_value_meets(chosen: list[str]) -> None:
    values = ("".join(one) for size in range(7) for one in product("ab", repeat=size))
    worst = max(sum(beginnings_met(one, value) for one in chosen) for value in values)

    assert bare(chosen) >= worst
    if len(chosen) == 1:
        assert bare(chosen) == worst
