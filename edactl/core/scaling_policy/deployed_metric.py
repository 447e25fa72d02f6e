"""The metric of a deployed policy as queries to evaluate."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edactl.core.deployed_scaling import DeployedPolicy
    from edactl.core.record import JsonValue
    from edactl.core.scaling_policy.metric_math import Query


def queries_of(policy: DeployedPolicy) -> list[Query]:
    """The queries of a customized metric, the one that is held last; none for any other policy.

    Source: Application Auto Scaling API reference, CustomizedMetricSpecification: either `Metrics`,
    or one metric by its name.
    """
    custom = policy.configuration.get("CustomizedMetricSpecification")
    if not isinstance(custom, dict):
        return []
    metrics = custom.get("Metrics")
    if isinstance(metrics, list) and metrics:
        queries = [one for one in metrics if isinstance(one, dict)]
        return sorted(queries, key=lambda one: bool(one.get("ReturnData", True)))
    return [_single(custom)]


def _single(custom: dict[str, JsonValue]) -> Query:
    dimensions = custom.get("Dimensions", [])
    metric: dict[str, JsonValue] = {
        "Namespace": custom.get("Namespace"),
        "MetricName": custom.get("MetricName"),
        "Dimensions": dimensions,
    }
    statistic: dict[str, JsonValue] = {"Metric": metric, "Stat": custom.get("Statistic", "Average")}
    if custom.get("Unit"):
        statistic["Unit"] = custom["Unit"]
    return {"Id": "metric", "MetricStat": statistic, "ReturnData": True}
