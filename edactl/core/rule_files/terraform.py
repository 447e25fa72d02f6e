"""Rules out of Terraform's resources: from `terraform show -json`, .tf.json, or read HCL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.core.rule_files.documents import (
    Members,
    Unresolved,
    items,
    members,
    text_of_value,
)
from edactl.core.rule_files.findings import (
    bus_name,
    filter_rules,
    found_rule,
    mapping_dialect,
    policy_rules,
    targets_of,
)
from edactl.core.rule_files.rules import SkippedRule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from edactl.core.bus import Target
    from edactl.core.rule_files.rules import Found

RULE, TARGET = "aws_cloudwatch_event_rule", "aws_cloudwatch_event_target"
_SOURCE_TYPES = {
    "aws_sqs_queue": "sqs",
    "aws_kinesis_stream": "kinesis",
    "aws_kinesis_stream_consumer": "kinesis",
    "aws_dynamodb_table": "dynamodb",
    "aws_msk_cluster": "kafka",
    "aws_msk_serverless_cluster": "kafka",
    "aws_mq_broker": "mq",
}


@dataclass(frozen=True)
class TerraformResource:
    """One resource with its values; `address` is Terraform's, as `module.a.aws_sqs_queue.b`."""

    address: str
    type: str
    values: Members
    source: str

    @property
    def name(self) -> str:
        """The name that it gives, or its address."""
        name = self.values.get("name")
        return text_of_value(name) if name and not isinstance(name, Unresolved) else self.address


def terraform_rules(resources: Sequence[TerraformResource]) -> Iterator[Found]:
    """What they hold to test; targets are joined to their rules."""
    targets = [one for one in resources if one.type == TARGET]
    for one in resources:
        if one.type == RULE:
            own = targets_of(_target(each) for each in targets if _is_target_of(each, one))
            yield _rule(one, own)
        elif one.type in READERS:
            yield from READERS[one.type](one)


def _is_target_of(target: TerraformResource, rule: TerraformResource) -> bool:
    said = target.values.get("rule")
    if isinstance(said, Unresolved):
        return bool(said.resource) and rule.address in {
            said.resource,
            _with_module_of(target, said.resource),
        }
    same_bus = bus_name(target.values.get("event_bus_name")) == _bus(rule)
    return text_of_value(said) == text_of_value(rule.values.get("name")) and same_bus


def _with_module_of(one: TerraformResource, address: str) -> str:
    return one.address.removesuffix(".".join(one.address.split(".")[-2:])) + address


def _bus(rule: TerraformResource) -> str:
    return bus_name(rule.values.get("event_bus_name"))


def _rule(one: TerraformResource, targets: tuple[Target, ...]) -> Found:
    pattern = one.values.get("event_pattern")
    return found_rule(
        one.name,
        pattern,
        one.source,
        targets=targets,
        bus=_bus(one),
        state=_state(one.values),
    )


def _state(values: Members) -> object:
    """The state, also where the older `is_enabled` tells it."""
    if values.get("is_enabled") is False:
        return "DISABLED"
    return values.get("state")


def _block(values: object, *path: str) -> Members:
    """A block inside blocks: each is an object, or a list with one."""
    for key in path:
        values = next(iter(items(members(values).get(key))), None)
    return members(values)


def _target(one: TerraformResource) -> Members:
    """The target as AWS has it."""
    values = one.values
    letters, retry = _block(values, "dead_letter_config"), _block(values, "retry_policy")
    transformer = _block(values, "input_transformer")
    return Members(
        {
            "Id": values.get("target_id") or one.address,
            "Arn": values.get("arn"),
            "RoleArn": values.get("role_arn"),
            "Input": values.get("input"),
            "InputPath": values.get("input_path"),
            "InputTransformer": {
                "InputTemplate": transformer.get("input_template"),
                "InputPathsMap": transformer.get("input_paths") or {},
            }
            if transformer
            else None,
            "DeadLetterConfig": {"Arn": letters["arn"]} if letters.get("arn") else None,
            "RetryPolicy": {
                "MaximumEventAgeInSeconds": retry.get("maximum_event_age_in_seconds"),
                "MaximumRetryAttempts": retry.get("maximum_retry_attempts"),
            },
        }.items()
    )


def _subscription(one: TerraformResource) -> Iterator[Found]:
    policy = one.values.get("filter_policy") or None
    yield from policy_rules(one.name, policy, one.values.get("filter_policy_scope"), one.source)


def _filters(criteria: Members) -> list[object]:
    return [
        one if isinstance(one, Unresolved) else members(one).get("pattern")
        for one in items(criteria.get("filter"))
    ]


def _mapping(one: TerraformResource) -> Iterator[Found]:
    criteria = _block(one.values, "filter_criteria")
    if not criteria:
        return
    arn = one.values.get("event_source_arn")
    of = arn.resource.split(".") if isinstance(arn, Unresolved) else []
    service = next((_SOURCE_TYPES[part] for part in of if part in _SOURCE_TYPES), "")
    if _block(one.values, "self_managed_event_source"):
        service = "kafka"
    dialect = mapping_dialect(arn, service, _filters(criteria))
    if dialect is None:
        reason = f"what kind of source {text_of_value(arn) or 'it has'} is, is not told"
        yield SkippedRule(one.name, reason, one.source)
    else:
        yield from filter_rules(one.name, _filters(criteria), one.source, dialect)


def _pipe(one: TerraformResource) -> Iterator[Found]:
    criteria = _block(one.values, "source_parameters", "filter_criteria")
    yield from filter_rules(one.name, _filters(criteria), one.source, "pipes")


READERS: dict[str, Callable[[TerraformResource], Iterator[Found]]] = {
    "aws_sns_topic_subscription": _subscription,
    "aws_lambda_event_source_mapping": _mapping,
    "aws_pipes_pipe": _pipe,
}
