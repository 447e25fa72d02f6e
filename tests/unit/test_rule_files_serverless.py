"""serverless.yml: events, variables that the file tells, and resources."""

from __future__ import annotations

import pytest

from edactl.core.bus import InputTransformer, Target
from edactl.core.rule_files import NamedRule, SkippedRule, rules_in

HEAD = """
service: flix
provider:
  name: aws
  stage: prod
custom:
  source: com.flix
  deep: {list: [a, b], name: "${self:custom.source}.deep"}
  circle: ${self:custom.circle}
  b0: [x, x, x, x, x, x, x, x, x, x]
  b1: ["${self:custom.b0}", "${self:custom.b0}", "${self:custom.b0}", "${self:custom.b0}"]
  b2: ["${self:custom.b1}", "${self:custom.b1}", "${self:custom.b1}", "${self:custom.b1}"]
  b3: ["${self:custom.b2}", "${self:custom.b2}", "${self:custom.b2}", "${self:custom.b2}"]
  b4: ["${self:custom.b3}", "${self:custom.b3}", "${self:custom.b3}", "${self:custom.b3}"]
  b5: ["${self:custom.b4}", "${self:custom.b4}", "${self:custom.b4}", "${self:custom.b4}"]
  b6: ["${self:custom.b5}", "${self:custom.b5}", "${self:custom.b5}", "${self:custom.b5}"]
  b7: ["${self:custom.b6}", "${self:custom.b6}", "${self:custom.b6}", "${self:custom.b6}"]
  b8: ["${self:custom.b7}", "${self:custom.b7}", "${self:custom.b7}", "${self:custom.b7}"]
functions:
  orders:
    handler: x
    events:
"""


def rules(events: str, **given: str) -> list[NamedRule | SkippedRule]:
    return rules_in(f"{HEAD}{events}", "serverless.yml", given)


@pytest.mark.parametrize(
    ("value", "pattern"),
    [
        ("{s: ['${self:custom.source}']}", '{"s":["com.flix"]}'),
        ("{s: ['a.${self:custom.deep.name}']}", '{"s":["a.com.flix.deep"]}'),
        ("{s: '${self:custom.deep.list}'}", '{"s":["a","b"]}'),
        ("{s: [\"${opt:x, 'd'}\", '${sls:stage}']}", '{"s":["d","prod"]}'),
        ("{s: ['${self:custom.${opt:key, \"source\"}}']}", '{"s":["com.flix"]}'),
        ("{s: ['${opt:x, true}', '${opt:x, null}']}", '{"s":[true,null]}'),
        ("{s: ['${opt:given}', '${env:given}', '${opt:full}']}", '{"s":["g","g","f"]}'),
        ("{s: [NO]}", '{"s":["NO"]}'),
        ("{s: [!Join ['-', [a, b]]]}", '{"s":["a-b"]}'),
        ("{s: ['${opt:x}']}", "${opt:x}"),
        ("{s: ['a-${env:X}']}", "${env:X}"),
        ("{s: ['${ssm:/a}']}", "${ssm:/a}"),
        ("{s: ['${self:custom.zz, env:Y}']}", "${self:custom.zz, env:Y}"),
        ("{s: ['${self:custom.circle}']}", "${self:custom.circle}"),
        ("{s: ['${self:custom.b8}']}", "self:custom.b8, which unfolds to over 200,000 values"),
        ("{s: [!Sub 'x-${AWS::Region}']}", "!Ref AWS::Region"),
    ],
)
def test_a_variable_is_resolved_or_named_as_the_reason(value: str, pattern: str) -> None:
    [found] = rules(f"      - eventBridge: {{pattern: {value}}}\n", given="g", **{"opt:full": "f"})

    if pattern.startswith("{"):
        assert found == NamedRule(
            "orders.eventBridge", pattern, "serverless.yml:23", found_targets(), bus="default"
        )
    else:
        assert isinstance(found, SkippedRule)
        assert found.reason.startswith(f"its pattern needs {pattern}")


