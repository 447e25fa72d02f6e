from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from edactl.core.arn import name_of
from edactl.core.letter import Letter, Origin
from edactl.core.letter_causes import Cause, cause_of
from edactl.core.letter_grants import Caller, missing_grant
from edactl.core.letter_hints import Place, hint_of
from edactl.core.letter_origins import classify
from edactl.core.letter_senders import look_at
from tests.dead_letters import LETTERS, message_of

PLACE = Place("orders-dlq", "a1b2c3d4")
REDRIVE = "edactl dlq redrive orders-dlq --cluster a1b2c3d4"
RULE = "arn:aws:events:eu-west-1:1:rule/shop/billing"
EVENTS = Caller("events.amazonaws.com", RULE)


def letter_of(name: str) -> Letter:
    return classify(message_of(next(one for one in LETTERS if one["name"] == name)["message"]))


RULE_LETTER = letter_of("an event whose rule may not invoke its target")
SCHEDULE_LETTER = letter_of("a schedule whose target is gone")
SNS_LETTER = letter_of("an enveloped notification names its subscription")
DESTINATION_LETTER = letter_of("a function's record of its failure")


@pytest.mark.parametrize(
    ("reason", "message", "cause"),
    [
        ("NO_PERMISSIONS", None, Cause.PERMISSION),
        ("AccessDeniedException", None, Cause.PERMISSION),
        ("FAILED_TO_ASSUME_ROLE", None, Cause.ROLE),
        ("TRANSIENT_ASSUME_ROLE", None, Cause.ROLE),
        ("NO_RESOURCE", None, Cause.MISSING),
        ("AWS.SimpleQueueService.NonExistentQueue", None, Cause.MISSING),
        ("StateMachineDoesNotExist", None, Cause.MISSING),
        ("THROTTLING", None, Cause.THROTTLED),
        ("RESOURCE_LIMIT_EXCEEDED", None, Cause.THROTTLED),
        ("429", None, Cause.THROTTLED),
        ("KMSAccessDeniedException", None, Cause.KEY),
        ("SDK_CLIENT_ERROR", "not authorized to perform: kms on KMS key", Cause.KEY),
        (
            "SDK_CLIENT_ERROR",
            "User is not authorized to perform: sqs:SendMessage",
            Cause.PERMISSION,
        ),
        ("CONNECTION_FAILURE", None, Cause.UNREACHABLE),
        ("TIMEOUT", None, Cause.UNREACHABLE),
        ("INVALID_JSON", None, Cause.TRANSFORMATION),
        ("INVALID_PARAMETER", None, Cause.REFUSED),
        ("RESOURCE_ALREADY_EXISTS", None, Cause.REFUSED),
        ("EVENTS_IN_BATCH_REQUEST_REJECTED", None, Cause.REFUSED),
        ("THIRD_ACCOUNT_HOP_DETECTED", None, Cause.HOPS),
        ("CROSS_REGION_INGESTION_FAILED", None, Cause.HOPS),
        ("AWS.Scheduler.InternalServerError", None, Cause.INSIDE_AWS),
        ("SOMETHING_NEW", None, Cause.UNKNOWN),
        (None, None, Cause.UNKNOWN),
    ],
)
def test_an_error_code_tells_the_cause(
    reason: str | None, message: str | None, cause: Cause
) -> None:
    assert cause_of(replace(RULE_LETTER, reason=reason, error_message=message)) is cause


@pytest.mark.parametrize(
    ("reason", "message", "cause"),
    [
        ("Sandbox.Timedout", None, Cause.TIMED_OUT),
        ("Unhandled", "2026 Task timed out after 3.00 seconds", Cause.TIMED_OUT),
        ("Runtime.OutOfMemory", None, Cause.MEMORY),
        ("Runtime.ExitError", "RequestId: 1 Error: Runtime exited: signal: killed", Cause.MEMORY),
        ("EventAgeExceeded", None, Cause.TOO_OLD),
        ("200", "'customer'", Cause.HANDLER),
        ("KeyError", None, Cause.HANDLER),
    ],
)
def test_what_a_function_says_tells_the_cause(
    reason: str, message: str | None, cause: Cause
) -> None:
    assert cause_of(replace(DESTINATION_LETTER, reason=reason, error_message=message)) is cause


