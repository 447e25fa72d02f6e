"""Lint on random patterns: it never fails, and what it calls useless changes nothing."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from edactl.core.pattern import PatternError, compile_pattern
from edactl.core.rule_files import NamedRule
from edactl.core.rule_lint import CODES, Finding, Linted, Samples, lint, paths_of
from edactl.core.rule_lint.outline import outline
from tests.pattern_strategies import events, matchers, patterns, scalars

USELESS = {"duplicate-value", "value-covered"}


def findings(text: str, samples: list[str]) -> list[Finding]:
    rules = [Linted(NamedRule("r", text, "f"), is_file=True)]
    seen = Samples(paths_of(rules))
    for one in samples:
        seen.add(one)
    return lint(rules, seen)


@settings(max_examples=100, deadline=None)
@given(patterns, st.lists(events, max_size=3))
def test_lint_takes_every_pattern(text: str, samples: list[str]) -> None:
    found = findings(text, samples)

    assert {one.code for one in found} <= set(CODES)
    assert all(one.line == 1 for one in found)
    assert found == sorted(found, key=lambda one: ("error", "warning", "info").index(one.severity))


@settings(max_examples=100, deadline=None)
@given(patterns)
def test_the_outline_has_the_fields_that_the_compiler_has(text: str) -> None:
    try:
        fields = compile_pattern(text).want.paths
    except PatternError:
        assume(False)

    assert {one.path for one in outline(text, fields=fields).leaves} == fields


items = st.lists(st.one_of(scalars, matchers), min_size=2, max_size=4)


@settings(max_examples=100, deadline=None)
@given(items, st.lists(events, min_size=1, max_size=5))
def test_a_value_that_is_called_useless_changes_nothing(
    values: list[str], samples: list[str]
) -> None:
    text = f'{{"a":[{",".join(values)}]}}'
    useless = [
        int(one.path[2:-1])
        for one in findings(text, [])
        if one.code in USELESS and "lists a value twice" not in one.message
    ]

    for place in useless:
        rest = [one for at, one in enumerate(values) if at != place]
        with_all, without = compile_pattern(text), compile_pattern(f'{{"a":[{",".join(rest)}]}}')
        assert [with_all.matches(one) for one in samples] == [
            without.matches(one) for one in samples
        ]


BUT = ['"x"', '"y"', '["x","y"]', "1", "[1,300]"]
RANGES = ['["<",1]', '[">=",1]', '[">",0,"<",300]', '[">",1]']
wide = st.sampled_from(
    [
        *(f'{{"anything-but":{one}}}' for one in BUT),
        *(f'{{"numeric":{one}}}' for one in RANGES),
        *('"x"', '"y"', "1", '{"prefix":"x"}', '{"suffix":""}'),
        *('{"exists":true}', '{"exists":false}'),
    ]
)
MEANT = {  # what lint says, and whom the list then takes
    "decides nothing": '{"exists":true},{"exists":false}',
    "every number": '{"numeric":["<",0]},{"numeric":[">=",0]}',
    "every value": '{"exists":true}',
}


@settings(max_examples=200, deadline=None)
@given(st.lists(wide, min_size=2, max_size=3), events)
def test_a_list_that_is_said_to_always_match_does(values: list[str], event: str) -> None:
    text = f'{{"a":[{",".join(values)}]}}'
    said = [one.message for one in findings(text, []) if one.code == "always-matches"]

    for message in said:
        asked = next(one for words, one in MEANT.items() if words in message)
        meant = compile_pattern(f'{{"a":[{asked}]}}')
        assert compile_pattern(text).matches(event) or not meant.matches(event)
