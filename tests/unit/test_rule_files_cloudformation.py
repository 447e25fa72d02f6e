"""CloudFormation and SAM templates: what is found, resolved, and skipped with the reason."""

from __future__ import annotations

import json
from textwrap import dedent, indent

import pytest

from edactl.core.bus import InputTransformer, Target
from edactl.core.rule_files import NamedRule, SkippedRule, rules_in

HEAD = """
Parameters:
  Source: {Type: String, Default: com.flix}
  Count: {Type: Number, Default: 5}
  Regions: {Type: CommaDelimitedList, Default: "AU, NZ"}
  Open: {Type: String}
  Stored: {Type: "AWS::SSM::Parameter::Value<String>", Default: /flix/source}
Conditions:
  IsFlix: !Equals [!Ref Source, com.flix]
  IsOther: !Not [!Condition IsFlix]
  Both: !And [!Condition IsFlix, !Condition IsOther]
  Either: !Or [!Condition IsFlix, !Equals [!Ref Open, a]]
  Unknown: !Equals [!Ref Open, a]
  Unsure: !And [!Condition IsFlix, !Condition Unknown]
  Unlike: !Not [!Condition Unknown]
  Circle: !Not [!Condition Circle]
Mappings:
  Sources:
    com.flix: {short: flix, list: [a, b]}
Resources:
  Queue: {Type: "AWS::SQS::Queue"}
  Bucket: {Type: "AWS::S3::Bucket", Properties: {BucketName: !Sub "${Source}-in"}}
"""


def rule(value: str, **parameters: str) -> NamedRule | SkippedRule:
    text = (
        f"{HEAD}  R:\n    Type: AWS::Events::Rule\n    Properties:\n      EventPattern: {value}\n"
    )
    [found] = rules_in(text, "t.yaml", parameters)
    return found


