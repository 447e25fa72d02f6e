"""A DLQ in the sandbox with letters of every make, and what became of each after a redrive."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edactl.core.message import Message, MessageAttribute, Outgoing, Sent
from edactl.core.queue import Queue
from edactl.sandbox.state import SandboxState
from tests.sandbox_queues import SandboxQueues

EXECUTABLE = str(Path(sys.executable).parent / "edactl")
GROUPS = 5
CHANCES = {
    "SendMessageBatch": {
        "throttle": 0.04,
        "500 before": 0.04,
        "500 after": 0.04,
        "reset before": 0.04,
        "reset after": 0.04,
        "partial": 0.08,
        "late": 0.1,
    },
    "ReceiveMessage": {"throttle": 0.04, "reset before": 0.04, "late": 0.2},
    "DeleteMessageBatch": {"partial": 0.08, "500 before": 0.05},
    "ChangeMessageVisibilityBatch": {"500 before": 0.1, "partial": 0.1},
}
CERTAIN = {
    # five in a row would leave three of a letter's eight attempts to chance
    "SendMessageBatch": ("", "reset after", "partial", "throttle", "", "500 after", "reset before"),
    "ReceiveMessage": ("", "reset after"),
    "DeleteMessageBatch": ("", "expired", "reset after"),
}
PATIENCE_SECONDS = 60.0
DOUBTS = {"PossibleDuplicate", "Ambiguous", "ReceiptHandleIsInvalid", "NotDeleted"}


@dataclass(frozen=True)
class Letter:
    """What has to stay as it is, byte for byte."""

    body: str
    attributes: dict[str, MessageAttribute]
    group_id: str | None


def letter_of(message: Message) -> Letter:
    return Letter(message.body, dict(message.message_attributes), message.group_id)


def a_letter(number: int, *, fifo: bool) -> Outgoing:
    """Letter of that number: text of several scripts, attributes of every type.

    No trace header: the sandbox drops it from batches.
    """
    binary = bytes((number + at) % 256 for at in range(40))
    return Outgoing(
        body=json.dumps(
            {"n": number, "text": 'Grüße, \u65e5\u672c \U0001f9ea <&> \\ "', "x": 1.10}
        ),
        message_attributes={
            "tenant": MessageAttribute("String", f"tenant-{number}"),
            "weight": MessageAttribute("Number.float", f"{number}.50"),
            "blob": MessageAttribute("Binary.png", None, binary),
        },
        group_id=f"g{number % GROUPS}" if fifo or number % 3 == 0 else None,
        deduplication_id=f"original-{number}" if fifo else None,
    )


@dataclass
class RedriveWorld:
    """A queue, its DLQ full of letters, and edactl to run on them."""

    state: SandboxState
    letters: int
    fifo: bool = False
    ids: dict[str, Letter] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.queues = SandboxQueues(self.state)
        suffix = ".fifo" if self.fifo else ""
        kind = {"FifoQueue": "true"} if self.fifo else {}
        self.dlq = self.queues.sqs.create(f"orders-dlq{suffix}", attributes=kind, tags={})
        policy = json.dumps({"deadLetterTargetArn": self.dlq.arn, "maxReceiveCount": "1"})
        attributes = kind | {"RedrivePolicy": policy}
        self.source = self.queues.sqs.create(f"orders{suffix}", attributes=attributes, tags={})
        self._fill()
        self._kill_all()

    def _fill(self) -> None:
        for start in range(0, self.letters, 10):
            numbers = range(start, min(start + 10, self.letters))
            batch = [a_letter(number, fifo=self.fifo) for number in numbers]
            for one, outcome in zip(batch, self.queues.sqs.send(self.source, batch), strict=True):
                assert isinstance(outcome, Sent)
                self.ids[outcome.message_id] = Letter(
                    one.body, dict(one.message_attributes), one.group_id
                )

    def _kill_all(self) -> None:
        """Receive every letter once too often: SQS moves it into the DLQ."""
        sqs = self.queues.sqs
        while self.queues.depth(self.dlq)[0] < self.letters:
            taken = sqs.receive(self.source, count=10, wait_seconds=0, visibility_seconds=60)
            if taken:
                sqs.release(self.source, [one.receipt_handle for one in taken])

    # -- running ---------------------------------------------------------------------------------

    def command(self, *arguments: str) -> list[str]:
        return [EXECUTABLE, "dlq", "redrive", *arguments, "--yes", "-o", "json"]

    def environment(self, endpoint: str | None = None) -> dict[str, str]:
        """The environment that makes edactl talk to this endpoint, or to the sandbox itself."""
        if endpoint is None:
            return dict(os.environ)
        return os.environ | {
            "EDACTL_SANDBOX": "0",
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
        }

    def run(self, *arguments: str, endpoint: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            env=self.environment(endpoint),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    # -- what became of the letters --------------------------------------------------------------

    def taken_out(self, queue: Queue) -> list[Message]:
        """Every message, in its order, taken out of the queue."""
        taken: list[Message] = []
        sqs = self.queues.sqs
        while sum(self.queues.depth(queue)):
            batch = sqs.receive(queue, count=10, wait_seconds=1, visibility_seconds=60)
            taken += [one.message for one in batch]
            if batch:
                sqs.delete_messages(queue, [one.receipt_handle for one in batch])
        return taken

    def check(self, report: dict[str, Any]) -> None:
        """No letter is lost or changed; one that is there twice is in the report; counts add up."""
        arrived, stayed = self.taken_out(self.source), self.taken_out(self.dlq)
        copies = Counter(one.body for one in (*arrived, *stayed))
        known = {letter.body: letter for letter in self.ids.values()}
        assert set(copies) == set(known), "lost, or never sent by us"
        for message in (*arrived, *stayed):
            assert letter_of(message) == known[message.body]
        told = {
            self.ids[one["message_id"]].body
            for one in report["failures"]
            if one["error_code"] in DOUBTS
        }
        assert {body for body, count in copies.items() if count > 1} <= told
        check_balance(report)
        assert len({one.body for one in arrived}) <= report["sent"] + report["ambiguous"]
        if self.fifo:
            self._check_order(arrived)

    def _check_order(self, arrived: Sequence[Message]) -> None:
        for group in range(GROUPS):
            numbers = [json.loads(one.body)["n"] for one in arrived if one.group_id == f"g{group}"]
            first_seen = list(dict.fromkeys(numbers))
            assert first_seen == sorted(first_seen)


def check_balance(report: dict[str, Any]) -> None:
    came_to = report["sent"] + report["skipped"] + report["failed"] + report["ambiguous"]
    assert report["received"] == came_to
    assert report["deleted"] <= report["sent"] + report["ambiguous"]


def killed_runs(
    world: RedriveWorld, journal: Path, endpoint: str, *, kills: int, seed: int
) -> dict[str, Any]:
    """Kill so many runs, each once it has written a bit more; then let one finish."""
    dice = random.Random(seed)  # noqa: S311 -- instants, not secrets
    shared = (world.dlq.name, "--concurrency", "2", "--lease", "2s")
    for _ in range(kills):
        begun = journal.exists()
        arguments = (*shared, *(("--resume",) if begun else ("--journal",)), str(journal))
        process = subprocess.Popen(
            world.command(*arguments),
            env=world.environment(endpoint),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for_growth(journal, journal.stat().st_size if begun else 0, process)
        time.sleep(dice.uniform(0, 0.3))
        process.kill()
        assert process.wait() in {-signal.SIGKILL, 0}
    done = world.run(*shared, "--resume", str(journal), endpoint=endpoint)
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def wait_for_growth(journal: Path, size: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and not (journal.exists() and journal.stat().st_size > size):
        assert time.monotonic() < deadline
        time.sleep(0.005)
