"""CloudWatch: what passed through a queue, minute by minute."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from edactl.core.queue import FIFO_SUFFIX
from edactl.core.scaling_advice.queue_minutes import QueueMinutes

if TYPE_CHECKING:
    from datetime import datetime

    from edactl.aws.session import AwsSession

_METRICS = {
    "sent": ("NumberOfMessagesSent", "Sum"),
    "received": ("NumberOfMessagesReceived", "Sum"),
    "deleted": ("NumberOfMessagesDeleted", "Sum"),
    "in_flight": ("ApproximateNumberOfMessagesNotVisible", "Average"),
}
_OF_FIFO = {"busy_groups": ("ApproximateNumberOfGroupsWithInflightMessages", "Maximum")}
_MINUTE = timedelta(minutes=1)


class QueueMinuteMetrics:
    """Metrics that SQS sends once a minute; CloudWatch keeps minutes for 15 days."""

    def __init__(self, session: AwsSession) -> None:
        self._session = session

    def minutes(self, queue: str, *, start: datetime, end: datetime) -> QueueMinutes:
        """Every minute from `start` to `end`, both cut to whole minutes.

        Source: SQS developer guide, "Available CloudWatch metrics for Amazon SQS".
        """
        start, end = _whole(start), _whole(end)
        count = int((end - start) / _MINUTE)
        metrics = _METRICS | (_OF_FIFO if queue.endswith(FIFO_SUFFIX) else {})
        found: dict[str, list[float | None]] = {name: [None] * count for name in metrics}
        for result in self._session.pages(
            "cloudwatch",
            "get_metric_data",
            items="MetricDataResults",
            resource=f"metrics of queue {queue}",
            MetricDataQueries=[_query(name, *one, queue) for name, one in metrics.items()],
            StartTime=start,
            EndTime=end,
            ScanBy="TimestampAscending",
        ):
            row = found[result["Id"]]
            for moment, value in zip(
                result.get("Timestamps", []), result.get("Values", []), strict=False
            ):
                at = int((moment - start) / _MINUTE)
                if 0 <= at < count:
                    row[at] = float(value)
        return QueueMinutes(queue, **{name: tuple(row) for name, row in found.items()})


def _whole(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _query(name: str, metric: str, statistic: str, queue: str) -> dict[str, object]:
    return {
        "Id": name,
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/SQS",
                "MetricName": metric,
                "Dimensions": [{"Name": "QueueName", "Value": queue}],
            },
            "Period": 60,
            "Stat": statistic,
        },
    }