@pytest.mark.parametrize(
    ("value", "pattern"),
    [
        ("{source: [!Ref Source]}", '{"source":["com.flix"]}'),
        ("{n: [!Ref Count]}", '{"n":["5"]}'),
        ("{n: !Ref Regions}", '{"n":["AU","NZ"]}'),
        ('!Sub \'{"source":["${Source}"]}\'', '{"source":["com.flix"]}'),
        ("{s: [!Sub 'a.${Source}.${!b}']}", '{"s":["a.com.flix.${b}"]}'),
        ("{s: [!Sub ['${X}-${Source}', {X: !Ref Count}]]}", '{"s":["5-com.flix"]}'),
        ("{s: [!Join ['.', [a, !Ref Source, 1]]]}", '{"s":["a.com.flix.1"]}'),
        ("{s: !Split ['.', !Ref Source]}", '{"s":["com","flix"]}'),
        ("{s: [!Select [1, !Ref Regions]]}", '{"s":["NZ"]}'),
        ("{s: [!FindInMap [Sources, !Ref Source, short]]}", '{"s":["flix"]}'),
        ("{s: !FindInMap [Sources, !Ref Source, list]}", '{"s":["a","b"]}'),
        ("{s: [!FindInMap [Sources, zz, zz, {DefaultValue: d}]]}", '{"s":["d"]}'),
        ("{s: [!If [IsFlix, a, b], !If [IsOther, a, b]]}", '{"s":["a","b"]}'),
        ("{s: [!If [Both, a, b], !If [Either, c, d]]}", '{"s":["b","c"]}'),
        ("{s: [a, !If [IsOther, b, !Ref AWS::NoValue]]}", '{"s":["a"]}'),
        ("{s: [a], t: !If [IsOther, [b], !Ref AWS::NoValue]}", '{"s":["a"]}'),
        ("{s: [!Base64 hi]}", '{"s":["aGk="]}'),
        ("!ToJsonString {s: [!Ref Source]}", '{"s":["com.flix"]}'),
        ("{s: [!Length [a, b]]}", '{"s":[2]}'),
        ("{s: [!Ref Bucket]}", '{"s":["com.flix-in"]}'),
        ("{s: [300.0, 1.50]}", '{"s":[300.0,1.50]}'),
        ("{Fn::If: [IsFlix, {s: [a]}, {s: [b]}]}", '{"s":["a"]}'),
        ("{s: [!If [ZZ, a, b], c]}", "!If ZZ"),
        ("{s: [!Ref Open]}", "!Ref Open (--parameter Open=VALUE tells it)"),
        ("{s: [!Ref Stored]}", "!Ref Stored (--parameter Stored=VALUE tells it)"),
        ("{s: [!Ref AWS::Region]}", "!Ref AWS::Region"),
        ("{s: [!Sub 'arn:${AWS::Partition}:x']}", "!Ref AWS::Partition"),
        ('!Sub \'{"s":["${Open}"]}\'', "!Ref Open"),
        ("{s: [!GetAtt Queue.Arn]}", "!GetAtt Queue.Arn"),
        ("{s: [{Fn::GetAtt: [Queue, Arn]}]}", "!GetAtt Queue.Arn"),
        ("{s: [!Sub '${Queue.Arn}']}", "!GetAtt Queue.Arn"),
        ("{s: [!Ref Queue]}", "!Ref Queue"),
        ("{s: [!ImportValue shared]}", "!ImportValue shared"),
        ("{s: [!ImportValue {Fn::Sub: 'x-${Open}'}]}", "!ImportValue !Sub x-${Open}"),
        ("{s: [!Join ['', [a, !Ref Open]]]}", "!Ref Open"),
        ("{s: [!Join ['', !GetAZs '']]}", "!GetAZs"),
        ("{s: [!Join ['', [[a], b]]]}", "!Join"),
        ("{s: [!Select [7, [a]]]}", "!Select 7 a"),
        ("{s: [!Select [!Ref Open, [a]]]}", "!Ref Open"),
        ("{s: [!Select [0, !GetAZs x]]}", "!GetAZs x"),
        ("{s: [!Split ['.', !Ref Open]]}", "!Ref Open"),
        ("{s: [!FindInMap [Sources, zz, short]]}", "!FindInMap Sources zz short"),
        ("{s: [!FindInMap [Sources, !Ref Open, short]]}", "!Ref Open"),
        ("{s: [!If [Unknown, a, b]]}", "!If Unknown: !Ref Open"),
        ("{s: [!If [Unsure, a, b]]}", "!If Unsure: !Ref Open"),
        ("{s: [!If [Unlike, a, b]]}", "!If Unlike: !Ref Open"),
        ("{s: [!If [Circle, a, b]]}", '!If Circle: the condition "Circle"'),
        ("{s: [!If [IsFlix, a]]}", "!If IsFlix"),
        ("{s: [!Sub [[a], {}]]}", "!Sub a"),
        ("{s: [!Base64 {Ref: Open}]}", "!Ref Open"),
        ("!ToJsonString {s: [!Ref Open]}", "!Ref Open"),
        ("{s: [!Length {Ref: Open}]}", "!Ref Open"),
        ("{s: ['{{resolve:ssm:/flix}}']}", "the dynamic reference {{resolve:ssm:/flix}}"),
        ("{Fn::Transform: {Name: AWS::Include}}", "!Transform"),
    ],
)
def test_an_intrinsic_is_resolved_or_named_as_the_reason(value: str, pattern: str) -> None:
    found = rule(value)

    if pattern.startswith("{"):
        assert found == NamedRule("R", pattern, "t.yaml:23 (R)", bus="default")
    else:
        assert isinstance(found, SkippedRule)
        assert found.reason.startswith(f"its pattern needs {pattern}")
        assert (found.name, found.source) == ("R", "t.yaml:23 (R)")


@pytest.mark.parametrize("junk", ["", "[]", "{}", "[[]]", "[{}]", "[null, null, null]", "5", "x"])
@pytest.mark.parametrize(
    "function",
    [
        *("Ref", "Sub", "GetAtt", "Join", "Select", "Split", "FindInMap", "If", "Equals", "And"),
        *("Or", "Not", "Base64", "ToJsonString", "Length", "ImportValue", "Transform"),
    ],
)
def test_a_function_with_junk_in_it_stops_nobody(function: str, junk: str) -> None:
    found = rule(f"{{s: [!{function} {junk}]}}")

    assert found.name == "R"


def test_names_and_conditions_that_refer_to_themselves_stay_open() -> None:
    conditions = "".join(
        f"  C{n + 1}: !And [!Condition C{n}, !Condition C{n}]\n" for n in range(60)
    )
    text = HEAD.replace("Mappings:", f"  C0: !Equals [a, a]\n{conditions}Mappings:")
    found = rules_in(
        f"{text}  B: {{Type: AWS::S3::Bucket, Properties: {{BucketName: !Ref B}}}}\n"
        "  R: {Type: AWS::Events::Rule, Properties: {EventPattern: {a: [!Ref B]}}}\n"
        "  S: {Type: AWS::Events::Rule, Properties: {EventPattern: {a: [!If [C60, y, n]]}}}\n",
        "t.yaml",
    )

    first, second = found
    assert isinstance(first, SkippedRule)
    assert "!Ref B" in first.reason
    assert isinstance(second, NamedRule)
    assert second.pattern == '{"a":["y"]}'


