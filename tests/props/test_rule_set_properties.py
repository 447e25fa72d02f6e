from __future__ import annotations

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st

from edactl.core.pattern import RuleSet, compile_pattern
from tests.pattern_strategies import events, patterns


def _has_what_the_fast_path_cannot_see(event: str) -> bool:
    """A duplicate key, or one with a dot."""
    odd = False

    def look(pairs: list[tuple[str, object]]) -> None:
        nonlocal odd
        names = [name for name, _ in pairs]
        odd = odd or len(names) > len(set(names)) or any("." in name for name in names)

    json.loads(event, object_pairs_hook=look)
    return odd


@settings(deadline=None)  # code is generated for each example
@given(st.lists(patterns, min_size=1, max_size=4), st.lists(events, min_size=1, max_size=3))
@example(['{"a":{"b":["x"],"c":[{"exists":false}]}}'], ['{"a":[{"b":"x"},{"c":1}]}'])
@example(['{"a":{"b":[{"exists":false}],"c":["x"]}}'], ['{"a":[{"b":"x"},{"c":"x"}]}'])
@example(['{"a":["x"]}', '{"a":{"b":["x"]}}'], ['{"a":["x",{"b":"x"}]}', '{"a":{"b":"x"}}'])
@example(['{"a":[1]}', '{"a":{"b":[1.5]}}'], ['{"a":1}', '{"a":[1,{"b":1.50}]}', '{"a":1.0}'])
def test_many_rules_together_say_what_each_says_alone(texts: list[str], lines: list[str]) -> None:
    rules = {str(number): text for number, text in enumerate(texts)}
    fast, exact = RuleSet(rules), RuleSet(rules, exact=True)

    for line in lines:
        alone = [name for name, text in rules.items() if compile_pattern(text).matches(line)]
        assert fast.match(line) == exact.match(line) == alone
        if not _has_what_the_fast_path_cannot_see(line):
            assert fast.match_line(line) == alone
            assert list(fast.match_lines([line.encode()] * 20)) == [alone] * 20


@settings(deadline=None)
@given(st.lists(patterns, min_size=1, max_size=3), events)
def test_staged_rules_say_what_each_says_alone(texts: list[str], detail: str) -> None:
    rules = {
        str(number): f'{{"source":["s{number % 2}"],"detail":{text}}}'
        for number, text in enumerate(texts)
        if '"$or"' not in text
    }
    rule_set = RuleSet(rules)

    for source in ("s0", "s1", "s2"):
        line = f'{{"source":"{source}","detail":{detail}}}'
        if _has_what_the_fast_path_cannot_see(line):
            continue
        alone = [name for name, text in rules.items() if compile_pattern(text).matches(line)]
        for _ in range(20):
            assert rule_set.match_line(line.encode()) == alone


@settings(deadline=None)
@given(st.lists(patterns, min_size=1, max_size=3), events, events)
def test_an_event_after_many_alike_is_judged_as_it_is(
    texts: list[str], detail: str, other: str
) -> None:
    rules = {
        str(number): f'{{"source":["s{number % 2}"],"detail":{text}}}'
        for number, text in enumerate(texts)
        if '"$or"' not in text
    }
    rules["elsewhere"] = '{"source":["s1"],"detail":{"x":["1"],"y":["2"],"z":["3"]}}'
    usual, odd = (f'{{"source":"s0","detail":{one}}}' for one in (detail, other))
    if any(map(_has_what_the_fast_path_cannot_see, (usual, odd))):
        return
    expected = {
        line: [name for name, text in rules.items() if compile_pattern(text).matches(line)]
        for line in (usual, odd)
    }

    lines = [*[usual] * 220, *[odd, usual] * 10]

    found = RuleSet(rules).match_lines([one.encode() for one in lines])
    assert list(found) == [expected[line] for line in lines]
