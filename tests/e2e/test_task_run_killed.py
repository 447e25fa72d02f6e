"""The real executable against a scripted ECS: killed, told to end, and taken up again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.scripted_ecs import NOON, Launch, Scenario, exited, scripted_ecs, view

RUNNING = view("RUNNING", startedAt=NOON)
RUN = [
    *(sys.executable, "-m", "edactl", "task", "run", "--cluster", "jobs"),
    *("--task-definition", "orders", "--subnet", "subnet-1", "--idempotency-key", "night-1"),
]


@contextmanager
def started(scenario: Scenario, url: str) -> Iterator[subprocess.Popen[str]]:
    """A run that has looked at its task once; it is gone afterwards."""
    process = run(url)
    try:
        while len(scenario.sent("DescribeTasks")) < 2 and process.poll() is None:
            time.sleep(0.01)
        yield process
    finally:
        process.kill()
        process.communicate()


def run(url: str) -> subprocess.Popen[str]:
    environment = os.environ | {
        "AWS_ACCESS_KEY_ID": "AKIATESTTESTTEST0000",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": url,
    }
    streams: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(RUN, env=environment, text=True, **streams)


def test_a_run_that_was_killed_is_taken_up_by_its_key_and_starts_no_second_task() -> None:
    scenario = Scenario(launches=[Launch([RUNNING] * 50)])
    with scripted_ecs(scenario) as url:
        with started(scenario, url) as process:
            process.send_signal(signal.SIGKILL)
            process.wait()
        [task] = scenario.tasks.values()
        task.views = [exited(7)]
        again = run(url)
        out, err = again.communicate(timeout=60)

    assert again.returncode == 7
    assert json.loads(out)["exit_code"] == 7
    assert "found task t1, which an earlier attempt of this run started" in err
    assert len(scenario.sent("RunTask")) == 1
    assert scenario.sent("StopTask") == []


def test_sigterm_stops_the_task_and_ends_with_143() -> None:
    scenario = Scenario(launches=[Launch([RUNNING])])
    with scripted_ecs(scenario) as url, started(scenario, url) as process:
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=60)

    assert process.returncode == 143
    assert json.loads(out)["outcome"] == "cancelled"
    assert len(scenario.sent("StopTask")) == 1
