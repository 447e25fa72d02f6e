"""The minutes of a queue, out of CloudWatch's answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from botocore.stub import Stubber

from edactl.aws.queue_minutes import QueueMinuteMetrics
from edactl.aws.session import AwsSession
from edactl.core.settings import ConnectionOptions, Setting

START = datetime(2026, 1, 31, 8, tzinfo=UTC)


def query(name: str, metric: str, statistic: str, queue: str = "orders") -> dict[str, object]:
    dimensions = [{"Name": "QueueName", "Value": queue}]
    named = {"Namespace": "AWS/SQS", "MetricName": metric, "Dimensions": dimensions}
    return {"Id": name, "MetricStat": {"Metric": named, "Period": 60, "Stat": statistic}}


def test_every_page_fills_the_minutes_that_it_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "fake")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "fake")
    session = AwsSession(ConnectionOptions(region=Setting("eu-west-1", "test")))
    asked = {
        "MetricDataQueries": [
            query("sent", "NumberOfMessagesSent", "Sum"),
            query("received", "NumberOfMessagesReceived", "Sum"),
            query("deleted", "NumberOfMessagesDeleted", "Sum"),
            query("in_flight", "ApproximateNumberOfMessagesNotVisible", "Average"),
        ],
        "StartTime": START,
        "EndTime": START + timedelta(minutes=4),
        "ScanBy": "TimestampAscending",
    }
    minute = [START + timedelta(minutes=number) for number in range(6)]
    first = [
        {
            "Id": "sent",
            "Timestamps": [START - timedelta(minutes=2), *minute[:2]],
            "Values": [7.0, 3.0, 4.0],
        },
        {"Id": "in_flight", "Timestamps": [minute[1]], "Values": [0.5]},
    ]
    second = [{"Id": "sent", "Timestamps": [minute[3], minute[5]], "Values": [6.0, 9.0]}]
    with Stubber(session.client("cloudwatch")) as stub:
        stub.add_response("get_metric_data", {"MetricDataResults": first, "NextToken": "n"}, asked)
        stub.add_response(
            "get_metric_data", {"MetricDataResults": second}, asked | {"NextToken": "n"}
        )

        found = QueueMinuteMetrics(session).minutes(
            "orders", start=START + timedelta(seconds=30), end=minute[4] + timedelta(seconds=59)
        )
        stub.assert_no_pending_responses()

    assert found.sent == (3.0, 4.0, None, 6.0)
    assert found.in_flight == (None, 0.5, None, None)
    assert found.received == found.deleted == (None,) * 4
    assert found.queue == "orders"


def test_of_a_fifo_queue_the_busy_groups_are_read_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "fake")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "fake")
    session = AwsSession(ConnectionOptions(region=Setting("eu-west-1", "test")))
    groups = "ApproximateNumberOfGroupsWithInflightMessages"
    found = [{"Id": "busy_groups", "Timestamps": [START], "Values": [7.0]}]
    with Stubber(session.client("cloudwatch")) as stub:
        stub.add_response("get_metric_data", {"MetricDataResults": found}, _with(groups))
        end = START + timedelta(minutes=1)
        minutes = QueueMinuteMetrics(session).minutes("orders.fifo", start=START, end=end)

    assert minutes.busy_groups == (7.0,)


def _with(groups: str) -> dict[str, object]:
    queue = "orders.fifo"
    return {
        "MetricDataQueries": [
            query("sent", "NumberOfMessagesSent", "Sum", queue),
            query("received", "NumberOfMessagesReceived", "Sum", queue),
            query("deleted", "NumberOfMessagesDeleted", "Sum", queue),
            query("in_flight", "ApproximateNumberOfMessagesNotVisible", "Average", queue),
            query("busy_groups", groups, "Maximum", queue),
        ],
        "StartTime": START,
        "EndTime": START + timedelta(minutes=1),
        "ScanBy": "TimestampAscending",
    }
