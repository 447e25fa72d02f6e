"""CloudWatch: what the metrics and expressions of a policy gave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from edactl.aws.session import AwsSession
    from edactl.core.scaling_policy.evidence import Points
    from edactl.core.scaling_policy.metric_math import Query

PERIOD_SECONDS = 60
"""Application Auto Scaling has no period of its own: it looks at minutes."""


class MetricMath:
    """Evaluates metric math in one account and region."""

    def __init__(self, session: AwsSession) -> None:
        self._session = session

    def points(
        self, queries: Sequence[Query], *, resource: str, start: datetime, end: datetime
    ) -> dict[str, Points]:
        """The points of each query from `start` to `end`, a minute each, by its id.

        Those that only feed an expression are returned too. Source: CloudWatch API reference,
        GetMetricData.
        """
        found: dict[str, list[tuple[datetime, float]]] = {}
        for result in self._session.pages(
            "cloudwatch",
            "get_metric_data",
            items="MetricDataResults",
            resource=resource,
            MetricDataQueries=[_query(one) for one in queries],
            StartTime=start,
            EndTime=end,
            ScanBy="TimestampDescending",
        ):
            points = zip(result.get("Timestamps", []), result.get("Values", []), strict=False)
            found.setdefault(result["Id"], []).extend(
                (moment, float(value)) for moment, value in points
            )
        return {name: tuple(points) for name, points in found.items()}


def _query(query: Query) -> dict[str, Any]:
    wanted: dict[str, Any] = {**query, "ReturnData": True}
    if "MetricStat" in wanted:
        wanted["MetricStat"] = {**wanted["MetricStat"], "Period": PERIOD_SECONDS}
    return wanted