def test_given_parameters_win_over_defaults_and_stand_for_pseudo_parameters() -> None:
    value = "{s: [!Ref Source, !Ref Open, !Ref AWS::Region, !If [Unknown, y, n]], t: !Ref Regions}"

    found = rule(value, Source="x", Open="a", **{"AWS::Region": "eu-west-1", "Regions": "US"})

    assert isinstance(found, NamedRule)
    assert found.pattern == '{"s":["x","a","eu-west-1","y"],"t":["US"]}'


def test_what_only_a_stack_tells_may_be_given_too() -> None:
    given = {"Queue": "url", "Queue.Arn": "arn:q"}
    found = rule("{s: [!Ref Queue, !GetAtt Queue.Arn, !Sub '${Queue.Arn}/x']}", **given)

    assert isinstance(found, NamedRule)
    assert found.pattern == '{"s":["url","arn:q","arn:q/x"]}'


def rules(text: str) -> list[NamedRule | SkippedRule]:
    body = indent(dedent(text), "  ")
    return rules_in(f"{HEAD}{body}", "t.yaml", {})


def test_a_rule_has_its_bus_state_and_targets_with_placeholders() -> None:
    [found] = rules("""
        Bus:
          Type: AWS::Events::EventBus
          Properties: {Name: !Sub "${Source}-bus"}
        R:
          Type: AWS::Events::Rule
          Properties:
            Name: au
            EventBusName: !Ref Bus
            State: DISABLED
            EventPattern: {source: [a]}
            Targets:
              - Id: q
                Arn: !GetAtt Queue.Arn
                RoleArn: !Sub "arn:aws:iam::${AWS::AccountId}:role/x"
                InputPath: $.detail
                RetryPolicy: {MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 60}
                DeadLetterConfig: {Arn: !GetAtt Letters.Arn}
              - Id: f
                Arn: !Ref Open
                InputTransformer: {InputPathsMap: {a: $.a}, InputTemplate: '{"a": <a>}'}
              - {Id: g, Arn: x, Input: {a: 1}}
        """)

    assert found == NamedRule(
        "au",
        '{"source":["a"]}',
        "t.yaml:27 (R)",
        (
            Target(
                "q",
                "${Queue.Arn}",
                dead_letter_arn="${Letters.Arn}",
                max_event_age_seconds=60,
                max_attempts=3,
                role_arn="arn:aws:iam::${AWS::AccountId}:role/x",
                input_path="$.detail",
            ),
            Target("f", "${Open}", input_transformer=InputTransformer('{"a": <a>}', {"a": "$.a"})),
            Target("g", "x", input='{"a":1}'),
        ),
        bus="com.flix-bus",
        state="DISABLED",
    )


@pytest.mark.parametrize(
    ("written", "bus"),
    [
        ("!Ref Nameless", "${Nameless}"),
        ("!Ref Open", "${Open}"),
        ("!Sub 'arn:aws:events:${AWS::Region}:1:event-bus/flix'", "flix"),
        ("default", "default"),
    ],
)
def test_a_bus_is_named_as_far_as_the_template_tells(written: str, bus: str) -> None:
    [found] = rules(f"""
        Nameless: {{Type: "AWS::Events::EventBus"}}
        R:
          Type: AWS::Events::Rule
          Properties: {{EventBusName: {written}, EventPattern: {{a: [b]}}}}
        """)

    assert isinstance(found, NamedRule)
    assert found.bus == bus


def test_what_is_not_deployed_or_not_unfolded_is_skipped() -> None:
    found = rules("""
        Off: {Type: AWS::Events::Rule, Condition: IsOther, Properties: {EventPattern: {a: [b]}}}
        Maybe: {Type: AWS::Events::Rule, Condition: Unknown, Properties: {EventPattern: {a: [b]}}}
        Cron: {Type: AWS::Events::Rule, Properties: {ScheduleExpression: rate(1 day)}}
        Fn::ForEach::Each: [X, [a], {}]
        """)

    assert [(one.name, getattr(one, "reason", "")) for one in found] == [
        ("Off", 'its condition "IsOther" does not hold'),
        ("Maybe", ""),
        ("Cron", "it has no event pattern: it runs on a schedule"),
        ("Fn::ForEach::Each", "ForEach is not unfolded"),
    ]


def dialects(found: list[NamedRule | SkippedRule]) -> list[tuple[str, str, str]]:
    return [
        (one.name, one.dialect, one.pattern)
        if isinstance(one, NamedRule)
        else (one.name, "", one.reason)
        for one in found
    ]


