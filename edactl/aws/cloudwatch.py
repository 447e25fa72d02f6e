"""CloudWatch: how old the oldest message of a queue is, and when a rule last fired."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from edactl.aws.session import AwsSession

QUERIES_PER_CALL = 500
"""CloudWatch API reference, GetMetricData: at most 500 queries in one call."""
_LOOK_BACK = timedelta(minutes=15)
_RULES_LOOK_BACK = timedelta(days=14)
_HOUR_SECONDS = 3600


class QueueMetrics:
    """Metrics that SQS sends to CloudWatch once a minute."""

    def __init__(self, session: AwsSession) -> None:
        self._session = session

    def oldest_age_seconds(self, names: Sequence[str], *, now: datetime) -> dict[str, float]:
        """Age of each queue's oldest message, newest value of the last 15 minutes.

        A queue that CloudWatch knows nothing of is absent. Source: SQS developer guide, "Available
        CloudWatch metrics", ApproximateAgeOfOldestMessage.
        """
        ages: dict[str, float] = {}
        for start in range(0, len(names), QUERIES_PER_CALL):
            ages |= self._ages(names[start : start + QUERIES_PER_CALL], now)
        return ages

    def _ages(self, names: Sequence[str], now: datetime) -> dict[str, float]:
        queries = [
            {
                "Id": f"q{index}",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/SQS",
                        "MetricName": "ApproximateAgeOfOldestMessage",
                        "Dimensions": [{"Name": "QueueName", "Value": name}],
                    },
                    "Period": 60,
                    "Stat": "Maximum",
                },
            }
            for index, name in enumerate(names)
        ]
        ages: dict[str, float] = {}
        for result in self._session.pages(
            "cloudwatch",
            "get_metric_data",
            items="MetricDataResults",
            resource="metrics of queues",
            MetricDataQueries=queries,
            StartTime=now - _LOOK_BACK,
            EndTime=now,
            ScanBy="TimestampDescending",
        ):
            points = zip(result.get("Timestamps", []), result.get("Values", []), strict=False)
            newest = max(points, default=None, key=lambda point: point[0])
            if newest is not None:  # pages go backwards in time: the first one has the newest
                ages.setdefault(names[int(result["Id"][1:])], float(newest[1]))
        return ages


class RuleMetrics:
    """Metrics that EventBridge sends to CloudWatch."""

    def __init__(self, session: AwsSession) -> None:
        self._session = session

    def last_triggered(
        self, bus: str, names: Sequence[str], *, now: datetime
    ) -> dict[str, datetime]:
        """The beginning of the last hour of the past 14 days in which each rule matched an event.

        A rule that did not is absent. Source: EventBridge user guide, "Monitoring Amazon
        EventBridge", TriggeredRules.
        """
        found: dict[str, datetime] = {}
        for start in range(0, len(names), QUERIES_PER_CALL):
            some = names[start : start + QUERIES_PER_CALL]
            for result in self._session.pages(
                "cloudwatch",
                "get_metric_data",
                items="MetricDataResults",
                resource="metrics of rules",
                MetricDataQueries=[_rule_query(n, bus, name) for n, name in enumerate(some)],
                StartTime=now - _RULES_LOOK_BACK,
                EndTime=now,
                ScanBy="TimestampDescending",
            ):
                points = zip(result.get("Timestamps", []), result.get("Values", []), strict=False)
                newest = max((moment for moment, value in points if value), default=None)
                if newest is not None:
                    found.setdefault(some[int(result["Id"][1:])], newest)
        return found


def _rule_query(number: int, bus: str, name: str) -> dict[str, object]:
    dimensions = [{"Name": "RuleName", "Value": name}]
    if bus != "default":
        dimensions.append({"Name": "EventBusName", "Value": bus})
    return {
        "Id": f"q{number}",
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/Events",
                "MetricName": "TriggeredRules",
                "Dimensions": dimensions,
            },
            "Period": _HOUR_SECONDS,
            "Stat": "Sum",
        },
    }
