"""Running `replay file` once its options are read: checkpoint, send, count, conclude."""

from __future__ import annotations

import os
import random
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from edactl.aws.events import EventBuses
from edactl.cli.put_event_input import read_ahead
from edactl.cli.put_event_report import FailedFile, Tally
from edactl.cli.put_event_run import check_bus
from edactl.cli.replay_checkpoint_file import (
    CheckpointFile,
    default_path,
    fingerprint,
    new,
    reopen,
    unfinished,
)
from edactl.cli.replay_input import Input
from edactl.cli.signals import StopSignal, graceful_stop
from edactl.core.arn import parse_arn, parse_bus
from edactl.core.event import Refused
from edactl.core.replay_checkpoint import Checkpoint, Header
from edactl.core.replay_event import Replaying
from edactl.core.replay_pace import GapPace, parse_speed
from edactl.core.times import rfc3339
from edactl.errors import EdactlError, ExitStatus, UsageError
from edactl.ops.put_events import Put, Sender
from edactl.ops.replay_file import OnceBuses, when_due, writing_to

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.cli.context import CommandContext
    from edactl.core.pattern import Pattern
    from edactl.core.record import JsonValue
    from edactl.ops.replay_file import Captured


@dataclass(frozen=True)
class Plan:
    """What to send again, at which pace, and where to write how far it is."""

    files: list[str]
    bus: str
    speed: str
    rate: float | None
    keep_time: bool
    where: str
    mark: bool
    source_prefix: str | None
    checkpoint: str
    resume: bool
    concurrency: int
    failed_to: str | None
    check: bool
    dry_run: bool

    @property
    def options(self) -> dict[str, JsonValue]:
        """The options that decide what is sent; a resumed run has to say the same."""
        return {
            "restamp": not self.keep_time,
            "where": self.where,
            "mark": self.mark,
            "source-prefix": self.source_prefix,
        }


class Run:
    """One run: its collaborators, and what it has done so far."""

    def __init__(self, context: CommandContext, plan: Plan, stop: StopSignal) -> None:
        self.context = context
        self.plan = plan
        self.stop = stop
        session = context.session(read_only=plan.dry_run, workers=plan.concurrency)
        self.buses = OnceBuses(EventBuses(session, attempts=1), stop, random.random)
        place = _place(plan, EventBuses(session), session.region)
        self.header, self.log, self.before = _checkpoint(context, plan, *place)
        mark = self.header.run_id if plan.mark else None
        self.input = Input(
            plan.files,
            context.terminal.stdin,
            Replaying(plan.bus, plan.keep_time, mark, plan.source_prefix),
            stop,
        )
        self.tally = Tally(plan.bus)
        self.finished = False
        if self.before is not None:
            self.input.done = self.before.done

    def puts(self, where: Pattern | None) -> Iterator[dict[str, JsonValue]]:
        """The record of each event, in input order, as it is settled."""
        self.input.where = where
        speed = GapPace(parse_speed(self.plan.speed), 0.0) if self.plan.speed else None
        events = _checked_ahead(self.input.events())
        if self.plan.dry_run:
            yield from (self._count(event) for event in events)
            return
        sender = Sender(
            self.buses,
            self.stop,
            time.monotonic,
            random.random,
            self.plan.concurrency,
            self.plan.rate,
            writing_to(self.log) if self.log else lambda _puts: None,
        )
        with closing(self._kept()) as failed:
            for put in sender.run(when_due(events, speed, self.stop, time.monotonic)):
                if put.outcome.error_code is not None:
                    failed.keep(put.event)
                yield self.tally.add(put)
        self.finished = not self.stop()

    def _kept(self) -> FailedFile:
        return FailedFile(self.plan.failed_to, self.plan.files, self.context.messages.warn)

    def _count(self, event: Captured) -> dict[str, JsonValue]:
        if isinstance(event.sends, Refused):
            return self.tally.add(Put(event.sends, event.sends.why))
        return self.tally.count_valid(event.sends)

    def close(self) -> None:
        """Close the checkpoint; one that nobody asked for goes away when nothing is left to do."""
        if self.log is None or self.plan.dry_run:
            return
        complete = self.finished and not self.tally.failed
        self.log.close(ended=complete)
        if complete and not self.plan.checkpoint:
            self.log.remove()
            self.log = None

    def result(self, seconds: float) -> dict[str, JsonValue]:
        """The whole run as one record."""
        result = self.tally.result(seconds, dry_run=self.plan.dry_run)
        return {
            **result,
            "filtered": self.input.filtered,
            "already_done": self.input.already_done,
            "sent_again": self.buses.sent_again,
            "run_id": self.header.run_id,
            "checkpoint": str(self.log.path) if self.log and self.log.exists else None,
        }


