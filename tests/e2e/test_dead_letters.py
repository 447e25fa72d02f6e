from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable

import pytest

from edactl.core.queue import Queue
from edactl.sandbox.state import SandboxState
from tests.executable import EXECUTABLE, PATIENCE_SECONDS, run, wait_until
from tests.sandbox_queues import SandboxQueues


@pytest.fixture
def queues(sandbox: SandboxState) -> SandboxQueues:
    return SandboxQueues(sandbox)


def poisoned(queues: SandboxQueues, *bodies: str) -> Queue:
    """The DLQ of a queue whose consumer took each message once and never deleted it."""
    source = queues.make_with_dlq("orders", 1, *bodies)
    dlq = next(queues.sqs.list("orders-dlq"))

    def all_dead() -> bool:
        batch = queues.sqs.receive(source, count=10, wait_seconds=0, visibility_seconds=60)
        queues.sqs.release(source, [one.receipt_handle for one in batch])
        return queues.depth(dlq)[0] == len(bodies)

    wait_until(all_dead)
    return dlq


def test_a_poisoned_message_ends_in_its_dlq_and_is_listed_and_explained(
    queues: SandboxQueues,
) -> None:
    dlq = poisoned(queues, '{"type": "order", "id": 1}', "poison 1", "poison 22")

    listed = run("dlq", "list", "--fail-if-any")
    inspected = run("dlq", "inspect", "orders-dlq")

    [row] = [json.loads(line) for line in listed.stdout.splitlines()]
    assert listed.returncode == 1
    assert (row["name"], row["visible"]) == ("orders-dlq", 3)
    assert [one["arn"] for one in row["sources"]] == [dlq.arn.removesuffix("-dlq")]
    clusters = [json.loads(line) for line in inspected.stdout.splitlines()]
    assert inspected.returncode == 0, inspected.stderr
    assert [(one["origin"], one["count"], one["message"]) for one in clusters] == [
        ("sqs-redrive", 2, "poison #"),
        ("sqs-redrive", 1, "{id, type: order}"),
    ]
    assert {one["target"] for one in clusters} == {dlq.arn.removesuffix("-dlq")}
    assert all("edactl queue show orders" in one["hint"] for one in clusters)
    assert queues.depth(dlq) == (3, 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_a_signal_during_a_look_gives_every_letter_back_and_prints_what_was_seen(
    queues: SandboxQueues, start: Callable[..., subprocess.Popen[str]], number: signal.Signals
) -> None:
    dlq = queues.make("dlq", *(f"poison {n}" for n in range(3000)))
    look = start("dlq", "inspect", "dlq")
    wait_until(lambda: queues.depth(dlq)[1] > 100)

    look.send_signal(number)
    out, err = look.communicate(timeout=PATIENCE_SECONDS)

    assert look.returncode == 128 + number
    assert "Traceback" not in err
    assert 100 < json.loads(out)["count"] <= 3000
    assert queues.depth(dlq) == (3000, 0)


def test_a_second_signal_ends_at_once_and_says_when_letters_show_again(
    queues: SandboxQueues, start: Callable[..., subprocess.Popen[str]]
) -> None:
    dlq = queues.make("dlq", *(f"poison {n}" for n in range(3000)))
    look = start("dlq", "inspect", "dlq")
    wait_until(lambda: queues.depth(dlq)[1] > 500)

    look.send_signal(signal.SIGINT)
    look.send_signal(signal.SIGTERM)  # another one: two of the same kind may arrive as one
    _, err = look.communicate(timeout=PATIENCE_SECONDS)

    assert look.returncode == 143
    assert "Traceback" not in err
    assert "letters still in hand show again within 2m30s" in err


def test_a_reader_that_has_seen_enough_letters_leaves_none_in_flight(
    queues: SandboxQueues,
) -> None:
    dlq = queues.make("dlq", *(f"poison {n}" for n in range(500)))
    line = f"{EXECUTABLE} dlq inspect dlq --letters; echo status $? >&2"

    done = subprocess.run(
        ["bash", "-c", f"({line}) | head -1"],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    assert json.loads(done.stdout)["body"].startswith("poison")
    assert "status 141" in done.stderr
    assert "Traceback" not in done.stderr
    assert queues.depth(dlq) == (500, 0)
