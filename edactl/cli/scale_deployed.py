"""What is deployed for a service, for the commands that are about nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.errors import AwsError

if TYPE_CHECKING:
    from edactl.aws.session import AwsSession
    from edactl.cli.context import CommandContext
    from edactl.core.deployed_scaling import DeployedScaling
    from edactl.core.scaling_policy.service_place import ServicePlace


def deployed_scaling(
    context: CommandContext, session: AwsSession, place: ServicePlace
) -> DeployedScaling | None:
    """The scalable target and its policies; None when the service is not registered.

    Raises AwsError; on the sandbox, which answers with nothing but 400, one that says why.
    """
    from edactl.aws.scaling_policies import ScalingPolicies

    try:
        return ScalingPolicies(session).of_service(place)
    except AwsError as error:
        if not context.sandbox:
            raise
        raise AwsError(
            f"the sandbox has no Application Auto Scaling: nothing there scales {place}",
            code=error.code,
            operation=error.operation,
            hint="EDACTL_SANDBOX=0 for your account; edactl scale apply … --write DIR and edactl"
            " scale simulate --policy FILE need none",
        ) from None
