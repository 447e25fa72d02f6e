"""What a Fargate task cost, by a table of prices.

Source: AWS Fargate pricing. Billed by the second from the pull of the image to the end, at least a
minute; 20 GB of storage come with the task. Spot's price moves: the estimate takes the discount of
up to 70 % that AWS names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.core.fargate_prices import PRICES, Price
from edactl.core.task import SPOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edactl.core.task import Task

_FREE_STORAGE_GIB = 20
_LEAST_SECONDS = 60
_SPOT_SHARE = 0.3
_HOUR_SECONDS = 3600
_UNITS_PER_VCPU = 1024
_MIB_PER_GB = 1024


@dataclass(frozen=True)
class Cost:
    """US dollars, null when they cannot be told; `note` says why, or how sure they are."""

    usd: float | None
    note: str | None = None


def cost_of(
    task: Task,
    region: str,
    platform: str,
    prices: Mapping[tuple[str, str], Price] = PRICES,
) -> Cost:
    """What one ended task cost."""
    if task.launch_type in {"EC2", "EXTERNAL"}:
        return Cost(None, "it ran on instances of your own")
    price = prices.get((region, platform))
    if price is None:
        return Cost(None, f"no price of {platform} in {region} is known: --price-file FILE")
    start, end = task.pull_started_at, task.execution_stopped_at or task.stopped_at
    if end is None:
        return Cost(None, "it has not ended")
    if start is None:
        return Cost(0.0)
    if task.cpu is None or task.memory is None:
        return Cost(None, "its size is not told")
    hours = max(_LEAST_SECONDS, (end - start).total_seconds()) / _HOUR_SECONDS
    return Cost(round(hours * _hourly(task, price), 6), _note(task, price))


def _hourly(task: Task, price: Price) -> float:
    compute = (task.cpu or 0) / _UNITS_PER_VCPU * price.vcpu_hour
    compute += (task.memory or 0) / _MIB_PER_GB * price.gb_hour
    share = _SPOT_SHARE if task.capacity_provider == SPOT else 1
    return compute * share + _paid_storage_gib(task) * price.storage


def _paid_storage_gib(task: Task) -> int:
    return max(0, (task.ephemeral_storage_gib or 0) - _FREE_STORAGE_GIB)


def _note(task: Task, price: Price) -> str:
    said = ["an estimate: Spot at 70 % off"] if task.capacity_provider == SPOT else []
    said.append(price.source)
    if _paid_storage_gib(task) and price.storage_gb_hour is None:
        said.append("storage at the price of us-east-1")
    return "; ".join(said)
