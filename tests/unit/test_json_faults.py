"""Text that is not JSON is refused in the words of AWS's JSON reader, at the place it stands at."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edactl.core.pattern import PatternError, compile_pattern
from edactl.core.pattern.fields import read_event
from edactl.core.pattern.tokens import tokens
from edactl.errors import InputError

FILE = Path(__file__).parents[1] / "cases" / "json_faults.json"
CASES: list[dict[str, Any]] = json.loads(FILE.read_text("utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=[case["text"] for case in CASES])
def test_a_fault_has_the_readers_words_and_place(case: dict[str, Any]) -> None:
    with pytest.raises(PatternError) as caught:
        list(tokens(case["text"]))

    found = {"text": case["text"], "reason": caught.value.reason}
    assert found | {"line": caught.value.line, "column": caught.value.column} == case


@pytest.mark.parametrize(
    ("pattern", "reason", "column"),
    [
        ('{"a":"1"}', '"a" must be an object or an array', 7),
        ('{"a":1}', '"a" must be an object or an array', 7),
        ('{"a":[{"what":"x"}]}', "Unrecognized match type what", 16),
        ('{"a":[{"what" : "x"}]}', "Unrecognized match type what", 18),
        ('{"a":[{"what":123}]}', "Unrecognized match type what", 18),
        ('{"a":[{"what":[]}]}', "Unrecognized match type what", 16),
        ('{"a":[{"what":tru}]}', "Unrecognized token 'tru'", 18),
        ('{"a":[{"what":"\\x"}]}', "Unrecognized match type what", 16),
        ('{"a":[{"prefix":"x","b":1}]}', "Only one key allowed in match expression", 26),
        ('{"😀":["1"],"a":"1"}', '"a" must be an object or an array', 18),
    ],
)
def test_an_error_stands_where_the_reader_is(pattern: str, reason: str, column: int) -> None:
    with pytest.raises(PatternError, match="line 1") as caught:
        compile_pattern(pattern)

    assert caught.value.reason.startswith(reason)
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            r'{"a":"\n\u0041',
            "Unexpected end-of-input: was expecting closing quote for a string value",
        ),
        (r'{"a":"\n\u0041\x"}', "Unrecognized character escape 'x' (code 120)"),
        (r'{"a":"\u0041\u1"}', "Unexpected character ('\"' (code 34)): expected a hex-digit"),
    ],
)
def test_escapes_that_are_right_are_stepped_over(text: str, reason: str) -> None:
    with pytest.raises(PatternError) as caught:
        list(tokens(text))

    assert caught.value.reason.startswith(reason)


ONES, NAME = "1" * 1000, "k" * 50_000


@pytest.mark.parametrize(
    ("text", "length"),
    [
        (f'{{"a":{ONES}}}', None),
        (f'{{"a":{ONES}1}}', 1001),
        (f'{{"a":0.{ONES}}}', None),
        (f'{{"a":-0.{ONES}}}', None),
        (f'{{"a":0.{ONES}1}}', 1001),
        (f'{{"a":1.{ONES}}}', 1001),
        (f'{{"a":0e{ONES}}}', None),
        (f'{{"a":0.{ONES[2:]}e1}}', None),
        (f'{{"a":0.{ONES[1:]}e1}}', 1001),
        (f'{{"{NAME}":1}}', None),
        (f'{{"a":[[{{"{NAME}k":1}}]]}}', 50_001),
        (f'{{"a":{{"{NAME[1:]}😀":[]}}}}', 50_001),
        (f'{{"{NAME[2:]}😀":1}}', None),
        (f'{{"a":["{NAME}",{{"b":[]}}]}}', None),
    ],
)
def test_numbers_and_names_are_as_long_as_the_reader_takes(text: str, length: int | None) -> None:
    for event in (text, text.encode()):
        if length is None:
            assert read_event(event)
        else:
            with pytest.raises(InputError, match=rf"length \({length}\) exceeds the maximum"):
                read_event(event)
