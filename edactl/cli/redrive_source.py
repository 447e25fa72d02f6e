"""The queue that letters are taken from, with the AWS collaborators and clocks of a run."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.aws.sqs import SqsQueues
from edactl.core.arn import parse_queue
from edactl.ops.redrive_ports import Timing

if TYPE_CHECKING:
    from collections.abc import Callable

    from edactl.aws.session import AwsSession
    from edactl.cli.context import CommandContext
    from edactl.cli.signals import StopSignal
    from edactl.core.queue import Queue, QueueAttributes

_THREADS_BESIDES = 2


@dataclass(frozen=True)
class Source:
    """A queue, what SQS says of it, and how to call: `once` sees every lost answer."""

    session: AwsSession
    queues: SqsQueues
    once: SqsQueues
    queue: Queue
    attributes: QueueAttributes

    @property
    def depth(self) -> int:
        """How many letters it shows, approximately."""
        return self.attributes.visible


def open_source(
    context: CommandContext, name: str, *, concurrency: int, dry_run: bool = False
) -> Source:
    """The queue of that name. A dry run only reads, and looks at letters under a lease."""
    session = context.session(
        read_only=dry_run, looks=dry_run, workers=concurrency + _THREADS_BESIDES
    )
    queues = SqsQueues(session, validate=False)
    queue = SqsQueues(session).find(parse_queue(name))
    once = SqsQueues(session, attempts=1, validate=False)
    return Source(session, queues, once, queue, queues.attributes(queue))


def timing_of(stop: StopSignal, until: Callable[[], bool] = lambda: False) -> Timing:
    """Real clocks, and the operator's signals; `until` is another reason to take no more."""
    return Timing(
        now=time.time,
        clock=time.monotonic,
        random=random.random,
        wait=stop.wait,
        stop=lambda: stop() or until(),
    )
