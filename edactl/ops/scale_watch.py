"""Look at a queue and its service again and again."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from edactl.core.scale_look import Look, slo_burn
from edactl.errors import FailedInside, Throttled, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from edactl.core.ecs_service import Service
    from edactl.core.queue import Queue, QueueAttributes
    from edactl.core.scaling_policy.service_place import ServicePlace

AGE_EVERY = timedelta(seconds=60)
"""A metric of a minute is not asked for more often: CloudWatch bills by the request."""
PATIENCE = timedelta(minutes=5)
_BUDGET = timedelta(hours=1)


class Queues(Protocol):
    """Counts a queue's messages."""

    def attributes(self, queue: Queue, /) -> QueueAttributes:
        """What SQS says of it, now."""
        ...


class Services(Protocol):
    """Describes services."""

    def describe(self, cluster: str, name: str, /) -> Service:
        """One service. Raises NotFound."""
        ...


class Ages(Protocol):
    """Knows how old the oldest message of a queue is."""

    def oldest_age_seconds(self, names: list[str], /, *, now: datetime) -> dict[str, float]:
        """The age by the queue's name; a queue without data is absent."""
        ...


@dataclass(frozen=True)
class Goal:
    """What a look is held against: a target for backlog per task, bounds, and the latency."""

    target: float | None = None
    minimum_tasks: int | None = None
    maximum_tasks: int | None = None
    latency_seconds: float | None = None
    percentile: float = 95.0


@dataclass
class ScaleWatch:
    """Looks until told to stop. `wait` sleeps that many seconds, or less when asked to stop."""

    queue: Queue
    place: ServicePlace
    queues: Queues
    services: Services
    ages: Ages
    goal: Goal
    now: Callable[[], datetime]
    warn: Callable[[str], None]
    _age: float | None = None
    _age_read_at: datetime | None = None
    _silent_since: datetime | None = None
    _late: deque[tuple[datetime, bool]] = field(default_factory=deque)

    def looks(
        self, stop: Callable[[], bool], wait: Callable[[float], object], interval: float
    ) -> Iterator[Look]:
        """A look at once, then one each `interval` seconds.

        AWS may not answer for five minutes: it is told, and looked again. Raises what it is then,
        and anything else at once.
        """
        while True:
            look = self._tried()
            if look is not None:
                yield look
            if stop():
                return
            wait(interval)
            if stop():
                return

    def _tried(self) -> Look | None:
        try:
            look = self._look()
        except (Throttled, FailedInside, Unreachable) as error:
            now = self.now()
            self._silent_since = self._silent_since or now
            if now - self._silent_since >= PATIENCE:
                raise
            self.warn(f"looking again: {error.message}")
            return None
        self._silent_since = None
        return look

    def _look(self) -> Look:
        counts = self.queues.attributes(self.queue)
        service = self.services.describe(self.place.cluster, self.place.service)
        now = self.now()
        age, goal = self._oldest_age(now), self.goal
        used = burn = None
        if goal.latency_seconds is not None:
            used = None if age is None else round(age / goal.latency_seconds, 3)
            burn = self._burn(now, late=_late(used, counts.visible))
        return Look(
            at=now,
            queue=self.queue.name,
            service=str(self.place),
            visible=counts.visible,
            in_flight=counts.in_flight,
            delayed=counts.delayed,
            backlog_per_task=round(counts.visible / max(1, service.running), 3),
            target=goal.target,
            running_tasks=service.running,
            desired_tasks=service.desired,
            pending_tasks=service.pending,
            minimum_tasks=goal.minimum_tasks,
            maximum_tasks=goal.maximum_tasks,
            deployments=len(service.deployments),
            oldest_age_seconds=age,
            latency_seconds=goal.latency_seconds,
            slo_used=used,
            slo_burn=burn,
        )

    def _oldest_age(self, now: datetime) -> float | None:
        if self._age_read_at is None or now - self._age_read_at >= AGE_EVERY:
            name = self.queue.name
            self._age = self.ages.oldest_age_seconds([name], now=now).get(name)
            self._age_read_at = now
        return self._age

    def _burn(self, now: datetime, *, late: bool | None) -> float | None:
        if late is not None:
            self._late.append((now, late))
        while self._late and now - self._late[0][0] > _BUDGET:
            self._late.popleft()
        return slo_burn([one for _, one in self._late], self.goal.percentile)


def _late(used: float | None, visible: int) -> bool | None:
    """Whether the oldest message is late; None where messages wait and their age is not known."""
    if used is None:
        return None if visible else False
    return used > 1


@dataclass
class Waiting:
    """Counts the looks in a row in which all conditions hold."""

    holds: Callable[[Look], bool]
    looks_in_a_row: int
    _seen: int = 0

    def reached(self, look: Look) -> bool:
        """Whether they have held long enough, with this look."""
        self._seen = self._seen + 1 if self.holds(look) else 0
        return self._seen >= self.looks_in_a_row
