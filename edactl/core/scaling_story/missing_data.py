"""A policy whose alarms have no data: which metric is missing, and why nothing scales then.

Source: Application Auto Scaling user guide, "How target tracking scaling works": with insufficient
data nothing scales. CPUUtilization and RunningTaskCount are absent while no task runs.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from edactl.core.scaling_story.cause import Cause, clock

if TYPE_CHECKING:
    from edactl.core.deployed_scaling import DeployedPolicy
    from edactl.core.scaling_policy.evidence import Series
    from edactl.core.scaling_story.facts import Facts

NO_DATA = "INSUFFICIENT_DATA"
NEW = timedelta(minutes=5)
_OF_TASKS = ("CPUUtilization", "MemoryUtilization", "RunningTaskCount")


def missing_data(facts: Facts) -> Cause | None:
    """The cause when no policy has data to scale out by."""
    if not facts.policies or not all(_is_blind(facts, one) for one in facts.policies):
        return None
    first = facts.policies[0]
    alarm = next((one for one in facts.alarms_of(first) if one.state == NO_DATA), None)
    since = alarm.since if alarm else None
    missing = _missing(facts, first)
    if missing is None and since is not None and facts.now - since < NEW:
        return Cause(
            "alarm_new",
            f"the alarms of policy {first.name} are new and have no data yet",
            "wait five minutes, then ask again",
            since,
        )
    return Cause(
        "no_data",
        f"{facts.place} did not scale: {_what(facts, missing)}, and without data nothing scales"
        + (f" (since {clock(since)})" if since else ""),
        _hint(facts, missing),
        since,
    )


def _is_blind(facts: Facts, policy: DeployedPolicy) -> bool:
    """Whether nothing tells this policy that tasks are needed: its alarms, or its metric itself."""
    asking = [one.state for one in facts.alarms_of(policy) if one.direction != "in"]
    if asking and all(state == NO_DATA for state in asking):
        return True
    return "ALARM" not in asking and _missing(facts, policy) is not None


def _missing(facts: Facts, policy: DeployedPolicy) -> Series | None:
    """The first of its metrics that has no data, else its expression."""
    for name, evidence in facts.metrics:
        if name == policy.name and not evidence.held.datapoints:
            return next(one for one in evidence.series if not one.datapoints)
    return None


def _what(facts: Facts, missing: Series | None) -> str:
    if missing is None:
        return f"the alarms of policy {facts.policies[0].name} have no data"
    words = missing.what.split(" {")[0]
    if not facts.service.running and _is_of_tasks(missing):
        return f"no task runs, so {words} has no data"
    return f"{words} has no data"


def _hint(facts: Facts, missing: Series | None) -> str:
    place = facts.place
    if not facts.service.desired and (missing is None or _is_of_tasks(missing)):
        return (
            f"aws ecs update-service --cluster {place.cluster} --service {place.service}"
            " --desired-count 1; a policy of edactl scale apply counts no task as one"
        )
    if missing is not None and "AWS/SQS" in missing.what:
        name = missing.what.partition("QueueName=")[2].partition("}")[0]
        return (
            f"edactl queue show {name}: is it the queue that is used? one that nobody calls sends"
            " no metrics after 6 h"
        )
    if missing is not None and "ContainerInsights" in missing.what:
        return (
            f"aws ecs update-cluster-settings --cluster {place.cluster} --settings"
            " name=containerInsights,value=enabled, or a policy of edactl scale apply"
        )
    return f"edactl service show {place} --query scaling"


def _is_of_tasks(series: Series) -> bool:
    return any(one in series.what for one in _OF_TASKS)
