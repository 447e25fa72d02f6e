"""The search: which policy meets the latency at the least cost, first in the model of minutes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from edactl.core.scaling_advice.case import SPARE, TARGET_LOAD
from edactl.core.scaling_sim.controllers import Bounds
from edactl.core.scaling_sim.minute_model import Fluid, MinuteModel
from edactl.core.scaling_sim.policies import Policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.core.scaling_advice.case import Case

LEAST_TARGET_PER_SLOT = 2
_TARGET_SHARES = (1.0, 0.5, 0.25)
_MARGIN = 0.8
"""The model of minutes is off by a little, and the next day's traffic by more."""


@dataclass(frozen=True)
class Candidate:
    """A policy with the least and most tasks, and how the model of minutes judges it."""

    policy: Policy
    bounds: Bounds
    fluid: Fluid = field(repr=False)

    def meets(self, case: Case) -> bool:
        """Whether no more messages are late than may be, with a fifth to spare."""
        return self.fluid.late_fraction <= _MARGIN * case.late_allowed


def policy_of(kind: str, value: float) -> Policy:
    """A policy on backlog per task, or on load per slot."""
    return Policy(f"{kind}:{value:g}", kind, value, watches_load=kind == "load")


def tried(case: Case, policy: Policy, bounds: Bounds) -> Candidate:
    """The policy in the model of minutes, started with what the first minutes need."""
    first = case.trace.per_minute[:15]
    load = math.fsum(first) / len(first) / 60 * case.setting.work.mean_seconds
    model = MinuteModel(
        case.setting,
        policy.controller(bounds, case.setting, case.latency_seconds),
        policy.first_tasks(bounds, load, case.setting.concurrency),
        max(0.0, case.wait_limit_seconds),
    )
    return Candidate(policy, bounds, model.run(case.trace.per_minute))


def candidates(case: Case) -> list[Candidate]:
    """What may meet the latency, the cheapest first; at least one.

    Policies that meet it with the given least number of tasks; where none does, those that do with
    more of them; where that does not help, the one that is nearest with as many as may run.
    """
    at_floor = [tried(case, policy, case.bounds) for policy in _policies(case)]
    found = [one for one in at_floor if one.meets(case)]
    if not found:
        backlog = min((one for one in at_floor if one.policy.kind == "backlog"), key=_late)
        load = next(one for one in at_floor if one.policy.kind == "load")
        grown = [_with_least_minimum(case, one) for one in (backlog, load)]
        found = [one for one in grown if one.meets(case)] or [min(grown, key=_late)]
    return [_with_maximum(case, one) for one in sorted(found, key=_cost)]


def _policies(case: Case) -> Iterator[Policy]:
    least = float(LEAST_TARGET_PER_SLOT * case.setting.concurrency)
    most = max(least, float(case.acceptable_backlog_per_task))
    wanted = [most * share for share in _TARGET_SHARES]
    safe = case.surge.largest_target(case.wait_limit_seconds)
    if safe is not None:
        wanted.append(min(safe, most))
    targets = {max(least, float(math.floor(one))) for one in wanted}
    yield from (policy_of("backlog", target) for target in sorted(targets, reverse=True))
    yield policy_of("load", TARGET_LOAD)


def _with_least_minimum(case: Case, candidate: Candidate) -> Candidate:
    """The candidate with the fewest tasks always running that meet the latency, by bisection."""
    low = case.bounds.minimum
    high = case.bounds.clip(max(low + 1, case.steady_tasks(max(case.trace.per_minute) / 60)))
    best_so_far = tried(case, candidate.policy, Bounds(high, case.bounds.maximum))
    while high - low > 1:
        middle = (low + high) // 2
        one = tried(case, candidate.policy, Bounds(middle, case.bounds.maximum))
        if one.meets(case):
            best_so_far, high = one, middle
        else:
            low = middle
    return best_so_far


def _with_maximum(case: Case, candidate: Candidate) -> Candidate:
    """The candidate with a maximum; where a fifth above the need is too low, with what it used."""
    minimum = candidate.bounds.minimum
    found = tried(case, candidate.policy, Bounds(minimum, _maximum(case, candidate)))
    if candidate.meets(case) and not found.meets(case):
        most = max(one.desired_tasks for one in candidate.fluid.minutes)
        return replace(candidate, bounds=Bounds(minimum, max(most, found.bounds.maximum)))
    return found


def _maximum(case: Case, candidate: Candidate) -> int:
    """A fifth more than the peak needs, or than draining the highest backlog in time needs.

    Where the policy keeps slots free, no less than it asks for at the peak: it would stand at the
    maximum for as long as the peak lasts, with nothing left for the next surge.
    """
    rate = case.setting.task_rate
    drain = candidate.fluid.highest_backlog / (rate * case.latency_seconds)
    wanted = math.ceil(SPARE * max(case.peak_rate / rate, drain, candidate.bounds.minimum))
    share = candidate.policy.value if candidate.policy.watches_load else 1.0
    asked = math.ceil(case.peak_rate / rate / share)
    steady = case.steady_tasks(case.peak_rate)
    return case.bounds.clip(max(wanted, asked, steady, candidate.bounds.minimum, 1))


def _late(candidate: Candidate) -> float:
    return candidate.fluid.late_fraction


def _cost(candidate: Candidate) -> float:
    return candidate.fluid.mean_tasks
