"""A map's state machine on the sandbox, which runs its tasks, but has no ResultWriter."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from edactl.sandbox.state import SandboxState
from tests.sandbox_queues import SandboxQueues

EXECUTABLE = str(Path(sys.executable).parent / "edactl")
PATIENCE_SECONDS = 60.0


def test_each_item_runs_with_its_own_command_and_environment(
    sandbox: SandboxState, tmp_path: Path
) -> None:
    call = SandboxQueues(sandbox).session.call
    call("s3", "create_bucket", Bucket="films")
    call("ecs", "create_cluster", clusterName="default")
    call(
        "ecs",
        "register_task_definition",
        family="job",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[{"name": "app", "image": "busybox", "memory": 512}],
    )
    items = tmp_path / "items.ndjson"
    items.write_text(
        '[{"id": 1, "at": {"city": "Oslo"}},\n {"id": 2, "at": {"city": "Rom"}}]', "utf-8"
    )
    command = [EXECUTABLE, "task", "map", "--each", str(items), "--task-definition", "job"]
    command += ["--subnet", "subnet-1", "--via", "stepfunctions", "--bucket", "films"]
    command += ["--state-machine-role", "arn:aws:iam::000000000000:role/map"]
    command += ["--env", "CITY={at.city}", "--", "encode", "{id}"]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )

    tasks = _tasks(call, 2, process)
    for task in tasks:
        call("ecs", "stop_task", task=task["taskArn"])
    _, err = process.communicate(timeout=PATIENCE_SECONDS)

    overrides = [task["overrides"]["containerOverrides"][0] for task in tasks]
    assert sorted((one["command"], one["environment"]) for one in overrides) == [
        (["encode", "1"], [{"name": "CITY", "value": "Oslo"}]),
        (["encode", "2"], [{"name": "CITY", "value": "Rom"}]),
    ]
    assert "2 items in s3://films/edactl-task-map/" in err
    assert "execution SUCCEEDED" in err
    assert "wrote no results to S3" in err
    assert process.returncode == 2


def _tasks(call: Any, count: int, process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """So many tasks, once they run."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        arns = call("ecs", "list_tasks")["taskArns"]
        if len(arns) == count:
            found: list[dict[str, Any]] = call("ecs", "describe_tasks", tasks=arns)["tasks"]
            return found
        time.sleep(0.1)
    raise AssertionError("the tasks did not start")
