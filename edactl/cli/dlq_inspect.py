"""`edactl dlq inspect`."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import CommandContext, context_of
from edactl.cli.dlq_tables import emit_clusters, letter_line
from edactl.cli.queue_parameters import QueueArgument, counted
from edactl.cli.redrive_report import say_missed
from edactl.cli.signals import StopSignal, graceful_stop
from edactl.core.arn import parse_queue
from edactl.core.dlq import expires_at
from edactl.core.queue_explain import coarse_span
from edactl.errors import ExitStatus, Terminated

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edactl.aws.session import AwsSession
    from edactl.core.dead_letter_source import DeadLetterSource
    from edactl.core.letter import Letter
    from edactl.core.letter_report import ClusterRow
    from edactl.core.message import Message
    from edactl.core.queue import Queue, QueueAttributes
    from edactl.ops.dead_letter_sources import SourceReader
    from edactl.ops.dlq_inspect import Inspected

WORKERS = 16
_SOON = timedelta(days=1)


def inspect(
    ctx: typer.Context,
    dlq: QueueArgument,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=1, max=100_000, help="Look at up to N.")
    ] = 100_000,
    cluster: Annotated[
        str | None, typer.Option("--cluster", metavar="ID", help="Only this cluster.")
    ] = None,
    letters: Annotated[
        bool, typer.Option("--letters", help="Print each letter, with the id of its cluster.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Look even if it uses up a redrive policy's receives.")
    ] = False,
) -> int:
    """Say why the letters of a DLQ are there, and what mends it: one record a cause.

    Looks at the letters under a lease and gives every one back. Letters that agree in origin,
    target, error code and message (but for numbers and ids) are one cluster; its id is the same in
    every run, and chooses letters in other commands. A look raises each letter's receive count. Of
    each FIFO group only the first letters show: SQS holds the rest back while these are in hand.

    \b
    Examples:
      edactl dlq inspect orders-dlq
      edactl dlq inspect orders-dlq -o ndjson --query '[].[cluster, hint]'
      edactl dlq inspect orders-dlq --letters --cluster 1f0c9a3e -o ndjson > letters.ndjson
    """
    context = context_of(ctx)
    session = context.session(workers=WORKERS)
    from edactl.aws.sqs import SqsQueues

    queues = SqsQueues(session)
    found = queues.find(parse_queue(dlq))
    run = Inspecting(context, session, found, queues.attributes(found), cluster)
    with graceful_stop() as stop:
        look = run.print_letters if letters else run.print_clusters
        done = look(limit, stop, force=force)
    run.say(done)
    if done.guard is not None:
        raise done.guard
    return stop.status or run.answer


@dataclass
class Inspecting:
    """One look into one DLQ; `wanted` is the only cluster to show, `others` what else was seen."""

    context: CommandContext
    session: AwsSession
    queue: Queue
    attributes: QueueAttributes
    wanted: str | None
    matched: int = 0
    others: list[tuple[str, int]] = field(default_factory=list)
    expiring: int = 0
    first_expiry: datetime | None = None
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def answer(self) -> ExitStatus:
        """1 when the cluster that was asked for is not there."""
        missed = self.wanted is not None and not self.matched
        return ExitStatus.NO if missed else ExitStatus.DONE

    def print_letters(self, limit: int, stop: StopSignal, *, force: bool) -> Inspected:
        """Print each letter as it is seen."""
        from edactl.core.letter_clusters import WantedCluster
        from edactl.core.letter_origins import classify
        from edactl.core.letter_report import letter_record

        wanted = WantedCluster(self.wanted) if self.wanted is not None else None
        with self.context.emitter.stream(line=letter_line) as write:

            def visit(message: Message) -> None:
                letter = classify(message)
                if wanted is None or wanted.takes(letter):
                    self.matched += 1
                    write(letter_record(letter))

            done = self._look(limit, stop, visit, force=force)
        self.others = wanted.others if wanted else []
        return done

    def print_clusters(self, limit: int, stop: StopSignal, *, force: bool) -> Inspected:
        """Count the letters by cluster; then, with all of them given back, print the clusters."""
        from edactl.core.letter_clusters import Clusters
        from edactl.core.letter_origins import classify
        from edactl.core.letter_report import cluster_row

        clusters = Clusters()
        done = self._look(limit, stop, lambda one: clusters.add(classify(one)), force=force)
        counted_clusters = clusters.by_count()
        sources = dead_letter_sources(
            self.session, self.queue, [one.sample for one in counted_clusters], self.context
        )
        rows = [
            cluster_row(one, self.queue.name, sources)
            for one in counted_clusters
            if self.wanted in {None, one.id}
        ]
        self.matched = len(rows)
        self.others = [(one.id, one.count) for one in counted_clusters if one.id != self.wanted]
        emit_clusters(self.context, rows, self.now)
        if rows or self.wanted is None:
            self._say_if_nobodys(rows)
        return done

    def _look(
        self, limit: int, stop: StopSignal, visit: Callable[[Message], object], *, force: bool
    ) -> Inspected:
        from edactl.aws.sqs import SqsQueues
        from edactl.ops.dlq_inspect import Inspection, lease_seconds
        from edactl.ops.dlq_inspect import inspect as inspect_queue
        from edactl.ops.queue_peek import refuse_to_use_up_receives

        policy = None if force else self.attributes.redrive_policy
        refuse_to_use_up_receives(self.queue, policy)
        if self.attributes.in_flight:
            self.context.messages.warn(
                f"somebody else reads {self.queue.name}:"
                f" {counted(self.attributes.in_flight, 'letter')} in flight, which do not show"
            )

        def see(message: Message) -> None:
            self._note_expiry(message)
            visit(message)

        look = Inspection(
            limit, self.attributes.visible, policy, time.monotonic, stop, self._show_progress
        )
        try:
            return inspect_queue(self.queue, SqsQueues(self.session, validate=False), look, see)
        except (KeyboardInterrupt, Terminated):
            longest = coarse_span(lease_seconds(self.attributes.visible))
            self.context.messages.warn(f"letters still in hand show again within {longest}")
            raise
        finally:
            self.context.progress.clear()

    def _show_progress(self, seen: int, returned: int) -> None:
        text = f"looked at {seen} of about {self.attributes.visible} letters"
        self.context.progress.show(lambda: f"{text}, gave {returned} back" if returned else text)

    def _note_expiry(self, message: Message) -> None:
        moment = expires_at(message, self.attributes.retention_seconds)
        if moment is not None and moment - self.now < _SOON:
            self.expiring += 1
            self.first_expiry = min(moment, self.first_expiry or moment)

    def _say_if_nobodys(self, rows: Sequence[ClusterRow]) -> None:
        from edactl.aws.sqs import SqsQueues
        from edactl.core.letter import Origin
        from edactl.ops.queue_list import sources_of

        if any(row.origin is not Origin.UNKNOWN for row in rows):
            return
        if not sources_of(self.queue, SqsQueues(self.session), workers=WORKERS):
            self.context.messages.note(
                f"no queue sends its failures to {self.queue.name}; edactl dlq list tells whether a"
                " rule, schedule, subscription or function does"
            )

    def say(self, done: Inspected) -> None:
        """What was looked at, and what the operator should know of it."""
        messages, name = self.context.messages, self.queue.name
        if done.not_released:
            messages.warn(
                f"{counted(done.not_released, 'letter')} of {name} could not be given back;"
                f" SQS shows them again within {coarse_span(done.lease_seconds)}"
            )
        if done.full:
            messages.warn(f"SQS lets no more letters of {name} be in flight: these were not all")
        if self.first_expiry is not None:
            left = (self.first_expiry - self.now).total_seconds()
            when = f"in {coarse_span(left)}" if left > 0 else "now"
            messages.warn(
                f"{counted(self.expiring, 'letter')} of {name} expire within a day,"
                f" the first {when}"
            )
        if not done.looked_at:
            messages.note(f"no letter to see in {name} now")
            return
        if self.wanted is not None:
            messages.note(f"{counted(self.matched, 'record')} of cluster {self.wanted}")
            if not self.matched and self.others:
                say_missed(self.context, name, self.wanted, self.others)
        messages.note(
            f"looked at {done.looked_at} of about {max(self.attributes.visible, done.looked_at)}"
            f" letters of {name} and gave all back; a look raises the receive count by 1"
        )


def dead_letter_sources(
    session: AwsSession, queue: Queue, samples: Sequence[Letter], context: CommandContext
) -> list[DeadLetterSource]:
    """What sends to this DLQ, of the kinds that these letters leave open; nothing else is asked."""
    from edactl.aws.dead_letter_sources import FunctionSources, SubscriptionSources
    from edactl.core.letter import Origin
    from edactl.ops.dead_letter_sources import find_sources

    origins = {one.origin for one in samples}
    readers: list[SourceReader] = []
    if origins & {Origin.UNKNOWN, Origin.S3_POINTER}:
        readers.append(SubscriptionSources(session))
    elif subscriptions := {
        one.sender for one in samples if one.origin is Origin.SNS and one.sender
    }:
        readers.append(SubscriptionSources(session, only=tuple(sorted(subscriptions))))
    if Origin.LAMBDA_ASYNC in origins:
        readers.append(FunctionSources(session, with_destinations=False))
    found = find_sources(readers, workers=WORKERS)
    for warning in found.warnings:
        context.messages.warn(warning)
    return [one for one in found.sources if one.dlq_arn == queue.arn]
