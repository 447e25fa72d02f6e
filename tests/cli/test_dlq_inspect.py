from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from edactl.cli.dlq_tables import cluster_lines, letter_line
from edactl.core.dlq import expires_at
from edactl.core.letter import Origin
from edactl.core.letter_clusters import MAXIMUM_CLUSTERS, OTHER, Clusters
from edactl.core.letter_origins import classify
from edactl.core.letter_report import ClusterRow, cluster_row
from edactl.core.message import Outgoing
from edactl.core.queue import Queue
from edactl.sandbox.state import SandboxState
from tests.dead_letters import LETTERS, message_of
from tests.running import Run
from tests.sandbox_queues import SandboxQueues
from tests.scripted_sqs import error, scripted_sqs

Edactl = Callable[..., Run]
CONTRACT = [
    *("cluster", "origin", "reason", "target", "count", "first_seen_at", "last_seen_at"),
    *("sample_message_id", "hint"),
]
NOW = datetime(2026, 11, 25, tzinfo=UTC)


@pytest.fixture
def queues(sandbox: SandboxState) -> SandboxQueues:
    return SandboxQueues(sandbox)


def records(run: Run) -> list[dict[str, Any]]:
    assert run.status == 0, run.err
    return [json.loads(line) for line in run.out.splitlines()]


def put(queues: SandboxQueues, queue: Queue, *names: str) -> None:
    """Put letters of the case file into a queue, as their senders would."""
    for name in names:
        message = message_of(next(one for one in LETTERS if one["name"] == name)["message"])
        letter = Outgoing(message.body, message.message_attributes)
        queues.sqs.send(queue, [letter])


