"""Input, InputPath and InputTransformer: every case on file, and the edges of the API."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from edactl.core.bus import InputTransformer, Target, target_of_record
from edactl.core.transform import (
    Delivered,
    NoInput,
    NotDelivered,
    Outcome,
    TransformError,
    compile_target_input,
    parameter_value,
)
from edactl.errors import InputError

FILE = json.loads(
    (Path(__file__).parents[1] / "cases" / "input_transformers.json").read_text("utf-8")
)
CASES: list[dict[str, Any]] = FILE["cases"]
ARN = "arn:aws:sqs:us-east-1:111111111111:orders"
NOW = datetime(2024, 6, 11, 8, 33, 9, tzinfo=UTC)


def outcome(target: Target, event: str | bytes) -> Outcome:
    compiled = compile_target_input(target, rule_arn=FILE["rule_arn"], rule_name=FILE["rule_name"])
    return compiled.body(event, ingestion_time=NOW)


def transformed(event: str, template: str, **paths: str) -> Outcome:
    return outcome(Target("1", ARN, input_transformer=InputTransformer(template, paths)), event)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_target_gets_what_the_case_file_says(case: dict[str, Any]) -> None:
    target = target_of_record({"Id": "1", "Arn": ARN} | case["target"])
    event = FILE["events"][case["event"]]

    if "refused" in case:
        with pytest.raises(TransformError) as caught:
            outcome(target, event)
        assert (caught.value.reason, caught.value.path) == (case["refused"], case["path"])
        return
    match outcome(target, event):
        case Delivered(text=text) if "json" in case:
            assert json.loads(text) == case["json"]
            assert text == json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False)
        case Delivered(text=text):
            assert text == case["text"]
        case NotDelivered(reason=reason):
            assert case["nothing"] in reason
        case NoInput(reason=reason):
            assert case["no_input"] in reason


def test_the_whole_event_keeps_key_order_number_spelling_and_duplicates() -> None:
    event = '{ "b" : 1.0, "a":[ 1E2, "\\u00e9\\/" ], "a": {} , "t": true, "n": null }'

    assert outcome(Target("1", ARN), event) == Delivered(
        '{"b":1.0,"a":[1E2,"é/"],"a":{},"t":true,"n":null}'
    )


def test_an_event_1000_deep_comes_out_whole() -> None:
    event = '{"a":' * 999 + "[1]" + "}" * 999

    assert outcome(Target("1", ARN), event.encode()) == Delivered(event)
    assert transformed(event, '{"e": <aws.events.event.json>}') == NotDelivered(
        "the result is no JSON: Document nesting depth (1001) exceeds the maximum allowed"
        " (1000, from `StreamReadConstraints.getMaxNestingDepth()`)"
    )


@pytest.mark.parametrize("event", ["[]", "1", "", "{", '{"a":' * 2000 + "1" + "}" * 2000, b"\xff"])
def test_what_is_no_json_object_is_no_event(event: str | bytes) -> None:
    with pytest.raises(InputError):
        outcome(Target("1", ARN), event)


def test_half_a_surrogate_pair_is_escaped_as_json_and_stops_a_text() -> None:
    event = '{"a":"\\ud800"}'

    assert outcome(Target("1", ARN), event) == Delivered(event)
    assert transformed(event, '{"a":<a>}', a="$.a") == Delivered('{"a":"\\ud800"}')
    for template in ('{"a":"<a>"}', '"<a>"'):
        assert isinstance(transformed(event, template, a="$.a"), NotDelivered)


def test_an_event_of_many_lists_is_valid_however_many() -> None:
    event = '{"a":[' + "[]," * 1500 + "{}]}"

    assert transformed(event, '{"e": <aws.events.event.json>}') == Delivered(f'{{"e":{event}}}')


def test_a_number_of_over_1000_digits_is_refused_as_awss_reader_does() -> None:
    assert transformed("{}", '{"a":' + "1" * 1000 + "}") == Delivered('{"a":' + "1" * 1000 + "}")
    for number in ("1" * 1001, "Infinity", "NaN"):
        with pytest.raises(TransformError, match="Invalid InputTemplate"):
            transformed("{}", f'{{"a":{number}}}')


def test_a_template_with_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(TransformError, match="InputTemplate"):
        transformed("{}", '{"a":"\ud800"}')


def test_an_envelope_shows_only_what_the_event_has_and_other_fields_last() -> None:
    event = '{"replay-name":"r","detail-type":"T","id":"1","detail":{}}'

    assert transformed(event, '{"e": <aws.events.event>}') == Delivered(
        '{"e":{"id":"1","detailType":"T","replay-name":"r"}}'
    )


@pytest.mark.parametrize("value", ['"x"', "1", "true", "null"])
def test_a_path_below_a_scalar_finds_nothing(value: str) -> None:
    for path in ("$.a.b", "$.a[0]", "$.a.*", "$.a[*]"):
        assert transformed(f'{{"a":{value}}}', "[<p>]", p=path) == Delivered('[""]')


def test_of_duplicate_keys_a_path_finds_the_last() -> None:
    assert transformed('{"a":1,"a":2}', "[<p>]", p="$.a") == Delivered("[2]")


def test_a_wildcard_finds_members_and_elements() -> None:
    event = '{"a":{"x":1,"y":2},"b":[3,4]}'

    assert transformed(event, "[<p>,<q>]", p="$.a.*", q="$.b[*]") == Delivered("[[1,2],[3,4]]")
    assert transformed(event, "[<p>]", p="$.b.x") == Delivered('[""]')
    assert transformed(event, "[<p>]", p="$.a[0]") == Delivered('[""]')


@pytest.mark.parametrize(
    "path", ["", "a", "$a", "$..a", "$.", "$.a[", "$.a[-1]", "$.a[?(@.b)]", "$.a.length()", "$.a b"]
)
def test_what_eventbridge_cannot_follow_is_refused_as_a_path(path: str) -> None:
    with pytest.raises(TransformError) as caught:
        transformed("{}", '"<a>"', a=path)

    assert caught.value.path == "InputTransformer.InputPathsMap.a"
    assert caught.value.fault.code == "not-a-path"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("stat", "<state>"),
        ("aws.events.rule-nam", "<aws.events.rule-name>"),
        ("aws.pipes.pipe-name", "Pipes"),
        ("$.body.key", "Pipes"),
        ("b", 'declare "b"'),
    ],
)
def test_an_unknown_placeholder_has_the_nearest_name_as_hint(name: str, hint: str) -> None:
    with pytest.raises(TransformError) as caught:
        transformed("{}", f'"<state> <{name}>"', state="$.a")

    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize(
    "template", ["{<a>: 1}", '{"<a>" : 1}', '{"x\\"<a>": 1}', '{"v": "<a>", "<a><a>x": ""}']
)
def test_a_placeholder_cannot_be_a_key(template: str) -> None:
    with pytest.raises(TransformError, match="object key"):
        transformed("{}", template, a="$.a")


@pytest.mark.parametrize("template", ['{"a": "<a>', '{"a" <a>}', '"<a>', '"', '{"a": 1} x', "<"])
def test_a_template_that_cannot_become_json_is_refused(template: str) -> None:
    with pytest.raises(TransformError) as caught:
        transformed("{}", template, a="$.a")

    assert caught.value.fault.code == "template-not-json"
    assert "line: 1, column:" in caught.value.reason


def test_every_limit_can_be_reached() -> None:
    text = f'"{"x" * 8190}"'
    long_path = "$." + "x" * 254

    assert outcome(Target("1", ARN, input=text), "{}") == Delivered(text)
    assert transformed("{}", text) == Delivered(text)
    assert transformed("{}", '"<p>"', p=long_path) == Delivered('""')
    assert transformed("{}", '""', **{f"p{n}": "$" for n in range(100)}) == Delivered('""')


def test_a_less_than_sign_alone_is_text() -> None:
    assert transformed('{"a":1}', '{"t":"1 < 2", "a":<a>}', a="$.a") == Delivered(
        '{"t":"1 < 2","a":1}'
    )


def test_a_long_source_is_shown_in_part() -> None:
    with pytest.raises(TransformError, match=r'"xxx.*…"'):
        transformed("{}", "x" * 100)


def test_a_less_than_sign_cannot_be_escaped() -> None:
    assert transformed('{"a":1}', '"\\<a>"', a="$.a") == Delivered('"\\1"')


@pytest.mark.parametrize("arn", ["", "arn:r", "orders", "arn:aws:ssm:us-east-1::document"])
def test_a_target_whose_arn_tells_nothing_gets_the_event(arn: str) -> None:
    assert outcome(Target("1", arn), "{}") == Delivered("{}")


def test_a_bus_of_the_same_account_may_have_an_input() -> None:
    own = "arn:aws:events:us-east-1:111111111111:event-bus/b"
    destination = "arn:aws:events:us-east-1:222222222222:api-destination/d/1"

    for arn in (own, destination):
        assert outcome(Target("1", arn, input_path="$"), "{}") == Delivered("{}")


def test_a_parameter_that_is_a_path_reads_the_event() -> None:
    event = '{"detail":{"id":"a1","n":1.0,"o":{"k":["v"]}}}'

    assert parameter_value("$.detail.id", event) == "a1"
    assert parameter_value("$.detail.n", event) == "1.0"
    assert parameter_value("$.detail.o", event) == "{k:[v]}"
    assert parameter_value("$.detail.gone", event) == ""
    assert parameter_value("fixed", event) == "fixed"


def test_a_target_has_its_parameters_from_either_spelling() -> None:
    ours = {
        "message_group_id": "$.detail.id",
        "partition_key_path": "$.id",
        "task_definition_arn": "arn:t",
        "ecs_parameters": {"TaskDefinitionArn": "arn:t", "LaunchType": "FARGATE"},
    }
    theirs = {
        "SqsParameters": {"MessageGroupId": "$.detail.id"},
        "KinesisParameters": {"PartitionKeyPath": "$.id"},
        "EcsParameters": {"TaskDefinitionArn": "arn:t", "LaunchType": "FARGATE"},
    }

    for record in (ours, theirs):
        assert target_of_record(record) == Target(
            "",
            "",
            message_group_id="$.detail.id",
            partition_key_path="$.id",
            task_definition_arn="arn:t",
            ecs_parameters={"TaskDefinitionArn": "arn:t", "LaunchType": "FARGATE"},
        )


def test_a_task_of_a_cluster_that_a_template_does_not_tell_gets_nothing() -> None:
    target = Target("1", "${Cluster.Arn}", task_definition_arn="${Task}")

    assert outcome(target, "{}") == NoInput(
        "the ECS task is started without the event: it has no input setting"
    )


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"InputPath": 1}, "not-a-path"),
        ({"InputTransformer": "${If x}"}, "template-not-json"),
        ({"InputTransformer": ["x"], "RetryPolicy": "${x}", "SqsParameters": []}, None),
        (
            {"InputTransformer": {"InputTemplate": "<a>", "InputPathsMap": [1]}},
            "unknown-placeholder",
        ),
        ({"InputTransformer": {"InputTemplate": "<a>", "InputPathsMap": {"a": 1}}}, "not-a-path"),
        ({"InputTransformer": {"InputPathsMap": {}}}, "template-empty"),
    ],
)
def test_a_setting_of_the_wrong_type_is_kept_and_judged_when_it_is_applied(
    record: dict[str, Any], code: str | None
) -> None:
    target = target_of_record({"Id": "t1", **record})

    if code is None:
        assert outcome(target, "{}") == Delivered('["x"]')
        return
    with pytest.raises(TransformError) as caught:
        outcome(target, "{}")
    assert caught.value.fault.code == code


def test_an_input_that_is_written_as_an_object_is_its_json() -> None:
    assert outcome(target_of_record({"Input": {"é": 1}}), "{}") == Delivered('{"é": 1}')
