"""Bad input, one case a line: the status, two lines for people, and nothing sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.running import Run
from tests.scripted_sqs import error, scripted_sqs

GOOD = '{"source":"com.flix","detail-type":"T","detail":{}}'
BUS_ARN = "arn:aws:events:eu-west-1:{}:event-bus/flix"
WRITES = {"PutEvents", "SendMessage", "SendMessageBatch", "PurgeQueue", "PutRule", "CreateQueue"}
FIFO = {"FifoQueue": "true", "QueueArn": "arn:aws:sqs:eu-west-1:1:orders.fifo"}


def _answer(operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    match operation:
        case "DescribeEventBus" if request["Name"] in {"default", "flix"}:
            return 200, {"Name": request["Name"], "Arn": BUS_ARN.format("111122223333")}
        case "DescribeEventBus":
            return error("ResourceNotFoundException")
        case "GetQueueUrl" if request["QueueName"] in {"orders", "orders.fifo"}:
            return 200, {"QueueUrl": f"http://q/1/{request['QueueName']}"}
        case "GetQueueUrl":
            return error("AWS.SimpleQueueService.NonExistentQueue")
        case "GetQueueAttributes":
            return 200, {"Attributes": FIFO if "fifo" in request["QueueUrl"] else {}}
        case "ListQueues":
            return 200, {}
    return error("AccessDeniedException")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Credentials, a region and an endpoint that knows two buses and two queues."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    with scripted_sqs(_answer) as (url, calls):
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        yield calls


def put(**members: object) -> str:
    return json.dumps({"source": "com.flix", "detail-type": "T", "detail": {}} | members)


BINARY = {"body": "x", "message_attributes": {"a": {"data_type": "Binary", "binary_value": "é!"}}}

CASES: dict[str, tuple[tuple[str, ...], str, int, str]] = {
    "unreadable file": (("put-event", "/nowhere/e.json"), "", 252, "/nowhere/e.json"),
    "a folder": (("put-event", "/"), "", 252, "/"),
    "a line that is not JSON": (("put-event", "-"), f"{GOOD}\n{GOOD}\nno\n", 252, "<stdin>:3"),
    "no source": (("put-event", "-"), put(source=None), 252, "source"),
    "no detail-type": (("put-event", "-"), '{"source":"a","detail":{}}', 252, "detail-type"),
    "detail that is no object": (("put-event", "-"), put(detail=[1]), 252, "detail"),
    "an event over 1 MB": (("put-event", "-"), put(detail={"x": "x" * 1_100_000}), 252, "bytes"),
    "aws. source": (("put-event", "-"), put(source="aws.ec2"), 252, "aws."),
    "unknown bus": (("put-event", "-", "--bus", "nope"), GOOD, 254, '"nope"'),
    "a bus in another account": (
        ("put-event", "-", "--bus", BUS_ARN.format("999988887777")),
        GOOD,
        252,
        "another account",
    ),
    "bad JMESPath": (("put-event", "-", "--query", "a["), GOOD, 252, "--query"),
    "bad time": (("put-event", "-", "--time", "noon"), GOOD, 252, "noon"),
    "bad time in the input": (("put-event", "-"), put(time="noon"), 252, "noon"),
    "unknown profile": (("put-event", "-", "--profile", "nope"), GOOD, 253, '"nope"'),
    "empty stdin": (("put-event", "-"), "", 252, "stdin"),
    "bad output format": (("bus", "list", "-o", "xml"), "", 252, "xml"),
    "unknown command": (("buss",), "", 252, "buss"),
    "unknown option": (("bus", "list", "--nope"), "", 252, "--nope"),
    "an option without its value": (("bus", "list", "--prefix"), "", 252, "edactl bus list --help"),
    "a word for a number": (("bus", "tail", "--limit", "x"), "", 252, "is not a whole number"),
    "a word for a rate": (("put-event", "-", "--rate", "x"), GOOD, 252, "is not a number"),
    "no number as a rate": (("put-event", "-", "--rate", "nan"), GOOD, 252, "--rate"),
    "an endless rate": (("put-event", "-", "--rate", "1e400"), GOOD, 252, "--rate"),
    "a time before all time": (
        ("replay", "archive", "kept", "--since", "99999999d"),
        "",
        252,
        "is not a time",
    ),
    "an index beyond all lines": (
        ("queue", "send", "orders", "-", "--from-index", "9" * 30),
        '"x"',
        252,
        "no message in it",
    ),
    "unknown bus to tail": (("bus", "tail", "nope"), "", 254, '"nope"'),
    "bad JMESPath of --expect": (("bus", "tail", "flix", "--expect", "a["), "", 252, "--expect"),
    "bad pattern of a tail": (("bus", "tail", "flix", "--pattern", "{"), "", 252, "--pattern"),
    "bad timeout": (("bus", "tail", "flix", "--timeout", "soon"), "", 252, "soon"),
    "access denied": (("bus", "list"), "", 254, "events:ListEventBuses"),
    "unknown queue": (("queue", "show", "nope"), "", 254, '"nope"'),
    "unknown queue to send to": (("queue", "send", "nope", "--body", "x"), "", 254, '"nope"'),
    "FIFO send without group": (
        ("queue", "send", "orders.fifo", "--body", "x", "--deduplication-id", "d"),
        "",
        252,
        "group",
    ),
    "a binary attribute that is no base64": (
        ("queue", "send", "orders", "-"),
        json.dumps(BINARY),
        252,
        "message_attributes",
    ),
    "empty stdin for a queue": (("queue", "send", "orders", "-"), "", 252, "stdin"),
    "purge without a yes": (("queue", "purge", "orders"), "", 252, "--yes"),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_said_in_two_lines_and_nothing_is_sent(
    edactl: Callable[..., Run], calls: list[str], case: str
) -> None:
    arguments, stdin, status, words = CASES[case]

    run = edactl(*arguments, stdin=stdin)

    assert run.status == status
    assert run.out == ""
    first, second = [line for line in run.err.splitlines() if "warning: " not in line]
    assert first.startswith("edactl: ")
    assert words in first + second
    assert second.startswith("  try: ")
    assert not WRITES.intersection(calls)


def test_no_credentials_is_253(
    edactl: Callable[..., Run], calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    run = edactl("put-event", "-", stdin=GOOD)

    assert (run.status, run.out, calls) == (253, "", [])
    assert len(run.err.splitlines()) == 2


def test_no_region_is_253(
    edactl: Callable[..., Run], calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_REGION")

    run = edactl("put-event", "-", stdin=GOOD)

    assert (run.status, run.out, calls) == (253, "", [])
    assert "--region" in run.err


def test_a_dead_endpoint_is_254(
    edactl: Callable[..., Run], calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")

    run = edactl("put-event", "-", stdin=GOOD)

    assert (run.status, run.out, calls) == (254, "", [])
    assert "127.0.0.1:9" in run.err
    assert len(run.err.splitlines()) == 2


def test_an_expired_token_is_253_with_the_way_to_a_new_one(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, calls: list[str]
) -> None:
    with scripted_sqs(lambda _operation, _request: error("ExpiredTokenException")) as (
        url,
        expired,
    ):
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        run = edactl("put-event", "-", stdin=GOOD)

    assert run.status == 253
    assert not WRITES.intersection(expired)
    assert len(run.err.splitlines()) == 2


def test_bytes_instead_of_a_file_of_events_are_refused(
    edactl: Callable[..., Run], calls: list[str], tmp_path: Path
) -> None:
    binary = tmp_path / "events.bin"
    binary.write_bytes(bytes(range(256)))

    run = edactl("put-event", str(binary))

    assert run.status == 252
    assert f"{binary}:1" in run.err
    assert not WRITES.intersection(calls)


@pytest.mark.parametrize(
    "arguments", [("rule", "lint", "--rules"), ("rule", "check")], ids=["rules", "a suite"]
)
def test_bytes_instead_of_text_are_named_by_their_place(
    edactl: Callable[..., Run], tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(b'{"a":"\xff"}')

    run = edactl(*arguments, str(path))

    assert run.status == 252
    assert f"{path}: cannot be read: not UTF-8 at byte 7" in run.err
