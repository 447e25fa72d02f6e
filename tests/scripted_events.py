"""An EventBridge on loopback that answers PutEvents as a test says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.scripted_sqs import scripted_sqs

Answer = tuple[int, dict[str, Any]]
Put = Callable[[int, list[dict[str, Any]]], Answer]


@contextmanager
def events_endpoint(put: Put, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[list[str]]]:
    """An EventBridge that answers as `put(call, entries)` says; gives the details it got."""
    batches: list[list[str]] = []

    def answer(operation: str, request: dict[str, Any]) -> Answer:
        if operation == "DescribeEventBus":
            return 200, {"Name": "default", "Arn": "arn:aws:events:eu-west-1:1:event-bus/default"}
        batches.append([entry["Detail"] for entry in request["Entries"]])
        return put(len(batches), request["Entries"])

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    with scripted_sqs(answer) as (url, _):
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        yield batches


def lines(count: int) -> str:
    one = {"source": "com.flix", "detail-type": "T"}
    return "".join(json.dumps(one | {"detail": {"n": n}}) + "\n" for n in range(count))


def took(entries: list[dict[str, Any]]) -> Answer:
    return 200, {"FailedEntryCount": 0, "Entries": [{"EventId": "e"} for _ in entries]}


def refusing(code: str, *numbers: int) -> Put:
    """Every answer is a 200 in which the events of these numbers failed."""

    def put(_call: int, entries: list[dict[str, Any]]) -> Answer:
        outcomes = [
            {"ErrorCode": code, "ErrorMessage": "scripted"}
            if json.loads(entry["Detail"])["n"] in numbers
            else {"EventId": "e"}
            for entry in entries
        ]
        return 200, {"FailedEntryCount": len(numbers), "Entries": outcomes}

    return put