def test_filter_policies_are_of_the_dialect_of_their_scope() -> None:
    found = rules("""
        A: {Type: AWS::SNS::Subscription, Properties: {FilterPolicy: {store: [a]}}}
        B:
          Type: AWS::SNS::Subscription
          Properties: {FilterPolicyScope: MessageBody, FilterPolicy: '{"s":{"t":["a"]}}'}
        C: {Type: AWS::SNS::Subscription, Properties: {Protocol: sqs}}
        D:
          Type: AWS::SNS::Subscription
          Properties: {FilterPolicyScope: !Ref Open, FilterPolicy: {store: [a]}}
        T:
          Type: AWS::SNS::Topic
          Properties: {Subscription: [{Protocol: sqs, FilterPolicy: {store: [b]}}]}
        """)

    assert dialects(found) == [
        ("A", "sns-attributes", '{"store":["a"]}'),
        ("B", "sns-body", '{"s":{"t":["a"]}}'),
        ("D", "", "its FilterPolicyScope needs !Ref Open (--parameter Open=VALUE tells it)"),
        ("T.Subscription[0]", "sns-attributes", '{"store":["b"]}'),
    ]


@pytest.mark.parametrize(
    ("source", "dialect"),
    [
        ("EventSourceArn: !GetAtt Queue.Arn", "esm-sqs"),
        ("EventSourceArn: arn:aws:kinesis:eu-west-1:1:stream/x", "esm-kinesis"),
        ("EventSourceArn: !Sub 'arn:${AWS::Partition}:sqs:x:1:q'", "esm-sqs"),
        ("EventSourceArn: !GetAtt Table.StreamArn", "esm-dynamodb"),
        ("EventSourceArn: !Ref Stream", "esm-kinesis"),
        ("EventSourceArn: !Ref Cluster", "esm-kafka"),
        ("EventSourceArn: !GetAtt Broker.Arn", "esm-mq"),
        ("SelfManagedEventSource: {Endpoints: {}}", "esm-kafka"),
        ("EventSourceArn: !Ref Open", ""),
    ],
)
def test_a_mapping_is_of_the_dialect_of_its_source(source: str, dialect: str) -> None:
    found = rules(f"""
        Table: {{Type: "AWS::DynamoDB::Table"}}
        Stream: {{Type: "AWS::Kinesis::Stream"}}
        Cluster: {{Type: "AWS::MSK::Cluster"}}
        Broker: {{Type: "AWS::AmazonMQ::Broker"}}
        M:
          Type: AWS::Lambda::EventSourceMapping
          Properties:
            {source}
            FilterCriteria: {{Filters: [{{Pattern: '{{"data":["a"]}}'}}]}}
        """)

    assert dialects(found) == [
        (
            "M",
            dialect,
            '{"data":["a"]}' if dialect else "what kind of source ${Open} is, is not told",
        )
    ]


@pytest.mark.parametrize(
    ("field", "dialect"),
    [("body", "esm-sqs"), ("dynamodb", "esm-dynamodb"), ("value", "esm-kafka")],
)
def test_a_source_that_is_not_told_shows_in_the_field_that_is_filtered(
    field: str, dialect: str
) -> None:
    [found] = rules(f"""
        M:
          Type: AWS::Lambda::EventSourceMapping
          Properties:
            EventSourceArn: !Ref Open
            FilterCriteria: {{Filters: [{{Pattern: '{{"{field}":{{"a":["b"]}}}}'}}]}}
        """)

    assert isinstance(found, NamedRule)
    assert found.dialect == dialect


def test_filters_that_are_not_told_do_not_tell_their_source() -> None:
    found = rules("""
        M:
          Type: AWS::Lambda::EventSourceMapping
          Properties: {EventSourceArn: !Ref Open, FilterCriteria: !ImportValue filters}
        """)

    assert dialects(found) == [("M", "", "what kind of source ${Open} is, is not told")]


