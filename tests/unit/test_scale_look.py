"""A look at a queue and its service: what holds in it, and looking again and again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from edactl.core.ecs_service import Deployment, Service
from edactl.core.queue import Queue, QueueAttributes, queue_attributes
from edactl.core.scale_look import Look, parse_condition, slo_burn
from edactl.core.scaling_policy.service_place import ServicePlace
from edactl.errors import AwsError, NotFound, Throttled, UsageError
from edactl.ops.scale_watch import Goal, ScaleWatch, Waiting

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
LOOK = Look(
    at=NOON,
    queue="orders",
    service="flix/orders",
    visible=30,
    in_flight=4,
    delayed=1,
    backlog_per_task=10,
    target=15,
    running_tasks=3,
    desired_tasks=3,
    pending_tasks=0,
    minimum_tasks=1,
    maximum_tasks=9,
    deployments=1,
    oldest_age_seconds=90,
    latency_seconds=120,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("backlog=30", True),
        ("backlog=0", False),
        ("backlog<=30", True),
        ("backlog<30", False),
        ("in-flight>=4", True),
        ("delayed>1", False),
        ("backlog-per-task=10", True),
        ("running>=4", False),
        ("desired = 3", True),
        ("pending=0", True),
        ("oldest-age<=1m30s", True),
        ("oldest-age<90", False),
        ("empty", False),
        ("stable", True),
        ("within-slo", True),
    ],
)
def test_a_condition_is_held_against_a_look(text: str, expected: bool) -> None:
    assert parse_condition(text).holds(LOOK) is expected


def test_an_empty_queue_has_nothing_in_flight_or_delayed_either() -> None:
    empty = parse_condition("empty")

    assert empty.holds(replace(LOOK, visible=0, in_flight=0, delayed=0))
    for left in ("visible", "in_flight", "delayed"):
        some: dict[str, Any] = {"visible": 0, "in_flight": 0, "delayed": 0} | {left: 1}
        assert not empty.holds(replace(LOOK, **some))


@pytest.mark.parametrize("changed", [{"deployments": 2}, {"running_tasks": 2}])
def test_a_service_is_stable_with_one_deployment_and_all_its_tasks(changed: dict[str, Any]) -> None:
    assert not parse_condition("stable").holds(replace(LOOK, **changed))


def test_an_age_that_is_not_known_is_no_good_news_while_messages_wait() -> None:
    unknown = replace(LOOK, oldest_age_seconds=None)

    assert not parse_condition("within-slo").holds(unknown)
    assert parse_condition("within-slo").holds(replace(unknown, visible=0))
    assert not parse_condition("within-slo").holds(replace(LOOK, oldest_age_seconds=121))
    assert not parse_condition("oldest-age<=9d").holds(unknown)


@pytest.mark.parametrize("text", ["", "done", "backlog", "backlog=many", "age=3", "backlog==0"])
def test_what_is_no_condition_is_refused_with_what_there_is(text: str) -> None:
    with pytest.raises(UsageError, match="--wait-for") as refused:
        parse_condition(text)
    assert "backlog=0" in str(refused.value.hint)


def test_the_burn_is_the_late_share_over_the_share_that_may_be() -> None:
    assert slo_burn([True, False, False, False], 95) == pytest.approx(5)
    assert slo_burn([False], 99) == 0
    assert slo_burn([], 95) is None


class World:
    """A queue and a service, whose minutes pass while somebody waits; errors come in turn."""

    def __init__(self) -> None:
        self.now, self.visible, self.running = NOON, 30, 3
        self.ages: list[float | None] = [30.0]
        self.errors: list[AwsError | None] = []
        self.asked_for_age: list[datetime] = []
        self.warned: list[str] = []
        self.looks = 0

    def attributes(self, queue: Queue) -> QueueAttributes:
        assert queue.name == "orders"
        self.looks += 1
        if self.errors and (error := self.errors.pop(0)):
            raise error
        return queue_attributes({"ApproximateNumberOfMessages": str(self.visible)})

    def describe(self, cluster: str, name: str) -> Service:
        assert (cluster, name) == ("flix", "orders")
        one = Deployment("PRIMARY", None, None, "t:1", 3, 3, 0, 0, None)
        return Service(
            *(name, cluster, "ACTIVE", 4, self.running, 1, "orders:7", None, (), NOON, "arn:s"),
            deployments=(one,),
        )

    def oldest_age_seconds(self, names: list[str], *, now: datetime) -> dict[str, float]:
        assert names == ["orders"]
        self.asked_for_age.append(now)
        age = self.ages.pop(0) if len(self.ages) > 1 else self.ages[0]
        return {} if age is None else {"orders": age}

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def watch(self, goal: Goal) -> ScaleWatch:
        orders = Queue("orders", "https://q/orders", "arn:q", "1", "eu-west-1")
        place = ServicePlace("flix", "orders")
        doors = (self, self, self)
        return ScaleWatch(orders, place, *doors, goal, lambda: self.now, self.warned.append)

    def seen(self, goal: Goal, looks: int, interval: float = 10) -> list[Look]:
        return list(self.watch(goal).looks(self.after(looks), self.wait, interval))

    def after(self, looks: int) -> Callable[[], bool]:
        return lambda: self.looks >= looks


def test_a_look_joins_the_queue_the_service_and_the_goal() -> None:
    [look] = World().seen(Goal(15, 1, 9, 120, 95), 1)

    assert look == Look(
        *(NOON, "orders", "flix/orders", 30, 0, 0, 10.0, 15, 3, 4, 1, 1, 9, 1),
        *(30.0, 120, 0.25, 0.0),
    )


def test_without_tasks_the_backlog_is_that_of_one() -> None:
    world = World()
    world.running = 0

    assert world.seen(Goal(), 1)[0].backlog_per_task == 30


def test_without_a_latency_nothing_is_late() -> None:
    [look] = World().seen(Goal(), 1)

    assert (look.slo_used, look.slo_burn, look.oldest_age_seconds) == (None, None, 30)
    assert look.within_slo


def test_the_age_is_asked_for_once_a_minute() -> None:
    world = World()
    looks = world.seen(Goal(), 8)

    assert [one.at - NOON for one in looks] == [timedelta(seconds=10 * n) for n in range(8)]
    assert world.asked_for_age == [NOON, NOON + timedelta(minutes=1)]


def test_the_budget_burns_by_the_looks_of_the_last_hour_whose_age_is_known() -> None:
    world = World()
    world.ages = [None, 240.0, 60.0]
    burns = [one.slo_burn for one in world.seen(Goal(latency_seconds=120), 70, interval=60)]

    assert burns[0] is None, "messages wait, and nobody knows how long"
    assert burns[1] == 20
    assert burns[2] == 10
    assert burns[60] == pytest.approx(20 / 60, abs=1e-3)
    assert burns[62] == 0


def test_an_empty_queue_without_an_age_is_not_late() -> None:
    world = World()
    world.ages, world.visible = [None], 0

    assert world.seen(Goal(latency_seconds=120), 1)[0].slo_burn == 0


def test_a_look_that_aws_does_not_answer_is_told_and_taken_again() -> None:
    world = World()
    throttled = Throttled("slow down", code="ThrottlingException")
    world.errors = [None, throttled, None]

    assert len(world.seen(Goal(), 3)) == 2
    assert world.warned == ["looking again: slow down"]


def test_after_five_minutes_without_an_answer_it_gives_up() -> None:
    world = World()
    world.errors = [Throttled("slow down", code="ThrottlingException")] * 99

    with pytest.raises(Throttled):
        world.seen(Goal(), 99)
    assert world.now == NOON + timedelta(minutes=5)


def test_what_will_not_mend_itself_ends_the_watch_at_once() -> None:
    world = World()
    world.errors = [NotFound("gone", code="MISSING")]

    with pytest.raises(NotFound):
        world.seen(Goal(), 9)
    assert world.looks == 1


def test_a_condition_may_have_to_hold_for_some_looks_in_a_row() -> None:
    waiting = Waiting(parse_condition("backlog=0").holds, 2)
    empty = replace(LOOK, visible=0)

    assert [waiting.reached(one) for one in (empty, LOOK, empty, empty)] == [
        *(False, False, False, True)
    ]


def test_asked_to_stop_while_it_waits_it_does_not_look_again() -> None:
    world, stopped = World(), [False]

    def wait(_seconds: float) -> None:
        stopped[0] = True

    assert len(list(world.watch(Goal()).looks(lambda: stopped[0], wait, 10))) == 1
