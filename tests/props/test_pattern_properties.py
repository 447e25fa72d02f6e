from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edactl.core.pattern import PatternError, compile_pattern
from edactl.errors import InputError
from tests.pattern_strategies import events, patterns
from tests.reference_matcher import reference_matches

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(patterns, events)
def test_the_fast_matcher_says_what_the_slow_one_says(pattern: str, event: str) -> None:
    assert compile_pattern(pattern).matches(event) is reference_matches(pattern, event)


@given(patterns)
def test_a_pattern_read_again_from_python_is_the_same(pattern: str) -> None:
    assume("e309" not in pattern)

    assert compile_pattern(json.dumps(json.loads(pattern))).want.paths <= (
        compile_pattern(pattern).want.paths
    )


@given(st.dictionaries(st.text(), anything))
def test_no_json_crashes_the_compiler(document: dict[str, object]) -> None:
    with suppress(PatternError):
        compile_pattern(document)


@given(st.text())
def test_no_text_crashes_the_compiler_or_the_reader(text: str) -> None:
    with pytest.raises(InputError):
        compile_pattern(text)
    with pytest.raises(InputError):
        compile_pattern('{"a":["1"]}').matches(text)


@given(st.binary())
def test_no_bytes_crash_the_reader(data: bytes) -> None:
    with pytest.raises(InputError):
        compile_pattern('{"a":["1"]}').matches(data)


@given(patterns, st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), anything))
def test_no_event_crashes_a_matcher(pattern: str, event: dict[str, object]) -> None:
    assert compile_pattern(pattern).matches(event) in {True, False}


@given(patterns, events)
def test_an_explanation_says_match_when_it_matches(pattern: str, event: str) -> None:
    compiled = compile_pattern(pattern)
    found = compiled.explain(event)

    assert found.match is compiled.matches(event)
    assert (found.missed == 0) is found.match