def test_each_filter_is_a_rule_and_a_mapping_without_filters_is_none() -> None:
    found = rules("""
        None: {Type: AWS::Lambda::EventSourceMapping, Properties: {EventSourceArn: x}}
        P:
          Type: AWS::Pipes::Pipe
          Properties:
            Name: orders
            SourceParameters:
              FilterCriteria:
                Filters: [{Pattern: '{"body":["a"]}'}, {Pattern: !Sub '{"body":["${Open}"]}'}]
        Bare: {Type: AWS::Pipes::Pipe, Properties: {Source: x}}
        Q:
          Type: AWS::Pipes::Pipe
          Properties: {SourceParameters: {FilterCriteria: !Ref Open}}
        S:
          Type: AWS::Pipes::Pipe
          Properties: {SourceParameters: {FilterCriteria: {Filters: !Ref Open}}}
        T:
          Type: AWS::Pipes::Pipe
          Properties: {SourceParameters: !Ref Open}
        """)

    hint = "!Ref Open (--parameter Open=VALUE tells it)"
    assert dialects(found) == [
        ("orders[0]", "pipes", '{"body":["a"]}'),
        ("orders[1]", "", f"its pattern needs {hint}"),
        ("Q", "", f"its filters need {hint}"),
        ("S", "", f"its filters need {hint}"),
        ("T", "", f"its filters need {hint}"),
    ]


def test_the_events_of_sam_functions_and_state_machines() -> None:
    found = rules("""
        Bus: {Type: AWS::Events::EventBus, Properties: {Name: flix}}
        F:
          Type: AWS::Serverless::Function
          Properties:
            Events:
              Au:
                Type: EventBridgeRule
                Properties:
                  EventBusName: !Ref Bus
                  Pattern: {source: [a]}
                  State: ENABLED
                  InputPath: $.detail
                  RetryPolicy: {MaximumRetryAttempts: 3}
                  DeadLetterConfig: {Type: SQS, QueueLogicalId: Letters}
              Old:
                Type: CloudWatchEvent
                Properties: {Pattern: {source: [b]}, Input: '{"x":1}'}
              Q: {Type: SQS, Properties: {FilterCriteria: {Filters: [{Pattern: '{"body":["a"]}'}]}}}
              S: {Type: SNS, Properties: {FilterPolicyScope: MessageBody, FilterPolicy: {a: [b]}}}
              M:
                Type: MSK
                Properties: {FilterCriteria: {Filters: [{Pattern: '{"value":["a"]}'}]}}
              Api: {Type: Api, Properties: {Path: /}}
        Machine:
          Type: AWS::Serverless::StateMachine
          Properties:
            Events:
              Go:
                Type: EventBridgeRule
                Properties:
                  RuleName: go
                  Pattern: {source: [c]}
                  Target: {Id: machine}
                  DeadLetterConfig: {Arn: "arn:dlq"}
              Made:
                Type: EventBridgeRule
                Properties: {DeadLetterConfig: {Type: SQS}, Pattern: {a: [b]}}
        """)

    assert dialects(found) == [
        ("F.Au", "rule", '{"source":["a"]}'),
        ("F.Old", "rule", '{"source":["b"]}'),
        ("F.Q", "esm-sqs", '{"body":["a"]}'),
        ("F.S", "sns-body", '{"a":["b"]}'),
        ("F.M", "esm-kafka", '{"value":["a"]}'),
        ("go", "rule", '{"source":["c"]}'),
        ("Machine.Made", "rule", '{"a":["b"]}'),
    ]
    named = [one for one in found if isinstance(one, NamedRule)]
    assert (named[0].bus, named[0].state, named[0].source) == (
        "flix",
        "ENABLED",
        "t.yaml:29 (F.Au)",
    )
    assert named[0].targets == (
        Target(
            "Au",
            "${F.Arn}",
            dead_letter_arn="${Letters.Arn}",
            max_attempts=3,
            input_path="$.detail",
        ),
    )
    assert named[1].targets == (Target("Old", "${F.Arn}", input='{"x":1}'),)
    assert named[5].targets == (Target("machine", "${Machine.Arn}", dead_letter_arn="arn:dlq"),)
    assert named[6].targets[0].dead_letter_arn == "${MachineMadeQueue.Arn}"


def test_json_templates_name_the_logical_id_and_cdk_ones_the_construct() -> None:
    resources = {
        "AuRule1234": {
            "Type": "AWS::Events::Rule",
            "Properties": {"EventPattern": {"source": [{"Fn::Sub": "x"}]}},
            "Metadata": {"aws:cdk:path": "FlixStack/AuRule/Resource"},
        },
        "F": {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "Events": {
                    "E": {"Type": "EventBridgeRule", "Properties": {"Pattern": {"a": ["b"]}}}
                }
            },
        },
    }

    first, second = rules_in(json.dumps({"Resources": resources}), "t.json")

    assert first == NamedRule(
        "FlixStack/AuRule", '{"source":["x"]}', "t.json (AuRule1234)", bus="default"
    )
    assert (second.name, second.source) == ("F.E", "t.json (F.E)")
