"""The printed policy is held against the calls that each command really makes, both ways."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from edactl.aws.session import AwsSession
from edactl.cli.root import COMMANDS, load_command
from edactl.cli.state_files import state_directory
from edactl.core.iam import NEEDS, OFFLINE, policy
from edactl.core.journal import JournalHeader, Planned, planned_line
from edactl.core.settings import ConnectionOptions, SandboxEndpoint
from edactl.sandbox.state import SandboxState
from tests.queue_fakes import a_message
from tests.recorded_calls import ACCOUNT, REGION, Demand, allows, recorded_demands
from tests.running import Run
from tests.scripted_scaling import ScalingWorld, with_data

EVENT = ("--source", "com.flix", "--detail-type", "T", "--detail", '{"a":1}')
ENVELOPE = '{"source":"com.flix","detail-type":"T","detail":{"a":1}}'
EMPTY_ZIP = b"PK\x05\x06" + bytes(18)
# The emulator has no move tasks, and no `stats` of Logs Insights, and runs no container: how these
# end there. The scripted service scales by nothing that could be simulated.
LACKING = {"dlq status": 254, "dlq cancel": 254, "scale advise": 252, "task map": 2}
LACKING |= {"scale simulate": 252}
STDIN = {"dlq import": '{"body":"x"}'}
ROLE = ("--state-machine-role", f"arn:aws:iam::{ACCOUNT}:role/r")
MAP = ("task", "map", "--each", "-", "--timeout", "1s")
TASK = "the task of the world's service"
HERE = {
    "Partition": "aws",
    "Region": REGION,
    "Account": ACCOUNT,
    "Bus": "flix",
    "Queue": "orders",
}

ADVISE = ("scale", "advise", "--latency", "2m", "--pattern", "steady:1/s")
SIMULATE = ("scale", "simulate", "--processing-time", "1s")
TOOK_MS = ("--processing-time-field", "took_ms", "--processing-time-unit", "ms")
# The emulator has no Application Auto Scaling: these are run on scripted answers.
SCRIPTED = {"scale apply", "scale explain", "scale simulate", "scale watch"}
APPLY = (
    *("scale", "apply", "--queue", "orders", "--service", "jobs/orders"),
    *("--target-value", "15", "--maximum", "9"),
)

# What each command is run with: all its ways to call AWS. The world of `world` is there.
RUNS: dict[str, list[tuple[str, ...]]] = {
    "whoami": [("whoami",)],
    "put-event": [("put-event", "--bus", "flix", *EVENT)],
    "bus list": [("bus", "list")],
    "bus show": [("bus", "show", "flix")],
    "bus tail": [
        ("bus", "tail", "flix", "--limit", "1", "--timeout", "5s"),
        ("bus", "tail", "flix", "--rule", "all", "--timeout", "1s"),
    ],
    "bus sweep": [("bus", "sweep", "--all", "--yes")],
    "dlq list": [("dlq", "list")],
    "dlq inspect": [("dlq", "inspect", "orders"), ("dlq", "inspect", "orders", "--letters")],
    "dlq redrive": [
        ("dlq", "redrive", "orders", "--to", "incoming", "--where", "body == 'x'", "--yes"),
        ("dlq", "redrive", "orders", "--to", "incoming", "--yes"),
        ("dlq", "redrive", "orders", "--yes"),
    ],
    "dlq status": [("dlq", "status", "orders")],
    "dlq cancel": [("dlq", "cancel", "orders")],
    "dlq restore": [("dlq", "restore", "run-1", "--yes")],
    "dlq export": [("dlq", "export", "orders")],
    "dlq import": [("dlq", "import", "orders", "-")],
    "dlq drop": [
        ("dlq", "drop", "orders", "--where", "body == 'x'", "--yes"),
        ("dlq", "drop", "orders", "--where", "body", "--yes"),
    ],
    "rule list": [("rule", "list", "--bus", "flix")],
    "rule show": [("rule", "show", "all", "--bus", "flix")],
    "rule pull": [("rule", "pull", "--bus", "flix")],
    "rule test": [("rule", "test", "--event", '{"source":"com.flix"}', "--bus", "flix")],
    "rule explain": [("rule", "explain", "--event", '{"source":"com.flix"}', "--bus", "flix")],
    "archive list": [("archive", "list"), ("archive", "list", "--bus", "flix")],
    "archive show": [("archive", "show", "kept")],
    "archive create": [("archive", "create", "new", "--bus", "flix")],
    "archive delete": [("archive", "delete", "kept", "--yes")],
    "archive export": [("archive", "export", "kept", "--since", "1h")],
    "replay archive": [
        ("replay", "archive", "kept", "--since", "1h", "--rule", "all", "--wait"),
        ("replay", "archive", "kept", "--since", "1h", "--plan"),
        ("replay", "archive", "kept", "--since", "1h", "--only-to", "orders"),
    ],
    "replay list": [("replay", "list")],
    "replay show": [("replay", "show", "done")],
    "replay cancel": [("replay", "cancel", "done")],
    "replay file": [("replay", "file", "-", "--bus", "flix")],
    "rule lint": [("rule", "lint", "--bus", "flix")],
    "rule diff": [("rule", "diff", "bus:flix", "bus:flix", "--events", "-")],
    "rule coverage": [("rule", "coverage", "-", "--bus", "flix")],
    "rule transform": [
        ("rule", "transform", "--event", '{"source":"com.flix"}', "--bus", "flix"),
        ("rule", "transform", "--event", "{}", "--bus", "flix", "--rule", "all"),
    ],
    "task run": [
        ("task", "run", "--task-definition", "report", "--subnet", "subnet-1", "--detach"),
        ("task", "run", "--service", "orders", "--timeout", "1s", "--idempotency-key", "k"),
        ("task", "run", "--service", "orders", "--image", "busybox:2", "--yes", "--detach"),
    ],
    "task map": [
        (*MAP, "--task-definition", "report", "--subnet", "subnet-1", "--failed-to", "orders"),
        (*MAP, "--service", "orders"),
        (*MAP, "--service", "orders", "--via", "stepfunctions", "--bucket", "films", *ROLE),
    ],
    "task list": [("task", "list", "--family", "report")],
    "task show": [("task", "show", TASK)],
    "task logs": [("task", "logs", TASK)],
    "task stop": [("task", "stop", TASK, "--yes")],
    "task explain": [("task", "explain", TASK)],
    "service list": [("service", "list")],
    "service show": [("service", "show", "orders")],
    "queue list": [("queue", "list"), ("queue", "list", "--prefix", "ord")],
    "queue show": [("queue", "show", "orders")],
    "queue send": [("queue", "send", "orders", "--body", "x")],
    "queue peek": [("queue", "peek", "orders")],
    "queue tail": [
        ("queue", "tail", "orders", "--limit", "1", "--timeout", "5s"),
        ("queue", "tail", "orders", "--lease", "--timeout", "1s"),
        ("queue", "tail", "orders", "--consume", "--limit", "1", "--timeout", "3s"),
    ],
    "queue move": [
        ("queue", "move", "orders", "incoming", "--where", "body == 'x'", "--yes"),
        ("queue", "move", "orders", "incoming", "--yes"),
    ],
    "scale advise": [
        ("scale", "advise", "--latency", "2m", "--queue", "orders", "--service", "orders"),
        (*ADVISE, "--processing-time-metric", "Orders/Took"),
        (*ADVISE, "--processing-time-log", "/ecs/orders", *TOOK_MS),
    ],
    "scale apply": [
        (*APPLY, "--minimum", "1", "--yes"),
        (*APPLY, "--minimum", "2", "--yes"),
        ("scale", "apply", "--rollback", "latest", "--yes"),
    ],
    "scale simulate": [
        (*SIMULATE, "--queue", "orders", "--policy", "fixed:2"),
        (*SIMULATE, "--pattern", "steady:1/s", "--live", "jobs/orders"),
    ],
    "scale watch": [
        ("scale", "watch", "--queue", "orders", "--service", "jobs/orders", "--limit", "1")
    ],
    "scale explain": [("scale", "explain", "jobs/orders", "--queue", "orders")],
    "queue purge": [("queue", "purge", "orders", "--yes")],
}


def _leaves() -> set[str]:
    names: set[str] = set()
    for name in COMMANDS:
        verbs = getattr(load_command(name), "commands", None)
        names.update({f"{name} {verb}" for verb in verbs} if verbs else {name})
    return names


def test_every_command_has_a_policy_or_is_offline() -> None:
    assert _leaves() == set(NEEDS) | OFFLINE
    assert not set(NEEDS) & OFFLINE


def test_every_command_that_calls_aws_is_run_here() -> None:
    assert set(RUNS) == set(NEEDS)


def _call(
    session: AwsSession, service: str, operation: str, **parameters: object
) -> dict[str, Any]:
    return session.call(service, operation, **parameters)  # type: ignore[arg-type] # by name


@pytest.fixture
def world(sandbox: SandboxState) -> AwsSession:
    """A bus whose rule feeds a queue that a topic feeds too, and what a killed tail left."""
    session = AwsSession(ConnectionOptions(sandbox=SandboxEndpoint(sandbox.url, ACCOUNT)))
    queue_arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders"
    allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}}
    statement = allow | {"Action": "sqs:SendMessage", "Resource": "*"}
    policy = {"Policy": json.dumps({"Statement": [statement]})}
    url = _call(session, "sqs", "create_queue", QueueName="orders", Attributes=policy)["QueueUrl"]
    _call(session, "sqs", "send_message", QueueUrl=url, MessageBody="waits")
    _call(session, "events", "create_event_bus", Name="flix")
    pattern = json.dumps({"source": ["com.flix"]})
    _call(session, "events", "put_rule", Name="all", EventBusName="flix", EventPattern=pattern)
    targets = [{"Id": "1", "Arn": queue_arn}]
    _call(session, "events", "put_targets", Rule="all", EventBusName="flix", Targets=targets)
    topic = _call(session, "sns", "create_topic", Name="news")["TopicArn"]
    _call(session, "sns", "subscribe", TopicArn=topic, Protocol="sqs", Endpoint=queue_arn)
    _send_failures_to(session, queue_arn)
    _leave_metrics(session)
    _leave_a_dead_tail(session)
    _archive(session)
    _define_a_task(session)
    _keep_a_journal(queue_arn)
    return session


def _leave_metrics(session: AwsSession) -> None:
    """Some minutes of the queue's traffic."""
    values = {
        "NumberOfMessagesSent": 60.0,
        "NumberOfMessagesReceived": 60.0,
        "NumberOfMessagesDeleted": 60.0,
        "ApproximateNumberOfMessagesNotVisible": 2.0,
    }
    ago = [datetime.now(UTC) - timedelta(minutes=number) for number in range(5, 10)]
    data = [
        {
            "MetricName": name,
            "Dimensions": [{"Name": "QueueName", "Value": "orders"}],
            "Timestamp": moment,
            "Value": value,
        }
        for name, value in values.items()
        for moment in ago
    ]
    _call(session, "cloudwatch", "put_metric_data", Namespace="AWS/SQS", MetricData=data)
    took = [{"MetricName": "Took", "Timestamp": ago[0], "Value": 2.0, "Unit": "Seconds"}]
    _call(session, "cloudwatch", "put_metric_data", Namespace="Orders", MetricData=took)
    logged = {"logGroupName": "/ecs/orders", "logStreamName": "one"}
    _call(session, "logs", "create_log_group", logGroupName="/ecs/orders")
    _call(session, "logs", "create_log_stream", **logged)
    event = {"timestamp": int(ago[0].timestamp() * 1000), "message": '{"took_ms": 900}'}
    _call(session, "logs", "put_log_events", **logged, logEvents=[event])


