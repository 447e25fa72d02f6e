"""A loopback ECS and CloudWatch Logs that play a scenario: launches, lives of tasks, late lines.

Each launch of the scenario is the answer to one RunTask. Each DescribeTasks moves a task one view
on; the last one stays. A log stream gives lines by time, behind a token; a line may come only when
the task has stopped, with a time of before.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.scripted_aws import Answer, Request, scripted_aws

ACCOUNT, REGION = "000000000000", "us-east-1"
JSON = "application/x-amz-json-1.1"
NOON = 1_780_315_200
View = dict[str, Any]


def view(status: str, **more: Any) -> View:
    """A task as one DescribeTasks tells it."""
    return {"lastStatus": status} | more


def containers(*codes: tuple[str, int | None], reason: str = "") -> list[dict[str, Any]]:
    """The containers of a stopped task, with their exit codes."""
    found: list[dict[str, Any]] = []
    for name, code in codes:
        one: dict[str, Any] = {"name": name, "lastStatus": "STOPPED"}
        if code is not None:
            one["exitCode"] = code
        if reason:
            one["reason"] = reason
        found.append(one)
    return found


def exited(code: int | None, *, reason: str = "", **more: Any) -> View:
    """A task whose container `app` ended with this code, a minute after it began."""
    return (
        view(
            "STOPPED",
            stopCode="EssentialContainerExited",
            stoppedReason="Essential container in task exited",
            containers=containers(("app", code), reason=reason),
            createdAt=NOON,
            pullStartedAt=NOON + 10,
            pullStoppedAt=NOON + 20,
            startedAt=NOON + 25,
            executionStoppedAt=NOON + 85,
            stoppedAt=NOON + 115,
        )
        | more
    )


def failed_to_start(reason: str) -> View:
    """A task that never ran."""
    return view(
        "STOPPED",
        stopCode="TaskFailedToStart",
        stoppedReason=reason,
        containers=containers(("app", None), reason=reason),
    )


INTERRUPTED = exited(
    143, stopCode="SpotInterruption", stoppedReason="Your Spot Task was interrupted."
)
SUCCESS = [view("PROVISIONING"), view("PENDING"), view("RUNNING", startedAt=NOON), exited(0)]


@dataclass
class Launch:
    """The answer to one RunTask: a life, a failure, or an error; a ghost lives though it failed.

    With `started` so many of the tasks that were asked for are in the answer, each with this life,
    and the failure is that of the others. Launches that the scenario does not have are as its
    `otherwise`; without that they are refused for good.
    """

    life: list[View] = field(default_factory=list)
    failure: str = ""
    error: tuple[str, str] | None = None
    stopped: View | None = None
    started: int | None = None


def launch_of(document: dict[str, Any]) -> Launch:
    """A launch as a scenario file has it: its `failure` or `error`, and its `life`."""
    error = document.get("error")
    life = [_view_of(one) for one in document.get("life", [])]
    return Launch(life, document.get("failure", ""), (error[0], error[1]) if error else None)


def _view_of(document: str | dict[str, Any]) -> View:
    """A status; or how it ended: `exit`, `never` started, or `interrupted`."""
    match document:
        case "MISSING":
            return view("", missing=True)
        case str(status):
            return view(status)
        case {"never": reason}:
            return failed_to_start(reason)
        case {"interrupted": _}:
            return INTERRUPTED
    return exited(document["exit"], reason=document.get("reason", ""))


@dataclass(frozen=True)
class Line:
    """One line of a log; with `late` it comes after so many reads of a stopped task's."""

    at: int
    text: str
    late: int | None = None


