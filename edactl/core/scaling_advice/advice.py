"""The answer of `scale advise`, put together from the search and its proof."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from edactl.core.scaling_advice.concerns import assumptions, concerns
from edactl.core.scaling_advice.proof import Proven, prove
from edactl.core.scaling_advice.search import Candidate, candidates, tried
from edactl.core.scaling_sim.policies import (
    ADVISED_IN_COOLDOWN_SECONDS,
    ADVISED_OUT_COOLDOWN_SECONDS,
)
from edactl.core.scaling_sim.results import MODEL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

    from edactl.core.scaling_advice.case import Case
    from edactl.core.scaling_advice.measured import Circumstances, Input

Verdict = Literal["reachable", "reachable_with_minimum", "not_reachable"]


@dataclass(frozen=True)
class Expected:
    """What to expect of the advised policy: ages of messages when done, tasks and their price."""

    p50_seconds: float
    p95_seconds: float
    p99_seconds: float
    late_fraction: float
    mean_tasks: float
    cost_per_day_usd: float


@dataclass(frozen=True)
class Sensitivity:
    """The advised policy where an input is worse than measured, in the model of minutes."""

    change: str
    late_fraction: float
    mean_tasks: float
    meets: bool


@dataclass(frozen=True)
class Advice:
    """The answer. `target_value` is None when no policy meets the latency.

    `queue` and `service` are those it was asked for, None where none was named.
    """

    verdict: Verdict
    textbook_backlog_per_task: float
    acceptable_backlog_per_task: int
    target_value: float | None
    metric: Literal["backlog_per_task", "load_per_slot"]
    minimum_tasks: int
    maximum_tasks: int
    scale_out_cooldown_seconds: int
    scale_in_cooldown_seconds: int
    expected: Expected
    inputs: Mapping[str, Input]
    sensitivity: tuple[Sensitivity, ...]
    assumptions: tuple[str, ...]
    warnings: tuple[str, ...]
    model: str = MODEL
    queue: str | None = None
    service: str | None = None


def advise(
    case: Case,
    inputs: Mapping[str, Input],
    circumstances: Circumstances,
    generator: Callable[[str], Random],
) -> Advice:
    """The cheapest policy that meets the latency, proved by replay, and what it rests on.

    `generator` gives a fresh seeded generator for each name.
    """
    proven = prove(case, candidates(case), generator)
    candidate = proven.candidate
    verdict = _verdict(case, proven)
    return Advice(
        verdict=verdict,
        textbook_backlog_per_task=case.textbook_backlog_per_task,
        acceptable_backlog_per_task=case.acceptable_backlog_per_task,
        target_value=None if verdict == "not_reachable" else candidate.policy.value,
        metric="load_per_slot" if candidate.policy.watches_load else "backlog_per_task",
        minimum_tasks=candidate.bounds.minimum,
        maximum_tasks=candidate.bounds.maximum,
        scale_out_cooldown_seconds=int(ADVISED_OUT_COOLDOWN_SECONDS),
        scale_in_cooldown_seconds=int(ADVISED_IN_COOLDOWN_SECONDS),
        expected=_expected(case, proven),
        inputs=inputs,
        sensitivity=_sensitivity(case, candidate),
        assumptions=assumptions(case, proven),
        warnings=concerns(case, proven, circumstances),
        queue=circumstances.queue,
        service=circumstances.service,
    )


def _verdict(case: Case, proven: Proven) -> Verdict:
    if case.wait_limit_seconds <= 0 or not proven.meets(case):
        return "not_reachable"
    if proven.candidate.bounds.minimum > case.bounds.minimum:
        return "reachable_with_minimum"
    return "reachable"


def _expected(case: Case, proven: Proven) -> Expected:
    p50, p95, p99 = (round(one, 3) for one in proven.age_seconds)
    return Expected(
        p50_seconds=p50,
        p95_seconds=p95,
        p99_seconds=p99,
        late_fraction=round(proven.late_fraction, 6),
        mean_tasks=round(proven.mean_tasks, 3),
        cost_per_day_usd=round(proven.mean_tasks * 24 * case.hour_usd, 2),
    )


def _sensitivity(case: Case, candidate: Candidate) -> tuple[Sensitivity, ...]:
    setting = case.setting
    longer = replace(setting, work=setting.work.times(1.25))
    slower = replace(setting, start_seconds=setting.start_seconds * 1.5)
    worse = {
        "processing time +25 %": replace(case, setting=longer),
        "task start time +50 %": replace(case, setting=slower),
        "arrivals +50 %": replace(case, trace=case.trace.times(1.5)),
    }
    found = (
        (change, one, tried(one, candidate.policy, candidate.bounds))
        for change, one in worse.items()
    )
    return tuple(
        Sensitivity(
            change=change,
            late_fraction=round(model.fluid.late_fraction, 6),
            mean_tasks=round(model.fluid.mean_tasks, 3),
            meets=one.wait_limit_seconds > 0 and model.fluid.late_fraction <= one.late_allowed,
        )
        for change, one, model in found
    )
