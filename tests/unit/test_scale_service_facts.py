"""What a service tells of itself: tasks that ran, how they start, their size; and queries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from edactl.core.ecs_service import Service
from edactl.core.scaling_advice.durations import Durations
from edactl.core.scaling_advice.queue_minutes import QueueMinutes
from edactl.core.scaling_advice.service_facts import (
    ServiceMinutes,
    concerns_of,
    in_flight_per_task,
    miscounted,
    running_of,
    slowdown_with_tasks,
    start_of,
)
from edactl.core.scaling_policy.service_place import ServicePlace
from edactl.core.task import Task, TaskDefinition
from edactl.errors import AwsError, DeadlinePassed
from edactl.ops.scale_measure import ServiceDoors, measure_service, queried_durations

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
X86 = TaskDefinition("arn:t:7", "orders", 7, cpu=512, memory=1024)


def a_task(created: int | None, started: int | None) -> Task:
    at = [None if one is None else NOON + timedelta(seconds=one) for one in (created, started)]
    return Task("arn:task", "c", "d", "RUNNING", created_at=at[0], started_at=at[1])


def test_running_tasks_are_the_mean_of_minutes_that_are_known() -> None:
    found = running_of(ServiceMinutes("m", (None, 2.0, 4.0, None, 3.0)))

    assert found is not None
    assert (found.value, found.samples) == (3, 3)
    assert running_of(ServiceMinutes("m", (None,))) is None


def test_the_start_is_timed_on_tasks_that_came_so_far() -> None:
    tasks = [a_task(0, 40), a_task(10, 90), a_task(5, None), a_task(None, 9), a_task(9, 3)]
    found = start_of(tasks)

    assert found is not None
    assert (found.value, found.samples) == (60, 2)
    assert start_of(tasks[2:]) is None


@pytest.mark.parametrize(
    ("platform", "launch_type", "providers", "said"),
    [
        ("X86_64", "FARGATE", [], ""),
        ("X86_64", None, ["FARGATE", "FARGATE_SPOT"], "Spot"),
        ("X86_64", "EC2", [], "instances of your own"),
        ("ARM64", "FARGATE", [], "ARM64"),
    ],
)
def test_what_the_price_leaves_out_is_said(
    platform: str, launch_type: str | None, providers: list[str], said: str
) -> None:
    definition = TaskDefinition("arn", "f", 1, platform=platform)
    found = concerns_of("flix/orders", definition, launch_type, providers)

    assert len(found) == bool(said)
    assert all(said in one and "flix/orders" in one for one in found)


def test_messages_in_flight_are_held_against_the_tasks_of_the_same_minute() -> None:
    assert in_flight_per_task((None, 10.0, 9.0, 0.0, 50.0), (1.0, 5.0, 3.0, 1.0, 0.0)) == 3
    assert in_flight_per_task((None,), (1.0,)) is None
    many = (1.0,) * 99 + (90.0,)
    assert in_flight_per_task(many, (1.0,) * 100) == 1, "one odd minute in a hundred does not tell"


@pytest.mark.parametrize(
    ("metric", "counts", "running", "warned"),
    [
        ("CPUUtilization SampleCount", (2.0, 6.0, None), 2, True),
        ("CPUUtilization SampleCount", (6.0, 4.0), 2, False),
        ("CPUUtilization SampleCount", (3.0,), 0, True),
        ("CPUUtilization SampleCount", (None,), 2, False),
        ("RunningTaskCount Average", (6.0,), 2, False),
    ],
)
def test_a_count_of_three_samples_a_task_is_noticed(
    metric: str,
    counts: tuple[float | None, ...],
    running: int,
    warned: bool,
) -> None:
    found = list(miscounted(ServiceMinutes(metric, counts), running))

    assert len(found) == warned
    assert all("counted" in one and "a third" in one for one in found)


def slowdown(few: float, many: float, *, tasks: float = 8.0, minutes: int = 60) -> float | None:
    """Half of the minutes have 4 tasks, half of them more; each is busy all the time."""
    running = (4.0, tasks) * minutes
    held = (4.0, tasks) * minutes
    deleted = (4.0 * 60 / few, tasks * 60 / many) * minutes
    found = QueueMinutes("orders", (), (), deleted, held)
    return slowdown_with_tasks(found, running)


def test_work_that_takes_longer_with_more_tasks_is_noticed() -> None:
    assert slowdown(2, 5) == pytest.approx(2.5)
    assert slowdown(2, 2) == pytest.approx(1)


def test_little_data_or_no_more_tasks_say_nothing_of_it() -> None:
    assert slowdown(2, 5, tasks=5) is None
    assert slowdown(2, 5, minutes=59) is None
    idle = QueueMinutes("orders", (), (), (60.0,) * 240, (0.0,) * 240)
    assert slowdown_with_tasks(idle, (4.0, 8.0) * 120) is None
    unknown = QueueMinutes("orders", (), (), (None,) * 240, (1.0,) * 240)
    assert slowdown_with_tasks(unknown, (4.0, 8.0) * 120) is None


class World:
    """A service with two tasks."""

    def describe(self, cluster: str, name: str) -> Service:
        assert (cluster, name) == ("flix", "orders")
        return Service(
            *(name, cluster, "ACTIVE", 2, 2, 0, "orders:7", None),
            *(("FARGATE_SPOT",), NOON, "arn:s", (), ()),
        )

    def of_service(self, cluster: str, name: str) -> Sequence[Task]:
        assert (cluster, name) == ("flix", "orders")
        return [a_task(0, 30), a_task(0, 50)]

    def definition(self, name: str) -> TaskDefinition:
        assert name == "orders:7"
        return X86

    def minutes(self, place: ServicePlace, *, start: datetime, end: datetime) -> ServiceMinutes:
        assert (str(place), start, end) == ("flix/orders", NOON, NOON + timedelta(hours=1))
        return ServiceMinutes("CPUUtilization SampleCount", (4.0,) * 60)


def test_a_service_tells_of_its_tasks_their_start_and_size() -> None:
    world, place = World(), ServicePlace("flix", "orders")
    doors = ServiceDoors(world, world, world)
    facts = measure_service(place, doors, start=NOON, end=NOON + timedelta(hours=1)).facts

    assert facts.running is not None
    assert facts.start is not None
    assert (facts.name, facts.running.value, facts.running.samples) == ("flix/orders", 4, 60)
    assert (facts.start.value, facts.start.samples) == (40, 2)
    assert (facts.definition, facts.cpu, facts.memory) == ("orders:7", 512, 1024)
    assert facts.running_metric == "CPUUtilization SampleCount"
    assert len(facts.concerns) == 1
    assert "Spot" in facts.concerns[0]


class Queries:
    """Answers with what it was given, in turn; the last one stays."""

    def __init__(self, *answers: Durations | str) -> None:
        self.answers = list(answers)

    def durations(self, query_id: str) -> Durations | str:
        assert query_id == "q-1"
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Clock:
    """Moves only while somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.pauses.append(seconds)

    def __call__(self) -> float:
        return self.now


def run(queries: Queries, clock: Clock) -> Durations:
    return queried_durations(queries, "/ecs/orders", "q-1", wait=clock.wait, clock=clock)


def test_a_query_is_waited_for_with_growing_pauses() -> None:
    found, clock = Durations(9, 2), Clock()

    assert run(Queries("Scheduled", "Running", found), clock) == found
    assert clock.pauses == [0.5, 0.75]


def test_a_query_that_fails_or_never_ends_is_an_error() -> None:
    with pytest.raises(AwsError, match="on /ecs/orders ended as Failed") as failed:
        run(Queries("Running", "Failed"), Clock())
    assert failed.value.operation == "logs:GetQueryResults"
    clock = Clock()
    with pytest.raises(DeadlinePassed, match="still runs after 5 minutes"):
        run(Queries("Running"), clock)
    assert 300 <= clock.now < 306
    assert max(clock.pauses) == 5
