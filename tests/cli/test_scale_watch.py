"""`edactl scale watch` on a queue and a service of the sandbox."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from moto import mock_aws

from edactl.aws.session import AwsSession
from edactl.cli.scale_watch_rows import COLUMNS, cells, line
from edactl.core.record import record_of
from edactl.core.scale_look import Look
from edactl.core.settings import ConnectionOptions, SandboxEndpoint, Setting
from edactl.out.live_table import live_table
from edactl.out.terminal import Terminal
from edactl.sandbox.state import SandboxState
from tests.running import Run
from tests.scripted_scaling import ScalingWorld

Edactl = Callable[..., Run]
ACCOUNT = "000000000000"
WATCH = ("scale", "watch", "--queue", "orders", "--service", "flix/orders", "--interval", "10ms")


def make_world(session: AwsSession) -> None:
    """The queue orders with three messages, and the service flix/orders with two tasks."""
    url = session.call("sqs", "create_queue", QueueName="orders")["QueueUrl"]
    for body in "abc":
        session.call("sqs", "send_message", QueueUrl=url, MessageBody=body)
    session.call("ecs", "create_cluster", clusterName="flix")
    containers = [{"name": "app", "image": "busybox", "memory": 512}]
    session.call(
        "ecs", "register_task_definition", family="orders", containerDefinitions=containers
    )
    named: dict[str, Any] = {"cluster": "flix", "serviceName": "orders"}
    session.call("ecs", "create_service", **named, taskDefinition="orders", desiredCount=2)


@pytest.fixture
def world(sandbox: SandboxState) -> AwsSession:
    session = AwsSession(ConnectionOptions(sandbox=SandboxEndpoint(sandbox.url, ACCOUNT)))
    make_world(session)
    return session


@pytest.mark.usefixtures("world")
def test_a_record_a_look_with_the_fields_that_scripts_rely_on(edactl: Edactl) -> None:
    run = edactl(*WATCH, "--latency", "2m", "--target", "15", "--limit", "2")
    looks = [json.loads(one) for one in run.out.splitlines()]

    assert run.status == 0
    assert len(looks) == 2
    known = {name: looks[0][name] for name in ("queue", "service", "visible", "in_flight")}
    assert known == {"queue": "orders", "service": "flix/orders", "visible": 3, "in_flight": 0}
    assert (looks[0]["target"], looks[0]["backlog_per_task"]) == (15, 1.5)
    assert (looks[0]["running_tasks"], looks[0]["desired_tasks"]) == (2, 2)
    assert looks[0]["latency_seconds"] == 120
    assert looks[0]["oldest_age_seconds"] is None
    assert "the sandbox has no Application Auto Scaling: see --target" in run.err


@pytest.mark.usefixtures("world")
def test_the_oldest_age_comes_from_cloudwatch(edactl: Edactl, world: AwsSession) -> None:
    data = {
        "MetricName": "ApproximateAgeOfOldestMessage",
        "Dimensions": [{"Name": "QueueName", "Value": "orders"}],
        "Timestamp": datetime.now(UTC),
        "Value": 180.0,
    }
    world.call("cloudwatch", "put_metric_data", Namespace="AWS/SQS", MetricData=[data])
    late = edactl(*WATCH, "--latency", "2m", "--limit", "1", "--wait-for", "within-slo")
    look = json.loads(late.out)

    assert (look["oldest_age_seconds"], look["slo_used"], look["slo_burn"]) == (180, 1.5, 20)
    assert late.status == 1
    assert "not yet: within-slo (3 visible, 0 in flight, 2 of 2 tasks running)" in late.err
    assert edactl(*WATCH, "--latency", "4m", "--wait-for", "within-slo").status == 0


@pytest.mark.usefixtures("world")
def test_it_ends_when_all_that_is_waited_for_holds(edactl: Edactl) -> None:
    run = edactl(*WATCH, "--wait-for", "stable", "--wait-for", "backlog<=3", "--looks", "3")

    assert run.status == 0
    assert len(run.out.splitlines()) == 3
    assert "stable, backlog<=3 (3 visible" in run.err
    assert "not yet" not in run.err


@pytest.mark.usefixtures("world")
def test_it_ends_when_the_queue_is_worked_off(edactl: Edactl, world: AwsSession) -> None:
    url = world.call("sqs", "get_queue_url", QueueName="orders")["QueueUrl"]
    timer = threading.Timer(0.3, lambda: world.call("sqs", "purge_queue", QueueUrl=url))
    timer.start()
    try:
        run = edactl(*WATCH, "--wait-for", "empty", "--timeout", "30s")
    finally:
        timer.join()

    assert run.status == 0
    looks = [json.loads(one)["visible"] for one in run.out.splitlines()]
    assert looks[-1] == 0
    assert set(looks[:-1]) <= {3}


@pytest.mark.usefixtures("world")
def test_a_wait_that_takes_too_long_is_status_124(edactl: Edactl) -> None:
    run = edactl(*WATCH, "--wait-for", "backlog=0", "--timeout", "200ms")

    assert run.status == 124
    assert "not yet: backlog=0 (3 visible" in run.err


@pytest.mark.usefixtures("world")
def test_a_table_that_is_piped_has_a_head_and_a_line_a_look(edactl: Edactl) -> None:
    run = edactl(*WATCH, "--limit", "2", "-o", "table")
    lines = run.out.splitlines()

    assert len(lines) == 3
    assert lines[0].split()[:3] == ["AT", "VISIBLE", "FLIGHT"]
    assert lines[1].split()[1:4] == ["3", "0", "1.5"]
    assert {len(one) for one in lines} == {len(lines[0])}
    assert edactl(*WATCH, "--limit", "1", "-o", "table", "--query", "visible").out == "3\n"


@pytest.mark.usefixtures("world")
def test_a_service_or_queue_that_does_not_exist_is_named(edactl: Edactl) -> None:
    service = edactl("scale", "watch", "--queue", "orders", "--service", "flix/ordres")
    queue = edactl("scale", "watch", "--queue", "ordres", "--service", "flix/orders")

    assert (service.status, queue.status) == (254, 254)
    assert 'service "ordres" does not exist in cluster "flix"' in service.err
    assert 'queue "ordres" does not exist' in queue.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--queue", "orders"), "needs a queue and the service"),
        (("--service", "flix/orders"), "needs a queue and the service"),
        ((*WATCH[2:], "--wait-for", "done"), "is no condition"),
        ((*WATCH[2:], "--wait-for", "within-slo"), "needs a latency"),
        ((*WATCH[2:], "--percentile", "100"), "not between 0 and 100"),
        ((*WATCH[2:], "--percentile", "0"), "not between 0 and 100"),
        ((*WATCH[2:], "--looks", "2"), "is for --wait-for"),
        ((*WATCH[2:], "--interval", "0"), "above 0"),
        ((*WATCH[2:], "--latency", "soon"), "not a duration"),
        ((*WATCH[2:], "--timeout", "0"), "above 0"),
        (("--queue", "orders", "--service", "a b"), "names no service"),
    ],
)
def test_a_wrong_command_line_is_refused_before_any_call(
    edactl: Edactl, options: tuple[str, ...], said: str
) -> None:
    run = edactl("scale", "watch", *options)

    assert run.status == 252
    assert said in run.err


NAMED: dict[str, Any] = {
    "ServiceNamespace": "ecs",
    "ResourceId": "service/flix/orders",
    "ScalableDimension": "ecs:service:DesiredCount",
}


def backlog_policy(target: float) -> dict[str, Any]:
    stats = [
        {"Id": "m1", "MetricStat": {"Metric": {"MetricName": name}, "Stat": "Average"}}
        for name in ("ApproximateNumberOfMessagesVisible",)
    ]
    expression = {"Id": "e1", "Expression": "m1 / 2", "ReturnData": True}
    return {
        "TargetValue": target,
        "CustomizedMetricSpecification": {"Metrics": [*stats, expression]},
    }


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsSession]:
    """An account with the queue and the service, which has Application Auto Scaling."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "fake")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "fake")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    with mock_aws():
        session = AwsSession(ConnectionOptions(region=Setting("eu-west-1", "test")))
        make_world(session)
        yield session


