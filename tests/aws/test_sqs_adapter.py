from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.stub import Stubber
from moto import mock_aws

from edactl.aws.session import AwsSession
from edactl.aws.sqs import SqsQueues
from edactl.core.arn import parse_queue
from edactl.core.message import BatchFailure, MessageAttribute, NotSent, Outgoing, Sent
from edactl.core.queue import Queue
from edactl.core.settings import ConnectionOptions, Setting
from edactl.errors import NotFound, UsageError

ORDERS = Queue("orders", "https://q/1/orders", "arn:aws:sqs:eu-west-1:1:orders", "1", "eu-west-1")

STATEMENT = {
    "Effect": "Allow",
    "Principal": {"Service": "events.amazonaws.com"},
    "Action": "sqs:SendMessage",
    "Resource": "*",
}


def a_session() -> AwsSession:
    return AwsSession(ConnectionOptions(region=Setting("eu-west-1", "test")))


@pytest.fixture(autouse=True)
def fake_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "fake")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "fake")


@pytest.fixture
def queues() -> Iterator[SqsQueues]:
    with mock_aws():
        yield SqsQueues(a_session())


@pytest.fixture
def stubbed() -> Iterator[tuple[SqsQueues, Stubber]]:
    session = a_session()
    with Stubber(session.client("sqs")) as stubber:
        yield SqsQueues(session), stubber


def make(queues: SqsQueues, name: str, **attributes: str) -> Queue:
    return queues.create(name, attributes=attributes, tags={})


def test_a_queue_is_found_by_name_url_and_arn(queues: SqsQueues) -> None:
    made = make(queues, "orders")

    for text in ("orders", made.url, made.arn):
        assert queues.find(parse_queue(text)) == made
    assert made.arn == f"arn:aws:sqs:eu-west-1:{made.account}:orders"
    assert made.region == "eu-west-1"
    assert made.is_fifo is False
    assert make(queues, "orders.fifo", FifoQueue="true").is_fifo is True


def test_an_unknown_queue_is_not_found_and_the_hint_names_the_nearest(queues: SqsQueues) -> None:
    make(queues, "orders-dlq")

    with pytest.raises(NotFound) as near:
        queues.find(parse_queue("orders-dql"))
    with pytest.raises(NotFound) as far:
        queues.find(parse_queue("zzz_q"))

    assert near.value.hint == "orders-dlq; or edactl queue list --prefix orders"
    assert far.value.hint == "edactl queue list --prefix zzz"


def test_a_hint_that_may_not_be_looked_up_is_given_without_the_nearest_name(
    stubbed: tuple[SqsQueues, Stubber],
) -> None:
    queues, stubber = stubbed
    stubber.add_client_error("get_queue_url", "AWS.SimpleQueueService.NonExistentQueue")
    stubber.add_client_error("list_queues", "AccessDenied")

    with pytest.raises(NotFound) as caught:
        queues.find(parse_queue("-orders"))

    assert caught.value.hint == "edactl queue list --prefix -orders"


def test_a_queue_of_another_region_is_refused_before_any_call(
    stubbed: tuple[SqsQueues, Stubber],
) -> None:
    queues, _ = stubbed
    with pytest.raises(UsageError) as caught:
        queues.find(parse_queue("arn:aws:sqs:us-east-1:123456789012:orders"))

    assert caught.value.hint == "add --region us-east-1"


def test_the_owner_of_a_queue_in_another_account_is_passed_on(
    stubbed: tuple[SqsQueues, Stubber],
) -> None:
    queues, stubber = stubbed
    url = "https://sqs.eu-west-1.amazonaws.com/210987654321/orders"
    stubber.add_response(
        "get_queue_url",
        {"QueueUrl": url},
        {"QueueName": "orders", "QueueOwnerAWSAccountId": "210987654321"},
    )

    assert queues.find(parse_queue(url)).account == "210987654321"


def test_queues_are_listed_by_prefix_to_the_last_page(
    stubbed: tuple[SqsQueues, Stubber],
) -> None:
    queues, stubber = stubbed
    first = {"QueueNamePrefix": "o", "MaxResults": 1000}
    stubber.add_response("list_queues", {"QueueUrls": ["https://q/1/o1"], "NextToken": "t"}, first)
    stubber.add_response(
        "list_queues", {"QueueUrls": ["https://q/1/o2"]}, first | {"NextToken": "t"}
    )

    assert list(queues.names("o")) == ["o1", "o2"]


