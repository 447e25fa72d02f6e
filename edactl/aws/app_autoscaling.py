"""Application Auto Scaling: changes what is deployed for a service of ECS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore import xform_name
from botocore.session import Session
from botocore.validate import ParamValidator

from edactl.aws.loader import ServiceFolderLoader
from edactl.errors import InputError

if TYPE_CHECKING:
    from edactl.aws.session import AwsSession
    from edactl.core.scaling_policy.requests import Document

SERVICE = "application-autoscaling"


@dataclass(frozen=True)
class ScalingTargets:
    """Changes the scaling of services. Every error is an AwsError or one of its kinds."""

    session: AwsSession

    def send(self, operation: str, request: Document) -> None:
        """Make one call, named as AWS names it, with AWS's own input."""
        fields: dict[str, Any] = dict(request)
        resource = f"scaling of {str(request['ResourceId']).removeprefix('service/')}"
        self.session.call(SERVICE, xform_name(operation), resource=resource, **fields)


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
