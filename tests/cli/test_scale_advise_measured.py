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
from tests.scripted_aws import Answer, Request, scripted_aws

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
        *("--queue", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:orders"),
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
    assert advice(run)["queue"] == "orders"
    assert "poison messages" in run.err


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


@pytest.fixture
def service(sandbox: SandboxState) -> None:
    """The service flix/orders with two tasks, and an hour of its metrics: 12 tasks ran."""
    session = AwsSession(ConnectionOptions(sandbox=SandboxEndpoint(sandbox.url, ACCOUNT)))
    session.call("ecs", "create_cluster", clusterName="flix")
    definition: dict[str, Any] = {"family": "orders", "cpu": "512", "memory": "1024"}
    containers = [{"name": "app", "image": "busybox", "memory": 512}]
    session.call("ecs", "register_task_definition", **definition, containerDefinitions=containers)
    named: dict[str, Any] = {"cluster": "flix", "serviceName": "orders"}
    session.call(
        "ecs",
        "create_service",
        **named,
        taskDefinition="orders",
        desiredCount=2,
        launchType="FARGATE",
    )
    now = datetime.now(UTC)
    dimensions = [
        {"Name": "ClusterName", "Value": "flix"},
        {"Name": "ServiceName", "Value": "orders"},
    ]
    data = [
        {
            "MetricName": "RunningTaskCount",
            "Dimensions": dimensions,
            "Timestamp": now - timedelta(minutes=2 + number),
            "Value": 4.0,
        }
        for number in range(MINUTES)
    ]
    session.call(
        "cloudwatch", "put_metric_data", Namespace="ECS/ContainerInsights", MetricData=data
    )


MEASURED = ("scale", "advise", "--latency", "2m", "--lookback", "2h", "--queue", "orders")


@pytest.mark.usefixtures("metrics", "service")
def test_a_service_tells_its_tasks_their_start_and_their_size(edactl: Edactl) -> None:
    run = edactl(*MEASURED, "--service", "flix/orders")
    inputs = advice(run)["inputs"]

    running = inputs["running_tasks"]
    assert (running["value"], running["samples"]) == (4, MINUTES)
    assert running["source"] == "RunningTaskCount Average of flix/orders, 2h"
    assert inputs["task_cpu"] == {
        "value": 512,
        "unit": "cpu units",
        "source": "task definition orders:1",
        "samples": None,
        "low": None,
        "high": None,
    }
    assert inputs["task_memory"]["value"] == 1024
    assert inputs["task_start_time"]["samples"] == 2
    assert inputs["task_start_time"]["source"] == (
        "tasks of flix/orders, from createdAt to startedAt"
    )
    assert "the task start time rests on 2 tasks of flix/orders" in run.err
    now = inputs["cost_per_day_now"]["value"]
    assert now == pytest.approx(4 * 24 * (0.04048 / 2 + 0.004445), abs=0.01)
    assert f"(now 4.0, ${now:.2f})" in run.err
    assert "2.5 messages are in flight for each running task" in run.err
    redelivery = inputs["redelivery_ratio"]
    assert (redelivery["value"], redelivery["samples"]) == (pytest.approx(1.2), MINUTES)


@pytest.mark.usefixtures("metrics", "service")
def test_flags_win_over_what_a_service_tells(edactl: Edactl) -> None:
    size = ("--task-cpu", "256", "--task-memory", "512")
    given = ("--task-start-time", "90s", "--redelivery-ratio", "1")
    inputs = advice(edactl(*MEASURED, "--service", "flix/orders", *size, *given))["inputs"]

    for name, value in {
        "task_cpu": 256,
        "task_memory": 512,
        "task_start_time": 90,
        "redelivery_ratio": 1,
    }.items():
        assert inputs[name]["value"] == value
        assert inputs[name]["source"] == "--" + name.replace("_", "-")


@pytest.mark.usefixtures("metrics", "service")
def test_a_service_that_does_not_exist_is_named(edactl: Edactl) -> None:
    run = edactl(*MEASURED, "--service", "flix/ordres")

    assert run.status == 254
    assert 'service "ordres" does not exist in cluster "flix"' in run.err
    assert "edactl service list --cluster flix" in run.err


@pytest.mark.usefixtures("metrics", "service")
def test_a_service_without_metrics_or_tasks_says_what_is_missing(
    edactl: Edactl, sandbox: SandboxState
) -> None:
    session = AwsSession(ConnectionOptions(sandbox=SandboxEndpoint(sandbox.url, ACCOUNT)))
    idle: dict[str, Any] = {"cluster": "flix", "serviceName": "idle"}
    session.call("ecs", "create_service", **idle, taskDefinition="orders", desiredCount=0)
    run = edactl(*MEASURED, "--service", "flix/idle")

    assert "running_tasks" not in advice(run)["inputs"]
    assert "no data on running tasks of flix/idle in 2h" in run.err
    assert "no task of flix/idle is there to time its start on" in run.err
    assert advice(run)["inputs"]["task_start_time"]["source"] == "default"


def test_where_all_is_given_a_service_is_not_read(edactl: Edactl) -> None:
    traffic = ("--pattern", "steady:1/s", "--duration", "30m", "--processing-time", "1s")
    run = edactl("scale", "advise", "--latency", "2m", *traffic, "--service", "flix/orders")

    assert run.status == 0
    assert "flix/orders is not read where traffic and processing time are given" in run.err


STEADY = ("scale", "advise", "--latency", "2m", "--pattern", "steady:1/s", "--duration", "30m")


def put_durations(sandbox: SandboxState, unit: str, *values: float) -> None:
    """Durations as a metric of the service's own."""
    session = AwsSession(ConnectionOptions(sandbox=SandboxEndpoint(sandbox.url, ACCOUNT)))
    at = datetime.now(UTC) - timedelta(minutes=10)
    dimensions = [{"Name": "Service", "Value": "orders"}]
    data = [
        {
            "MetricName": "Took",
            "Dimensions": dimensions,
            "Timestamp": at,
            "Value": value,
            "Unit": unit,
        }
        for value in values
    ]
    session.call("cloudwatch", "put_metric_data", Namespace="Orders", MetricData=data)


def test_processing_times_come_from_a_metric(edactl: Edactl, sandbox: SandboxState) -> None:
    put_durations(sandbox, "Milliseconds", *([1000.0] * 60 + [3000.0] * 40))
    metric = "Orders/Took,Service=orders"
    inputs = advice(edactl(*STEADY, "--processing-time-metric", metric))["inputs"]

    work = inputs["processing_time"]
    assert work["value"] == pytest.approx(1.8)
    assert work["samples"] == 100
    assert work["source"] == f"--processing-time-metric {metric}"


def test_a_metric_without_a_unit_needs_one(edactl: Edactl, sandbox: SandboxState) -> None:
    put_durations(sandbox, "None", 1500.0, 2500.0)
    asked = (*STEADY, "--processing-time-metric", "Orders/Took,Service=orders")
    refused = edactl(*asked)
    told = advice(edactl(*asked, "--processing-time-unit", "ms"))["inputs"]

    assert refused.status == 252
    assert "its unit is None: say what its numbers are" in refused.err
    assert told["processing_time"]["value"] == pytest.approx(2)


def test_a_metric_with_no_data_is_named_with_how_to_list_it(
    edactl: Edactl, sandbox: SandboxState
) -> None:
    put_durations(sandbox, "Seconds", 1.0)
    run = edactl(*STEADY, "--processing-time-metric", "Orders/Tock")

    assert run.status == 252
    assert "metric Orders/Tock: there is no datapoint in this time" in run.err
    assert "aws cloudwatch list-metrics --namespace Orders" in run.err


IN_SECONDS = ("--processing-time-unit", "s")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--processing-time-metric", "Took"), "is not a metric"),
        (("--processing-time-log", "g"), "go together"),
        (("--processing-time-field", "f"), "go together"),
        (("--processing-time-log", "g", "--processing-time-field", "f"), "what unit"),
        (("--processing-time-unit", "ms"), "is for --processing-time-metric"),
        (("--processing-time-metric", "a/b", "--processing-time-unit", "h"), "none of s, ms, us"),
        (("--processing-time-metric", "a/b", "--processing-time-log", "g"), "one of"),
        (("--processing-time-metric", "a/b", "--processing-time", "1s"), "given, and to be"),
        (
            (*("--processing-time-log", "g", "--processing-time-field", "`"), *IN_SECONDS),
            "names no field",
        ),
        (("--processing-time-metric", "a/b", "--lookback", "16d"), "15 days"),
        (("--processing-time-metric", "a/b", "--lookback", "0"), "above 0"),
        (("--service", "a/b/c"), "names no service"),
    ],
)
def test_a_wrong_way_to_measure_is_refused_before_any_call(
    edactl: Edactl, options: tuple[str, ...], said: str
) -> None:
    run = edactl(*STEADY, *options)

    assert run.status == 252
    assert said in run.err


