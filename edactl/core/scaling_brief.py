"""How a service scales, in brief: between how many tasks, on which metrics, to what targets.

Source: Application Auto Scaling API reference, TargetTrackingScalingPolicyConfiguration,
StepScalingPolicyConfiguration and PredictiveScalingPolicyConfiguration.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.core.scaling_policy.deployed_metric import queries_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edactl.core.deployed_scaling import DeployedPolicy, DeployedScaling
    from edactl.core.record import JsonValue


@dataclass(frozen=True)
class PolicyBrief:
    """One policy. `metric` is a predefined one's type, NAMESPACE/NAME, or an expression.

    Both `metric` and `target` are null for steps: their alarms hold them.
    """

    name: str
    kind: str
    metric: str | None
    target: float | None
    alarms: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """For people, as short as can be."""
        if self.metric is None:
            return f"{self.kind} {self.name}"
        return self.metric if self.target is None else f"{self.metric} at {self.target:g}"


@dataclass(frozen=True)
class ScalingBrief:
    """A scalable target and its policies; `suspended` names what does not act."""

    minimum_tasks: int
    maximum_tasks: int
    policies: tuple[PolicyBrief, ...]
    suspended: tuple[str, ...]

    @property
    def words(self) -> str:
        """For people: `1 to 10 tasks, ECSServiceAverageCPUUtilization at 70`."""
        policies = [one.words for one in self.policies] or ["no policy"]
        off = [f"{', '.join(self.suspended)} suspended"] if self.suspended else []
        return ", ".join([f"{self.minimum_tasks} to {self.maximum_tasks} tasks", *policies, *off])


def brief_of(scaling: DeployedScaling) -> ScalingBrief:
    """What is deployed, in brief."""
    return ScalingBrief(
        scaling.minimum_tasks,
        scaling.maximum_tasks,
        tuple(map(_policy, scaling.policies)),
        scaling.suspended,
    )


def _policy(policy: DeployedPolicy) -> PolicyBrief:
    configuration = policy.configuration
    specifications = configuration.get("MetricSpecifications")  # of predictive scaling
    if isinstance(specifications, list):
        configuration = _object(specifications[0]) if specifications else {}
    target = configuration.get("TargetValue")
    return PolicyBrief(
        policy.name,
        policy.kind,
        _predefined(configuration) or _custom(policy),
        float(target) if isinstance(target, int | float) else None,
        policy.alarms,
    )


def _predefined(configuration: Mapping[str, JsonValue]) -> str | None:
    for key, value in configuration.items():
        if key.startswith("Predefined"):
            return _text(_object(value).get("PredefinedMetricType"))
    return None


def _custom(policy: DeployedPolicy) -> str | None:
    """The label or expression of the query that the policy goes by, or its metric's name."""
    for held in queries_of(policy)[-1:]:
        metric = _object(_object(held.get("MetricStat")).get("Metric"))
        name = f"{_text(metric.get('Namespace'))}/{_text(metric.get('MetricName'))}"
        return _text(held.get("Label") or held.get("Expression") or name)
    return None


def _object(value: JsonValue) -> Mapping[str, JsonValue]:
    return value if isinstance(value, dict) else {}


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""
