"""Policies that exist, as one contestant of a simulation: all that act on a service together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.core.scaling_sim.controllers import Bounds, TargetTracking, Together

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edactl.core.scaling_sim.controllers import Controller, Datapoint
    from edactl.core.scaling_sim.simulator import Setting

_SPARE = 0.8


@dataclass(frozen=True)
class Limited:
    """A controller that may not scale out, or not scale in."""

    controller: Controller
    scales_out: bool = True
    scales_in: bool = True

    def decide(self, point: Datapoint, desired: int, now: float) -> int:
        """What it wants, where it may."""
        wanted = self.controller.decide(point, desired, now)
        if (wanted > desired and not self.scales_out) or (wanted < desired and not self.scales_in):
            return desired
        return wanted


@dataclass
class Agreed:
    """Several target tracking policies: each may scale out, and all must agree to scale in.

    The longest of their scale-in cooldowns holds for what they agree on. Source: Application Auto
    Scaling user guide, "Target tracking scaling policies", on multiple policies.
    """

    trackers: Sequence[TargetTracking]
    in_cooldown_seconds: float
    _quiet_until: float = -math.inf

    def decide(self, point: Datapoint, desired: int, now: float) -> int:
        """The largest that any wants; less than there is only if all want less."""
        wanted = max(one.decide(point, desired, now) for one in self.trackers)
        if wanted >= desired:
            return wanted
        if now < self._quiet_until:
            return desired
        self._quiet_until = now + self.in_cooldown_seconds
        return wanted


@dataclass(frozen=True)
class Tracking:
    """A target tracking policy, to be made for a run."""

    metric: Callable[[], Callable[[Datapoint], float | None]]
    target: float
    out_cooldown_seconds: float
    in_cooldown_seconds: float
    scales_in: bool = True

    def controller(self, bounds: Bounds, *, agreed: bool) -> TargetTracking:
        """A fresh one; of several that agree none has a scale-in cooldown of its own."""
        cooldown = 0.0 if agreed else self.in_cooldown_seconds
        return TargetTracking(
            self.metric(), self.target, bounds, self.out_cooldown_seconds, cooldown
        )


@dataclass(frozen=True)
class ExistingPolicies:
    """What exists for one service. `left_out` says which policies cannot be simulated, and why.

    `queues` are those whose metrics are watched. Bounds are None where they are not known.
    """

    text: str
    trackings: tuple[Tracking, ...]
    steps: tuple[Callable[[Bounds], Controller], ...]
    least: int | None = None
    most: int | None = None
    suspended: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    queues: frozenset[str] = frozenset()

    @property
    def is_fixed(self) -> bool:
        """Whether the number of tasks never changes."""
        return False

    def bounds(self, given: Bounds) -> Bounds:
        """Those of the scalable target, else the given ones."""
        if self.least is None or self.most is None:
            return given
        return Bounds(self.least, self.most)

    def first_tasks(self, given: Bounds, load: float, concurrency: int) -> int:
        """Tasks to start with: what the first minutes' load needs, with a fifth to spare."""
        return self.bounds(given).clip(math.ceil(load / concurrency / _SPARE))

    def controller(self, given: Bounds, setting: Setting, drain_seconds: float) -> Controller:
        """A fresh controller: target tracking together, then each step policy by itself."""
        _ = setting, drain_seconds
        bounds = self.bounds(given)
        agreeing = [one for one in self.trackings if one.scales_in]
        several = len(agreeing) > 1
        trackers = [one.controller(bounds, agreed=several) for one in agreeing]
        found: list[Controller] = [*trackers]
        if several:
            found = [Agreed(trackers, max(one.in_cooldown_seconds for one in agreeing))]
        found += [
            Limited(one.controller(bounds, agreed=False), scales_in=False)
            for one in self.trackings
            if not one.scales_in
        ]
        found += [make(bounds) for make in self.steps]
        return Limited(
            found[0] if len(found) == 1 else Together(tuple(found)),
            scales_out="scale-out" not in self.suspended,
            scales_in="scale-in" not in self.suspended,
        )
