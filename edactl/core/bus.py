"""An event bus, its rules and their targets, as operators read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping


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
    a FIFO queue and of a Kinesis stream; as a JSON path they read the event.
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


def target_of_record(record: Mapping[str, Any]) -> Target:
    """A target from JSON: as AWS's ListTargetsByRule writes it, or as our own records do.

    Raises InputError for an input setting that is not of the type that AWS takes.
    """
    retry = record.get("RetryPolicy") or {}
    letters = record.get("DeadLetterConfig") or {}
    queue = record.get("SqsParameters") or {}
    stream = record.get("KinesisParameters") or {}
    target_id = str(record.get("Id", record.get("target_id", "")))
    where = f'target "{target_id}"'
    transformer = record.get("InputTransformer") or record.get("input_transformer")
    return Target(
        target_id=target_id,
        arn=str(record.get("Arn", record.get("arn", ""))),
        dead_letter_arn=letters.get("Arn", record.get("dead_letter_arn")),
        max_event_age_seconds=retry.get(
            "MaximumEventAgeInSeconds", record.get("max_event_age_seconds")
        ),
        max_attempts=retry.get("MaximumRetryAttempts", record.get("max_attempts")),
        role_arn=record.get("RoleArn", record.get("role_arn")) or None,
        input=_text(record.get("Input", record.get("input")), f"{where} Input"),
        input_path=_text(record.get("InputPath", record.get("input_path")), f"{where} InputPath"),
        input_transformer=_transformer(transformer, where) if transformer else None,
        message_group_id=queue.get("MessageGroupId", record.get("message_group_id")),
        partition_key_path=stream.get("PartitionKeyPath", record.get("partition_key_path")),
    )


def _text(value: object, where: str) -> str | None:
    if value is None or isinstance(value, str):
        return value or None
    raise InputError("a string is expected", where=where, hint="AWS takes JSON as a string here")


def _transformer(record: object, where: str) -> InputTransformer:
    where = f"{where} InputTransformer"
    if not isinstance(record, dict):
        raise InputError("an object is expected", where=where)
    template = record.get("InputTemplate", record.get("template"))
    paths = record.get("InputPathsMap", record.get("paths")) or {}
    if not isinstance(paths, dict) or not all(isinstance(one, str) for one in paths.values()):
        raise InputError("a map of names to JSON paths is expected", where=f"{where}.InputPathsMap")
    return InputTransformer(_text(template, f"{where}.InputTemplate") or "", paths)
