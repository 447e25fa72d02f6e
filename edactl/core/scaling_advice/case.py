"""One question to `scale advise`: the traffic, the work, what has to be met and within what."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from edactl.core.queueing.estimates import percentile_of
from edactl.core.queueing.surge import Surge
from edactl.core.queueing.waits import least_slots

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edactl.core.scaling_sim.arrivals import Trace
    from edactl.core.scaling_sim.controllers import Bounds
    from edactl.core.scaling_sim.simulator import Setting

BASELINE_PERCENTILE = 75
_QUARTER_HOUR, _PEAK_MINUTES = 15, 5
TARGET_LOAD = 0.75
SPARE = 1.2


@dataclass(frozen=True)
class Case:
    """What is to be advised on. `bounds` are the least and the most tasks that may run at all."""

    trace: Trace = field(repr=False)
    setting: Setting
    latency_seconds: float
    percentile: float
    bounds: Bounds
    hour_usd: float

    @property
    def work_percentile_seconds(self) -> float:
        """The time that `percentile` % of messages take to be worked on."""
        return self.setting.work.percentile_seconds(self.percentile)

    @property
    def wait_limit_seconds(self) -> float:
        """What is left of the latency to wait in; 0 or less when the work alone takes it all."""
        return self.latency_seconds - self.work_percentile_seconds

    @property
    def late_allowed(self) -> float:
        """The share of messages that may be late."""
        return 1 - self.percentile / 100

    @property
    def textbook_backlog_per_task(self) -> float:
        """Acceptable latency over average processing time."""
        return self.latency_seconds / self.setting.work.mean_seconds

    @property
    def acceptable_backlog_per_task(self) -> int:
        """The same with slots and the time that slow messages take, rounded down; 0 at least."""
        places = self.setting.concurrency * self.wait_limit_seconds / self.setting.work.mean_seconds
        return max(0, math.floor(places + 1e-9))

    @cached_property
    def baseline_rate(self) -> float:
        """Messages a second of ordinary busy times: the 75th percentile of quarter hours."""
        quarters = sorted(_means(self.trace.per_minute, _QUARTER_HOUR))
        return percentile_of(quarters, BASELINE_PERCENTILE) / 60

    @cached_property
    def peak_rate(self) -> float:
        """Messages a second of the busiest five minutes."""
        return max(_means(self.trace.per_minute, _PEAK_MINUTES), default=0.0) / 60

    def steady_tasks(self, rate: float) -> int:
        """Tasks with which this rate, held for long, meets the latency."""
        work = self.setting.work
        if self.wait_limit_seconds > 0:
            slots = least_slots(
                rate,
                work.mean_seconds,
                self.wait_limit_seconds,
                self.percentile,
                variation=work.variation,
            )
        else:
            slots = math.floor(rate * work.mean_seconds) + 1
        return math.ceil(slots / self.setting.concurrency)

    @property
    def surge(self) -> Surge:
        """The rise from the baseline, on the tasks that it needs, to the peak."""
        return Surge(
            rate=self.peak_rate,
            tasks=self.bounds.clip(self.steady_tasks(self.baseline_rate)),
            task_rate=self.setting.task_rate,
            publish_seconds=self.setting.publish_seconds,
            start_seconds=self.setting.start_seconds,
        )


def _means(counts: Sequence[float], size: int) -> list[float]:
    """The means of windows of `size` minutes that follow each other; the last may be shorter."""
    windows = [counts[at : at + size] for at in range(0, len(counts), size)]
    return [math.fsum(window) / len(window) for window in windows]
