"""Whatever AWS tells of a service, there is one story of it, and it has an end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as some

from edactl.core.deployed_scaling import DeployedPolicy, DeployedScaling
from edactl.core.ecs_service import Deployment, Service, ServiceEvent
from edactl.core.scaling_policy.service_place import parse_service_place
from edactl.core.scaling_story.facts import (
    Activity,
    Alarm,
    AlarmChange,
    Facts,
    NotScaled,
    ProtectedTask,
    QueueNow,
)
from edactl.core.scaling_story.story import explain

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
TIMES = some.integers(-60, 400).map(lambda minutes: NOON - timedelta(minutes=minutes))
MAYBE = some.one_of(some.none(), TIMES)
NAMES = some.sampled_from(["high", "low", "cpu", "other"])
COUNTS = some.integers(0, 12)
EVENTS = some.sampled_from(
    ["has reached a steady state", "operations are being throttled", "was unable to place a task"]
)
CODES = some.sampled_from(
    [
        "AutoScalingAnticipatedFlapping",
        "TargetServicePutResourceAsUnscalable",
        "AlreadyAtMaxCapacity",
        "AlreadyAtMinCapacity",
        "AlreadyAtDesiredCapacity",
        "SomethingNew",
    ]
)
STATUSES = some.sampled_from(["Successful", "Failed", "Pending", "Unfulfilled", "New"])
POLICIES = some.builds(
    DeployedPolicy,
    NAMES,
    some.sampled_from(["TargetTrackingScaling", "StepScaling", "PredictiveScaling"]),
    some.just({"TargetTrackingScalingPolicyConfiguration": {"DisableScaleIn": True}}),
    some.lists(NAMES, max_size=3).map(tuple),
)
SUSPENDED = some.lists(some.sampled_from(["scale-out", "scale-in", "scheduled scaling"])).map(tuple)
SERVICES = some.builds(
    Service,
    *map(some.just, ("orders", "jobs", "ACTIVE")),
    *(COUNTS, COUNTS, COUNTS),
    *map(some.just, ("orders:7", None, (), None, "arn")),
    some.lists(
        some.builds(
            Deployment,
            some.just("PRIMARY"),
            some.sampled_from([None, "IN_PROGRESS", "COMPLETED"]),
            *map(some.just, (None, "orders:7", 1, 1, 0, 0)),
            MAYBE,
        ),
        max_size=2,
    ).map(tuple),
    some.lists(some.builds(ServiceEvent, MAYBE, EVENTS), max_size=4).map(tuple),
)
FACTS = some.builds(
    Facts,
    place=some.just(parse_service_place("jobs/orders")),
    now=some.just(NOON),
    since=some.just(NOON - timedelta(hours=3)),
    service=SERVICES,
    scaling=some.one_of(
        some.none(),
        some.builds(
            DeployedScaling,
            some.just("service/jobs/orders"),
            COUNTS,
            COUNTS,
            some.lists(POLICIES, max_size=3).map(tuple),
            SUSPENDED,
        ),
    ),
    activities=some.lists(
        some.builds(
            Activity,
            TIMES,
            STATUSES,
            some.sampled_from(["", "Setting desired count to 4."]),
            some.just("cause"),
            ended_at=MAYBE,
            not_scaled=some.lists(some.builds(NotScaled, CODES), max_size=2).map(tuple),
        ),
        max_size=4,
    ).map(tuple),
    alarms=some.lists(
        some.builds(
            Alarm,
            NAMES,
            some.sampled_from(["OK", "ALARM", "INSUFFICIENT_DATA"]),
            some.just("reason"),
            MAYBE,
            some.sampled_from(["out", "in", None]),
            some.booleans(),
        ),
        max_size=4,
    ).map(tuple),
    alarm_changes=some.lists(
        some.builds(AlarmChange, TIMES, NAMES, *map(some.just, ("OK", "ALARM", "why"))), max_size=3
    ).map(tuple),
    protected=some.lists(some.builds(ProtectedTask, some.just("t"), MAYBE), max_size=2).map(tuple),
    queue=some.one_of(some.none(), some.builds(QueueNow, some.just("orders"), COUNTS, COUNTS)),
)


@given(facts=FACTS)
def test_there_is_always_one_sentence_with_something_to_type(facts: Facts) -> None:
    story = explain(facts)

    assert story.causes[0].code == story.code
    assert story.verdict.startswith(story.causes[0].sentence)
    assert [one for one in story.causes if not one.sentence or not one.hint] == []
    assert len({one.code for one in story.causes}) == len(story.causes)
    assert (story.code == "not_registered") == (facts.scaling is None)


@given(facts=FACTS)
def test_the_timeline_is_in_order_and_of_the_time_that_was_asked_for(facts: Facts) -> None:
    times = [one.at for one in explain(facts).timeline]

    assert times == sorted(times)
    assert all(moment >= facts.since for moment in times)
