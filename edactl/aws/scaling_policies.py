"""Application Auto Scaling: the scalable target and the policies of one service of ECS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edactl.core.deployed_scaling import DeployedPolicy, DeployedScaling
from edactl.core.scaling_policy.service_place import DIMENSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.aws.session import AwsSession
    from edactl.core.scaling_policy.service_place import ServicePlace

_SERVICE = "application-autoscaling"
_SUSPENDED = {
    "DynamicScalingOutSuspended": "scale-out",
    "DynamicScalingInSuspended": "scale-in",
    "ScheduledScalingSuspended": "scheduled scaling",
}
_ONLY_IN_ANSWERS = frozenset({"PolicyARN", "Alarms", "CreationTime"})


@dataclass(frozen=True)
class ScalingPolicies:
    """Reads what is deployed. Every error is an AwsError or one of its kinds."""

    session: AwsSession

    def of_service(self, place: ServicePlace) -> DeployedScaling | None:
        """The scaling of one service; None when it is not behind Application Auto Scaling.

        That a service has no scalable target does not say that there is such a service.
        """
        for target in self._targets(place):
            suspended = target.get("SuspendedState", {})
            return DeployedScaling(
                resource_id=target["ResourceId"],
                minimum_tasks=int(target["MinCapacity"]),
                maximum_tasks=int(target["MaxCapacity"]),
                policies=tuple(map(_policy, self._policies(place))),
                suspended=tuple(word for key, word in _SUSPENDED.items() if suspended.get(key)),
            )
        return None

    def _targets(self, place: ServicePlace) -> Iterator[dict[str, Any]]:
        yield from self.session.pages(
            _SERVICE,
            "describe_scalable_targets",
            items="ScalableTargets",
            resource=f"scaling of {place}",
            ServiceNamespace="ecs",
            ResourceIds=[place.resource_id],
            ScalableDimension=DIMENSION,
        )

    def _policies(self, place: ServicePlace) -> Iterator[dict[str, Any]]:
        yield from self.session.pages(
            _SERVICE,
            "describe_scaling_policies",
            items="ScalingPolicies",
            resource=f"scaling of {place}",
            ServiceNamespace="ecs",
            ResourceId=place.resource_id,
            ScalableDimension=DIMENSION,
        )


def _policy(item: dict[str, Any]) -> DeployedPolicy:
    return DeployedPolicy(
        name=item["PolicyName"],
        kind=item["PolicyType"],
        document={key: value for key, value in item.items() if key not in _ONLY_IN_ANSWERS},
        alarms=tuple(one["AlarmName"] for one in item.get("Alarms", [])),
    )
