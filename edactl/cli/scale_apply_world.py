"""The service that `scale apply` is about, as it is, and the way to change it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.cli.scale_deployed import deployed_scaling

if TYPE_CHECKING:
    from edactl.aws.app_autoscaling import ScalingTargets
    from edactl.aws.session import AwsSession
    from edactl.cli.context import CommandContext
    from edactl.cli.scale_apply_input import How
    from edactl.core.deployed_scaling import DeployedScaling
    from edactl.core.ecs_service import Service
    from edactl.core.scaling_policy.service_place import ServicePlace


@dataclass(frozen=True)
class World:
    """The service as it is, and the way to change it."""

    session: AwsSession
    targets: ScalingTargets
    place: ServicePlace
    service: Service
    deployed: DeployedScaling | None


def look(context: CommandContext, place: ServicePlace, how: How) -> World:
    """Look at it. Raises NotFound and AwsError."""
    session = context.session(read_only=how.dry_run)
    from edactl.aws.app_autoscaling import ScalingTargets
    from edactl.aws.ecs_services import EcsServices

    service = EcsServices(session).describe(place.cluster, place.service)
    deployed = deployed_scaling(context, session, place)
    return World(session, ScalingTargets(session), place, service, deployed)