def test_all_queues_are_listed_without_a_prefix(queues: SqsQueues) -> None:
    assert list(queues.list()) == []
    make(queues, "a")
    make(queues, "b")

    assert sorted(queues.names()) == ["a", "b"]


def test_attributes_tags_policy_and_sources_are_read_back(queues: SqsQueues) -> None:
    dlq = queues.create("orders-dlq", attributes={}, tags={"team": "a"})
    redrive = json.dumps({"deadLetterTargetArn": dlq.arn, "maxReceiveCount": "3"})
    orders = make(queues, "orders", RedrivePolicy=redrive, DelaySeconds="5")
    make(queues, "billing", RedrivePolicy=redrive)
    policy = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]})
    queues.set_policy(dlq, policy)

    found = queues.attributes(orders)
    assert found.delay_seconds == 5
    assert found.redrive_policy is not None
    assert found.redrive_policy.dead_letter_queue_arn == dlq.arn
    assert found.redrive_policy.max_receive_count == 3
    assert json.loads(queues.attributes(dlq).policy or "") == json.loads(policy)
    assert queues.tags(dlq) == {"team": "a"}
    assert queues.tags(orders) == {}
    assert queues.sources_of(dlq) == ["billing", "orders"]


def test_a_deleted_queue_is_gone(queues: SqsQueues) -> None:
    orders = make(queues, "orders")

    queues.delete(orders)

    assert list(queues.names()) == []


def test_a_message_comes_back_with_attributes_and_group(queues: SqsQueues) -> None:
    fifo = make(queues, "orders.fifo", FifoQueue="true")
    attributes = {
        "tenant": MessageAttribute("String", "acme"),
        "count": MessageAttribute("Number.int", "5"),
        "photo": MessageAttribute("Binary", None, b"\x00\xff"),
    }
    sent = queues.send(fifo, [Outgoing("café", attributes, "g", "d")])

    [received] = queues.receive(fifo, count=10, wait_seconds=0, visibility_seconds=30)

    message = received.message
    assert sent == [Sent(message.message_id)]
    assert message.body == "café"
    assert message.message_attributes == attributes
    assert (message.group_id, message.deduplication_id) == ("g", "d")
    assert message.receive_count == 1
    assert message.sent_at is not None
    assert message.first_received_at is not None
    assert message.first_received_at >= message.sent_at
    assert message.source_queue_arn is None
    assert message.attributes["MessageGroupId"] == "g"
    assert len(received.md5_of_body) == 32


def test_the_trace_header_is_sent_as_the_system_attribute_and_read_from_it(
    stubbed: tuple[SqsQueues, Stubber],
) -> None:
    queues, stubber = stubbed
    system = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-2"}}
    entry = {"Id": "0", "MessageBody": "x", "MessageSystemAttributes": system}
    taken = {"Id": "0", "MessageId": "m", "MD5OfMessageBody": "9dd4e461268c8034f5c8564e155c67a6"}
    stubber.add_response(
        "send_message_batch",
        {"Successful": [taken], "Failed": []},
        {"QueueUrl": ORDERS.url, "Entries": [entry]},
    )
    raw = {"MessageId": "m", "ReceiptHandle": "h", "Attributes": {"AWSTraceHeader": "Root=1-2"}}
    stubber.add_response("receive_message", {"Messages": [raw]})

    assert queues.send(ORDERS, [Outgoing("x", trace_header="Root=1-2")]) == [Sent("m")]
    [received] = queues.receive(ORDERS, count=1, wait_seconds=0, visibility_seconds=1)
    assert received.message.trace_header == "Root=1-2"


def test_a_delayed_message_is_not_received_yet(queues: SqsQueues) -> None:
    orders = make(queues, "orders")

    queues.send(orders, [Outgoing("later", delay_seconds=60)])

    assert queues.receive(orders, count=1, wait_seconds=0, visibility_seconds=1) == []
    assert queues.attributes(orders).delayed == 1


