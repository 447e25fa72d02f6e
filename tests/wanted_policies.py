"""A policy that can be wanted for the service jobs/orders."""

from __future__ import annotations

from typing import Any

from edactl.core.scaling_policy.service_place import parse_service_place
from edactl.core.scaling_policy.wanted import WantedPolicy

PLACE = parse_service_place("jobs/orders")


def wanted(**more: Any) -> WantedPolicy:
    """The policy, with some fields of its own."""
    fields: dict[str, Any] = {
        "place": PLACE,
        "queue": "orders",
        "policy_name": "edactl-orders",
        "metric": "backlog_per_task",
        "target_value": 15.0,
        "minimum_tasks": 2,
        "maximum_tasks": 40,
        "scale_out_cooldown_seconds": 60,
        "scale_in_cooldown_seconds": 300,
    }
    return WantedPolicy(**(fields | more))
