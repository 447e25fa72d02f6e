"""Metric math of existing policies, minute by minute."""

from __future__ import annotations

import pytest

from edactl.core.scaling_sim.metric_math import compile_expression
from edactl.errors import InputError

VALUES: dict[str, float | None] = {"a": 6.0, "b": 4.0, "none": None, "zero": 0.0}


def computed(text: str, values: dict[str, float | None] = VALUES) -> float | None:
    return compile_expression(text).formula(values)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", 6),
        ("a / b", 1.5),
        ("a - b - 1", 1),
        ("a - (b - 1)", 3),
        ("1 + a * 2", 13),
        ("-a + .5", -5.5),
        ("2 ^ 3 ^ 2", 512),
        ("-2^2", -4),
        ("a > b", 1),
        ("a <= b", 0),
        ("a == 6 AND b != 6", 1),
        ("a < b or b >= 4", 1),
        ("a < b || none", 0),
        ("a > b && none", 0),
        ("IF(a > b, 7, 8)", 7),
        ("if(a < b, 7, 8)", 8),
        ("IF(a < b, 7)", None),
        ("IF(none, 7, 8)", None),
        ("FILL(none, 3)", 3),
        ("FILL(a, 3)", 6),
        ("FILL(none, b * 2)", 8),
        ("FILL(none, REPEAT)", None),
        ("MAX([a, b, none])", 6),
        ("MIN([a, b])", 4),
        ("SUM([a, b])", 10),
        ("AVG([a, b])", 5),
        ("MAX([none])", None),
        ("CEIL(a / b)", 2),
        ("FLOOR(a / b)", 1),
        ("ABS(b - a)", 2),
        ("CEIL(none)", None),
        ("none + 1", None),
        ("a / zero", None),
        ("zero ^ -1", None),
        ("(0 - 8) ^ 0.5", None),
        ("10 ^ 999", None),
        ("(sent/60 * 2 + visible * 2 / 120) / (1 * IF(FILL(run,0) > 0, run, 1))", 1.75),
    ],
)
def test_an_expression_is_computed(text: str, expected: float | None) -> None:
    values = VALUES | {"sent": 300.0, "visible": 240.0, "run": 8.0}

    assert computed(text, values) == expected


def test_repeat_holds_the_last_datapoint_of_its_own_run() -> None:
    once, again = (compile_expression("FILL(m, REPEAT)").formula for _ in range(2))

    assert [once({"m": one}) for one in (None, 3.0, None, 4.0, None)] == [None, 3, 3, 4, 4]
    assert again({"m": None}) is None


def test_the_ids_of_an_expression_are_told_once_each() -> None:
    assert compile_expression("IF(a > b, a, FILL(c, 0))").names == ("a", "b", "c")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a +",
        "a b",
        "(a",
        "a)",
        "A",
        "a # b",
        "RATE(a)",
        "MAX(a)",
        "MAX([a)",
        "IF(a)",
        "FILL(a)",
        "FILL(a, LINEAR)",
        "SEARCH('x', 'Sum', 60)",
        "METRICS()",
        "*a",
        "(" * 99 + "a" + ")" * 99,
        "-" * 2000 + "a",
    ],
    ids=lambda text: text[:20],
)
def test_what_is_not_known_is_refused_with_the_expression(text: str) -> None:
    with pytest.raises(InputError, match="cannot be simulated"):
        compile_expression(text)


def test_a_long_expression_is_computed() -> None:
    assert computed(" + ".join(["a"] * 150)) == 900
