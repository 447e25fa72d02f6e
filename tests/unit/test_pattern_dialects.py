from __future__ import annotations

import json

import pytest

from edactl.core.pattern import PatternError, RuleSet, compile_pattern
from edactl.core.pattern.dialects import DIALECTS

PLAIN = '{"a":["x",1,null,{"prefix":"p"},{"suffix":"s"},{"numeric":[">",1]},{"exists":true}]}'
WILDCARD = '{"a":[{"wildcard":"x*"}]}'
BUT_PREFIX = '{"a":["x",{"anything-but":{"prefix":"p"}}]}'
BUT_SUFFIX = '{"a":[{"anything-but":{"suffix":"p"}}]}'
BUT_WILDCARD = '{"a":[{"anything-but":{"wildcard":"p*"}}]}'
PREFIX_ANY_CASE = '{"a":[{"prefix":{"equals-ignore-case":"p"}}]}'
OR = '{"$or":[{"a":["1"]},{"b":["1"]}]}'
SNS = {"sns-attributes", "sns-body"}
LAMBDA = [name for name in DIALECTS if name.startswith("esm-")]


def refusal(pattern: str, dialect: str) -> str:
    """What that service says against a pattern; nothing when it takes it."""
    try:
        compile_pattern(pattern, dialect)
    except PatternError as error:
        return error.reason if error.kind == "dialect" else "refused by all"
    return ""


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("pattern", [PLAIN, OR, '{"a":[{"anything-but":["x"]}]}'])
def test_what_every_service_takes(dialect: str, pattern: str) -> None:
    assert compile_pattern(pattern, dialect).matches('{"a":"1","b":"2"}') in {True, False}


@pytest.mark.parametrize(
    ("pattern", "refusing"),
    [
        (WILDCARD, {"subscriber", "pipes", *LAMBDA, "sns-attributes", "sns-body"}),
        (BUT_PREFIX, {"pipes", *LAMBDA}),
        (BUT_SUFFIX, {"pipes", *LAMBDA, "sns-attributes", "sns-body"}),
        (BUT_WILDCARD, {"subscriber", "pipes", *LAMBDA, "sns-attributes", "sns-body"}),
        (PREFIX_ANY_CASE, set(LAMBDA)),
        ('{"a":{"b":["1"]}}', {"sns-attributes"}),
        (json.dumps({f"k{n}": ["1"] for n in range(6)}), {"sns-attributes", "sns-body"}),
        (json.dumps({"a": list(range(151))}), {"sns-attributes", "sns-body"}),
        (json.dumps({"a": ["x" * 4096]}), {"pipes", *LAMBDA}),
        (json.dumps({"a": ["x" * 262_144]}), {"pipes", *LAMBDA, *SNS}),
        ('{"a":[{"numeric":["<=",1000000001]}]}', SNS),
        ('{"a":[{"numeric":[">",-1e9,"<",1e9]}]}', set()),
        ('{"a":[-1000000000.5]}', SNS),
        ('{"$or":[{"a":{"b":["1"]}},{"c":["1"]}]}', {"sns-attributes"}),
        ('{"a.b":["1"],"$or":[{"a":["1"]},{"a.c":[{"anything-but":["1"]}]}]}', set()),
        (json.dumps({f"k.{n}": ["1"] for n in range(6)}), {"sns-attributes"}),
        (json.dumps({"a.b.c": list(range(100))}), {"sns-body"}),
    ],
)
def test_each_service_refuses_its_own(pattern: str, refusing: set[str]) -> None:
    refused = {dialect for dialect in DIALECTS if refusal(pattern, dialect)}

    assert refused == refusing
    for dialect in refusing:
        assert DIALECTS[dialect].service in refusal(pattern, dialect)


def test_a_refusal_names_field_and_operator() -> None:
    with pytest.raises(PatternError) as caught:
        compile_pattern(BUT_PREFIX, "pipes")

    assert caught.value.path == "a[1]"
    assert caught.value.reason == "a pipe's filter does not take anything-but prefix"


def test_depth_multiplies_the_combinations_of_a_body_policy() -> None:
    values = [str(number) for number in range(10)]

    compile_pattern({"a": {"b": values}, "c": values[:7]}, "sns-body")
    with pytest.raises(PatternError, match="150 combinations of values, not 160"):
        compile_pattern({"a": {"b": values}, "c": values[:8]}, "sns-body")


def test_an_unknown_dialect_is_named_with_those_there_are() -> None:
    with pytest.raises(PatternError, match='no dialect "sqs"') as caught:
        compile_pattern(PLAIN, "sqs")

    assert "esm-sqs" in str(caught.value.hint)


def test_a_rule_set_takes_a_dialect() -> None:
    with pytest.raises(PatternError, match="does not take wildcard"):
        RuleSet({"a": WILDCARD}, dialect="subscriber")
