"""Whether the metric of a policy has data: what its expression and each of its metrics gave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from edactl.errors import GuardError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edactl.core.scaling_policy.metric_math import Query
    from edactl.core.scaling_policy.wanted import WantedPolicy

Points = tuple[tuple[datetime, float], ...]
LOOKED_BACK = timedelta(hours=24)
STALE = timedelta(minutes=15)
_TWICE = 2


@dataclass(frozen=True)
class Series:
    """What one metric or expression gave in the time that was looked at; a point a minute."""

    id: str
    what: str
    datapoints: int
    latest_value: float | None
    latest_at: datetime | None
    highest_value: float | None


@dataclass(frozen=True)
class Evidence:
    """The series of a policy: its metrics, then expressions; the last is the metric to hold."""

    series: tuple[Series, ...]

    @property
    def held(self) -> Series:
        """What the policy holds at its target."""
        return self.series[-1]

    def of(self, name: str) -> Series:
        """The series of that id."""
        return next(one for one in self.series if one.id == name)


def evidence_of(queries: Sequence[Query], points: Mapping[str, Points]) -> Evidence:
    """What came for each query; `points` by its id, in any order."""
    return Evidence(tuple(_series(one, points.get(str(one["Id"]), ())) for one in queries))


def _series(query: Query, points: Points) -> Series:
    latest = max(points, default=None, key=lambda point: point[0])
    return Series(
        id=str(query["Id"]),
        what=described(query),
        datapoints=len(points),
        latest_value=latest[1] if latest else None,
        latest_at=latest[0] if latest else None,
        highest_value=max((value for _, value in points), default=None),
    )


def described(query: Query) -> str:
    """The expression, or the metric with its dimensions and statistic."""
    statistic = query.get("MetricStat")
    if not isinstance(statistic, dict):
        return str(query.get("Expression"))
    given = statistic.get("Metric")
    metric = given if isinstance(given, dict) else {}
    dimensions = metric.get("Dimensions")
    names = ",".join(
        f"{one.get('Name')}={one.get('Value')}"
        for one in (dimensions if isinstance(dimensions, list) else [])
        if isinstance(one, dict)
    )
    where = f" {{{names}}}" if names else ""
    unit = f" {statistic['Unit']}" if statistic.get("Unit") else ""
    name = f"{metric.get('Namespace')} {metric.get('MetricName')}"
    return f"{name}{where} {statistic.get('Stat')}{unit}"


def no_data(evidence: Evidence, wanted: WantedPolicy) -> GuardError | None:
    """Why this policy must not be applied: the first of its metrics that has no data."""
    if evidence.held.datapoints:
        return None
    missing = next((one for one in evidence.series if not one.datapoints), evidence.held)
    place = wanted.place
    if missing.id in {"visible", "sent"}:
        said = f"queue {wanted.queue} has sent no {missing.what.split()[1]} for 24 h"
        hint = f"edactl queue show {wanted.queue}: a queue nobody calls sends no metrics after 6 h"
    elif missing.id != "running":
        said = f"its expression {missing.what} gives no data, though its metrics do"
        hint = "edactl scale apply … --write DIR, and evaluate scaling-policy.json in CloudWatch"
    elif wanted.task_count == "cpu-samples":
        said = f"no task of {place} has sent CPUUtilization for 24 h"
        hint = f"edactl service show {place.service} --cluster {place.cluster}: does a task run?"
    else:
        said = f"Container Insights has no RunningTaskCount of {place} for 24 h"
        hint = "--running-tasks cpu-samples, which needs no Container Insights"
    return GuardError(
        f"{wanted.policy_name} would never scale: {said}", hint=f"{hint}; --force applies it anyway"
    )


def doubts(
    evidence: Evidence, wanted: WantedPolicy, *, running_tasks: int, now: datetime
) -> tuple[str, ...]:
    """What in the data should make an operator look twice."""
    found: list[str] = []
    held, running = evidence.held, evidence.of("running")
    if held.latest_at is not None and now - held.latest_at > STALE:
        minutes = int((now - held.latest_at) / timedelta(minutes=1))
        found.append(
            f"the newest {wanted.metric} is {minutes} minutes old: without data nothing scales"
        )
    count = running.latest_value
    if wanted.task_count == "cpu-samples" and count and count >= _TWICE * running_tasks > 0:
        found.append(
            f"CPU samples count {count:g} tasks where {running_tasks} run: 20-second metrics"
            " count each thrice (unverified); --running-tasks container-insights does not"
        )
    return tuple(found)
