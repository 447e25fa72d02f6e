"""An event bus, its rules and their targets, as operators read them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edactl.core.record import JsonValue


@dataclass(frozen=True)
class Bus:
    """One event bus. `policy` is AWS's own JSON text; times are RFC 3339."""

    name: str
    arn: str
    description: str | None = None
    created_at: str | None = None
    has_policy: bool = False
    policy: str | None = None
    kms_key: str | None = None
    dead_letter_arn: str | None = None


@dataclass(frozen=True)
class Rule:
    """One rule of a bus. `managed_by` names the AWS service that owns it, if one does."""

    name: str
    arn: str
    bus: str
    state: str
    pattern: str | None = None
    schedule: str | None = None
    description: str | None = None
    managed_by: str | None = None


@dataclass(frozen=True)
class InputTransformer:
    """What a target gets instead of the event: a template, and paths for its placeholders."""

    template: str
    paths: Mapping[str, str]


@dataclass(frozen=True)
class Target:
    """One target of a rule: what it gets, and where what it cannot take goes.

    `max_event_age_seconds` and `max_attempts` are the retry policy's, null where AWS's defaults
    (24 hours, 185 attempts) are in force. `message_group_id` and `partition_key_path` are those of
    a FIFO queue and of a Kinesis stream; as a JSON path they read the event. `task_definition_arn`
    is that of an ECS task, and `ecs_parameters` AWS's own EcsParameters, all that it says of one.
    """

    target_id: str
    arn: str
    dead_letter_arn: str | None = None
    max_event_age_seconds: int | None = None
    max_attempts: int | None = None
    role_arn: str | None = None
    input: str | None = None
    input_path: str | None = None
    input_transformer: InputTransformer | None = None
    message_group_id: str | None = None
    partition_key_path: str | None = None
    task_definition_arn: str | None = None
    ecs_parameters: Mapping[str, JsonValue] | None = None


def target_of_record(record: Mapping[str, Any]) -> Target:
    """A target from JSON: as AWS's ListTargetsByRule writes it, or as our own records do.

    Never refuses one: an input setting of a type that AWS does not take is kept as JSON text, and
    whoever applies it says so.
    """
    retry, letters = _part(record, "RetryPolicy"), _part(record, "DeadLetterConfig")
    queue, stream = _part(record, "SqsParameters"), _part(record, "KinesisParameters")
    task = _part(record, "EcsParameters")
    transformer = record.get("InputTransformer") or record.get("input_transformer")
    return Target(
        target_id=str(record.get("Id", record.get("target_id", ""))),
        arn=str(record.get("Arn", record.get("arn", ""))),
        dead_letter_arn=letters.get("Arn", record.get("dead_letter_arn")),
        max_event_age_seconds=retry.get(
            "MaximumEventAgeInSeconds", record.get("max_event_age_seconds")
        ),
        max_attempts=retry.get("MaximumRetryAttempts", record.get("max_attempts")),
        role_arn=record.get("RoleArn", record.get("role_arn")) or None,
        input=_text(record.get("Input", record.get("input"))),
        input_path=_text(record.get("InputPath", record.get("input_path"))),
        input_transformer=_transformer(transformer) if transformer else None,
        message_group_id=_text(queue.get("MessageGroupId", record.get("message_group_id"))),
        partition_key_path=_text(stream.get("PartitionKeyPath", record.get("partition_key_path"))),
        task_definition_arn=_text(task.get("TaskDefinitionArn", record.get("task_definition_arn"))),
        ecs_parameters=task or _part(record, "ecs_parameters") or None,
    )


def _part(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A part of the record; none where a template has something in its place that is no object."""
    part = record.get(name)
    return part if isinstance(part, dict) else {}


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value or None
    return json.dumps(value, ensure_ascii=False)


def _transformer(record: object) -> InputTransformer:
    if not isinstance(record, dict):
        return InputTransformer(_text(record) or "", {})
    template = record.get("InputTemplate", record.get("template"))
    paths = record.get("InputPathsMap", record.get("paths"))
    if not isinstance(paths, dict):
        paths = {}
    return InputTransformer(
        _text(template) or "", {str(name): _text(path) or "" for name, path in paths.items()}
    )
