"""A queue, doors and a journal in memory for the redrive engine; they fail as a test says."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from edactl.core.letter import Letter
from edactl.core.message import BatchFailure, Message, Received
from edactl.core.queue import Queue, QueueAttributes
from edactl.core.redrive_delivery import Delivered, Delivery
from edactl.core.redrive_route import Carried, Decider, Decision, Route, ToOnePlace
from edactl.errors import EdactlError
from edactl.ops.redrive import Outcome, Setup, redrive
from edactl.ops.redrive_ports import Door, Timing
from tests.queue_fakes import a_message, a_queue, attributes

DLQ = a_queue("dlq")
PLACE = Route("sqs", "arn:aws:sqs:r:1:orders")


@dataclass
class FakeDlq:
    """Messages that a receive hides; `lapse` ends every lease, so that they show again.

    `delete_scripts` are what the next deletes do: an error to raise, or ids that fail.
    """

    messages: list[Message]
    queue: Queue = DLQ
    hidden: dict[str, str] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    extended: list[str] = field(default_factory=list)
    receive_script: list[EdactlError | None] = field(default_factory=list)
    delete_script: list[EdactlError | set[str]] = field(default_factory=list)
    release_error: EdactlError | None = None
    on_empty: Callable[[], None] = lambda: None
    number: int = 0
    asked: int = 0
    """How often its counts were asked for."""

    def __post_init__(self) -> None:
        self.lock = threading.RLock()

    def receive(
        self, queue: Queue, *, count: int, wait_seconds: int, visibility_seconds: int
    ) -> list[Received]:
        with self.lock:
            if self.receive_script and (error := self.receive_script.pop(0)):
                raise error
            busy = {one.group_id for one in self.messages if one.message_id in self.hidden}
            shown = [
                one
                for one in self.messages
                if one.message_id not in self.hidden
                and not (queue.is_fifo and one.group_id in busy)
            ][:count]
            if not shown:
                self.on_empty()
            return [self._hide(one) for one in shown]

    def _hide(self, message: Message) -> Received:
        self.number += 1
        self.hidden[message.message_id] = f"{message.message_id}#{self.number}"
        return Received(message, self.hidden[message.message_id], "")

    def lapse(self) -> None:
        with self.lock:
            self.hidden.clear()

    def extend(
        self, queue: Queue, handles: Sequence[str], *, visibility_seconds: int
    ) -> list[BatchFailure]:
        self.extended += handles
        return []

    def release(self, queue: Queue, handles: Sequence[str]) -> list[BatchFailure]:
        if self.release_error:
            raise self.release_error
        with self.lock:
            for handle in handles:
                if self.hidden.get(handle.split("#")[0]) == handle:
                    del self.hidden[handle.split("#")[0]]
        return []

    def delete_messages(self, queue: Queue, handles: Sequence[str]) -> list[BatchFailure]:
        with self.lock:
            script = self.delete_script.pop(0) if self.delete_script else set()
            if isinstance(script, EdactlError):
                raise script
            failures = []
            for index, handle in enumerate(handles):
                message_id = handle.split("#")[0]
                if message_id in script or self.hidden.get(message_id) != handle:
                    failures.append(BatchFailure(index, "ReceiptHandleIsInvalid", "no", False))
                else:
                    del self.hidden[message_id]
                    self.messages = [m for m in self.messages if m.message_id != message_id]
                    self.deleted.append(message_id)
            return failures

    def attributes(self, queue: Queue) -> QueueAttributes:
        with self.lock:
            self.asked += 1
            return attributes(
                visible=len(self.messages) - len(self.hidden), in_flight=len(self.hidden)
            )


@dataclass
class FakeDoor:
    """Answers the nth delivery by its script, by message id; what it does not name arrives."""

    script: list[dict[str, Delivery]] = field(default_factory=list)
    deduplicates: bool = False
    calls: list[list[str]] = field(default_factory=list)
    then: Callable[[], None] = lambda: None

    def deliver(self, letters: Sequence[Carried]) -> list[Delivery]:
        ids = [one.message.message_id for one in letters]
        self.calls.append(ids)
        answers = self.script.pop(0) if self.script else {}
        self.then()
        return [answers.get(one) or Delivered(f"new-{one}") for one in ids]


@dataclass
class OneDoor:
    """The same door for every route, or an error."""

    door: Door
    error: EdactlError | None = None

    def open(self, route: Route) -> Door:
        if self.error is not None:
            raise self.error
        return self.door


@dataclass
class FakeJournal:
    """Keeps what was written; fails at the nth write."""

    lines: list[str] = field(default_factory=list)
    fails_at: dict[int, EdactlError] = field(default_factory=dict)
    synced: list[int] = field(default_factory=list)
    writes: int = 0

    def write(self, lines: str) -> None:
        self.writes += 1
        if error := self.fails_at.get(self.writes):
            raise error
        self.lines += lines.splitlines()

    def sync(self) -> None:
        self.synced.append(len(self.lines))

    def save(self, lines: str) -> None:
        self.write(lines)
        self.sync()


@dataclass
class Leaving:
    """Leaves the letters of these ids, and sends the others."""

    ids: set[str]
    inner: Decider = field(default_factory=lambda: Decider(ToOnePlace(PLACE), as_it_is=True))

    def decide(self, letter: Letter) -> Decision:
        from edactl.core.redrive_route import Skip

        if letter.message.message_id in self.ids:
            return Skip("left")
        return self.inner.decide(letter)


def letters(*ids: str, group: str | None = None) -> list[Message]:
    return [replace(a_message(one), group_id=group) for one in ids]


def quick_timing(stop: Callable[[], bool] = lambda: False) -> Timing:
    """Real clocks; pauses take no time."""

    class Now(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            return self.is_set()

    return Timing(
        now=time.time,
        clock=time.monotonic,
        random=lambda: 0.0,
        wait=lambda _seconds: stop(),
        stop=stop,
        abort=Now(),
    )


def run_engine(dlq: FakeDlq, door: Door | None = None, **changed: object) -> Outcome:
    """One run of the engine with a worker or two."""
    setup = Setup(
        queue=dlq.queue,
        keeper=dlq,
        receiver=dlq,
        chooser=Leaving(set()),
        doors=OneDoor(door or FakeDoor()),
        timing=quick_timing(),
        expected=len(dlq.messages),
        concurrency=2,
        lease_seconds=1,
    )
    return redrive(replace(setup, **changed), lambda _counts: None)  # type: ignore[arg-type] # by name
