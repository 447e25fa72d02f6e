"""Look at messages under a lease and give every one back at once.

A look is not free: each receive raises a message's receive count, and a source queue whose redrive
policy is nearly used up would send a healthy message to its DLQ. So the count has a guard.
Source: SQS API reference, ReceiveMessage and ChangeMessageVisibility; developer guide, DLQs (a
message moves when it is received more than maxReceiveCount times).
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edactl.errors import EdactlError, GuardError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from edactl.core.message import Message, Received
    from edactl.core.queue import Queue, RedrivePolicy
    from edactl.ops.following import Leases

LEASE_SECONDS = 60
HOLD_SECONDS = 40.0
"""Longest time that messages are held: well within the lease, so that they can be given back."""
_WAIT_SECONDS = 1
_EMPTY_POLLS = 3
_BATCH = 10


@dataclass
class Held:
    """What is in hand: each message once, with its newest lease."""

    by_id: dict[str, Received] = field(default_factory=dict)

    def take(self, received: Sequence[Received]) -> list[Received]:
        """Those not seen before, in their order."""
        fresh = [one for one in received if one.message.message_id not in self.by_id]
        self.by_id.update((one.message.message_id, one) for one in received)
        return fresh

    @property
    def handles(self) -> list[str]:
        """Every receipt handle in hand."""
        return [one.receipt_handle for one in self.by_id.values()]


@dataclass(frozen=True)
class Peeked:
    """What lay in the queue; `guard` says why the look ended early, if it did.

    `not_released` messages come back by themselves, when their lease ends.
    """

    messages: tuple[Message, ...]
    not_released: int
    guard: GuardError | None


@dataclass(frozen=True)
class Look:
    """How to look: at most `limit` messages; `expected` is how many the queue says it shows."""

    limit: int
    expected: int
    redrive_policy: RedrivePolicy | None
    clock: Callable[[], float]
    stop: Callable[[], bool]


def refuse_to_use_up_receives(queue: Queue, policy: RedrivePolicy | None) -> None:
    """Return when one look at a fresh message leaves its consumers more than one receive.

    Raises GuardError when it would not: nothing has been received then.
    """
    if policy is not None and policy.max_receive_count <= _LEAST_SAFE_COUNT:
        raise GuardError(
            f'queue "{queue.name}" sends a message to {_name(policy)} after'
            f" {policy.max_receive_count} receives, and a look counts as one",
            hint="--force looks all the same; queue tail mirrors what feeds the queue instead",
        )


_LEAST_SAFE_COUNT = 2


def peek(queue: Queue, leases: Leases, look: Look) -> Peeked:
    """What lies in the queue, each message once; all of it is given back, come what may."""
    held = Held()
    failures: list[int] = []
    guard = None
    with giving_back(queue, leases, held, failures):
        guard = _gather(queue, leases, look, held)
    messages = tuple(one.message for one in held.by_id.values())
    return Peeked(messages[: look.limit], sum(failures), guard)


@contextmanager
def giving_back(queue: Queue, leases: Leases, held: Held, failures: list[int]) -> Iterator[None]:
    """Give everything in hand back at the end, also when an error or a signal ends it.

    How many messages could not be given back is added to `failures`.
    """
    try:
        yield
    finally:
        failures.append(release(queue, leases, held))


def release(queue: Queue, leases: Leases, held: Held) -> int:
    """Give everything in hand back; how many messages could not be."""
    if not held.handles:
        return 0
    try:
        return len(leases.release(queue, held.handles))
    except EdactlError:
        return len(held.handles)


def _gather(queue: Queue, leases: Leases, look: Look, held: Held) -> GuardError | None:
    """Receive until the limit, the end of the queue, the hold time, the guard or a stop."""
    deadline = look.clock() + HOLD_SECONDS
    empty_polls = 0
    while len(held.by_id) < look.limit and not look.stop() and look.clock() < deadline:
        received = leases.receive(
            queue,
            count=min(_BATCH, look.limit - len(held.by_id)),
            wait_seconds=_WAIT_SECONDS,
            visibility_seconds=LEASE_SECONDS,
        )
        fresh = held.take(received)
        if guard := used_up(queue, fresh, look.redrive_policy):
            return guard
        empty_polls = 0 if fresh else empty_polls + 1
        seen_all = len(held.by_id) >= look.expected
        if empty_polls >= (1 if seen_all else _EMPTY_POLLS):
            return None
    return None


def used_up(
    queue: Queue, received: Sequence[Received], policy: RedrivePolicy | None
) -> GuardError | None:
    """Why to stop when a message has one receive left, or none; None when all have more."""
    if policy is None:
        return None
    for one in received:
        count = one.message.receive_count or 0
        if count >= policy.max_receive_count - 1:
            return GuardError(
                f'queue "{queue.name}": message {one.message.message_id} has been received {count}'
                f" times; after {policy.max_receive_count} it goes to {_name(policy)}",
                hint="--force looks all the same; queue tail mirrors what feeds the queue instead",
            )
    return None


def _name(policy: RedrivePolicy) -> str:
    return f'its DLQ "{policy.dead_letter_queue_name}"'
