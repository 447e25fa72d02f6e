"""A service of ECS as scaling names it: CLUSTER/SERVICE, or the service's ARN."""

from __future__ import annotations

import re
from dataclasses import dataclass

from edactl.core.arn import is_arn, parse_arn
from edactl.errors import InputError

DIMENSION = "ecs:service:DesiredCount"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
_HINT = "CLUSTER/SERVICE, as in jobs/orders, or the service's ARN; see edactl service list"


@dataclass(frozen=True)
class ServicePlace:
    """A cluster and a service in it, by name."""

    cluster: str
    service: str

    def __str__(self) -> str:
        return f"{self.cluster}/{self.service}"

    @property
    def resource_id(self) -> str:
        """What Application Auto Scaling calls it. Source: its API reference, ResourceId."""
        return f"service/{self.cluster}/{self.service}"


def parse_service_place(text: str) -> ServicePlace:
    """The service meant by `jobs/orders`, its ARN, or a bare name in the cluster `default`.

    Raises InputError. Source: ECS API reference, CreateService (names of at most 255 letters,
    digits, underscores and hyphens).
    """
    named = text
    if is_arn(text):
        arn = parse_arn(text)
        kind, _, named = arn.resource.partition("/")
        if arn.service != "ecs" or kind != "service":
            raise InputError(f'"{text}" is not the ARN of a service', hint=_HINT)
    cluster, _, service = named.rpartition("/")
    cluster = cluster or "default"
    if not _NAME.fullmatch(cluster) or not _NAME.fullmatch(service):
        raise InputError(f'"{text}" names no service', hint=_HINT)
    return ServicePlace(cluster, service)
