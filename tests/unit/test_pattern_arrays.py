"""Array elements stay together, in events however odd or large. Source: event-ruler 2.0.1."""

from __future__ import annotations

import json

import pytest

from edactl.core.pattern import compile_pattern
from edactl.errors import InputError
from tests.counting import counted_calls

TWO_PARTS = '{"a":{"p":["1"],"q":["1"]}}'


@pytest.mark.parametrize(
    ("event", "match"),
    [
        ('{"a":[{"p":"1"}],"a":[{"q":"1"}]}', True),  # q has no value in the chosen array
        ('{"a":[{"p":"1","q":"2"}],"a":[{"q":"1"}]}', False),  # it has one, so only that counts
        ('{"a":[{"p":"1"},{"q":"2"}],"a":[{"q":"1"}]}', False),
        ('{"a":[{"p":"1","q":"2"}],"a":{"q":"1"}}', False),
        ('{"a":[{"p":"1","q":"2"}],"a.q":"1"}', False),
        ('{"a":{"p":"1"},"a":[{"q":"1"}]}', True),
        ('{"a":[{"p":"1"}],"a.q":"1"}', True),
        ('{"a":[{"p":"1","q":"2"},{"p":"1","q":"1"}],"a.q":"1"}', True),
    ],
)
def test_beside_a_chosen_array_a_field_counts_only_where_it_is_not_inside(
    event: str, match: bool
) -> None:
    assert compile_pattern(TWO_PARTS).matches(event) is match


@pytest.mark.parametrize(
    ("event", "match"),
    [
        ('{"a":[{"p":"1"}],"a":[{"q":"1"}]}', False),  # the other array's q is present
        ('{"a":[{"p":"1"},{"q":"1"}]}', True),
        ('{"a":[{"p":"1"},{"q":"2"}],"a.q":"1"}', False),
        ('{"a":[{"p":"1"}],"a":{"q":"1"}}', False),
    ],
)
def test_absence_looks_beside_the_chosen_array_too(event: str, match: bool) -> None:
    pattern = compile_pattern('{"a":{"p":["1"],"q":[{"exists":false}]}}')

    assert pattern.matches(event) is match


def test_eight_fields_over_arrays_of_fifty_objects_are_tried_element_by_element() -> None:
    fields = "stuvwxyz"
    arrays = {name: [{"p": number, "q": number} for number in range(50)] for name in fields}
    wanted = {name: {"p": [{"exists": True}], "q": [49]} for name in fields}

    assert compile_pattern(wanted).matches(arrays)
    assert not compile_pattern(wanted | {"zz": ["1"]}).matches(arrays | {"zz": "2"})


def test_one_array_of_ten_thousand_objects_is_not_compared_pair_by_pair() -> None:
    elements = [{"p": 1, "q": 2, "r": 3} for _ in range(10_000)]
    pattern = compile_pattern('{"a":{"p":[1],"q":[2],"r":[4,{"exists":false}]}}')

    with counted_calls() as calls:
        assert not pattern.matches({"a": elements})

    assert sum(calls.values()) < 200 * len(elements)


def test_arrays_built_to_multiply_end_in_an_error_not_in_hours() -> None:
    keys = ["a" + "!" * number for number in range(5)]
    elements = [[number] for number in range(60)]
    event = {key: [*elements, {"y": 1}] for key in keys}
    pattern = {key: [{"exists": True}] for key in keys} | {f"{key}.y": [1] for key in keys}

    with pytest.raises(InputError, match="over 100,000 ways"):
        compile_pattern(pattern).matches(json.dumps(event))