def _keep_a_journal(queue_arn: str) -> None:
    """The journal of a run that moved one letter to this queue."""
    header = JournalHeader(
        "run-1", "move", ACCOUNT, REGION, queue_arn, queue_arn, {}, "2026-01-31T08:00:00Z"
    )
    planned = Planned(a_message("m1"), "receipt", queue_arn, None, 0.0)
    directory = state_directory({}, "redrive")
    (directory / "run-1.ndjson").write_text(header.line() + planned_line(planned), "utf-8")


def _send_failures_to(session: AwsSession, queue_arn: str) -> None:
    """A queue, a schedule and a function whose DLQ this queue is."""
    policy = json.dumps({"deadLetterTargetArn": queue_arn, "maxReceiveCount": 5})
    _call(
        session,
        "sqs",
        "create_queue",
        QueueName="incoming",
        Attributes={"RedrivePolicy": policy},
    )
    role = f"arn:aws:iam::{ACCOUNT}:role/r"
    _call(
        session,
        "scheduler",
        "create_schedule",
        Name="nightly",
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": queue_arn, "RoleArn": role, "DeadLetterConfig": {"Arn": queue_arn}},
    )
    _call(
        session,
        "lambda",
        "create_function",
        FunctionName="billing",
        Runtime="python3.11",
        Role=role,
        Handler="app.handler",
        Code={"ZipFile": EMPTY_ZIP},
        DeadLetterConfig={"TargetArn": queue_arn},
    )


