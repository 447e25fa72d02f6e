"""A loopback AWS with one ECS service, its scaling, and CloudWatch, that keeps what it is told.

RegisterScalableTarget, PutScalingPolicy and their opposites change what the describing operations
answer next. GetMetricData gives the points of each Id that was asked for. Times are seconds since
1970, as AWS's JSON has them.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.scripted_aws import Answer, Request, scripted_aws

ACCOUNT, REGION = "000000000000", "eu-west-1"
JSON = "application/x-amz-json-1.1"
ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/jobs/orders"
Body = dict[str, Any]


def service(**more: Any) -> Body:
    """What DescribeServices tells of jobs/orders."""
    return {
        "serviceName": "orders",
        "serviceArn": ARN,
        "clusterArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/jobs",
        "status": "ACTIVE",
        "desiredCount": 2,
        "runningCount": 2,
        "pendingCount": 0,
        "deployments": [],
        "events": [],
    } | more


@dataclass
class ScalingWorld:
    """What there is, and what was asked: `requests` is (operation, body) in order.

    `errors` refuses an operation by (code, message). `kill_at` is an operation during which the
    process in `victim` is killed, or sent `signal`, before it is carried out or, with
    `carried_out`, after that.
    """

    service: Body | None = field(default_factory=service)
    target: Body | None = None
    policies: dict[str, Body] = field(default_factory=dict)
    points: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    activities: list[Body] = field(default_factory=list)
    alarms: list[Body] = field(default_factory=list)
    alarm_history: list[Body] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    protected: list[Body] = field(default_factory=list)
    queue: dict[str, str] | None = None
    errors: dict[str, tuple[str, str]] = field(default_factory=dict)
    requests: list[tuple[str, Body]] = field(default_factory=list)
    kill_at: str = ""
    carried_out: bool = False
    victim: int = 0
    signal: int = signal.SIGKILL
    lock: threading.Lock = field(default_factory=threading.Lock)

    def sent(self, operation: str) -> list[Body]:
        """The requests of one operation."""
        return [body for name, body in self.requests if name == operation]

    @property
    def writes(self) -> list[str]:
        """The operations that changed something, or were to."""
        reading = ("Describe", "Get", "List")
        return [name for name, _ in self.requests if not name.startswith(reading)]


def with_data(**more: Any) -> ScalingWorld:
    """A service whose metrics have data: 30 messages wait for 2 tasks."""
    now = time.time()
    values = {"visible": 30.0, "sent": 60.0, "running": 2.0, "tasks": 2.0}
    values |= {"backlog_per_task": 15.0, "load_per_slot": 0.5}
    points = {
        name: [(now - 60 * ago, value + ago) for ago in range(1, 4)]
        for name, value in values.items()
    }
    return ScalingWorld(points=points, **more)


@contextmanager
def scripted_scaling(world: ScalingWorld) -> Iterator[str]:
    """The endpoint's URL."""

    def answer(request: Request) -> Answer:
        operation = request.headers["X-Amz-Target"].rpartition(".")[2]
        body = json.loads(request.body or "{}")
        with world.lock:
            world.requests.append((operation, body))
            status, content = _answered(world, operation, body)
        return Answer(status, json.dumps(content), JSON)

    with scripted_aws(answer) as endpoint:
        yield endpoint.url


def _answered(world: ScalingWorld, operation: str, body: Body) -> tuple[int, Body]:
    if operation in world.errors:
        code, message = world.errors[operation]
        return 400, {"__type": code, "message": message}
    dies = operation == world.kill_at
    if dies and not world.carried_out:
        os.kill(world.victim, world.signal)
        return 500, {}
    content = _play(world, operation, body)
    if dies:
        os.kill(world.victim, world.signal)
    return 200, content


def _play(world: ScalingWorld, operation: str, body: Body) -> Body:
    reading = _READING.get(operation)
    return reading(world, body) if reading else _changed(world, operation, body)


def _policies(world: ScalingWorld, _body: Body) -> Body:
    alarms = [{"AlarmName": one["AlarmName"], "AlarmARN": "arn:a"} for one in world.alarms]
    made = {"PolicyARN": "arn:p", "CreationTime": 0, "Alarms": alarms}
    return {"ScalingPolicies": [policy | made for policy in world.policies.values()]}


def _alarms(world: ScalingWorld, body: Body) -> Body:
    wanted = body["AlarmNames"]
    return {"MetricAlarms": [one for one in world.alarms if one["AlarmName"] in wanted]}


def _history(world: ScalingWorld, body: Body) -> Body:
    name = body["AlarmName"]
    return {"AlarmHistoryItems": [one for one in world.alarm_history if one["AlarmName"] == name]}


_READING: dict[str, Callable[[ScalingWorld, Body], Body]] = {
    "DescribeServices": lambda world, _: {
        "services": [world.service] if world.service else [],
        "failures": [],
    },
    "ListTasks": lambda world, _: {"taskArns": world.tasks},
    "GetTaskProtection": lambda world, _: {"protectedTasks": world.protected, "failures": []},
    "DescribeScalableTargets": lambda world, _: {
        "ScalableTargets": [_target(world.target)] if world.target else []
    },
    "DescribeScalingPolicies": _policies,
    "DescribeScalingActivities": lambda world, _: {"ScalingActivities": world.activities},
    "DescribeAlarms": _alarms,
    "DescribeAlarmHistory": _history,
    "GetMetricData": lambda world, body: {
        "MetricDataResults": [_points(world, one) for one in body["MetricDataQueries"]]
    },
    "GetQueueUrl": lambda _, body: {"QueueUrl": f"http://127.0.0.1/{ACCOUNT}/{body['QueueName']}"},
    "GetQueueAttributes": lambda world, _: {"Attributes": world.queue or {}},
}


def _target(target: Body) -> Body:
    return {
        "ServiceNamespace": "ecs",
        "ResourceId": "service/jobs/orders",
        "ScalableDimension": "ecs:service:DesiredCount",
        "RoleARN": "arn:aws:iam::000000000000:role/r",
        "CreationTime": 0,
    } | target


def _points(world: ScalingWorld, query: Body) -> Body:
    points = world.points.get(query["Id"], [])
    return {
        "Id": query["Id"],
        "Label": query["Id"],
        "StatusCode": "Complete",
        "Timestamps": [moment for moment, _ in points],
        "Values": [value for _, value in points],
    }


def _changed(world: ScalingWorld, operation: str, body: Body) -> Body:
    match operation:
        case "RegisterScalableTarget":
            world.target = (world.target or {}) | {
                name: body[name] for name in ("MinCapacity", "MaxCapacity")
            }
            return {"ScalableTargetARN": "arn:t"}
        case "PutScalingPolicy":
            world.policies[body["PolicyName"]] = body
            return {"PolicyARN": "arn:p", "Alarms": []}
        case "DeleteScalingPolicy":
            del world.policies[body["PolicyName"]]
            return {}
        case "DeregisterScalableTarget":
            world.target = None
            world.policies.clear()
            return {}
    raise AssertionError(operation)
