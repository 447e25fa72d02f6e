"""CloudWatch: processing times that a service sends as a metric of its own."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from edactl.core.scaling_advice.durations import Durations

if TYPE_CHECKING:
    from datetime import datetime

    from edactl.aws.session import AwsSession
    from edactl.core.scaling_advice.durations import MetricName

_HOUR_SECONDS, _SHORT_SECONDS = 3600, 300
_SHORT = timedelta(days=1)


@dataclass(frozen=True)
class DurationMetrics:
    """Statistics of a metric, hour by hour (five minutes for a day or less)."""

    session: AwsSession

    def durations(
        self, metric: MetricName, *, start: datetime, end: datetime
    ) -> tuple[list[Durations], str | None]:
        """The periods that have datapoints, and the unit that the metric was sent with.

        Percentiles are missing where values were sent as statistic sets. Source: CloudWatch API
        reference, GetMetricStatistics: one call gives statistics or percentiles, and at most 1,440
        datapoints.
        """
        asked: dict[str, Any] = {
            "Namespace": metric.namespace,
            "MetricName": metric.name,
            "Dimensions": [{"Name": name, "Value": value} for name, value in metric.dimensions],
            "StartTime": start,
            "EndTime": end,
            "Period": _SHORT_SECONDS if end - start <= _SHORT else _HOUR_SECONDS,
        }
        means = self._points(metric, asked | {"Statistics": ["Average", "SampleCount"]})
        percentiles = {
            (one["Timestamp"], one.get("Unit")): one.get("ExtendedStatistics", {})
            for one in self._points(metric, asked | {"ExtendedStatistics": ["p50", "p95"]})
        }
        units = Counter[str]()
        for one in means:
            units[one.get("Unit", "")] += one["SampleCount"]
        unit = units.most_common(1)[0][0] if units else None
        found = [
            Durations(
                samples=float(one["SampleCount"]),
                mean=float(one["Average"]),
                p50=more.get("p50"),
                p95=more.get("p95"),
            )
            for one in means
            for more in [percentiles.get((one["Timestamp"], one.get("Unit")), {})]
            if one.get("Unit", "") == unit
        ]
        return found, unit

    def _points(self, metric: MetricName, asked: dict[str, Any]) -> list[dict[str, Any]]:
        answer = self.session.call(
            "cloudwatch", "get_metric_statistics", resource=f"metric {metric}", **asked
        )
        return list(answer.get("Datapoints", []))
