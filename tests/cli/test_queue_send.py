from __future__ import annotations

import hashlib
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edactl.cli.queue_input import check_sources
from edactl.core.message import MessageAttribute
from edactl.errors import UsageError
from edactl.sandbox.state import SandboxState
from tests.running import Run
from tests.sandbox_queues import SandboxQueues
from tests.scripted_sqs import Answer, error, scripted_sqs

Edactl = Callable[..., Run]


@pytest.fixture
def queues(sandbox: SandboxState) -> SandboxQueues:
    return SandboxQueues(sandbox)


def test_one_body_is_sent_with_attributes_of_every_type(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    orders = queues.make("orders")

    run = edactl(
        *("queue", "send", "orders", "--body", "hello", "-o", "json"),
        *("--attribute", "tenant=acme", "--attribute", "n:Number=5"),
        *("--attribute", "b:Binary=AAE=", "--group-id", "fair"),
    )

    assert run.status == 0
    result = json.loads(run.out)
    assert list(result) == ["queue", "sent", "failed", "duration_seconds", "failures"]
    assert (result["queue"], result["sent"], result["failed"], result["failures"]) == (
        "orders",
        1,
        0,
        [],
    )
    [received] = queues.sqs.receive(orders, count=1, wait_seconds=0, visibility_seconds=1)
    assert received.message.body == "hello"
    assert received.message.group_id == "fair"
    assert received.message.message_attributes == {
        "tenant": MessageAttribute("String", "acme"),
        "n": MessageAttribute("Number", "5"),
        "b": MessageAttribute("Binary", None, b"\x00\x01"),
    }


def test_stdin_is_read_as_bodies_and_records_and_each_has_a_record_in_order(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    orders = queues.make("orders")
    lines = '"text"\n{"body":"record"}\n\n{"id": 1}\n'

    run = edactl("queue", "send", "orders", "-o", "ndjson", stdin=lines)

    assert run.status == 0
    records = [json.loads(line) for line in run.out.splitlines()]
    assert [record["index"] for record in records] == [0, 1, 2]
    assert all(record["message_id"] for record in records)
    assert {record["error_code"] for record in records} == {None}
    assert list(records[0]) == ["index", "message_id", "error_code", "error_message"]
    assert sorted(queues.bodies(orders)) == ["record", "text", '{"id": 1}']


def test_files_are_read_in_order_with_a_byte_order_mark_and_without_a_last_newline(
    edactl: Edactl, queues: SandboxQueues, tmp_path: Path
) -> None:
    fifo = queues.make("orders.fifo")
    (tmp_path / "a.ndjson").write_bytes(b'\xef\xbb\xbf"a1"\n"a2"')
    (tmp_path / "b.ndjson").write_text('"b1"\r\n')
    files = [str(tmp_path / "a.ndjson"), "-", str(tmp_path / "b.ndjson")]

    run = edactl("queue", "send", "orders.fifo", *files, "--group-id", "g", stdin='"stdin"\n')

    assert run.status == 0
    assert queues.bodies(fifo) == ["a1", "a2", "stdin", "b1"]


def test_the_body_may_come_from_a_file_byte_for_byte(
    edactl: Edactl, queues: SandboxQueues, tmp_path: Path
) -> None:
    orders = queues.make("orders")
    (tmp_path / "body").write_bytes(b"two\r\nlines\n")

    run = edactl("queue", "send", "orders", "--body", f"@{tmp_path / 'body'}", "-o", "text")

    assert run.status == 0
    assert run.out.startswith("orders\t1\t0\t")
    assert queues.bodies(orders) == ["two\r\nlines\n"]


def test_more_than_a_batch_goes_out_in_batches_with_concurrency(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    orders = queues.make("orders")
    lines = "".join(f'"m{n}"\n' for n in range(95))

    run = edactl("queue", "send", "orders", "--concurrency", "4", stdin=lines)

    assert run.status == 0
    assert json.loads(run.out)["sent"] == 95
    assert sorted(queues.bodies(orders)) == sorted(f"m{n}" for n in range(95))


def test_a_delay_hides_the_message_first(edactl: Edactl, queues: SandboxQueues) -> None:
    orders = queues.make("orders")

    assert edactl("queue", "send", "orders", "--body", "x", "--delay", "1m").status == 0

    found = queues.sqs.attributes(orders)
    assert (found.visible, found.delayed) == (0, 1)


def test_a_dry_run_has_the_same_schema_and_sends_nothing(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    orders = queues.make("orders")

    run = edactl("queue", "send", "orders", "-n", stdin='"a"\n"b"\n')
    each = edactl("queue", "send", "orders", "-n", "-o", "ndjson", stdin='"a"\n')

    assert run.status == 0
    result = json.loads(run.out)
    assert (result["sent"], result["failed"], result["dry_run"]) == (2, 0, True)
    assert json.loads(each.out) == {
        "index": 0,
        "message_id": None,
        "error_code": None,
        "error_message": None,
    }
    assert "would send 2 messages" in run.err
    assert queues.depth(orders) == (0, 0)


def test_a_peeked_message_is_sent_on_as_it_was(edactl: Edactl, queues: SandboxQueues) -> None:
    queues.make("first.fifo")
    second = queues.make("second.fifo")
    edactl(
        *("queue", "send", "first.fifo", "--body", "b", "--group-id", "g7"),
        *("--deduplication-id", "d7", "--attribute", "p:Binary=AAE="),
    )
    peeked = edactl("queue", "peek", "first.fifo", "--json-body")

    run = edactl("queue", "send", "second.fifo", "-", stdin=peeked.out)

    assert run.status == 0
    [received] = queues.sqs.receive(second, count=1, wait_seconds=0, visibility_seconds=1)
    assert received.message.body == "b"
    assert (received.message.group_id, received.message.deduplication_id) == ("g7", "d7")
    assert received.message.message_attributes == {"p": MessageAttribute("Binary", None, b"\0\x01")}


REFUSED = [
    ([], "", "stdin: no message in it"),
    ([], "\n \n", "stdin: no message in it"),
    ([], '"a"\nnot json\n', "stdin:2: not JSON"),
    ([], '"a"\n"\\u0001"\n', "stdin:2: the body holds U+0001 at character 1"),
    ([], '"\\ud800"\n', "stdin:1: the body holds U+D800"),
    ([], '""\n', "stdin:1: the body is empty"),
    (["/nowhere/x"], "", "/nowhere/x: cannot be read: No such file"),
    (["--body", "x", "/nowhere/x"], "", "--body and FILE both say what to send"),
    (["--body", "@/nowhere/x"], "", "--body /nowhere/x: cannot be read"),
    (["--body", "x", "--from-index", "1"], "", "--from-index counts the lines of FILE"),
    (["--from-index", "2"], '"a"\n"b"\n', "stdin: no message in it from --from-index 2 on"),
    (["--from-index", "-1"], '"a"\n', "--from-index"),
    (["--body", "x", "--attribute", "b:Binary=zzz"], "", "--attribute b:Binary: the binary value"),
    (["--body", "x", "--attribute", "b"], "", "--attribute b: has no value"),
    (["--body", "x", "--attribute", "AWS.b=1"], "", "names that begin with AWS."),
    (["--body", "x", "--delay", "20m"], "", "not within 0 to 900 seconds"),
    (["--body", "x", "--delay", "1.5s"], "", "--delay 1.5s: SQS counts delays in whole seconds"),
    (["--body", "x", "--delay", "soon"], "", '"soon" is not a duration'),
    (["--body", "x", "--concurrency", "0"], "", "--concurrency"),
    (["--body", "x", "--query", "a["], "", "is not JMESPath"),
    (["--deduplication-id", "d"], '"a"\n"b"\n', "--deduplication-id for 2 messages"),
    (["--body", "x", "--deduplication-id", "d"], "", "is no FIFO queue"),
    (["--body", "x", "--failed-to", "/nowhere/x"], "", "--failed-to /nowhere/x: cannot be written"),
    ([], json.dumps({"body": "x", "group_id": 5}) + "\n", "stdin:1: group_id: is no text"),
    ([], '{"body":"x","message_attributes":{"n":"v"}}\n', "stdin:1: message_attributes.n:"),
]


@pytest.mark.parametrize(("options", "stdin", "said"), REFUSED, ids=[one[2] for one in REFUSED])
def test_bad_input_is_named_and_nothing_is_sent(
    edactl: Edactl, queues: SandboxQueues, options: list[str], stdin: str, said: str
) -> None:
    orders = queues.make("orders")

    run = edactl("queue", "send", "orders", *options, stdin=stdin)

    assert run.status == 252
    assert said in run.err
    assert run.out == ""
    assert len(run.err.splitlines()) <= 2
    assert queues.depth(orders) == (0, 0)


def test_with_nothing_but_a_terminal_to_read_it_says_what_to_give() -> None:
    with pytest.raises(UsageError, match="nothing to send"):
        check_sources([], None, stdin_is_tty=True)
    assert check_sources(["-"], None, stdin_is_tty=True) == ["-"]


def test_eleven_attributes_are_refused(edactl: Edactl, queues: SandboxQueues) -> None:
    queues.make("orders")
    options = [part for n in range(11) for part in ("--attribute", f"a{n}=x")]

    run = edactl("queue", "send", "orders", "--body", "x", *options)

    assert run.status == 252
    assert "11 message attributes" in run.err


def test_a_line_that_is_no_utf8_and_a_body_file_that_is_none_are_refused(
    edactl: Edactl, queues: SandboxQueues, tmp_path: Path
) -> None:
    queues.make("orders")
    (tmp_path / "bad").write_bytes(b'"a"\n"\xff"\n')

    lines = edactl("queue", "send", "orders", str(tmp_path / "bad"))
    body = edactl("queue", "send", "orders", "--body", f"@{tmp_path / 'bad'}")

    assert (lines.status, body.status) == (252, 252)
    assert "bad:2: not UTF-8 at byte 2" in lines.err
    assert "not UTF-8 at byte 6" in body.err


def test_the_failed_file_may_not_be_an_input(
    edactl: Edactl, queues: SandboxQueues, tmp_path: Path
) -> None:
    queues.make("orders")
    path = tmp_path / "in.ndjson"
    path.write_text('"a"\n')

    for same in (str(path), f"{tmp_path}/./in.ndjson"):
        run = edactl("queue", "send", "orders", str(path), "--failed-to", same)

        assert run.status == 252
        assert "is also an input" in run.err
        assert path.read_text() == '"a"\n'


def test_a_fifo_queue_without_group_or_deduplication_id_is_refused_with_what_to_type(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    fifo = queues.make("orders.fifo", ContentBasedDeduplication="false")

    no_group = edactl("queue", "send", "orders.fifo", "--body", "x")
    no_id = edactl("queue", "send", "orders.fifo", "--body", "x", "--group-id", "g")
    delayed = edactl(
        *("queue", "send", "orders.fifo", "--body", "x", "--group-id", "g"),
        *("--deduplication-id", "d", "--delay", "5"),
    )

    assert (no_group.status, no_id.status, delayed.status) == (252, 252, 252)
    assert "try: add --group-id" in no_group.err
    assert "try: add --deduplication-id" in no_id.err
    assert "takes no delay" in delayed.err
    assert queues.depth(fifo) == (0, 0)


def test_a_message_over_the_queue_s_own_size_is_refused(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    orders = queues.make("orders", MaximumMessageSize="1024")

    run = edactl("queue", "send", "orders", stdin=f'"ok"\n"{"x" * 1025}"\n')

    assert run.status == 252
    assert "stdin:2: the message has 1025 bytes" in run.err
    assert queues.depth(orders) == (0, 0)


def test_an_unknown_queue_is_not_found_with_the_nearest_name(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    queues.make("orders-dlq")

    run = edactl("queue", "send", "orders-dql", "--body", "x")

    assert run.status == 254
    assert 'queue "orders-dql" does not exist in us-east-1' in run.err
    assert "try: orders-dlq; or edactl queue list --prefix orders" in run.err


def test_a_queue_of_another_region_names_the_flag(edactl: Edactl, sandbox: SandboxState) -> None:
    run = edactl("queue", "send", "arn:aws:sqs:eu-west-1:000000000000:orders", "--body", "x")

    assert run.status == 252
    assert "try: add --region eu-west-1" in run.err


def test_what_is_no_queue_is_refused(edactl: Edactl, sandbox: SandboxState) -> None:
    for text in ("", "a b", "https://", "arn:aws:sns:us-east-1:1:topic"):
        assert edactl("queue", "send", text, "--body", "x").status == 252


@pytest.fixture
def real_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "fake")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "fake")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")


def answering(send: Callable[[list[dict[str, Any]]], tuple[int, dict[str, Any]]]) -> Answer:
    """A queue whose SendMessageBatch is scripted by its entries."""

    def answer(operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if operation == "GetQueueUrl":
            return 200, {"QueueUrl": "http://127.0.0.1/123456789012/orders"}
        if operation == "GetQueueAttributes":
            return 200, {"Attributes": {}}
        return send(request["Entries"])

    return answer


def taken(entry: dict[str, Any]) -> dict[str, str]:
    digest = hashlib.md5(entry["MessageBody"].encode(), usedforsecurity=False).hexdigest()
    return {"Id": entry["Id"], "MessageId": f"id-{entry['Id']}", "MD5OfMessageBody": digest}


def test_a_partial_failure_is_status_2_with_the_failed_listed_and_kept(
    edactl: Edactl, real_looking: None, tmp_path: Path
) -> None:
    def send(entries: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
        bad = {"Code": "KmsAccessDenied", "Message": "no key", "SenderFault": True}
        return 200, {
            "Successful": [taken(one) for one in entries if one["MessageBody"] != "b"],
            "Failed": [bad | {"Id": one["Id"]} for one in entries if one["MessageBody"] == "b"],
        }

    kept = tmp_path / "failed.ndjson"
    with scripted_sqs(answering(send)) as (url, calls):
        run = edactl(
            *("--endpoint-url", url, "queue", "send", "orders", "--failed-to", str(kept)),
            *("--attribute", "p:Binary=AAE="),
            stdin='"a"\n"b"\n"c"\n',
        )

    assert run.status == 2
    result = json.loads(run.out)
    assert (result["sent"], result["failed"]) == (2, 1)
    assert result["failures"] == [
        {"index": 1, "error_code": "KmsAccessDenied", "error_message": "no key"}
    ]
    assert "message 1 failed: no key (KmsAccessDenied)" in run.err
    assert calls.count("SendMessageBatch") == 1
    assert json.loads(kept.read_text()) == {
        "body": "b",
        "message_attributes": {
            "p": {"data_type": "Binary", "string_value": None, "binary_value": "AAE="}
        },
        "group_id": None,
        "deduplication_id": None,
        "trace_header": None,
        "delay_seconds": None,
    }


def test_what_was_kept_is_read_again(edactl: Edactl, queues: SandboxQueues, tmp_path: Path) -> None:
    orders = queues.make("orders")
    kept = tmp_path / "failed.ndjson"
    kept.write_text(
        '{"body":"b","message_attributes":{},"group_id":null,"deduplication_id":null,'
        '"trace_header":null,"delay_seconds":null}\n'
    )

    assert edactl("queue", "send", "orders", str(kept)).status == 0
    assert queues.bodies(orders) == ["b"]


@pytest.mark.parametrize("command", [("queue", "send"), ("dlq", "import")])
def test_a_send_goes_on_from_an_index_and_counts_from_there(
    edactl: Edactl, queues: SandboxQueues, tmp_path: Path, command: tuple[str, str]
) -> None:
    orders = queues.make("orders")
    first, second = tmp_path / "first.ndjson", tmp_path / "second.ndjson"
    first.write_text("".join(f'{{"body":"m{number}"}}\n\n' for number in range(8)))
    second.write_text("".join(f'{{"body":"m{number}"}}\n' for number in range(8, 12)))

    run = edactl(
        *(*command, "orders", str(first), str(second)), *("--from-index", "7", "-o", "ndjson")
    )

    assert run.status == 0
    assert [json.loads(line)["index"] for line in run.out.splitlines()] == [7, 8, 9, 10, 11]
    assert sorted(queues.bodies(orders)) == ["m10", "m11", "m7", "m8", "m9"]


def test_a_send_that_is_stopped_at_once_says_where_to_go_on(
    edactl: Edactl, real_looking: None
) -> None:
    def send(entries: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
        if entries[0]["MessageBody"] == "m15":
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGTERM)
        return 200, {"Successful": [taken(one) for one in entries], "Failed": []}

    with scripted_sqs(answering(send)) as (url, _):
        run = edactl(
            *("--endpoint-url", url, "queue", "send", "orders", "--from-index", "5"),
            stdin="".join(f'"m{number}"\n' for number in range(30)),
        )

    assert run.status in {130, 143}
    assert "10 sent, 0 failed when it was stopped at once; --from-index 15 goes on" in run.err
    assert "stopped early" not in run.err
    assert run.out == ""


def test_a_failure_of_the_server_is_tried_again_and_one_record_a_message_is_printed(
    edactl: Edactl, real_looking: None
) -> None:
    tries: list[int] = []

    def send(entries: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
        tries.append(len(entries))
        if len(tries) == 1:
            failed = {"Id": "1", "Code": "InternalError", "SenderFault": False}
            return 200, {"Successful": [taken(entries[0])], "Failed": [failed]}
        return 200, {"Successful": [taken(one) for one in entries], "Failed": []}

    with scripted_sqs(answering(send)) as (url, _):
        run = edactl(
            *("--endpoint-url", url, "queue", "send", "orders", "-o", "ndjson"),
            stdin='"a"\n"b"\n',
        )

    assert run.status == 0
    assert tries == [2, 1]
    assert [json.loads(line)["error_code"] for line in run.out.splitlines()] == [None, None]


def test_only_the_first_thousand_failures_are_listed_and_all_are_counted(
    edactl: Edactl, real_looking: None
) -> None:
    def send(entries: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
        bad = {"Code": "Bad", "Message": "no", "SenderFault": True}
        return 200, {"Successful": [], "Failed": [bad | {"Id": one["Id"]} for one in entries]}

    with scripted_sqs(answering(send)) as (url, _):
        run = edactl("--endpoint-url", url, "queue", "send", "orders", stdin='"a"\n' * 1005)

    assert run.status == 2
    result = json.loads(run.out)
    assert (result["sent"], result["failed"], len(result["failures"])) == (0, 1005, 1000)


def test_a_denied_send_is_254_and_names_the_action(edactl: Edactl, real_looking: None) -> None:
    with scripted_sqs(answering(lambda _: error("AccessDeniedException", 403))) as (url, _):
        run = edactl("--endpoint-url", url, "queue", "send", "orders", "--body", "x")

    assert run.status == 254
    assert run.out == ""
    assert "the caller lacks sqs:SendMessage" in run.err
