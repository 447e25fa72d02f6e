from __future__ import annotations

import io
import json
import os
import re
import threading
from collections.abc import Callable
from typing import Any

import pytest

from edactl.cli.closed_pipe import reader_is_gone
from edactl.cli.queue_tail import _line
from edactl.core.record import JsonValue
from edactl.sandbox.state import SandboxState
from tests.running import Run
from tests.sandbox_queues import SandboxQueues
from tests.scripted_sqs import error, scripted_sqs

Edactl = Callable[..., Run]


@pytest.fixture
def queues(sandbox: SandboxState) -> SandboxQueues:
    return SandboxQueues(sandbox)


def until_mirrored(queues: SandboxQueues, then: Callable[[], None]) -> threading.Thread:
    """Wait in a thread until a tail's copies stand, then do something once."""

    def work() -> None:
        for _ in range(400):
            if any(name.endswith("-0") for name in queues.leftovers()):
                break
            threading.Event().wait(0.02)
        then()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_a_queue_without_feeds_gets_the_choice_explained(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    orders = queues.make("orders", "a")

    run = edactl("queue", "tail", "orders")

    assert run.status == 252
    assert run.out == ""
    assert "changes what its consumers see" in run.err
    assert "--lease" in run.err
    assert "--consume" in run.err
    assert queues.depth(orders) == (1, 0)


def test_lease_and_consume_exclude_each_other(edactl: Edactl, sandbox: SandboxState) -> None:
    run = edactl("queue", "tail", "orders", "--lease", "--consume")

    assert run.status == 252
    assert "exclude each other" in run.err


def test_a_bad_timeout_is_252(edactl: Edactl, sandbox: SandboxState) -> None:
    assert edactl("queue", "tail", "orders", "--timeout", "soon").status == 252


def test_a_mirror_shows_what_the_rule_delivers_and_leaves_the_queue_alone(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    orders = queues.make("orders")
    queues.feed_by_rule(orders, "flix", "au", {"source": ["com.flix"]})

    def put() -> None:
        queues.put_event("flix", "com.other", {"id": 0})
        queues.put_event("flix", "com.flix", {"id": 1})

    putting = until_mirrored(queues, put)
    run = edactl("queue", "tail", "orders", "--limit", "1", "--timeout", "20s", "--json-body")
    putting.join()

    assert run.status == 0
    record = json.loads(run.out)
    assert record["json_body"] == {"id": 1}
    assert "mirroring rule au of bus flix into edactl-tail-" in run.err
    assert queues.leftovers() == []
    assert queues.depth(orders) == (1, 0)


def test_a_mirror_that_sees_nothing_ends_with_124_and_cleans_up(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    orders = queues.make("orders")
    queues.feed_by_topic(orders, "news")

    run = edactl("queue", "tail", "orders", "--timeout", "100ms")

    assert (run.status, run.out) == (124, "")
    assert "mirroring topic news" in run.err
    assert "showed 0 messages of orders" in run.err
    assert queues.leftovers() == []


def test_a_feed_that_cannot_be_mirrored_is_named_beside_those_that_can(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    orders = queues.make("orders")
    queues.feed_by_topic(orders, "news")
    queues.feed_by_rule(orders, "flix", "au", {"source": ["com.flix"]})
    queues.session.call("events", "disable_rule", Name="au", EventBusName="flix")

    run = edactl("queue", "tail", "orders", "--timeout", "100ms")

    assert run.status == 124
    assert "rule au is not mirrored: it is disabled" in run.err


@pytest.fixture
def real_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "fake")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "fake")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")


def test_what_a_mirror_cannot_remove_is_named_with_the_command_that_does(
    edactl: Edactl, real_looking: None
) -> None:
    rule = "arn:aws:events:eu-west-1:123456789012:rule/au"
    queue = "arn:aws:sqs:eu-west-1:123456789012:orders"

    def answer(operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if operation == "DeleteQueue":
            return error("AccessDeniedException", 403)
        answers: dict[str, dict[str, Any]] = {
            "GetQueueUrl": {"QueueUrl": "http://127.0.0.1/123456789012/orders"},
            "ListEventBuses": {"EventBuses": [{"Name": "default"}]},
            "ListRuleNamesByTarget": {"RuleNames": ["au"]},
            "DescribeRule": {"Arn": rule, "EventPattern": "{}", "State": "ENABLED"},
            "ListTargetsByRule": {"Targets": [{"Id": "1", "Arn": queue}]},
            "CreateQueue": {"QueueUrl": f"http://127.0.0.1/1/{request.get('QueueName')}"},
        }
        return 200, answers.get(operation, {})

    with scripted_sqs(answer) as (url, calls):
        run = edactl("--endpoint-url", url, "queue", "tail", "orders", "--timeout", "10ms")

    assert run.status == 124
    assert "not mirrored: subscriptions: access denied" in run.err
    assert re.search(r"queue edactl-tail-\w+ is left behind: .*; edactl bus sweep removes", run.err)
    assert calls[-3:] == ["RemoveTargets", "DeleteRule", "DeleteQueue"]


def test_a_consumed_message_that_cannot_be_deleted_is_named(
    edactl: Edactl, real_looking: None
) -> None:
    messages = [{"MessageId": "m", "ReceiptHandle": "h", "Body": "x", "MD5OfBody": ""}]
    failed = [{"Id": "0", "Code": "ReceiptHandleIsInvalid", "SenderFault": True}]

    def answer(operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        answers: dict[str, dict[str, Any]] = {
            "GetQueueUrl": {"QueueUrl": "http://127.0.0.1/123456789012/orders"},
            "ReceiveMessage": {"Messages": messages},
            "DeleteMessageBatch": {"Successful": [], "Failed": failed},
        }
        return 200, answers[operation]

    with scripted_sqs(answer) as (url, _):
        run = edactl("--endpoint-url", url, "queue", "tail", "orders", "--consume", "--limit", "1")

    assert run.status == 0
    assert "deleted 0 messages of orders" in run.err
    assert "1 message could not be deleted and will come back" in run.err


def test_a_lease_shows_each_message_once_and_gives_it_back(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    orders = queues.make("orders", "a", "b")

    run = edactl(
        *("queue", "tail", "orders", "--lease", "--timeout", "2s", "--query", "body"),
        "--limit",
        "9" * 30,
    )

    assert run.status == 124
    assert sorted(run.out.split()) == ['"a"', '"b"']
    assert "raises the receive count" in run.err
    assert queues.depth(orders) == (2, 0)


def test_a_lease_ends_at_its_limit(edactl: Edactl, queues: SandboxQueues) -> None:
    queues.make("orders", "a", "b", "c")

    run = edactl("queue", "tail", "orders", "--lease", "--limit", "2", "-o", "json")

    assert run.status == 0
    assert len(json.loads(run.out)) == 2


def test_a_lease_on_a_tight_redrive_policy_is_refused_without_force(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    queues.make_with_dlq("orders", 1, "a")

    refused = edactl("queue", "tail", "orders", "--lease", "--limit", "1")
    forced = edactl("queue", "tail", "orders", "--lease", "--limit", "1", "--force")

    assert (refused.status, refused.out) == (3, "")
    assert forced.status == 0


def test_consuming_deletes_what_was_printed_and_says_it_loudly(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    fifo = queues.make("orders.fifo", "a", "b", "c")

    run = edactl("queue", "tail", "orders.fifo", "--consume", "--limit", "2", "--query", "body")

    assert run.status == 0
    assert run.out.split() == ['"a"', '"b"']
    assert "each message printed is DELETED from orders.fifo" in run.err
    assert "deleted 2 messages of orders.fifo" in run.err
    assert queues.bodies(fifo) == ["c"]


def test_a_message_that_cannot_be_printed_is_not_deleted(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    orders = queues.make("orders", "a", "b")

    run = edactl("queue", "tail", "orders", "--consume", "-o", "text")

    assert run.status == 252
    assert "-o text cannot show a value that holds other values" in run.err
    assert queues.depth(orders) == (2, 0)


def test_a_table_of_a_stream_is_one_readable_line_a_message(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    queues.make("orders.fifo", "two\nlines")

    run = edactl("queue", "tail", "orders.fifo", "--consume", "--limit", "1", "-o", "table")

    assert run.out.count("\n") == 1
    assert run.out.endswith("[g] two lines\n")


def test_a_line_of_a_queried_value_is_the_value() -> None:
    line = _line(colored=False)

    assert line("x") == "x"
    assert line({"a": 1}) == "{'a': 1}"


def test_a_line_is_dimmed_where_colour_is_wanted_and_never_drives_the_terminal() -> None:
    record: JsonValue = {
        "message_id": "0123456789",
        "sent_at": None,
        "group_id": None,
        "body": "a\x9b31m\tb",
    }

    assert _line(colored=False)(record) == "- 01234567 a\\x9b31m b"
    assert _line(colored=True)(record) == "\x1b[2m- 01234567\x1b[0m a\\x9b31m b"


def test_a_pipe_whose_reader_left_is_known_and_a_file_or_capture_never(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stream:
        assert reader_is_gone(stream) is False
        os.close(reading)
        assert reader_is_gone(stream) is True
    with (tmp_path_factory.mktemp("out") / "file").open("w") as file:
        assert reader_is_gone(file) is False
    assert reader_is_gone(io.StringIO()) is False
