"""The events of SAM's functions and state machines: rules, filters and filter policies.

Source: AWS SAM developer guide, "EventSource" of AWS::Serverless::Function and StateMachine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.core.rule_files.documents import members, text_of_value
from edactl.core.rule_files.findings import criteria_rules, found_rule, policy_rules, targets_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.core.rule_files.documents import Members
    from edactl.core.rule_files.rules import Found
    from edactl.core.rule_files.template import Resource

_OWNERS = {"AWS::Serverless::Function", "AWS::Serverless::StateMachine"}
_RULES = {"EventBridgeRule", "CloudWatchEvent"}
_POLLED = {
    "SQS": "esm-sqs",
    "Kinesis": "esm-kinesis",
    "DynamoDB": "esm-dynamodb",
    "MSK": "esm-kafka",
    "SelfManagedKafka": "esm-kafka",
    "MQ": "esm-mq",
}


def serverless_events(resource: Resource) -> Iterator[Found]:
    """What the events of a SAM resource hold to test; nothing for any other resource."""
    if resource.type not in _OWNERS:
        return
    events = members(resource.properties.get("Events"))
    for name, event in events.items():
        source = _source(resource, events.lines.get(name), name)
        properties = members(resource.intrinsics.resolve(members(event).get("Properties")))
        yield from _event(
            resource, name, text_of_value(members(event).get("Type")), properties, source
        )


def _source(resource: Resource, line: int | None, name: str) -> str:
    where = f"{resource.logical_id}.{name}"
    if line is None:
        return f"{resource.source.rpartition(' (')[0]} ({where})"
    return f"{resource.source.rpartition(' (')[0].rpartition(':')[0]}:{line} ({where})"


def _event(
    resource: Resource, event: str, kind: str, properties: Members, source: str
) -> Iterator[Found]:
    name = f"{resource.logical_id}.{event}"
    if kind in _RULES:
        yield _rule(resource, event, properties, source)
    elif kind in _POLLED:
        yield from criteria_rules(name, properties.get("FilterCriteria"), source, _POLLED[kind])
    elif kind == "SNS":
        policy, scope = properties.get("FilterPolicy"), properties.get("FilterPolicyScope")
        yield from policy_rules(name, policy, scope, source)


def _rule(resource: Resource, event: str, properties: Members, source: str) -> Found:
    named = properties.get("RuleName")
    target = {
        "Id": members(properties.get("Target")).get("Id", event),
        "Arn": f"${{{resource.logical_id}.Arn}}",
        **{
            key: properties[key]
            for key in ("Input", "InputPath", "InputTransformer", "RetryPolicy")
            if key in properties
        },
    }
    letters = members(properties.get("DeadLetterConfig"))
    if letters:
        made = letters.get("QueueLogicalId") or f"{resource.logical_id}{event}Queue"
        target["DeadLetterConfig"] = {"Arn": letters.get("Arn", f"${{{text_of_value(made)}.Arn}}")}
    return found_rule(
        named if isinstance(named, str) else f"{resource.logical_id}.{event}",
        properties.get("Pattern"),
        source,
        targets=targets_of([target]),
        bus=resource.bus(properties.get("EventBusName")),
        state=properties.get("State"),
    )
