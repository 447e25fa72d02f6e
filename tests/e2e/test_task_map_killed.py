"""A task map that is killed between a launch and its answer, and resumed: no item runs twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scripted_ecs import Launch, Scenario, exited, scripted_ecs, view

EXECUTABLE = str(Path(sys.executable).parent / "edactl")
ITEMS = 40
PATIENCE_SECONDS = 90.0


class Ecs:
    """A scripted ECS, and processes of a map that talk to it."""

    def __init__(self, scenario: Scenario, url: str, folder: Path) -> None:
        self.scenario, self.state = scenario, folder / "state.ndjson"
        self.environment = os.environ | {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "AKIATESTTESTTEST0000",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "us-east-1",
            "HOME": str(folder),
        }
        items = folder / "items.ndjson"
        items.write_text("".join(f'{{"id":{number}}}\n' for number in range(ITEMS)), "utf-8")
        self.command = [EXECUTABLE, "task", "map", "--each", str(items), "--cluster", "jobs"]
        self.command += ["--task-definition", "orders", "--subnet", "subnet-1", "--pace", "100"]
        self.command += ["--parallel", "10"]

    def start(self, *more: str) -> subprocess.Popen[str]:
        way = ["--resume", str(self.state)] if self.state.exists() else ["--state", str(self.state)]
        return subprocess.Popen(
            [*self.command, *way, *more],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def killed_at(self, launches: int) -> subprocess.Popen[str]:
        """A map that is killed when so many launches were made, before the last one's answer."""
        running: list[subprocess.Popen[str]] = []
        self.scenario.before_answer = lambda made: running[0].kill() if made == launches else None
        with self.scenario.lock:  # nothing is answered before it is known here
            running.append(self.start())
        return running[0]

    def items_of_tasks(self) -> Counter[str]:
        """How many tasks were started for each item."""
        tokens = {
            body["clientToken"]: body["overrides"]["containerOverrides"][0]["environment"][0]
            for body in self.scenario.sent("RunTask")
        }
        return Counter(tokens[one.token]["value"] for one in self.scenario.tasks.values())


@pytest.fixture
def ecs(tmp_path: Path) -> Iterator[Ecs]:
    scenario = Scenario(otherwise=Launch([view("RUNNING", startedAt=1), exited(0)]))
    with scripted_ecs(scenario) as url:
        yield Ecs(scenario, url, tmp_path)


def test_killed_as_launches_are_in_flight_and_resumed_no_item_runs_twice(ecs: Ecs) -> None:
    for launches in (1, 7, 23):
        running = ecs.killed_at(launches)
        running.communicate(timeout=PATIENCE_SECONDS)
        assert running.returncode == -signal.SIGKILL
    out, err = ecs.start().communicate(timeout=PATIENCE_SECONDS)

    balance = json.loads(out)
    assert (balance["succeeded"], balance["left"], balance["items"]) == (ITEMS, 0, ITEMS), err
    assert balance["possibly_repeated"] == 0
    assert balance["tasks_launched"] == ITEMS
    assert set(ecs.items_of_tasks().values()) == {1}
    assert len(ecs.scenario.tasks) == ITEMS


def test_equal_tasks_of_a_call_are_not_doubled_either(ecs: Ecs) -> None:
    ecs.command += ["--env", "ITEM=same"]
    ecs.killed_at(1).communicate(timeout=PATIENCE_SECONDS)
    out, err = ecs.start().communicate(timeout=PATIENCE_SECONDS)

    assert json.loads(out)["succeeded"] == ITEMS, err
    assert len(ecs.scenario.tasks) == ITEMS


def test_a_state_file_that_cannot_grow_launches_nothing_unseen(ecs: Ecs) -> None:
    limited = ["bash", "-c", 'ulimit -f 4; exec "$@"', "bash", *ecs.command]
    full = subprocess.run(
        [*limited, "--state", str(ecs.state)],
        env=ecs.environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    out, err = ecs.start().communicate(timeout=PATIENCE_SECONDS)

    assert full.returncode == 2, full.stderr
    assert "cannot be written: File too large" in full.stderr
    assert json.loads(out)["succeeded"] == ITEMS, err
    assert len(ecs.scenario.tasks) == ITEMS


def test_when_the_reader_of_stdout_goes_the_tasks_are_stopped(ecs: Ecs) -> None:
    ecs.scenario.launches = [Launch([exited(0)])]
    ecs.scenario.otherwise = Launch([view("RUNNING", startedAt=1)])
    process = ecs.start("-o", "ndjson")
    assert process.stdout is not None
    process.stdout.close()
    status = process.wait(timeout=PATIENCE_SECONDS)

    assert process.stderr is not None
    err = process.stderr.read()
    process.stderr.close()
    assert status == 141, err
    assert "tasks were stopped with the run" in err
    assert len(ecs.scenario.sent("StopTask")) == len(ecs.scenario.tasks) - 1
