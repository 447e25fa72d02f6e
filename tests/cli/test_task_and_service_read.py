from __future__ import annotations

import json
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.running import Run
from tests.scripted_ecs import (
    ACCOUNT,
    NOON,
    Launch,
    Line,
    Scenario,
    View,
    container,
    containers,
    exited,
    scripted_ecs,
    view,
)

Edactl = Callable[..., Run]
ARN = f"arn:aws:ecs:us-east-1:{ACCOUNT}:task/jobs/t1"
INTERFACE = [
    {"details": []},
    {
        "details": [
            {"name": "subnetId", "value": "s"},
            {"name": "networkInterfaceId", "value": "eni-1"},
        ]
    },
]
SERVICE: dict[str, Any] = {
    "serviceName": "orders",
    "serviceArn": f"arn:aws:ecs:us-east-1:{ACCOUNT}:service/jobs/orders",
    "clusterArn": f"arn:aws:ecs:us-east-1:{ACCOUNT}:cluster/jobs",
    "status": "ACTIVE",
    "taskDefinition": f"arn:aws:ecs:us-east-1:{ACCOUNT}:task-definition/orders:7",
    "desiredCount": 3,
    "runningCount": 2,
    "pendingCount": 1,
    "capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT"}],
    "deployments": [{"status": "PRIMARY", "rolloutState": "IN_PROGRESS", "failedTasks": 2}],
    "events": [{"createdAt": NOON, "message": "(service orders) has started 1 tasks."}] * 12,
}


