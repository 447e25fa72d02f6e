from __future__ import annotations

import io
import json
import os
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
from tests.scripted_machine import STATES, World, ended, scripted_machine

Edactl = Callable[..., Run]
MAP = ("task", "map", "--cluster", "jobs", "--task-definition", "orders:7", "--subnet", "subnet-1")
ROLE = "arn:aws:iam::000000000000:role/map"
VIA = (*MAP, "--via", "stepfunctions", "--bucket", "films", "--state-machine-role", ROLE)
INTERRUPTED = ended(
    143, StopCode="SpotInterruption", StoppedReason="Your Spot Task was interrupted."
)


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATESTTESTTEST0000")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_REGION", "us-east-1")


@contextmanager
def aws(monkeypatch: pytest.MonkeyPatch, *ends: dict[str, Any], **settings: Any) -> Iterator[World]:
    """A scripted Step Functions, S3 and ECS that every command of the block talks to."""
    world = World(list(ends), **settings)
    with scripted_machine(world) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        yield world


@pytest.fixture
def films(tmp_path: Path) -> str:
    """Three items, a blank line between them."""
    path = tmp_path / "films.ndjson"
    path.write_text('{"id":1,"key":"a"}\n\n{"id":2,"key":"b"}\n{"id":3,"key":"ü"}\n', "utf-8")
    return str(path)


def test_a_distributed_map_runs_the_items_and_their_results_come_back_in_the_same_form(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str, tmp_path: Path
) -> None:
    kept = tmp_path / "failed.ndjson"
    command = ("--env", "ID={id}", "--failed-to", str(kept), "--", "run", "{key}")
    with aws(monkeypatch, ended(0), ended(7), INTERRUPTED) as world:
        run = edactl(*VIA, "--each", films, *command)
        lines = edactl(*VIA, "--each", films, "-o", "ndjson", "--", "run", "{key}")

    assert run.status == 2, run.err
    balance = json.loads(run.out)
    assert (balance["succeeded"], balance["failed"], balance["interrupted"]) == (1, 1, 1)
    assert (balance["items"], balance["left"], balance["tasks_launched"]) == (3, 0, 3)
    assert balance["execution_status"] == "SUCCEEDED"
    assert balance["cost_usd"] > 0
    assert balance["failures"][0]["explanation"] == "container app ended with 7"
    [started] = world.sent("StartExecution")[:1]
    given = json.loads(started["input"])
    assert given["bucket"] == "films"
    assert given["key"] == f"edactl-task-map/{started['name']}/items.ndjson"
    items = world.objects[f"films/{given['key']}"].decode()
    assert items == '{"id":1,"key":"a"}\n{"id":2,"key":"b"}\n{"id":3,"key":"ü"}\n'
    containers = [one["Overrides"]["ContainerOverrides"] for one in world.arguments[:3]]
    assert containers == [
        [{"Name": "app", "Command": ["run", key], "Environment": [{"Name": "ID", "Value": number}]}]
        for key, number in (("a", "1"), ("b", "2"), ("ü", "3"))
    ]
    assert world.machines[started["stateMachineArn"]]["roleArn"] == ROLE
    records = [json.loads(line) for line in lines.out.splitlines()]
    found = {one["index"]: (one["line"], one["outcome"], one["exit_code"]) for one in records}
    assert found == {0: (1, "succeeded", 0), 1: (3, "failed", 7), 2: (4, "interrupted", 143)}
    assert records[0]["timeline"]["run_seconds"] == 60
    failed = [json.loads(line) for line in kept.read_text("utf-8").splitlines()]
    assert sorted(one["item"]["id"] for one in failed) == [2, 3]


def test_all_well_is_status_0_and_the_machine_is_made_once(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str
) -> None:
    with aws(monkeypatch, *[ended(0)] * 3) as world:
        first = edactl(*VIA, "--each", films)
        world.looks = 3
        second = edactl(*VIA, "--each", films, "--prefix", "/mine/")

    assert (first.status, second.status) == (0, 0)
    assert "3 items: 3 succeeded, 0 left; execution SUCCEEDED" in first.err
    assert len(world.machines) == 1
    assert len(world.executions) == 2
    assert any(key.startswith("films/mine/") for key in world.objects)


