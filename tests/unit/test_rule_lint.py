"""The checks of lint, each by a pattern that it finds and one that it leaves alone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edactl.core.bus import InputTransformer, Target
from edactl.core.rule_files import NamedRule
from edactl.core.rule_lint import CODES, Finding, Linted, Samples, lint, paths_of
from tests.running import name_of

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "rule-lint.md"
NOISE = {"no-source", "replay-not-guarded", "unknown-field"}
RULE_ARN = "arn:aws:events:eu-west-1:111122223333:rule/flix/au"
DLQ = "arn:aws:sqs:eu-west-1:111122223333:letters"
TARGET = Target("t", "arn:aws:sqs:eu-west-1:111122223333:q", dead_letter_arn=DLQ, max_attempts=3)


def text_of(pattern: object) -> str:
    return pattern if isinstance(pattern, str) else json.dumps(pattern)


def rule_of(pattern: object, **fields: Any) -> NamedRule:
    return NamedRule("au", text_of(pattern), "au.json", **fields)


def linted(
    pattern: object, samples: list[Any] | None = None, *, live: bool = False, **fields: Any
) -> list[Finding]:
    rules = [Linted(rule_of(pattern, **fields), is_file=True, live=live)]
    seen = None
    if samples is not None:
        seen = Samples(paths_of(rules))
        for one in samples:
            seen.add(text_of(one))
    return lint(rules, seen)


def found(*arguments: Any, noise: set[str] = NOISE, **fields: Any) -> list[tuple[str, str, str]]:
    """Code, severity and path of each finding but for the noise."""
    return [
        (one.code, one.severity, one.path)
        for one in linted(*arguments, **fields)
        if one.code not in noise
    ]


A = "detail.a"


def on(code: str, severity: str, item: int | None = None) -> tuple[str, str, str]:
    return code, severity, A if item is None else f"{A}[{item}]"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["x", "y"], []),
        (["x", "y", "x"], [on("duplicate-value", "warning", 2)]),
        ([300, 3.0e2], [on("duplicate-value", "warning", 1)]),
        ([300, "300"], [on("number-as-string", "warning", 1)]),
        ([True, True], [on("duplicate-value", "warning", 1)]),
        ([{"prefix": "x"}, {"prefix": "x"}], [on("duplicate-value", "warning", 1)]),
        ([{"anything-but": ["x", "x"]}], [on("duplicate-value", "warning", 0)]),
        ([{"exactly": "x"}, "x"], [on("duplicate-value", "warning", 1)]),
        (["xy", {"prefix": "x"}], [on("value-covered", "warning", 0)]),
        ([{"prefix": "xy"}, {"prefix": "x"}], [on("value-covered", "warning", 0)]),
        (
            [{"prefix": "xy"}, {"prefix": {"equals-ignore-case": "X"}}],
            [on("value-covered", "warning", 0)],
        ),
        ([{"prefix": "x"}, {"suffix": "x"}], []),
        ([{"suffix": "yx"}, {"suffix": "x"}], [on("value-covered", "warning", 0)]),
        ([{"wildcard": "xy*z"}, {"prefix": "x"}], [on("value-covered", "warning", 0)]),
        ([{"wildcard": "x*z"}, {"suffix": "z"}], [on("value-covered", "warning", 0)]),
        ([{"wildcard": "x*z"}, {"suffix": "y"}], []),
        ([{"equals-ignore-case": "x"}, {"prefix": "x"}], []),
        (
            [{"equals-ignore-case": "x"}, {"prefix": ""}],
            [on("value-covered", "warning", 0), on("matches-any-string", "info", 1)],
        ),
        ([1, {"exists": True}], [on("value-covered", "warning", 0)]),
        ([1, {"numeric": [">", 0]}], [on("value-covered", "warning", 0)]),
        ([None, {"numeric": [">", 0]}], []),
        (
            [{"numeric": [">", 0, "<", 5]}, {"numeric": [">=", 0]}],
            [on("value-covered", "warning", 0)],
        ),
        (
            [{"numeric": [">=", 0]}, {"numeric": [">", 0, "<=", 5]}],
            [on("value-covered", "warning", 1)],
        ),
        ([{"numeric": [">", 0, "<", 5]}, {"numeric": [">", 3]}], []),
        (
            [{"anything-but": ["x", "y"]}, {"anything-but": ["x"]}],
            [on("value-covered", "warning", 0)],
        ),
        ([{"anything-but": {"prefix": "x"}}, {"prefix": "y"}], []),
        ([{"exists": False}, "x"], []),
        ([{"exists": False}, {"exists": True}], [on("always-matches", "warning")]),
        (
            [{"anything-but": "x"}, {"anything-but": "y"}],
            [on("always-matches", "warning")],
        ),
        ([{"anything-but": [1]}, {"anything-but": [2]}], [on("always-matches", "warning")]),
        ([{"anything-but": "x"}, "x"], [on("always-matches", "warning")]),
        ([{"anything-but": "x"}, "y"], [on("value-covered", "warning", 1)]),
        ([{"numeric": [">", 5]}, {"numeric": ["<", 10]}], [on("always-matches", "warning")]),
        ([{"numeric": ["<", 5]}, {"numeric": [">", 10]}], []),
        ([{"numeric": ["<", 5]}, {"numeric": [">=", 5]}], [on("always-matches", "warning")]),
        ([{"numeric": ["<", 5]}, {"numeric": [">", 5]}], []),
        (["300"], [on("number-as-string", "warning", 0)]),
        (["007", "1.2.x", "123456789012"], []),
        (["null"], [on("literal-as-string", "warning", 0)]),
        ([{"wildcard": "*"}], [on("matches-any-string", "info", 0)]),
        ([{"wildcard": "x"}], [on("wildcard-without-star", "info", 0)]),
        ([{"wildcard": "x*"}, {"equals-ignore-case": ""}], []),
        (["10.0.0.1"], [on("address-string", "info", 0)]),
        (
            ["16.0.0.1"],
            [on("address-string", "info", 0), on("address-meets-numbers", "info", 0)],
        ),
        ([{"cidr": "32.0.0.0/8"}], [on("address-meets-numbers", "info", 0)]),
        ([{"cidr": "10.0.0.0/8"}], []),
        ([10000001, {"cidr": "1.0.0.0/8"}], [on("address-meets-numbers", "info", 0)]),
        ([{"cidr": "32.0.0.0/8"}, {"numeric": [">", 0]}], []),
        ([{"equals-ignore-case": "ok"}], []),
        ([{"equals-ignore-case": "😀"}], [on("ignore-case-misses-itself", "warning", 0)]),
        (
            [{"anything-but": {"equals-ignore-case": ["ok", "ǅ"]}}],
            [on("ignore-case-misses-itself", "warning", 0)],
        ),
        (
            [{"wildcard": "*aa"}, {"equals-ignore-case": "aba"}],
            [on("ignore-case-after-wildcard", "warning", 1)],
        ),
        ([{"equals-ignore-case": "aba"}, {"wildcard": "*aa"}], []),
        ([{"wildcard": "a*a"}, {"equals-ignore-case": "aba"}], []),
        (
            ["x", {"numeric": ["<", 5]}, "y"],
            [on("exact-string-lost", "warning", 0)],
        ),
        (
            ["x", {"numeric": [">", -1, "<", 1]}, "y", "z"],
            [on("exact-string-lost", "warning", 0)],
        ),
        (["x", {"numeric": [">", 1]}, "y"], []),
        ([{"numeric": ["<", 5]}, "x", "y"], []),
        (["x", {"numeric": ["<", 5]}, 7], []),
        (["x", {"numeric": ["<", 5]}, {"exists": False}], []),
        ([12345678901234567890123], [on("number-not-comparable", "warning", 0)]),
        ("[1e23]", [on("number-out-of-range", "warning", 0)]),
        ([1732500000000], []),
        ([{"numeric": [">", 1732500000000]}], [on("number-out-of-range", "info", 0)]),
        ("[1e-310]", [on("number-out-of-range", "warning", 0)]),
        (["x", {"anything-but": {"prefix": []}}], [on("never-matches", "warning", 1)]),
    ],
    ids=name_of,
)
def test_a_list_of_values(values: object, expected: list[tuple[str, str, str]]) -> None:
    text = f'{{"detail":{{"a":{text_of(values)}}}}}'

    assert sorted(found(text)) == sorted(expected)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ('{"detail":{"a":["1x"],"a":["2x"]}}', [on("key-overwritten", "warning")]),
        ('{"detail":{"a":["1x"],"b":["2x"]}}', []),
        (
            '{"detail":{"n":[{"numeric":[">",9]}],"$or":[{"n":[{"numeric":["<",5]}]},{"b":["x"]}]}}',
            [("or-overwrites", "warning", "detail.n")],
        ),
        (
            '{"detail":{"$or":[{"a":["x"]},{"b":["x"]}],"a":["y"]}}',
            [on("or-overwrites", "warning")],
        ),
        ('{"detail":{"$or":[{"a":["x"]},{"a":["y"]}]}}', []),
        (
            '{"detail":{"$or":[{"a":["x"],"$or":[{"c":["1x"]},{"a":["2x"]}]},{"a":["y"]}]}}',
            [on("or-overwrites", "warning")],
        ),
        (
            '{"detail":{"$or":{"a":["x"]}}}',
            [("or-is-a-field", "error", "detail.$or.a")],
        ),
        ('{"detail":{"$or":["x"]}}', [("or-is-a-field", "error", "detail.$or")]),
        ('{"detail":{"a":["x"],"a":{"b":["x"]}}}', [on("leaf-and-object", "warning")]),
        (
            '{"detail":{"a":[{"exists":true}],"a":{"b":["x"]}}}',
            [on("exists-on-object", "error")],
        ),
        (
            '{"detail":{"a":[{"exists":false}],"a":{"b":["x"]}}}',
            [on("exists-on-object", "warning")],
        ),
        ('{"detail":{"a":["x"],"a":{"b":[{"exists":false}]}}}', []),
        ('{"detail":[{"exists":true}]}', [("exists-on-object", "error", "detail")]),
        ('{"detail":["x"]}', [("never-matches", "error", "detail")]),
        ('{"detail":[{"exists":false}]}', []),
        ('{"source":{"a":["x"]}}', [("never-matches", "error", "source.a")]),
        ('{"source":["x",1]}', [("never-matches", "warning", "source[1]")]),
        ('{"account":[123456789012]}', [("never-matches", "error", "account[0]")]),
        (
            '{"account":[{"numeric":[">",1]}]}',
            [("never-matches", "error", "account[0]")],
        ),
        ('{"detail":{"a.b":["x"]}}', [("dotted-key", "info", "detail.a.b")]),
        ('{"detail":{"a":{"":["x"]}}}', [("empty-step", "error", "detail.a.")]),
        ('{"":{"source":["x"]}}', [("empty-step", "warning", "source")]),
    ],
    ids=name_of,
)
def test_fields_beside_each_other(pattern: str, expected: list[tuple[str, str, str]]) -> None:
    without_width = NOISE | {"catch-all"}

    assert found(pattern, noise=without_width) == expected


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ('{"$or":{"a":["x"]}}', "needs a list of objects"),
        ('{"$or":["x"]}', "every member of $or has to be an object"),
        ('{"$or":[{"prefix":"a"},{"prefix":"b"}]}', "need to be objects with fields"),
        ('{"b":[{"prefix":"a"}],"$or":[{"suffix":"x"},1]}', "every member of $or"),
    ],
)
def test_it_says_why_or_is_a_field(pattern: str, reason: str) -> None:
    [finding] = [one for one in linted(pattern) if one.code == "or-is-a-field"]

    assert reason in finding.message


@pytest.mark.parametrize(
    ("pattern", "codes"),
    [
        ({"source": ["com.flix"], "replay-name": [{"exists": False}]}, set()),
        ({"source": ["com.flix"]}, {"replay-not-guarded"}),
        ({"detail-type": ["x"]}, {"no-source", "replay-not-guarded"}),
        ({"source": [{"prefix": ""}]}, {"catch-all", "replay-not-guarded", "matches-any-string"}),
        ({"source": [{"exists": True}]}, {"catch-all", "replay-not-guarded"}),
        (
            {"source": [{"wildcard": "*"}]},
            {"catch-all", "replay-not-guarded", "matches-any-string"},
        ),
        ({"account": ["111122223333"]}, {"catch-all", "replay-not-guarded"}),
        ({"account": ["111122223333"], "source": ["x"]}, {"replay-not-guarded"}),
        (
            {"account": ["111122223333"], "detail": {"a": ["x"]}},
            {"no-source", "replay-not-guarded"},
        ),
        (
            {"$or": [{"source": ["x"]}, {"detail-type": ["y"]}]},
            {"no-source", "replay-not-guarded"},
        ),
        (
            {"account": ["111122223333"], "replay-name": [{"exists": False}]},
            {"catch-all"},
        ),
    ],
    ids=name_of,
)
def test_how_wide_a_rule_is(pattern: object, codes: set[str]) -> None:
    assert {one.code for one in linted(pattern)} == codes


@pytest.mark.parametrize(
    ("name", "hint"),
    [("detailType", '"detail-type"?'), ("Source", '"source"?'), ("x", "below detail")],
)
def test_a_field_that_the_envelope_lacks_is_named(name: str, hint: str) -> None:
    [finding] = [one for one in linted({name: ["x"]}) if one.code == "unknown-field"]

    assert finding.severity == "warning"
    assert hint in str(finding.hint)


def test_the_envelope_is_that_of_rules_only() -> None:
    assert found({"body": ["x"]}, noise=set(), dialect="pipes") == []
    assert found({"source": [1]}, noise=set(), dialect="pipes") == []


def test_sources_of_aws_on_a_bus_of_ones_own() -> None:
    pattern = {"source": ["aws.ec2"]}
    code = ("aws-source-on-custom-bus", "warning", "source")

    assert found(pattern, bus="flix") == [code]
    assert found(pattern, bus="default") == []
    assert found(pattern) == []
    assert found({"source": ["aws.ec2", "com.flix"]}, bus="flix") == []
    assert found({"source": [{"anything-but": "aws.ec2"}], "detail": {"a": ["x"]}}, bus="f") == []


def test_what_aws_refuses_is_an_error_with_its_place() -> None:
    [finding] = linted('{"source":\n ["x"],\n "detail": "y"}')

    assert (finding.code, finding.severity, finding.path) == ("pattern-refused", "error", "detail")
    assert finding.message == '"detail" must be an object or an array'
    assert finding.line == 3


def test_what_only_one_service_refuses_is_an_error_too() -> None:
    [finding] = linted({"body": [{"wildcard": "x*"}]}, dialect="pipes")

    assert (finding.code, finding.path) == ("pattern-refused", "body[0]")


def test_too_many_combinations() -> None:
    member = [{"a": ["x"]}, {"b": ["x"]}]
    nested: dict[str, Any] = {"z": ["x"]}
    for _ in range(10):
        nested = {"$or": [{**nested, "a": ["1"]}, {**nested, "b": ["1"]}]}

    assert found({"$or": member})[:1] == []
    assert [one[0] for one in found(nested)] == ["too-many-combinations"]


@pytest.mark.parametrize(
    ("count", "indent", "arn", "severity"),
    [
        (2000, None, "", None),
        (2048, None, "", "error"),
        (2048, None, RULE_ARN, "warning"),
        (4096, None, RULE_ARN, "error"),
        (1900, 300, "", "warning"),
    ],
)
def test_length(count: int, indent: int | None, arn: str, severity: str | None) -> None:
    text = json.dumps({"source": ["x" * (count - 14), 'a " b']}, indent=indent)

    grades = [one[1] for one in found(text, arn=arn) if one[0] == "pattern-too-long"]
    assert grades == ([severity] if severity else [])


def test_a_long_filter_of_another_service_has_its_own_limit() -> None:
    pattern = {"body": ["x" * 3000]}

    assert found(pattern, dialect="pipes") == []


@pytest.mark.parametrize(
    ("wildcard", "severity"),
    [
        ("/Users/*/dir/dir/dir/dir/dir/doc.txt", None),
        ("*a*a*a*a", "warning"),
        ("*:*:*:*:*:event-bus/*", "error"),
    ],
)
def test_wildcards_are_scored(wildcard: str, severity: str | None) -> None:
    expected = [on("wildcards-too-complex", severity)] if severity else []

    assert found({"detail": {"a": [{"wildcard": wildcard}]}}) == expected


def with_targets(*targets: Target, **fields: Any) -> list[tuple[str, str, str]]:
    return found({"source": ["com.flix"]}, targets=targets, **fields)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"dead_letter_arn": None}, [("no-dlq", "warning", "target t")]),
        ({"dead_letter_arn": f"{DLQ}.fifo"}, [("dlq-unusable", "error", "target t")]),
        (
            {"dead_letter_arn": DLQ.replace("sqs", "sns")},
            [("dlq-unusable", "error", "target t")],
        ),
        (
            {"dead_letter_arn": DLQ.replace("eu-west-1", "us-east-1")},
            [("dlq-unusable", "error", "target t")],
        ),
        ({"dead_letter_arn": "${Letters.Arn}"}, []),
        ({"dead_letter_arn": "arn:aws:sns:${Region}:1:letters"}, []),
        ({"max_attempts": None}, [("no-retry-policy", "info", "target t")]),
        ({"max_attempts": 186}, [("retry-out-of-range", "error", "target t")]),
        ({"max_event_age_seconds": 59}, [("retry-out-of-range", "error", "target t")]),
        ({"input": "{}", "input_path": "$.a"}, [("target-input-conflict", "error", "target t")]),
    ],
    ids=name_of,
)
def test_delivery(changes: dict[str, Any], expected: list[tuple[str, str, str]]) -> None:
    assert with_targets(replace(TARGET, **changes), arn=RULE_ARN) == expected


BUS_ARN = "arn:aws:events:eu-west-1:111122223333:event-bus/"


@pytest.mark.parametrize(
    ("target", "rule", "loops"),
    [
        (f"{BUS_ARN}flix", {"arn": RULE_ARN}, True),
        (f"{BUS_ARN}flix", {"bus": "flix"}, True),
        (f"{BUS_ARN}other", {"arn": RULE_ARN}, False),
        (f"{BUS_ARN}flix".replace("eu-west-1", "us-east-1"), {"arn": RULE_ARN}, False),
        (f"{BUS_ARN}default", {"arn": RULE_ARN.replace("rule/flix/", "rule/")}, True),
        (f"{BUS_ARN}flix", {}, False),
        ("not-an-arn", {"bus": "flix"}, False),
    ],
)
def test_a_rule_that_feeds_its_own_bus(target: str, rule: dict[str, Any], *, loops: bool) -> None:
    expected = [("self-trigger", "error", "target t")] if loops else []
    transformed = InputTransformer("<a>", {"a": "$.detail"})

    assert with_targets(replace(TARGET, arn=target), **rule) == expected
    assert with_targets(replace(TARGET, arn=target, input_transformer=transformed), **rule) == []


def test_the_rule_itself() -> None:
    assert with_targets(live=True) == [("no-targets", "warning", "")]
    assert with_targets() == []
    assert with_targets(live=True, state="DISABLED") == [("disabled-rule", "info", "")]
    for arn, bus, hint in (
        ("", "flix", "State: ENABLED where it is written"),
        (RULE_ARN, "", "aws events enable-rule --name au"),
        (RULE_ARN, "flix", "aws events enable-rule --name au --event-bus-name flix"),
    ):
        findings = linted({"source": ["x"]}, state="DISABLED", arn=arn, bus=bus)
        assert hint_of(findings, "disabled-rule") == hint
    many = [replace(TARGET, target_id=str(number)) for number in range(6)]
    assert with_targets(*many) == [("too-many-targets", "error", "")]


def test_a_field_that_no_sample_has() -> None:
    samples = [{"detail": {"region": "AU", "amount": 5}}]

    missing = linted({"detail": {"regions": ["AU"]}}, samples)
    finding = next(one for one in missing if one.code == "path-not-in-samples")
    assert finding.hint == "detail.region?"
    assert found({"detail": {"region": ["AU"]}}, samples) == []
    assert found({"detail": {"zzzzz": [{"exists": False}]}}, samples) == []
    assert found({"detail": {"zzzzz": ["x"]}}, samples) == [
        ("path-not-in-samples", "warning", "detail.zzzzz")
    ]
    assert found({"detail": {"zzzzz": ["x"]}}, []) == []


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["300"], [on("type-not-in-samples", "warning", 0), on("number-as-string", "warning", 0)]),
        ([300], []),
        ([True], [on("type-not-in-samples", "warning", 0)]),
        ([None], []),
        ([{"numeric": [">", 0]}], []),
        ([{"prefix": "x"}], [on("type-not-in-samples", "warning", 0)]),
        ([{"exists": True}], []),
        ([{"anything-but": [5]}], []),
        ([{"anything-but": [5, 6]}, {"exists": False}], []),
    ],
    ids=name_of,
)
def test_types_of_the_samples(values: list[Any], expected: list[tuple[str, str, str]]) -> None:
    samples = [{"detail": {"a": 5}}, {"detail": {"a": [6, None]}}]

    assert sorted(found({"detail": {"a": values}}, samples)) == sorted(expected)


def test_strings_of_the_samples_are_no_wrong_quotes() -> None:
    assert found({"detail": {"a": ["300"]}}, [{"detail": {"a": "5"}}]) == []


def test_a_list_that_excludes_every_sample() -> None:
    samples = [{"detail": {"a": "x"}}, {"detail": {"a": "y"}}]
    code = on("anything-but-takes-nothing", "warning")

    assert found({"detail": {"a": [{"anything-but": ["x", "y"]}]}}, samples) == [code]
    assert found({"detail": {"a": [{"anything-but": ["x"]}]}}, samples) == []
    many = [{"detail": {"a": f"x{number}"}} for number in range(1001)]
    assert found({"detail": {"a": [{"anything-but": {"prefix": "x"}}]}}, many) == []
    assert found({"detail": {"a": [{"anything-but": {"prefix": "x"}}]}}, many[:9]) == [code]


def test_objects_of_the_samples_are_no_values() -> None:
    samples = [{"detail": {"a": {"b": 1}}}]

    assert found({"detail": {"a": [{"exists": True}]}}, samples) == [
        on("exists-on-object", "error")
    ]
    assert found({"detail": {"a": ["x"]}}, samples) == [on("leaf-and-object", "warning")]


def test_absence_below_an_array_is_judged_element_by_element() -> None:
    samples = [{"detail": {"a": [{"b": 1}, {"c": 1}], "d": [1]}}]

    assert found({"detail": {"a": {"b": [{"exists": False}]}}}, samples) == [
        ("exists-false-in-array", "warning", "detail.a.b")
    ]
    assert found({"detail": {"d": [{"exists": False}]}}, samples) == []


def test_samples_stay_bounded() -> None:
    seen = Samples({"detail.a"})
    seen.add(json.dumps({f"k{number}": {"x": 1, "y": [{}]} for number in range(6_000)}))
    seen.add('{"detail":{"a":"x"},"late":[{"b":1}]}')

    assert seen.kinds("detail.a") == {"string"}
    assert seen.kinds("late.b") == frozenset()


def test_rules_beside_each_other() -> None:
    wildcard = {"source": [{"wildcard": "x*y"}]}
    rules = [
        Linted(
            NamedRule(f"r{number}", json.dumps({**wildcard, "detail": {"a": [f"v{number}"]}}), "f")
        )
        for number in range(31)
    ]
    same = [
        Linted(NamedRule(name, text, "g", bus=bus))
        for name, text, bus in (
            ("a", '{"source":["x","y"]}', "one"),
            ("b", '{"source":["y","x"]}', "one"),
            ("c", '{"source":["x","y"]}', "two"),
            ("d", "{", "one"),
            ("e", '{"a":["x","y"]}', "two"),
        )
    ]

    many = [one for one in lint(rules) if one.code == "too-many-wildcard-rules"]
    twins = [(one.rule, one.message) for one in lint(same) if one.code == "same-pattern"]

    assert [(one.rule, one.severity, one.line) for one in many] == [("r30", "error", None)]
    assert [one for one in lint(rules[:30]) if one.code == "too-many-wildcard-rules"] == []
    assert twins == [("b", 'rule "a" has the same pattern')]
    namesakes = [Linted(NamedRule("a", '{"source":["x"]}', "g")) for _ in range(2)]
    assert [one.code for one in lint(namesakes)].count("same-pattern") == 1
    filters = [replace(one, rule=replace(one.rule, dialect="pipes")) for one in same]
    assert [one for one in lint(filters) if one.code == "same-pattern"] == []


def test_lines_are_the_files() -> None:
    text = '{\n "source": ["x"],\n "detail": {\n  "a": [\n   "b",\n   "b"\n  ]\n }\n}'

    own = [one for one in linted(text) if one.code == "duplicate-value"]
    named = lint([Linted(rule_of(text), line=7)])

    assert [one.line for one in own] == [6]
    assert {one.line for one in named} == {7}
    assert paths_of([Linted(rule_of(text)), Linted(rule_of("{"))]) == {"source", "detail.a"}
    assert [one.line for one in linted(text) if not one.path] == [1]
    branches = '{"detail":{"$or":[{"a":["x",\n"y",\n"x"]},\n{"a":["z"]}]}}'
    assert [one.line for one in linted(branches) if one.code == "duplicate-value"] == [3]


def test_the_gravest_stand_first() -> None:
    grades = [one.severity for one in linted({"account": [1, 1], "x": ["1", "1"]})]

    assert grades == sorted(grades, key=("error", "warning", "info").index)


def test_every_code_is_in_the_guide_and_no_other() -> None:
    rows = [
        line.split("`")[1]
        for line in GUIDE.read_text("utf-8").splitlines()
        if line.startswith("| `")
    ]

    assert sorted(rows) == sorted(CODES)


def test_a_refusal_comes_with_what_to_write() -> None:
    [known], [other] = linted('{"a":"x"}'), linted('{"a":[{"numeric":[">","x"]}]}')

    assert known.hint == 'values stand in a list: "source": ["com.example"]'
    assert other.hint is None


def test_the_one_condition_for_several_anything_but_is_written_out() -> None:
    strings = linted({"detail": {"a": [{"anything-but": "x"}, {"anything-but": ["y", "z"]}]}})
    numbers = linted({"detail": {"a": [{"anything-but": 1}, {"anything-but": 2}]}})

    assert '{"anything-but": ["x", "y", "z"]}' in str(hint_of(strings, "always-matches"))
    assert '{"anything-but": [1, 2]}' in str(hint_of(numbers, "always-matches"))


def hint_of(findings: list[Finding], code: str) -> str | None:
    return next(one.hint for one in findings if one.code == code)


def test_the_list_that_is_replaced_is_told_by_line_only_in_its_own_file() -> None:
    text = '{"detail":{"a":["x"],\n"a":["y"]}}'

    own = linted(text)
    named = lint([Linted(rule_of(text), line=7)])

    assert "the list of line 1 is dropped" in next(
        one.message for one in own if one.code == "key-overwritten"
    )
    assert "the first list is dropped" in next(
        one.message for one in named if one.code == "key-overwritten"
    )


@pytest.mark.parametrize(
    "text",
    [
        '{"a":[' + ",".join(f'"{number}x"' for number in range(5_000)) + "]}",
        '{"a":[' + ",".join(f'{{"prefix":"{number}x"}}' for number in range(1_000)) + "]}",
        '{"a":[' + ",".join(f'{{"anything-but":"{number}x"}}' for number in range(1_000)) + "]}",
        '{"a":['
        + ",".join(f'{{"numeric":[">",{number},"<",{number + 3}]}}' for number in range(1_000))
        + "]}",
        "{" + ",".join('"a":["x"]' for _ in range(3_000)) + "}",
        '{"a":' * 999 + '["x"]' + "}" * 999,
        "[" * 100_000,
    ],
    ids=["values", "prefixes", "anything-but", "ranges", "same keys", "deep", "too deep"],
)
def test_a_huge_pattern_is_judged_without_a_hang(text: str) -> None:
    assert linted(text)
