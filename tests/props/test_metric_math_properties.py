"""Whatever is written as metric math is computed or refused, and nothing else happens."""

from __future__ import annotations

import math
from contextlib import suppress

from hypothesis import example, given
from hypothesis import strategies as st

from edactl.core.scaling_sim.metric_math import compile_expression
from edactl.errors import InputError

WORDS = st.sampled_from(
    [
        *("a", "b", "none", "1", "2.5", ".5", "1e9", "9999999", "0"),
        *("+", "-", "*", "/", "^", "<", ">=", "==", "(", ")", "[", "]", ","),
        *("AND", "OR", "IF", "FILL", "REPEAT", "MAX", "SUM", "AVG", "CEIL", "FLOOR", "ABS", "#"),
    ]
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def formulas(draw: st.DrawFn, depth: int = 4) -> str:
    """An expression that is one."""
    if depth == 0:
        return draw(st.sampled_from(["a", "b", "none", "0", "3", "9999999"]))
    one, two, three = (draw(formulas(depth - 1)) for _ in range(3))
    shape = draw(st.sampled_from([*"+-*/^<>", "IF", "FILL", "MAX", "CEIL", "-"]))
    match shape:
        case "IF":
            return f"IF({one}, {two}, {three})"
        case "FILL":
            return f"FILL({one}, {two})"
        case "MAX":
            return f"MAX([{one}, {two}])"
        case "CEIL":
            return f"CEIL({one})"
        case _:
            return f"({one}) {shape} ({two})"


def computed(text: str, a: float, b: float) -> float | None:
    expression = compile_expression(text)
    return expression.formula({"a": a, "b": b, "none": None})


@given(formulas(), NUMBERS, NUMBERS)
@example("CEIL(a ^ b)", 1e200, 2.0)
@example("FLOOR(a * b - a * b)", 1e200, 1e200)
@example("a * b", 1e200, 1e200)
def test_a_formula_gives_a_finite_number_or_no_datapoint(text: str, a: float, b: float) -> None:
    found = computed(text, a, b)

    assert found is None or math.isfinite(found)


@given(st.lists(WORDS, max_size=12), NUMBERS, NUMBERS)
def test_any_words_are_computed_or_refused(words: list[str], a: float, b: float) -> None:
    found = None
    with suppress(InputError):
        found = computed(" ".join(words), a, b)

    assert found is None or math.isfinite(found)