@pytest.mark.usefixtures("aws")
def test_a_service_that_does_not_scale_by_itself_is_told_of(edactl: Edactl) -> None:
    run = edactl(*WATCH, "--limit", "1")

    assert "flix/orders is not behind Application Auto Scaling" in run.err
    assert json.loads(run.out)["maximum_tasks"] is None


def test_a_watch_goes_on_where_nobody_may_read_how_it_scales(
    edactl: Edactl, scaling: Callable[[ScalingWorld], ScalingWorld]
) -> None:
    refused = ("AccessDeniedException", "not allowed")
    scaling(ScalingWorld(queue={}, errors={"DescribeScalableTargets": refused}))
    named = ("--queue", "orders", "--service", "jobs/orders", "--limit", "1")
    run = edactl("scale", "watch", *named)

    assert run.status == 0
    assert "how jobs/orders scales cannot be read" in run.err
    assert json.loads(run.out)["target"] is None


def test_the_target_and_the_bounds_are_the_deployed_ones(edactl: Edactl, aws: AwsSession) -> None:
    scaling = "application-autoscaling"
    state = {"DynamicScalingInSuspended": True}
    aws.call(
        scaling,
        "register_scalable_target",
        **NAMED,
        MinCapacity=1,
        MaxCapacity=9,
        SuspendedState=state,
    )
    bare = edactl(*WATCH, "--limit", "1")
    for name, target in (("a", 20.0), ("b", 15.0)):
        aws.call(
            scaling,
            "put_scaling_policy",
            **NAMED,
            PolicyName=name,
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=backlog_policy(target),
        )
    found = json.loads(edactl(*WATCH, "--limit", "1").out)
    given = json.loads(edactl(*WATCH, "--limit", "1", "--target", "7").out)

    assert "no policy of flix/orders holds a backlog per task: see --target" in bare.err
    assert "scale-in suspended" in bare.err
    assert (found["minimum_tasks"], found["maximum_tasks"], found["target"]) == (1, 9, 15)
    assert given["target"] == 7


