"""task map over ten thousand items: the pace that is kept, CPU, and memory.

The stub is a process of its own that starts each task, lets it start for 5 s and run for 25 s, and
notes when each launch came. CPU and memory are those of the whole edactl process.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.loopback_stub import loopback_stub

EDACTL = str(Path(sys.executable).parent / "edactl")

STUB = """
import threading, time
BASE = "arn:aws:ecs:us-east-1:000000000000:"
tasks, launches, polled, lock = {}, [], [0], threading.Lock()
def shown(arn):
    age, now = time.time() - tasks[arn], tasks[arn]
    task = {"taskArn": arn, "clusterArn": BASE + "cluster/jobs", "cpu": "256", "memory": "512",
            "taskDefinitionArn": BASE + "task-definition/orders:7", "desiredStatus": "RUNNING",
            "launchType": "FARGATE", "platformVersion": "1.4.0", "createdAt": now, "version": 3,
            "group": "family:orders", "startedBy": "edactl/0123456789abcdef/1", "tags": [],
            "availabilityZone": "us-east-1a", "connectivity": "CONNECTED",
            "attachments": [{"id": "a", "type": "ElasticNetworkInterface", "status": "ATTACHED",
                             "details": [{"name": "subnetId", "value": "subnet-1"},
                                         {"name": "networkInterfaceId", "value": "eni-1"}]}],
            "containers": [{"name": "app", "lastStatus": "PENDING", "image": "busybox",
                            "containerArn": BASE + "container/jobs/1", "cpu": "0"}],
            "overrides": {"containerOverrides": [{"name": "app", "command": ["encode", "k"]}]},
            "lastStatus": "PENDING"}
    if age > 5:
        task |= {"lastStatus": "RUNNING", "startedAt": now + 5, "pullStartedAt": now + 2}
    if age > 30:
        task |= {"lastStatus": "STOPPED", "stopCode": "EssentialContainerExited",
                 "stoppedReason": "Essential container in task exited", "stoppedAt": now + 30,
                 "executionStoppedAt": now + 29}
        task["containers"][0] |= {"lastStatus": "STOPPED", "exitCode": 0}
    return task
def answer(name, body):
    if name == "RunTask":
        with lock:
            arns = [BASE + f"task/jobs/{len(launches) + one:032x}" for one in range(body["count"])]
            launches.extend([time.monotonic()] * body["count"])
        tasks.update(dict.fromkeys(arns, time.time()))
        return {"tasks": [shown(arn) for arn in arns], "failures": []}
    if name == "DescribeTasks":
        with lock:
            polled[0] += len(body["tasks"])
        return {"tasks": [shown(arn) for arn in body["tasks"]], "failures": []}
    if name == "Measured":
        return {"launches": launches, "polled": polled[0]}
    return {"taskDefinition": {"taskDefinitionArn": BASE + "task-definition/orders:7",
            "family": "orders", "revision": 7, "status": "ACTIVE", "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
            "containerDefinitions": [{"name": "app", "essential": True}]}}
"""


def measured(url: str) -> dict[str, list[float] | int]:
    """What the stub noted."""
    connection = HTTPConnection(url.removeprefix("http://"))
    connection.request("POST", "/", b"{}", {"X-Amz-Target": "x.Measured"})
    found: dict[str, list[float] | int] = json.load(connection.getresponse())
    return found


def run(items: int, pace: float, parallel: int, *, equal: bool) -> None:
    """Run one map, and print what it took."""
    with tempfile.TemporaryDirectory() as folder, loopback_stub(STUB) as environment:
        path, out = Path(folder) / "items.ndjson", Path(folder) / "out"
        lines = (json.dumps({"id": one, "key": f"films/{one:06}.mxf"}) for one in range(items))
        path.write_text("\n".join(lines) + "\n", "utf-8")
        command = [EDACTL, "task", "map", "--each", str(path), "--state", f"{folder}/state"]
        command += ["--cluster", "jobs", "--task-definition", "orders", "--subnet", "subnet-1"]
        command += ["--pace", str(pace), "--parallel", str(parallel), "-o", "ndjson"]
        command += ["--env", "ITEM=same"] if equal else ["--", "encode", "{key}"]
        with out.open("w", encoding="utf-8") as opened:
            done = subprocess.run(command, env=environment, stdout=opened, check=False)
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        written = out.read_text("utf-8").count('"outcome":"succeeded","exit_code"')
        found = measured(environment["AWS_ENDPOINT_URL"])
    launches, polled = found["launches"], found["polled"]
    assert isinstance(launches, list)
    assert isinstance(polled, int)
    rate = (len(launches) - 1) / (launches[-1] - launches[0])
    cpu = usage.ru_utime + usage.ru_stime
    print(f"status {done.returncode}, {written} of {items} succeeded, {len(launches)} launched")
    print(f"launches: {rate:.2f}/s asked {pace:g}, off by {100 * (rate / pace - 1):+.2f} %")
    print(f"CPU {cpu:.1f} s, {1000 * cpu / items:.2f} s per 1,000 items,")
    print(f"  {1000 * cpu / polled:.2f} s per 1,000 tasks polled ({polled} polled)")
    print(f"peak memory {usage.ru_maxrss / 1024:.0f} MB")


def main() -> None:
    """One run by the options."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--pace", type=float, default=20)
    parser.add_argument("--parallel", type=int, default=1000)
    parser.add_argument("--equal", action="store_true", help="equal tasks: ten a call")
    chosen = parser.parse_args()
    run(chosen.items, chosen.pace, chosen.parallel, equal=chosen.equal)


if __name__ == "__main__":
    main()