def found_targets() -> tuple[Target, ...]:
    return (Target("orders", "${orders}"),)


def test_an_event_bridge_event_has_its_bus_and_target() -> None:
    plain, shaped, old = rules("""
      - eventBridge:
          eventBus: arn:aws:events:eu-west-1:1:event-bus/flix
          pattern: {source: [a]}
          input: {x: 1}
          deadLetterQueueArn: arn:dlq
          retryPolicy: {maximumEventAge: 60, maximumRetryAttempts: 3}
      - eventBridge:
          pattern: {source: [b]}
          inputTransformer: {inputTemplate: '{"a": <a>}', inputPathsMap: {a: $.a}}
      - cloudwatchEvent: {event: {source: [c]}, inputPath: $.detail}
""")

    assert plain == NamedRule(
        "orders.events[0]",
        '{"source":["a"]}',
        "serverless.yml:24",
        (
            Target(
                "orders",
                "${orders}",
                dead_letter_arn="arn:dlq",
                max_event_age_seconds=60,
                max_attempts=3,
                input='{"x":1}',
            ),
        ),
        bus="flix",
    )
    assert isinstance(shaped, NamedRule)
    assert shaped.targets[0].input_transformer == InputTransformer('{"a": <a>}', {"a": "$.a"})
    assert isinstance(old, NamedRule)
    assert (old.pattern, old.targets[0].input_path) == ('{"source":["c"]}', "$.detail")


def test_filters_policies_and_resources_are_found_too() -> None:
    found = rules("""
      - sns: {topicName: t, filterPolicy: {store: [a]}}
      - sns: {topicName: t, filterPolicyScope: MessageBody, filterPolicy: {s: {t: [a]}}}
      - sns: topic
      - sqs: {arn: x, filterPatterns: [{body: [a]}, {body: [b]}]}
      - sqs: {arn: x}
      - stream: {type: kinesis, arn: x, filterPatterns: [{data: {a: [1]}}]}
      - stream: {arn: "arn:aws:dynamodb:x", filterPatterns: [{eventName: [INSERT]}]}
      - stream: {arn: !Ref S, filterPatterns: [{eventName: [INSERT]}]}
      - rabbitmq: {arn: x, filterPatterns: [{data: [a]}]}
      - http: {path: x}
      - schedule: rate(1 day)
      - eventBridge: {schedule: rate(1 day)}
      - sqs: ${opt:queue}
      - http: ${opt:http}
resources:
  Resources:
    R:
      Type: AWS::Events::Rule
      Properties: {EventPattern: {source: ["${self:custom.source}"]}}
""")

    assert [
        (one.name, one.dialect, one.pattern)
        if isinstance(one, NamedRule)
        else (one.name, one.reason)
        for one in found
    ] == [
        ("orders.events[0]", "sns-attributes", '{"store":["a"]}'),
        ("orders.events[1]", "sns-body", '{"s":{"t":["a"]}}'),
        ("orders.events[3][0]", "esm-sqs", '{"body":["a"]}'),
        ("orders.events[3][1]", "esm-sqs", '{"body":["b"]}'),
        ("orders.events[5]", "esm-kinesis", '{"data":{"a":[1]}}'),
        ("orders.events[6]", "esm-dynamodb", '{"eventName":["INSERT"]}'),
        ("orders.events[7]", "whether it is kinesis or dynamodb is not told"),
        ("orders.events[8]", "esm-mq", '{"data":["a"]}'),
        ("orders.events[11]", "it has no event pattern: it runs on a schedule"),
        ("orders.events[12]", "it needs ${opt:queue} (--parameter opt:queue=VALUE tells it)"),
        ("R", "rule", '{"source":["com.flix"]}'),
    ]


def test_a_value_that_brings_itself_in_again_comes_to_an_end() -> None:
    [found] = rules("      - eventBridge: {pattern: {s: ['a${opt:x}']}}\n", x="b${opt:x}")

    assert isinstance(found, SkippedRule)
    assert found.reason == "its pattern needs over 1000 variables in one text"
