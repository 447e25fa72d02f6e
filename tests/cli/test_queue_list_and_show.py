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


@pytest.fixture
def queues(sandbox: SandboxState) -> SandboxQueues:
    return SandboxQueues(sandbox)


def test_queues_are_listed_by_name_with_depth_dlq_and_sources(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    orders = queues.make_with_dlq("orders", 5, "a", "b", "c")
    queues.make_with_dlq("billing", 3)
    queues.sqs.receive(orders, count=1, wait_seconds=0, visibility_seconds=60)

    run = edactl("queue", "list", "-o", "json")

    assert run.status == 0
    rows = json.loads(run.out)
    assert [row["name"] for row in rows] == ["billing", "billing-dlq", "orders", "orders-dlq"]
    assert rows[2] == {
        "name": "orders",
        "visible": 2,
        "in_flight": 1,
        "delayed": 0,
        "oldest_age_seconds": None,
        "dlq": "orders-dlq",
        "max_receive_count": 5,
        "sources": [],
        "arn": orders.arn,
        "url": orders.url,
    }
    assert rows[3]["sources"] == ["orders"]


def test_a_prefix_narrows_the_list_and_sources_outside_of_it_are_found(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    queues.make_with_dlq("orders", 5)

    run = edactl("queue", "list", "--prefix", "orders-d")

    assert run.status == 0
    [row] = [json.loads(line) for line in run.out.splitlines()]
    assert (row["name"], row["sources"]) == ("orders-dlq", ["orders"])
    assert run.err == ""


def test_no_queue_is_an_empty_list_and_status_0(edactl: Edactl, sandbox: SandboxState) -> None:
    assert edactl("queue", "list", "-o", "json") == Run(0, "[]\n", "")
    assert edactl("queue", "list", "-o", "ndjson") == Run(0, "", "")


def test_the_table_has_one_line_a_queue(edactl: Edactl, queues: SandboxQueues) -> None:
    queues.make_with_dlq("orders", 5, "a")

    lines = edactl("queue", "list", "-o", "table").out.splitlines()

    assert lines[0].split() == [
        *("NAME", "VISIBLE", "IN", "FLIGHT", "DELAYED", "OLDEST", "AGE", "SECONDS"),
        *("DLQ", "SOURCES"),
    ]
    assert lines[1].split() == ["orders", "1", "0", "0", "-", "orders-dlq", "-"]
    assert lines[2].split() == ["orders-dlq", "0", "0", "0", "-", "-", "orders"]


def test_a_query_picks_names(edactl: Edactl, queues: SandboxQueues) -> None:
    queues.make("orders", "a")
    queues.make("empty")

    run = edactl("queue", "list", "-o", "text", "--query", "[?visible > `0`].name")

    assert run == Run(0, "orders\n", "")


def test_a_queue_is_shown_in_full_and_explained(edactl: Edactl, queues: SandboxQueues) -> None:
    orders = queues.make_with_dlq("orders", 5, "a")
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": "*",
                "Condition": {"ArnEquals": {"aws:SourceArn": "arn:rule"}},
            }
        ],
    }
    queues.sqs.set_policy(orders, json.dumps(policy))
    queues.feed_by_rule(orders, "flix", "au", {"source": ["com.flix"]})
    topic = queues.feed_by_topic(orders, "news")

    run = edactl("queue", "show", orders.url)

    assert run.status == 0
    shown = json.loads(run.out)
    assert (shown["name"], shown["arn"], shown["is_fifo"]) == ("orders", orders.arn, False)
    assert (shown["visible"], shown["retention_seconds"]) == (1, 345_600)
    assert (shown["dlq"], shown["max_receive_count"]) == ("orders-dlq", 5)
    assert shown["policy"] == policy
    assert shown["senders"] == [
        {
            "effect": "Allow",
            "principals": ["events.amazonaws.com"],
            "conditions": {"ArnEquals": {"aws:SourceArn": "arn:rule"}},
        }
    ]
    assert shown["fed_by_rules"] == [{"bus": "flix", "rule": "au"}]
    assert [one["topic_arn"] for one in shown["fed_by_topics"]] == [topic]
    assert shown["sources"] == []
    explained = {one["attribute"]: one["value"] for one in shown["explained"]}
    assert explained["retention"] == "4d"
    assert explained["redrive policy"] == "5 receives"


