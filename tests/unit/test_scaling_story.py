"""Why a service did or did not scale: one sentence and one timeline out of what AWS keeps."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from edactl.core.deployed_scaling import DeployedPolicy, DeployedScaling
from edactl.core.ecs_service import Deployment, Service, ServiceEvent
from edactl.core.scaling_policy.deployed_metric import queries_of
from edactl.core.scaling_policy.evidence import Evidence, Series
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
PLACE = parse_service_place("jobs/orders")
TABLE = json.loads((Path(__file__).parents[1] / "cases/scaling_story.json").read_text("utf-8"))
CASES: list[dict[str, Any]] = TABLE["cases"]


def ago(minutes: float | None) -> datetime | None:
    return None if minutes is None else NOON - timedelta(minutes=minutes)


def at(minutes: float) -> datetime:
    return NOON - timedelta(minutes=minutes)


def service_of(case: dict[str, Any]) -> Service:
    given = TABLE["defaults"]["service"] | case.get("service", {})
    return Service(
        name="orders",
        cluster="jobs",
        status="ACTIVE",
        desired=given["desired"],
        running=given["running"],
        pending=given["pending"],
        task_definition="orders:7",
        launch_type=None,
        capacity_providers=(),
        created_at=None,
        arn="arn",
        deployments=tuple(
            Deployment("PRIMARY", one["rollout"], None, "orders:7", 4, 2, 0, 1, ago(one["ago"]))
            for one in given.get("deployments", [])
        ),
        events=tuple(ServiceEvent(ago(when), text) for when, text in given.get("events", [])),
    )


def scaling_of(case: dict[str, Any]) -> DeployedScaling | None:
    given = case.get("scaling", TABLE["defaults"]["scaling"])
    if given is None:
        return None
    policies = tuple(
        DeployedPolicy(
            one["name"],
            kind := one.get("kind", "TargetTrackingScaling"),
            {f"{kind}PolicyConfiguration": one.get("configuration", {})},
            tuple(one["alarms"]),
        )
        for one in given["policies"]
    )
    suspended = tuple(case.get("suspended", []))
    return DeployedScaling("r", given["minimum"], given["maximum"], policies, suspended)


def activity_of(given: dict[str, Any]) -> Activity:
    return Activity(
        started_at=at(given["ago"]),
        status=given.get("status", "Successful"),
        description=given.get("description", ""),
        cause=given.get("cause", ""),
        message=given.get("message", ""),
        ended_at=ago(given.get("ended")),
        not_scaled=tuple(NotScaled(code, 4, 2, None) for code in given.get("codes", [])),
    )


def evidence_of(rows: list[list[Any]]) -> Evidence:
    return Evidence(
        tuple(Series(name, what, count, last, NOON, last) for name, what, count, last in rows)
    )


def facts_of(case: dict[str, Any]) -> Facts:
    queue = case.get("queue")
    return Facts(
        place=PLACE,
        now=NOON,
        since=at(180),
        service=service_of(case),
        scaling=scaling_of(case),
        activities=tuple(map(activity_of, case.get("activities", []))),
        alarms=tuple(
            Alarm(
                one["name"],
                one["state"],
                "why",
                ago(one["ago"]),
                one["direction"],
                one.get("acts", True),
            )
            for one in case.get("alarms", TABLE["defaults"]["alarms"])
        ),
        protected=tuple(
            ProtectedTask(f"t{place}", None if left is None else at(-left))
            for place, left in enumerate(case.get("protected", []))
        ),
        metrics=tuple((name, evidence_of(rows)) for name, rows in case.get("metrics", {}).items()),
        queue=None if queue is None else QueueNow("orders", queue, 0),
    )


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_verdict_names_the_cause_and_what_to_type_next(case: dict[str, Any]) -> None:
    story = explain(facts_of(case))

    assert story.code == case["code"], story.verdict
    assert [words for words in case["says"] if words not in story.verdict] == []
    assert [words for words in case["next"] if words not in story.next] == []
    assert story.causes[0].code == story.code
    assert case["source"]


def test_every_cause_that_holds_is_told_after_the_first() -> None:
    high = {"name": "high", "state": "ALARM", "direction": "out", "ago": 20}
    case = {
        "service": {"desired": 10, "running": 10},
        "alarms": [high],
        "activities": [{"ago": 30, "description": "Setting desired count to 10."}],
    }

    story = explain(facts_of(case), unread=("the history",))

    assert [one.code for one in story.causes] == ["at_maximum", "alarm_silent", "scaled"]
    assert (story.desired_tasks, story.running_tasks) == (10, 10)
    assert (story.minimum_tasks, story.maximum_tasks) == (2, 10)
    assert (story.visible_messages, story.unread, story.service) == (
        None,
        ("the history",),
        "jobs/orders",
    )
    assert (story.since, story.causes[0].at) == (at(180), at(20))


def test_without_data_nobody_says_that_the_metric_stayed_at_its_target() -> None:
    case = {"metrics": {"backlog": [["metric", "Shop Backlog Average", 0, None]]}}

    assert [one.code for one in explain(facts_of(case)).causes] == ["no_data"]


def test_the_timeline_has_everything_that_happened_in_its_order() -> None:
    case: dict[str, Any] = {
        "service": {
            "deployments": [{"rollout": "COMPLETED", "ago": 170}, {"rollout": None, "ago": None}],
            "events": [
                [None, "timeless"],
                [500, "too old"],
                [40, "(service orders) has started 2 tasks."],
            ],
        },
        "activities": [
            {"ago": 50, "description": "Setting desired count to 4.", "cause": "alarm high"},
            {"ago": 20, "status": "Failed", "description": "Setting 9.", "message": "denied"},
            {"ago": 10, "codes": ["AlreadyAtMaxCapacity"], "cause": "alarm high"},
        ],
        "alarms": [
            {"name": "high", "state": "ALARM", "direction": "out", "ago": 55},
            {"name": "low", "state": "OK", "direction": "in", "ago": 5000},
            {"name": "new", "state": "OK", "direction": "in", "ago": None},
        ],
        "protected": [30, None],
    }
    facts = facts_of(case)
    change = AlarmChange(at(55), "high", "OK", "ALARM", "Threshold Crossed")
    facts = Facts(**{**vars(facts), "alarm_changes": (change,)})

    found = [(one.source, one.what) for one in explain(facts).timeline]

    assert found == [
        ("alarm", "low is OK: why"),
        ("deployment", "PRIMARY COMPLETED orders:7: 2 of 4 tasks run, 1 failed"),
        ("alarm", "high: OK → ALARM: Threshold Crossed"),
        ("activity", "Setting desired count to 4 (successful): alarm high"),
        ("service", "(service orders) has started 2 tasks."),
        ("activity", "Setting 9 (failed): denied"),
        ("not scaled", "AlreadyAtMaxCapacity (now 4, minimum 2); alarm high"),
        ("task", "t0 is protected from scale-in until 2026-01-31 12:30Z"),
        ("task", "t1 is protected from scale-in"),
    ]
    assert explain(facts).timeline[0].at == at(180)


def test_a_reason_without_numbers_stands_alone() -> None:
    activity = Activity(at(1), "Successful", "", "why", not_scaled=(NotScaled("X"),))
    facts = Facts(**{**vars(facts_of({})), "activities": (activity,)})

    assert explain(facts).timeline[-1].what == "X; why"


@pytest.mark.parametrize(
    ("configuration", "ids"),
    [
        ({}, []),
        ({"PredefinedMetricSpecification": {}}, []),
        ({"CustomizedMetricSpecification": {"MetricName": "M", "Namespace": "N"}}, ["metric"]),
        (
            {
                "CustomizedMetricSpecification": {
                    "Metrics": [{"Id": "e"}, "odd", {"Id": "m", "ReturnData": False}]
                }
            },
            ["m", "e"],
        ),
    ],
    ids=["none", "predefined", "single", "math"],
)
def test_a_deployed_metric_is_asked_for_with_the_held_one_last(
    configuration: dict[str, Any], ids: list[str]
) -> None:
    document = {"TargetTrackingScalingPolicyConfiguration": configuration}
    policy = DeployedPolicy("p", "TargetTrackingScaling", document)

    assert [one["Id"] for one in queries_of(policy)] == ids


def test_a_single_metric_keeps_its_statistic_dimensions_and_unit() -> None:
    custom: dict[str, Any] = {
        "Namespace": "Shop",
        "MetricName": "Backlog",
        "Dimensions": [{"Name": "Queue", "Value": "orders"}],
        "Statistic": "Maximum",
        "Unit": "Count",
    }
    document: dict[str, Any] = {
        "TargetTrackingScalingPolicyConfiguration": {"CustomizedMetricSpecification": custom}
    }

    [query] = queries_of(DeployedPolicy("p", "TargetTrackingScaling", document))

    assert query["MetricStat"] == {
        "Metric": {name: custom[name] for name in ("Namespace", "MetricName", "Dimensions")},
        "Stat": "Maximum",
        "Unit": "Count",
    }
