"""`edactl scale advise` on a queue of the sandbox: what is not given is measured."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from edactl.aws.session import AwsSession
from edactl.core.settings import ConnectionOptions, SandboxEndpoint
from edactl.sandbox.state import SandboxState
from tests.running import Run

Edactl = Callable[..., Run]
ACCOUNT = "000000000000"
MINUTES = 60


@pytest.fixture
def metrics(sandbox: SandboxState) -> None:
    """An hour of a queue: 5 messages a second, each received 1.2 times, 2 s of work in all."""
    session = AwsSession(ConnectionOptions(sandbox=SandboxEndpoint(sandbox.url, ACCOUNT)))
    now = datetime.now(UTC)
    for name, value in {
        "NumberOfMessagesSent": 300.0,
        "NumberOfMessagesReceived": 360.0,
        "NumberOfMessagesDeleted": 300.0,
        "ApproximateNumberOfMessagesNotVisible": 10.0,
    }.items():
        data = [
            {
                "MetricName": name,
                "Dimensions": [{"Name": "QueueName", "Value": "orders"}],
                "Timestamp": now - timedelta(minutes=2 + number),
                "Value": value,
            }
            for number in range(MINUTES)
        ]
        session.call("cloudwatch", "put_metric_data", Namespace="AWS/SQS", MetricData=data)


def advice(run: Run) -> dict[str, Any]:
    assert run.status == 0, run.err
    found: dict[str, Any] = json.loads(run.out)
    return found


@pytest.mark.usefixtures("metrics")
def test_traffic_and_work_come_from_the_queue_s_own_metrics(edactl: Edactl) -> None:
    run = edactl(
        *("scale", "advise", "--latency", "2m", "--lookback", "2h"),
        *("--queue", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:orders", "--service", "flix/orders"),
    )
    inputs = advice(run)["inputs"]

    assert inputs["arrivals"]["value"] == pytest.approx(5)
    assert inputs["arrivals"]["samples"] == MINUTES
    assert "CloudWatch metrics of" in inputs["arrivals"]["source"]
    work = inputs["processing_time"]
    assert work["value"] == pytest.approx(2)
    assert work["samples"] == MINUTES
    assert work["low"] <= 2 <= work["high"]
    assert work["source"].startswith("Little's law on CloudWatch metrics of")
    assert inputs["redelivery_ratio"]["value"] == pytest.approx(1.2)
    assert "CloudWatch" in inputs["redelivery_ratio"]["source"]
    assert advice(run)["textbook_backlog_per_task"] == pytest.approx(60)
    assert "poison messages" in run.err
    assert "flix/orders is not read yet" in run.err


@pytest.mark.usefixtures("metrics")
def test_what_is_given_is_not_measured(edactl: Edactl) -> None:
    goal = ("scale", "advise", "--latency", "2m", "--queue", "orders", "--lookback", "2h")

    given = advice(edactl(*goal, "--processing-time", "1s"))["inputs"]
    assert given["processing_time"]["source"] == "--processing-time"
    assert given["arrivals"]["value"] == pytest.approx(6)  # each is received 1.2 times
    traffic = ("--pattern", "steady:1/s", "--duration", "1h")
    given = advice(edactl(*goal, *traffic, "--redelivery-ratio", "1.1"))["inputs"]
    assert given["arrivals"]["value"] == pytest.approx(1)
    assert given["processing_time"]["value"] == pytest.approx(2)
    assert given["redelivery_ratio"]["value"] == 1.1
    assert given["redelivery_ratio"]["source"] == "--redelivery-ratio"


@pytest.mark.usefixtures("metrics")
def test_a_queue_that_cloudwatch_does_not_know_is_named(edactl: Edactl) -> None:
    run = edactl("scale", "advise", "--latency", "2m", "--queue", "quiet")

    assert run.status == 252
    assert 'CloudWatch has no data on queue "quiet"' in run.err
    assert "edactl queue show quiet" in run.err
