"""What Application Auto Scaling has for one service of ECS: its scalable target and policies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edactl.core.record import JsonValue

DEFAULT_COOLDOWN_SECONDS = 300.0
"""Of target tracking and steps on ECS. Source: API reference, ScaleOutCooldown and Cooldown."""


@dataclass(frozen=True)
class DeployedPolicy:
    """A scaling policy. `document` is the input of PutScalingPolicy that makes it.

    `kind` is AWS's PolicyType: TargetTrackingScaling, StepScaling or PredictiveScaling. `alarms`
    are the names of the alarms that it acts on; target tracking makes its own.
    """

    name: str
    kind: str
    document: Mapping[str, JsonValue]
    alarms: tuple[str, ...] = ()

    @property
    def configuration(self) -> Mapping[str, JsonValue]:
        """The part of the document that says how it scales."""
        found = self.document.get(f"{self.kind}PolicyConfiguration", {})
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True)
class DeployedScaling:
    """A service's scalable target and its policies.

    `suspended` names what does not act: "scale-out", "scale-in", "scheduled scaling".
    """

    resource_id: str
    minimum_tasks: int
    maximum_tasks: int
    policies: tuple[DeployedPolicy, ...] = ()
    suspended: tuple[str, ...] = ()


@dataclass(frozen=True)
class ScalingAlarm:
    """An alarm that a policy acts on. `queries` are metric data queries, whatever its own form."""

    name: str
    queries: tuple[Mapping[str, JsonValue], ...]
    threshold: float
    comparison: str
    period_seconds: int
    periods: int
    datapoints: int
    statistic: str
    missing: str


def alarm_of(item: Mapping[str, Any]) -> ScalingAlarm:
    """The alarm of a MetricAlarm document of DescribeAlarms. Raises KeyError and TypeError.

    Source: CloudWatch API reference, MetricAlarm: either one metric, or queries.
    """
    queries = item.get("Metrics") or [_query(item)]
    periods = int(item.get("EvaluationPeriods", 1))
    stats = [one.get("MetricStat", {}).get("Period", 60) for one in queries]
    return ScalingAlarm(
        name=str(item["AlarmName"]),
        queries=tuple(queries),
        threshold=float(item.get("Threshold", 0.0)),
        comparison=str(item.get("ComparisonOperator", "")),
        period_seconds=int(item.get("Period") or max(stats)),
        periods=periods,
        datapoints=int(item.get("DatapointsToAlarm") or periods),
        statistic=str(item.get("Statistic") or "Average"),
        missing=str(item.get("TreatMissingData") or "missing"),
    )


def _query(item: Mapping[str, Any]) -> dict[str, Any]:
    """The only metric of an alarm as a metric data query."""
    names = ("Namespace", "MetricName", "Dimensions")
    metric = {name: item[name] for name in names if name in item}
    stat = {"Metric": metric, "Stat": item.get("Statistic"), "Period": item.get("Period", 60)}
    return {"Id": "metric", "MetricStat": stat, "ReturnData": True}
