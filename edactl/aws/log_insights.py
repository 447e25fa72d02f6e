"""CloudWatch Logs Insights: the durations in a field of a log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.core.arn import is_arn
from edactl.core.scaling_advice.durations import Durations, durations_of_row

if TYPE_CHECKING:
    from datetime import datetime

    from edactl.aws.session import AwsSession


@dataclass(frozen=True)
class InsightsQueries:
    """Runs queries that give one row. AWS bills them by what they scan."""

    session: AwsSession

    def start(self, group: str, query: str, *, start: datetime, end: datetime) -> str:
        """The id of a query that now runs. `group` is a log group's name or ARN."""
        named = {"logGroupIdentifiers": [group]} if is_arn(group) else {"logGroupName": group}
        answer = self.session.call(
            "logs",
            "start_query",
            resource=f'log group "{group}"',
            startTime=int(start.timestamp()),
            endTime=int(end.timestamp()),
            queryString=query,
            **named,
        )
        return str(answer["queryId"])

    def durations(self, query_id: str) -> Durations | str:
        """What the query found; its status while it runs, and when it failed."""
        answer = self.session.call(
            "logs", "get_query_results", resource="Logs Insights query", queryId=query_id
        )
        status = str(answer.get("status", "Unknown"))
        if status != "Complete":
            return status
        for row in answer.get("results", []):
            return durations_of_row({one["field"]: one.get("value", "") for one in row})
        return Durations(0.0, 0.0)
