"""CloudWatch: how many tasks of a service ran, minute by minute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.aws.minute_series import MinuteMetric, minute_series
from edactl.core.scaling_advice.service_facts import ServiceMinutes
from edactl.core.scaling_policy.metric_math import RUNNING_TASKS

if TYPE_CHECKING:
    from datetime import datetime

    from edactl.aws.session import AwsSession
    from edactl.core.scaling_policy.service_place import ServicePlace

_METRICS = {
    "insights": RUNNING_TASKS["container-insights"],
    "samples": RUNNING_TASKS["cpu-samples"],
}


@dataclass(frozen=True)
class ServiceMinuteMetrics:
    """Container Insights' count where it is on, else how many tasks told their CPU.

    Source: ECS developer guide, "Service RUNNING task count". A service with metrics of 20 seconds
    is likely to count three samples a task and minute (unverified).
    """

    session: AwsSession

    def minutes(self, place: ServicePlace, *, start: datetime, end: datetime) -> ServiceMinutes:
        """Every minute from `start` to `end`, both cut to whole minutes."""
        dimensions = {"ClusterName": place.cluster, "ServiceName": place.service}
        metrics = {name: MinuteMetric(*one, dimensions) for name, one in _METRICS.items()}
        what = f"metrics of service {place}"
        found = minute_series(self.session, metrics, resource=what, start=start, end=end)
        told = (name for name, row in found.items() if any(one is not None for one in row))
        chosen = next(told, "samples")
        _, metric, statistic = _METRICS[chosen]
        return ServiceMinutes(f"{metric} {statistic}", found[chosen])