@dataclass
class Scenario:
    """What the endpoint plays, and what happened: `requests` is (operation, body) in order.

    `errors` and `answers` are those of whole operations, whatever they ask.
    """

    launches: list[Launch] = field(default_factory=list)
    otherwise: Launch | None = None
    before_answer: Callable[[int], None] = lambda _launches: None
    containers: list[dict[str, Any]] = field(default_factory=lambda: [container("app")])
    definition: dict[str, Any] = field(default_factory=dict)
    service: dict[str, Any] | None = None
    lines: dict[str, list[Line]] = field(default_factory=dict)
    pages_twice: bool = False
    lines_a_page: int = 2
    errors: dict[str, tuple[str, str]] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    tasks: dict[str, Played] = field(default_factory=dict)
    made: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    reads_after_stop: int = 0
    served_twice: set[tuple[str, str]] = field(default_factory=set)
    tags: list[dict[str, str]] = field(default_factory=list)
    registered: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {"DescribeScalableTargets": {"ScalableTargets": []}}
    )

    def sent(self, operation: str) -> list[dict[str, Any]]:
        """The requests of one operation."""
        return [body for name, body in self.requests if name == operation]


def container(name: str, *, log: bool = False, **more: Any) -> dict[str, Any]:
    """A container definition, with awslogs when it logs."""
    options = {"awslogs-group": "/ecs/app", "awslogs-stream-prefix": "ecs"}
    logging = {"logConfiguration": {"logDriver": "awslogs", "options": options}} if log else {}
    return {"name": name, "image": "busybox", "essential": True} | logging | more


@dataclass
class Played:
    """A task in play."""

    fields: dict[str, Any]
    views: list[View]
    stopped: View | None
    token: str

    def step(self) -> View | None:
        """The next view of its life; None while it is missing."""
        now = self.views.pop(0) if len(self.views) > 1 else self.views[0]
        return None if now.get("missing") else self.fields | now

    @property
    def is_stopped(self) -> bool:
        return self.views[0].get("lastStatus") == "STOPPED"


@contextmanager
def scripted_ecs(scenario: Scenario) -> Iterator[str]:
    """The endpoint's URL."""

    def answer(request: Request) -> Answer:
        operation = request.headers["X-Amz-Target"].rpartition(".")[2]
        body = json.loads(request.body or "{}")
        with scenario.lock:
            scenario.requests.append((operation, body))
            if refused := scenario.errors.get(operation):
                status, content = error(*refused)
            elif canned := scenario.answers.get(operation):
                status, content = 200, canned
            else:
                status, content = _play(scenario, operation, body)
        return Answer(status, json.dumps(content), JSON)

    with scripted_aws(answer) as endpoint:
        yield endpoint.url


def error(code: str, message: str) -> tuple[int, dict[str, Any]]:
    return 400, {"__type": code, "message": message}


