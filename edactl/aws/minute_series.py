"""CloudWatch: metrics minute by minute, with a place for every minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from edactl.aws.session import AwsSession

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class MinuteMetric:
    """A metric of AWS's own, as CloudWatch names it, and the statistic that is wanted."""

    namespace: str
    name: str
    statistic: str
    dimensions: Mapping[str, str]


def minute_series(
    session: AwsSession,
    metrics: Mapping[str, MinuteMetric],
    *,
    resource: str,
    start: datetime,
    end: datetime,
) -> dict[str, tuple[float | None, ...]]:
    """Every minute of each metric from `start` to `end`, both cut to whole minutes, by its name.

    None stands for a minute without a datapoint. `resource` is what errors name. Source: CloudWatch
    API reference, GetMetricData.
    """
    start, end = _whole(start), _whole(end)
    count = int((end - start) / _MINUTE)
    found: dict[str, list[float | None]] = {name: [None] * count for name in metrics}
    for result in session.pages(
        "cloudwatch",
        "get_metric_data",
        items="MetricDataResults",
        resource=resource,
        MetricDataQueries=[_query(name, metric) for name, metric in metrics.items()],
        StartTime=start,
        EndTime=end,
        ScanBy="TimestampAscending",
    ):
        row = found[result["Id"]]
        points = zip(result.get("Timestamps", []), result.get("Values", []), strict=False)
        for moment, value in points:
            at = int((moment - start) / _MINUTE)
            if 0 <= at < count:
                row[at] = float(value)
    return {name: tuple(row) for name, row in found.items()}


def _whole(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _query(name: str, metric: MinuteMetric) -> dict[str, object]:
    return {
        "Id": name,
        "MetricStat": {
            "Metric": {
                "Namespace": metric.namespace,
                "MetricName": metric.name,
                "Dimensions": [
                    {"Name": key, "Value": value} for key, value in metric.dimensions.items()
                ],
            },
            "Period": 60,
            "Stat": metric.statistic,
        },
    }
