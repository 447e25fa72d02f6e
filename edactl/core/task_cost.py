"""What a Fargate task cost, from a dated price table; never a network call.

Source: AWS Fargate pricing, Linux, read in June 2026 (ARM and storage prices unverified). Billed by
the second from the pull of the image to the end, at least a minute. Spot's price moves; the
estimate takes the discount of up to 70 % that AWS names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.core.task import SPOT
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edactl.core.record import JsonValue
    from edactl.core.task import Task

PRICES_DATE = "2026-06"
_FREE_STORAGE_GIB = 20
_LEAST_SECONDS = 60
_SPOT_SHARE = 0.3
_HOUR_SECONDS = 3600
_UNITS_PER_VCPU = 1024
_MIB_PER_GB = 1024


@dataclass(frozen=True)
class Price:
    """US dollars an hour: of a vCPU, of a GB of memory, of a GB of storage above 20."""

    vcpu_hour: float
    gb_hour: float
    storage_gb_hour: float = 0.000111


PRICES: dict[tuple[str, str], Price] = {
    ("us-east-1", "X86_64"): Price(0.04048, 0.004445),
    ("us-east-1", "ARM64"): Price(0.03238, 0.00356),
}


@dataclass(frozen=True)
class Cost:
    """US dollars, null when they cannot be told; `note` says why, or how sure they are."""

    usd: float | None
    note: str | None = None


def cost_of(
    task: Task,
    region: str,
    architecture: str,
    prices: Mapping[tuple[str, str], Price] = PRICES,
) -> Cost:
    """What one ended task cost."""
    if task.launch_type in {"EC2", "EXTERNAL"}:
        return Cost(None, "it ran on instances of your own")
    price = prices.get((region, architecture))
    if price is None:
        return Cost(None, f"no price of {architecture} in {region} is known: --price-file FILE")
    start, end = task.pull_started_at, task.execution_stopped_at or task.stopped_at
    if end is None:
        return Cost(None, "it has not ended")
    if start is None:
        return Cost(0.0)
    if task.cpu is None or task.memory is None:
        return Cost(None, "its size is not told")
    hours = max(_LEAST_SECONDS, (end - start).total_seconds()) / _HOUR_SECONDS
    storage = max(0, (task.ephemeral_storage_gib or 0) - _FREE_STORAGE_GIB)
    compute = (
        task.cpu / _UNITS_PER_VCPU * price.vcpu_hour + task.memory / _MIB_PER_GB * price.gb_hour
    )
    spot = task.capacity_provider == SPOT
    usd = hours * (compute * (_SPOT_SHARE if spot else 1) + storage * price.storage_gb_hour)
    note = "an estimate: Spot at 70 % off" if spot else None
    return Cost(round(usd, 6), note)


def prices_from(document: JsonValue, where: str) -> dict[tuple[str, str], Price]:
    """The package's prices, with those of a --price-file over them.

    `{"eu-west-1": {"X86_64": {"vcpu_hour": 0.04, "gb_hour": 0.004}}}`. Raises InputError.
    """
    found = dict(PRICES)
    if not isinstance(document, dict):
        raise InputError("it is no JSON object of regions", where=where)
    for region, architectures in document.items():
        if not isinstance(architectures, dict):
            raise InputError("it is no object of X86_64 and ARM64", where=f"{where} {region}")
        for architecture, one in architectures.items():
            found[region, architecture] = _price(one, f"{where} {region}.{architecture}")
    return found


def _price(value: JsonValue, where: str) -> Price:
    if isinstance(value, dict):
        vcpu, memory = value.get("vcpu_hour"), value.get("gb_hour")
        if isinstance(vcpu, int | float) and isinstance(memory, int | float):
            return Price(vcpu, memory)
    raise InputError("it needs the numbers vcpu_hour and gb_hour", where=where)
