"""Activities, alarms, their changes and protected tasks, out of AWS's answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.stub import Stubber

from edactl.aws.scaling_history import ScalingHistory
from edactl.aws.session import AwsSession
from edactl.core.scaling_policy.requests import target_of
from edactl.core.scaling_policy.service_place import parse_service_place
from edactl.core.scaling_story.facts import (
    Activity,
    Alarm,
    AlarmChange,
    NotScaled,
    ProtectedTask,
)
from edactl.core.settings import ConnectionOptions, Setting

PLACE = parse_service_place("jobs/orders")
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> AwsSession:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "fake")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "fake")
    return AwsSession(ConnectionOptions(region=Setting("eu-west-1", "test")))


def activity(started: datetime, **more: Any) -> dict[str, Any]:
    return {
        **target_of(PLACE),
        "ActivityId": "a",
        "Description": "Setting desired count to 4.",
        "Cause": "monitor alarm high in state ALARM triggered policy backlog",
        "StartTime": started,
        "StatusCode": "Successful",
    } | more


def test_activities_are_read_until_they_are_too_old(session: AwsSession) -> None:
    reason = {"Code": "AlreadyAtMaxCapacity", "CurrentCapacity": 9, "MaxCapacity": 9}
    asked = {**target_of(PLACE), "IncludeNotScaledActivities": True}
    pages = [
        {"ScalingActivities": [activity(NOON, NotScaledReasons=[reason])], "NextToken": "1"},
        {
            "ScalingActivities": [
                activity(NOON - HOUR, EndTime=NOON, StatusMessage="done"),
                activity(NOON - 3 * HOUR),
            ],
            "NextToken": "2",
        },
    ]
    with Stubber(session.client("application-autoscaling")) as stub:
        stub.add_response("describe_scaling_activities", pages[0], asked)
        stub.add_response("describe_scaling_activities", pages[1], asked | {"NextToken": "1"})

        found = ScalingHistory(session).activities(PLACE, since=NOON - 2 * HOUR)
        stub.assert_no_pending_responses()

    cause = "monitor alarm high in state ALARM triggered policy backlog"
    text = "Setting desired count to 4."
    decision = NotScaled("AlreadyAtMaxCapacity", current=9, maximum=9)
    assert found == (
        Activity(NOON, "Successful", text, cause, not_scaled=(decision,)),
        Activity(NOON - HOUR, "Successful", text, cause, "done", NOON),
    )


def asked_for(names: list[str]) -> dict[str, Any]:
    return {"AlarmNames": names, "AlarmTypes": ["MetricAlarm"]}


@pytest.mark.parametrize(
    ("comparison", "direction"),
    [
        ("GreaterThanThreshold", "out"),
        ("GreaterThanOrEqualToThreshold", "out"),
        ("LessThanThreshold", "in"),
        ("LessThanLowerThreshold", "in"),
        ("LessThanLowerOrGreaterThanUpperThreshold", None),
        ("", None),
    ],
)
def test_what_an_alarm_asks_for_is_told_by_its_comparison(
    session: AwsSession, comparison: str, direction: str | None
) -> None:
    item: dict[str, Any] = {
        "AlarmName": "high",
        "StateValue": "ALARM",
        "StateReason": "Threshold Crossed",
        "StateUpdatedTimestamp": NOON,
        "StateTransitionedTimestamp": NOON - HOUR,
        "ActionsEnabled": False,
    } | ({"ComparisonOperator": comparison} if comparison else {})
    with Stubber(session.client("cloudwatch")) as stub:
        stub.add_response("describe_alarms", {"MetricAlarms": [item]}, asked_for(["high"]))

        [found] = ScalingHistory(session).alarms(["high"])

    assert found.direction == direction
    assert found == Alarm(
        "high", "ALARM", "Threshold Crossed", NOON - HOUR, found.direction, acts=False
    )


def test_alarms_are_asked_for_by_the_hundred(session: AwsSession) -> None:
    names = [f"a{number}" for number in range(101)]
    item = {"AlarmName": "a100", "StateValue": "OK", "StateUpdatedTimestamp": NOON}
    with Stubber(session.client("cloudwatch")) as stub:
        stub.add_response("describe_alarms", {"MetricAlarms": []}, asked_for(names[:100]))
        stub.add_response("describe_alarms", {"MetricAlarms": [item]}, asked_for(["a100"]))

        [found] = ScalingHistory(session).alarms(names)

    assert (found.name, found.since, found.acts) == ("a100", NOON, True)


def test_changes_of_alarms_tell_both_states_or_their_summary(session: AwsSession) -> None:
    states = {
        "oldState": {"stateValue": "OK"},
        "newState": {"stateValue": "ALARM", "stateReason": "3 datapoints were greater"},
    }
    items = [
        {"AlarmName": "high", "Timestamp": NOON, "HistoryData": json.dumps(states)},
        *(
            {
                "AlarmName": "high",
                "Timestamp": NOON,
                "HistoryData": data,
                "HistorySummary": "updated",
            }
            for data in ("{", "[]", '{"oldState":3}', '{"oldState":{},"newState":{}}', "null")
        ),
        {"AlarmName": "high", "Timestamp": NOON},
    ]
    asked = {
        "AlarmName": "high",
        "HistoryItemType": "StateUpdate",
        "StartDate": NOON - HOUR,
        "EndDate": NOON,
    }
    with Stubber(session.client("cloudwatch")) as stub:
        stub.add_response("describe_alarm_history", {"AlarmHistoryItems": items}, asked)

        found = ScalingHistory(session).alarm_changes(["high"], since=NOON - HOUR, until=NOON)

    first, *odd, bare = found
    assert first == AlarmChange(NOON, "high", "OK", "ALARM", "3 datapoints were greater")
    assert {(one.before, one.after, one.reason) for one in odd} == {("?", "?", "updated")}
    assert bare == AlarmChange(NOON, "high", "?", "?", "")


def test_protected_tasks_are_asked_for_by_the_hundred(session: AwsSession) -> None:
    arns = [f"arn:aws:ecs:eu-west-1:1:task/jobs/t{number}" for number in range(101)]
    listed = {"cluster": "jobs", "serviceName": "orders", "desiredStatus": "RUNNING"}
    protected = [
        {"taskArn": arns[0], "protectionEnabled": True, "expirationDate": NOON},
        {"taskArn": arns[1], "protectionEnabled": False},
    ]
    with Stubber(session.client("ecs")) as stub:
        stub.add_response("list_tasks", {"taskArns": arns}, listed)
        asked = {"cluster": "jobs", "tasks": arns[:100]}
        stub.add_response("get_task_protection", {"protectedTasks": protected}, asked)
        last = {"cluster": "jobs", "tasks": arns[100:]}
        stub.add_response("get_task_protection", {"protectedTasks": []}, last)

        found = ScalingHistory(session).protected(PLACE)
        stub.assert_no_pending_responses()

    assert found == (ProtectedTask("t0", NOON),)
