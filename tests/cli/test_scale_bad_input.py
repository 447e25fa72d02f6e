"""Input of `scale` that is odd but no error: the answer stands, and the operator is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from edactl.aws.session import AwsSession
from edactl.core.settings import ConnectionOptions, SandboxEndpoint
from edactl.sandbox.state import SandboxState
from tests.running import Run

Edactl = Callable[..., Run]
ADVISE = ("scale", "advise", "--latency", "2m")
BUSY = ("--pattern", "steady:5/s", "--duration", "1h")
WORK = ("--processing-time", "2s", "--processing-time-p95", "6s")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("nothing").write_text("0\n" * 60)
    Path("gaps").write_text("300\n\n300\nnull\n" * 15 + "300\n")
    Path("few").write_text("2\n1\n" * 14)
    Path("wild").write_text("9\n1\n5\n" * 100)
    Path("sorted").write_text("1\n" * 100 + "5\n" * 100 + "9\n" * 100)
    return tmp_path


def answer(run: Run) -> dict[str, Any]:
    assert run.status in {0, 1}, run.err
    found: dict[str, Any] = json.loads(run.out)
    return found


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--arrivals", "nothing", *WORK), "there is no traffic in the trace"),
        (("--arrivals", "gaps", *WORK), "30 minutes have no count"),
        ((*BUSY, *WORK, "--minimum-tasks", "0"), "with no task running"),
        ((*BUSY, "--samples", "few"), "28 samples of the processing time are too few"),
        ((*BUSY, *WORK, "--batch-size", "10"), "hides up to 9 of them"),
        ((*BUSY, *WORK, "--redelivery-ratio", "1.2"), "poison messages"),
        ((*BUSY, *WORK, "--queue", "orders.fifo"), "at most one message of each group"),
        ((*BUSY, *WORK, "--latency", "4s"), "the work alone takes"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_an_advice_is_given_and_says_what_is_odd(
    edactl: Edactl, options: tuple[str, ...], said: str
) -> None:
    run = edactl(*ADVISE, *options)

    assert any(said in one for one in answer(run)["warnings"])
    assert said in run.err


def test_samples_may_come_in_any_order(edactl: Edactl) -> None:
    wild, ordered = (edactl(*ADVISE, *BUSY, "--samples", one) for one in ("wild", "sorted"))

    assert answer(wild)["expected"] == answer(ordered)["expected"]


@pytest.mark.parametrize("arrivals", ["nothing", "gaps"])
def test_no_traffic_and_gaps_are_simulated_too(edactl: Edactl, arrivals: str) -> None:
    run = edactl("scale", "simulate", "--arrivals", arrivals, *WORK, "--policy", "backlog:15")

    assert run.status == 0
    assert json.loads(run.out)["messages"] == {"nothing": 0, "gaps": 18_300}[arrivals]


def test_no_task_at_the_start_is_simulated(edactl: Edactl) -> None:
    none = ("--initial-tasks", "0", "--minimum-tasks", "0", "--policy", "backlog:15")
    run = edactl("scale", "simulate", *BUSY, *WORK, *none)

    assert run.status == 0
    assert json.loads(run.out)["scaling_actions"] > 0


def put(
    sandbox: SandboxState, namespace: str, named: dict[str, str], **series: Sequence[float]
) -> None:
    """Metrics of the last minutes, the newest first."""
    session = AwsSession(ConnectionOptions(sandbox=SandboxEndpoint(sandbox.url, "000000000000")))
    now = datetime.now(UTC)
    dimensions = [{"Name": name, "Value": value} for name, value in named.items()]
    data = [
        {
            "MetricName": metric,
            "Dimensions": dimensions,
            "Timestamp": now - timedelta(minutes=2 + number),
            "Value": value,
        }
        for metric, values in series.items()
        for number, value in enumerate(values)
    ]
    session.call("cloudwatch", "put_metric_data", Namespace=namespace, MetricData=data)


def test_a_queue_whose_every_message_fails_is_told_of(
    edactl: Edactl, sandbox: SandboxState
) -> None:
    put(
        *(sandbox, "AWS/SQS", {"QueueName": "orders"}),
        NumberOfMessagesSent=[60] * 30,
        NumberOfMessagesReceived=[180] * 30,
        NumberOfMessagesDeleted=[0] * 30,
    )
    measured = (*ADVISE, "--queue", "orders", "--lookback", "1h")
    told, refused = edactl(*measured, *WORK), edactl(*measured)

    assert answer(told)["inputs"]["arrivals"]["value"] == pytest.approx(1)
    assert "5400 messages were received from orders in 1h and none was deleted" in told.err
    assert refused.status == 252
    assert 'received from queue "orders" and none was deleted' in refused.err


def test_the_groups_of_a_fifo_queue_that_were_busy_are_told(
    edactl: Edactl, sandbox: SandboxState
) -> None:
    put(
        *(sandbox, "AWS/SQS", {"QueueName": "orders.fifo"}),
        NumberOfMessagesSent=[60] * 30,
        ApproximateNumberOfGroupsWithInflightMessages=[2, 7, *[3] * 28],
    )
    asked = (*ADVISE, "--queue", "orders.fifo", "--lookback", "1h", *WORK)

    assert "at most 7 message groups of orders.fifo were worked on at once" in edactl(*asked).err
    assert "were worked on at once in" not in edactl(*asked, "--fifo-groups", "9").err


def test_work_that_takes_longer_with_more_tasks_is_told_of(
    edactl: Edactl, sandbox: SandboxState
) -> None:
    session = AwsSession(ConnectionOptions(sandbox=SandboxEndpoint(sandbox.url, "000000000000")))
    session.call("ecs", "create_cluster", clusterName="flix")
    containers = [{"name": "app", "image": "busybox", "memory": 512}]
    session.call("ecs", "register_task_definition", family="t", containerDefinitions=containers)
    service: dict[str, Any] = {"cluster": "flix", "serviceName": "orders", "desiredCount": 0}
    session.call("ecs", "create_service", **service, taskDefinition="t")
    put(
        *(sandbox, "AWS/SQS", {"QueueName": "orders"}),
        NumberOfMessagesSent=[120, 120] * 70,
        NumberOfMessagesDeleted=[120, 120] * 70,
        ApproximateNumberOfMessagesNotVisible=[4, 12] * 70,
    )
    named = {"ClusterName": "flix", "ServiceName": "orders"}
    put(sandbox, "ECS/ContainerInsights", named, RunningTaskCount=[4, 12] * 70)
    put(
        *(sandbox, "AWS/SQS", {"QueueName": "even"}),
        NumberOfMessagesSent=[120, 360] * 70,
        NumberOfMessagesDeleted=[120, 360] * 70,
        ApproximateNumberOfMessagesNotVisible=[4, 12] * 70,
    )
    asked = (*ADVISE, "--lookback", "4h", "--service", "flix/orders", "--queue")

    assert "work takes 3.0 times as long while many tasks run" in edactl(*asked, "orders").err
    assert "times as long while many tasks run" not in edactl(*asked, "even").err