def test_released_messages_can_be_received_at_once_and_deleted_ones_never(
    queues: SqsQueues,
) -> None:
    orders = make(queues, "orders")
    for start in range(0, 12, 6):
        queues.send(orders, [Outgoing(f"m{n}") for n in range(start, start + 6)])
    taken = [
        one
        for _ in range(2)
        for one in queues.receive(orders, count=10, wait_seconds=0, visibility_seconds=60)
    ]
    assert len(taken) == 12

    assert queues.delete_messages(orders, [one.receipt_handle for one in taken[:1]]) == []
    assert queues.release(orders, [one.receipt_handle for one in taken[1:]]) == []

    again = queues.attributes(orders)
    assert (again.visible, again.in_flight) == (11, 0)


def test_a_purge_empties_the_queue(queues: SqsQueues) -> None:
    orders = make(queues, "orders")
    queues.send(orders, [Outgoing("x")])

    queues.purge(orders)

    assert queues.attributes(orders).visible == 0


def test_a_partial_failure_keeps_each_message_with_its_own_outcome(
    stubbed: tuple[SqsQueues, Stubber],
) -> None:
    queues, stubber = stubbed
    stubber.add_response(
        "send_message_batch",
        {
            "Successful": [
                {
                    "Id": "2",
                    "MessageId": "m-2",
                    "MD5OfMessageBody": "4a8a08f09d37b73795649038408b5f33",
                }
            ],
            "Failed": [
                {"Id": "0", "Code": "InternalError", "Message": "later", "SenderFault": False},
                {"Id": "1", "Code": "InvalidMessageContents", "SenderFault": True},
            ],
        },
    )

    assert queues.send(ORDERS, [Outgoing(body) for body in "abcd"]) == [
        NotSent("InternalError", "later", retryable=True),
        NotSent("InvalidMessageContents", "no reason given", retryable=False),
        Sent("m-2"),
        NotSent("NoAnswer", "SQS did not say what became of this message", retryable=False),
    ]


def test_a_body_that_sqs_took_otherwise_counts_as_not_sent(
    stubbed: tuple[SqsQueues, Stubber],
) -> None:
    queues, stubber = stubbed
    stubber.add_response(
        "send_message_batch",
        {
            "Successful": [{"Id": "0", "MessageId": "m-0", "MD5OfMessageBody": "0" * 32}],
            "Failed": [],
        },
    )

    [outcome] = queues.send(ORDERS, [Outgoing("a")])

    assert isinstance(outcome, NotSent)
    assert outcome.error_code == "BodyDigestMismatch"
    assert outcome.retryable is False
    assert "m-0" in outcome.error_message


@pytest.mark.parametrize(
    ("operation", "aws_operation"),
    [("release", "change_message_visibility_batch"), ("delete_messages", "delete_message_batch")],
)
def test_handles_go_in_batches_of_ten_and_failures_count_over_all_of_them(
    stubbed: tuple[SqsQueues, Stubber], operation: str, aws_operation: str
) -> None:
    queues, stubber = stubbed
    fine: dict[str, Any] = {"Successful": [], "Failed": []}
    failed = {"Id": "1", "Code": "ReceiptHandleIsInvalid", "SenderFault": True, "Message": "no"}
    stubber.add_response(aws_operation, fine)
    stubber.add_response(aws_operation, fine | {"Failed": [failed]})

    failures = getattr(queues, operation)(ORDERS, [f"h{n}" for n in range(12)])

    assert failures == [BatchFailure(11, "ReceiptHandleIsInvalid", "no", retryable=False)]
    stubber.assert_no_pending_responses()


def test_what_a_dead_letter_was_moved_from_is_kept(stubbed: tuple[SqsQueues, Stubber]) -> None:
    queues, stubber = stubbed
    source = "arn:aws:sqs:eu-west-1:1:orders"
    stubber.add_response(
        "receive_message",
        {
            "Messages": [
                {
                    "MessageId": "m",
                    "ReceiptHandle": "h",
                    "Body": "x",
                    "Attributes": {"DeadLetterQueueSourceArn": source},
                }
            ]
        },
    )

    [received] = queues.receive(ORDERS, count=1, wait_seconds=0, visibility_seconds=1)

    assert received.message.source_queue_arn == source
    assert received.message.receive_count is None
    assert received.message.sent_at is None
