from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from edactl.core.queue import Queue
from edactl.sandbox.state import SandboxState
from tests.executable import EXECUTABLE, PATIENCE_SECONDS, run, wait_until
from tests.sandbox_queues import SandboxQueues


@pytest.fixture
def queues(sandbox: SandboxState) -> SandboxQueues:
    return SandboxQueues(sandbox)


def fed(queues: SandboxQueues) -> Queue:
    orders = queues.make("orders")
    queues.feed_by_rule(orders, "flix", "au", {"source": ["com.flix"]})
    return orders


def test_messages_are_sent_peeked_tailed_and_purged(queues: SandboxQueues) -> None:
    orders = queues.make("orders")

    sent = run("queue", "send", "orders", "-", stdin='"a"\n{"body":"b"}\n{"id":1}\n')
    peeked = run("queue", "peek", "orders")
    tailed = run("queue", "tail", "orders", "--lease", "--limit", "3")
    assert (sent.returncode, peeked.returncode, tailed.returncode) == (0, 0, 0)
    assert json.loads(sent.stdout)["sent"] == 3
    for looked in (peeked, tailed):
        bodies = [json.loads(line)["body"] for line in looked.stdout.splitlines()]
        assert sorted(bodies) == ["a", "b", '{"id":1}']
    assert queues.depth(orders) == (3, 0)

    assert run("queue", "purge", "orders").returncode == 252
    assert queues.depth(orders) == (3, 0)
    assert run("queue", "purge", "orders", "--yes").returncode == 0
    assert queues.depth(orders) == (0, 0)


def test_a_mirror_shows_events_until_its_limit_and_leaves_nothing(
    queues: SandboxQueues, start: Callable[..., subprocess.Popen[str]]
) -> None:
    orders = fed(queues)
    tail = start("queue", "tail", "orders", "--limit", "2", "--query", "body")
    wait_until(lambda: queues.is_mirrored("flix"))

    for number in range(3):
        queues.put_event("flix", "com.flix", {"n": number})
    out, _ = tail.communicate(timeout=PATIENCE_SECONDS)

    assert tail.returncode == 0
    assert [json.loads(json.loads(line)) for line in out.splitlines()] == [{"n": 0}, {"n": 1}]
    assert queues.leftovers() == []
    assert queues.depth(orders) == (3, 0)


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"]
)
def test_a_signal_ends_a_mirror_and_removes_what_it_made(
    queues: SandboxQueues,
    start: Callable[..., subprocess.Popen[str]],
    number: signal.Signals,
    status: int,
) -> None:
    fed(queues)
    tail = start("queue", "tail", "orders")
    wait_until(lambda: queues.is_mirrored("flix"))

    tail.send_signal(number)
    _, err = tail.communicate(timeout=PATIENCE_SECONDS)

    assert tail.returncode == status
    assert "Traceback" not in err
    assert queues.leftovers() == []


def test_a_closed_pipe_ends_a_waiting_mirror_quietly_and_removes_what_it_made(
    queues: SandboxQueues, start: Callable[..., subprocess.Popen[str]]
) -> None:
    fed(queues)
    tail = start("queue", "tail", "orders")
    wait_until(lambda: queues.is_mirrored("flix"))

    assert tail.stdout is not None
    tail.stdout.close()
    assert tail.stderr is not None
    err = tail.stderr.read()
    tail.wait(PATIENCE_SECONDS)

    assert tail.returncode == 141
    assert len(err.splitlines()) == 1, err
    assert queues.leftovers() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_a_signal_during_a_peek_gives_every_message_back(
    queues: SandboxQueues, start: Callable[..., subprocess.Popen[str]], number: signal.Signals
) -> None:
    orders = queues.make("orders", "a", "b", "c")
    peek = start("queue", "peek", "orders", "--limit", "100")
    wait_until(lambda: queues.depth(orders)[1] == 3)

    peek.send_signal(number)
    out, err = peek.communicate(timeout=PATIENCE_SECONDS)

    assert peek.returncode == 128 + number
    assert len(out.splitlines()) == 3
    assert "Traceback" not in err
    assert queues.depth(orders) == (3, 0)


def test_a_closed_pipe_ends_a_consuming_tail_and_the_unread_stay(queues: SandboxQueues) -> None:
    fifo = queues.make("orders.fifo", *(f"m{n}" for n in range(40)))
    line = f"{EXECUTABLE} queue tail orders.fifo --consume; echo status $? >&2"

    done = subprocess.run(
        ["bash", "-c", f"({line}) | head -1"],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    assert json.loads(done.stdout)["body"] == "m0"
    assert "status 141" in done.stderr
    assert "Traceback" not in done.stderr
    visible, in_flight = queues.depth(fifo)
    assert in_flight == 0
    assert visible >= 29  # those of the first batch may have been in the pipe already
    assert queues.bodies(fifo)[-1] == "m39"


def test_a_fifo_queue_is_filled_in_order_and_peeked_without_harm(queues: SandboxQueues) -> None:
    fifo = queues.make("orders.fifo")
    lines = "".join(f'"m{n}"\n' for n in range(25))

    refused = run("queue", "send", "orders.fifo", stdin=lines)
    sent = run("queue", "send", "orders.fifo", "--group-id", "g", stdin=lines)
    peeked = run("queue", "peek", "orders.fifo", "--query", "[].body", "-o", "json")

    assert (refused.returncode, sent.returncode, peeked.returncode) == (252, 0, 0)
    assert json.loads(peeked.stdout) == [f"m{n}" for n in range(10)]
    assert queues.bodies(fifo) == [f"m{n}" for n in range(25)]


def test_a_killed_mirror_leaves_tagged_things_that_say_when_they_expire(
    queues: SandboxQueues, start: Callable[..., subprocess.Popen[str]]
) -> None:
    fed(queues)
    tail = start("queue", "tail", "orders")
    wait_until(lambda: queues.is_mirrored("flix"))

    os.kill(tail.pid, signal.SIGKILL)
    tail.communicate()

    [left] = queues.sqs.list("edactl-tail-")
    assert queues.sqs.tags(left)["edactl:expires-at"].endswith("Z")


def test_a_stopped_send_says_where_to_go_on(
    queues: SandboxQueues, start: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    fifo = queues.make("orders.fifo")
    path = tmp_path / "many.ndjson"
    path.write_text("".join(f'"m{n}"\n' for n in range(20_000)))
    send = start("queue", "send", "orders.fifo", str(path), "--group-id", "g")
    wait_until(lambda: queues.depth(fifo)[0] > 0)

    send.send_signal(signal.SIGINT)
    out, err = send.communicate(timeout=PATIENCE_SECONDS)

    result = json.loads(out)
    assert send.returncode == 130
    assert result["failed"] == 0
    assert 0 < result["sent"] < 20_000
    assert queues.depth(fifo)[0] == result["sent"]
    assert f"stopped early; go on with --from-index {result['sent']}\n" in err
