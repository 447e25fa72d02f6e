"""One record for each policy of a simulation, and what the tasks cost."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from edactl.core.fargate_prices import PRICES
from edactl.core.queueing.estimates import percentile_of
from edactl.core.scaling_sim.simulator import Simulation

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from edactl.core.scaling_sim.arrivals import Trace
    from edactl.core.scaling_sim.controllers import Bounds, Controller
    from edactl.core.scaling_sim.simulator import Replay, Setting

MODEL = "edactl model of Application Auto Scaling, not AWS's algorithm"
_PRICE = PRICES["us-east-1", "X86_64"]


def task_hour_usd(cpu_units: int, memory_mib: int) -> float:
    """Dollars for one hour of a Fargate task: Linux on x86, on demand, us-east-1.

    Billed by the second from the start of the image pull.
    """
    return cpu_units / 1024 * _PRICE.vcpu_hour + memory_mib / 1024 * _PRICE.gb_hour


@dataclass(frozen=True)
class Outcome:
    """What one policy did. A wait ends when work starts; a message is late by its age when done."""

    policy: str
    messages: int
    mean_wait_seconds: float
    p50_wait_seconds: float
    p95_wait_seconds: float
    p99_wait_seconds: float
    late_fraction: float
    mean_tasks: float
    task_hours: float
    scaling_actions: int
    cost_usd: float
    messages_left: int
    model: str = MODEL


class Contestant(Protocol):
    """What a simulation is run with: a policy of the command line, or policies that exist."""

    @property
    def text(self) -> str:
        """What results call it."""
        ...

    @property
    def is_fixed(self) -> bool:
        """Whether the number of tasks never changes."""
        ...

    def bounds(self, given: Bounds) -> Bounds:
        """Its own least and most tasks where it has them, else the given ones."""
        ...

    def first_tasks(self, given: Bounds, load: float, concurrency: int) -> int:
        """Tasks to start with."""
        ...

    def controller(self, given: Bounds, setting: Setting, drain_seconds: float) -> Controller:
        """A fresh controller."""
        ...


@dataclass(frozen=True)
class Contest:
    """What every policy of one simulation is put through: the same messages, the same work."""

    trace: Trace
    setting: Setting
    bounds: Bounds
    latency_seconds: float
    hour_usd: float
    first_tasks: int | None = None

    def replay(self, policy: Contestant, generator: Callable[[str], Random]) -> Replay:
        """Run one policy, with fresh generators for `arrivals` and for `work`."""
        tasks = None if policy.is_fixed else self.first_tasks
        if tasks is None:
            load = self._first_rate() * self.setting.work.mean_seconds
            tasks = policy.first_tasks(self.bounds, load, self.setting.concurrency)
        controller = policy.controller(self.bounds, self.setting, self.latency_seconds)
        simulation = Simulation(self.setting, controller, policy.bounds(self.bounds).clip(tasks))
        return simulation.run(self.trace, arrivals=generator("arrivals"), works=generator("work"))

    def outcome(self, policy: Contestant, replay: Replay) -> Outcome:
        """The record of a run."""
        waits = sorted(replay.waits)
        done = len(waits)
        late = sum(age > self.latency_seconds for age in replay.ages) + replay.left
        hours = replay.task_seconds / 3600
        return Outcome(
            policy=policy.text,
            messages=replay.arrived,
            mean_wait_seconds=_rounded(math.fsum(waits) / done if done else 0.0),
            p50_wait_seconds=_rounded(percentile_of(waits, 50)),
            p95_wait_seconds=_rounded(percentile_of(waits, 95)),
            p99_wait_seconds=_rounded(percentile_of(waits, 99)),
            late_fraction=_rounded(late / replay.arrived if replay.arrived else 0.0),
            mean_tasks=_rounded(
                replay.task_seconds / replay.span_seconds if replay.span_seconds else 0.0
            ),
            task_hours=_rounded(hours),
            scaling_actions=replay.actions,
            cost_usd=_rounded(hours * self.hour_usd),
            messages_left=replay.left,
        )

    def _first_rate(self) -> float:
        """Messages a second of the first quarter of an hour."""
        first = self.trace.per_minute[:15]
        return math.fsum(first) / len(first) / 60 if first else 0.0


def _rounded(value: float) -> float:
    return round(value, 6)
