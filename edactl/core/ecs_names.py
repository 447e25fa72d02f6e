"""How a service or task is named: bare, with its cluster before it, or by ARN.

Names of clusters and services hold letters, digits, `-` and `_`, so a slash always parts the two.
Source: ECS API reference, CreateCluster and CreateService; Service-prefix ARN formats.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from edactl.core.arn import is_arn, parse_arn
from edactl.errors import InputError, UsageError

Kind = Literal["service", "task"]
_WITH_CLUSTER = 3


@dataclass(frozen=True)
class EcsName:
    """A service or task, by name, id or ARN, and the cluster it is in, by name or ARN."""

    cluster: str
    name: str


def ecs_name(text: str, kind: Kind, cluster: str = "") -> EcsName:
    """What `NAME`, `CLUSTER/NAME` or an ARN means, `cluster` being the one that was named apart.

    Without any it is the default cluster. Raises InputError for the ARN of something else, and
    UsageError when two clusters are named.
    """
    if is_arn(text):
        parts = _of_arn(text, kind)
        inside = parts[1] if len(parts) == _WITH_CLUSTER else ""
        return EcsName(_agreed(inside, cluster, text), text)
    inside, slash, name = text.rpartition("/")
    if slash and (not inside or not name or "/" in inside):
        raise InputError(
            f'"{text}" names no {kind}', hint=f"{kind.upper()}, CLUSTER/{kind.upper()} or its ARN"
        )
    return EcsName(_agreed(inside, cluster, text), name)


def _of_arn(text: str, kind: Kind) -> list[str]:
    arn = parse_arn(text)
    parts = arn.resource.split("/")
    if arn.service != "ecs" or parts[0] != kind:
        raise InputError(f'"{text}" is not the ARN of a {kind}', hint=f"edactl {kind} list")
    return parts


def _agreed(inside: str, cluster: str, text: str) -> str:
    if inside and cluster and cluster.rpartition("/")[2] != inside:
        raise UsageError(
            f'"{text}" is in cluster "{inside}", and --cluster says "{cluster}"',
            hint="leave --cluster out",
        )
    return cluster or inside or "default"
