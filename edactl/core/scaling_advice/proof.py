"""The proof: a candidate replayed message by message on its own trace, mended until it holds."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edactl.core.queueing.estimates import percentile_of
from edactl.core.scaling_advice.search import tried
from edactl.core.scaling_sim.controllers import Bounds
from edactl.core.scaling_sim.minute_model import wait_percentile
from edactl.core.scaling_sim.results import Contest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from edactl.core.scaling_advice.case import Case
    from edactl.core.scaling_advice.search import Candidate
    from edactl.core.scaling_sim.simulator import Replay

REPLAYED_MESSAGES = 300_000
_LEAD_MINUTES = 60
_PERCENTILES = (50, 95, 99)
_MOST_TRIES = 8
_MARGIN = 0.9
"""Another seed gives other messages."""


@dataclass(frozen=True)
class Proven:
    """A candidate with what its replay showed; ages of messages when done, in seconds."""

    candidate: Candidate
    late_fraction: float
    age_seconds: tuple[float, float, float]
    mean_tasks: float
    replayed_minutes: int
    whole: bool

    def meets(self, case: Case) -> bool:
        """Whether no more messages are late than may be."""
        return self.late_fraction <= case.late_allowed


def prove(
    case: Case, candidates: Sequence[Candidate], generator: Callable[[str], Random]
) -> Proven:
    """The first candidate whose replay meets the latency; else the nearest, mended until it does.

    One that misses with as many tasks as may run comes back as it is.
    """
    found: list[Proven] = []
    for candidate in candidates:
        proven = _replayed(case, candidate, generator)
        if proven.late_fraction <= _MARGIN * case.late_allowed:
            return proven
        found.append(proven)
    nearest = min(found, key=lambda one: one.late_fraction)
    return nearest if case.wait_limit_seconds <= 0 else _mended(case, nearest, generator)


def _mended(case: Case, proven: Proven, generator: Callable[[str], Random]) -> Proven:
    """The same policy with more tasks always running, step by step, in the end for the peak."""
    steady = case.bounds.clip(case.steady_tasks(max(case.trace.per_minute) / 60))
    for number in range(_MOST_TRIES):
        bounds = proven.candidate.bounds
        enough = proven.late_fraction <= _MARGIN * case.late_allowed
        if enough or bounds.minimum >= case.bounds.maximum:
            break
        grown = case.bounds.clip(max(bounds.minimum + 1, math.ceil(bounds.minimum * 1.15)))
        minimum = grown if number < _MOST_TRIES - 1 else max(grown, steady)
        wider = Bounds(minimum, max(minimum, bounds.maximum))
        proven = _replayed(case, tried(case, proven.candidate.policy, wider), generator)
    return proven


def _replayed(case: Case, candidate: Candidate, generator: Callable[[str], Random]) -> Proven:
    start, end = _window(case, candidate)
    minutes = len(case.trace.per_minute)
    whole = (start, end) == (0, minutes)
    trace = case.trace
    if not whole:
        trace = replace(trace, per_minute=trace.per_minute[start:end], messages=None)
    first = None if whole else candidate.fluid.minutes[start].desired_tasks
    contest = Contest(
        trace, case.setting, candidate.bounds, case.latency_seconds, case.hour_usd, first
    )
    replay = contest.replay(candidate.policy, generator)
    outside = [*candidate.fluid.minutes[:start], *candidate.fluid.minutes[end:]]
    late = sum(age > case.latency_seconds for age in replay.ages) + replay.left
    total = replay.arrived + math.fsum(one.messages for one in outside)
    late_outside = math.fsum(one.late for one in outside)
    task_seconds = replay.task_seconds + sum(one.desired_tasks for one in outside) * 60
    return Proven(
        candidate=candidate,
        late_fraction=(late + late_outside) / total if total else 0.0,
        age_seconds=_ages(case, candidate, replay, whole=whole),
        mean_tasks=task_seconds / (replay.span_seconds + len(outside) * 60),
        replayed_minutes=end - start,
        whole=whole,
    )


def _ages(
    case: Case, candidate: Candidate, replay: Replay, *, whole: bool
) -> tuple[float, float, float]:
    """Ages when done: of the replay, or where only a part is replayed of the model of minutes."""
    ages = sorted(replay.ages)
    minutes, work = candidate.fluid.minutes, case.setting.work
    first, second, third = (
        percentile_of(ages, one)
        if whole
        else wait_percentile(minutes, one) + work.percentile_seconds(one)
        for one in _PERCENTILES
    )
    return first, second, third


def _window(case: Case, candidate: Candidate) -> tuple[int, int]:
    """The minutes to replay: all of them, or those around the longest wait, with an hour's lead."""
    counts = case.trace.per_minute
    if case.trace.total <= REPLAYED_MESSAGES:
        return 0, len(counts)
    waits = [one.wait_seconds for one in candidate.fluid.minutes]
    worst = max(range(len(waits)), key=waits.__getitem__)
    start, end, messages = worst, worst + 1, counts[worst]
    while (
        start > max(0, worst - _LEAD_MINUTES)
        and messages + counts[start - 1] <= REPLAYED_MESSAGES / 2
    ):
        start -= 1
        messages += counts[start]
    while end < len(counts) and messages + counts[end] <= REPLAYED_MESSAGES:
        messages += counts[end]
        end += 1
    return start, end
