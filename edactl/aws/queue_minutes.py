"""CloudWatch: what passed through a queue, minute by minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.aws.minute_series import MinuteMetric, minute_series
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


class QueueMinuteMetrics:
    """Metrics that SQS sends once a minute; CloudWatch keeps minutes for 15 days."""

    def __init__(self, session: AwsSession) -> None:
        self._session = session

    def minutes(self, queue: str, *, start: datetime, end: datetime) -> QueueMinutes:
        """Every minute from `start` to `end`, both cut to whole minutes.

        Source: SQS developer guide, "Available CloudWatch metrics for Amazon SQS".
        """
        wanted = _METRICS | (_OF_FIFO if queue.endswith(FIFO_SUFFIX) else {})
        metrics = {
            name: MinuteMetric("AWS/SQS", metric, statistic, {"QueueName": queue})
            for name, (metric, statistic) in wanted.items()
        }
        what = f"metrics of queue {queue}"
        found = minute_series(self._session, metrics, resource=what, start=start, end=end)
        return QueueMinutes(queue, **found)
