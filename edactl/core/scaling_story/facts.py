"""What AWS knows of a service's scaling: activities, alarms, tasks, metrics."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

    from edactl.core.deployed_scaling import DeployedPolicy, DeployedScaling
    from edactl.core.ecs_service import Service
    from edactl.core.scaling_policy.evidence import Evidence
    from edactl.core.scaling_policy.service_place import ServicePlace

Direction = Literal["out", "in"]
AlarmState = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
_CHANGING = frozenset({"Pending", "InProgress", "Successful"})
_DESIRED = re.compile(r"desired count to (\d+)")


@dataclass(frozen=True)
class NotScaled:
    """Why Application Auto Scaling looked and left the capacity as it was."""

    code: str
    current: int | None = None
    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True)
class Activity:
    """A scaling activity, or with `not_scaled` a decision against one.

    `status` is AWS's StatusCode: Pending, InProgress, Successful, Overridden, Unfulfilled, Failed.
    """

    started_at: datetime
    status: str
    description: str
    cause: str
    message: str = ""
    ended_at: datetime | None = None
    not_scaled: tuple[NotScaled, ...] = ()

    @property
    def tasks(self) -> int | None:
        """The count that it set, as its description tells."""
        found = _DESIRED.search(self.description)
        return int(found[1]) if found else None


@dataclass(frozen=True)
class Alarm:
    """An alarm of a policy. `direction` is None when its comparison does not tell it."""

    name: str
    state: AlarmState
    reason: str
    since: datetime | None
    direction: Direction | None
    acts: bool = True


@dataclass(frozen=True)
class AlarmChange:
    """An alarm went from one state to another."""

    at: datetime
    alarm: str
    before: str
    after: str
    reason: str


@dataclass(frozen=True)
class ProtectedTask:
    """A task that scale-in may not stop before `until`."""

    task: str
    until: datetime | None


@dataclass(frozen=True)
class QueueNow:
    """How many messages wait in the queue, and how many are being worked on."""

    name: str
    visible: int
    in_flight: int


@dataclass(frozen=True)
class Facts:
    """All that was found out. `metrics` holds the last minutes of each policy's custom metric."""

    place: ServicePlace
    now: datetime
    since: datetime
    service: Service
    scaling: DeployedScaling | None
    activities: tuple[Activity, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    alarm_changes: tuple[AlarmChange, ...] = ()
    protected: tuple[ProtectedTask, ...] = ()
    metrics: tuple[tuple[str, Evidence], ...] = ()
    queue: QueueNow | None = None

    @property
    def policies(self) -> tuple[DeployedPolicy, ...]:
        """The policies that are deployed."""
        return self.scaling.policies if self.scaling else ()

    def alarms_of(self, policy: DeployedPolicy) -> tuple[Alarm, ...]:
        """The alarms of one policy."""
        return tuple(one for one in self.alarms if one.name in policy.alarms)

    def wants(self, direction: Direction) -> Alarm | None:
        """The alarm that has asked longest for tasks to be added, or taken away."""
        asking = [one for one in self.alarms if one.state == "ALARM" and one.direction == direction]
        return min(asking, default=None, key=lambda one: one.since or self.now)

    @property
    def scaled(self) -> tuple[Activity, ...]:
        """The activities that changed the count, the newest first."""
        done = [one for one in self.activities if not one.not_scaled and one.status in _CHANGING]
        return tuple(sorted(done, key=lambda one: one.started_at, reverse=True))

    @property
    def last_decision(self) -> Activity | None:
        """The newest activity of any kind."""
        return max(self.activities, default=None, key=lambda one: one.started_at)