LOOK = Look(
    at=datetime(2026, 1, 31, 12, tzinfo=UTC),
    queue="orders",
    service="flix/orders",
    visible=30,
    in_flight=4,
    delayed=0,
    backlog_per_task=10.5,
    target=10,
    running_tasks=2,
    desired_tasks=3,
    pending_tasks=1,
    minimum_tasks=1,
    maximum_tasks=9,
    deployments=1,
    oldest_age_seconds=150,
    latency_seconds=120,
    slo_used=1.25,
    slo_burn=0.9,
)


def test_what_is_late_is_red_and_what_is_over_its_target_yellow() -> None:
    found = {name: (cell.text, cell.style) for name, cell in zip(COLUMNS, cells(LOOK), strict=True)}

    assert found["AT"] == ("12:00:00", "")
    assert found["PER TASK"] == ("10.5", "yellow")
    assert found["RUN"] == ("2", "yellow")
    assert found["OLDEST"] == ("150s", "red")
    assert found["BURN"] == ("0.9", "yellow")
    calm = replace(LOOK, target=None, running_tasks=3, slo_used=None, slo_burn=0.2)
    assert {cell.style for cell in cells(calm)} == {""}
    assert line()(record_of(LOOK)).splitlines()[1].split()[-2:] == ["1.25", "0.9"]


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def test_a_live_table_keeps_its_last_fifteen_rows_and_says_what_is_wrong() -> None:
    screen = Screen()
    terminal = Terminal(screen, screen, screen, {"NO_COLOR": "1"})
    with live_table(terminal, COLUMNS, "orders \x1b[31m") as table:
        for number in range(20):
            table.show(cells(replace(LOOK, visible=1000 + number)))
        table.say("looking again")
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue()).split("orders")[-1]

    assert "looking again" in shown
    assert "\\e[31m" in shown, "what comes from outside does not drive the terminal"
    assert "1004" not in shown
    assert all(str(1000 + number) in shown for number in range(5, 20))


def test_a_live_table_has_no_column_of_nothing() -> None:
    screen = Screen()
    terminal = Terminal(screen, screen, screen, {"NO_COLOR": "1"})
    bare = replace(LOOK, target=None, slo_used=None, slo_burn=None)
    with live_table(terminal, COLUMNS, "orders") as table:
        table.show(cells(bare))
    before = screen.getvalue()
    with live_table(terminal, COLUMNS, "orders") as table:
        table.show(cells(bare))
        table.show(cells(LOOK))

    assert "VISIBLE" in before
    assert not any(name in before for name in ("TARGET", "SLO", "BURN"))
    assert all(name in screen.getvalue() for name in COLUMNS), "all fit on 80 columns"


@pytest.mark.usefixtures("world")
def test_ctrl_c_on_a_terminal_leaves_the_table_and_ends_with_130() -> None:
    keyboard, screen = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "edactl", *WATCH],
        stdin=screen,
        stdout=screen,
        stderr=subprocess.PIPE,
        env={**os.environ, "TERM": "xterm"},
    ) as process:
        os.close(screen)
        seen = b""
        while b"VISIBLE" not in seen:
            seen += os.read(keyboard, 4096)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
    os.close(keyboard)
