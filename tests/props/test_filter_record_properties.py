"""Records of any shape: a filter gives a verdict or says what is wrong, one way in every way."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from edactl.core.filter_record import RecordSet
from edactl.core.pattern import compile_pattern
from edactl.core.pattern.dialects import DIALECTS
from edactl.errors import InputError

KEYS = st.sampled_from(
    [
        *("body", "data", "key", "value", "kinesis", "dynamodb", "Sns", "Message", "TopicArn"),
        *("MessageAttributes", "Records", "Type", "Value", "DataType", "StringValue", "a", "b"),
    ]
)
TEXTS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["String", "Number", "String.Array", "1.5", "x", '["a"]', '{"a":"x"}', "{}", "["]
    ),
    st.binary(max_size=9).map(lambda raw: base64.b64encode(raw).decode()),
    st.sampled_from(['{"a":"x"}', "plain"]).map(
        lambda text: base64.b64encode(text.encode()).decode()
    ),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=10,
)
RECORDS = st.dictionaries(KEYS, VALUES, max_size=5)
PATTERNS = st.sampled_from(
    [
        '{"body":{"a":["x"]}}',
        '{"body":["plain",{"prefix":"{"}]}',
        '{"data":{"a":["x"]},"b":[{"exists":false}]}',
        '{"value":["plain"]}',
        '{"a":["x",{"exists":false}]}',
    ]
)


@given(RECORDS, PATTERNS, st.sampled_from(sorted(set(DIALECTS) - {"rule", "subscriber"})))
def test_match_explain_and_the_set_agree_on_any_record(
    record: dict[str, Any], text: str, dialect: str
) -> None:
    with suppress(InputError):  # a pattern with keys that this dialect refuses, or a batch
        pattern = compile_pattern(text, dialect)
        match = pattern.matches(json.dumps(record))

        assert pattern.explain(json.dumps(record)).match is match
        assert pattern.matches(record) is match
        assert RecordSet({"it": pattern}).match(json.dumps(record)) == ["it"] * match
