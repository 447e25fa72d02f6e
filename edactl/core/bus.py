"""An event bus, its rules and their targets, as operators read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    (24 hours, 185 attempts) are in force.
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
