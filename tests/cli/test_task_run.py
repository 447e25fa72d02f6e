from __future__ import annotations

import io
import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.running import Run
from tests.scripted_ecs import (
    ACCOUNT,
    NOON,
    SUCCESS,
    Launch,
    Line,
    Scenario,
    container,
    containers,
    exited,
    failed_to_start,
    scripted_ecs,
    view,
)

Edactl = Callable[..., Run]
_MORE_ZONES = (
    "name subnets of more zones, or another CPU and memory size; --spot has --fallback on-demand"
)
NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-9"], "securityGroups": ["sg-9"]}}
SERVICE: dict[str, Any] = {
    "serviceName": "orders",
    "serviceArn": f"arn:aws:ecs:us-east-1:{ACCOUNT}:service/jobs/orders",
    "status": "ACTIVE",
    "taskDefinition": f"arn:aws:ecs:us-east-1:{ACCOUNT}:task-definition/orders:7",
    "networkConfiguration": NETWORK,
    "capacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1, "base": 0}],
    "platformVersion": "1.4.0",
    "enableExecuteCommand": True,
    "tags": [
        {"key": "team", "value": "orders"},
        {"key": "aws:cloudformation:stack-name", "value": "orders"},
    ],
}
RUN = ("task", "run", "--cluster", "jobs", "--task-definition", "orders", "--subnet", "subnet-1")


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATESTTESTTEST0000")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_REGION", "us-east-1")


@contextmanager
def ecs(monkeypatch: pytest.MonkeyPatch, *launches: Launch, **settings: Any) -> Iterator[Scenario]:
    """A scripted ECS that every command of the block talks to."""
    scenario = Scenario(launches=list(launches), **settings)
    with scripted_ecs(scenario) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        yield scenario


