"""Application Auto Scaling: the scalable targets and the policies of services of ECS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edactl.aws.alarms import metric_alarms
from edactl.core.deployed_scaling import DeployedPolicy, DeployedScaling, ScalingAlarm, alarm_of
from edactl.core.scaling_policy.service_place import DIMENSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from edactl.aws.session import AwsSession
    from edactl.core.scaling_policy.service_place import ServicePlace

TARGETS_AT_ONCE = 50
"""Application Auto Scaling API reference, DescribeScalableTargets: at most 50 in one call."""
FEW_SERVICES = 10
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
        for target in self._targets([place.resource_id], str(place)):
            return _scaling(target, self._policies_of(place.resource_id))
        return None

    def of_services(self, places: Iterable[ServicePlace]) -> dict[str, DeployedScaling]:
        """The scaling of those that have one, by resource id.

        AWS takes one resource id or none when it is asked for policies, and gives ten a call. So
        those of a few services are asked for one by one, those of many for the whole region.
        """
        ids, targets = [one.resource_id for one in places], []
        for start in range(0, len(ids), TARGETS_AT_ONCE):
            targets += list(self._targets(ids[start : start + TARGETS_AT_ONCE], "services"))
        if len(targets) <= FEW_SERVICES:
            found = [one for target in targets for one in self._policies_of(target["ResourceId"])]
        else:
            found = list(self._policies("services"))
        return {
            target["ResourceId"]: _scaling(
                target, (one for one in found if one["ResourceId"] == target["ResourceId"])
            )
            for target in targets
        }

    def _policies_of(self, resource_id: str) -> Iterator[dict[str, Any]]:
        what = resource_id.removeprefix("service/")
        return self._policies(what, ResourceId=resource_id)

    def _targets(self, resource_ids: list[str], what: str) -> Iterator[dict[str, Any]]:
        yield from self.session.pages(
            _SERVICE,
            "describe_scalable_targets",
            items="ScalableTargets",
            resource=f"scaling of {what}",
            ServiceNamespace="ecs",
            ResourceIds=resource_ids,
            ScalableDimension=DIMENSION,
        )

    def _policies(self, what: str, **where: Any) -> Iterator[dict[str, Any]]:
        yield from self.session.pages(
            _SERVICE,
            "describe_scaling_policies",
            items="ScalingPolicies",
            resource=f"scaling of {what}",
            ServiceNamespace="ecs",
            ScalableDimension=DIMENSION,
            **where,
        )


def _scaling(target: dict[str, Any], policies: Iterable[dict[str, Any]]) -> DeployedScaling:
    suspended = target.get("SuspendedState", {})
    return DeployedScaling(
        resource_id=target["ResourceId"],
        minimum_tasks=int(target["MinCapacity"]),
        maximum_tasks=int(target["MaxCapacity"]),
        policies=tuple(map(_policy, policies)),
        suspended=tuple(word for key, word in _SUSPENDED.items() if suspended.get(key)),
    )


@dataclass(frozen=True)
class ScalingAlarms:
    """Reads alarms. Every error is an AwsError or one of its kinds."""

    session: AwsSession

    def named(self, names: Sequence[str]) -> list[ScalingAlarm]:
        """The metric alarms of these names; those that are not there are left out."""
        return list(map(alarm_of, metric_alarms(self.session, names)))


def _policy(item: dict[str, Any]) -> DeployedPolicy:
    return DeployedPolicy(
        name=item["PolicyName"],
        kind=item["PolicyType"],
        document={key: value for key, value in item.items() if key not in _ONLY_IN_ANSWERS},
        alarms=tuple(one["AlarmName"] for one in item.get("Alarms", [])),
    )
