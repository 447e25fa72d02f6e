from __future__ import annotations

import pytest

from edactl.core.pattern import compile_pattern


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ('["AU"]', "AU"),
        ('["AU",1,null]', "one of AU, 1, null"),
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
    assert "not in the same element" in str(found.alternatives[0].note)


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
