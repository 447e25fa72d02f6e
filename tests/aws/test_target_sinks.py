"""A log group and a cluster as targets of rules: what is asked, and what each answer means."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from edactl.aws.session import AwsSession
from edactl.aws.target_sinks import LogSink, TaskSink
from edactl.core.message import NotSent, SendOutcome, Sent
from edactl.core.redrive_delivery import Parcel
from edactl.core.settings import ConnectionOptions, Setting
from edactl.errors import AccessDenied, NotFound
from tests.scripted_aws import Answer, Endpoint, Request, scripted_aws

HERE = "eu-west-1:123456789012"
GROUP = f"arn:aws:logs:{HERE}:log-group:/aws/events/orders:*"
CLUSTER = f"arn:aws:ecs:{HERE}:cluster/blue"
NOW = datetime(2026, 11, 25, tzinfo=UTC)


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


def session_to(endpoint: Endpoint) -> AwsSession:
    return AwsSession(
        ConnectionOptions(
            region=Setting("eu-west-1", "test"), endpoint_url=Setting(endpoint.url, "test")
        )
    )


def said(value: object, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value))


def refused(code: str) -> Answer:
    return said({"__type": code, "message": "scripted"}, 400)


def parcel(text: str = "{}", name: str = "n-1") -> Parcel:
    return Parcel(text, name, None, {})


def asked(request: Request) -> tuple[str, dict[str, Any]]:
    return request.headers["X-Amz-Target"].rpartition(".")[2], json.loads(request.body)


# -- a log group -----------------------------------------------------------------------------------


def logged(*answers: Answer, count: int = 1) -> tuple[list[SendOutcome], list[Request]]:
    waiting = iter(answers)
    with scripted_aws(lambda _: next(waiting)) as endpoint:
        sink = LogSink(session_to(endpoint), GROUP, "edactl-redrive/r", lambda: NOW)
        outcomes = [one for _ in range(count) for one in sink.put([parcel("hi")])]
        return outcomes, endpoint.requests


def test_a_log_group_gets_events_in_one_stream_that_is_made_once() -> None:
    outcomes, requests = logged(said({}), said({}), said({}), count=2)

    where = {"logGroupName": "/aws/events/orders", "logStreamName": "edactl-redrive/r"}
    put = {**where, "logEvents": [{"timestamp": 1_795_564_800_000, "message": "hi"}]}
    assert outcomes == [Sent("edactl-redrive/r")] * 2
    assert [asked(one) for one in requests] == [
        ("CreateLogStream", where),
        ("PutLogEvents", put),
        ("PutLogEvents", put),
    ]


def test_a_stream_that_a_killed_run_has_made_is_written_to() -> None:
    outcomes, _ = logged(refused("ResourceAlreadyExistsException"), said({}))

    assert outcomes == [Sent("edactl-redrive/r")]


@pytest.mark.parametrize(
    ("rejected", "why"),
    [
        ({"tooNewLogEventStartIndex": 0}, "more than two hours ahead"),
        ({"tooOldLogEventEndIndex": 1}, "older than 14 days"),
        ({"expiredLogEventEndIndex": 1}, "the log group's retention"),
    ],
)
def test_an_event_that_is_rejected_in_a_200_is_not_sent(rejected: dict[str, int], why: str) -> None:
    [outcome], _ = logged(said({}), said({"rejectedLogEventsInfo": rejected}))

    assert isinstance(outcome, NotSent)
    assert outcome.error_code == "RejectedLogEvent"
    assert why in outcome.error_message
    assert not outcome.retryable


def test_a_log_group_that_is_gone_is_an_error() -> None:
    with pytest.raises(NotFound, match="/aws/events/orders"):
        logged(refused("ResourceNotFoundException"))


# -- tasks on a cluster ----------------------------------------------------------------------------

PARAMETERS: dict[str, Any] = {
    "TaskDefinitionArn": "arn:td:3",
    "TaskCount": 2,
    "LaunchType": "FARGATE",
    "NetworkConfiguration": {
        "awsvpcConfiguration": {
            "Subnets": ["subnet-1"],
            "SecurityGroups": ["sg-1"],
            "AssignPublicIp": "DISABLED",
        }
    },
    "PlatformVersion": "1.4.0",
    "EnableECSManagedTags": True,
    "PropagateTags": "TASK_DEFINITION",
    "Tags": [{"Key": "team", "Value": "shop"}],
}


def started(answer: Answer, text: str = "") -> tuple[SendOutcome, tuple[str, dict[str, Any]]]:
    with scripted_aws(lambda _: answer) as endpoint:
        [outcome] = TaskSink(session_to(endpoint), CLUSTER, PARAMETERS).put([parcel(text)])
        [request] = endpoint.requests
        return outcome, asked(request)


def test_a_task_is_started_as_its_rule_says_and_once_for_a_letter() -> None:
    overrides = {"containerOverrides": [{"name": "app", "environment": []}]}
    outcome, request = started(
        said({"tasks": [{"taskArn": "arn:task:1"}, {"taskArn": "arn:task:2"}], "failures": []}),
        json.dumps(overrides),
    )

    assert outcome == Sent("arn:task:1")
    assert request == (
        "RunTask",
        {
            "cluster": CLUSTER,
            "taskDefinition": "arn:td:3",
            "count": 2,
            "launchType": "FARGATE",
            "networkConfiguration": {
                "awsvpcConfiguration": {
                    "subnets": ["subnet-1"],
                    "securityGroups": ["sg-1"],
                    "assignPublicIp": "DISABLED",
                }
            },
            "platformVersion": "1.4.0",
            "enableECSManagedTags": True,
            "propagateTags": "TASK_DEFINITION",
            "tags": [{"key": "team", "value": "shop"}],
            "overrides": overrides,
            "clientToken": "n-1",
            "startedBy": "edactl-redrive",
        },
    )


def test_a_task_without_overrides_gets_none() -> None:
    _, (_, request) = started(said({"tasks": [{"taskArn": "arn:task:1"}], "failures": []}))

    assert "overrides" not in request


FAILURE = {"arn": "arn:i", "reason": "RESOURCE:MEMORY", "detail": "too little"}


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (
            {"tasks": [], "failures": [FAILURE, FAILURE]},
            NotSent("TaskNotStarted", "RESOURCE:MEMORY too little"),
        ),
        (
            {"tasks": [], "failures": []},
            NotSent("TaskNotStarted", "ECS started no task and did not say why"),
        ),
        (
            {"tasks": [{"taskArn": "arn:task:1"}], "failures": [FAILURE]},
            NotSent("NoAnswer", "1 of 2 tasks started: RESOURCE:MEMORY too little"),
        ),
    ],
    ids=["none", "silent", "some"],
)
def test_tasks_that_did_not_start_are_told_in_a_200(
    answer: dict[str, Any], outcome: NotSent
) -> None:
    assert started(said(answer))[0] == outcome


def test_a_task_that_may_not_be_started_is_an_error() -> None:
    with pytest.raises(AccessDenied, match="ecs:RunTask"):
        started(refused("AccessDeniedException"))
