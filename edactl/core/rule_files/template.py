"""Rules, filters and filter policies in CloudFormation templates, from files, SAM or the CDK."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.core.rule_files.documents import Members, Unresolved, items, members, text_of_value
from edactl.core.rule_files.findings import (
    bus_name,
    criteria_rules,
    found_rule,
    mapping_dialect,
    policy_rules,
    targets_of,
)
from edactl.core.rule_files.intrinsics import Intrinsics
from edactl.core.rule_files.rules import SkippedRule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from edactl.core.rule_files.rules import Found

# the service whose records a Lambda mapping from such a resource reads
_SOURCE_TYPES = {
    "AWS::SQS::Queue": "sqs",
    "AWS::Kinesis::Stream": "kinesis",
    "AWS::Kinesis::StreamConsumer": "kinesis",
    "AWS::DynamoDB::Table": "dynamodb",
    "AWS::DynamoDB::GlobalTable": "dynamodb",
    "AWS::Serverless::SimpleTable": "dynamodb",
    "AWS::MSK::Cluster": "kafka",
    "AWS::MSK::ServerlessCluster": "kafka",
    "AWS::AmazonMQ::Broker": "mq",
}


@dataclass(frozen=True)
class Resource:
    """One resource of a template; `name` is what its rule is called, `source` where it stands."""

    logical_id: str
    type: str
    properties: Members
    name: str
    source: str
    intrinsics: Intrinsics

    def get(self, *path: str) -> object:
        """A property, resolved, by its path."""
        value: object = self.properties
        for key in path:
            if isinstance(value, Unresolved):
                return value
            value = self.intrinsics.resolve(members(value).get(key))
        return value

    def type_of(self, value: object) -> str:
        """The type of the resource that an open value refers to; empty when it is none."""
        name = value.resource if isinstance(value, Unresolved) else ""
        return text_of_value(members(self.intrinsics.resources.get(name)).get("Type"))

    def bus(self, value: object) -> str:
        """The name of a bus; one that the template makes by the name that it gives."""
        if isinstance(value, Unresolved) and self.type_of(value) == "AWS::Events::EventBus":
            made = members(members(self.intrinsics.resources[value.resource]).get("Properties"))
            named = self.intrinsics.resolve(made.get("Name"))
            return bus_name(value if named is None else named)
        return bus_name(value)


def is_template(document: Mapping[str, object]) -> bool:
    """Whether it has resources as CloudFormation's templates do."""
    return any("Type" in members(one) for one in members(document.get("Resources")).values())


def template_rules(
    document: Members, source: str, parameters: Mapping[str, str]
) -> Iterator[Found]:
    """What a template holds to test, resource by resource."""
    from edactl.core.rule_files.sam import serverless_events

    intrinsics = Intrinsics(document, parameters)
    for logical_id, body in intrinsics.resources.items():
        at = f"{source}:{line}" if (line := intrinsics.resources.lines.get(logical_id)) else source
        where = f"{at} ({logical_id})"
        if logical_id.startswith("Fn::"):
            yield SkippedRule(logical_id, f"{logical_id.split('::')[1]} is not unfolded", where)
            continue
        resource = _resource(logical_id, members(body), where, intrinsics)
        reader = _READERS.get(resource.type, serverless_events)
        condition = members(body).get("Condition")
        if isinstance(condition, str) and intrinsics.condition(condition) is False:
            reason = f'its condition "{condition}" does not hold'
            yield from (SkippedRule(one.name, reason, where) for one in reader(resource))
        else:
            yield from reader(resource)


def _resource(logical_id: str, body: Members, where: str, intrinsics: Intrinsics) -> Resource:
    properties = members(body.get("Properties"))
    path = members(body.get("Metadata")).get("aws:cdk:path")
    named = intrinsics.resolve(properties.get("Name"))
    name = named if isinstance(named, str) else logical_id
    if isinstance(path, str):
        name = path.removesuffix("/Resource")
    return Resource(
        logical_id, text_of_value(body.get("Type")), properties, name, where, intrinsics
    )


def _event_rule(resource: Resource) -> Iterator[Found]:
    yield found_rule(
        resource.name,
        resource.get("EventPattern"),
        resource.source,
        targets=targets_of(items(resource.get("Targets"))),
        bus=resource.bus(resource.get("EventBusName")),
        state=resource.get("State"),
    )


def _subscription(resource: Resource) -> Iterator[Found]:
    policy, scope = resource.get("FilterPolicy"), resource.get("FilterPolicyScope")
    yield from policy_rules(resource.name, policy, scope, resource.source)


def _topic(resource: Resource) -> Iterator[Found]:
    for number, one in enumerate(items(resource.get("Subscription"))):
        inline = members(one)
        policy, scope = inline.get("FilterPolicy"), inline.get("FilterPolicyScope")
        yield from policy_rules(
            f"{resource.logical_id}.Subscription[{number}]", policy, scope, resource.source
        )


def _mapping(resource: Resource) -> Iterator[Found]:
    criteria = resource.get("FilterCriteria")
    if criteria is None:
        return
    arn = resource.get("EventSourceArn")
    service = _SOURCE_TYPES.get(resource.type_of(arn), "")
    if resource.get("SelfManagedEventSource") is not None:
        service = "kafka"
    dialect = mapping_dialect(arn, service, criteria)
    if dialect is None:
        reason = f"what kind of source {text_of_value(arn) or 'it has'} is, is not told"
        yield SkippedRule(resource.name, reason, resource.source)
    else:
        yield from criteria_rules(resource.name, criteria, resource.source, dialect)


def _pipe(resource: Resource) -> Iterator[Found]:
    criteria = resource.get("SourceParameters", "FilterCriteria")
    yield from criteria_rules(resource.name, criteria, resource.source, "pipes")


_READERS: dict[str, Callable[[Resource], Iterator[Found]]] = {
    "AWS::Events::Rule": _event_rule,
    "AWS::SNS::Subscription": _subscription,
    "AWS::SNS::Topic": _topic,
    "AWS::Lambda::EventSourceMapping": _mapping,
    "AWS::Pipes::Pipe": _pipe,
}
