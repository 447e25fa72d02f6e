"""What a sudden rise of arrivals costs before new tasks help: a closed form.

A target tracking alarm needs three one-minute points over the target, each published late, and
then tasks have to start; meanwhile a backlog grows. The peak wait that this gives is compared with
the simulator in tests (between 0.8 and 1.05 of it).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

HALF_A_PERIOD_SECONDS = 30.0
TWO_MORE_DATAPOINTS_SECONDS = 120.0


@dataclass(frozen=True)
class Surge:
    """A rise to `rate` (messages/s) met by `tasks`, each of which finishes `task_rate` a second."""

    rate: float
    tasks: int
    task_rate: float
    publish_seconds: float
    start_seconds: float

    @property
    def shortfall(self) -> float:
        """Messages a second by which the tasks fall behind; 0 or less when they keep up."""
        return self.rate - self.task_rate * self.tasks

    @property
    def share_behind(self) -> float:
        """The seconds of wait that each second of the surge adds, until tasks come."""
        return max(0.0, 1 - self.task_rate * self.tasks / self.rate) if self.rate > 0 else 0.0

    @property
    def least_lag_seconds(self) -> float:
        """From the surge to new capacity if the alarm saw it at once."""
        waits = HALF_A_PERIOD_SECONDS + TWO_MORE_DATAPOINTS_SECONDS
        return waits + self.publish_seconds + self.start_seconds

    def lag_seconds(self, target: float) -> float:
        """From the surge to new capacity with this target of backlog per task."""
        if self.shortfall <= 0:
            return 0.0
        return target * self.tasks / self.shortfall + self.least_lag_seconds

    def peak_wait_seconds(self, target: float) -> float:
        """The longest wait, if the tasks that come then suffice."""
        return self.lag_seconds(target) * self.share_behind

    def largest_target(self, wait_seconds: float) -> float | None:
        """The largest target that keeps the peak wait within `wait_seconds`.

        Infinite when the tasks keep up anyhow; None when no target does.
        """
        if self.shortfall <= 0:
            return math.inf
        spare = wait_seconds / self.share_behind - self.least_lag_seconds
        return self.shortfall / self.tasks * spare if spare >= 0 and self.tasks else None

    def least_tasks(self, wait_seconds: float) -> int:
        """The fewest tasks to keep running so that some target meets `wait_seconds`."""
        needed = self.rate / self.task_rate * (1 - wait_seconds / self.least_lag_seconds)
        return max(0, math.ceil(needed))
