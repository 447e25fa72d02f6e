from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from edactl.core.queue import (
    Queue,
    QueueAttributes,
    RedriveAllowPolicy,
    RedrivePolicy,
    queue_attributes,
)
from edactl.core.queue_explain import coarse_span, explain, span
from edactl.core.queue_policy import Grant, senders
from edactl.core.record import JsonValue
from tests.queue_fakes import FIFO, ORDERS


def meanings(queue: Queue, raw: dict[str, str]) -> dict[str, tuple[str, str]]:
    rows = explain(queue, queue_attributes(raw))
    return {row.attribute: (row.value, row.meaning) for row in rows}


def test_every_attribute_is_read_with_its_unit() -> None:
    raw = {
        "ApproximateNumberOfMessages": "1",
        "ApproximateNumberOfMessagesNotVisible": "2",
        "ApproximateNumberOfMessagesDelayed": "3",
        "CreatedTimestamp": "1700000000",
        "LastModifiedTimestamp": "1700000001.5",
        "MessageRetentionPeriod": "60",
        "VisibilityTimeout": "4",
        "DelaySeconds": "5",
        "ReceiveMessageWaitTimeSeconds": "6",
        "MaximumMessageSize": "262144",
        "RedrivePolicy": '{"deadLetterTargetArn":"arn:aws:sqs:r:1:dlq","maxReceiveCount":"7"}',
        "RedriveAllowPolicy": '{"redrivePermission":"byQueue","sourceQueueArns":["a"]}',
        "KmsMasterKeyId": "alias/k",
        "SqsManagedSseEnabled": "true",
        "ContentBasedDeduplication": "true",
        "DeduplicationScope": "messageGroup",
        "FifoThroughputLimit": "perMessageGroupId",
        "Policy": "{}",
    }

    assert queue_attributes(raw) == QueueAttributes(
        visible=1,
        in_flight=2,
        delayed=3,
        created_at=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
        modified_at=datetime(2023, 11, 14, 22, 13, 21, tzinfo=UTC),
        retention_seconds=60,
        visibility_timeout_seconds=4,
        delay_seconds=5,
        receive_wait_seconds=6,
        maximum_message_size_bytes=262144,
        redrive_policy=RedrivePolicy("arn:aws:sqs:r:1:dlq", 7),
        redrive_allow_policy=RedriveAllowPolicy("byQueue", ("a",)),
        kms_key_id="alias/k",
        sqs_managed_encryption=True,
        content_based_deduplication=True,
        deduplication_scope="messageGroup",
        fifo_throughput_limit="perMessageGroupId",
        policy="{}",
    )


def test_absent_attributes_are_sqs_defaults() -> None:
    found = queue_attributes({})

    assert found.retention_seconds == 4 * 86_400
    assert found.visibility_timeout_seconds == 30
    assert found.maximum_message_size_bytes == 1_048_576
    assert found.created_at is None
    assert found.redrive_policy is None
    assert found.redrive_allow_policy is None
    assert found.kms_key_id is None
    assert found.policy is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (30, "30s"), (345_600, "4d"), (90_000, "1d1h"), (3661, "1h1m1s")],
)
def test_a_span_is_exact(seconds: int, text: str) -> None:
    assert span(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0s"), (59, "59s"), (125, "2m5s"), (7530, "2h5m"), (90_061, "1d1h"), (86_400, "1d")],
)
def test_a_coarse_span_has_two_units(seconds: float, text: str) -> None:
    assert coarse_span(seconds) == text


def test_a_plain_queue_is_explained_with_what_it_lacks() -> None:
    said = meanings(ORDERS, {})

    assert said["redrive policy"][0] == "none"
    assert said["encryption"] == ("none", "messages are not encrypted at rest")
    assert "at once" in said["delay"][1]
    assert "may miss messages" in said["receive wait"][1]
    assert "deduplication scope" not in said
    assert "redrive allow policy" not in said


