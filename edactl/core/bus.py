"""An event bus, its rules and their targets, as operators read them."""

from __future__ import annotations

from dataclasses import dataclass


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
class Target:
    """One target of a rule, and where what it cannot take goes."""

    target_id: str
    arn: str
    dead_letter_arn: str | None = None
