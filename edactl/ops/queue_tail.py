"""Follow the messages of a queue itself by looking at each one.

That raises receive counts, so nobody gets it without asking. A tap on what feeds the queue
(`edactl.ops.tap`) changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.ops.following import Seen
from edactl.ops.queue_peek import Look, peek

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.core.message import Message
    from edactl.core.queue import Queue
    from edactl.ops.following import Follow, Leases

SWEEP = 1000
"""Messages held at once, far below the 120,000 in flight that SQS allows."""
SHORTEST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 20.0


def follow_under_lease(queue: Queue, leases: Leases, follow: Follow) -> Iterator[Message]:
    """Each message of the queue once, given back before it is shown.

    Sweeps the queue, then pauses: 1 s while new messages come, up to 20 s while none do, since each
    sweep raises the receive count of all that waits. Raises GuardError when the redrive policy has
    hardly a receive left, after showing what was seen.
    """
    seen = Seen()
    pause_seconds = SHORTEST_PAUSE_SECONDS
    while not follow.stop():
        look = Look(SWEEP, 0, follow.redrive_policy, follow.clock, follow.stop)
        peeked = peek(queue, leases, look)
        fresh = [one for one in peeked.messages if seen.first_time(one.message_id)]
        yield from fresh
        if peeked.guard is not None:
            raise peeked.guard
        pause_seconds = (
            SHORTEST_PAUSE_SECONDS if fresh else min(LONGEST_PAUSE_SECONDS, 2 * pause_seconds)
        )
        follow.wait(pause_seconds)
