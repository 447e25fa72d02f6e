"""The server engine and the verbs on move tasks, against an SQS that has them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from edactl.sandbox.state import SandboxState
from tests.running import Run
from tests.sandbox_queues import SandboxQueues
from tests.scripted_sqs import error, scripted_sqs

ARN = "arn:aws:sqs:eu-west-1:1:orders-dlq"
POLICY = json.dumps(
    {
        "deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:orders-dlq",
        "maxReceiveCount": "1",
    }
)


@dataclass
class ScriptedTasks:
    """A DLQ with five letters whose move task goes through these states."""

    states: list[str]
    reason: str = ""
    refuses: str = ""
    sources: tuple[str, ...] = ("orders",)
    letters: int = 0
    depth: int = 5
    started: list[dict[str, Any]] = field(default_factory=list)
    cancelled: bool = False
    calls: list[str] = field(default_factory=list)

    def __call__(self, operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.calls.append(operation)
        name = str(request.get("QueueUrl", "")).rpartition("/")[2]
        arn = f"arn:aws:sqs:eu-west-1:1:{name}"
        told: dict[str, dict[str, Any]] = {
            "GetQueueUrl": {"QueueUrl": f"http://127.0.0.1/1/{request.get('QueueName')}"},
            "GetQueueAttributes": {
                "Attributes": {"QueueArn": arn, "ApproximateNumberOfMessages": str(self.depth)}
            },
            "ListDeadLetterSourceQueues": {
                "queueUrls": [f"http://127.0.0.1/1/{one}" for one in self.sources]
            },
            "ChangeMessageVisibilityBatch": {"Successful": [], "Failed": []},
        }
        if operation == "ReceiveMessage":
            letters, self.letters = [_letter(at) for at in range(self.letters)], 0
            return 200, {"Messages": letters}
        return (200, told[operation]) if operation in told else self._of_tasks(operation, request)

    def _of_tasks(self, operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        match operation:
            case "ListMessageMoveTasks":
                return 200, {"Results": [self._task()] if self.started else []}
            case "StartMessageMoveTask" if self.refuses:
                return error(self.refuses)
            case "StartMessageMoveTask":
                self.started.append(request)
                return 200, {"TaskHandle": "h"}
            case "CancelMessageMoveTask":
                self.cancelled = True
                self.states[:] = ["CANCELLED"]
                return 200, {"ApproximateNumberOfMessagesMoved": 2}
        return error("AccessDenied", 403)

    def _task(self) -> dict[str, Any]:
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        task: dict[str, Any] = {
            "Status": state,
            "SourceArn": ARN,
            "StartedTimestamp": 1_795_000_000_000,
            "ApproximateNumberOfMessagesMoved": 5 if state == "COMPLETED" else 2,
            "ApproximateNumberOfMessagesToMove": 5,
        }
        if state == "RUNNING":
            task["TaskHandle"] = "h"
        if state == "FAILED":
            task["FailureReason"] = self.reason
        return task


def _letter(at: int) -> dict[str, Any]:
    """The first letter is of nobody, the others are of SQS."""
    attributes = {"DeadLetterQueueSourceArn": "arn:aws:sqs:eu-west-1:1:orders"} if at else {}
    ids = {"MessageId": f"m-{at}", "ReceiptHandle": f"r-{at}"}
    return {**ids, "Body": "b", "Attributes": attributes}


@contextmanager
def served(tasks: ScriptedTasks, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    with scripted_sqs(tasks) as (url, _):
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        yield


REDRIVE = ("dlq", "redrive", "orders-dlq", "--yes", "-o", "json")


def test_what_the_server_can_do_alone_is_left_to_it(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = ScriptedTasks(["RUNNING", "COMPLETED"])
    with served(tasks, monkeypatch):
        run = edactl(*REDRIVE)

    report = json.loads(run.out)
    assert run.status == 0
    assert (report["engine"], report["journal"]) == ("server", None)
    assert (report["received"], report["sent"], report["deleted"]) == (5, 5, 5)
    assert tasks.started == [{"SourceArn": ARN}]
    assert "ReceiveMessage" not in tasks.calls


def test_a_rate_and_a_destination_are_handed_on(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = ScriptedTasks(["COMPLETED"])
    with served(tasks, monkeypatch):
        run = edactl(*REDRIVE, "--rate", "50", "--to", "orders-v2", "--engine", "server")

    assert run.status == 0
    assert tasks.started == [
        {
            "SourceArn": ARN,
            "DestinationArn": "arn:aws:sqs:eu-west-1:1:orders-v2",
            "MaxNumberOfMessagesPerSecond": 50,
        }
    ]


@pytest.mark.parametrize(
    "options",
    [
        ("--limit", "3"),
        ("--where", "body"),
        ("--edit", "body"),
        ("--rate", "0.5"),
        ("--max-bounce", "5"),
        ("--max-backlog", "5"),
        ("--engine", "client"),
    ],
    ids=" ".join,
)
def test_what_needs_the_client_is_not_left_to_the_server(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    tasks = ScriptedTasks(["COMPLETED"])
    with served(tasks, monkeypatch):
        run = edactl(*REDRIVE, *options)

    assert tasks.started == []
    assert json.loads(run.out)["engine"] == "client"


DRY_RUN = ("dlq", "redrive", "orders-dlq", "--dry-run", "-o", "json")


@pytest.mark.parametrize(
    ("tasks", "options", "chosen"),
    [
        (ScriptedTasks([]), (), ("server", None)),
        (ScriptedTasks([]), ("--engine", "server"), ("server", None)),
        (ScriptedTasks([], letters=2), ("--to", "orders-v2"), ("server", None)),
        (ScriptedTasks([]), ("--engine", "client"), ("client", "--engine client")),
        (ScriptedTasks([]), ("--limit", "3"), ("client", "a move task moves a whole DLQ alone")),
        (ScriptedTasks([], depth=0), (), ("client", "there is no letter to move")),
        (
            ScriptedTasks([], letters=2),
            (),
            ("client", "SQS does not know where 1 letter came from"),
        ),
        (
            ScriptedTasks([], sources=()),
            ("--to", "orders-v2"),
            ("client", "no queue's redrive policy names orders-dlq, as a move task wants"),
        ),
    ],
    ids=["auto", "asked", "to", "client", "limit", "empty", "sourceless", "nobody's"],
)
def test_a_dry_run_names_the_engine_that_the_run_would_choose(
    edactl: Callable[..., Run],
    monkeypatch: pytest.MonkeyPatch,
    tasks: ScriptedTasks,
    options: tuple[str, ...],
    chosen: tuple[str, str | None],
) -> None:
    with served(tasks, monkeypatch):
        run = edactl(*DRY_RUN, *options)

    (engine, reason), report = chosen, json.loads(run.out)
    assert run.status == 0, run.err
    assert report["engine"] == report["plan"]["engine"] == engine
    assert report["plan"]["engine_reason"] == reason
    if report["sent"]:
        assert f"by the {engine} engine: {reason or ''}".rstrip(": ") in run.err
    assert tasks.started == []


@pytest.mark.parametrize(
    ("tasks", "to", "why"),
    [
        (ScriptedTasks([], letters=2), (), "SQS does not know where 1 letter came from"),
        (
            ScriptedTasks([], sources=()),
            ("--to", "orders-v2"),
            "no queue's redrive policy names orders-dlq",
        ),
    ],
    ids=["sourceless", "nobody's"],
)
def test_a_dry_run_by_the_server_warns_of_what_sqs_will_not_move(
    edactl: Callable[..., Run],
    monkeypatch: pytest.MonkeyPatch,
    tasks: ScriptedTasks,
    to: tuple[str, ...],
    why: str,
) -> None:
    with served(tasks, monkeypatch):
        run = edactl(*DRY_RUN, "--engine", "server", *to)

    assert (run.status, json.loads(run.out)["engine"]) == (0, "server")
    assert f"--engine server: SQS will not move them all: {why}" in run.err


def test_a_dry_run_by_the_server_says_that_there_are_no_move_tasks_as_the_run_would(
    edactl: Callable[..., Run], sandbox: SandboxState
) -> None:
    SandboxQueues(sandbox).make("orders-dlq", "a")
    SandboxQueues(sandbox).make("orders", RedrivePolicy=POLICY)

    asked = edactl(*DRY_RUN, "--engine", "server")
    auto = edactl(*DRY_RUN)

    assert asked.status == 254
    assert "try: edactl dlq redrive orders-dlq --engine client" in asked.err
    assert json.loads(auto.out)["engine"] == "client"
    assert "move tasks here (InvalidAction)" in json.loads(auto.out)["plan"]["engine_reason"]


def test_a_task_that_fails_leaves_the_rest_where_it_was_and_says_so(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = ScriptedTasks(["FAILED"], reason="AWS.SimpleQueueService.NonExistentQueue")
    with served(tasks, monkeypatch):
        run = edactl(*REDRIVE, "--engine", "server")

    assert run.status == 254
    assert json.loads(run.out)["sent"] == 2
    assert "the rest is where it was" in run.err
    assert "--engine client" in run.err


def test_letters_whose_source_sqs_does_not_know_are_the_clients(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = ScriptedTasks(["FAILED"], reason="CouldNotDetermineMessageSource")
    with served(tasks, monkeypatch):
        run = edactl(*REDRIVE)

    assert json.loads(run.out)["engine"] == "client"
    assert "SQS does not know where some letters came from" in run.err
    assert "ReceiveMessage" in tasks.calls


def test_where_sqs_refuses_a_task_the_client_does_it(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(ScriptedTasks(["COMPLETED"], refuses="InvalidParameterValue"), monkeypatch):
        auto = edactl(*REDRIVE)
        asked = edactl(*REDRIVE, "--engine", "server")

    assert json.loads(auto.out)["engine"] == "client"
    assert asked.status == 254


def test_a_task_that_somebody_cancelled_is_partly_done(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(ScriptedTasks(["CANCELLED"]), monkeypatch):
        assert edactl(*REDRIVE).status == 2


def test_the_tasks_of_a_dlq_are_listed_and_the_running_one_cancelled(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = ScriptedTasks(["RUNNING"], started=[{}])
    with served(tasks, monkeypatch):
        listed = edactl("dlq", "status", "orders-dlq", "-o", "json")
        running = edactl("dlq", "status", "orders-dlq", "--running", "--query", "[].moved")
        planned = edactl("dlq", "cancel", "orders-dlq", "-n", "-o", "json")
        assert not tasks.cancelled
        cancelled = edactl("dlq", "cancel", "orders-dlq", "-o", "json")
        none = edactl("dlq", "cancel", "orders-dlq")
        idle = edactl("dlq", "status", "orders-dlq", "--running", "-o", "json")

    assert [one["status"] for one in json.loads(listed.out)] == ["RUNNING"]
    assert running.out == "2\n"
    assert json.loads(planned.out)["dry_run"] is True
    assert json.loads(cancelled.out)["status"] == "CANCELLING"
    assert (none.status, idle.status, idle.out) == (1, 1, "[]\n")
    assert "no move task runs on orders-dlq" in none.err


@pytest.mark.parametrize(
    "command",
    [
        ("status", "orders-dlq"),
        ("cancel", "orders-dlq"),
        ("redrive", "orders-dlq", "--engine", "server", "--yes"),
    ],
    ids=" ".join,
)
def test_an_endpoint_without_move_tasks_says_what_to_do_instead(
    edactl: Callable[..., Run], sandbox: SandboxState, command: tuple[str, ...]
) -> None:
    SandboxQueues(sandbox).make("orders-dlq", "a")
    SandboxQueues(sandbox).make("orders", RedrivePolicy=POLICY)

    run = edactl("dlq", *command)

    assert run.status == 254
    assert "InvalidAction" in run.err
    assert "try: edactl dlq redrive orders-dlq --engine client: this endpoint has no" in run.err


def test_a_dlq_of_other_services_says_why_sqs_does_not_move_its_letters(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(ScriptedTasks([], refuses="InvalidParameterValue"), monkeypatch):
        run = edactl(*REDRIVE, "--engine", "server")

    assert run.status == 254
    assert "--engine client: SQS moves only what its own redrive policies have put" in run.err


def test_a_task_that_is_refused_for_another_reason_has_no_way_out_to_offer(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(ScriptedTasks([], refuses="Strange"), monkeypatch):
        run = edactl(*REDRIVE, "--engine", "server")

    assert run.status == 254
    assert "Strange" in run.err
    assert "try:" not in run.err


def test_the_tasks_of_a_queue_that_is_not_there_are_an_error(
    edactl: Callable[..., Run], sandbox: object
) -> None:
    run = edactl("dlq", "status", "nope")

    assert run.status == 254
    assert 'queue "nope" does not exist' in run.err
