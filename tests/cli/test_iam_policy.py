from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from edactl.core.iam import NEEDS, conditional_needs, policy
from edactl.core.iam_action import iam_action
from tests.running import Run


def _actions(run: Run) -> set[str]:
    statements = json.loads(run.out)["Statement"]
    return {action for statement in statements for action in statement["Action"]}


def test_the_policy_is_one_document_with_the_places_filled(edactl: Callable[..., Run]) -> None:
    run = edactl(
        *("iam-policy", "put-event", "--bus", "flix"),
        *("--account", "123456789012", "--region", "eu-west-1"),
    )

    assert (run.status, run.err) == (0, "")
    assert json.loads(run.out) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Edactl1",
                "Effect": "Allow",
                "Action": ["events:DescribeEventBus", "events:PutEvents"],
                "Resource": "arn:aws:events:eu-west-1:123456789012:event-bus/flix",
            }
        ],
    }
    assert run.out.startswith('{\n  "Version"')


def test_what_is_not_named_is_any(edactl: Callable[..., Run]) -> None:
    run = edactl("iam-policy", "queue purge", "--partition", "aws-cn")

    [statement] = json.loads(run.out)["Statement"]
    assert statement["Resource"] == "arn:aws-cn:sqs:*:*:*"


@pytest.mark.parametrize(
    "queue",
    [
        "orders",
        "arn:aws:sqs:eu-west-1:123456789012:orders",
        "https://sqs.eu-west-1.amazonaws.com/123456789012/orders",
    ],
)
def test_a_resource_is_given_by_name_url_or_arn(edactl: Callable[..., Run], queue: str) -> None:
    run = edactl("iam-policy", "queue purge", "--queue", queue)

    [statement] = json.loads(run.out)["Statement"]
    assert statement["Resource"] == "arn:aws:sqs:*:*:orders"


@pytest.mark.parametrize(
    "words", [("bus tail",), ("bus", "tail"), ("bus", "tail,"), ("edactl bus tail",)]
)
def test_a_command_is_named_in_one_word_or_two(
    edactl: Callable[..., Run], words: tuple[str, ...]
) -> None:
    run = edactl("iam-policy", *words)

    assert run.status == 0
    assert _actions(run) == {need.action for need in NEEDS["bus tail"]}


def test_several_commands_and_whole_nouns_are_one_policy(edactl: Callable[..., Run]) -> None:
    run = edactl("iam-policy", "put-event", "queue")

    expected = [name for name in NEEDS if name.startswith("queue ")] + ["put-event"]
    assert _actions(run) == {need.action for name in expected for need in NEEDS[name]}


def test_all_is_every_command(edactl: Callable[..., Run]) -> None:
    assert _actions(edactl("iam-policy", "--all")) == {
        need.action for needs in NEEDS.values() for need in needs
    }


def test_what_only_an_option_brings_in_is_said_on_stderr(edactl: Callable[..., Run]) -> None:
    run = edactl("iam-policy", "bus tail")

    assert "edactl: bus tail needs events:DescribeRule only with --rule\n" in run.err
    assert edactl("iam-policy", "bus tail", "-q").err == ""


def test_an_offline_command_needs_nothing(edactl: Callable[..., Run]) -> None:
    assert json.loads(edactl("iam-policy", "demo").out)["Statement"] == []


def test_output_options_work_on_the_document(edactl: Callable[..., Run]) -> None:
    run = edactl("iam-policy", "whoami", "--query", "Statement[0].Action[0]", "-o", "text")

    assert run.out == "sts:GetCallerIdentity\n"


@pytest.mark.parametrize("words", [("nope",), ("bus", "nope"), ("queue", "tail", "nope")])
def test_an_unknown_command_is_refused_with_the_known_ones(
    edactl: Callable[..., Run], words: tuple[str, ...]
) -> None:
    run = edactl("iam-policy", *words)

    assert (run.status, run.out) == (252, "")
    assert run.err.startswith('edactl: there is no command "nope"\n  try: one of whoami, put-event')


def test_no_command_at_all_is_refused(edactl: Callable[..., Run]) -> None:
    run = edactl("iam-policy")

    assert (run.status, run.out) == (252, "")
    assert "name a command, or say --all" in run.err


def test_it_works_while_the_sandbox_that_is_asked_for_does_not_run(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDACTL_SANDBOX", "1")

    assert edactl("iam-policy", "bus tail").status == 0


def test_a_wider_resource_of_the_same_action_makes_a_narrower_one_superfluous() -> None:
    document = policy(["queue tail", "queue purge"], {"Queue": "*"})

    statements = document["Statement"]
    assert isinstance(statements, list)
    holding = [
        statement["Resource"]
        for statement in statements
        if isinstance(statement, dict)
        and isinstance(statement["Action"], list)
        and "sqs:ReceiveMessage" in statement["Action"]
    ]
    assert holding == ["arn:*:sqs:*:*:*"]


@pytest.mark.parametrize(
    ("service", "operation", "action"),
    [
        ("sqs", "SendMessage", "sqs:SendMessage"),
        ("sqs", "SendMessageBatch", "sqs:SendMessage"),
        ("sns", "PublishBatch", "sns:Publish"),
        ("stepfunctions", "StartExecution", "states:StartExecution"),
        ("logs", "FilterLogEvents", "logs:FilterLogEvents"),
    ],
)
def test_the_iam_action_of_an_operation(service: str, operation: str, action: str) -> None:
    assert iam_action(service, operation) == action


def test_needs_without_a_condition_are_not_explained() -> None:
    assert conditional_needs(["whoami", "put-event"]) == []
