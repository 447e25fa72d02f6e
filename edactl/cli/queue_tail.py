"""`edactl queue tail`."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import CommandContext, context_of
from edactl.cli.queue_parameters import JsonBodyOption, QueueArgument, counted
from edactl.cli.signals import graceful_stop
from edactl.cli.tail_end import End
from edactl.core.arn import parse_queue
from edactl.core.readable import harmless
from edactl.core.record import record_of
from edactl.core.times import parse_duration_seconds
from edactl.errors import ExitStatus, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edactl.aws.session import AwsSession
    from edactl.aws.sqs import SqsQueues
    from edactl.core.message import Message
    from edactl.core.queue import Queue
    from edactl.core.record import JsonValue


def tail(
    ctx: typer.Context,
    queue: QueueArgument,
    lease: Annotated[
        bool, typer.Option("--lease", help="Look at the queue's own messages and give them back.")
    ] = False,
    consume: Annotated[
        bool, typer.Option("--consume", help="Take the queue's messages; delete after printing.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="End after N messages.")
    ] = None,
    timeout: Annotated[
        str | None,
        typer.Option("--timeout", metavar="DURATION", help="End after that long (status 124)."),
    ] = None,
    json_body: JsonBodyOption = False,
    force: Annotated[
        bool, typer.Option("--force", help="With --lease: though it may use up the receives.")
    ] = False,
) -> int:
    """Follow what a queue gets; its consumers see no difference unless you say so.

    Copies the rules and subscriptions that feed the queue to a temporary queue, shows what arrives
    there, and removes the copies at the end. Messages sent straight to the queue do not show. For a
    queue without such feeds say --lease (look and give back, which raises receive counts) or
    --consume (delete each message once it is printed).

    \b
    Examples:
      edactl queue tail orders
      edactl queue tail orders --limit 1 --timeout 30s --json-body --query json_body.detail
      edactl queue tail orders-dlq --lease
    """
    context = context_of(ctx)
    if lease and consume:
        raise UsageError("--lease and --consume exclude each other", hint="say one of them")
    seconds = None if timeout is None else parse_duration_seconds(timeout)
    session = context.session()
    from edactl.aws.sqs import SqsQueues

    queues = SqsQueues(session)
    found = queues.find(parse_queue(queue))
    with graceful_stop() as signal:
        end = End(context, signal, None if seconds is None else time.monotonic() + seconds)
        tailing = Tailing(context, session, queues, found, limit, end)
        if lease:
            messages = tailing.lease(force=force)
        else:
            messages = tailing.consume() if consume else tailing.mirror()
        shown = _show(context, messages, json_body=json_body)
    status = end.status(reached=limit is not None and shown >= limit)
    if status != ExitStatus.PIPE_CLOSED:
        context.messages.note(f"showed {counted(shown)} of {found.name}")
    return status


@dataclass(frozen=True)
class Tailing:
    """One tail: where from, how many, and until when."""

    context: CommandContext
    session: AwsSession
    queues: SqsQueues
    queue: Queue
    limit: int | None
    end: End

    def lease(self, *, force: bool) -> Iterator[Message]:
        """The queue's own messages, each given back before it is shown."""
        from edactl.ops.following import Follow
        from edactl.ops.queue_peek import refuse_to_use_up_receives
        from edactl.ops.queue_tail import follow_under_lease

        policy = None if force else self.queues.attributes(self.queue).redrive_policy
        refuse_to_use_up_receives(self.queue, policy)
        self.context.messages.warn(
            f"every look raises the receive count of what waits in {self.queue.name}"
        )
        follow = Follow(self.end, self.end.wait, time.monotonic, policy)
        shown = follow_under_lease(self.queue, self.queues, follow)
        yield from islice(shown, min(self.limit or sys.maxsize, sys.maxsize))

    def consume(self) -> Iterator[Message]:
        """The queue's own messages, each deleted after it was shown."""
        name = self.queue.name
        self.context.messages.warn(
            f"each message printed is DELETED from {name}; its consumers do not get it"
        )
        yield from self._taken_from(self.queue, self.end)

    def mirror(self) -> Iterator[Message]:
        """What the queue's feeds deliver, from a temporary queue."""
        from edactl.aws.event_targets import RulesByTarget
        from edactl.aws.sns import SnsTopics
        from edactl.ops.queue_mirror import find_feeds
        from edactl.ops.tap import LIFETIME, KeptAlive, Label, Services, tapped

        rules, topics = RulesByTarget(self.session), SnsTopics(self.session)
        services = Services(self.queues, rules, topics)
        feeds = find_feeds(self.queue, rules, topics)
        messages = self.context.messages
        for note in feeds.notes:
            messages.warn(note)
        label = Label(os.urandom(4).hex(), datetime.now(UTC) + LIFETIME)
        with tapped(feeds, label, services, on_leftover=self._left) as tap:
            messages.note(
                f"mirroring {feeds.names} into {tap.queue.name}; what is sent straight to"
                f" {self.queue.name} does not show. A new rule may take seconds to work"
            )
            keep = KeptAlive(tap, lambda: datetime.now(UTC), messages.warn)
            yield from self._taken_from(tap.queue, self.end.keeping(keep))

    def _left(self, text: str) -> None:
        self.context.messages.warn(f"{text}; edactl bus sweep removes it once it has expired")

    def _taken_from(self, queue: Queue, stop: Callable[[], bool]) -> Iterator[Message]:
        from edactl.ops.following import Consumed, Follow, consume

        counts = Consumed()
        follow = Follow(stop, self.end.wait, time.monotonic)
        try:
            yield from consume(queue, self.queues, follow, limit=self.limit, counts=counts)
        finally:
            if queue is self.queue:
                self.context.messages.note(f"deleted {counted(counts.deleted)} of {queue.name}")
            if counts.not_deleted:
                self.context.messages.warn(
                    f"{counted(counts.not_deleted)} could not be deleted and will come back"
                )


def _show(context: CommandContext, messages: Iterator[Message], *, json_body: bool) -> int:
    from edactl.core.message import record_with_json_body

    record = record_with_json_body if json_body else record_of
    shown = 0
    line = _line(colored=context.terminal.colored(context.terminal.stdout))
    with context.emitter.stream(line=line) as write, _closing(messages):
        for message in messages:
            write(record(message))
            shown += 1
    return shown


@contextmanager
def _closing(messages: Iterator[Message]) -> Iterator[None]:
    """Clean up where the messages come from before an error of the printing goes on."""
    try:
        yield
    finally:
        messages.close()  # type: ignore[attr-defined] # all three are generators


def _line(*, colored: bool) -> Callable[[JsonValue], str]:
    """One message for a person: when, which, of which group, and its body on one line."""
    dim, reset = ("\x1b[2m", "\x1b[0m") if colored else ("", "")

    def render(record: JsonValue) -> str:
        if not isinstance(record, dict) or "message_id" not in record:
            return _plain(record)
        group = f" [{_plain(record['group_id'])}]" if record.get("group_id") else ""
        head = f"{record.get('sent_at') or '-'} {str(record['message_id'])[:8]}{group}"
        return f"{dim}{head}{reset} {_plain(record.get('body'))}"

    return render


def _plain(value: JsonValue) -> str:
    """Text on one line, control characters escaped: a message must not drive the terminal."""
    text = " ".join(str(value).split())
    return harmless(text)
