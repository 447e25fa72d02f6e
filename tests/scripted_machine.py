"""A loopback Step Functions, S3 and ECS that run a map's state machine: items end as told.

It reads the machine's definition as AWS would: items from S3 by the input of the execution, the
arguments of each task by JSONata, results by ResultWriter into S3.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from jsonata.jsonata import Jsonata

from tests.scripted_aws import Answer, Request, scripted_aws
from tests.scripted_ecs import ACCOUNT, NOON, REGION, container

JSON = "application/x-amz-json-1.0"
STATES = f"arn:aws:states:{REGION}:{ACCOUNT}"
SUCCEEDED = {"Status": "SUCCEEDED"}


def ended(code: int, **more: Any) -> dict[str, Any]:
    """A record whose task's container `app` ended with this code."""
    task = {
        "TaskArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/jobs/t",
        "LastStatus": "STOPPED",
        "StopCode": "EssentialContainerExited",
        "StoppedReason": "Essential container in task exited",
        "Containers": [{"Name": "app", "LastStatus": "STOPPED", "ExitCode": code}],
        "Cpu": "256",
        "Memory": "512",
        "LaunchType": "FARGATE",
        "CreatedAt": NOON * 1000,
        "PullStartedAt": (NOON + 10) * 1000,
        "PullStoppedAt": "not a time",
        "StartedAt": (NOON + 20) * 1000,
        "ExecutionStoppedAt": (NOON + 80) * 1000,
        "StoppedAt": (NOON + 90) * 1000,
    } | more
    if code == 0:
        return {"Status": "SUCCEEDED", "Output": json.dumps(task)}
    return {"Status": "FAILED", "Error": "States.TaskFailed", "Cause": json.dumps(task)}


@dataclass
class World:
    """What the endpoint plays, and what happened.

    `ends` is what ResultWriter says of each item, by its place. An execution answers `looks` times
    that it runs; with `stuck` until it is stopped. `failure` is the end of the whole execution.
    """

    ends: list[dict[str, Any]] = field(default_factory=list)
    looks: int = 1
    stuck: bool = False
    failure: tuple[str, str] | None = None
    writes_results: bool = True
    errors: dict[str, tuple[str, str]] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    machines: dict[str, dict[str, Any]] = field(default_factory=dict)
    executions: dict[str, dict[str, Any]] = field(default_factory=dict)
    arguments: list[dict[str, Any]] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def sent(self, operation: str) -> list[dict[str, Any]]:
        """The requests of one operation."""
        return [body for name, body in self.calls if name == operation]


@contextmanager
def scripted_machine(world: World) -> Iterator[str]:
    """The endpoint's URL."""

    def answer(request: Request) -> Answer:
        target = request.headers.get("X-Amz-Target")
        if target is None:
            return _s3(world, request)
        operation, body = target.rpartition(".")[2], json.loads(request.body)
        world.calls.append((operation, body))
        if operation in world.errors:
            code, message = world.errors[operation]
            return Answer(400, json.dumps({"__type": code, "message": message}), JSON)
        return Answer(200, json.dumps(_play(world, operation, body)), JSON)

    with scripted_aws(answer) as endpoint:
        yield endpoint.url


def _s3(world: World, request: Request) -> Answer:
    key = request.path.partition("?")[0].removeprefix("/")
    world.calls.append((request.method, {"key": key}))
    if request.method == "PUT":
        world.objects[key] = request.body.encode()
        return Answer(200, "", "application/xml")
    if key not in world.objects:
        text = "<Error><Code>NoSuchKey</Code><Message>The key does not exist.</Message></Error>"
        return Answer(404, text, "application/xml")
    return Answer(200, world.objects[key].decode(), "application/json")


def _play(world: World, operation: str, body: dict[str, Any]) -> dict[str, Any]:
    match operation:
        case "DescribeTaskDefinition":
            return {
                "taskDefinition": {
                    "taskDefinitionArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/orders:7",
                    "family": "orders",
                    "revision": 7,
                    "status": "ACTIVE",
                    "networkMode": "awsvpc",
                    "requiresCompatibilities": ["FARGATE"],
                    "cpu": "256",
                    "memory": "512",
                    "containerDefinitions": [container("app")],
                }
            }
        case "CreateStateMachine":
            arn = f"{STATES}:stateMachine:{body['name']}"
            world.machines[arn] = body
            return {"stateMachineArn": arn, "creationDate": NOON}
        case "StartExecution":
            return {"executionArn": _started(world, body), "startDate": NOON}
        case "DescribeExecution":
            return _execution(world, world.executions[body["executionArn"]])
        case "StopExecution":
            world.executions[body["executionArn"]]["status"] = "ABORTED"
            return {"stopDate": NOON}
        case "ListMapRuns":
            runs = [
                {
                    "mapRunArn": f"{STATES}:mapRun:m/edactl:1",
                    "executionArn": "x",
                    "stateMachineArn": "x",
                    "startDate": NOON,
                }
            ]
            return {"mapRuns": runs if world.looks < 2 else []}
        case "DescribeMapRun":
            return {"itemCounts": _counts(world), "status": "RUNNING"}
    raise AssertionError(operation)