def test_an_execution_is_followed_again_by_its_arn(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str
) -> None:
    with aws(monkeypatch, *[ended(0)] * 3, stuck=True) as world:
        with signals_when(lambda: bool(world.sent("DescribeExecution")), signal.SIGINT):
            left = edactl(*VIA, "--each", films, "--keep")
        world.stuck = False
        [arn] = world.executions
        run = edactl(*VIA, "--each", films, "--resume", arn)

    assert left.status == 130
    assert f"--resume {arn} follows it again" in left.err
    assert json.loads(left.out)["execution_status"] == "RUNNING"
    assert run.status == 0, run.err
    assert world.sent("StopExecution") == []
    assert len(world.sent("StartExecution")) == 1


def test_ctrl_c_stops_the_execution(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str
) -> None:
    with (
        aws(monkeypatch, stuck=True) as world,
        signals_when(lambda: bool(world.sent("DescribeExecution")), signal.SIGINT),
    ):
        run = edactl(*VIA, "--each", films)

    assert run.status == 130
    assert len(world.sent("StopExecution")) == 1
    assert "3 items: 3 left; execution ABORTED" in run.err


def test_an_execution_that_fails_as_a_whole_is_said_with_its_cause(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str
) -> None:
    failure = ("States.ItemReaderFailed", "Access Denied")
    with aws(monkeypatch, failure=failure):
        run = edactl(*VIA, "--each", films)

    assert run.status == 254
    assert "is FAILED: States.ItemReaderFailed (Access Denied)" in run.err
    assert "--write prints the policy" in run.err


def test_items_that_were_not_begun_are_left(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str
) -> None:
    with aws(monkeypatch, ended(0), {"Status": "PENDING"}, {"Status": "ABORTED"}):
        run = edactl(*VIA, "--each", films)

    assert run.status == 2
    balance = json.loads(run.out)
    assert (balance["succeeded"], balance["cancelled"], balance["left"]) == (1, 1, 1)


def test_an_execution_without_results_leaves_its_items(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str
) -> None:
    with aws(monkeypatch, *[ended(0)] * 3, writes_results=False):
        run = edactl(*VIA, "--each", films)

    assert run.status == 2
    assert "wrote no results to S3" in run.err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"what", "not the manifest of a map run"),
        (b'{"ResultFiles":{"FAILED":[{"Key":"gone"}]}}', "s3://films/gone"),
    ],
)
def test_results_that_cannot_be_read_are_said(
    content: bytes, message: str, edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str
) -> None:
    with aws(monkeypatch, *[ended(0)] * 3) as world:
        edactl(*VIA, "--each", films)
        [manifest] = [key for key in world.objects if key.endswith("manifest.json")]
        world.objects[manifest] = content
        [arn] = world.executions
        run = edactl(*VIA, "--each", films, "--resume", arn)

    assert run.status in {252, 254}
    assert message in run.err


def test_an_unknown_execution_is_said(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str
) -> None:
    errors = {"DescribeExecution": ("ExecutionDoesNotExist", "Execution Does Not Exist")}
    with aws(monkeypatch, errors=errors):
        run = edactl(*VIA, "--each", films, "--resume", f"{STATES}:execution:m:e")

    assert run.status == 254
    assert 'execution "e" does not exist' in run.err
    assert "list-executions" in run.err


def test_when_nobody_reads_on_the_status_says_so(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str
) -> None:
    class Closed(io.StringIO):
        def write(self, _text: str) -> int:
            raise BrokenPipeError

    with aws(monkeypatch, *[ended(0)] * 3):
        monkeypatch.setattr(sys, "stdout", Closed())
        run = edactl(*VIA, "--each", films, "-o", "ndjson")

    assert run.status == 141


