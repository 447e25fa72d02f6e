"""What `scale advise` measures beside the queue, out of AWS's answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.stub import Stubber

from edactl.aws.duration_metric import DurationMetrics
from edactl.aws.log_insights import InsightsQueries
from edactl.aws.service_minutes import ServiceMinuteMetrics
from edactl.aws.session import AwsSession
from edactl.core.scaling_advice.durations import Durations, MetricName
from edactl.core.scaling_policy.service_place import ServicePlace
from edactl.core.settings import ConnectionOptions, Setting

START = datetime(2026, 1, 31, 8, tzinfo=UTC)
ORDERS = ServicePlace("flix", "orders")


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> AwsSession:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "fake")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "fake")
    return AwsSession(ConnectionOptions(region=Setting("eu-west-1", "test")), read_only=True)


def query(name: str, namespace: str, metric: str, statistic: str) -> dict[str, Any]:
    dimensions = [
        {"Name": "ClusterName", "Value": "flix"},
        {"Name": "ServiceName", "Value": "orders"},
    ]
    named = {"Namespace": namespace, "MetricName": metric, "Dimensions": dimensions}
    return {"Id": name, "MetricStat": {"Metric": named, "Period": 60, "Stat": statistic}}


@pytest.mark.parametrize(
    ("insights", "metric", "expected"),
    [
        ([], "CPUUtilization SampleCount", (2.0, None, 3.0)),
        ([(1, 7.0), (9, 8.0)], "RunningTaskCount Average", (None, 7.0, None)),
    ],
    ids=["free", "insights"],
)
def test_container_insights_count_wins_over_cpu_samples(
    session: AwsSession,
    insights: list[tuple[int, float]],
    metric: str,
    expected: tuple[float | None, ...],
) -> None:
    asked = {
        "MetricDataQueries": [
            query("insights", "ECS/ContainerInsights", "RunningTaskCount", "Average"),
            query("samples", "AWS/ECS", "CPUUtilization", "SampleCount"),
        ],
        "StartTime": START,
        "EndTime": START + timedelta(minutes=3),
        "ScanBy": "TimestampAscending",
    }
    minute = [START + timedelta(minutes=number) for number in range(10)]
    found = [
        {
            "Id": "insights",
            "Timestamps": [minute[at] for at, _ in insights],
            "Values": [value for _, value in insights],
        },
        {"Id": "samples", "Timestamps": [minute[0], minute[2]], "Values": [2.0, 3.0]},
    ]
    with Stubber(session.client("cloudwatch")) as stub:
        stub.add_response("get_metric_data", {"MetricDataResults": found}, asked)
        minutes = ServiceMinuteMetrics(session).minutes(
            ORDERS, start=START + timedelta(seconds=9), end=minute[3] + timedelta(seconds=9)
        )

    assert (minutes.metric, minutes.running_tasks) == (metric, expected)


def test_a_service_without_any_datapoint_has_none(session: AwsSession) -> None:
    with Stubber(session.client("cloudwatch")) as stub:
        stub.add_response("get_metric_data", {"MetricDataResults": []})
        end = START + timedelta(minutes=2)
        minutes = ServiceMinuteMetrics(session).minutes(ORDERS, start=START, end=end)

    assert minutes.running_tasks == (None, None)


@pytest.mark.parametrize(("days", "period"), [(1, 300), (7, 3600)])
def test_a_metric_gives_means_percentiles_and_the_unit_of_most_samples(
    session: AwsSession, days: int, period: int
) -> None:
    end = START + timedelta(days=days)
    asked = {
        "Namespace": "Orders",
        "MetricName": "Took",
        "Dimensions": [{"Name": "Service", "Value": "orders"}],
        "StartTime": START,
        "EndTime": end,
        "Period": period,
    }
    later = START + timedelta(hours=1)
    means = [
        {"Timestamp": START, "Average": 2.0, "SampleCount": 9.0, "Unit": "Milliseconds"},
        {"Timestamp": later, "Average": 4.0, "SampleCount": 3.0, "Unit": "Milliseconds"},
        {"Timestamp": START, "Average": 1.0, "SampleCount": 2.0, "Unit": "Seconds"},
    ]
    percentiles = [
        {
            "Timestamp": START,
            "ExtendedStatistics": {"p50": 1.5, "p95": 5.0},
            "Unit": "Milliseconds",
        }
    ]
    with Stubber(session.client("cloudwatch")) as stub:
        stub.add_response(
            "get_metric_statistics",
            {"Datapoints": means},
            asked | {"Statistics": ["Average", "SampleCount"]},
        )
        stub.add_response(
            "get_metric_statistics",
            {"Datapoints": percentiles},
            asked | {"ExtendedStatistics": ["p50", "p95"]},
        )
        found, unit = DurationMetrics(session).durations(
            MetricName("Orders", "Took", (("Service", "orders"),)), start=START, end=end
        )

    assert unit == "Milliseconds"
    assert found == [Durations(9, 2, 1.5, 5), Durations(3, 4)]


def test_a_metric_without_data_has_no_unit_either(session: AwsSession) -> None:
    with Stubber(session.client("cloudwatch")) as stub:
        for _ in range(2):
            stub.add_response("get_metric_statistics", {"Datapoints": []})
        assert DurationMetrics(session).durations(
            MetricName("Orders", "Took"), start=START, end=START + timedelta(hours=1)
        ) == ([], None)


@pytest.mark.parametrize(
    ("group", "named"),
    [
        ("/ecs/orders", {"logGroupName": "/ecs/orders"}),
        (
            "arn:aws:logs:eu-west-1:1:log-group:/ecs/orders",
            {"logGroupIdentifiers": ["arn:aws:logs:eu-west-1:1:log-group:/ecs/orders"]},
        ),
    ],
)
def test_a_query_is_started_then_its_row_read(
    session: AwsSession, group: str, named: dict[str, Any]
) -> None:
    asked: dict[str, Any] = {
        "startTime": 1_769_846_400,
        "endTime": 1_769_850_000,
        "queryString": "stats count(x) as samples",
    }
    row = [
        {"field": "samples", "value": "4"},
        {"field": "mean", "value": "2.5"},
        {"field": "p95"},
    ]
    with Stubber(session.client("logs")) as stub:
        stub.add_response("start_query", {"queryId": "q-1"}, asked | named)
        for answer in (
            {"status": "Running", "results": []},
            {"status": "Complete", "results": [row]},
            {"status": "Complete", "results": []},
        ):
            stub.add_response("get_query_results", answer, {"queryId": "q-1"})
        queries = InsightsQueries(session)
        started = queries.start(
            group, asked["queryString"], start=START, end=START + timedelta(hours=1)
        )

        assert started == "q-1"
        assert queries.durations("q-1") == "Running"
        assert queries.durations("q-1") == Durations(4, 2.5)
        assert queries.durations("q-1") == Durations(0, 0)
