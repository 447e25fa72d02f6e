"""Random patterns and events from one small world, so that they meet often."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

KEYS = ["a", "b", "c", "a.b", "d"]
TEXTS = ["", "x", "y", "xy", "X", "x*y", "é", "É", "ß", "300", "1.5", "true", "😀"]
NUMBERS = [
    *("0", "-0", "1", "1.0", "10e-1", "1.5", "300", "3e2", "-7", "1e309", "0.1"),
    *("9007199254740993", "0.30000000000000001"),
]
COMPARABLE = ["0", "1", "1.0", "1.5", "300", "3e2", "-7", "0.1"]


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


texts = st.sampled_from(TEXTS)
json_texts = texts.map(_text)
numbers = st.sampled_from(NUMBERS)
literals = st.sampled_from(["true", "false", "null"])
scalars = st.one_of(json_texts, numbers, literals)


def _list(items: st.SearchStrategy[str], least: int = 1) -> st.SearchStrategy[str]:
    return st.lists(items, min_size=least, max_size=3).map(lambda one: f"[{','.join(one)}]")


def _object(members: st.SearchStrategy[list[tuple[str, str]]]) -> st.SearchStrategy[str]:
    return members.map(lambda one: "{" + ",".join(f"{_text(k)}:{v}" for k, v in one) + "}")


def _named(name: str, operand: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return operand.map(lambda one: f'{{"{name}":{one}}}')


wildcards = st.sampled_from(["*", "x*", "*y", "x*y", "*x*", "", "x\\*y", "\\\\*", "*3*0"]).map(
    _text
)
ignoring_case = _named("equals-ignore-case", json_texts)
not_empty = st.sampled_from([one for one in TEXTS if one]).map(_text)
ranges = st.one_of(
    st.tuples(st.sampled_from(["=", "<", "<=", ">", ">="]), st.sampled_from(COMPARABLE)).map(
        lambda one: f'["{one[0]}",{one[1]}]'
    ),
    st.sampled_from(['[">",0,"<",300]', '[">=",1,"<=",1.5]', '[">",-7,"<=",0]']),
)
anything_but = st.one_of(
    json_texts,
    st.sampled_from(COMPARABLE),
    _list(json_texts),
    _list(st.sampled_from(COMPARABLE)),
    _named("prefix", st.one_of(not_empty, _list(not_empty))),
    _named("suffix", st.one_of(not_empty, _list(not_empty))),
    _named("equals-ignore-case", st.one_of(json_texts, _list(json_texts))),
    _named("wildcard", st.one_of(wildcards, _list(wildcards))),
)
matchers = st.one_of(
    _named("exactly", json_texts),
    _named("prefix", st.one_of(json_texts, ignoring_case)),
    _named("suffix", st.one_of(json_texts, ignoring_case)),
    ignoring_case,
    _named("wildcard", wildcards),
    _named("numeric", ranges),
    _named("exists", st.sampled_from(["true", "false"])),
    _named("anything-but", anything_but),
)
leaves = _list(st.one_of(scalars, matchers))


def _pattern_members(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    plain = st.tuples(st.sampled_from(KEYS), inner)
    either = st.tuples(
        st.just("$or"),
        st.lists(_object(st.lists(plain, min_size=1, max_size=2)), min_size=2, max_size=3).map(
            lambda one: f"[{','.join(one)}]"
        ),
    )
    return _object(st.lists(st.one_of(plain, plain, plain, either), min_size=1, max_size=3))


patterns = _pattern_members(st.recursive(leaves, _pattern_members, max_leaves=4))


def _event_values(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        _list(inner, least=0),
        _object(st.lists(st.tuples(st.sampled_from(KEYS), inner), max_size=3)),
    )


events = _object(
    st.lists(
        st.tuples(st.sampled_from(KEYS), st.recursive(scalars, _event_values, max_leaves=8)),
        max_size=4,
    )
)