def test_on_a_terminal_a_line_tells_how_far_it_is(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str
) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Screen()
    with aws(monkeypatch, *[ended(0)] * 3):
        monkeypatch.setattr(sys, "stderr", screen)
        monkeypatch.setenv("COLUMNS", "200")
        edactl(*VIA, "--each", films)

    assert "3 of 3 items ended: 3 succeeded, 0 failed, 0 timed out; 0 running" in screen.getvalue()


def test_a_dry_run_shows_the_machine_and_makes_nothing(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str
) -> None:
    with aws(monkeypatch) as world:
        run = edactl(*VIA, "--each", films, "--dry-run")

    assert run.status == 0
    plan = json.loads(run.out)
    assert (plan["dry_run"], plan["items"], plan["input"]["bucket"]) == (True, 3, "films")
    assert plan["state_machine_name"].startswith("edactl-map-")
    assert plan["state_machine"]["States"]["Each item"]["Type"] == "Map"
    assert [name for name, _ in world.calls] == ["DescribeTaskDefinition"]


# -- printed instead -------------------------------------------------------------------------------


def test_the_machine_is_printed_and_nothing_is_called(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with aws(monkeypatch) as world:
        run = edactl(*MAP, "--via", "stepfunctions", "--write", "--each", films, "--", "{key}")
        without = edactl(*MAP, "--via", "stepfunctions", "--write", "--container", "c", "--", "x")

    assert (run.status, without.status) == (0, 0), run.err
    machine = json.loads(run.out)
    task = machine["States"]["Each item"]["ItemProcessor"]["States"]["Run its task"]
    assert task["Arguments"]["TaskDefinition"] == "orders:7"
    assert task["Arguments"]["LaunchType"] == "FARGATE"
    [container] = task["Arguments"]["Overrides"]["ContainerOverrides"]
    assert container["Name"] == "orders"
    assert 'the container is taken to be called "orders"' in run.err
    policy = json.loads(run.err[run.err.index("{\n") : run.err.rindex("\n}") + 2])
    assert any("iam:PassRole" in one["Action"] for one in policy["Statement"])
    assert "arn:aws:s3:::BUCKET/edactl-task-map/*" in json.dumps(policy)
    assert "is taken to be called" not in without.err
    assert world.calls == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--via", "lambda"), '--via "lambda"'),
        (("--write",), "--write is for --via stepfunctions"),
        (("--bucket", "b"), "--bucket is for --via stepfunctions"),
        (("--via", "stepfunctions"), "needs --bucket BUCKET"),
        (("--via", "stepfunctions", "--bucket", "b"), "needs --state-machine-role ARN"),
        (
            ("--via", "stepfunctions", "--bucket", "b", "--state-machine-role", "arn:aws:s3:::b"),
            "is not the ARN of a role",
        ),
        (("--via", "stepfunctions", "--state", "x"), "--state is not for --via"),
        (
            ("--via", "stepfunctions", "--spot", "--fallback", "on-demand"),
            "--fallback is not for --via",
        ),
    ],
)
def test_options_that_contradict_are_refused(
    arguments: tuple[str, ...],
    message: str,
    edactl: Edactl,
    monkeypatch: pytest.MonkeyPatch,
    films: str,
) -> None:
    with aws(monkeypatch) as world:
        run = edactl(*MAP, "--each", films, *arguments)

    assert run.status == 252, run.err
    assert message in run.err
    assert world.calls == []


def test_a_service_cannot_be_copied_without_a_look(edactl: Edactl) -> None:
    run = edactl("task", "map", "--service", "orders", "--via", "stepfunctions", "--write")

    assert run.status == 252
    assert "--write calls nothing" in run.err


@contextmanager
def signals_when(happened: Callable[[], bool], number: int) -> Iterator[None]:
    """Send this signal to this process once that has happened."""

    def send() -> None:
        deadline = time.monotonic() + 30
        while not happened() and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(os.getpid(), number)

    thread = threading.Thread(target=send)
    thread.start()
    yield
    thread.join()
