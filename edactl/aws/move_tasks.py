"""SQS's own message move tasks: start, list and cancel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edactl.core.move_task import MoveTask
from edactl.core.times import from_epoch_milliseconds
from edactl.errors import AwsError

if TYPE_CHECKING:
    from edactl.aws.session import AwsSession

LISTED = 10
"""Most tasks that ListMessageMoveTasks tells of, the newest first."""
_NO_SUCH_CALL = frozenset({"InvalidAction", "UnknownOperationException", "UnsupportedOperation"})
"""What an endpoint or a region without move tasks says. The set is open (unverified)."""


@dataclass(frozen=True)
class MoveTasks:
    """The move tasks of one account and region. Every error is an AwsError or one of its kinds."""

    session: AwsSession

    def start(
        self,
        dlq_arn: str,
        *,
        destination_arn: str | None = None,
        rate_per_second: int | None = None,
    ) -> str:
        """Start to move; gives the handle that cancels it.

        Raises AwsError when a task runs already, and when the queue is the DLQ of no SQS queue.
        """
        more: dict[str, Any] = {}
        if destination_arn is not None:
            more["DestinationArn"] = destination_arn
        if rate_per_second is not None:
            more["MaxNumberOfMessagesPerSecond"] = rate_per_second
        answer = self._call("start_message_move_task", dlq_arn, SourceArn=dlq_arn, **more)
        return str(answer["TaskHandle"])

    def recent(self, dlq_arn: str) -> list[MoveTask]:
        """The newest tasks of the DLQ, the newest first; at most 10."""
        answer = self._call(
            "list_message_move_tasks", dlq_arn, SourceArn=dlq_arn, MaxResults=LISTED
        )
        return [_task(raw, dlq_arn) for raw in answer.get("Results", [])]

    def cancel(self, handle: str, dlq_arn: str) -> int:
        """Ask SQS to stop a running task; gives how many messages it had moved, approximately.

        What was moved stays moved. Raises NotFound for a task that is over.
        """
        answer = self._call("cancel_message_move_task", dlq_arn, TaskHandle=handle)
        return int(answer.get("ApproximateNumberOfMessagesMoved", 0))

    def _call(self, operation: str, dlq_arn: str, **parameters: Any) -> dict[str, Any]:
        name = dlq_arn.rpartition(":")[2]
        try:
            return self.session.call("sqs", operation, resource=f'queue "{name}"', **parameters)
        except AwsError as error:
            error.hint = error.hint or _way_out(error.code, operation, name)
            raise


def _way_out(code: str, operation: str, name: str) -> str | None:
    """What to type where SQS has no move tasks, or does not take this queue for one."""
    instead = f"edactl dlq redrive {name} --engine client"
    if code.rpartition(".")[2] in _NO_SUCH_CALL:
        return f"{instead}: this endpoint has no move tasks, and edactl's own engine needs none"
    if operation == "start_message_move_task" and code.startswith("InvalidParameter"):
        return f"{instead}: SQS moves only what its own redrive policies have put into a DLQ"
    return None


def _task(raw: dict[str, Any], dlq_arn: str) -> MoveTask:
    started = raw.get("StartedTimestamp")
    return MoveTask(
        source_arn=raw.get("SourceArn", dlq_arn),
        status=str(raw.get("Status", "")),
        started_at=from_epoch_milliseconds(int(started)) if started else None,
        moved=int(raw.get("ApproximateNumberOfMessagesMoved") or 0),
        to_move=raw.get("ApproximateNumberOfMessagesToMove"),
        handle=raw.get("TaskHandle"),
        destination_arn=raw.get("DestinationArn"),
        rate_per_second=raw.get("MaxNumberOfMessagesPerSecond"),
        failure_reason=raw.get("FailureReason"),
    )