def test_the_result_is_on_stdout_and_the_status_is_the_containers(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ecs(monkeypatch, Launch([exited(42)])):
        run = edactl(*RUN, "--", "python", "-c", "exit(42)")

    assert run.status == 42
    result = json.loads(run.out)
    assert list(result)[:6] == [
        "task_arn",
        "cluster",
        "task_definition",
        "outcome",
        "exit_code",
        "stop_code",
    ]
    assert (result["cluster"], result["task_definition"]) == ("jobs", "orders:7")
    assert (result["outcome"], result["exit_code"]) == ("failed", 42)
    assert result["timeline"] == {
        "queued_seconds": 10,
        "pull_seconds": 10,
        "start_seconds": 5,
        "run_seconds": 60,
    }
    assert result["cost_usd"] > 0
    assert result["containers"][0]["exit_code"] == 42
    assert "edactl: container app ended with 42\n" in run.err


def test_as_text_too_the_status_is_the_containers(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ecs(monkeypatch, Launch([exited(42)])):
        run = edactl(*RUN, "-o", "text", "--", "python", "-c", "exit(42)")

    assert run.status == 42
    assert run.out.split("\t")[1:5] == ["jobs", "orders:7", "failed", "42"]


def test_a_person_gets_a_line_for_each_thing_and_none_for_nothing(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    capacity = "Capacity is unavailable at this time."
    ends = exited(
        3,
        containers=containers(("app", 3), ("proxy", 143)),
        attachments=[{"details": [{"name": "networkInterfaceId", "value": "eni-1"}]}],
    )
    with ecs(
        monkeypatch,
        Launch(failure=capacity),
        Launch([ends]),
        containers=[container("app", log=True), container("proxy", essential=False)],
        lines={"ecs/app/t1": [Line(NOON, "x")]},
    ):
        run = edactl(*RUN, "-o", "table")

    rows = [tuple(re.split(" {2,}", line)) for line in run.out.splitlines()]
    assert rows == [
        ("task", f"arn:aws:ecs:us-east-1:{ACCOUNT}:task/jobs/t1"),
        ("cluster", "jobs"),
        ("task definition", "orders:7"),
        ("outcome", "failed"),
        ("exit code", "3"),
        ("explanation", "container app ended with 3"),
        ("stop code", "EssentialContainerExited"),
        ("stopped reason", "Essential container in task exited"),
        ("container app", "STOPPED, exit code 3"),
        ("container proxy", "STOPPED, exit code 143, not essential"),
        (
            "attempt 1",
            f"on FARGATE: AWS has no capacity for it now: {capacity} What to do: {_MORE_ZONES}",
        ),
        ("capacity provider", "FARGATE"),
        ("network interface", "eni-1"),
        ("time", "queued 10 s, pull 10 s, start 5 s, run 60 s"),
        ("cost usd", "0.000257 (prices of 2026-09)"),
        ("log of app", "/ecs/app ecs/app/t1"),
    ]


def test_a_run_that_succeeds_is_status_0(edactl: Edactl, monkeypatch: pytest.MonkeyPatch) -> None:
    with ecs(monkeypatch, Launch([exited(0)])) as scenario:
        run = edactl(*RUN, "--query", "outcome", "-o", "text")

    assert (run.status, run.out) == (0, "succeeded\n")
    [sent] = scenario.sent("RunTask")
    assert sent["launchType"] == "FARGATE"
    assert sent["networkConfiguration"] == {
        "awsvpcConfiguration": {"subnets": ["subnet-1"], "assignPublicIp": "DISABLED"}
    }
    assert sent["startedBy"].startswith("edactl-")
    assert "overrides" not in sent


def test_with_a_service_its_live_settings_are_copied(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    variables = tmp_path / "job.env"
    variables.write_text("# of the job\nMODE=slow\n\nDAY=monday\n", "utf-8")
    with ecs(monkeypatch, service=SERVICE) as scenario:
        run = edactl(
            *("task", "run", "--service", SERVICE["serviceArn"], "--dry-run"),
            *("--env-file", str(variables), "--env", "MODE=fast", "--cpu", "512"),
            *("--memory", "1024", "--ephemeral-storage", "30", "--tag", "run=night"),
            *("--task-role", "arn:task", "--execution-role", "arn:exec"),
            *("--started-by", "ops", "--idempotency-key", "night-1", "--", "./job", "--now"),
        )

    assert run.status == 0
    plan = json.loads(run.out)
    assert plan["dry_run"] is True
    sent = plan["run_task"]
    assert scenario.sent("RunTask") == []
    assert sent["cluster"] == "jobs"
    assert sent["taskDefinition"] == SERVICE["taskDefinition"]
    assert sent["networkConfiguration"] == NETWORK
    assert sent["capacityProviderStrategy"] == SERVICE["capacityProviderStrategy"]
    assert (sent["platformVersion"], sent["enableExecuteCommand"]) == ("1.4.0", True)
    assert sent["startedBy"] == "ops"
    assert sent["clientToken"].startswith("edactl-")
    tags = {tag["key"]: tag["value"] for tag in sent["tags"]}
    assert (tags.pop("team"), tags.pop("run")) == ("orders", "night")
    assert {name: len(value) for name, value in tags.items()} == {"edactl:run": 16}
    assert sent["overrides"] == {
        "containerOverrides": [
            {
                "name": "app",
                "command": ["./job", "--now"],
                "environment": [
                    {"name": "MODE", "value": "fast"},
                    {"name": "DAY", "value": "monday"},
                ],
            }
        ],
        "cpu": "512",
        "memory": "1024",
        "ephemeralStorage": {"sizeInGiB": 30},
        "taskRoleArn": "arn:task",
        "executionRoleArn": "arn:exec",
    }
    assert "nothing was" in run.err


@pytest.mark.parametrize(
    ("options", "changed"),
    [
        (("--public-ip",), {"assignPublicIp": "ENABLED"}),
        (("--security-group", "sg-1"), {"securityGroups": ["sg-1"]}),
        (("--subnet", "subnet-1", "--subnet", "subnet-2"), {"subnets": ["subnet-1", "subnet-2"]}),
    ],
)
def test_what_is_said_of_the_network_changes_that_alone_of_the_services(
    edactl: Edactl,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    changed: dict[str, Any],
) -> None:
    with ecs(monkeypatch, service=SERVICE, definition={"taskRoleArn": "arn:task"}):
        run = edactl("task", "run", "--cluster", "jobs", "--service", "orders", "-n", *options)

    network = json.loads(run.out)["run_task"]["networkConfiguration"]
    own = {"assignPublicIp": "DISABLED", **NETWORK["awsvpcConfiguration"]}
    assert network == {"awsvpcConfiguration": own | changed}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--spot", "--fallback", "on-demand"), ["FARGATE_SPOT"]),
        (("--capacity-provider", "mine"), ["mine"]),
        (("--launch-type", "EC2", "--exec"), None),
    ],
)
def test_what_is_said_of_capacity_replaces_the_services(
    edactl: Edactl,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    expected: list[str] | None,
) -> None:
    with ecs(monkeypatch, service=SERVICE, definition={"taskRoleArn": "arn:task"}):
        run = edactl("task", "run", "--cluster", "jobs", "--service", "orders", "-n", *options)

    sent = json.loads(run.out)["run_task"]
    strategy = sent.get("capacityProviderStrategy")
    assert (strategy and [one["capacityProvider"] for one in strategy]) == expected
    assert sent.get("launchType") == ("EC2" if expected is None else None)


def test_lines_are_on_stderr_each_with_its_container(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ecs(
        monkeypatch,
        Launch([exited(0, containers=containers(("app", 0), ("proxy", 143)))]),
        containers=[container("app", log=True), container("proxy", log=True, essential=False)],
        lines={
            "ecs/app/t1": [Line(NOON, "a\tb \x1b[2J"), Line(NOON + 1, "end", late=1)],
            "ecs/proxy/t1": [Line(NOON, "ready")],
        },
    ):
        run = edactl(*RUN)

    assert run.status == 0
    lines = [line for line in run.err.splitlines() if not line.startswith("edactl")]
    assert sorted(lines) == ["app   | a\tb \\e[2J", "app   | end", "proxy | ready"]
    assert len(json.loads(run.out)["log_streams"]) == 2


def test_the_lines_of_one_container_have_no_prefix_and_may_be_of_another_region(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = container("app", log=True)
    app["logConfiguration"]["options"] |= {"awslogs-region": "eu-west-1"}
    with ecs(
        monkeypatch,
        Launch([exited(0)]),
        containers=[app],
        lines={"ecs/app/t1": [Line(NOON, "hello")]},
    ):
        run = edactl(*RUN)

    assert "\nhello\n" in f"\n{run.err}"
    assert json.loads(run.out)["log_streams"][0]["region"] == "eu-west-1"


def test_names_of_containers_are_coloured_when_asked_for() -> None:
    from edactl.cli.task_lines import prefix_of

    assert prefix_of("b", ["a", "b"], colored=True) == "\x1b[33mb |\x1b[0m "
    assert prefix_of("a", ["a", "long"], colored=False) == "a    | "


def test_a_run_that_logged_much_is_told_of_lines_that_may_be_missing(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ecs(
        monkeypatch,
        Launch([exited(0)]),
        containers=[container("app", log=True)],
        lines={"ecs/app/t1": [Line(NOON + number, "x") for number in range(10_000)]},
        lines_a_page=5_000,
    ):
        run = edactl(*RUN)

    assert run.err.count("\nx") == 10_000
    assert "container app logged 10000 lines, and its log driver's mode is not set" in run.err


class Gone(io.StringIO):
    """A stream whose reader has gone."""

    def write(self, text: str) -> int:
        raise BrokenPipeError


def test_a_task_is_waited_for_though_nobody_reads_its_lines(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", Gone())
    with ecs(
        monkeypatch,
        Launch([view("RUNNING"), exited(0)]),
        containers=[container("app", log=True)],
        lines={"ecs/app/t1": [Line(NOON, "hello")]},
    ) as scenario:
        run = edactl(*RUN)

    assert run.status == 0
    assert len(scenario.sent("DescribeTasks")) == 2


def test_ctrl_c_stops_the_task_and_ends_with_130(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ecs(monkeypatch, Launch([view("RUNNING", startedAt=NOON)])) as scenario:

        def interrupt() -> None:
            while not scenario.sent("DescribeTasks"):
                time.sleep(0.01)
            os.kill(os.getpid(), signal.SIGINT)

        thread = threading.Thread(target=interrupt)
        thread.start()
        run = edactl(*RUN)
        thread.join()

    assert run.status == 130
    result = json.loads(run.out)
    assert (result["outcome"], result["exit_code"]) == ("cancelled", 143)
    assert len(scenario.sent("StopTask")) == 1


@pytest.mark.parametrize(
    ("options", "ends", "stops"),
    [
        (("--timeout", "0.1s"), (124, "timed_out"), 1),
        (("--timeout", "0.1s", "--keep"), (124, "timed_out"), 0),
        (("--detach",), (0, None), 0),
    ],
)
def test_how_a_run_may_end_before_its_task(
    edactl: Edactl,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    ends: tuple[int, str | None],
    stops: int,
) -> None:
    with ecs(monkeypatch, Launch([view("RUNNING", startedAt=NOON)])) as scenario:
        run = edactl(*RUN, *options)

    assert (run.status, json.loads(run.out)["outcome"]) == ends
    assert len(scenario.sent("StopTask")) == stops


@pytest.mark.parametrize(
    ("launch", "said"),
    [
        (
            Launch(error=("ClusterNotFoundException", "Cluster not found.")),
            "the cluster does not exist",
        ),
        (
            Launch(error=("AccessDeniedException", "u may not perform: iam:PassRole on: r")),
            "the caller may not pass the task's roles to ECS",
        ),
        (
            Launch(
                [
                    failed_to_start(
                        "ResourceInitializationError: failed to validate logger args: The specified"
                        " log group does not exist"
                    )
                ]
            ),
            "its log group does not exist or may not be written",
        ),
    ],
)
def test_what_never_started_is_125_with_the_reason(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, launch: Launch, said: str
) -> None:
    with ecs(monkeypatch, launch):
        run = edactl(*RUN)

    assert run.status == 125
    result = json.loads(run.out)
    assert (result["outcome"], result["exit_code"]) == ("never_started", None)
    assert result["explanation"].startswith(said)
    assert result["attempts"][0]["failure_class"] == "configuration"


def test_a_price_file_replaces_the_prices_of_the_table(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    prices = tmp_path / "prices.json"
    prices.write_text('{"us-east-1": {"ARM64": {"vcpu_hour": 3.6, "gb_hour": 0}}}', "utf-8")
    arm = {"runtimePlatform": {"cpuArchitecture": "ARM64"}}
    with ecs(monkeypatch, Launch([exited(0)]), definition=arm):
        run = edactl(*RUN, "--price-file", str(prices))

    result = json.loads(run.out)
    assert result["cost_usd"] == round(75 * 0.25 * 0.001, 6)
    assert result["cost_note"] == f"prices of {prices}"


def test_a_command_that_an_entry_point_swallows_is_warned_of(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = container("app", entryPoint=["sh", "-c"])
    with ecs(monkeypatch, containers=[app]):
        run = edactl(*RUN, "--dry-run", "--", "echo", "x")
        silent = edactl(*RUN, "--dry-run")

    assert 'container app has the entry point "sh -c": it gets the command; of it' in run.err
    assert "entry point" not in silent.err


def test_a_container_without_a_log_driver_is_told(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ecs(monkeypatch, Launch(SUCCESS)):
        run = edactl(*RUN, "--dry-run")

    assert "container app has no log driver: its lines are kept nowhere" in run.err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "what is to be run?"),
        (
            ("--task-definition", "a", "--service", "b"),
            "both --task-definition and --service are given",
        ),
        (("--service", "a", "--env", "X"), '--env: "X" is no NAME=VALUE'),
        (("--service", "a", "--tag", "=X"), '--tag: "=X" is no NAME=VALUE'),
        (("--service", "a", "--tag", "AWS:x=1"), '"AWS:x": AWS keeps the names that start with'),
        (("--service", "a", "--timeout", "soon"), '--timeout: "soon" is not a duration'),
        (("--service", "a", "--launch-timeout", "x"), '--launch-timeout: "x" is not a duration'),
        (("--service", "a", "--keep", "--detach"), "--keep and --detach say the same"),
        (
            ("--service", "a", "--spot", "--launch-type", "FARGATE"),
            "--spot and --launch-type exclude each other",
        ),
        (
            ("--service", "a", "--capacity-provider", "x", "--launch-type", "FARGATE"),
            "--capacity-provider and --launch-type exclude each other",
        ),
        (
            ("--service", "a", "--spot", "--capacity-provider", "x"),
            "--spot and --capacity-provider exclude each other",
        ),
        (("--service", "a", "--launch-type", "MOON"), '--launch-type "MOON"'),
        (("--service", "a", "--spot", "--fallback", "x"), '--fallback "x"'),
        (("--service", "a", "--fallback", "on-demand"), "--fallback is for --spot"),
        (
            ("--task-definition", "a", "--public-ip"),
            "--security-group and --public-ip need --subnet",
        ),
        (("--service", "a", "--image", "x y"), '--image "x y" names no image'),
        (("--service", "a", "--entry-point", "x"), "RunTask cannot override the entry point"),
        (("--service", "a", "--secret", "x"), "RunTask cannot override the secrets"),
        (("--service", "a", "--env-file", "/nope"), "/nope: cannot be read"),
        (("--service", "a", "--price-file", "/nope"), "/nope: cannot be read"),
    ],
)
def test_a_wrong_command_line_is_refused_before_any_call(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], message: str
) -> None:
    with ecs(monkeypatch) as scenario:
        run = edactl("task", "run", *options)

    assert (run.status, run.out) == (252, "")
    assert message in run.err
    assert "  try: " in run.err or "--tag: " in run.err or "NAME=VALUE" in run.err
    assert scenario.requests == []


@pytest.mark.parametrize(
    ("option", "text", "message"),
    [
        ("--env-file", "A=1\nbroken\n", '<stdin>:2: "broken" is no NAME=VALUE'),
        ("--price-file", "{", "<stdin>: it is no JSON: "),
    ],
)
def test_a_bad_file_is_refused_with_the_place(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, option: str, text: str, message: str
) -> None:
    with ecs(monkeypatch) as scenario:
        run = edactl(*RUN, option, "-", stdin=text)

    assert run.status == 252
    assert message in run.err
    assert scenario.requests == []


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        (("--container", "web"), 'orders:7 has no container "web"', "--container app"),
        (("--memory", "4096"), "no task of 256 CPU units and 4096 MiB", "--cpu 512 --memory 4096"),
        (("--env", f"BIG={'x' * 9000}"), "the biggest is --env BIG with 9003", "S3"),
        (("--ephemeral-storage", "5"), "Fargate gives 21 to 200 GiB", "20 GiB"),
        (("--started-by", "a b"), '--started-by "a b" is not taken by ECS', "letters"),
    ],
)
def test_overrides_that_ecs_would_refuse_are_refused_first(
    edactl: Edactl,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    message: str,
    hint: str,
) -> None:
    with ecs(monkeypatch) as scenario:
        run = edactl(*RUN, *options)

    assert (run.status, run.out) == (252, "")
    assert message in run.err
    assert hint in run.err
    assert scenario.sent("RunTask") == []


@pytest.mark.parametrize(
    ("service", "message"),
    [
        (
            {"launchType": "EC2", "capacityProviderStrategy": []},
            'service "orders" runs on EC2, not on Fargate',
        ),
        (
            {"networkConfiguration": None},
            'service "orders" has no awsvpc network that a task could share',
        ),
    ],
)
def test_a_service_whose_tasks_cannot_be_run_alike_is_refused(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, service: dict[str, Any], message: str
) -> None:
    with ecs(monkeypatch, service=SERVICE | service):
        run = edactl("task", "run", "--cluster", "jobs", "--service", "orders")

    assert run.status == 252
    assert message in run.err
    assert "--task-definition orders:7" in run.err


@pytest.mark.parametrize(
    ("definition", "option", "message"),
    [
        (
            {"requiresCompatibilities": ["EC2"]},
            "--spot",
            "orders:7 is for EC2, not for Fargate",
        ),
        (
            {"runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}},
            "--spot",
            "orders:7 is Windows, and Fargate Spot runs Linux alone",
        ),
        ({}, "--exec", "--exec needs a task role, and task definition orders:7 has none"),
    ],
)
def test_what_its_capacity_cannot_run_is_refused_first(
    edactl: Edactl,
    monkeypatch: pytest.MonkeyPatch,
    definition: dict[str, Any],
    option: str,
    message: str,
) -> None:
    with ecs(monkeypatch, definition=definition) as scenario:
        run = edactl(*RUN, option)

    assert (run.status, run.out) == (252, "")
    assert message in run.err
    assert "  try: " in run.err
    assert scenario.sent("RunTask") == []


def test_sizes_of_ec2_are_its_own(edactl: Edactl, monkeypatch: pytest.MonkeyPatch) -> None:
    both = {"requiresCompatibilities": ["EC2", "FARGATE"]}
    with ecs(monkeypatch, definition=both):
        run = edactl(*RUN, "--launch-type", "EC2", "--memory", "700", "--dry-run")

    assert json.loads(run.out)["run_task"]["overrides"] == {"memory": "700"}


def test_without_a_word_on_capacity_a_definition_for_ec2_is_left_to_the_cluster(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    bridge = {"requiresCompatibilities": ["EC2"], "networkMode": "bridge"}
    with ecs(monkeypatch, definition=bridge):
        run = edactl("task", "run", "--task-definition", "orders", "--memory", "700", "-n")

    sent = json.loads(run.out)["run_task"]
    assert sent["overrides"] == {"memory": "700"}
    assert "launchType" not in sent


def test_with_exec_the_task_lets_operators_in(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ecs(monkeypatch):
        run = edactl(*RUN, "--exec", "--task-role", "arn:task", "--dry-run")

    assert json.loads(run.out)["run_task"]["enableExecuteCommand"] is True


def test_an_inactive_revision_and_a_missing_network_are_refused(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ecs(monkeypatch):
        no_network = edactl("task", "run", "--task-definition", "orders")
    with ecs(monkeypatch, definition={"status": "INACTIVE"}):
        inactive = edactl(*RUN)

    assert (no_network.status, inactive.status) == (252, 252)
    assert "task definition orders:7 needs a network (awsvpc)" in no_network.err
    assert "task definition orders:7 is INACTIVE" in inactive.err


@pytest.mark.parametrize(
    ("options", "errors", "message"),
    [
        (("--service", "nope"), {}, 'service "nope" does not exist in cluster "jobs"'),
        (
            ("--service", "nope"),
            {"DescribeServices": ("ClusterNotFoundException", "Cluster not found.")},
            'cluster "jobs" does not exist in us-east-1',
        ),
        (
            ("--task-definition", "nope:3"),
            {
                "DescribeTaskDefinition": (
                    "ClientException",
                    "Unable to describe task definition.",
                )
            },
            'task definition "nope:3" does not exist in us-east-1',
        ),
        (
            ("--task-definition", "nope"),
            {"DescribeTaskDefinition": ("AccessDeniedException", "no")},
            "lacks ecs:DescribeTaskDefinition",
        ),
    ],
)
def test_what_does_not_exist_is_named(
    edactl: Edactl,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    errors: dict[str, tuple[str, str]],
    message: str,
) -> None:
    with ecs(monkeypatch, errors=errors):
        run = edactl("task", "run", "--cluster", "jobs", *options)

    assert (run.status, run.out) == (254, "")
    assert message in run.err


def test_a_windows_task_has_no_price_and_says_so(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows = {"runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}}
    with ecs(monkeypatch, Launch([exited(0)]), definition=windows):
        result = json.loads(edactl(*RUN).out)

    assert result["cost_usd"] is None
    assert result["cost_note"] == "no price of WINDOWS in us-east-1 is known: --price-file FILE"