def test_delay_waiting_redrive_and_keys_are_explained() -> None:
    said = meanings(
        ORDERS,
        {
            "DelaySeconds": "90",
            "ReceiveMessageWaitTimeSeconds": "20",
            "RedrivePolicy": '{"deadLetterTargetArn":"arn:aws:sqs:r:1:dlq","maxReceiveCount":3}',
            "RedriveAllowPolicy": '{"redrivePermission":"denyAll"}',
            "KmsMasterKeyId": "alias/k",
        },
    )

    assert said["delay"] == ("1m30s", "a new message is hidden for 1m30s first")
    assert "long polling" in said["receive wait"][1]
    assert said["redrive policy"][0] == "3 receives"
    assert said["redrive policy"][1].endswith("goes to dlq")
    assert said["redrive allow policy"] == ("denyAll", "no queue may use it as DLQ")
    assert said["encryption"][0] == "KMS alias/k"


def test_encryption_by_sqs_is_named() -> None:
    assert meanings(ORDERS, {"SqsManagedSseEnabled": "true"})["encryption"][0] == "SQS"


def test_fifo_settings_are_explained() -> None:
    plain = meanings(FIFO, {})
    fast = meanings(
        FIFO,
        {
            "ContentBasedDeduplication": "true",
            "DeduplicationScope": "messageGroup",
            "FifoThroughputLimit": "perMessageGroupId",
        },
    )

    assert plain["content-based deduplication"][0] == "off"
    assert plain["deduplication scope"][0] == "queue"
    assert plain["throughput limit"][0] == "perQueue"
    assert fast["content-based deduplication"][0] == "on"
    assert "message group" in fast["deduplication scope"][1]
    assert "high throughput" in fast["throughput limit"][1]


def statement(**changes: object) -> dict[str, object]:
    base: dict[str, object] = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": "*",
    }
    return base | changes


def senders_of(*statements: dict[str, object]) -> tuple[Grant, ...]:
    return senders(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))


def test_no_policy_grants_nobody() -> None:
    assert senders(None) == ()
    assert senders("{}") == ()
    assert senders("[]") == ()


def test_a_rule_may_send_under_its_condition() -> None:
    condition: JsonValue = {"ArnEquals": {"aws:SourceArn": "arn:aws:events:r:1:rule/au"}}

    assert senders_of(statement(Condition=condition)) == (
        Grant("Allow", ("events.amazonaws.com",), condition),
    )


@pytest.mark.parametrize(
    "action", ["SQS:*", "*", "sqs:Send*", ["sqs:ReceiveMessage", "sqs:sendmessage"]]
)
def test_actions_match_without_case_and_with_wildcards(action: object) -> None:
    assert len(senders_of(statement(Action=action))) == 1


@pytest.mark.parametrize("action", ["sqs:ReceiveMessage", [], "sns:*"])
def test_statements_about_other_actions_are_left_out(action: object) -> None:
    assert senders_of(statement(Action=action)) == ()


def test_a_not_action_counts_as_sqs_reads_it() -> None:
    without = statement()
    del without["Action"]

    assert len(senders_of(without | {"NotAction": "sqs:DeleteQueue"})) == 1
    assert senders_of(without | {"NotAction": "sqs:SendMessage"}) == ()


def test_every_spelling_of_a_principal_is_read() -> None:
    without = statement()
    del without["Principal"]

    assert [
        grant.principals
        for grant in senders_of(
            statement(Principal="*"),
            statement(Principal={"AWS": ["111111111111", "arn:aws:iam::2:root"]}, Effect="Deny"),
            without | {"NotPrincipal": {"AWS": "3"}},
        )
    ] == [("*",), ("111111111111", "arn:aws:iam::2:root"), ("not 3",)]


def test_a_single_statement_needs_no_list_and_other_shapes_are_left_out() -> None:
    assert len(senders(json.dumps({"Statement": statement()}))) == 1
    assert senders(json.dumps({"Statement": ["odd"]})) == ()
