"""CloudWatch: how many tasks of a service ran, minute by minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from edactl.core.scaling_advice.service_facts import ServiceMinutes

if TYPE_CHECKING:
    from datetime import datetime

    from edactl.aws.session import AwsSession
    from edactl.core.scaling_policy.service_place import ServicePlace

_METRICS = {
    "insights": ("ECS/ContainerInsights", "RunningTaskCount", "Average"),
    "samples": ("AWS/ECS", "CPUUtilization", "SampleCount"),
}
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class ServiceMinuteMetrics:
    """Container Insights' count where it is on, else how many tasks told their CPU.

    Source: ECS developer guide, "Service RUNNING task count". A service with metrics of 20 seconds
    is likely to count three samples a task and minute (unverified).
    """

    session: AwsSession

    def minutes(self, place: ServicePlace, *, start: datetime, end: datetime) -> ServiceMinutes:
        """Every minute from `start` to `end`, both cut to whole minutes."""
        start, end = (one.replace(second=0, microsecond=0) for one in (start, end))
        count = int((end - start) / _MINUTE)
        found: dict[str, list[float | None]] = {name: [None] * count for name in _METRICS}
        for result in self.session.pages(
            "cloudwatch",
            "get_metric_data",
            items="MetricDataResults",
            resource=f"metrics of service {place}",
            MetricDataQueries=[_query(name, place) for name in _METRICS],
            StartTime=start,
            EndTime=end,
            ScanBy="TimestampAscending",
        ):
            points = zip(result.get("Timestamps", []), result.get("Values", []), strict=False)
            for moment, value in points:
                at = int((moment - start) / _MINUTE)
                if 0 <= at < count:
                    found[result["Id"]][at] = float(value)
        chosen = next(
            (one for one in _METRICS if any(v is not None for v in found[one])), "samples"
        )
        _, name, statistic = _METRICS[chosen]
        return ServiceMinutes(f"{name} {statistic}", tuple(found[chosen]))


def _query(name: str, place: ServicePlace) -> dict[str, object]:
    namespace, metric, statistic = _METRICS[name]
    return {
        "Id": name,
        "MetricStat": {
            "Metric": {
                "Namespace": namespace,
                "MetricName": metric,
                "Dimensions": [
                    {"Name": "ClusterName", "Value": place.cluster},
                    {"Name": "ServiceName", "Value": place.service},
                ],
            },
            "Period": 60,
            "Stat": statistic,
        },
    }