@pytest.mark.parametrize("case", LETTERS, ids=lambda case: str(case["name"]))
def test_every_letter_gets_one_line_with_something_to_type(case: dict[str, Any]) -> None:
    hint = hint_of(classify(message_of(case["message"])), PLACE)

    assert "\n" not in hint
    assert "None" not in hint
    assert (
        "edactl dlq" in hint or "aws kinesis" in hint or "aws dynamodb" in hint or "replay" in hint
    )
    if problem := case["letter"].get("problem"):
        assert hint.startswith(problem)
        assert "edactl dlq inspect orders-dlq --cluster a1b2c3d4 --letters" in hint


def test_a_letter_of_a_queue_points_at_its_consumers() -> None:
    hint = hint_of(letter_of("a message that a queue's consumers did not delete"), PLACE)

    assert hint.startswith("consumers of orders")
    assert "edactl queue show orders" in hint
    assert hint.endswith(f"; then {REDRIVE}")


def test_a_rule_that_may_not_invoke_a_function_gets_the_command_that_lets_it() -> None:
    assert (
        "aws lambda add-permission"
        " --function-name arn:aws:lambda:eu-west-1:123456789012:function:billing"
        " --statement-id orders-to-billing-may-invoke --action lambda:InvokeFunction"
        " --principal events.amazonaws.com"
        " --source-arn arn:aws:events:eu-west-1:123456789012:rule/shop/orders-to-billing; then"
    ) in hint_of(RULE_LETTER, PLACE)


@pytest.mark.parametrize(
    ("target", "where", "statement"),
    [
        (
            "arn:aws:sqs:r:1:orders",
            "policy of queue orders",
            {
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": "arn:aws:sqs:r:1:orders",
                "Condition": {"ArnEquals": {"aws:SourceArn": RULE}},
            },
        ),
        (
            "arn:aws:events:r:1:event-bus/other",
            "policy of its role",
            {
                "Effect": "Allow",
                "Action": "events:PutEvents",
                "Resource": "arn:aws:events:r:1:event-bus/other",
            },
        ),
        (
            "arn:aws:logs:r:1:log-group:/aws/events/x:*",
            "resource policy of CloudWatch Logs",
            {
                "Effect": "Allow",
                "Principal": {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]},
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": "arn:aws:logs:r:1:log-group:/aws/events/x:*",
            },
        ),
        (
            "arn:aws:states:r:1:stateMachine:pay",
            "policy of its role",
            {
                "Effect": "Allow",
                "Action": "states:StartExecution",
                "Resource": "arn:aws:states:r:1:stateMachine:pay",
            },
        ),
        (
            "arn:aws:events:r:1:api-destination/crm/id",
            "policy of its role",
            {
                "Effect": "Allow",
                "Action": "events:InvokeApiDestination",
                "Resource": "arn:aws:events:r:1:api-destination/crm/id",
            },
        ),
        (
            "arn:aws:new:r:1:thing",
            "policy of its role",
            {"Effect": "Allow", "Action": "new:ACTION", "Resource": "arn:aws:new:r:1:thing"},
        ),
        (
            "odd",
            "policy of its role",
            {"Effect": "Allow", "Action": "?:ACTION", "Resource": "odd"},
        ),
    ],
)
def test_the_missing_statement_is_whole_and_names_where_it_goes(
    target: str, where: str, statement: dict[str, Any]
) -> None:
    grant = missing_grant(target, EVENTS)

    assert where in grant
    assert json.loads(grant[grant.index("{") :]) == statement