def _play(scenario: Scenario, operation: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    match operation:
        case "RunTask":
            return _run(scenario, body)
        case "DescribeTasks":
            asked = [arn if ":" in arn else _arn(body["cluster"], arn) for arn in body["tasks"]]
            found = [scenario.tasks[arn].step() for arn in asked if arn in scenario.tasks]
            return 200, {"tasks": [one for one in found if one], "failures": []}
        case "ListTasks":
            return 200, {"taskArns": _listed(scenario, body)}
        case "StopTask":
            played = scenario.tasks[body["task"]]
            played.views = [played.stopped or _stopped(body["reason"])]
            return 200, {"task": played.fields}
        case "DescribeTaskDefinition" | "RegisterTaskDefinition":
            return 200, _of_definitions(scenario, operation, body)
        case "DescribeServices":
            missing = [{"arn": "arn:x", "reason": "MISSING"}]
            services = [scenario.service] if scenario.service else []
            return 200, {"services": services, "failures": [] if services else missing}
        case "ListServices":
            services = [scenario.service] if scenario.service else []
            return 200, {"serviceArns": [one["serviceArn"] for one in services]}
        case "GetLogEvents":
            return _log(scenario, body)
    raise AssertionError(operation)


def _run(scenario: Scenario, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    token = body["clientToken"]
    again = [one.fields for one in scenario.tasks.values() if one.token == token]
    if again:  # the same token is the same tasks
        return 200, {"tasks": again, "failures": []}
    refusal = scenario.otherwise or Launch(failure="ATTRIBUTE")
    launch = scenario.launches.pop(0) if scenario.launches else refusal
    count = body["count"]
    scenario.made += 1
    made = [
        _made(scenario, body, launch)
        for _ in range(count if launch.started is None else launch.started)
        if launch.life
    ]
    scenario.before_answer(scenario.made)
    if launch.error:
        return error(*launch.error)
    shown = made if launch.started is not None or not launch.failure else []
    missing = count - len(shown) if launch.failure else 0
    failures = [{"reason": launch.failure, "arn": "arn:x"}] * missing
    return 200, {"tasks": shown, "failures": failures}


def _made(scenario: Scenario, body: dict[str, Any], launch: Launch) -> dict[str, Any]:
    arn = _arn(body["cluster"], f"t{len(scenario.tasks) + 1}")
    provider = body.get("capacityProviderStrategy", [{}])[0].get("capacityProvider")
    fields = {
        "taskArn": arn,
        "clusterArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/{body['cluster']}",
        "taskDefinitionArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/orders:7",
        "lastStatus": "PROVISIONING",
        "desiredStatus": "RUNNING",
        "startedBy": body["startedBy"],
        "tags": body.get("tags", []),
        "cpu": "256",
        "memory": "512",
        "createdAt": NOON,
        "containers": [],
        "launchType": "FARGATE",
    } | ({"capacityProviderName": provider} if provider else {})
    scenario.tasks[arn] = Played(fields, list(launch.life), launch.stopped, body["clientToken"])
    return fields


def _arn(cluster: str, task: str) -> str:
    return f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/{cluster}/{task}"


def _listed(scenario: Scenario, body: dict[str, Any]) -> list[str]:
    return [
        arn
        for arn, one in scenario.tasks.items()
        if body.get("startedBy", one.fields["startedBy"]) == one.fields["startedBy"]
        and one.is_stopped == (body.get("desiredStatus") == "STOPPED")
    ]


def _stopped(reason: str) -> View:
    return exited(143, stopCode="UserInitiated", stoppedReason=reason)


def _of_definitions(scenario: Scenario, operation: str, body: dict[str, Any]) -> dict[str, Any]:
    """The revision that is named, the newest of the family without a number."""
    if operation == "RegisterTaskDefinition":
        scenario.registered.append(body)
        return _revision(scenario, len(scenario.registered))
    _, _, number = body["taskDefinition"].rpartition("/")[2].partition(":")
    found = _revision(scenario, int(number) - 7 if number else len(scenario.registered))
    return found if "TAGS" in body.get("include", []) else {**found, "tags": []}


def _revision(scenario: Scenario, registered: int) -> dict[str, Any]:
    """orders:7, or the one that was registered so many after it."""
    base, tags = _definition(scenario), scenario.tags
    if registered > 0:
        document = dict(scenario.registered[registered - 1])
        tags = document.pop("tags", [])
        arn = f"{base['taskDefinitionArn'].rpartition(':')[0]}:{7 + registered}"
        base = base | document | {"revision": 7 + registered, "taskDefinitionArn": arn}
    return {"taskDefinition": base, "tags": tags}


def _definition(scenario: Scenario) -> dict[str, Any]:
    return {
        "taskDefinitionArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/orders:7",
        "family": "orders",
        "revision": 7,
        "status": "ACTIVE",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "containerDefinitions": scenario.containers,
    } | scenario.definition


def _log(scenario: Scenario, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Lines by time, page by page; the token is the time of the last one given."""
    stream = body["logStreamName"]
    scenario.reads_after_stop += any(one.is_stopped for one in scenario.tasks.values())
    lines = sorted(
        (
            line
            for line in scenario.lines.get(stream, [])
            if line.late is None or scenario.reads_after_stop > line.late
        ),
        key=lambda line: line.at,
    )
    if not lines:
        return error("ResourceNotFoundException", "The specified log stream does not exist.")
    token = body.get("nextToken") or "f/0"
    after = int(token.split("/")[1])
    page = [one for one in lines if one.at > after and one.at >= body.get("startTime", 0)]
    page = page[: scenario.lines_a_page]
    following = f"f/{page[-1].at}" if page else token
    if scenario.pages_twice and page and (stream, token) not in scenario.served_twice:
        scenario.served_twice.add((stream, token))
        following = token
    events = [{"timestamp": one.at, "ingestionTime": one.at, "message": one.text} for one in page]
    return 200, {"events": events, "nextForwardToken": following, "nextBackwardToken": "b/0"}
