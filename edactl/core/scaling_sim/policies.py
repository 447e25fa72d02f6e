"""Policies as they are written on a command line, and the controllers they stand for."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edactl.core.deployed_scaling import DEFAULT_COOLDOWN_SECONDS
from edactl.core.scaling_sim.controllers import (
    OUT_DATAPOINTS,
    Bounds,
    Fixed,
    Step,
    StepScaling,
    TargetTracking,
    Together,
    backlog_per_task,
    cpu_percent,
    load_per_slot,
    queue_depth,
)
from edactl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from edactl.core.scaling_sim.controllers import Controller, Datapoint
    from edactl.core.scaling_sim.simulator import Setting

_KINDS = "fixed:10, step, step-only, cpu:70, queue-depth:100, backlog:60, load:0.75 or step1:60"
_VALUED = frozenset({"fixed", "cpu", "queue-depth", "backlog", "load", "step1"})
CDK_CPU_PERCENT = 50.0
_CDK_OUT = (Step(100, 1), Step(500, 5))
_CDK_IN = Step(0, -1)
ADVISED_OUT_COOLDOWN_SECONDS = 60.0
ADVISED_IN_COOLDOWN_SECONDS = 300.0
_SPARE = 0.8
_HIGHEST = 1_000_000
_MOST_TASKS = 20_000


@dataclass(frozen=True)
class Policy:
    """A policy to try. `kind` is the word before the colon; `step1` may watch load instead."""

    text: str
    kind: str
    value: float = 0.0
    watches_load: bool = False
    minimum: int | None = None
    maximum: int | None = None

    @property
    def is_fixed(self) -> bool:
        """Whether the number of tasks never changes."""
        return self.kind == "fixed"

    def bounds(self, given: Bounds) -> Bounds:
        """Its own least and most tasks where it names them, else the given ones."""
        if self.kind == "fixed":
            return Bounds(int(self.value), int(self.value))
        least = given.minimum if self.minimum is None else self.minimum
        most = max(given.maximum, least) if self.maximum is None else self.maximum
        return Bounds(least, most)

    def first_tasks(self, given: Bounds, load: float, concurrency: int) -> int:
        """Tasks to start with: what the first minute's load needs, with a fifth to spare."""
        return self.bounds(given).clip(math.ceil(load / concurrency / _SPARE))

    def controller(self, given: Bounds, setting: Setting, drain_seconds: float) -> Controller:
        """A fresh controller."""
        bounds = self.bounds(given)
        match self.kind:
            case "fixed":
                return Fixed()
            case "step":
                cpu = TargetTracking(cpu_percent, CDK_CPU_PERCENT, bounds)
                return Together((_cdk_steps(bounds), cpu))
            case "step-only":
                return _cdk_steps(bounds)
        out = DEFAULT_COOLDOWN_SECONDS if self.kind == "cpu" else ADVISED_OUT_COOLDOWN_SECONDS
        return TargetTracking(
            self._metric(setting, drain_seconds),
            self.value,
            bounds,
            out,
            ADVISED_IN_COOLDOWN_SECONDS,
            out_datapoints=1 if self.kind == "step1" else OUT_DATAPOINTS,
        )

    def _metric(
        self, setting: Setting, drain_seconds: float
    ) -> Callable[[Datapoint], float | None]:
        if self.kind == "cpu":
            return cpu_percent
        if self.kind == "queue-depth":
            return queue_depth
        if self.watches_load:
            return load_per_slot(setting.work.mean_seconds, setting.concurrency, drain_seconds)
        return backlog_per_task


def _cdk_steps(bounds: Bounds) -> StepScaling:
    return StepScaling(queue_depth, _CDK_OUT, _CDK_IN, bounds)


def parse_policy(text: str) -> Policy:
    """The policy that `backlog:60`, `backlog:15,min=12,max=80` or `step1:load=0.75` means.

    `step` is what the CDK's QueueProcessingFargateService sets up: steps on the queue's depth and
    CPU at 50 %; `step-only` leaves the CPU out. Raises UsageError.
    """
    head, *rest = text.split(",")
    kind, _, value = head.partition(":")
    if kind not in _VALUED | {"step", "step-only"} or (kind in _VALUED) != bool(value):
        raise _bad(text)
    load = kind == "load" or (kind == "step1" and value.startswith("load="))
    if kind == "step1":
        value = value.removeprefix("load=").removeprefix("backlog=")
    found = Policy(text, kind, _number(value, text) if value else 0.0, watches_load=load)
    for part in rest:
        name, _, bound = part.partition("=")
        if name not in {"min", "max"} or kind == "fixed":
            raise _bad(text)
        found = _bounded(found, name, _number(bound, text))
    if found.value != int(found.value) if kind == "fixed" else kind in _VALUED and not found.value:
        raise _bad(text)
    if max(found.value if kind == "fixed" else 0, found.minimum or 0) > _MOST_TASKS:
        raise UsageError(f'"{text}" runs more than {_MOST_TASKS} tasks', hint="fewer tasks")
    if found.minimum is not None and found.maximum is not None and found.minimum > found.maximum:
        raise UsageError(f'"{text}": min is above max', hint="backlog:60,min=2,max=50")
    return found


def _bounded(found: Policy, name: str, bound: float) -> Policy:
    if name == "min":
        return replace(found, minimum=int(bound))
    return replace(found, maximum=int(bound))


def _number(text: str, whole: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= _HIGHEST:
        raise _bad(whole)
    return value


def _bad(text: str) -> UsageError:
    return UsageError(f'"{text}" is not a policy', hint=_KINDS)
