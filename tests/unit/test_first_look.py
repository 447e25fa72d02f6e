"""The exact look at a file's first events, and what it leaves to the rule set."""

from __future__ import annotations

import pytest

from edactl.core.first_look import FirstLook
from edactl.core.pattern import RuleSet
from edactl.errors import InputError

PATTERNS = {"one": '{"a":[1]}'}
LINES = [b'{"a":1}', b"nonsense", b'{"a":2}', b'{"a":1}', b"more"]


@pytest.mark.parametrize("first", [0, 1, 2, 3, 9])
def test_a_line_that_is_no_event_is_told_with_its_number_wherever_the_look_ends(first: int) -> None:
    told: list[int] = []

    def invalid(number: int, _error: InputError) -> None:
        told.append(number)

    look = FirstLook(RuleSet(PATTERNS), lambda: RuleSet(PATTERNS, exact=True), first)

    assert list(look.match_lines(LINES, invalid=invalid)) == [["one"], [], ["one"]]
    assert told == [2, 5]


def test_an_odd_event_in_the_look_has_the_rest_read_exactly() -> None:
    twice = b'{"a":1,"a":2}'
    look = FirstLook(RuleSet(PATTERNS), lambda: RuleSet(PATTERNS, exact=True), 1)
    exact = list(RuleSet(PATTERNS, exact=True).match_lines([twice, twice]))

    assert list(look.match_lines([twice, twice], invalid=lambda *_: None)) == exact
