from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from edactl.sandbox.state import SandboxState
from tests.running import Run
from tests.sandbox_queues import SandboxQueues
from tests.scripted_sqs import error, scripted_sqs

Edactl = Callable[..., Run]
FIELDS = [
    *("message_id", "body", "attributes", "message_attributes", "group_id", "deduplication_id"),
    *("sent_at", "first_received_at", "receive_count", "source_queue_arn", "trace_header"),
]


@pytest.fixture
def queues(sandbox: SandboxState) -> SandboxQueues:
    return SandboxQueues(sandbox)


@pytest.fixture
def real_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "fake")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "fake")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")


def test_a_peek_shows_records_and_leaves_everything_visible(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    orders = queues.make("orders", '{"id": 1}', "plain")

    run = edactl("queue", "peek", "orders")

    assert run.status == 0
    records = [json.loads(line) for line in run.out.splitlines()]
    assert [list(record) for record in records] == [FIELDS, FIELDS]
    assert sorted(record["body"] for record in records) == ["plain", '{"id": 1}']
    assert {record["receive_count"] for record in records} == {1}
    assert records[0]["sent_at"].endswith("Z")
    assert "looked at 2 messages of orders and gave all back" in run.err
    assert "raises the receive count" in run.err
    assert queues.depth(orders) == (2, 0)


def test_json_body_adds_the_body_parsed(edactl: Edactl, queues: SandboxQueues) -> None:
    queues.make("orders", '{"id": 1}')

    run = edactl("queue", "peek", "orders", "--json-body", "-o", "json")

    [record] = json.loads(run.out)
    assert list(record) == [*FIELDS, "json_body"]
    assert record["body"] == '{"id": 1}'
    assert record["json_body"] == {"id": 1}


def test_a_peek_ends_at_its_limit(edactl: Edactl, queues: SandboxQueues) -> None:
    orders = queues.make("orders", *(f"m{n}" for n in range(25)))

    assert len(edactl("queue", "peek", "orders").out.splitlines()) == 10
    assert len(edactl("queue", "peek", "orders", "--limit", "25").out.splitlines()) == 25
    assert queues.depth(orders) == (25, 0)


def test_a_peek_into_an_empty_queue_is_status_0_and_no_data(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    queues.make("orders")

    run = edactl("queue", "peek", "orders", "-o", "json")

    assert (run.status, run.out) == (0, "[]\n")
    assert "no message to see in orders" in run.err


def test_a_fifo_queue_is_peeked_in_order_and_its_group_is_free_again(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    fifo = queues.make("orders.fifo", "a", "b", "c")

    first = edactl("queue", "peek", "orders.fifo", "--query", "[].body", "-o", "json")
    second = edactl("queue", "peek", "orders.fifo", "--query", "[].body", "-o", "json")

    assert json.loads(first.out) == json.loads(second.out) == ["a", "b", "c"]
    assert queues.depth(fifo) == (3, 0)
    assert queues.bodies(fifo) == ["a", "b", "c"]


@pytest.mark.parametrize("count", [1, 2])
def test_a_queue_that_one_look_could_empty_into_its_dlq_is_refused_untouched(
    edactl: Edactl, queues: SandboxQueues, count: int
) -> None:
    orders = queues.make_with_dlq("orders", count, "a")

    refused = edactl("queue", "peek", "orders")
    [before] = queues.sqs.receive(orders, count=1, wait_seconds=0, visibility_seconds=60)
    queues.sqs.release(orders, [before.receipt_handle])

    assert refused.status == 3
    assert refused.out == ""
    assert "try: --force" in refused.err
    assert before.message.receive_count == 1


def test_force_looks_all_the_same(edactl: Edactl, queues: SandboxQueues) -> None:
    orders = queues.make_with_dlq("orders", 1, "a")

    run = edactl("queue", "peek", "orders", "--force")

    assert run.status == 0
    assert json.loads(run.out)["body"] == "a"
    assert queues.depth(orders) == (1, 0)


def test_a_message_near_its_last_receive_ends_the_peek_with_status_3(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    orders = queues.make_with_dlq("orders", 3, "a")

    assert edactl("queue", "peek", "orders").status == 0
    guarded = edactl("queue", "peek", "orders")

    assert guarded.status == 3
    assert json.loads(guarded.out)["receive_count"] == 2
    assert "has been received 2 times; after 3 it goes to its DLQ" in guarded.err
    assert queues.depth(orders) == (1, 0)


def test_a_dead_letter_names_the_queue_it_came_from(edactl: Edactl, queues: SandboxQueues) -> None:
    orders = queues.make_with_dlq("orders", 1, "a")
    for _ in range(2):
        for one in queues.sqs.receive(orders, count=1, wait_seconds=0, visibility_seconds=60):
            queues.sqs.release(orders, [one.receipt_handle])

    run = edactl("queue", "peek", "orders-dlq", "--query", "[].source_queue_arn", "-o", "json")

    assert json.loads(run.out) == [orders.arn]


def test_a_peek_that_cannot_give_back_says_so(edactl: Edactl, real_looking: None) -> None:
    messages = [{"MessageId": "m", "ReceiptHandle": "h", "Body": "x", "MD5OfBody": ""}]

    def answer(operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        answers: dict[str, tuple[int, dict[str, Any]]] = {
            "GetQueueUrl": (200, {"QueueUrl": "http://127.0.0.1/123456789012/orders"}),
            "GetQueueAttributes": (200, {"Attributes": {}}),
            "ReceiveMessage": (200, {"Messages": messages}),
            "ChangeMessageVisibilityBatch": error("AccessDeniedException", 403),
        }
        return answers[operation]

    with scripted_sqs(answer) as (url, calls):
        run = edactl("--endpoint-url", url, "queue", "peek", "orders", "--limit", "1")

    assert run.status == 0
    assert json.loads(run.out)["body"] == "x"
    assert "1 message of orders could not be given back" in run.err
    assert calls[-1] == "ChangeMessageVisibilityBatch"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["queue", "peek", "orders", "--limit", "0"], "--limit"),
        (["queue", "peek"], "QUEUE"),
        (["queue", "peek", "orders", "--query", "a["], "is not JMESPath"),
        (["queue", "look", "orders"], "No such command"),
    ],
)
def test_a_wrong_command_line_is_252(
    edactl: Edactl, sandbox: SandboxState, arguments: list[str], said: str
) -> None:
    run = edactl(*arguments)

    assert run.status == 252
    assert said in run.err


def test_a_purge_without_anybody_to_ask_names_the_flag_and_deletes_nothing(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    orders = queues.make("orders", "a", "b")

    run = edactl("queue", "purge", "orders")

    assert run.status == 252
    assert "Delete every message of queue orders in us-east-1, about 2?" in run.err
    assert "try: add --yes" in run.err
    assert queues.depth(orders) == (2, 0)


def test_a_dry_purge_shows_the_plan_and_deletes_nothing(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    orders = queues.make("orders", "a", "b")

    run = edactl("queue", "purge", "orders", "--dry-run")

    assert run.status == 0
    assert json.loads(run.out) == {
        "queue": "orders",
        "arn": orders.arn,
        "visible": 2,
        "in_flight": 0,
        "delayed": 0,
        "purged": False,
        "purged_at": None,
        "dry_run": True,
    }
    assert queues.depth(orders) == (2, 0)


def test_a_purge_deletes_warns_and_records_what_was_done(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    orders = queues.make("orders", "a", "b")

    run = edactl("queue", "purge", "orders", "--yes")

    assert run.status == 0
    record = json.loads(run.out)
    assert (record["visible"], record["purged"]) == (2, True)
    assert record["purged_at"].endswith("Z")
    assert "takes up to 60 s and deletes what is sent meanwhile" in run.err
    assert queues.depth(orders) == (0, 0)


def test_a_purge_that_still_runs_says_to_wait(edactl: Edactl, real_looking: None) -> None:
    def answer(operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        answers: dict[str, tuple[int, dict[str, Any]]] = {
            "GetQueueUrl": (200, {"QueueUrl": "http://127.0.0.1/123456789012/orders"}),
            "GetQueueAttributes": (200, {"Attributes": {}}),
            "PurgeQueue": error("PurgeQueueInProgress", 403),
        }
        return answers[operation]

    with scripted_sqs(answer) as (url, _):
        run = edactl("--endpoint-url", url, "queue", "purge", "orders", "-y")

    assert run.status == 254
    assert run.out == ""
    assert "is being purged already" in run.err
    assert "try: wait 60 s" in run.err
