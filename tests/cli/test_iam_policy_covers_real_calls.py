"""The printed policy is held against the calls that each command really makes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from edactl.cli.root import COMMANDS, load_command
from edactl.core.iam import NEEDS, OFFLINE, iam_action
from tests.running import Run

EVENT = ("--source", "com.flix", "--detail-type", "T", "--detail", '{"a":1}')

# What each command is run with, on a sandbox that has a bus, a queue fed by its rule, and a DLQ.
RUNS: dict[str, list[tuple[str, ...]]] = {
    "whoami": [("whoami",)],
    "put-event": [("put-event", *EVENT)],
    "bus list": [("bus", "list")],
    "bus show": [("bus", "show", "default")],
    "bus tail": [("bus", "tail", "default", "--timeout", "1s")],
    "bus sweep": [("bus", "sweep", "--all", "--yes")],
    "queue list": [("queue", "list"), ("queue", "list", "--prefix", "ord")],
    "queue show": [("queue", "show", "orders")],
    "queue send": [("queue", "send", "orders", "--body", "x")],
    "queue peek": [("queue", "peek", "orders")],
    "queue tail": [
        ("queue", "tail", "orders", "--lease", "--timeout", "1s"),
        ("queue", "tail", "orders", "--consume", "--limit", "1", "--timeout", "3s"),
    ],
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


def test_every_command_that_calls_aws_is_run_here() -> None:
    assert set(RUNS) == set(NEEDS)


def _actions_called(err: str) -> set[str]:
    """What `-v` reports, as IAM actions; the waits and notes of other lines are left out."""
    found = re.findall(r": ([a-z-]+):([a-z_]+) \d+ ms request id", err)
    return {iam_action(service, _operation(name)) for service, name in found}


def _operation(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _allowed(edactl: Callable[..., Run], command: str) -> set[str]:
    run = edactl("iam-policy", *command.split(), "-o", "json")
    assert run.status == 0, run.err
    statements = json.loads(run.out)["Statement"]
    return {action for statement in statements for action in statement["Action"]}


@pytest.mark.parametrize("command", sorted(RUNS))
def test_the_policy_covers_what_the_command_calls(
    edactl: Callable[..., Run], sandbox: object, command: str
) -> None:
    from edactl.aws.session import AwsSession
    from edactl.aws.sqs import SqsQueues
    from edactl.core.settings import ConnectionOptions, SandboxEndpoint

    endpoint = SandboxEndpoint(sandbox.url, "000000000000")  # type: ignore[attr-defined] # its state
    queues = SqsQueues(AwsSession(ConnectionOptions(sandbox=endpoint)))
    queues.create("orders", attributes={}, tags={})
    edactl("queue", "send", "orders", "--body", "first")

    called: set[str] = set()
    for arguments in RUNS[command]:
        run = edactl(*arguments, "-v")
        assert run.status in {0, 124}, run.err
        called |= _actions_called(run.err)

    assert called
    assert called <= _allowed(edactl, command)


def test_an_unknown_command_is_refused(edactl: Callable[..., Run]) -> None:
    run = edactl("iam-policy", "nope")

    assert (run.status, run.out) == (252, "")
    assert 'there is no command "nope"' in run.err


def test_placeholders_are_filled(edactl: Callable[..., Run]) -> None:
    run = edactl(
        "iam-policy", "put-event", "--bus", "flix", "--account", "1", "--in-region", "eu-west-1"
    )

    assert json.loads(run.out) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Edactl1",
                "Effect": "Allow",
                "Action": ["events:DescribeEventBus", "events:PutEvents"],
                "Resource": "arn:aws:events:eu-west-1:1:event-bus/flix",
            }
        ],
    }
