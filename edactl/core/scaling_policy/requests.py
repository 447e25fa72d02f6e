"""What AWS is asked to do, in its own documents: the target's range, and the policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.core.scaling_policy.metric_math import metric_queries
from edactl.core.scaling_policy.service_place import DIMENSION

if TYPE_CHECKING:
    from edactl.core.record import JsonValue
    from edactl.core.scaling_policy.service_place import ServicePlace
    from edactl.core.scaling_policy.wanted import WantedPolicy

Document = dict[str, "JsonValue"]
TRACKING = "TargetTrackingScaling"
TRACKING_CONFIGURATION = "TargetTrackingScalingPolicyConfiguration"


def target_of(place: ServicePlace) -> Document:
    """The fields by which every operation names the target."""
    return {
        "ServiceNamespace": "ecs",
        "ResourceId": place.resource_id,
        "ScalableDimension": DIMENSION,
    }


def register_request(place: ServicePlace, minimum: int, maximum: int) -> Document:
    """RegisterScalableTarget's input. What is suspended stays so: it is left out."""
    return {**target_of(place), "MinCapacity": minimum, "MaxCapacity": maximum}


def policy_request(wanted: WantedPolicy) -> Document:
    """PutScalingPolicy's input."""
    return {
        "PolicyName": wanted.policy_name,
        **target_of(wanted.place),
        "PolicyType": TRACKING,
        TRACKING_CONFIGURATION: {
            "TargetValue": wanted.target_value,
            "CustomizedMetricSpecification": {"Metrics": [*metric_queries(wanted)]},
            "ScaleOutCooldown": wanted.scale_out_cooldown_seconds,
            "ScaleInCooldown": wanted.scale_in_cooldown_seconds,
            "DisableScaleIn": False,
        },
    }
