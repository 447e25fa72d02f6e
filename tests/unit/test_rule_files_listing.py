"""Rules out of plain documents: maps, descriptions, snapshots, and what is none of them."""

from __future__ import annotations

import json

import pytest

from edactl.core.bus import Target
from edactl.core.rule_files import NamedRule, NoRules, SkippedRule, rules_among, rules_in
from edactl.errors import InputError


def test_numbers_and_repeated_keys_of_a_pattern_stay_as_they_are_written() -> None:
    pattern = '{"a":[1.0,3E2,9007199254740993],"$or":[{"b":["c"]},{"b":["d"]}],"a":[2]}'

    assert rules_in(f'{{"one": {pattern}}}', "f.json") == [NamedRule("one", pattern, "f.json")]


def test_a_described_rule_has_targets_bus_arn_and_state() -> None:
    record = {
        "Name": "au",
        "Arn": "arn:r",
        "EventPattern": "{}",
        "EventBusName": "flix",
        "State": "ENABLED",
        "Targets": [{"Id": "t", "Arn": "arn:t", "RetryPolicy": {"MaximumRetryAttempts": 3}}],
    }

    assert rules_in(json.dumps({"Rules": [record]}), "f.json") == [
        NamedRule(
            "au",
            "{}",
            "f.json",
            (Target("t", "arn:t", max_attempts=3),),
            bus="flix",
            arn="arn:r",
            state="ENABLED",
        )
    ]


def test_two_rules_of_one_name_in_a_map_are_refused() -> None:
    with pytest.raises(InputError, match='two rules "a"') as caught:
        rules_in('{"a":{"x":["1"]},"b":{"x":["1"]},"a":{"x":["2"]}}', "f.json")

    assert caught.value.where == "f.json"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  \n",
        "{}",
        "7",
        "hello",
        '"x"',
        "{}\n",
        '{"name":"x","version":"1","files":["a"]}',
        '{"compilerOptions":{"lib":["es2020"],"strict":true},"exclude":["x"]}',
        '{"Resources":{"Q":{"Type":"AWS::SQS::Queue"}}}',
        '[{"a":1}]',
        '{"a":{}}',
    ],
)
def test_what_holds_no_rule_is_told_apart_in_a_folder(text: str) -> None:
    with pytest.raises(NoRules, match="no rules in it"):
        rules_among(text, "f.json" if text[:1] in {"{", "[", '"', "7"} else "f.yaml")


@pytest.mark.parametrize("text", ["", "7", '{"Resources":{"Q":{"Type":"AWS::SQS::Queue"}}}'])
def test_a_file_given_by_name_must_hold_rules(text: str) -> None:
    with pytest.raises(NoRules, match="no rules in it") as caught:
        rules_in(text, "f")

    assert caught.value.where == "f"
    assert caught.value.hint


def test_a_map_with_one_pattern_in_it_is_a_map_and_its_mistakes_are_errors() -> None:
    with pytest.raises(InputError, match='rule "b" is no pattern') as caught:
        rules_among('{"a":{"source":["x"]},"b":7}', "f.json")

    assert not isinstance(caught.value, NoRules)


def test_a_rule_on_a_schedule_is_skipped_with_the_reason() -> None:
    text = '[{"Name":"hourly","Arn":"a","ScheduleExpression":"rate(1 hour)"}]'

    [found] = rules_in(text, "f.json")

    assert isinstance(found, SkippedRule)
    assert "runs on a schedule" in found.reason


def test_deep_json_is_refused() -> None:
    with pytest.raises(InputError, match="nested too deep"):
        rules_in('{"a":' * 5000 + "1" + "}" * 5000, "f.json")
    with pytest.raises(InputError, match="nested too deep"):
        rules_in('{"a":' * 600 + '["x"]' + "}" * 600, "f.json")


def test_a_file_is_told_by_what_is_in_it_not_only_by_its_name() -> None:
    assert rules_in("au: {source: [a]}", "rules")[0].name == "au"
    assert rules_in('{"au": {"source": ["a"]}}', "<stdin>")[0].name == "au"
    assert rules_in('{"au": {"source": ["a"]}}', "f.yaml")[0].name == "au"
    assert rules_in(
        'resource "aws_cloudwatch_event_rule" "au" {\n  event_pattern = "{}"\n}\n', "main"
    )[0].name == ("aws_cloudwatch_event_rule.au")


def test_json_in_a_yaml_file_is_json_and_flow_yaml_stays_yaml() -> None:
    assert rules_in('{"au": {"source": ["\\ud83d\\ude00"]}}', "f.yaml")[0] == NamedRule(
        "au", '{"source":["\U0001f600"]}', "f.yaml"
    )
    assert rules_in("{au: {source: [a]}}", "f.yml")[0].name == "au"


def test_nan_is_left_to_whoever_reads_the_pattern() -> None:
    assert rules_in('{"au": {"a": [NaN]}}', "f.json") == [NamedRule("au", '{"a":[NaN]}', "f.json")]


@pytest.mark.parametrize(
    ("name", "text", "source", "line"),
    [
        ("f.yaml", "a:\n  source: [x]\n", "f.yaml:1", 1),
        ("f.json", '{"a": {"source": ["x"]}}', "f.json", None),
        (
            "d:1/f.yaml",
            "Resources:\n  A: {Type: AWS::Events::Rule, Properties: {EventPattern: {a: [x]}}}\n",
            "d:1/f.yaml:2 (A)",
            2,
        ),
        (
            "f.tf",
            '\nresource "aws_cloudwatch_event_rule" "r" {\n  event_pattern = "{}"\n}\n',
            "f.tf:2 (aws_cloudwatch_event_rule.r)",
            2,
        ),
    ],
)
def test_a_rule_tells_its_file_and_line(
    name: str, text: str, source: str, line: int | None
) -> None:
    [found] = rules_in(text, name)

    assert isinstance(found, NamedRule)
    assert (found.source, found.file, found.line) == (source, name, line)


def test_a_rule_may_have_the_name_of_a_key_that_templates_have() -> None:
    text = '{"service": {"a": ["1"]}, "format_version": {"a": ["2"]}, "Resources": {"a": ["3"]}}'

    assert [one.name for one in rules_in(text, "f.json")] == [
        "service",
        "format_version",
        "Resources",
    ]
