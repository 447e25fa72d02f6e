from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edactl.core.json_text import WrittenNumber, json_text, parse_json
from edactl.core.record import JsonValue

NUMBERS = [
    "1.10",
    "3.0e2",
    "1E5",
    "-0.0",
    "12345678901234567890.5",
    "123456789012345678901234567890",
    "1e400",
    "1" * 5000,
    "-" + "9" * 5000,
    "-1e-400",
    "0.1",
]
values: st.SearchStrategy[JsonValue] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.sampled_from(NUMBERS[:5]).map(parse_json),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("shape", ["%s", '{"a":[%s,{"b":%s}],"c":"é"}'])
def test_a_number_leaves_as_it_came(number: str, shape: str) -> None:
    text = shape.replace("%s", number)

    assert json_text(parse_json(text)) == text
    copied = copy.deepcopy(parse_json(text))

    assert json_text(copied) == text
    assert copied == parse_json(text)


def test_a_written_number_counts_and_prints_as_one() -> None:
    number = parse_json("1.10")

    assert isinstance(number, WrittenNumber)
    assert number == 1.1
    assert str(number) == "1.10"


@given(values, st.sampled_from([None, 2]), st.booleans())
def test_the_text_is_what_python_writes_but_for_the_numbers(
    value: JsonValue, indent: int | None, ascii_only: bool
) -> None:
    separators = None if indent else (",", ":")
    pythons = json.dumps(value, indent=indent, separators=separators, ensure_ascii=ascii_only)

    text = json_text(value, indent=indent, ascii_only=ascii_only)

    assert json.loads(text) == value
    plain = json.dumps(
        json.loads(text), indent=indent, separators=separators, ensure_ascii=ascii_only
    )
    assert plain == pythons
    assert text.count("\n") == pythons.count("\n")


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", '{"a":-Infinity}', "1.", "{", "1 2"])
def test_what_json_has_no_word_for_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_json(text)


def test_nan_is_never_written() -> None:
    with pytest.raises(ValueError):
        json_text([float("nan")])
    with pytest.raises(ValueError):
        json_text([float("nan"), WrittenNumber("1.10")])
