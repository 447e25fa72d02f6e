"""The metric of a policy as metric math over metrics that AWS sends anyway.

Every series has a point a minute. `running` is absent while no task runs. With a minimum of 1 or
more its last value is repeated, so that a datapoint that is merely late does not read as "no task"
and blow the backlog per task up; with a minimum of 0 it is filled with 0, since nothing would ever
leave 0 otherwise. Sources: CloudWatch user guide, "Using math expressions" (FILL, IF); ECS
developer guide, "Service RUNNING task count" (SampleCount of CPUUtilization); how FILL treats a
series without any point is unverified, so the expression is evaluated before it is applied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edactl.core.record import JsonValue
    from edactl.core.scaling_policy.wanted import TaskCount, WantedPolicy

Query = dict[str, "JsonValue"]
RUNNING_TASKS: dict[TaskCount, tuple[str, str, str]] = {
    "cpu-samples": ("AWS/ECS", "CPUUtilization", "SampleCount"),
    "container-insights": ("ECS/ContainerInsights", "RunningTaskCount", "Average"),
}
"""Namespace, metric and statistic of each way to count tasks."""


def metric_queries(wanted: WantedPolicy) -> list[Query]:
    """The `Metrics` of a CustomizedMetricSpecification; the last one is the metric to hold."""
    sent: list[Query] = []
    if wanted.slots is not None:
        sent = [_of_queue("sent", "NumberOfMessagesSent", "Sum", wanted.queue)]
    return [
        _of_queue("visible", "ApproximateNumberOfMessagesVisible", "Maximum", wanted.queue),
        *sent,
        _running(wanted),
        _expression("tasks", _tasks(wanted), "running tasks, 1 at least"),
        _result(wanted),
    ]


def _tasks(wanted: WantedPolicy) -> str:
    filled = "FILL(running, REPEAT)" if wanted.minimum_tasks else "FILL(running, 0)"
    return f"IF({filled} > 0, {filled}, 1)"


def _result(wanted: WantedPolicy) -> Query:
    if wanted.slots is None:
        return _expression("backlog_per_task", "visible / tasks", "backlog per task", last=True)
    work, drain = map(_plain, (wanted.slots.processing_time_seconds, wanted.slots.latency_seconds))
    slots = wanted.slots.concurrency_per_task
    needed = f"sent / 60 * {work} + visible * {work} / {drain}"
    return _expression(
        "load_per_slot", f"({needed}) / ({slots} * tasks)", "load per slot", last=True
    )


def _plain(number: float) -> str:
    """Digits without an exponent, which metric math may not read."""
    return f"{number:.6f}".rstrip("0").rstrip(".")


def _expression(name: str, text: str, label: str, *, last: bool = False) -> Query:
    return {"Id": name, "Expression": text, "Label": label, "ReturnData": last}


def _of_queue(name: str, metric: str, statistic: str, queue: str) -> Query:
    return _statistic(name, "AWS/SQS", metric, statistic, {"QueueName": queue})


def _running(wanted: WantedPolicy) -> Query:
    dimensions = {"ClusterName": wanted.place.cluster, "ServiceName": wanted.place.service}
    return _statistic("running", *RUNNING_TASKS[wanted.task_count], dimensions)


def _statistic(
    name: str, namespace: str, metric: str, statistic: str, dimensions: dict[str, str]
) -> Query:
    return {
        "Id": name,
        "MetricStat": {
            "Metric": {
                "Namespace": namespace,
                "MetricName": metric,
                "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
            },
            "Stat": statistic,
        },
        "ReturnData": False,
    }
