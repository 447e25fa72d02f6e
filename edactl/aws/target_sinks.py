"""Sending events to targets of rules that take no messages: a log group, tasks of an ECS cluster.

A call that fails raises AwsError or one of its kinds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any

from edactl.aws.sinks import spelt
from edactl.core.arn import parse_arn
from edactl.core.json_text import parse_json
from edactl.core.log_entry import log_entry
from edactl.core.message import NotSent, SendOutcome, Sent
from edactl.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from edactl.aws.session import AwsSession
    from edactl.core.record import JsonValue
    from edactl.core.redrive_delivery import Parcel

STARTED_BY = "edactl-redrive"
_RENAMED = {"TaskDefinitionArn": "taskDefinition", "TaskCount": "count"}


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class LogSink:
    """A log group: PutLogEvents into one stream of the run, made on first use."""

    session: AwsSession
    arn: str
    stream: str
    now: Callable[[], datetime] = _utc_now
    batch: int = 1
    _made: bool = False
    _lock: Lock = field(default_factory=Lock)

    def put(self, parcels: Sequence[Parcel]) -> list[SendOutcome]:
        """What became of each event; its id is the name of the stream."""
        with self._lock:
            self._made = self._made or self._make()
        return [self._log(parcel) for parcel in parcels]

    @property
    def _group(self) -> str:
        return parse_arn(self.arn).resource.removeprefix("log-group:").removesuffix(":*")

    def _call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        return self.session.call(
            "logs",
            operation,
            resource=f'log group "{self._group}"',
            attempts=1,
            logGroupName=self._group,
            logStreamName=self.stream,
            **parameters,
        )

    def _make(self) -> bool:
        try:
            self._call("create_log_stream")
        except AwsError as error:
            if error.code != "ResourceAlreadyExistsException":
                raise
        return True

    def _log(self, parcel: Parcel) -> SendOutcome:
        timestamp, message = log_entry(parcel.text, self.now())
        answer = self._call(
            "put_log_events", logEvents=[{"timestamp": timestamp, "message": message}]
        )
        if rejected := answer.get("rejectedLogEventsInfo"):
            return NotSent("RejectedLogEvent", _why_rejected(rejected))
        return Sent(self.stream)


def _why_rejected(rejected: dict[str, Any]) -> str:
    if "tooNewLogEventStartIndex" in rejected:
        return "its time is more than two hours ahead, which CloudWatch Logs does not take"
    return "its time is older than 14 days, or than the log group's retention"


@dataclass(frozen=True)
class TaskSink:
    """Tasks on an ECS cluster: RunTask with what a rule's target says of them.

    A parcel's text is the tasks' overrides, empty for none. The client token is the letter's: ECS
    starts its tasks once, however often it is asked.
    Source: ECS API reference, RunTask; EventBridge API reference, EcsParameters.
    """

    session: AwsSession
    cluster: str
    parameters: Mapping[str, JsonValue]
    batch: int = 1

    def put(self, parcels: Sequence[Parcel]) -> list[SendOutcome]:
        """What became of each letter; its id is the first task's ARN."""
        return [self._run(parcel) for parcel in parcels]

    def _run(self, parcel: Parcel) -> SendOutcome:
        shape = (
            self.session.client("ecs", attempts=1)
            .meta.service_model.operation_model("RunTask")
            .input_shape
        )
        named = {_RENAMED.get(name, name): value for name, value in self.parameters.items()}
        given = {"overrides": parse_json(parcel.text)} if parcel.text else {}
        answer = self.session.call(
            "ecs",
            "run_task",
            resource=f'cluster "{self.cluster.rpartition("/")[2]}"',
            attempts=1,
            cluster=self.cluster,
            clientToken=parcel.name,
            startedBy=STARTED_BY,
            **spelt(named | given, shape),
        )
        return _started(answer.get("tasks", []), answer.get("failures", []))


def _started(tasks: Sequence[dict[str, Any]], failures: Sequence[dict[str, Any]]) -> SendOutcome:
    if not failures and tasks:
        return Sent(str(tasks[0].get("taskArn", "")))
    reasons = [
        " ".join(str(one[name]) for name in ("reason", "detail") if one.get(name))
        for one in failures
    ]
    why = ", ".join(dict.fromkeys(reasons)) or "ECS started no task and did not say why"
    if tasks:
        return NotSent(
            "NoAnswer", f"{len(tasks)} of {len(tasks) + len(failures)} tasks started: {why}"
        )
    return NotSent("TaskNotStarted", why)
