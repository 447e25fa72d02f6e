"""The policy that is wanted: what to hold, within how many tasks, measured how."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from edactl.errors import InputError

if TYPE_CHECKING:
    from edactl.core.scaling_policy.service_place import ServicePlace

Metric = Literal["backlog_per_task", "load_per_slot"]
TaskCount = Literal["cpu-samples", "container-insights"]
MOST_NAME_LENGTH = 256
"""Source: Application Auto Scaling API reference, PutScalingPolicy."""
METRICS: tuple[Metric, ...] = ("backlog_per_task", "load_per_slot")
TASK_COUNTS: tuple[TaskCount, ...] = ("cpu-samples", "container-insights")


@dataclass(frozen=True)
class Slots:
    """What `load_per_slot` is made of: the work, the time to clear a backlog in, the slots."""

    processing_time_seconds: float
    latency_seconds: float
    concurrency_per_task: int

    def __post_init__(self) -> None:
        if not self.processing_time_seconds > 0 or not self.latency_seconds > 0:
            raise InputError(
                "load_per_slot needs a processing time and a latency above 0",
                hint="--processing-time 2s --latency 2m",
            )
        if self.concurrency_per_task < 1:
            raise InputError("a task works on 1 message at least", hint="--concurrency-per-task 1")


@dataclass(frozen=True)
class WantedPolicy:
    """A target tracking policy for one service and one queue. Times are whole seconds.

    `slots` is there when the metric is `load_per_slot`. Raises InputError for numbers that
    Application Auto Scaling would refuse, or that can hold nothing.
    """

    place: ServicePlace
    queue: str
    policy_name: str
    metric: Metric
    target_value: float
    minimum_tasks: int
    maximum_tasks: int
    scale_out_cooldown_seconds: int
    scale_in_cooldown_seconds: int
    task_count: TaskCount = "cpu-samples"
    slots: Slots | None = None

    def __post_init__(self) -> None:
        if not 0 < len(self.policy_name) <= MOST_NAME_LENGTH:
            raise InputError(
                f"the name of a policy has at most {MOST_NAME_LENGTH} characters",
                hint="--policy-name NAME",
            )
        if not 0 < self.target_value < math.inf:
            raise InputError(
                f"a target of {self.target_value:g} holds nothing", hint="--target-value 15"
            )
        if self.minimum_tasks < 0 or self.maximum_tasks < max(1, self.minimum_tasks):
            raise InputError(
                f"{self.minimum_tasks} to {self.maximum_tasks} tasks is no range",
                hint="--minimum 1 --maximum 20",
            )
        if min(self.scale_out_cooldown_seconds, self.scale_in_cooldown_seconds) < 0:
            raise InputError("a cooldown is 0 or more", hint="--scale-out-cooldown 60s")
        if self.metric == "load_per_slot" and self.slots is None:
            raise InputError(
                "load_per_slot is made of the processing time and the latency",
                hint="--processing-time 2s --latency 2m, or an advice of edactl scale advise",
            )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What an operator should know before this is applied."""
        found: list[str] = []
        if self.queue.endswith(".fifo"):
            found.append(
                f"{self.queue} is FIFO: tasks beyond its active message groups have nothing to do;"
                " see scale advise --fifo-groups"
            )
        if self.minimum_tasks == 0:
            found.append(
                "with no task running its count has no data and reads as 1; a late datapoint does"
                " too, which may add tasks for nothing: --minimum 1 avoids it"
            )
        return tuple(found)
