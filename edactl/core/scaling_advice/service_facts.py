"""What a service of ECS tells about itself: how many tasks ran, how fast they start, their size."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.core.queueing.estimates import mean_estimate
from edactl.core.task import SPOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edactl.core.queueing.estimates import Estimate
    from edactl.core.scaling_advice.queue_minutes import Counts, QueueMinutes
    from edactl.core.task import Task, TaskDefinition

_LEAST_QUARTER, _MORE_TASKS = 30, 1.5
_THRICE = 2.5


@dataclass(frozen=True)
class ServiceMinutes:
    """Running tasks of consecutive minutes, by the metric that tells them; None: no datapoint.

    The datapoint is missing where no task runs, too.
    """

    metric: str
    running_tasks: Counts


@dataclass(frozen=True)
class ServiceFacts:
    """What was found out about a service; None or 0 where it could not be."""

    name: str
    running: Estimate | None
    running_metric: str
    start: Estimate | None
    definition: str
    cpu: int | None
    memory: int | None
    concerns: tuple[str, ...] = ()


def running_of(minutes: ServiceMinutes) -> Estimate | None:
    """Tasks that run, on average of the minutes that have a datapoint."""
    known = [one for one in minutes.running_tasks if one is not None]
    return mean_estimate(known) if known else None


def start_of(tasks: Sequence[Task]) -> Estimate | None:
    """Seconds from a task's creation to its containers' start, of those that came so far.

    Source: ECS API reference, Task: createdAt is when it entered PENDING, which is a little after
    the decision to scale.
    """
    known = [
        (one.started_at - one.created_at).total_seconds()
        for one in tasks
        if one.started_at and one.created_at and one.started_at >= one.created_at
    ]
    return mean_estimate(known) if known else None


def concerns_of(
    name: str, definition: TaskDefinition, launch_type: str | None, providers: Sequence[str]
) -> tuple[str, ...]:
    """What the price of Fargate on demand leaves out of account."""
    return tuple(_concerns(name, definition, launch_type, providers))


def _concerns(
    name: str, definition: TaskDefinition, launch_type: str | None, providers: Sequence[str]
) -> Iterator[str]:
    if launch_type in {"EC2", "EXTERNAL"}:
        yield f"{name} runs on instances of your own: the price is what Fargate would cost"
    elif SPOT in providers:
        yield f"{name} runs on Fargate Spot: the price is that of on demand; Spot is up to 70 % off"
    if definition.platform != "X86_64":
        yield f"{name} runs on {definition.platform}: the price is that of Linux on x86"


def miscounted(minutes: ServiceMinutes, running_now: int) -> Iterator[str]:
    """A warning where the newest count is three times the tasks that run, as 20 s metrics make it.

    That such a service counts each task three times a minute is unverified.
    """
    newest = next((one for one in reversed(minutes.running_tasks) if one is not None), 0.0)
    if "SampleCount" in minutes.metric and newest >= _THRICE * max(running_now, 1):
        yield (
            f"{minutes.metric} counted {newest:g} tasks last, and {running_now} run: metrics of 20"
            " seconds may count each task three times; running tasks are then a third of that"
        )


def in_flight_per_task(in_flight: Counts, running: Counts) -> float | None:
    """The most messages in flight for each running task, of minutes that know both.

    The 99th percentile, as single minutes count messages and tasks at different moments.
    """
    found = sorted(
        held / tasks for held, tasks in zip(in_flight, running, strict=False) if held and tasks
    )
    return found[math.ceil(0.99 * len(found)) - 1] if found else None


def slowdown_with_tasks(minutes: QueueMinutes, running: Counts) -> float | None:
    """How many times as long work takes with many tasks as with few; None where nothing tells.

    By Little's law in the quarter of the minutes with the fewest tasks and in that with the most,
    where these are half as many again. Much above 1, something behind the tasks is the limit.
    """
    known = sorted(
        (tasks, held, done)
        for tasks, held, done in zip(running, minutes.in_flight, minutes.deleted, strict=False)
        if tasks and held is not None and done
    )
    quarter = len(known) // 4
    if quarter < _LEAST_QUARTER:
        return None
    few, many = known[:quarter], known[-quarter:]
    if _sum(many, 0) < _MORE_TASKS * _sum(few, 0) or not _sum(few, 1):
        return None
    return (_sum(many, 1) / _sum(many, 2)) / (_sum(few, 1) / _sum(few, 2))


def _sum(rows: Sequence[tuple[float, float, float]], column: int) -> float:
    return math.fsum(row[column] for row in rows)
