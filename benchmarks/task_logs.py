"""task logs and task run on a task that has logged a lot: lines a second, CPU, memory.

The stub is a process of its own that gives 10,000 lines a page, as GetLogEvents does at most.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

EDACTL = str(Path(sys.executable).parent / "edactl")

STUB = """
import json, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
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
        return json.dumps({"tasks": [TASK | {"lastStatus": "PENDING"}], "failures": []}).encode()
    if name == "DescribeTasks":
        return json.dumps({"tasks": [TASK], "failures": []}).encode()
    return json.dumps({"taskDefinition": {"taskDefinitionArn": BASE + "task-definition/orders:7",
        "family": "orders", "revision": 7, "status": "ACTIVE", "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
        "containerDefinitions": [{"name": "app", "essential": True,
                                  "logConfiguration": LOG}]}}).encode()
class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def setup(self):
        super().setup()
        self.connection.setsockopt(6, 1, 1)
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        data = answer(self.headers["X-Amz-Target"].rsplit(".", 1)[1], body)
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
    def log_message(self, *a): pass
server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
print(server.server_address[1], flush=True)
server.serve_forever()
"""


def run(lines: int) -> None:
    """Read the lines by both commands, and print what that took."""
    stub = subprocess.Popen(
        [sys.executable, "-c", STUB, str(lines)], stdout=subprocess.PIPE, text=True
    )
    assert stub.stdout is not None
    port = stub.stdout.readline().strip()
    environment = os.environ | {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_REGION": "us-east-1",
        "EDACTL_SANDBOX": "0",
    }
    task = "arn:aws:ecs:us-east-1:000000000000:task/jobs/t1"
    run_task = ("task", "run", "--cluster", "jobs", "--task-definition", "orders")
    commands = {
        "task logs": (EDACTL, "task", "logs", task),
        "task run (its drain of a second or more taken off)": (EDACTL, *run_task, "--subnet", "s"),
    }
    for name, command in commands.items():
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.monotonic()
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
        wall = time.monotonic() - began
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        out = done.stdout if name == "task logs" else done.stderr
        shown = out.count(b"INFO film")
        print(f"{name}: status {done.returncode}, {shown} of {lines} lines")
        print(f"  {lines / wall:,.0f} lines/s of wall time, {lines / cpu:,.0f} of CPU time")
        print(f"  peak memory so far {after.ru_maxrss / 1024:.0f} MB")
    stub.kill()
    stub.wait()


def main() -> None:
    """One run of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    run(parser.parse_args().lines)


if __name__ == "__main__":
    main()
