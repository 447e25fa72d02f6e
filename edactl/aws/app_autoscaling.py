"""Application Auto Scaling: the scalable target and the policies of one ECS service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore import xform_name
from botocore.session import Session
from botocore.validate import ParamValidator

from edactl.aws.loader import ServiceFolderLoader
from edactl.core.scaling_policy.deployed import Deployed, Range
from edactl.core.scaling_policy.service_place import DIMENSION
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.aws.session import AwsSession
    from edactl.core.scaling_policy.requests import Document
    from edactl.core.scaling_policy.service_place import ServicePlace

SERVICE = "application-autoscaling"
_POLICY_FIELDS = frozenset({"PolicyName", "ServiceNamespace", "ResourceId", "ScalableDimension"})
_SUSPENDED = {
    "DynamicScalingOutSuspended": "scale-out",
    "DynamicScalingInSuspended": "scale-in",
    "ScheduledScalingSuspended": "scheduled scaling",
}


@dataclass(frozen=True)
class ScalingTargets:
    """The scalable targets of one account and region. Errors are AwsError or one of its kinds."""

    session: AwsSession

    def deployed(self, place: ServicePlace) -> Deployed:
        """What is deployed for a service; nothing when nobody registered it."""
        targets = list(
            self.session.pages(
                SERVICE,
                "describe_scalable_targets",
                items="ScalableTargets",
                resource=f"scaling of {place}",
                ServiceNamespace="ecs",
                ResourceIds=[place.resource_id],
                ScalableDimension=DIMENSION,
            )
        )
        policies = {one["PolicyName"]: _document(one) for one in self._policies(place)}
        if not targets:
            return Deployed(None, policies)
        target = targets[0]
        suspended = target.get("SuspendedState", {})
        return Deployed(
            Range(int(target["MinCapacity"]), int(target["MaxCapacity"])),
            policies,
            tuple(word for name, word in _SUSPENDED.items() if suspended.get(name)),
        )

    def _policies(self, place: ServicePlace) -> Iterator[dict[str, Any]]:
        yield from self.session.pages(
            SERVICE,
            "describe_scaling_policies",
            items="ScalingPolicies",
            resource=f"scaling of {place}",
            ServiceNamespace="ecs",
            ResourceId=place.resource_id,
            ScalableDimension=DIMENSION,
        )

    def send(self, operation: str, request: Document) -> None:
        """Make one call, named as AWS names it, with AWS's own input."""
        fields: dict[str, Any] = dict(request)
        resource = f"scaling of {str(request['ResourceId']).removeprefix('service/')}"
        self.session.call(SERVICE, xform_name(operation), resource=resource, **fields)


def _document(item: dict[str, Any]) -> Document:
    """PutScalingPolicy's input that makes this policy again."""
    return {
        name: value
        for name, value in item.items()
        if name in _POLICY_FIELDS or name == "PolicyType" or name.endswith("Configuration")
    }


def refuse_invalid(requests: dict[str, Document]) -> None:
    """Nothing for inputs that botocore's own model of the service takes, by operation.

    Raises InputError that says what the model refuses. Needs no region and no credentials.
    """
    session = Session()
    session.register_component("data_loader", ServiceFolderLoader())
    model = session.get_service_model(SERVICE)
    for operation, request in requests.items():
        shape = model.operation_model(operation).input_shape
        assert shape is not None  # noqa: S101 -- each of these operations has an input
        report = ParamValidator().validate(request, shape)
        if report.has_errors():
            raise InputError(
                f"{operation} would be refused: {' '.join(report.generate_report().split())}",
                hint="edactl scale apply … --write DIR shows the requests",
            )
