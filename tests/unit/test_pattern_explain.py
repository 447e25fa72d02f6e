from __future__ import annotations

import pytest

from edactl.core.pattern import compile_pattern


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ('["AU"]', "AU"),
        ('["AU",1,null]', "one of AU, 1, null"),
        ('["5","true","10.0.0.1"]', 'one of the string "5", the string "true", 10.0.0.1'),
        ('["a,b",""," c"]', 'one of "a,b", "", " c"'),
        ('[{"prefix":"a"},"x"]', 'x, or prefix "a"'),
        ('[{"exists":false},{"exists":true}]', "no value, or any value"),
        ('[{"numeric":[">",1,"<=",2]}]', "numeric > 1 <= 2"),
        ('[{"anything-but":["a","b"]}]', "anything-but a, b"),
        ('[{"anything-but":{"wildcard":"a*"}}]', "anything-but wildcard a*"),
        ('[{"suffix":{"equals-ignore-case":"x"}}]', 'suffix equals-ignore-case "x"'),
    ],
)
def test_what_a_field_wants_is_told_in_words(values: str, words: str) -> None:
    [alternative] = compile_pattern(f'{{"a":{values}}}').explain("{}").alternatives

    assert alternative.fields[0].wanted == words


def test_array_elements_that_each_hold_a_part_are_told() -> None:
    pattern = compile_pattern('{"a":{"b":["1"],"c":["1"]}}')

    found = pattern.explain('{"a":[{"b":"1"},{"c":"1"},{"b":"2"}]}')

    assert (found.match, found.missed) == (False, 1)
    assert [one.elements for one in found.alternatives[0].fields] == ["1 of 2", None]
    assert found.alternatives[0].note == (
        "no one element of an array holds it all: a.b in [0]; a.c in [1]"
    )


def test_absence_is_judged_where_elements_lack_the_field() -> None:
    pattern = compile_pattern('{"a":{"b":["1"],"c":[{"exists":false}]}}')

    assert pattern.explain('{"a":[{"b":"1"},{"c":"1"}]}').match
    missed = pattern.explain('{"a":{"b":"1","c":"1"}}')
    assert (missed.match, missed.missed) == (False, 1)
    assert (
        missed.alternatives[0].fields[1].reason
        == 'a.c: wanted no value; the event has the string "1"'
    )


def test_many_values_are_shown_in_part() -> None:
    found = compile_pattern('{"a":[true]}').explain({"a": list(range(20))})

    field = found.alternatives[0].fields[0]
    assert len(field.found) == 10
    assert field.reason == "a: wanted true; the event has 0, 1, 2 and 17 more"


@pytest.mark.parametrize(
    ("pattern", "event", "reason"),
    [
        (
            '{"a":["AU"]}',
            '{"a":"au"}',
            'wanted AU; the event has "au", which differs in case alone',
        ),
        (
            '{"a":["AU"]}',
            '{"a":"AU "}',
            'wanted AU; the event has "AU ", which differs in blanks alone',
        ),
        ('{"a":["5"]}', '{"a":5}', 'wanted the string "5"; the event has 5'),
        ('{"a":[5]}', '{"a":"5"}', 'wanted 5; the event has the string "5"'),
        ('{"a":[null]}', '{"a":"null"}', 'wanted null; the event has the string "null"'),
        ('{"a":["x"]}', '{"a":"%s"}' % ("y" * 200), f'wanted x; the event has "{"y" * 79}…'),
        ('{"a":["x"]}', "{}", "wanted x; the event has no such field"),
        (
            '{"state":["x"]}',
            '{"State":"x"}',
            "wanted x; the event has no such field; is State meant?",
        ),
        (
            '{"a":{"state":["x"]}}',
            '{"a":[[{"stat":1}],2]}',
            "wanted x; the event has no such field; is a.stat meant?",
        ),
        ('{"a":{"b":["x"]}}', '{"a":1}', "wanted x; the event has no such field: a is no object"),
        (
            '{"a":["x"]}',
            '{"a":[{"b":1}]}',
            "wanted x; the event has an object there, and a pattern looks at its fields",
        ),
        (
            '{"a":["x"]}',
            '{"a":[[]]}',
            "wanted x; the event has an empty array there, which counts as no value",
        ),
        (
            '{"a":["x"]}',
            '{"a":{}}',
            "wanted x; the event has an empty object there, which counts as no value",
        ),
        ('{"a":[{"exists":false}]}', "{}", "has no value"),
        ('{"a":[{"exists":false},"x"]}', '{"a":"y"}', 'wanted x, or no value; the event has "y"'),
    ],
)
def test_a_reason_tells_what_the_event_has_and_how_near_it_came(
    pattern: str, event: str, reason: str
) -> None:
    [alternative] = compile_pattern(pattern).explain(event).alternatives

    [path] = compile_pattern(pattern).want.paths
    assert alternative.fields[0].reason == f"{path}: {reason}"


def test_an_event_from_python_is_explained_as_its_text_is() -> None:
    pattern = compile_pattern('{"a":{"state":["x"]}}')
    event = {"a": ({"stat": "x"},)}

    assert pattern.explain(event) == pattern.explain('{"a":[{"stat":"x"}]}')


@pytest.mark.parametrize(
    ("pattern", "event", "holds", "reason"),
    [
        (
            '{"a":{"b":["1"],"c":[{"exists":false}]}}',
            '{"a":[{"b":"1"},{"c":"2"}]}',
            [True, True],
            'has no value in an element that the fields before it take; elsewhere the string "2"',
        ),
        (
            '{"a":{"b":[{"exists":false}],"c":["1"]}}',
            '{"a":[{"b":"2"},{"c":"1"}]}',
            [False, True],
            None,
        ),
        (
            '{"a":{"b":["1"],"c":["1"],"d":[{"exists":false}]}}',
            '{"a":[{"b":"1","d":1},{"c":"1"}]}',
            [True, True, True],
            None,
        ),
    ],
)
def test_absence_is_explained_in_the_engines_order_of_fields(
    pattern: str, event: str, holds: list[bool], reason: str | None
) -> None:
    [alternative] = compile_pattern(pattern).explain(event).alternatives

    assert [one.holds for one in alternative.fields] == holds
    if reason:
        assert alternative.fields[1].reason == f"a.c: {reason}"


def test_parts_in_different_elements_are_told_of_beside_what_is_missed() -> None:
    pattern = compile_pattern('{"a":{"b":[1],"c":[2]},"d":[3]}')

    [found] = pattern.explain('{"a":[{"b":1},{"c":2}],"d":4}').alternatives

    assert [one.holds for one in found.fields] == [True, True, False]
    assert found.missed == 2
    assert found.note == "no one element of an array holds it all: a.b in [0]; a.c in [1]"
    assert pattern.explain('{"a":[{"b":1,"c":2}],"d":4}').alternatives[0].note is None
