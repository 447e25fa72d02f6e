"""An existing policy's JSON, as PutScalingPolicy takes it, as a policy of the simulation.

Target tracking on CPU, on the queue's depth, and on metric math that divides visible messages by
running tasks. Field names: Application Auto Scaling API reference.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from edactl.core.scaling_sim.policies import Policy
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edactl.core.deployed_scaling import DeployedScaling
    from edactl.core.record import JsonValue

_KEY = "TargetTrackingScalingPolicyConfiguration"
_VISIBLE, _SENT = "ApproximateNumberOfMessagesVisible", "NumberOfMessagesSent"
_HINT = "target tracking on CPU, visible messages, or visible messages / running tasks"


def policy_of_json(text: bytes, *, name: str, where: str) -> Policy:
    """The policy that a document describes: PutScalingPolicy's whole input, or its configuration.

    `name` is what results call it. Raises InputError for what cannot be simulated.
    """
    try:
        document: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError("it is not JSON", where=where, hint=_HINT) from None
    configuration = document.get(_KEY, document) if isinstance(document, dict) else None
    if not isinstance(configuration, dict):
        raise InputError("it is not a scaling policy", where=where, hint=_HINT)
    target = configuration.get("TargetValue")
    if isinstance(target, bool) or not isinstance(target, int | float) or not 0 < target < math.inf:
        raise InputError("it has no TargetValue above 0", where=where, hint=_HINT)
    kind = _kind(configuration)
    if kind is None:
        raise InputError("its metric cannot be simulated", where=where, hint=_HINT)
    return Policy(
        name,
        kind,
        float(target),
        watches_load=kind == "load",
        out_cooldown_seconds=_seconds(configuration.get("ScaleOutCooldown")),
        in_cooldown_seconds=_seconds(configuration.get("ScaleInCooldown")),
    )


def backlog_target_of(scaling: DeployedScaling) -> float | None:
    """The backlog per task that a deployed policy holds; the lowest of several."""
    targets = [
        float(target)
        for policy in scaling.policies
        if policy.kind == "TargetTrackingScaling"
        and _kind(policy.configuration) == "backlog"
        and isinstance(target := policy.configuration.get("TargetValue"), int | float)
    ]
    return min(targets, default=None)


def _kind(configuration: Mapping[str, JsonValue]) -> str | None:
    predefined = configuration.get("PredefinedMetricSpecification")
    if isinstance(predefined, dict):
        is_cpu = predefined.get("PredefinedMetricType") == "ECSServiceAverageCPUUtilization"
        return "cpu" if is_cpu else None
    custom = configuration.get("CustomizedMetricSpecification")
    if not isinstance(custom, dict):
        return None
    named = json.dumps(custom)
    if isinstance(custom.get("Metrics"), list) and _VISIBLE in named:
        return "load" if _SENT in named else "backlog"
    return "queue-depth" if custom.get("MetricName") == _VISIBLE else None


def _seconds(value: JsonValue) -> float | None:
    return float(value) if isinstance(value, int | float) else None
