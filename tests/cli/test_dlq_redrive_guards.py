"""Canaries, the breaker and the backlog watch, on the sandbox with a consumer that fails."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from edactl.core.queue import Queue
from edactl.sandbox.state import SandboxState
from tests.running import Run
from tests.sandbox_queues import SandboxQueues


@pytest.fixture
def queues(sandbox: SandboxState) -> SandboxQueues:
    return SandboxQueues(sandbox)


def dead_letters(queues: SandboxQueues, count: int) -> tuple[Queue, Queue]:
    """A queue, and its DLQ with so many letters of it."""
    dlq = queues.make("orders-dlq")
    policy = {"deadLetterTargetArn": dlq.arn, "maxReceiveCount": "1"}
    bodies = [json.dumps({"n": n}) for n in range(count)]
    orders = queues.make("orders", *bodies, RedrivePolicy=json.dumps(policy), VisibilityTimeout="1")
    fail_all(queues, orders, lambda: queues.depth(dlq)[0] == count)
    return orders, dlq


def fail_all(queues: SandboxQueues, queue: Queue, until: Callable[[], bool]) -> None:
    """A consumer that takes messages and never deletes one."""
    while not until():
        queues.sqs.receive(queue, count=10, wait_seconds=0, visibility_seconds=0)


@contextmanager
def failing_consumer(queues: SandboxQueues, queue: Queue) -> Iterator[None]:
    over = threading.Event()
    thread = threading.Thread(target=fail_all, args=(queues, queue, over.is_set))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_canaries_that_come_back_stop_the_run(
    edactl: Callable[..., Run], queues: SandboxQueues
) -> None:
    orders, dlq = dead_letters(queues, 12)
    with failing_consumer(queues, orders):
        run = edactl("dlq", "redrive", "orders-dlq", "--canary", "2", "--yes", "-o", "json")

    report = json.loads(run.out)
    assert run.status == 3
    assert (report["sent"], report["bounced"]) == (2, 2)
    assert report["received"] == report["sent"] + report["skipped"] + report["failed"]
    assert "2 of 2 canaries came back to orders-dlq" in run.err
    assert sum(queues.depth(dlq)) == 12


def test_canaries_that_stay_away_let_the_rest_go(
    edactl: Callable[..., Run], queues: SandboxQueues
) -> None:
    orders, dlq = dead_letters(queues, 12)

    run = edactl("dlq", "redrive", "orders-dlq", "--canary", "2", "--yes", "-o", "json")

    report = json.loads(run.out)
    assert run.status == 0
    assert (report["sent"], report["deleted"], report["bounced"]) == (12, 12, 0)
    assert "0 of 2 canaries came back" in run.err
    assert queues.depth(dlq) == (0, 0)
    assert sum(queues.depth(orders)) == 12


def test_canaries_in_a_queue_without_a_dlq_cannot_come_back(
    edactl: Callable[..., Run], queues: SandboxQueues
) -> None:
    dead_letters(queues, 3)
    queues.make("elsewhere")

    run = edactl("dlq", "redrive", "orders-dlq", "--to", "elsewhere", "--canary", "1", "--yes")

    assert run.status == 0
    assert "nothing that takes the letters sends them back" in run.err


def test_a_wait_for_canaries_can_be_said(edactl: Callable[..., Run], queues: SandboxQueues) -> None:
    dead_letters(queues, 3)

    run = edactl(
        *("dlq", "redrive", "orders-dlq", "--canary", "1", "--canary-wait", "10ms", "--yes")
    )

    assert run.status == 0
    assert "in 0.01 s" in run.err


def test_fewer_letters_than_canaries_need_no_wait(
    edactl: Callable[..., Run], queues: SandboxQueues
) -> None:
    dead_letters(queues, 2)

    run = edactl("dlq", "redrive", "orders-dlq", "--canary", "5", "--yes", "-o", "json")

    assert run.status == 0
    assert json.loads(run.out)["sent"] == 2
    assert "sent first" not in run.err


def test_a_limit_holds_over_canaries_and_the_rest(
    edactl: Callable[..., Run], queues: SandboxQueues
) -> None:
    dead_letters(queues, 6)

    run = edactl(
        *("dlq", "redrive", "orders-dlq", "--canary", "2", "--limit", "4", "--yes"),
        *("--canary-wait", "10ms", "-o", "json"),
    )

    assert json.loads(run.out)["sent"] == 4


def test_too_many_that_come_back_trip_the_breaker(
    edactl: Callable[..., Run], queues: SandboxQueues
) -> None:
    orders, _ = dead_letters(queues, 60)
    with failing_consumer(queues, orders):
        run = edactl(
            *("dlq", "redrive", "orders-dlq", "--max-bounce", "5", "--rate", "40", "--yes"),
            *("-o", "json", "--concurrency", "2"),
        )

    report = json.loads(run.out)
    assert run.status == 3
    assert report["bounced"] > 0.05 * report["sent"]
    assert "more than 5 %" in run.err
    assert re.search(r"--resume \S+\.ndjson --rate 40 --max-bounce 5\n", run.err)


def test_a_backlog_is_waited_for_until_the_consumers_have_caught_up(
    edactl: Callable[..., Run], queues: SandboxQueues
) -> None:
    _, dlq = dead_letters(queues, 3)
    full = queues.make("full", *[str(n) for n in range(5)])

    over = threading.Event()

    def catch_up() -> None:
        for _ in range(1000):
            if queues.depth(dlq)[1] == 3:  # in hand: the run looks now where they go
                break
            over.wait(0.05)
        over.wait(2.0)
        queues.bodies(full)

    consumer = threading.Thread(target=catch_up)
    consumer.start()
    run = edactl(
        *("dlq", "redrive", "orders-dlq", "--to", "full", "--max-backlog", "3", "--yes"),
        *("--concurrency", "1", "-o", "json"),
    )
    consumer.join()

    assert run.status == 0
    assert "full has 5 messages waiting, more than --max-backlog 3" in run.err
    assert json.loads(run.out)["sent"] == 3
    assert queues.depth(dlq) == (0, 0)
    assert queues.depth(full)[0] == 3


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--max-bounce", "101"), "--max-bounce is a percentage"),
        (("--canary", "0"), "--canary"),
        (("--canary-wait", "soon"), '"soon" is not a duration'),
        (("--engine", "steam"), '--engine is "steam"'),
        (("--engine", "server", "--limit", "3"), "a move task moves a whole DLQ alone"),
        (("--engine", "server", "--rate", "0.5"), "whole rates up to 500"),
        (("--engine", "server", "--canary", "3"), "takes no canaries first"),
    ],
)
def test_a_wrong_guard_is_named(
    edactl: Callable[..., Run], queues: SandboxQueues, options: tuple[str, ...], says: str
) -> None:
    dead_letters(queues, 1)

    run = edactl("dlq", "redrive", "orders-dlq", "--yes", *options)

    assert run.status == 252
    assert says in run.err
