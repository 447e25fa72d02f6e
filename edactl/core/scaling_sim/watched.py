"""The metric that an existing policy or alarm watches, as the simulation can tell it.

What it cannot tell is an InputError that says which metric it is: a policy is left out then, not
guessed at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.core.scaling_policy.deployed_metric import queries_of
from edactl.core.scaling_sim.controllers import cpu_percent
from edactl.core.scaling_sim.metric_math import compile_expression
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from edactl.core.deployed_scaling import DeployedPolicy
    from edactl.core.record import JsonValue
    from edactl.core.scaling_sim.controllers import Datapoint
    from edactl.core.scaling_sim.metric_math import Formula

    Metric = Callable[[Datapoint], float | None]
    Document = Mapping[str, JsonValue]

_HINT = "messages visible, in flight and sent, running tasks and CPU can, and metric math of them"


def _running(point: Datapoint) -> float | None:
    """As CloudWatch has it: no datapoint while no task runs."""
    return point.running_tasks or None


_TOLD: dict[str, Metric] = {
    "ApproximateNumberOfMessagesVisible": lambda point: point.visible,
    "ApproximateNumberOfMessagesNotVisible": lambda point: point.in_flight,
    "NumberOfMessagesSent": lambda point: point.sent,
    "RunningTaskCount": _running,
    "CPUUtilization": cpu_percent,
}


@dataclass(frozen=True)
class Watched:
    """A metric; `fresh` makes one for a run. `queues` are those whose metrics it reads."""

    fresh: Callable[[], Metric]
    queues: frozenset[str] = frozenset()


def watched_by(policy: DeployedPolicy) -> Watched:
    """What target tracking watches. Raises InputError."""
    predefined = policy.configuration.get("PredefinedMetricSpecification")
    if not isinstance(predefined, dict):
        return watched_in(queries_of(policy))
    kind = predefined.get("PredefinedMetricType")
    if kind != "ECSServiceAverageCPUUtilization":
        raise _unknown(str(kind))
    return Watched(lambda: cpu_percent)


def watched_in(queries: Sequence[Document]) -> Watched:
    """What metric data queries give in the end, as alarms and target tracking have them.

    Raises InputError.
    """
    formulas = {
        str(one.get("Id")): str(one["Expression"]) for one in queries if one.get("Expression")
    }
    metrics = [_inner(one) for one in queries if not one.get("Expression")]
    leaves = {name: _told(metric, statistic) for name, metric, statistic in metrics}
    last = next((one for one in reversed(queries) if one.get("ReturnData", True)), None)
    wanted = str(last.get("Id")) if last else ""
    if wanted not in formulas.keys() | leaves.keys():
        raise _unknown("a specification that returns no metric")
    _Graph(leaves, formulas).metric(wanted)
    return Watched(
        lambda: _Graph(leaves, formulas).metric(wanted),
        _queues([metric for _, metric, _ in metrics]),
    )


def _inner(query: Document) -> tuple[str, Document, JsonValue]:
    stat = query.get("MetricStat")
    stat = stat if isinstance(stat, dict) else {}
    metric = stat.get("Metric")
    return str(query.get("Id")), metric if isinstance(metric, dict) else {}, stat.get("Stat")


def _told(metric: Document, statistic: JsonValue) -> Metric:
    name = str(metric.get("MetricName"))
    if name == "CPUUtilization" and statistic == "SampleCount":
        return _running
    if name not in _TOLD:
        raise _unknown(f"{metric.get('Namespace') or ''} {name}".strip())
    return _TOLD[name]


def _queues(metrics: Sequence[Document]) -> frozenset[str]:
    return frozenset(
        str(one.get("Value"))
        for metric in metrics
        for one in _objects(metric.get("Dimensions"))
        if one.get("Name") == "QueueName"
    )


def _objects(value: JsonValue) -> list[dict[str, JsonValue]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _unknown(what: str) -> InputError:
    return InputError(f"{what} cannot be simulated", hint=_HINT)


class _Graph:
    """Metrics and the expressions over them, compiled for one run."""

    def __init__(self, leaves: Mapping[str, Metric], formulas: Mapping[str, str]) -> None:
        self._leaves = leaves
        self._texts = formulas
        self._formulas: dict[str, Formula] = {}
        self._order: list[str] = []

    def metric(self, wanted: str) -> Metric:
        """What the query of this id gives. Raises InputError for a circle and an unknown id."""
        self._add(wanted, ())

        def metric(point: Datapoint) -> float | None:
            values = {name: leaf(point) for name, leaf in self._leaves.items()}
            for name in self._order:
                values[name] = self._formulas[name](values)
            return values[wanted]

        return metric

    def _add(self, name: str, above: tuple[str, ...]) -> None:
        if name in self._leaves or name in self._formulas:
            return
        if name not in self._texts or name in above:
            raise _unknown(f'the id "{name}" in metric math')
        expression = compile_expression(self._texts[name])
        for one in expression.names:
            self._add(one, (*above, name))
        self._formulas[name] = expression.formula
        self._order.append(name)