def _started(world: World, body: dict[str, Any]) -> str:
    arn: str = body["stateMachineArn"].replace(":stateMachine:", ":execution:") + f":{body['name']}"
    world.executions[arn] = {
        "executionArn": arn,
        "status": "RUNNING",
        "input": body["input"],
        "machine": body["stateMachineArn"],
    }
    return arn


def _execution(world: World, execution: dict[str, Any]) -> dict[str, Any]:
    if execution["status"] == "RUNNING" and not world.stuck:
        if world.looks > 0:
            world.looks -= 1
        elif world.failure:
            execution["status"] = "FAILED"
            execution["error"], execution["cause"] = world.failure
        else:
            execution["status"] = "SUCCEEDED"
            execution["output"] = json.dumps(_carried_out(world, execution))
    return {**execution, "stateMachineArn": execution["machine"], "startDate": NOON}


def _carried_out(world: World, execution: dict[str, Any]) -> dict[str, Any]:
    """What the Map state gives, once each item has ended."""
    definition = json.loads(world.machines[execution["machine"]]["definition"])
    each = definition["States"][definition["StartAt"]]
    given = json.loads(execution["input"])
    where = {
        name: given[path.removeprefix("$.")]
        for name, path in each["ItemReader"]["Parameters"].items()
    }
    text = world.objects[f"{where['Bucket.$']}/{where['Key.$']}"].decode()
    task = each["ItemProcessor"]["States"][each["ItemProcessor"]["StartAt"]]
    records: dict[str, list[Any]] = {}
    for index, line in enumerate(text.splitlines()):
        item = {"index": index, "item": json.loads(line)}
        world.arguments.append(_evaluated(task["Arguments"], item))
        record = {"Input": json.dumps(item), "InputDetails": {"Included": True}} | world.ends[index]
        records.setdefault(record["Status"], []).append(record)
    if not world.writes_results:
        return {}
    return _written(world, given, records)


def _written(world: World, given: dict[str, Any], records: dict[str, list[Any]]) -> dict[str, Any]:
    folder = f"{given['prefix']}/run-uuid"
    files = {}
    for status, found in records.items():
        key = f"{folder}/{status}_0.json"
        world.objects[f"{given['bucket']}/{key}"] = json.dumps(found).encode()
        files[status] = [{"Key": key, "Size": 1}]
    manifest = {"DestinationBucket": given["bucket"], "MapRunArn": "x", "ResultFiles": files}
    world.objects[f"{given['bucket']}/{folder}/manifest.json"] = json.dumps(manifest).encode()
    details = {"Bucket": given["bucket"], "Key": f"{folder}/manifest.json"}
    return {"MapRunArn": "x", "ResultWriterDetails": details}


def _counts(world: World) -> dict[str, int]:
    by_status = [one["Status"] for one in world.ends]
    found = {
        "total": len(by_status),
        "succeeded": by_status.count("SUCCEEDED"),
        "failed": by_status.count("FAILED"),
        "timedOut": by_status.count("TIMED_OUT"),
        "aborted": by_status.count("ABORTED"),
    }
    return {"pending": 0, "running": 0, "resultsWritten": 0} | found


def _evaluated(value: Any, item: dict[str, Any]) -> Any:
    """The arguments with each JSONata in them replaced by what it gives."""
    if isinstance(value, list):
        return [_evaluated(one, item) for one in value]
    if isinstance(value, dict):
        return {name: _evaluated(one, item) for name, one in value.items()}
    if isinstance(value, str) and value.startswith("{%") and value.endswith("%}"):
        return evaluated(value, item)
    return value


def evaluated(text: str, item: dict[str, Any]) -> Any:
    """What JSONata gives for an item, as the input of a state."""
    compiled = Jsonata(text[2:-2].strip())
    bindings = compiled.create_frame()
    bindings.bind("states", {"input": item})
    return compiled.evaluate(None, bindings)
