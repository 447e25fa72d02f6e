"""task logs and task run on a task that has logged a lot: lines a second, CPU, memory.

The stub is a process of its own that gives 10,000 lines a page, as GetLogEvents does at most.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from benchmarks.loopback_stub import loopback_stub

EDACTL = str(Path(sys.executable).parent / "edactl")

STUB = """
import json, sys
LINES, PAGE, BASE = int(sys.argv[1]), 10_000, "arn:aws:ecs:us-east-1:000000000000:"
TASK = {"taskArn": BASE + "task/jobs/t1", "clusterArn": BASE + "cluster/jobs", "tags": [],
        "taskDefinitionArn": BASE + "task-definition/orders:7", "lastStatus": "STOPPED",
        "stopCode": "EssentialContainerExited", "cpu": "256", "memory": "512",
        "createdAt": 1780315200, "startedAt": 1780315210, "executionStoppedAt": 1780315230,
        "stoppedAt": 1780315260, "launchType": "FARGATE",
        "containers": [{"name": "app", "lastStatus": "STOPPED", "exitCode": 0}]}
LOG = {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/app",
                                           "awslogs-stream-prefix": "ecs"}}
pages = []
for start in range(0, LINES, PAGE):
    numbers = range(start, min(start + PAGE, LINES))
    pages.append(json.dumps({"nextForwardToken": f"f/{start + PAGE}", "events": [
        {"timestamp": 1780315210000 + one, "ingestionTime": 1780315210000 + one,
         "message": f"INFO film {one:07} encoded in 12.5 s, 24 frames a second, bitrate 4500"}
        for one in numbers]}).encode())
END = json.dumps({"nextForwardToken": f"f/{len(pages) * PAGE}", "events": []}).encode()
def answer(name, body):
    if name == "GetLogEvents":
        if "startTime" in body and "nextToken" not in body:
            return END
        page = int(body.get("nextToken", "f/0").split("/")[1]) // PAGE
        return pages[page] if page < len(pages) else END
    if name == "RunTask":
        return {"tasks": [TASK | {"lastStatus": "PENDING"}], "failures": []}
    if name == "DescribeTasks":
        return {"tasks": [TASK], "failures": []}
    return {"taskDefinition": {"taskDefinitionArn": BASE + "task-definition/orders:7",
        "family": "orders", "revision": 7, "status": "ACTIVE", "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
        "containerDefinitions": [{"name": "app", "essential": True,
                                  "logConfiguration": LOG}]}}
"""


def run(lines: int) -> None:
    """Read the lines by both commands, and print what that took.

    They are counted as they come: what this process held would be in the child's peak, which
    counts the memory of the process that it was forked from.
    """
    task = "arn:aws:ecs:us-east-1:000000000000:task/jobs/t1"
    run_task = (EDACTL, "task", "run", "--cluster", "jobs", "--task-definition", "orders")
    with loopback_stub(STUB, str(lines)) as environment:
        print("task logs")
        with subprocess.Popen(
            [EDACTL, "task", "logs", task], env=environment, stdout=subprocess.PIPE
        ) as process:
            measure(process, process.stdout, lines)
        print("task run (its drain of a second or more is in it)")
        with subprocess.Popen(
            [*run_task, "--subnet", "s"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as process:
            measure(process, process.stderr, lines)


def measure(process: subprocess.Popen[bytes], out: IO[bytes] | None, lines: int) -> None:
    """Count the lines of the job in what a command writes, and print what it took."""
    began = time.monotonic()
    assert out is not None
    shown = sum(b"INFO film" in line for line in out)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall, cpu = time.monotonic() - began, used.ru_utime + used.ru_stime
    print(f"  status {process.returncode}, {shown} of {lines} lines")
    print(f"  {lines / wall:,.0f} lines/s of wall time, {lines / cpu:,.0f} of CPU time")
    print(f"  peak memory {used.ru_maxrss / 1024:.0f} MB")


def main() -> None:
    """One run of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    run(parser.parse_args().lines)


if __name__ == "__main__":
    main()
