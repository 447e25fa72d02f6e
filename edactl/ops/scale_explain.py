"""Find out all that tells why a service did or did not scale. Reads alone.

What may not be read, or fails, is left out and named: half a story is better than none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar

from edactl.core.scaling_policy.deployed_metric import queries_of
from edactl.core.scaling_policy.evidence import evidence_of
from edactl.core.scaling_story.facts import Facts
from edactl.errors import AwsError, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from edactl.core.deployed_scaling import DeployedPolicy, DeployedScaling
    from edactl.core.ecs_service import Service
    from edactl.core.scaling_policy.evidence import Evidence, Points
    from edactl.core.scaling_policy.metric_math import Query
    from edactl.core.scaling_policy.service_place import ServicePlace
    from edactl.core.scaling_story.facts import (
        Activity,
        Alarm,
        AlarmChange,
        ProtectedTask,
        QueueNow,
    )

METRIC_MINUTES = timedelta(minutes=15)
"""So far back a metric is looked at: less than it may be late, more than an alarm waits."""
T = TypeVar("T")


class History(Protocol):
    """Knows what happened to a service's scaling."""

    def activities(self, place: ServicePlace, /, *, since: datetime) -> tuple[Activity, ...]:
        """Activities and decisions against one, the newest first."""
        ...

    def alarms(self, names: Sequence[str], /) -> tuple[Alarm, ...]:
        """Alarms as they are."""
        ...

    def alarm_changes(
        self, names: Sequence[str], /, *, since: datetime, until: datetime
    ) -> tuple[AlarmChange, ...]:
        """Each change of their states."""
        ...

    def protected(self, place: ServicePlace, /) -> tuple[ProtectedTask, ...]:
        """Tasks that scale-in may not stop."""
        ...


class Metrics(Protocol):
    """Evaluates the metric of a policy."""

    def points(
        self, queries: Sequence[Query], /, *, resource: str, start: datetime, end: datetime
    ) -> Mapping[str, Points]:
        """The points of each query by its id."""
        ...


@dataclass
class Gathering:
    """One look at a service. `unread` names what could not be read."""

    history: History
    metrics: Metrics
    place: ServicePlace
    since: datetime
    now: datetime
    unread: list[str] = field(default_factory=list)

    def facts(
        self,
        service: Service,
        scaling: DeployedScaling | None,
        queue: Callable[[], QueueNow | None],
    ) -> Facts:
        """All that can be found out. `queue` is asked for how much waits."""
        policies = scaling.policies if scaling else ()
        names = [name for policy in policies for name in policy.alarms]
        history, place, since = self.history, self.place, self.since
        return Facts(
            place=place,
            now=self.now,
            since=since,
            service=service,
            scaling=scaling,
            activities=self._read(lambda: history.activities(place, since=since), ()),
            alarms=self._read(lambda: history.alarms(names), ()) if names else (),
            alarm_changes=self._read(
                lambda: history.alarm_changes(names, since=since, until=self.now), ()
            ),
            protected=self._read(lambda: history.protected(place), ()),
            metrics=tuple(
                (one.name, evidence)
                for one in policies
                if (evidence := self._evidence(one)) is not None
            ),
            queue=self._read(queue, None),
        )

    def _evidence(self, policy: DeployedPolicy) -> Evidence | None:
        queries = queries_of(policy)
        if not queries:
            return None
        points = self._read(
            lambda: self.metrics.points(
                queries,
                resource=f"the metric of policy {policy.name}",
                start=self.now - METRIC_MINUTES,
                end=self.now,
            ),
            None,
        )
        return None if points is None else evidence_of(queries, points)

    def _read(self, read: Callable[[], T], instead: T) -> T:
        try:
            return read()
        except NotFound:
            raise  # a name that was misspelt
        except AwsError as error:
            self.unread.append(error.message)
            return instead