def test_the_table_of_a_queue_says_what_each_thing_means(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    orders = queues.make_with_dlq("orders", 5)
    queues.feed_by_rule(orders, "flix", "au", {"source": ["com.flix"]})
    queues.feed_by_topic(orders, "news")

    table = edactl("queue", "show", "orders", "-o", "table").out
    dlq = edactl("queue", "show", "orders-dlq", "-o", "table").out

    for said in (
        "WHAT",
        "looks included, goes to orders-dlq",
        "bus flix",
        "news",
        "no queue policy",
    ):
        assert said in table
    assert "dlq of" in dlq
    assert "orders" in dlq


def test_the_table_of_a_queue_with_a_policy_names_who_may_send(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    orders = queues.make("orders")
    open_to_all = {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}
    queues.sqs.set_policy(orders, json.dumps({"Statement": [open_to_all]}))

    table = edactl("queue", "show", "orders", "-o", "table").out

    assert "allows sending" in table
    assert "without conditions" in table


def test_a_query_on_a_queue_wins_over_the_table(edactl: Edactl, queues: SandboxQueues) -> None:
    queues.make("orders.fifo")

    run = edactl("queue", "show", "orders.fifo", "-o", "table", "--query", "is_fifo")

    assert run.out.strip() == "yes"


def test_an_unknown_queue_is_254(edactl: Edactl, sandbox: SandboxState) -> None:
    run = edactl("queue", "show", "nope")

    assert run.status == 254
    assert "try: edactl queue list --prefix nope" in run.err


@pytest.fixture
def real_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "fake")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "fake")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")


def test_denied_look_ups_are_nulls_and_warnings(edactl: Edactl, real_looking: None) -> None:
    def answer(operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if operation == "GetQueueUrl":
            return 200, {"QueueUrl": "http://127.0.0.1/123456789012/orders"}
        if operation == "GetQueueAttributes":
            return 200, {"Attributes": {}}
        return error("AccessDeniedException", 403)

    with scripted_sqs(answer) as (url, _):
        run = edactl("--endpoint-url", url, "queue", "show", "orders")
        table = edactl("--endpoint-url", url, "queue", "show", "orders", "-o", "table")

    assert run.status == 0
    shown = json.loads(run.out)
    assert shown["tags"] is None
    assert shown["sources"] is None
    assert shown["fed_by_rules"] is None
    assert "tags unknown" in run.err
    assert "sources unknown" in run.err
    assert "rules that feed it unknown" in run.err
    assert "the caller lacks sns:ListSubscriptions" in run.err
    assert "no oldest ages: metrics of queues: access denied" in run.err
    assert "it could not be read" in table.out


def test_a_queue_that_may_not_be_read_in_a_list_has_nulls_and_a_warning(
    edactl: Edactl, real_looking: None
) -> None:
    urls = ["http://127.0.0.1/123456789012/open", "http://127.0.0.1/123456789012/secret"]

    def answer(operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if operation == "ListQueues":
            return 200, {"QueueUrls": urls}
        if operation == "GetQueueAttributes" and request["QueueUrl"].endswith("open"):
            return 200, {"Attributes": {"ApproximateNumberOfMessages": "4"}}
        return error("AccessDeniedException", 403)

    with scripted_sqs(answer) as (url, _):
        run = edactl("--endpoint-url", url, "queue", "list", "-o", "json")

    assert run.status == 0
    assert [(row["name"], row["visible"]) for row in json.loads(run.out)] == [
        ("open", 4),
        ("secret", None),
    ]
    assert "warning: 1 of 2 queues may not be read" in run.err
