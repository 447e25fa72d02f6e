"""Metric math of existing policies, minute by minute."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edactl.core.scaling_sim.metric_math import compile_expression
from edactl.errors import InputError

RULES = json.loads((Path(__file__).parents[1] / "cases" / "metric_math.json").read_text("utf-8"))
COMPUTED = RULES["computed"]


def computed(text: str) -> float | None:
    return compile_expression(text).formula(COMPUTED["values"])


@pytest.mark.parametrize(("text", "expected"), COMPUTED["cases"])
def test_an_expression_is_computed(text: str, expected: float | None) -> None:
    assert computed(text) == expected


def test_repeat_holds_the_last_datapoint_of_its_own_run() -> None:
    once, again = (compile_expression("FILL(m, REPEAT)").formula for _ in range(2))

    assert [once({"m": one}) for one in (None, 3.0, None, 4.0, None)] == [None, 3, 3, 4, 4]
    assert again({"m": None}) is None


def test_the_ids_of_an_expression_are_told_once_each() -> None:
    assert compile_expression("IF(a > b, a, FILL(c, 0))").names == ("a", "b", "c")


@pytest.mark.parametrize(
    "text",
    [*RULES["not_simulated"]["cases"], "(" * 99 + "a" + ")" * 99, "-" * 2000 + "a"],
    ids=lambda text: text[:20],
)
def test_what_is_not_known_is_refused_with_the_expression(text: str) -> None:
    with pytest.raises(InputError, match="cannot be simulated"):
        compile_expression(text)


def test_a_long_expression_is_computed() -> None:
    assert computed(" + ".join(["a"] * 150)) == 900