def _archive(session: AwsSession) -> None:
    """An archive of the bus, and a replay of it that has ended."""
    bus_arn = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/flix"
    _call(session, "events", "create_archive", ArchiveName="kept", EventSourceArn=bus_arn)
    now = datetime.now(UTC)
    _call(
        session,
        "events",
        "start_replay",
        ReplayName="done",
        EventSourceArn=f"arn:aws:events:{REGION}:{ACCOUNT}:archive/kept",
        EventStartTime=now - timedelta(hours=1),
        EventEndTime=now,
        Destination={"Arn": bus_arn},
    )


def _define_a_task(session: AwsSession) -> None:
    """A task definition, and a service that runs it."""
    _call(session, "s3", "create_bucket", Bucket="films")
    _call(session, "ecs", "create_cluster", clusterName="default")
    _call(
        session,
        "ecs",
        "register_task_definition",
        family="report",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[{"name": "app", "image": "busybox", "memory": 512}],
    )
    network = {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}
    _call(
        session,
        "ecs",
        "create_service",
        serviceName="orders",
        taskDefinition="report",
        desiredCount=1,
        launchType="FARGATE",
        networkConfiguration=network,
    )


def _leave_a_dead_tail(session: AwsSession) -> None:
    """The rule and queue of a tail that was killed and has expired."""
    tags = {"edactl:expires-at": "2020-01-01T00:00:00Z"}
    name = "edactl-tail-dead"
    url = _call(session, "sqs", "create_queue", QueueName=name, tags=tags)["QueueUrl"]
    _call(
        session,
        "events",
        "put_rule",
        Name=name,
        EventBusName="flix",
        EventPattern='{"source": ["x"]}',
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{url.rsplit('/', 1)[-1]}"
    targets = [{"Id": "1", "Arn": arn}]
    _call(session, "events", "put_targets", Rule=name, EventBusName="flix", Targets=targets)


def _with_events(session: AwsSession, done: threading.Event) -> threading.Thread:
    """Put an event twice a second until told to stop: what a tail waits for."""
    entry = {"EventBusName": "flix", "Source": "com.flix", "DetailType": "T", "Detail": "{}"}

    def put() -> None:
        while not done.wait(0.5):
            session.call("events", "put_events", Entries=[entry])

    thread = threading.Thread(target=put)
    thread.start()
    return thread


@pytest.fixture
def scripted(
    monkeypatch: pytest.MonkeyPatch, scaling: Callable[[ScalingWorld], ScalingWorld]
) -> Callable[[], ScalingWorld]:
    """Turns from the sandbox to a scripted service whose metrics have data."""

    def turn() -> ScalingWorld:
        monkeypatch.delenv("EDACTL_SANDBOX")
        world = with_data(tasks=["arn:aws:ecs:eu-west-1:0:task/jobs/t1"])
        world.alarms = [{"AlarmName": "high", "StateValue": "OK"}]
        return scaling(world)

    return turn


def _demands(
    edactl: Callable[..., Run], world: AwsSession, command: str, arguments: tuple[str, ...]
) -> set[Demand]:
    if TASK in arguments:
        [task] = _call(world, "ecs", "list_tasks")["taskArns"]
        arguments = tuple(task if one == TASK else one for one in arguments)
    done = threading.Event()
    thread = _with_events(world, done) if "tail" in command else None
    try:
        with recorded_demands() as demands:
            run = edactl(*arguments, stdin=STDIN.get(command, ENVELOPE))
    finally:
        done.set()
        if thread:
            thread.join()
    assert run.status in {0, 1, 124, LACKING.get(command, 0)}, run.err
    return demands


@pytest.mark.parametrize("command", sorted(RUNS))
def test_the_policy_allows_what_the_command_does_and_nothing_else(
    edactl: Callable[..., Run],
    world: AwsSession,
    scripted: Callable[[], ScalingWorld],
    command: str,
) -> None:
    if command in SCRIPTED:
        here = scripted()
        if command == "scale explain":
            assert edactl(*APPLY, "--minimum", "1", "--yes").status == 0
            assert here.policies
    statements: Any = policy([command], HERE)["Statement"]

    demands: set[Demand] = set()
    for arguments in RUNS[command]:
        demands |= _demands(edactl, world, command, arguments)

    assert demands
    refused = {one for one in demands if not any(allows(each, one) for each in statements)}
    assert refused == set(), "the policy lacks these"
    exempt = {need.action for need in NEEDS[command] if need.when}
    unused = {
        (action, each["Resource"])
        for each in statements
        for action in each["Action"]
        if action not in exempt
        and not any(allows({**each, "Action": [action]}, one) for one in demands)
    }
    assert unused == set(), "the policy allows these, and nothing needed them"
