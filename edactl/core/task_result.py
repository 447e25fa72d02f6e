"""What a run of a task tells at its end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edactl.core.arn import arn_of
from edactl.core.task import (
    LogStream,
    TaskContainer,
    Timeline,
    log_streams,
    said_of_status,
    timeline,
)
from edactl.core.task_cost import Cost, cost_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edactl.core.fargate_prices import Price
    from edactl.core.task import Task, TaskDefinition
    from edactl.core.task_outcome import Judgement, Outcome
    from edactl.core.task_request import TaskRequest


@dataclass(frozen=True)
class Ended:
    """How an attempt ended. `task` is None when none was made, `judgement` while it still runs."""

    task: Task | None
    judgement: Judgement | None
    token: str

    @property
    def explanation(self) -> str:
        """In words: what happened, and what to do."""
        if self.judgement:
            return self.judgement.explanation
        return running_now(self.task) if self.task else "there is no task"


def running_now(task: Task) -> str:
    """What goes on with a task that has not ended, and how to follow it."""
    follow = f"edactl task logs -f {task.task_arn}"
    return f"the task is {task.last_status}{said_of_status(task)}. Follow it: {follow}"


@dataclass(frozen=True)
class Attempt:
    """One attempt, as the result lists it. `failure_class` is that of the table of retries."""

    number: int
    capacity_provider: str | None
    task_arn: str | None
    outcome: Outcome | None
    failure_class: str | None
    explanation: str
    client_token: str

    @classmethod
    def of(cls, number: int, request: TaskRequest, ended: Ended) -> Attempt:
        """The record of an attempt that has ended."""
        judgement, task = ended.judgement, ended.task
        provider = task.capacity_provider or task.launch_type if task else None
        return cls(
            number,
            provider or request.provider,
            task.task_arn if task else None,
            judgement.outcome if judgement else None,
            judgement.failure.kind.value if judgement and judgement.failure else None,
            ended.explanation,
            ended.token,
        )


@dataclass(frozen=True)
class TaskResult:
    """A task from launch to end. `outcome` is null while it runs; `cost_usd` is of this task."""

    task_arn: str | None
    cluster: str
    task_definition: str
    outcome: Outcome | None
    exit_code: int | None
    stop_code: str | None
    stopped_reason: str | None
    explanation: str
    containers: tuple[TaskContainer, ...]
    attempts: tuple[Attempt, ...]
    capacity_provider: str | None
    timeline: Timeline
    cost_usd: float | None
    cost_note: str | None
    log_streams: tuple[LogStream, ...]
    network_interface_id: str | None = None


_NOTHING = Timeline(None, None, None, None)


def result_of(
    ended: Ended,
    definition: TaskDefinition,
    cluster: str,
    *,
    attempts: Sequence[Attempt] = (),
    prices: Mapping[tuple[str, str], Price],
) -> TaskResult:
    """The result of a run, or the post-mortem of one task without attempts."""
    task, judgement = ended.task, ended.judgement
    cost = _cost(task, definition, prices) if task else Cost(0.0)
    result = TaskResult(
        task_arn=None,
        cluster=cluster,
        task_definition=definition.name,
        outcome=judgement.outcome if judgement else None,
        exit_code=judgement.exit_code if judgement else None,
        stop_code=None,
        stopped_reason=None,
        explanation=ended.explanation,
        containers=(),
        attempts=tuple(attempts),
        capacity_provider=attempts[-1].capacity_provider if attempts else None,
        timeline=_NOTHING,
        cost_usd=cost.usd,
        cost_note=cost.note,
        log_streams=(),
    )
    return _with_task(result, task, definition) if task else result


def _with_task(result: TaskResult, task: Task, definition: TaskDefinition) -> TaskResult:
    return replace(
        result,
        task_arn=task.task_arn,
        stop_code=task.stop_code,
        stopped_reason=task.stopped_reason,
        containers=task.containers,
        capacity_provider=task.capacity_provider or task.launch_type,
        timeline=timeline(task),
        log_streams=log_streams(task.task_id, definition),
        network_interface_id=task.network_interface_id,
    )


def _cost(task: Task, definition: TaskDefinition, prices: Mapping[tuple[str, str], Price]) -> Cost:
    arn = arn_of(task.task_arn)
    return cost_of(task, arn.region if arn else "", definition.platform, prices)