@contextmanager
def task_of(
    monkeypatch: pytest.MonkeyPatch, edactl: Edactl, *life: View, **settings: Any
) -> Iterator[Scenario]:
    """A scripted ECS in which one task, t1 of cluster jobs, was started."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATESTTESTTEST0000")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    scenario = Scenario(launches=[Launch(list(life))], **settings)
    with scripted_ecs(scenario) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        started = edactl(
            *("task", "run", "--cluster", "jobs", "--task-definition", "orders"),
            *("--subnet", "subnet-1", "--detach"),
        )
        assert started.status == 0
        scenario.requests.clear()
        yield scenario


@pytest.mark.parametrize(("status", "expected"), [("running", ["t1"]), ("stopped", [])])
def test_tasks_are_listed_by_status(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, status: str, expected: list[str]
) -> None:
    with task_of(monkeypatch, edactl, view("RUNNING")) as scenario:
        run = edactl("task", "list", "--cluster", "jobs", "--status", status, "--family", "orders")

    assert run.status == 0
    assert [json.loads(line)["task_id"] for line in run.out.splitlines()] == expected
    [listed] = scenario.sent("ListTasks")
    assert (listed["desiredStatus"], listed["family"]) == (status.upper(), "orders")


def test_an_unknown_status_is_refused(edactl: Edactl) -> None:
    assert edactl("task", "list", "--status", "odd").status == 252


@pytest.mark.parametrize("names", [("t1", "--cluster", "jobs"), ("jobs/t1",), (ARN,)])
def test_a_task_is_shown_by_id_or_arn(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]
) -> None:
    with task_of(monkeypatch, edactl, view("RUNNING", attachments=INTERFACE)):
        run = edactl("task", "show", *names)

    shown = json.loads(run.out)
    assert (shown["task_id"], shown["last_status"]) == ("t1", "RUNNING")
    assert (shown["task_definition"], shown["cpu"], shown["memory"]) == ("orders:7", 256, 512)
    assert shown["network_interface_id"] == "eni-1"


def test_tasks_started_by_somebody_are_filtered_by_nothing_else(edactl: Edactl) -> None:
    run = edactl("task", "list", "--started-by", "ops", "--family", "orders")

    assert run.status == 252
    assert "--started-by must be the only filter" in run.err


def test_a_person_sees_the_containers_and_tags_of_a_task_in_lines(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = exited(137, reason="OutOfMemoryError", tags=[{"key": "team", "value": "orders"}])
    with task_of(monkeypatch, edactl, ended):
        rows = lines_of(edactl("task", "show", ARN, "-o", "table").out)

    assert rows["container app"] == "STOPPED, exit code 137, OutOfMemoryError"
    assert (rows["tag team"], rows["task id"]) == ("orders", "t1")
    assert "platform version" not in rows


def lines_of(table: str) -> dict[str, str]:
    """The lines of a table of names and values."""
    return dict(re.split(" {2,}", line, maxsplit=1) for line in table.splitlines())


def test_a_task_that_is_not_known_is_named(edactl: Edactl, monkeypatch: pytest.MonkeyPatch) -> None:
    with task_of(monkeypatch, edactl, view("RUNNING")):
        run = edactl("task", "show", "nope")

    assert (run.status, run.out) == (254, "")
    assert 'task "nope" is not known in cluster "default" of us-east-1' in run.err


@pytest.mark.parametrize("arn", ["arn:aws:sqs:us-east-1:000000000000:q", SERVICE["serviceArn"]])
def test_the_arn_of_something_else_is_refused(edactl: Edactl, arn: str) -> None:
    run = edactl("task", "show", arn)

    assert run.status == 252
    assert "is not the ARN of a task" in run.err


def test_a_post_mortem_tells_reason_times_and_cost(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    oom = exited(137, reason="OutOfMemoryError: Container killed")
    with task_of(monkeypatch, edactl, oom | {"attachments": INTERFACE}):
        run = edactl("task", "explain", ARN)

    told = json.loads(run.out)
    assert run.status == 0
    assert (told["outcome"], told["exit_code"], told["attempts"]) == ("failed", 137, [])
    assert "ran out of memory" in told["explanation"]
    assert told["timeline"]["run_seconds"] == 60
    assert told["network_interface_id"] == "eni-1"
    assert told["cost_usd"] > 0


def test_a_task_that_runs_has_no_outcome_yet(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with task_of(monkeypatch, edactl, view("RUNNING")):
        told = json.loads(edactl("task", "explain", ARN).out)

    assert (told["outcome"], told["cost_usd"]) == (None, None)
    assert told["cost_note"] == "it has not ended"
    assert told["explanation"] == f"the task is RUNNING. Follow it: edactl task logs -f {ARN}"


def test_what_goes_on_before_and_after_running_is_told(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with task_of(monkeypatch, edactl, view("PROVISIONING")):
        told = json.loads(edactl("task", "explain", ARN).out)

    assert told["explanation"].startswith("the task is PROVISIONING: ECS makes its network")


def test_a_container_that_has_logged_nothing_yet_is_named(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = {"ecs/app/t1": [Line(NOON * 1000, "x")]}
    with task_of(monkeypatch, edactl, view("RUNNING"), containers=LOGGING, lines=lines):
        run = edactl("task", "logs", ARN, "--since", "1m")

    assert (run.status, run.out) == (0, "")
    assert "container proxy logged nothing so far, or log group /ecs/app does not" in run.err
    assert "container app" not in run.err


def test_stop_asks_and_then_stops(edactl: Edactl, monkeypatch: pytest.MonkeyPatch) -> None:
    with task_of(monkeypatch, edactl, view("RUNNING")) as scenario:
        unasked = edactl("task", "stop", ARN)
        dry = edactl("task", "stop", ARN, "--dry-run")
        before = len(scenario.sent("StopTask"))
        done = edactl("task", "stop", ARN, "--yes", "--reason", "wrong input")
        again = edactl("task", "stop", ARN, "--yes")

    assert (unasked.status, dry.status, before) == (252, 0, 0)
    assert json.loads(dry.out)["dry_run"] is True
    assert json.loads(done.out)["stop_requested"] is True
    assert "asked to stop task t1 (RUNNING)" in done.err
    [sent] = scenario.sent("StopTask")
    assert sent == {"cluster": "jobs", "task": ARN, "reason": "wrong input"}
    assert json.loads(again.out)["stop_requested"] is False
    assert "has ended already: task t1" in again.err


LOGGING = [container("app", log=True), container("proxy", log=True, essential=False)]
LINES = {
    "ecs/app/t1": [Line(NOON * 1000, "old\n"), Line((NOON + 60) * 1000, "new\n")],
    "ecs/proxy/t1": [Line(NOON * 1000, "ready\x07")],
}


def test_logs_are_records_of_every_container(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with task_of(monkeypatch, edactl, view("RUNNING"), containers=LOGGING, lines=LINES):
        run = edactl("task", "logs", ARN)
        table = edactl("task", "logs", ARN, "-o", "table")
        one = edactl(
            *("task", "logs", ARN, "--container", "app", "--query", "message", "-o", "table"),
            *("--since", "2026-06-01T12:00:01Z"),
        )

    assert [json.loads(line) for line in run.out.splitlines()] == [
        {"container": "app", "at": "2026-06-01T12:00:00Z", "message": "old"},
        {"container": "app", "at": "2026-06-01T12:01:00Z", "message": "new"},
        {"container": "proxy", "at": "2026-06-01T12:00:00Z", "message": "ready\x07"},
    ]
    assert table.out.splitlines()[2] == "proxy | ready\\x07"
    assert one.out == "new\n"


def test_logs_of_an_unknown_container_are_refused(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with task_of(monkeypatch, edactl, view("RUNNING"), containers=LOGGING):
        run = edactl("task", "logs", ARN, "--container", "web")

    assert run.status == 252
    assert 'orders:7 has no container "web"' in run.err
    assert "--container app|proxy" in run.err


def test_containers_that_log_elsewhere_are_told(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    firelens = container("proxy", logConfiguration={"logDriver": "awsfirelens"})
    with task_of(monkeypatch, edactl, view("RUNNING"), containers=[container("app"), firelens]):
        run = edactl("task", "logs", ARN)

    assert (run.status, run.out) == (0, "")
    assert "container app has no log driver" in run.err
    assert "container proxy logs with awsfirelens, not awslogs" in run.err


def test_following_ends_with_the_task_and_its_last_line(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = exited(0, containers=containers(("app", 0), ("proxy", 143)))
    lines = dict(LINES)
    lines["ecs/app/t1"] = [Line(NOON, "a"), Line(NOON + 1, "last", late=2)]
    with task_of(
        monkeypatch, edactl, view("RUNNING"), ended, containers=LOGGING, lines=lines
    ) as scenario:
        run = edactl("task", "logs", ARN, "--follow", "--container", "app")

    assert run.status == 0
    assert [json.loads(line)["message"] for line in run.out.splitlines()] == ["a", "last"]
    assert scenario.sent("StopTask") == []


def test_ctrl_c_ends_the_following_and_not_the_task(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with task_of(monkeypatch, edactl, view("RUNNING"), containers=LOGGING, lines=LINES) as scenario:

        def interrupt() -> None:
            while len(scenario.sent("DescribeTasks")) < 2:
                time.sleep(0.01)
            os.kill(os.getpid(), signal.SIGINT)

        thread = threading.Thread(target=interrupt)
        thread.start()
        run = edactl("task", "logs", ARN, "--follow")
        thread.join()

    assert run.status == 130
    assert len(run.out.splitlines()) == 3
    assert scenario.sent("StopTask") == []


def test_services_are_listed_and_shown(edactl: Edactl, monkeypatch: pytest.MonkeyPatch) -> None:
    with task_of(monkeypatch, edactl, view("RUNNING"), service=SERVICE):
        listed = edactl("service", "list", "--cluster", "jobs")
        by_name = edactl("service", "show", "orders", "--cluster", "jobs")
        by_arn = edactl("service", "show", SERVICE["serviceArn"])
        by_both = edactl("service", "show", "jobs/orders")

    [row] = [json.loads(line) for line in listed.out.splitlines()]
    assert (row["name"], row["cluster"], row["task_definition"]) == ("orders", "jobs", "orders:7")
    assert (row["desired"], row["running"], row["pending"]) == (3, 2, 1)
    shown = json.loads(by_name.out)
    assert shown == json.loads(by_arn.out) == json.loads(by_both.out)
    assert shown["capacity_providers"] == ["FARGATE_SPOT"]
    assert shown["deployments"][0]["rollout"] == "IN_PROGRESS"
    assert shown["deployments"][0]["failed"] == 2
    assert len(shown["events"]) == 10
    assert shown["events"][0]["message"] == "(service orders) has started 1 tasks."


def test_a_person_sees_the_deployments_and_events_of_a_service_in_lines(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = {
        "status": "PRIMARY",
        "rolloutState": "FAILED",
        "rolloutStateReason": "circuit breaker",
        "taskDefinition": "arn:aws:ecs:x:1:task-definition/orders:8",
        "desiredCount": 3,
        "pendingCount": 1,
        "failedTasks": 2,
    }
    deployments = {"deployments": [stuck, {"status": "ACTIVE"}]}
    events = {"events": [{"createdAt": NOON, "message": "has started 1 tasks."}, {"message": "x"}]}
    service = SERVICE | deployments | events
    with task_of(monkeypatch, edactl, view("RUNNING"), service=service):
        rows = lines_of(edactl("service", "show", "jobs/orders", "-o", "table").out)

    assert rows["deployment 1"] == (
        "PRIMARY FAILED orders:8, 0 of 3 running, 1 pending, 2 failed: circuit breaker"
    )
    assert rows["deployment 2"] == "ACTIVE, 0 of 0 running, 0 pending, 0 failed"
    assert (rows["event 1"], rows["event 2"]) == ("2026-06-01T12:00:00Z has started 1 tasks.", "x")
    assert "scaling" not in rows


def test_no_services_is_no_error_and_an_unknown_one_is(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with task_of(monkeypatch, edactl, view("RUNNING")):
        none = edactl("service", "list", "-o", "json")
        unknown = edactl("service", "show", "nope")

    assert (none.status, none.out) == (0, "[]\n")
    assert unknown.status == 254
    assert 'service "nope" does not exist in cluster "default"' in unknown.err


def test_a_service_that_was_deleted_does_not_exist(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with task_of(monkeypatch, edactl, view("RUNNING"), service=SERVICE | {"status": "INACTIVE"}):
        run = edactl("service", "show", "orders")

    assert run.status == 254
    assert 'service "orders" does not exist' in run.err


RESOURCE = "service/jobs/orders"
SCALING = {
    "DescribeScalableTargets": {
        "ScalableTargets": [
            {
                "ResourceId": RESOURCE,
                "MinCapacity": 1,
                "MaxCapacity": 10,
                "SuspendedState": {"DynamicScalingInSuspended": True},
            }
        ]
    },
    "DescribeScalingPolicies": {
        "ScalingPolicies": [
            {
                "ResourceId": RESOURCE,
                "PolicyName": "cpu",
                "PolicyType": "TargetTrackingScaling",
                "TargetTrackingScalingPolicyConfiguration": {
                    "TargetValue": 70.0,
                    "PredefinedMetricSpecification": {
                        "PredefinedMetricType": "ECSServiceAverageCPUUtilization"
                    },
                },
                "Alarms": [{"AlarmName": "high", "AlarmARN": "arn:high"}],
            },
            {
                "ResourceId": "service/other/one",
                "PolicyName": "elsewhere",
                "PolicyType": "StepScaling",
            },
        ]
    },
}


def test_a_service_tells_in_brief_how_it_scales(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with task_of(
        monkeypatch, edactl, view("RUNNING"), service=SERVICE, answers=SCALING
    ) as scenario:
        listed = edactl("service", "list", "--cluster", "jobs")
        table = edactl("service", "list", "--cluster", "jobs", "-o", "table")
        shown = edactl("service", "show", "jobs/orders")

    words = "1 to 10 tasks, ECSServiceAverageCPUUtilization at 70, scale-in suspended"
    for text in (listed.out, shown.out):
        record = json.loads(text)
        assert record["scaling"] == {
            "minimum_tasks": 1,
            "maximum_tasks": 10,
            "policies": [
                {
                    "name": "cpu",
                    "kind": "TargetTrackingScaling",
                    "metric": "ECSServiceAverageCPUUtilization",
                    "target": 70,
                    "alarms": ["high"],
                }
            ],
            "suspended": ["scale-in"],
        }
        assert record["scaling_summary"] == words
    assert words in table.out
    assert scenario.sent("DescribeScalableTargets")[0]["ResourceIds"] == [RESOURCE]


def test_a_service_without_scaling_has_none(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with task_of(monkeypatch, edactl, view("RUNNING"), service=SERVICE) as scenario:
        record = json.loads(edactl("service", "show", "jobs/orders").out)

    assert (record["scaling"], record["scaling_summary"]) == (None, None)
    assert scenario.sent("DescribeScalingPolicies") == []


def test_who_may_not_read_the_scaling_sees_the_service_and_a_warning(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = {"DescribeScalableTargets": ("AccessDeniedException", "no")}
    with task_of(monkeypatch, edactl, view("RUNNING"), service=SERVICE, errors=refused):
        run = edactl("service", "list", "--cluster", "jobs")

    assert run.status == 0
    assert json.loads(run.out)["scaling"] is None
    assert "how services scale is not shown: " in run.err
    assert "lacks application-autoscaling:DescribeScalableTargets" in run.err