def test_a_bus_of_another_account_has_to_let_the_rule_s_account_in_too() -> None:
    bus = "arn:aws:events:r:2:event-bus/other"

    grant = missing_grant(bus, EVENTS)

    statement, _, role = grant.partition("; ")
    assert "policy of bus other" in statement
    assert json.loads(statement[statement.index("{") :]) == {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::1:root"},
        "Action": "events:PutEvents",
        "Resource": bus,
    }
    assert role == missing_grant(bus, Caller("events.amazonaws.com", None))


def test_a_caller_without_a_source_gets_a_statement_without_a_condition() -> None:
    anyone = Caller("sns.amazonaws.com", None)

    assert "Condition" not in missing_grant("arn:aws:sqs:r:1:orders", anyone)
    assert "--source-arn" not in missing_grant("arn:aws:lambda:r:1:function:f", anyone)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("FAILED_TO_ASSUME_ROLE", ["trust policy", '"events.amazonaws.com"', "sts:AssumeRole"]),
        (
            "NO_RESOURCE",
            ["billing does not exist", "edactl rule show orders-to-billing --bus shop"],
        ),
        ("KMSAccessDenied", ["key's policy", "kms:GenerateDataKey"]),
        ("THROTTLING", ["throttled", "--rate"]),
        ("TIMEOUT", ["billing did not answer", "--canary 1"]),
        ("INVALID_JSON", ["rule orders-to-billing makes", "edactl rule show"]),
        ("ERROR_FROM_TARGET", ["billing refused it"]),
        ("THIRD_ACCOUNT_HOP_DETECTED", ["crosses accounts"]),
        ("INTERNAL_ERROR", ["AWS failed inside"]),
        ("SOMETHING_NEW", ["billing took none of the attempts", "edactl rule show"]),
    ],
)
def test_a_rule_s_letter_says_what_to_do_for_its_cause(reason: str, words: list[str]) -> None:
    hint = hint_of(replace(RULE_LETTER, reason=reason, error_message=None), PLACE)

    assert [word for word in words if word not in hint] == []
    assert hint.endswith(REDRIVE)


def test_a_schedule_s_role_needs_the_operation_on_what_the_request_is_about() -> None:
    denied = replace(SCHEDULE_LETTER, reason="AccessDenied")
    body = '{"FunctionName": "arn:aws:lambda:r:1:function:f", "n": 1}'
    invoke = replace(
        denied,
        target="arn:aws:scheduler:::aws-sdk:lambda:invoke",
        message=replace(denied.message, body=body),
    )
    start = replace(
        denied,
        target="arn:aws:scheduler:::aws-sdk:sfn:startExecution",
        message=replace(denied.message, body="{}"),
    )

    assert '"sqs:SendMessage", "Resource": "arn:aws:sqs:eu-west-1:123456789012:reports"' in hint_of(
        denied, PLACE
    )
    assert '"lambda:InvokeFunction", "Resource": "arn:aws:lambda:r:1:function:f"' in hint_of(
        invoke, PLACE
    )
    assert '"states:StartExecution", "Resource": "*"' in hint_of(start, PLACE)
    assert "schedule nightly may not reach sfn:startExecution" in hint_of(start, PLACE)


@pytest.mark.parametrize("url", ["https://localhost:4566/000000000000/reports", "https://x/!", "?"])
def test_a_url_that_is_not_of_aws_names_no_arn(url: str) -> None:
    body = json.dumps({"QueueUrl": url})
    letter = replace(SCHEDULE_LETTER, message=replace(SCHEDULE_LETTER.message, body=body))

    assert hint_of(letter, PLACE).startswith("sqs:sendMessage does not exist")


