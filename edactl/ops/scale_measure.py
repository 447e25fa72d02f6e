"""Measure a queue and its service for an advice on their scaling. Reads alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from edactl.core.scaling_advice.queue_minutes import redelivery_of, traffic_of, work_of
from edactl.core.scaling_advice.service_facts import (
    ServiceFacts,
    concerns_of,
    miscounted,
    running_of,
    start_of,
)
from edactl.core.scaling_sim.arrivals import Trace
from edactl.errors import AwsError, DeadlinePassed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from edactl.core.ecs_service import Service
    from edactl.core.queueing.estimates import Estimate
    from edactl.core.scaling_advice.durations import Durations
    from edactl.core.scaling_advice.queue_minutes import QueueMinutes
    from edactl.core.scaling_advice.service_facts import ServiceMinutes
    from edactl.core.scaling_policy.service_place import ServicePlace
    from edactl.core.task import Task, TaskDefinition

Quantity = Literal["traffic", "work", "redelivery"]
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.5, 5.0
_LONGEST_QUERY_SECONDS = 300.0


class MinuteReader(Protocol):
    """Knows what passed through a queue, minute by minute."""

    def minutes(self, queue: str, /, *, start: datetime, end: datetime) -> QueueMinutes:
        """Every minute from `start` to `end`."""
        ...


class ServiceReader(Protocol):
    """Knows how many tasks of a service ran, minute by minute."""

    def minutes(self, place: ServicePlace, /, *, start: datetime, end: datetime) -> ServiceMinutes:
        """Every minute from `start` to `end`."""
        ...


class Services(Protocol):
    """Describes services."""

    def describe(self, cluster: str, name: str, /) -> Service:
        """One service. Raises NotFound."""
        ...


class Tasks(Protocol):
    """Describes tasks and their definitions."""

    def of_service(self, cluster: str, name: str, /) -> Sequence[Task]:
        """The tasks of a service, those of the last hour that ended too."""
        ...

    def definition(self, name: str, /) -> TaskDefinition:
        """A task definition. Raises NotFound."""
        ...


class LogQueries(Protocol):
    """Knows how far a query of CloudWatch Logs Insights is."""

    def durations(self, query_id: str, /) -> Durations | str:
        """What it found; while it runs, and when it failed, its status."""
        ...


@dataclass(frozen=True)
class MeasuredQueue:
    """What was asked for: the trace, the mean time of the work, or both; and redeliveries."""

    minutes: QueueMinutes
    trace: Trace | None
    work: Estimate | None
    redelivery: Estimate | None

    @property
    def redelivery_ratio(self) -> float:
        """Receives for each message; 1 where it is not known."""
        return self.redelivery.value if self.redelivery else 1.0


def measure(
    reader: MinuteReader,
    queue: str,
    *,
    start: datetime,
    end: datetime,
    wanted: Collection[Quantity],
) -> MeasuredQueue:
    """Measure what is wanted. Raises InputError where CloudWatch has no data for it."""
    minutes = reader.minutes(queue, start=start, end=end)
    found = traffic_of(minutes) if "traffic" in wanted else None
    return MeasuredQueue(
        minutes,
        Trace(found.per_minute, exact=True, gaps=found.gaps) if found else None,
        work_of(minutes) if "work" in wanted else None,
        redelivery_of(minutes) if "redelivery" in wanted else None,
    )


@dataclass(frozen=True)
class MeasuredService:
    """A service's minutes and what else is known of it."""

    minutes: ServiceMinutes
    facts: ServiceFacts


@dataclass(frozen=True)
class ServiceDoors:
    """Who knows about a service."""

    services: Services
    tasks: Tasks
    minutes: ServiceReader


def measure_service(
    place: ServicePlace, doors: ServiceDoors, *, start: datetime, end: datetime
) -> MeasuredService:
    """What a service tells of itself. Raises NotFound where there is none of this name."""
    service = doors.services.describe(place.cluster, place.service)
    definition = doors.tasks.definition(service.task_definition)
    minutes = doors.minutes.minutes(place, start=start, end=end)
    name = str(place)
    return MeasuredService(
        minutes,
        ServiceFacts(
            name=name,
            running=running_of(minutes),
            running_metric=minutes.metric,
            start=start_of(doors.tasks.of_service(place.cluster, place.service)),
            definition=definition.name,
            cpu=definition.cpu,
            memory=definition.memory,
            concerns=(
                *concerns_of(name, definition, service.launch_type, service.capacity_providers),
                *miscounted(minutes, service.running),
            ),
        ),
    )


def queried_durations(
    logs: LogQueries,
    group: str,
    query_id: str,
    *,
    wait: Callable[[float], object],
    clock: Callable[[], float],
) -> Durations:
    """What a query finds when it has ended. Raises AwsError for one that fails."""
    deadline, pause = clock() + _LONGEST_QUERY_SECONDS, _FIRST_PAUSE_SECONDS
    while isinstance(found := logs.durations(query_id), str):
        if found not in {"Scheduled", "Running", "Unknown"}:
            raise AwsError(
                f"the Logs Insights query on {group} ended as {found}",
                code=found,
                operation="logs:GetQueryResults",
                hint=f"a shorter --lookback; or aws logs get-query-results --query-id {query_id}",
            )
        if clock() >= deadline:
            raise DeadlinePassed(
                f"the Logs Insights query on {group} still runs after 5 minutes",
                hint="a shorter --lookback",
            )
        wait(pause)
        pause = min(1.5 * pause, _LONGEST_PAUSE_SECONDS)
    return found