@pytest.mark.parametrize(
    ("row", "status"), [({"samples": "400", "mean": "2000", "p95": "6000"}, 0), ({}, 252)]
)
def test_processing_times_come_from_a_field_of_a_log(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, row: dict[str, str], status: int
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATESTTESTTEST0000")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    found = [[{"field": name, "value": value} for name, value in row.items()]] if row else []
    answers = {
        "StartQuery": {"queryId": "q-1"},
        "GetQueryResults": {"status": "Complete", "results": found},
    }

    def answer(request: Request) -> Answer:
        operation = request.headers["X-Amz-Target"].rpartition(".")[2]
        return Answer(200, json.dumps(answers[operation]))

    log = ("--processing-time-log", "/ecs/orders", "--processing-time-field", "took_ms")
    with scripted_aws(answer) as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint.url)
        run = edactl(*STEADY, *log, "--processing-time-unit", "ms")

    assert run.status == status
    assert "pct(took_ms, 95) as p95" in json.loads(endpoint.requests[0].body)["queryString"]
    if status:
        assert "field took_ms of log group /ecs/orders: there is no datapoint" in run.err
        return
    inputs = advice(run)["inputs"]
    assert inputs["processing_time"]["value"] == pytest.approx(2)
    assert inputs["processing_time"]["samples"] == 400
    assert inputs["processing_time_percentile"]["value"] == pytest.approx(6)
    assert inputs["processing_time_percentile"]["high"] is None