def test_a_subscription_s_letter_says_which_policy_may_lack_sns() -> None:
    to_queue = hint_of(replace(SNS_LETTER, target="arn:aws:sqs:r:1:orders"), PLACE)
    to_web = hint_of(replace(SNS_LETTER, target="https://example.com/hook"), PLACE)

    assert "does not tell why orders failed" in to_queue
    assert '"sns.amazonaws.com"' in to_queue
    assert '"aws:SourceArn": "arn:aws:sns:eu-west-1:123456789012:news"' in to_queue
    assert "why https://example.com/hook failed: is it up?" in to_web
    assert "why its endpoint failed" in hint_of(SNS_LETTER, PLACE)
    assert "list-subscriptions" in hint_of(replace(SNS_LETTER, sender=None), PLACE)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("EventAgeExceeded", "get-function-concurrency --function-name billing"),
        ("Sandbox.Timedout", "billing ran out of time"),
        ("Runtime.OutOfMemory", "billing ran out of memory"),
        ("AccessDenied", "billing lacks a permission"),
        ("KeyError", "billing failed on it"),
    ],
)
def test_a_function_s_letter_says_what_to_do_and_where_its_logs_are(
    reason: str, words: str
) -> None:
    hint = hint_of(replace(DESTINATION_LETTER, reason=reason, error_message=None), PLACE)

    assert words in hint
    if reason != "EventAgeExceeded":
        assert (
            "--log-group-name /aws/lambda/billing"
            " --filter-pattern '\"e4b46cbf-b738-4552-a3cf-2d3a3b6f0a1c\"'"
        ) in hint


def test_a_function_that_nobody_names_and_a_request_without_id_still_get_a_command() -> None:
    letter = replace(DESTINATION_LETTER, target=None, request_id=None)

    assert "/aws/lambda/FUNCTION --filter-pattern ERROR" in hint_of(letter, PLACE)


def test_what_a_sender_wrote_cannot_run_a_command_when_the_hint_is_pasted() -> None:
    evil = "arn:aws:lambda:r:1:function:x;reboot"
    letter = replace(RULE_LETTER, target=evil)
    function = replace(DESTINATION_LETTER, target=evil, request_id="$(reboot)")

    assert f"--function-name '{evil}'" in hint_of(letter, PLACE)
    assert "/aws/lambda/'x;reboot'" in hint_of(function, PLACE)
    assert "--filter-pattern '\"$(reboot)\"'" in hint_of(function, PLACE)


@pytest.mark.parametrize(
    ("sender", "command"),
    [
        ("arn:aws:events:r:1:rule/billing", "edactl rule show billing"),
        ("arn:aws:events:r:1:rule/shop/billing", "edactl rule show billing --bus shop"),
        ("odd", "look at odd"),
    ],
)
def test_the_sender_of_a_rule_s_letter_can_be_looked_at(sender: str, command: str) -> None:
    assert look_at(replace(RULE_LETTER, sender=sender)) == command


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("arn:aws:lambda:r:1:function:billing:$LATEST", "billing"),
        ("arn:aws:sns:r:1:news:id", "news"),
        ("arn:aws:sqs:r:1:orders", "orders"),
        ("arn:aws:events:r:1:rule/shop/billing", "billing"),
        ("arn:aws:states:r:1:stateMachine:pay", "pay"),
        ("arn:aws:scheduler:::aws-sdk:sqs:sendMessage", "sqs:sendMessage"),
        ("https://example.com", "https://example.com"),
        (None, "?"),
    ],
)
def test_people_call_a_resource_by_its_name(text: str | None, name: str) -> None:
    assert name_of(text) == name


def test_a_subscriber_is_called_by_its_name_not_its_id() -> None:
    letter = letter_of("events that a subscriber of a Custom Event Bus did not get")

    assert hint_of(letter, PLACE).startswith("subscriber billing may not reach billing")
    assert "describe-subscriber" in hint_of(replace(letter, reason="NO_RESOURCE"), PLACE)
    assert letter.origin is Origin.CUSTOM_EVENT_BUS


def test_a_pipe_is_named_with_where_to_look_and_the_records_in_the_stream() -> None:
    hint = hint_of(letter_of("a batch of a Kinesis stream that a pipe failed on"), PLACE)

    assert hint.startswith("pipe clicks-to-lake could not hand the batch on")
    assert "aws pipes describe-pipe --name clicks-to-lake" in hint
    assert "aws kinesis get-shard-iterator --stream-arn" in hint
