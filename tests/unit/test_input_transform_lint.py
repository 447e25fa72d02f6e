"""What lint says of a target's input."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from edactl.core.bus import InputTransformer, Target
from edactl.core.transform.lint import Finding, Sample, lint

RULE_ARN = "arn:aws:events:us-east-1:111111111111:rule/au"
PLAIN = Target("t1", "arn:aws:sqs:us-east-1:111111111111:q")
EVENT = {"id": "e1", "detail": {"n": 1, "text": "fine", "list": ["a"], "numbers": [1]}}


def findings(target: Target, event: object = None) -> list[Finding]:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    sample = None if event is None else Sample(json.dumps(event), now)
    return list(lint(target, rule_arn=RULE_ARN, sample=sample))


def codes(template: str, event: object = None, **paths: str) -> list[tuple[str, str]]:
    target = replace(PLAIN, input_transformer=InputTransformer(template, paths))
    return [(one.severity, one.code) for one in findings(target, event)]


def test_a_target_that_does_everything_right_has_no_findings() -> None:
    template = (
        '{"i": "<i>", "x": <x>, "all": <aws.events.event.json>, "rule": "<aws.events.rule-name>"}'
    )

    assert codes(template, EVENT, i="$.id", x="$.detail.text") == []
    assert codes('"<x> at <x>"\n  "<i>"\n', EVENT, i="$.id", x="$.detail.text") == []
    assert findings(PLAIN, EVENT) == []
    assert findings(replace(PLAIN, arn="arn:aws:ecs:us-east-1:1:cluster/c"), EVENT) == []
    assert findings(replace(PLAIN, input_path="$.detail"), EVENT) == []


def test_every_fault_is_an_error_with_the_setting() -> None:
    target = replace(PLAIN, input="no", input_path="x")

    found = findings(target, EVENT)

    assert [(one.severity, one.code) for one in found] == [
        ("error", "exclusive-inputs"),
        ("error", "input-not-json"),
        ("error", "not-a-path"),
    ]
    assert found[0] == Finding(
        "t1",
        "exclusive-inputs",
        "error",
        "InputPath: Only one of Input, InputPath, or InputTransformer must be provided for target"
        " t1.",
        "keep one of Input and InputPath",
    )


def test_a_text_in_quotes_may_break_one_day_and_plain_fields_never() -> None:
    assert codes('{"a": "<x>"}', x="$.detail.text") == [("warning", "unescaped-data")]
    assert codes('{"a": "<x>"}', x="$.account") == []
    assert codes('"<x>"', x="$.detail.text") == []


def test_an_object_in_quotes_is_an_error_where_it_is_known() -> None:
    assert codes('{"a": "<x>"}', x="$.detail") == [("error", "object-in-quotes")]
    assert codes('{"a": "<x>"}', EVENT, x="$.detail.list") == [
        ("error", "object-in-quotes"),
        ("error", "nothing-delivered"),
    ]
    assert codes('{"a": "<x>"}', EVENT, x="$.detail.numbers") == [("warning", "unescaped-data")]


def test_the_event_as_part_of_a_text_is_an_error_in_json_and_doubtful_in_a_string() -> None:
    assert codes('{"a": "x <aws.events.event>"}') == [("error", "object-in-quotes")]
    assert codes('"x <aws.events.event.json>"') == [("warning", "object-in-quotes")]


def test_an_unused_path_a_missing_one_and_an_undocumented_one_are_warnings() -> None:
    assert codes("{}", x="$.id") == [("warning", "unused-path")]
    assert codes('{"x": <x>}', EVENT, x="$.gone") == [("warning", "path-missing")]
    assert codes('{"x": <x>}', x="$.detail['aws:x']") == [("warning", "path-undocumented")]
    assert codes('{"x": <x>}', x="$.detail.aws:x") == [("warning", "path-undocumented")]


def test_a_missing_input_path_loses_the_event() -> None:
    found = findings(replace(PLAIN, input_path="$.gone"), EVENT)

    assert [one.code for one in found] == ["path-missing", "nothing-delivered"]


def test_a_template_of_another_kind_and_loose_quotes_are_warnings() -> None:
    assert codes("[<x>]", x="$.id") == [("warning", "template-kind")]
    assert codes('"say "<x>""', x="$.id") == [("warning", "template-quotes")]
    assert codes('"a\n<x>"', x="$.id") == [("warning", "template-quotes")]
    assert codes("") == [("error", "template-empty")]


def test_a_template_near_its_limit_is_a_warning_and_over_it_an_error() -> None:
    assert codes(f'"{"x" * 8000}"') == [("warning", "template-length")]
    assert codes(f'"{"x" * 8191}"') == [("error", "template-length")]


@pytest.mark.parametrize("name", ["aws.events.x", "AWS.x"])
def test_a_reserved_name_is_an_error_and_its_path_is_looked_at_all_the_same(name: str) -> None:
    target = replace(PLAIN, input_transformer=InputTransformer(f'"<{name}>"', {name: "$"}))

    assert [one.code for one in findings(target, EVENT)] == ["reserved-name"]


def test_every_placeholder_that_is_a_key_is_told() -> None:
    assert codes("{<a>: 1, <b>: <a>}", None, a="$.id", b="$.source")[:2] == [
        ("error", "placeholder-as-key"),
        ("error", "placeholder-as-key"),
    ]


def test_one_unknown_placeholder_is_told_once() -> None:
    assert codes('{"a": <x>, "b": "<x>"}') == [("error", "unknown-placeholder")]


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ('{"timestamp": <t>, "message": "at <t>"}', []),
        ('{"time": <t>}', ["log-group-input"]),
        ('"at <t>"', ["log-group-input"]),
    ],
)
def test_a_log_group_takes_a_timestamp_and_a_message(template: str, found: list[str]) -> None:
    target = Target(
        "t1",
        "arn:aws:logs:us-east-1:111111111111:log-group:/aws/events/x",
        input_transformer=InputTransformer(template, {"t": "$.time"}),
    )

    assert [one.code for one in findings(target)] == found


def test_a_text_that_data_breaks_is_a_warning_with_the_event() -> None:
    event = {"a": 'say "hi"'}

    assert codes('"<x>"', event, x="$.a") == [("warning", "text-not-json")]
    assert codes('"<x>"', {"a": "fine"}, x="$.a") == []


def test_a_huge_template_is_refused_before_it_is_read() -> None:
    assert codes('"' + "<a>" * 1_000_000, a="$.id") == [("error", "template-length")]
