"""The policy for infrastructure as code: CloudFormation, Terraform, and the CDK in Python.

Sources: CloudFormation template reference, AWS::ApplicationAutoScaling::ScalableTarget and
ScalingPolicy (RoleARN is optional: ECS has a service-linked role); the AWS provider's
`aws_appautoscaling_policy`; the CDK's `aws_applicationautoscaling.CfnScalingPolicy`, whose
properties are CloudFormation's in snake case.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from edactl.core.json_text import json_text
from edactl.core.scaling_policy.requests import (
    TRACKING_CONFIGURATION,
    policy_request,
    register_request,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.core.record import JsonValue
    from edactl.core.scaling_policy.requests import Document
    from edactl.core.scaling_policy.wanted import WantedPolicy

_PROPERTY_TYPES = {
    "TargetTrackingScalingPolicyConfiguration": "TargetTrackingScalingPolicyConfigurationProperty",
    "CustomizedMetricSpecification": "CustomizedMetricSpecificationProperty",
    "Metrics": "TargetTrackingMetricDataQueryProperty",
    "MetricStat": "TargetTrackingMetricStatProperty",
    "Metric": "TargetTrackingMetricProperty",
    "Dimensions": "TargetTrackingMetricDimensionProperty",
}
_TERRAFORM_BLOCKS = frozenset(_PROPERTY_TYPES)


def files(wanted: WantedPolicy) -> dict[str, str]:
    """Each file's text by its name."""
    return {
        "scaling-policy.json": json_text(policy_request(wanted), indent=2) + "\n",
        "register-scalable-target.json": json_text(_register(wanted), indent=2) + "\n",
        "cloudformation.json": json_text(_cloudformation(wanted), indent=2) + "\n",
        "scaling.tf": _terraform(wanted),
        "scaling_cdk.py": _cdk(wanted),
    }


def _register(wanted: WantedPolicy) -> Document:
    return register_request(wanted.place, wanted.minimum_tasks, wanted.maximum_tasks)


def _configuration(wanted: WantedPolicy) -> Document:
    found = policy_request(wanted)[TRACKING_CONFIGURATION]
    assert isinstance(found, dict)  # noqa: S101 -- just made
    return found


def _cloudformation(wanted: WantedPolicy) -> Document:
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"Scaling of {wanted.place} by queue {wanted.queue}",
        "Resources": {
            "ScalableTarget": {
                "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
                "Properties": _register(wanted),
            },
            "ScalingPolicy": {
                "Type": "AWS::ApplicationAutoScaling::ScalingPolicy",
                "Properties": {
                    "PolicyName": wanted.policy_name,
                    "PolicyType": "TargetTrackingScaling",
                    "ScalingTargetId": {"Ref": "ScalableTarget"},
                    TRACKING_CONFIGURATION: _configuration(wanted),
                },
            },
        },
    }


def _terraform(wanted: WantedPolicy) -> str:
    """HCL, aligned as `terraform fmt` aligns it."""
    target = "aws_appautoscaling_target.tasks"
    register = [f"{name} = {value}" for name, value in _terraform_fields(_register(wanted))]
    policy = [
        f"name = {_hcl(wanted.policy_name)}",
        'policy_type = "TargetTrackingScaling"',
        *(f"{name} = {target}.{name}" for name in _TERRAFORM_NAMES),
    ]
    block = _terraform_block(TRACKING_CONFIGURATION, _configuration(wanted), 1)
    return "\n".join(
        [
            'resource "aws_appautoscaling_target" "tasks" {',
            *_aligned(register, 1),
            "}",
            "",
            'resource "aws_appautoscaling_policy" "tasks" {',
            *_aligned(policy, 1),
            "",
            *block,
            "}",
            "",
        ]
    )


_TERRAFORM_NAMES = ("service_namespace", "resource_id", "scalable_dimension")


def _terraform_fields(document: Document) -> Iterator[tuple[str, str]]:
    for name, value in document.items():
        if name not in _TERRAFORM_BLOCKS:
            yield _snake(name), _hcl(value)


def _hcl(value: JsonValue) -> str:
    """A literal; in its strings `${` and `%{` begin no template."""
    return json.dumps(value).replace("${", "$${").replace("%{", "%%{")


def _terraform_block(name: str, document: Document, depth: int) -> list[str]:
    """One block and the blocks inside it."""
    indent = "  " * depth
    fields = _aligned([f"{key} = {value}" for key, value in _terraform_fields(document)], depth + 1)
    parts = [fields] if fields else []
    for inner, value in document.items():
        items = value if isinstance(value, list) else [value]
        for item in items if inner in _TERRAFORM_BLOCKS else ():
            assert isinstance(item, dict)  # noqa: S101 -- blocks are objects
            parts.append(_terraform_block(inner, item, depth + 1))
    lines = "\n\n".join("\n".join(part) for part in parts).split("\n")
    return [f"{indent}{_snake(name)} {{", *lines, f"{indent}}}"]


def _aligned(assignments: list[str], depth: int) -> list[str]:
    width = max((len(one.split(" = ", 1)[0]) for one in assignments), default=0)
    pairs = (one.split(" = ", 1) for one in assignments)
    return [f"{'  ' * depth}{name:<{width}} = {value}" for name, value in pairs]


def _cdk(wanted: WantedPolicy) -> str:
    """A construct for a stack in Python."""
    target = _python_arguments(_register(wanted), 3)
    configuration = _python("TargetTrackingScalingPolicyConfiguration", _configuration(wanted), 3)
    return "\n".join(
        [
            f'"""Scaling of {wanted.place} by queue {wanted.queue}."""',
            "",
            "from aws_cdk import aws_applicationautoscaling as scaling",
            "from constructs import Construct",
            "",
            "",
            "class QueueScaling(Construct):",
            f'    """{_summary(wanted)}."""',
            "",
            "    def __init__(self, scope: Construct, construct_id: str) -> None:",
            "        super().__init__(scope, construct_id)",
            "        target = scaling.CfnScalableTarget(",
            "            self,",
            '            "Target",',
            *target,
            "        )",
            "        scaling.CfnScalingPolicy(",
            "            self,",
            '            "Policy",',
            f"            policy_name={json.dumps(wanted.policy_name)},",
            '            policy_type="TargetTrackingScaling",',
            "            scaling_target_id=target.ref,",
            "            target_tracking_scaling_policy_configuration=" + configuration + ",",
            "        )",
            "",
        ]
    )


def _summary(wanted: WantedPolicy) -> str:
    tasks = f"{wanted.minimum_tasks} to {wanted.maximum_tasks} tasks"
    return f"{tasks} that hold {wanted.metric} at {wanted.target_value:g}"


def _python_arguments(document: Document, depth: int) -> list[str]:
    indent = "    " * depth
    return [
        f"{indent}{_snake(name)}={_python(name, value, depth)}," for name, value in document.items()
    ]


def _python(name: str, value: JsonValue, depth: int) -> str:
    """A value as Python, its lines after the first indented for `depth`."""
    indent = "    " * depth
    match value:
        case dict():
            arguments = "\n".join(_python_arguments(value, depth + 1))
            return f"scaling.CfnScalingPolicy.{_PROPERTY_TYPES[name]}(\n{arguments}\n{indent})"
        case list():
            items = "".join(f"{indent}    {_python(name, item, depth + 1)},\n" for item in value)
            return f"[\n{items}{indent}]"
    return json.dumps(value) if isinstance(value, str) else repr(value)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
