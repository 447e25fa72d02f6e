"""The smallest pattern for some events and against others."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edactl.core.pattern import compile_pattern
from edactl.core.pattern_infer import Inferred, Inseparable, infer, is_personal
from tests.pattern_strategies import events
from tests.running import name_of


def texts(chosen: list[Any]) -> list[str]:
    return [one if isinstance(one, str) else json.dumps(one) for one in chosen]


def inferred(wanted: list[Any], unwanted: list[Any]) -> Inferred:
    found = infer(texts(wanted), texts(unwanted))
    assert isinstance(found, Inferred), found
    pattern = compile_pattern(found.pattern)
    assert all(pattern.matches(one) for one in texts(wanted))
    assert not any(pattern.matches(one) for one in texts(unwanted))
    return found


@pytest.mark.parametrize(
    ("wanted", "unwanted", "pattern"),
    [
        ([{"a": "x"}], [{"a": "y"}], {"a": ["x"]}),
        ([{"a": "x"}, {"a": "y"}], [{"a": "z"}], {"a": ["x", "y"]}),
        ([{"a": 1}, {"a": 2}], [{"a": 3}], {"a": [1, 2]}),
        ([{"a": True}, {"a": None}], [{"a": "x"}], {"a": [None, True]}),
        ([{"a": "x", "b": 1}], [{"a": "y", "b": 2}], {"a": ["x"]}),
        ([{"source": "s", "a": "x"}], [{"source": "t", "a": "y"}], {"source": ["s"]}),
        ([{"a": {"b": 1}}], [{"a": {"b": 2}}], {"a": {"b": [1]}}),
        (
            [{"a": f"order-{n}"} for n in range(30)],
            [{"a": "invoice-1"}],
            {"a": [{"prefix": "order-"}]},
        ),
        (
            [{"a": f"order-1{n}"} for n in range(30)],
            [{"a": "invoice-1"}],
            {"a": [{"prefix": "order-"}]},
        ),
        ([{"a": f"o{n}"} for n in range(30)], [{"a": "i1"}], {"a": [{"prefix": "o"}]}),
        ([{"a": f"{n}.jpg"} for n in range(30)], [{"a": "1.png"}], {"a": [{"suffix": ".jpg"}]}),
        (
            [{"a": f"{n}{n}"} for n in range(30)],
            [{"a": "x"}, {"a": "y"}],
            {"a": [{"anything-but": ["x", "y"]}]},
        ),
        (
            [{"a": f"{n}"} for n in range(30)],
            [{"a": f"x-{n}"} for n in range(30)],
            {"a": [{"anything-but": {"prefix": "x-"}}]},
        ),
        ([{"a": n} for n in range(30)], [{"a": 77}], {"a": [{"anything-but": [77]}]}),
        ([{"a": n} for n in range(30)], [{"b": 1}], {"a": [{"exists": True}]}),
        ([{"b": 1}], [{"a": n, "b": 1} for n in range(30)], {"a": [{"exists": False}]}),
        (
            [{"a": n} for n in range(30)],
            [{"a": n} for n in range(77, 120)],
            {"a": [{"numeric": ["<=", 29]}]},
        ),
        (
            [{"a": n + 0.5} for n in range(200, 230)],
            [{"a": n} for n in range(77, 120)],
            {"a": [{"numeric": [">=", 200.5]}]},
        ),
        (
            [{"a": n} for n in range(30)],
            [{"a": n} for n in range(-40, -10)] + [{"a": n} for n in range(50, 80)],
            {"a": [{"numeric": [">=", 0, "<=", 29]}]},
        ),
        ([{"a": ["x", "y"]}, {"a": ["y", "z"]}], [{"a": ["x", "z"]}], {"a": ["y"]}),
        (
            [{"a": "x", "b": "x"}],
            [{"a": "x", "b": "y"}, {"a": "y", "b": "x"}],
            {"a": ["x"], "b": ["x"]},
        ),
        (
            [{"a": "x", "b": "x", "c": "x"}],
            [{"a": "x", "b": "x"}, {"a": "x", "c": "x"}, {"b": "x", "c": "x"}],
            {"a": ["x"], "b": ["x"], "c": ["x"]},
        ),
        (
            [{"a": "x", "b": "y"}, {"a": "z", "b": "w"}],
            [{"a": "x", "b": "w"}, {"a": "z", "b": "y"}],
            {"$or": [{"a": ["x"], "b": ["y"]}, {"a": ["z"], "b": ["w"]}]},
        ),
        ([{"a": "300"}], [{"a": 300}], {"a": ["300"]}),
        (
            [{"a": "x", "b": "x", "c": n} for n in range(100, 140)],
            [
                *({"a": "y", "b": "x", "c": n} for n in range(140)),
                *({"a": "x", "b": "y", "c": n} for n in range(140)),
                *({"a": "x", "b": "x", "c": n} for n in range(90)),
                *({"a": "y", "b": "y", "c": n} for n in range(200)),
            ],
            {"a": ["x"], "b": ["x"], "c": [{"numeric": [">=", 100]}]},
        ),
    ],
    ids=name_of,
)
def test_few_fields_and_the_plainest_condition(
    wanted: list[Any], unwanted: list[Any], pattern: dict[str, Any]
) -> None:
    assert inferred(wanted, unwanted).pattern == pattern


@pytest.mark.parametrize(
    ("wanted", "pattern"),
    [
        (
            [{"source": "s", "detail-type": "t", "id": "1"}],
            {"source": ["s"], "detail-type": ["t"]},
        ),
        ([{"source": "s", "a": "x"}], {"source": ["s"]}),
        ([{"a": "x"}], {"a": ["x"]}),
        ([{"id": "1"}], {"id": [{"exists": True}]}),
    ],
)
def test_without_unwanted_events_it_asks_for_their_kind(
    wanted: list[Any], pattern: dict[str, Any]
) -> None:
    assert inferred(wanted, []).pattern == pattern


def test_a_field_that_others_make_needless_is_left_out() -> None:
    rejected = {"a": {1, 2, 3, 4, 5}, "b": {1, 2, 6}, "c": {3, 4, 7}, "d": {5, 8}}
    unwanted = [
        {name: "y" if number in numbers else "x" for name, numbers in rejected.items()}
        for number in range(1, 9)
    ]

    assert inferred([dict.fromkeys(rejected, "x")], unwanted).fields == ("b", "c", "d")


def test_ids_and_times_are_left_to_the_last() -> None:
    first = {"id": "1", "time": "2026-01-01T00:00:00Z", "detail": {"orderId": "o1", "kind": "k"}}
    second = {"id": "2", "time": "2026-01-02T00:00:00Z", "detail": {"orderId": "o2", "kind": "k"}}
    third = {**second, "detail": {"orderId": "o3", "kind": "l"}}

    plain, forced = inferred([first], [third]), inferred([first], [second])

    assert (plain.fields, plain.personal) == (("detail.kind",), ())
    assert (forced.fields, forced.personal) == (("detail.orderId",), ("detail.orderId",))


def test_that_an_id_is_there_is_no_id() -> None:
    found = inferred([{"refundId": "1"}, {"refundId": "2"}], [{"orderId": "1"}])

    assert found.pattern == {"refundId": [{"exists": True}]}


@pytest.mark.parametrize(
    "name",
    ["id", "detail.orderId", "order_id", "createdAt", "accountId", "time", "requestID", "eventARN"],
)
def test_names_of_ids_and_times(name: str) -> None:
    assert is_personal(name)


@pytest.mark.parametrize("name", ["region", "video", "paid", "detail.format", "grid", "state"])
def test_names_of_kinds(name: str) -> None:
    assert not is_personal(name)


def test_twins_cannot_be_separated() -> None:
    found = infer(texts([{"a": "y"}, {"a": 1, "b": [2]}]), texts([{"a": "z"}, {"b": 2, "a": 1}]))

    assert found == Inseparable((1,), {1: 1})


def test_events_without_values_cannot_be_told() -> None:
    assert infer(["{}"], []) == Inseparable((), {})
    assert infer(['{"a":{}}'], ["{}"]) == Inseparable((0,), {0: 0})


def test_what_one_field_is_not_two_parts_are() -> None:
    wanted, unwanted = [{"a": "x"}, {"b": "x"}], [{"a": "x", "b": "x"}, {"c": "x"}]

    assert inferred(wanted, unwanted).pattern["$or"] == [
        {"a": ["x"], "b": [{"exists": False}]},
        {"b": ["x"], "a": [{"exists": False}]},
    ]


def test_more_parts_than_the_best_so_far_are_not_tried() -> None:
    wanted = [{"a": 1 + n % 2, "b": 1 + n % 2, "z": n} for n in range(5)]
    unwanted = [{"a": 1 + x, "b": 2 - x, "z": n} for n in range(5) for x in (0, 1)]

    assert inferred(wanted, unwanted).pattern["$or"] == [
        {"a": [1], "b": [1]},
        {"a": [2], "b": [2]},
    ]


def test_fields_that_a_pattern_cannot_name_are_passed_over() -> None:
    odd = '{"":{"a":1},"$or":"x","a":"z","n":12345678901234567890123}'

    assert inferred([odd], ['{"a":"y","n":1}']).pattern == {"a": ["z"]}
    assert infer(['{"n":12345678901234567890123}'], ['{"n":12345678901234567890124}']) == (
        Inseparable((0,), {})
    )


def test_numbers_at_the_edge_make_no_range() -> None:
    wanted = [f'{{"a":{n}e300}}' for n in range(1, 40)]

    assert inferred(wanted, ['{"a":0}']).pattern == {"a": [{"anything-but": [0]}]}


def test_a_name_that_or_does_not_take_is_passed_over() -> None:
    wanted = [{"prefix": "x", "b": "y"}, {"prefix": "z", "b": "w"}]
    unwanted = [{"prefix": "x", "b": "w"}, {"prefix": "z", "b": "y"}]

    found = infer(texts(wanted), texts(unwanted))

    assert isinstance(found, Inseparable)


def test_a_field_and_one_inside_of_it_are_not_asked_together() -> None:
    wanted = [{"a": ["x", {"b": "y"}]}]
    unwanted = [{"a": ["x", {"b": "z"}]}, {"a": ["w", {"b": "y"}]}]

    assert isinstance(infer(texts(wanted), texts(unwanted)), Inseparable)


def test_elements_of_an_array_are_kept_together() -> None:
    wanted = [{"a": [{"k": 1, "v": 1}, {"k": 2, "v": 2}]}]
    unwanted = [{"a": [{"k": 1, "v": 2}]}, {"a": [{"k": 2, "v": 1}]}]

    assert inferred(wanted, unwanted).pattern == {"a": {"k": [1], "v": [1]}}


@settings(max_examples=60, deadline=None)
@given(st.lists(events, min_size=1, max_size=4), st.lists(events, max_size=4))
def test_what_is_inferred_matches_its_samples_and_no_other(
    wanted: list[str], unwanted: list[str]
) -> None:
    found = infer(wanted, unwanted)

    assert found == infer(wanted, unwanted)
    if isinstance(found, Inferred):
        inferred(wanted, unwanted)
    else:
        assert unwanted or found.unwanted == ()
