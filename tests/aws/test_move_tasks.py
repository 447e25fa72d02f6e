from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from edactl.aws.move_tasks import MoveTasks
from edactl.aws.session import AwsSession
from edactl.core.move_task import MoveTask
from edactl.core.settings import ConnectionOptions, SandboxEndpoint
from edactl.errors import AwsError, NotFound
from tests.scripted_sqs import error, scripted_sqs

DLQ = "arn:aws:sqs:eu-west-1:123456789012:orders-dlq"
ORDERS = "arn:aws:sqs:eu-west-1:123456789012:orders"


def tasks(url: str) -> MoveTasks:
    return MoveTasks(AwsSession(ConnectionOptions(sandbox=SandboxEndpoint(url, "123456789012"))))


@pytest.mark.parametrize(
    ("wishes", "sent"),
    [
        ({}, {}),
        (
            {"destination_arn": ORDERS, "rate_per_second": 50},
            {"DestinationArn": ORDERS, "MaxNumberOfMessagesPerSecond": 50},
        ),
    ],
)
def test_a_task_starts_with_what_was_wished_and_gives_its_handle(
    wishes: dict[str, Any], sent: dict[str, Any]
) -> None:
    asked: list[Any] = []

    def answer(operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        asked.append((operation, request))
        return 200, {"TaskHandle": "h"}

    with scripted_sqs(answer) as (url, _):
        assert tasks(url).start(DLQ, **wishes) == "h"

    assert asked == [("StartMessageMoveTask", {"SourceArn": DLQ, **sent})]


def test_recent_tasks_are_told_with_all_that_sqs_knows_of_them() -> None:
    running = {
        "TaskHandle": "h",
        "Status": "RUNNING",
        "SourceArn": DLQ,
        "DestinationArn": ORDERS,
        "MaxNumberOfMessagesPerSecond": 50,
        "ApproximateNumberOfMessagesMoved": 3,
        "ApproximateNumberOfMessagesToMove": 10,
        "StartedTimestamp": 1442428276921,
    }
    failed = {"Status": "FAILED", "FailureReason": "CouldNotDetermineMessageSource"}
    asked: list[Any] = []

    def answer(operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        asked.append((operation, request))
        return 200, {"Results": [running, failed]}

    with scripted_sqs(answer) as (url, _):
        found = tasks(url).recent(DLQ)

    started = datetime(2015, 9, 16, 18, 31, 16, 921000, UTC)
    assert found == [
        MoveTask(DLQ, "RUNNING", started, 3, 10, "h", ORDERS, 50),
        MoveTask(DLQ, "FAILED", None, 0, None, failure_reason="CouldNotDetermineMessageSource"),
    ]
    assert [one.is_active for one in found] == [True, False]
    assert asked == [("ListMessageMoveTasks", {"SourceArn": DLQ, "MaxResults": 10})]


def test_a_queue_without_tasks_has_none() -> None:
    with scripted_sqs(lambda _operation, _request: (200, {})) as (url, _):
        assert tasks(url).recent(DLQ) == []


def test_a_cancelled_task_tells_how_much_it_had_moved() -> None:
    asked: list[Any] = []

    def answer(operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        asked.append((operation, request))
        return 200, {"ApproximateNumberOfMessagesMoved": 7}

    with scripted_sqs(answer) as (url, _):
        assert tasks(url).cancel("h", DLQ) == 7

    assert asked == [("CancelMessageMoveTask", {"TaskHandle": "h"})]


def test_a_task_that_is_over_cannot_be_cancelled() -> None:
    with (
        scripted_sqs(lambda *_: error("ResourceNotFoundException", 404)) as (url, _),
        pytest.raises(NotFound) as caught,
    ):
        tasks(url).cancel("h", DLQ)

    assert 'queue "orders-dlq"' in caught.value.message


def test_an_endpoint_without_move_tasks_says_so_as_an_error_of_aws() -> None:
    with (
        scripted_sqs(lambda *_: error("InvalidAction")) as (url, _),
        pytest.raises(AwsError) as caught,
    ):
        tasks(url).recent(DLQ)

    assert caught.value.code == "InvalidAction"
