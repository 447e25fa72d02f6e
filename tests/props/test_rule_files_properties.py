"""Rule files of any shape: what is wrong with one is said, nothing crashes."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from edactl.core.rule_files import NamedRule, SkippedRule, rules_among, rules_in
from edactl.core.rule_files.documents import read_json
from edactl.core.rule_files.listing import listed_rules
from edactl.core.rule_files.yaml_documents import read_yaml
from edactl.errors import InputError

WORDS = st.sampled_from(
    [
        *(
            "Ref",
            "Fn::Sub",
            "Fn::Join",
            "Fn::If",
            "Fn::GetAtt",
            "Fn::Select",
            "Fn::Split",
            "Condition",
        ),
        *(
            "Fn::FindInMap",
            "Fn::Equals",
            "Fn::And",
            "Fn::Not",
            "Fn::Or",
            "Fn::Base64",
            "Fn::Length",
        ),
        *("Fn::ToJsonString", "Fn::ImportValue", "Fn::ForEach::X", "DefaultValue", "AWS::NoValue"),
        *("Type", "Properties", "EventPattern", "Targets", "Events", "Pattern", "FilterCriteria"),
        *("Filters", "FilterPolicy", "FilterPolicyScope", "EventSourceArn", "Subscription", "Name"),
        *("EventBusName", "DeadLetterConfig", "RetryPolicy", "InputTransformer", "Metadata", "P"),
        *("AWS::Events::Rule", "AWS::SNS::Subscription", "AWS::SNS::Topic", "AWS::Pipes::Pipe"),
        *("AWS::Lambda::EventSourceMapping", "AWS::Serverless::Function", "EventBridgeRule", "SQS"),
        *("SourceParameters", "${P}", "${X.Arn}", "${self:custom.a}", "${opt:x, 'y'}", "a", ""),
        *(
            "Default",
            "CommaDelimitedList",
            "aws:cdk:path",
            "Arn",
            "Id",
            "Input",
            "MaximumRetryAttempts",
        ),
        *(
            "events",
            "eventBridge",
            "pattern",
            "sns",
            "sqs",
            "stream",
            "filterPatterns",
            "filterPolicy",
        ),
        *(
            "resources",
            "address",
            "type",
            "values",
            "mode",
            "change",
            "after_unknown",
            "references",
        ),
        *(
            "aws_cloudwatch_event_rule",
            "aws_cloudwatch_event_target",
            "rule",
            "event_pattern",
            "arn",
        ),
        *(
            "aws_lambda_event_source_mapping",
            "filter_criteria",
            "filter",
            "retry_policy",
            "expressions",
        ),
    ]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(-1e6, 1e6) | WORDS
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=25,
)
OBJECTS = st.dictionaries(WORDS, VALUES, max_size=5)
DOCUMENTS = st.one_of(
    VALUES,
    st.fixed_dictionaries(
        {
            "Resources": st.dictionaries(
                WORDS,
                VALUES | st.fixed_dictionaries({"Type": WORDS, "Properties": OBJECTS}),
                max_size=4,
            ),
        },
        optional={"Parameters": OBJECTS, "Conditions": OBJECTS, "Mappings": OBJECTS},
    ),
    st.fixed_dictionaries(
        {"service": WORDS, "functions": st.dictionaries(WORDS, OBJECTS, max_size=3)},
        optional={"custom": OBJECTS, "resources": VALUES, "provider": VALUES},
    ),
    st.fixed_dictionaries(
        {
            "format_version": WORDS,
            "planned_values": st.fixed_dictionaries(
                {"root_module": st.fixed_dictionaries({"resources": VALUES | st.lists(OBJECTS)})}
            ),
        },
        optional={"resource_changes": VALUES, "configuration": VALUES},
    ),
)


@given(
    DOCUMENTS,
    st.dictionaries(WORDS, st.text(max_size=3), max_size=2),
    st.sampled_from([rules_in, rules_among]),
    st.sampled_from(["f.json", "f.yaml", "f.tf.json"]),
)
def test_no_document_crashes_the_reader(
    document: Any, parameters: dict[str, str], read: Callable[..., list[object]], source: str
) -> None:
    with suppress(InputError):
        for found in read(json.dumps(document), source, parameters):
            assert isinstance(found, NamedRule | SkippedRule)
            assert isinstance(found.name, str)


@given(st.text(max_size=80), st.sampled_from(["f", "f.json", "f.yaml"]))
def test_no_text_crashes_the_reader(text: str, source: str) -> None:
    with suppress(InputError):
        rules_in(text, source)


@given(st.dictionaries(st.text(min_size=1, max_size=5), OBJECTS, min_size=1, max_size=4))
def test_a_map_of_objects_is_read_alike_from_json_and_yaml(rules: dict[str, Any]) -> None:
    named = {f"n{name}": pattern for name, pattern in rules.items()}

    from_json = listed_rules(read_json(json.dumps(named), "f"), "f")
    [document] = read_yaml(yaml.safe_dump(named, sort_keys=False), "f")
    from_yaml = listed_rules(document, "f")

    assert [one.name for one in from_json] == [one.name for one in from_yaml]
    assert [_pattern(one) for one in from_json] == [_pattern(one) for one in from_yaml]


def _pattern(found: object) -> object:
    return json.loads(found.pattern) if isinstance(found, NamedRule) else None
