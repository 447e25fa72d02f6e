"""An SQS in memory, for operations: it hides, counts, gives back, refuses and keeps FIFO order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from edactl.core.message import (
    BatchFailure,
    Message,
    NotSent,
    Outgoing,
    Received,
    SendOutcome,
    Sent,
)
from edactl.core.queue import Queue, QueueAttributes, RedrivePolicy, queue_attributes
from edactl.errors import EdactlError

ORDERS = Queue("orders", "https://q/1/orders", "arn:aws:sqs:r:1:orders", "1", "r")
FIFO = Queue("orders.fifo", "https://q/1/orders.fifo", "arn:aws:sqs:r:1:orders.fifo", "1", "r")


def a_queue(name: str) -> Queue:
    return Queue(name, f"https://q/1/{name}", f"arn:aws:sqs:r:1:{name}", "1", "r")


def redrive_to(name: str, count: int) -> RedrivePolicy:
    return RedrivePolicy(f"arn:aws:sqs:r:1:{name}", count)


def a_message(message_id: str, *, receive_count: int = 0, group_id: str | None = None) -> Message:
    return Message(
        message_id=message_id,
        body=f"body of {message_id}",
        attributes={},
        message_attributes={},
        group_id=group_id,
        deduplication_id=None,
        sent_at=None,
        first_received_at=None,
        receive_count=receive_count,
        source_queue_arn=None,
        trace_header=None,
    )


@dataclass
class FakeQueue:
    """Messages in order; those in flight are hidden, with their FIFO group, until given back."""

    messages: list[Message]
    in_flight: dict[str, str] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    released: list[str] = field(default_factory=list)
    extended: list[str] = field(default_factory=list)
    receives: int = 0
    cannot_release: set[str] = field(default_factory=set)
    cannot_delete: set[str] = field(default_factory=set)
    release_error: EdactlError | None = None
    receive_errors: dict[int, BaseException] = field(default_factory=dict)
    after_receive: Callable[[], None] = lambda: None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def receive(
        self, queue: Queue, *, count: int, wait_seconds: int, visibility_seconds: int
    ) -> list[Received]:
        with self.lock:
            return self._receive(
                queue,
                count=count,
                wait_seconds=wait_seconds,
                visibility_seconds=visibility_seconds,
            )

    def _receive(
        self, queue: Queue, *, count: int, wait_seconds: int, visibility_seconds: int
    ) -> list[Received]:
        assert 1 <= count <= 10
        assert 0 <= wait_seconds <= 20
        assert visibility_seconds > 0
        self.receives += 1
        if error := self.receive_errors.get(self.receives):
            raise error
        held = {one.group_id for one in self.messages if one.message_id in self.in_flight.values()}
        free = [
            one
            for one in self.messages
            if one.message_id not in self.in_flight.values()
            and not (queue.is_fifo and one.group_id in held)
        ]
        taken = []
        for one in free[:count]:
            counted = replace(one, receive_count=(one.receive_count or 0) + 1)
            self.messages[self.messages.index(one)] = counted
            handle = f"{one.message_id}#{self.receives}"
            self.in_flight[handle] = one.message_id
            taken.append(Received(counted, handle, ""))
        self.after_receive()
        return taken

    def release(self, queue: Queue, handles: Sequence[str]) -> list[BatchFailure]:
        if self.release_error:
            raise self.release_error
        return self._end(handles, self.cannot_release, self.released)

    def extend(
        self, queue: Queue, handles: Sequence[str], *, visibility_seconds: int
    ) -> list[BatchFailure]:
        assert len(handles) <= 10
        assert visibility_seconds > 0
        self.extended += [handle.split("#")[0] for handle in handles]
        return []

    def delete_messages(self, queue: Queue, handles: Sequence[str]) -> list[BatchFailure]:
        failures = self._end(handles, self.cannot_delete, self.deleted)
        self.messages = [one for one in self.messages if one.message_id not in self.deleted]
        return failures

    def _end(
        self, handles: Sequence[str], refused: set[str], done: list[str]
    ) -> list[BatchFailure]:
        with self.lock:
            return self._ended(handles, refused, done)

    def _ended(
        self, handles: Sequence[str], refused: set[str], done: list[str]
    ) -> list[BatchFailure]:
        failures = []
        for index, handle in enumerate(handles):
            message_id = handle.split("#")[0]
            if message_id in refused:
                failures.append(BatchFailure(index, "ReceiptHandleIsInvalid", "no", False))
            else:
                del self.in_flight[handle]
                done.append(message_id)
        return failures


@dataclass
class FakeSender:
    """Takes batches; `script` answers the nth call: an error to raise, or outcomes by body."""

    script: dict[int, EdactlError | Mapping[str, NotSent]] = field(default_factory=dict)
    calls: list[list[str]] = field(default_factory=list)
    taken: list[Outgoing] = field(default_factory=list)

    def send(self, queue: Queue, outgoing: Sequence[Outgoing]) -> list[SendOutcome]:
        self.calls.append([one.body for one in outgoing])
        answer = self.script.get(len(self.calls), {})
        if isinstance(answer, EdactlError):
            raise answer
        self.taken += [one for one in outgoing if one.body not in answer]
        return [answer.get(one.body) or Sent(f"id of {one.body}") for one in outgoing]


@dataclass
class FakeQueues:
    """The queues of an account; an error stands for attributes that may not be read."""

    by_name: dict[str, QueueAttributes | EdactlError]
    sources_error: EdactlError | None = None
    asked_sources: list[str] = field(default_factory=list)
    tags_by_name: dict[str, dict[str, str]] = field(default_factory=dict)

    def list(self, prefix: str = "") -> Iterator[Queue]:
        return (a_queue(name) for name in self.by_name if name.startswith(prefix))

    def attributes(self, queue: Queue) -> QueueAttributes:
        found = self.by_name[queue.name]
        if isinstance(found, EdactlError):
            raise found
        return found

    def sources_of(self, queue: Queue) -> Sequence[str]:
        self.asked_sources.append(queue.name)
        if self.sources_error:
            raise self.sources_error
        return sorted(
            name
            for name, found in self.by_name.items()
            if not isinstance(found, EdactlError)
            and found.redrive_policy
            and found.redrive_policy.dead_letter_queue_name == queue.name
        )

    def tags(self, queue: Queue) -> Mapping[str, str]:
        return self.tags_by_name.get(queue.name, {})


@dataclass
class FakeAges:
    """Ages by queue name, or the error that CloudWatch answers with."""

    ages: dict[str, float] = field(default_factory=dict)
    error: EdactlError | None = None
    asked: list[tuple[tuple[str, ...], datetime]] = field(default_factory=list)

    def oldest_age_seconds(self, names: Sequence[str], *, now: datetime) -> Mapping[str, float]:
        self.asked.append((tuple(names), now))
        if self.error:
            raise self.error
        return {name: age for name, age in self.ages.items() if name in names}


def attributes(
    *,
    visible: int = 0,
    in_flight: int = 0,
    delayed: int = 0,
    redrive_policy: RedrivePolicy | None = None,
    policy: str | None = None,
) -> QueueAttributes:
    raw = {
        "ApproximateNumberOfMessages": str(visible),
        "ApproximateNumberOfMessagesNotVisible": str(in_flight),
        "ApproximateNumberOfMessagesDelayed": str(delayed),
    }
    return replace(queue_attributes(raw), redrive_policy=redrive_policy, policy=policy)