def run(context: CommandContext, plan: Plan, where: Pattern | None) -> int:
    """Send the plan's events again and report; the exit status."""
    emitter, started = context.emitter, time.monotonic()
    each = emitter.format == "ndjson"
    failure: EdactlError | None = None
    with graceful_stop() as stop:
        this = Run(context, plan, stop)
        _say_before(this)
        with ExitStack() as stack:
            write = stack.enter_context(emitter.stream()) if each else None
            stack.callback(this.close)
            try:
                for record in this.puts(where):
                    if write is not None:
                        write(record)
                    context.progress.show(lambda: _progress(this.tally))
            except EdactlError as error:
                if not (this.tally.sent or this.tally.failed) or plan.dry_run:
                    raise
                failure = error
    context.progress.clear()
    if not each:
        emitter.outcome(this.result(time.monotonic() - started))
    return _conclude(this, failure)


def _progress(tally: Tally) -> str:
    return f'bus "{tally.bus}": {tally.sent} sent again, {tally.failed} failed'


def _say_before(this: Run) -> None:
    before = this.before
    if before is None:
        return
    once = "" if before.settled else "; at least once: what was in flight then may arrive twice"
    this.context.messages.note(
        f"going on with replay {before.header.run_id}: {before.done.count} events are done{once}"
    )


def _conclude(this: Run, failure: EdactlError | None) -> int:
    messages, tally, plan = this.context.messages, this.tally, this.plan
    done = "would be sent" if plan.dry_run else "sent again"
    passed_over = f", {this.input.filtered} not wanted" if plan.where else ""
    messages.note(f'bus "{tally.bus}": {tally.sent} {done}, {tally.failed} failed{passed_over}')
    for item in tally.failures[:5]:
        if isinstance(item, dict):
            messages.warn(f"event {item['index']}: {item['error_message']} ({item['error_code']})")
    if this.buses.sent_again:
        messages.warn(
            f"at least once: {this.buses.sent_again} events of requests without an answer were"
            " sent again, and may have arrived twice"
        )
    if (failure or this.stop()) and this.log is not None and this.log.exists:
        messages.warn(f"stopped early; go on with the same command and --resume ({this.log.path})")
    if failure:
        messages.error(failure)
        return failure.status if failure.status == ExitStatus.AWS else ExitStatus.PARTLY
    if this.stop():
        return this.stop.status
    return ExitStatus.PARTLY if tally.failed else ExitStatus.DONE


def _checked_ahead(events: Iterator[Captured]) -> Iterator[Captured]:
    ahead = read_ahead(events, lambda event: event.sends.size_bytes)
    return (event for event in ahead if event is not None)


def _place(plan: Plan, buses: EventBuses, region: str) -> tuple[str, str]:
    """Account and region of the bus; looked up, since AWS silently takes a missing bus."""
    if plan.check:
        arn = parse_arn(check_bus(plan.bus, buses, region).arn)
        return arn.account, arn.region
    reference = parse_bus(plan.bus)
    return reference.account, reference.region or region


def _checkpoint(
    context: CommandContext, plan: Plan, account: str, region: str
) -> tuple[Header, CheckpointFile | None, Checkpoint | None]:
    """The header of this run, its checkpoint, and what an earlier run left in it."""
    piped = "-" in plan.files
    if piped and (plan.resume or plan.checkpoint):
        raise UsageError("stdin cannot be resumed", hint="write it to a file and replay that")
    files = () if piped else tuple(fingerprint(name) for name in plan.files)
    now = datetime.now(UTC)
    run_id = f"{now:%Y%m%dT%H%M%SZ}-{os.urandom(3).hex()}"
    header = Header(run_id, plan.bus, account, region, files, plan.options, rfc3339(now))
    if plan.resume:
        path = (
            Path(plan.checkpoint)
            if plan.checkpoint
            else unfinished(context.environment, plan.bus, files)
        )
        log, found = reopen(path, header)
        return found.header, log, found
    if piped or plan.dry_run:
        return header, None, None
    path = Path(plan.checkpoint) if plan.checkpoint else default_path(context.environment, run_id)
    return header, new(path, header), None
