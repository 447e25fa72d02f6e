"""The CloudWatch Logs streams of tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edactl.core.task_log import LogLine, LogPage, LogReading
from edactl.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable

    from edactl.aws.session import AwsSession
    from edactl.core.task import LogStream


class TaskLogs:
    """Reads log streams; a group may lie in another region, whose session `session_of` gives."""

    def __init__(self, session_of: Callable[[str | None], AwsSession]) -> None:
        self._session_of = session_of

    def read(self, stream: LogStream, token: str | None) -> LogPage | None:
        """The page at a token, from the head without one; None while there is no such stream.

        A stream is made with its first line; a group that is missing answers the same.
        """
        try:
            return self._page(stream, {"nextToken": token} if token else {})
        except NotFound:
            return None

    def since(self, stream: LogStream, start: int) -> list[LogLine]:
        """Every line from a time on, in milliseconds since 1970."""
        reading, lines = LogReading(), list[LogLine]()
        while not reading.at_end:
            where = {"nextToken": reading.token} if reading.token else {}
            lines += reading.take(self._page(stream, {"startTime": start} | where))
        return lines

    def _page(self, stream: LogStream, where: dict[str, Any]) -> LogPage:
        answer = self._session_of(stream.region).call(
            "logs",
            "get_log_events",
            resource=f'log stream "{stream.stream}" of {stream.group}',
            logGroupName=stream.group,
            logStreamName=stream.stream,
            startFromHead=True,
            **where,
        )
        return LogPage(
            tuple(
                LogLine(one["timestamp"], one.get("ingestionTime", 0), one["message"])
                for one in answer.get("events", [])
            ),
            answer.get("nextForwardToken", ""),
        )