def test_every_origin_is_told_with_its_reason_target_and_hint(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    dlq = queues.make("mixed-dlq")
    names = [one["name"] for one in LETTERS if "source_queue_arn" not in one["message"]]
    put(queues, dlq, *names)

    found = records(edactl("dlq", "inspect", "mixed-dlq"))

    assert [list(one)[: len(CONTRACT)] for one in found] == [CONTRACT] * len(found)
    assert sum(one["count"] for one in found) == len(names)
    told = {(one["origin"], one["reason"], one["target"], one["problem"]) for one in found}
    wanted = {
        tuple(case["letter"].get(name) for name in ("origin", "reason", "target", "problem"))
        for case in LETTERS
        if "source_queue_arn" not in case["message"]
    }
    assert told == wanted
    assert all(one["hint"] for one in found)
    assert queues.depth(dlq) == (len(names), 0)


def test_clusters_come_largest_first_with_times_and_a_sample(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    dlq = queues.make("dlq", "poison 1", '{"type": "order", "id": 7}', "poison 23")

    run = edactl("dlq", "inspect", "dlq")

    [poison, order] = records(run)
    assert (poison["count"], poison["message"], poison["origin"]) == (2, "poison #", "unknown")
    assert (order["count"], order["message"]) == (1, "{id, type: order}")
    assert poison["first_seen_at"] <= poison["last_seen_at"]
    assert poison["sample_body"] == "poison 1"
    assert f"edactl dlq redrive dlq --cluster {poison['cluster']} --to QUEUE" in poison["hint"]
    assert "looked at 3 of about 3 letters of dlq and gave all back" in run.err
    assert "no queue sends its failures to dlq; edactl dlq list tells" in run.err
    assert queues.depth(dlq) == (3, 0)


def test_letters_are_printed_one_by_one_and_can_be_chosen_by_cluster(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    queues.make("dlq", "poison 1", "other words", "poison 23")
    [poison, _] = records(edactl("dlq", "inspect", "dlq"))

    every = records(edactl("dlq", "inspect", "dlq", "--letters"))
    chosen = edactl("dlq", "inspect", "dlq", "--letters", "--cluster", poison["cluster"])

    assert sorted(one["body"] for one in every) == ["other words", "poison 1", "poison 23"]
    assert list(every[0])[:5] == ["cluster", "origin", "payload", "reason", "error_message"]
    assert [one["body"] for one in records(chosen)] == ["poison 1", "poison 23"]
    assert {one["cluster"] for one in records(chosen)} == {poison["cluster"]}
    assert f"2 records of cluster {poison['cluster']}" in chosen.err


def test_a_cluster_that_is_not_there_is_status_1(edactl: Edactl, queues: SandboxQueues) -> None:
    queues.make("dlq", "poison 1")

    for more in ([], ["--letters"]):
        run = edactl("dlq", "inspect", "dlq", "--cluster", "00000000", *more)
        assert (run.status, run.out) == (1, "")
        assert "0 records of cluster 00000000" in run.err
        assert "dlq shows no letter of cluster 00000000; it has" in run.err
        assert "no queue sends its failures" not in run.err
        assert "(1 letter): edactl dlq inspect dlq says what they are" in run.err


def test_an_empty_dlq_is_fine_and_says_so(edactl: Edactl, queues: SandboxQueues) -> None:
    queues.make_with_dlq("orders", 3)

    run = edactl("dlq", "inspect", "orders-dlq")

    assert (run.status, run.out) == (0, "")
    assert "no letter to see in orders-dlq now" in run.err
    assert "sends its failures to" not in run.err


def test_a_dlq_that_does_not_exist_is_an_error_with_the_nearest_name(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    queues.make("orders-dlq")

    run = edactl("dlq", "inspect", "orders-dql")

    assert run.status == 254
    assert "orders-dlq" in run.err


def test_letters_that_somebody_else_holds_are_told(edactl: Edactl, queues: SandboxQueues) -> None:
    dlq = queues.make("dlq", "a", "b")
    queues.sqs.receive(dlq, count=1, wait_seconds=0, visibility_seconds=60)

    run = edactl("dlq", "inspect", "dlq")

    assert len(records(run)) == 1
    assert "somebody else reads dlq: 1 letter in flight" in run.err


def test_a_fifo_dlq_shows_the_first_letters_of_each_group_and_frees_them(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    dlq = queues.make("dlq.fifo", *(f"m {n}" for n in range(15)))

    run = edactl("dlq", "inspect", "dlq.fifo")

    assert [one["count"] for one in records(run)] == [10]
    assert "looked at 10 of about 15 letters" in run.err
    assert queues.depth(dlq) == (15, 0)


def test_a_limit_is_kept(edactl: Edactl, queues: SandboxQueues) -> None:
    queues.make("dlq", *(f"m {n}" for n in range(15)))

    run = edactl("dlq", "inspect", "dlq", "--limit", "4")

    assert [one["count"] for one in records(run)] == [4]
    assert "looked at 4 of about 15 letters" in run.err


def test_a_queue_whose_receives_a_look_uses_up_needs_force(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    queues.make_with_dlq("orders", 2, "a")

    refused = edactl("dlq", "inspect", "orders")
    forced = edactl("dlq", "inspect", "orders", "--force")

    assert refused.status == 3
    assert "--force" in refused.err
    assert len(records(forced)) == 1


def test_a_guard_that_ends_the_look_comes_after_what_was_seen(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    queue = queues.make_with_dlq("orders", 3, "a")
    queues.sqs.receive(queue, count=1, wait_seconds=0, visibility_seconds=1)
    queues.sqs.release(queue, [])

    run = edactl("dlq", "inspect", "orders")
    while not run.out:  # until the message is visible again
        run = edactl("dlq", "inspect", "orders")

    assert run.status == 3
    assert json.loads(run.out)["count"] == 1


def test_a_notification_is_told_with_its_endpoint(edactl: Edactl, queues: SandboxQueues) -> None:
    dlq = queues.make("topic-dlq")
    orders = queues.make("orders").arn
    subscription = _subscribe(queues, orders, dlq, raw="false")
    unsubscribe = f"https://sns/?Action=Unsubscribe&SubscriptionArn={subscription}"
    body = {"Type": "Notification", "TopicArn": "t", "Message": "m", "UnsubscribeURL": unsubscribe}
    queues.sqs.send(dlq, [Outgoing(json.dumps(body))])

    [record] = records(edactl("dlq", "inspect", "topic-dlq"))

    assert (record["origin"], record["sender"]) == ("sns", subscription)
    assert record["target"] == orders
    assert f'"sqs:SendMessage", "Resource": "{orders}"' in record["hint"]


def test_a_letter_without_a_trace_is_of_the_raw_subscription_with_this_dlq(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    dlq = queues.make("topic-dlq", "raw words")
    orders = queues.make("orders").arn
    subscription = _subscribe(queues, orders, dlq, raw="true")

    run = edactl("dlq", "inspect", "topic-dlq")

    [record] = records(run)
    assert (record["origin"], record["sender"]) == ("sns-raw", subscription)
    assert record["target"] == orders
    assert "no queue sends" not in run.err


def _subscribe(queues: SandboxQueues, endpoint: str, dlq: Queue, *, raw: str) -> str:
    topic = queues.session.call("sns", "create_topic", Name="news")["TopicArn"]
    answer = queues.session.call(
        "sns",
        "subscribe",
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=endpoint,
        Attributes={
            "RedrivePolicy": json.dumps({"deadLetterTargetArn": dlq.arn}),
            "RawMessageDelivery": raw,
        },
        ReturnSubscriptionArn=True,
    )
    return str(answer["SubscriptionArn"])


def test_the_function_of_an_asynchronous_invoke_is_found_by_its_dlq(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    dlq = queues.make("function-dlq")
    put(queues, dlq, "an event that a function's handler failed on")
    function = queues.session.call(
        "lambda",
        "create_function",
        FunctionName="billing",
        Runtime="python3.11",
        Role="arn:aws:iam::000000000000:role/r",
        Handler="app.handler",
        Code={"ZipFile": b"PK\x05\x06" + bytes(18)},
        DeadLetterConfig={"TargetArn": dlq.arn},
    )["FunctionArn"]

    [record] = records(edactl("dlq", "inspect", "function-dlq"))

    assert record["target"] == function
    assert "/aws/lambda/billing --filter-pattern" in record["hint"]


def test_a_table_has_the_hint_under_each_cluster(edactl: Edactl, queues: SandboxQueues) -> None:
    dlq = queues.make("dlq")
    put(queues, dlq, "an event whose rule may not invoke its target")

    head, row, message, hint = edactl("dlq", "inspect", "dlq", "-o", "table").out.splitlines()

    assert head.split() == [
        "CLUSTER",
        "COUNT",
        "ORIGIN",
        "TARGET",
        "REASON",
        "FIRST",
        "SENT",
        "LAST",
        "SENT",
    ]
    assert row.split()[1:5] == ["1", "eventbridge-rule", "billing", "NO_PERMISSIONS"]
    assert message.strip() == "Lack of permissions to invoke cross account target."
    assert hint.strip().startswith("rule orders-to-billing may not reach billing: aws lambda")


def test_letters_as_a_table_are_lines(edactl: Edactl, queues: SandboxQueues) -> None:
    queues.make("dlq", "two\nlines")

    [line] = edactl("dlq", "inspect", "dlq", "--letters", "-o", "table").out.splitlines()

    assert line.split()[2:] == ["unknown", "-", "-", "two", "lines"]


@pytest.mark.usefixtures("real_looking")
def test_letters_that_expire_within_a_day_are_warned_of(edactl: Edactl) -> None:
    sent = datetime.now(UTC) - timedelta(days=3, hours=20)

    def message(number: int, moment: datetime) -> dict[str, Any]:
        return {
            "MessageId": f"m{number}",
            "ReceiptHandle": f"h{number}",
            "Body": "x",
            "Attributes": {"SentTimestamp": str(int(moment.timestamp() * 1000))},
        }

    batches = [
        [
            message(1, sent),
            message(2, sent + timedelta(hours=1)),
            message(3, sent + timedelta(days=2)),
        ]
    ]

    def answer(operation: str, _request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        match operation:
            case "GetQueueUrl":
                return 200, {"QueueUrl": "https://sqs/1/dlq"}
            case "GetQueueAttributes":
                return 200, {"Attributes": {"ApproximateNumberOfMessages": "3"}}
            case "ReceiveMessage":
                return 200, {"Messages": batches.pop() if batches else []}
            case "ChangeMessageVisibilityBatch":
                return 200, {
                    "Failed": [{"Id": "0", "Code": "ReceiptHandleIsInvalid", "SenderFault": True}]
                }
        return 200, {}

    with scripted_sqs(answer) as (url, _):
        run = edactl("dlq", "inspect", "dlq", "--endpoint-url", url)

    assert [one["count"] for one in records(run)] == [3]
    assert "2 letters of dlq expire within a day, the first in 3h59m" in run.err
    assert "1 letter of dlq could not be given back; SQS shows them again within 2m" in run.err
    assert "not all subscriptions were looked at" in run.err


@pytest.fixture
def real_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "fake")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "fake")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")


def row_of(**facts: Any) -> ClusterRow:
    clusters = Clusters()
    clusters.add(classify(message_of({"body": "x"}, **facts)))
    return cluster_row(clusters.by_count()[0], "dlq", [])


@pytest.mark.usefixtures("real_looking")
def test_a_queue_that_lets_no_more_be_in_flight_is_told(edactl: Edactl) -> None:
    def answer(operation: str, _request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        match operation:
            case "GetQueueUrl":
                return 200, {"QueueUrl": "https://sqs/1/dlq"}
            case "GetQueueAttributes":
                return 200, {"Attributes": {"ApproximateNumberOfMessages": "3"}}
            case "ReceiveMessage":
                return error("OverLimit", 403)
        return 200, {}

    with scripted_sqs(answer) as (url, _):
        run = edactl("dlq", "inspect", "dlq", "--endpoint-url", url)

    assert (run.status, run.out) == (0, "")
    assert "SQS lets no more letters of dlq be in flight" in run.err


def test_data_of_a_letter_cannot_drive_the_terminal() -> None:
    row = row_of(body="\x1b[2J")

    text = "\n".join(cluster_lines([row], NOW, colored=False))

    assert "\x1b" not in text
    assert "\\e" in text
    assert "\x1b" not in letter_line({"cluster": "c", "body": "\x1b[2J", "target": "a\x07"})
    assert letter_line("\x1b") == "\\e"


def test_a_table_on_a_terminal_has_a_bold_head() -> None:
    [head, *_] = cluster_lines([row_of()], NOW, colored=True)

    assert head.startswith("\x1b[1mCLUSTER")
    assert list(cluster_lines([], NOW)) == []


def test_what_mends_two_clusters_is_printed_once() -> None:
    rows = [row_of(body="poison"), row_of(body="other"), row_of(source_queue_arn="arn:aws:sqs:::q")]

    lines = list(cluster_lines(rows, NOW))

    assert lines[3].strip() == rows[0].hint
    assert lines[6].strip() == f"as {rows[0].cluster}"
    assert lines[9].strip() == rows[2].hint


def test_times_are_told_by_age() -> None:
    row = row_of(sent_at=NOW - timedelta(hours=3))

    assert list(cluster_lines([row], NOW))[1].endswith("3h ago      3h ago")


def test_the_rest_of_too_many_clusters_cannot_be_chosen() -> None:
    clusters = Clusters(limit=1)
    for body in ("a", "b"):
        clusters.add(classify(message_of({"body": body})))
    other = next(one for one in clusters.by_count() if one.id == OTHER)

    row = cluster_row(other, "dlq", [])
    _, _, hint = cluster_lines([row], NOW)

    assert hint.strip() == row.hint

    assert (row.cluster, row.origin, row.target, row.reason) == (
        "other",
        Origin.UNKNOWN,
        None,
        None,
    )
    assert row.hint.startswith(f"more than {MAXIMUM_CLUSTERS} kinds of letters")


def test_a_letter_expires_when_its_retention_has_passed_since_it_was_sent() -> None:
    assert expires_at(message_of({"body": ""}, sent_at=NOW), 60) == NOW + timedelta(minutes=1)
    assert expires_at(message_of({"body": ""}), 60) is None
