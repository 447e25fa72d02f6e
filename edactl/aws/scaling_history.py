"""What happened to a service's scaling: activities, alarms and their changes, protected tasks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edactl.aws.alarms import metric_alarms
from edactl.aws.ecs import EcsTasks
from edactl.core.scaling_policy.service_place import DIMENSION
from edactl.core.scaling_story.facts import (
    Activity,
    Alarm,
    AlarmChange,
    NotScaled,
    ProtectedTask,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from edactl.aws.session import AwsSession
    from edactl.core.scaling_policy.service_place import ServicePlace
    from edactl.core.scaling_story.facts import Direction

TASKS_AT_ONCE = 100
"""ECS API reference, GetTaskProtection: at most 100 tasks in one call."""


@dataclass(frozen=True)
class ScalingHistory:
    """Reads it for one account and region. Every error is an AwsError or one of its kinds."""

    session: AwsSession

    def activities(self, place: ServicePlace, *, since: datetime) -> tuple[Activity, ...]:
        """Activities and decisions against one, from `since` on, the newest first.

        Source: Application Auto Scaling API reference, DescribeScalingActivities (kept for six
        weeks, the newest first).
        """
        found: list[Activity] = []
        for item in self.session.pages(
            "application-autoscaling",
            "describe_scaling_activities",
            items="ScalingActivities",
            resource=f"scaling activities of {place}",
            ServiceNamespace="ecs",
            ResourceId=place.resource_id,
            ScalableDimension=DIMENSION,
            IncludeNotScaledActivities=True,
        ):
            if item["StartTime"] < since:
                break
            found.append(_activity(item))
        return tuple(found)

    def alarms(self, names: Sequence[str]) -> tuple[Alarm, ...]:
        """The alarms of these names, as they are; those that are gone are left out."""
        return tuple(map(_alarm, metric_alarms(self.session, names)))

    def alarm_changes(
        self, names: Sequence[str], *, since: datetime, until: datetime
    ) -> tuple[AlarmChange, ...]:
        """Each change of state of these alarms."""
        return tuple(
            _change(name, item)
            for name in names
            for item in self.session.pages(
                "cloudwatch",
                "describe_alarm_history",
                items="AlarmHistoryItems",
                resource=f"history of alarm {name}",
                AlarmName=name,
                HistoryItemType="StateUpdate",
                StartDate=since,
                EndDate=until,
            )
        )

    def protected(self, place: ServicePlace) -> tuple[ProtectedTask, ...]:
        """The running tasks of a service that scale-in may not stop."""
        arns = list(
            EcsTasks(self.session).arns(place.cluster, "RUNNING", serviceName=place.service)
        )
        return tuple(self._protections(place, arns))

    def _protections(self, place: ServicePlace, arns: Sequence[str]) -> Iterator[ProtectedTask]:
        for start in range(0, len(arns), TASKS_AT_ONCE):
            answer = self.session.call(
                "ecs",
                "get_task_protection",
                resource=f"tasks of {place}",
                cluster=place.cluster,
                tasks=list(arns[start : start + TASKS_AT_ONCE]),
            )
            for item in answer.get("protectedTasks", []):
                if item.get("protectionEnabled"):
                    name = str(item.get("taskArn", "")).rpartition("/")[2]
                    yield ProtectedTask(name, item.get("expirationDate"))


def _activity(item: dict[str, Any]) -> Activity:
    return Activity(
        started_at=item["StartTime"],
        status=item["StatusCode"],
        description=item.get("Description", ""),
        cause=item.get("Cause", ""),
        message=item.get("StatusMessage", ""),
        ended_at=item.get("EndTime"),
        not_scaled=tuple(
            NotScaled(
                one["Code"],
                one.get("CurrentCapacity"),
                one.get("MinCapacity"),
                one.get("MaxCapacity"),
            )
            for one in item.get("NotScaledReasons", [])
        ),
    )


def _alarm(item: dict[str, Any]) -> Alarm:
    return Alarm(
        name=item["AlarmName"],
        state=item["StateValue"],
        reason=item.get("StateReason", ""),
        since=item.get("StateTransitionedTimestamp") or item.get("StateUpdatedTimestamp"),
        direction=_direction(item.get("ComparisonOperator", "")),
        acts=bool(item.get("ActionsEnabled", True)),
    )


def _direction(comparison: str) -> Direction | None:
    """More of what tasks work off asks for more tasks."""
    if comparison.startswith("GreaterThan") and "LessThan" not in comparison:
        return "out"
    return "in" if comparison.startswith("LessThan") and "Greater" not in comparison else None


def _change(name: str, item: dict[str, Any]) -> AlarmChange:
    """A change of state. Its data is JSON of CloudWatch's own, and may be anything."""
    try:
        data = json.loads(item.get("HistoryData") or "{}")
        before, after = data["oldState"]["stateValue"], data["newState"]["stateValue"]
        reason = str(data["newState"].get("stateReason", ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        before, after, reason = "?", "?", item.get("HistorySummary", "")
    return AlarmChange(item["Timestamp"], name, str(before), str(after), reason)
