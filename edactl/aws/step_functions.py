"""Step Functions: state machines, their executions, and map runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from edactl.aws.ecs_shapes import task_of
from edactl.core.task_map_execution import Execution, MapRunCounts
from edactl.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edactl.aws.session import AwsSession
    from edactl.core.record import JsonValue
    from edactl.core.task import Task

_COUNTS = {
    "total": "total",
    "pending": "pending",
    "running": "running",
    "succeeded": "succeeded",
    "failed": "failed",
    "timed_out": "timedOut",
    "aborted": "aborted",
    "results_written": "resultsWritten",
}


@dataclass(frozen=True)
class StepFunctions:
    """Machines and executions of one account and region."""

    session: AwsSession

    def create(self, name: str, definition: str, role: str) -> str:
        """The ARN of a standard machine; one that is there with all the same is given again."""
        answer = self.session.call(
            "stepfunctions",
            "create_state_machine",
            resource=f'state machine "{name}"',
            name=name,
            definition=definition,
            roleArn=role,
            type="STANDARD",
        )
        return str(answer["stateMachineArn"])

    def start(self, machine: str, name: str, text: str) -> str:
        """The ARN of a new execution; one of the same name and input is given again."""
        answer = self.session.call(
            "stepfunctions",
            "start_execution",
            resource=f'state machine "{machine.rpartition(":")[2]}"',
            stateMachineArn=machine,
            name=name,
            input=text,
        )
        return str(answer["executionArn"])

    def execution(self, arn: str) -> Execution:
        """An execution as it is now. Raises NotFound."""
        try:
            answer = self.session.call(
                "stepfunctions",
                "describe_execution",
                resource=f'execution "{arn.rpartition(":")[2]}"',
                executionArn=arn,
            )
        except NotFound as error:
            error.hint = "aws stepfunctions list-executions --state-machine-arn ARN"
            raise
        return Execution(
            arn,
            answer["status"],
            _json(answer.get("input")),
            _json(answer.get("output")),
            answer.get("error"),
            answer.get("cause"),
        )

    def map_run_counts(self, execution: str) -> MapRunCounts:
        """How far its map run is; nothing before that has begun."""
        found = self.session.pages(
            "stepfunctions",
            "list_map_runs",
            items="mapRuns",
            token="nextToken",  # noqa: S106 -- the name of a paging token
            resource=f'execution "{execution.rpartition(":")[2]}"',
            executionArn=execution,
        )
        for run in found:
            answer = self.session.call(
                "stepfunctions",
                "describe_map_run",
                resource="map run",
                mapRunArn=run["mapRunArn"],
            )
            counts = answer["itemCounts"]
            return MapRunCounts(**{ours: counts.get(aws, 0) for ours, aws in _COUNTS.items()})
        return MapRunCounts()

    def stop(self, execution: str) -> None:
        """Stop an execution, its map run, and the tasks that run for it."""
        self.session.call(
            "stepfunctions",
            "stop_execution",
            resource=f'execution "{execution.rpartition(":")[2]}"',
            executionArn=execution,
            error="edactl",
            cause="stopped on the operator's request",
        )


def _json(text: str | None) -> JsonValue:
    value: JsonValue = json.loads(text) if text else None
    return value


def task_of_execution(told: Mapping[str, JsonValue]) -> Task | None:
    """The task that `ecs:runTask.sync` gives: names in PascalCase, times in milliseconds."""
    item: dict[str, Any] = _camel(dict(told))
    if not isinstance(item.get("taskArn"), str):
        return None
    times = {name: _moment(value) for name, value in item.items() if name.endswith("At")}
    return task_of(item | times)


def _camel(value: Any) -> Any:
    if isinstance(value, list):
        return [_camel(one) for one in value]
    if isinstance(value, dict):
        return {name[:1].lower() + name[1:]: _camel(one) for name, one in value.items()}
    return value


def _moment(value: Any) -> datetime | None:
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value / 1000, UTC)
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
