"""`edactl archive export`."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import CommandContext, context_of
from edactl.cli.signals import StopSignal, graceful_stop
from edactl.errors import EdactlError, ExitStatus, UnwritableFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edactl.aws.replays import Replays
    from edactl.aws.session import AwsSession
    from edactl.core.archive import Archive, Window
    from edactl.core.record import JsonValue
    from edactl.core.replay import Replay
    from edactl.ops.archive_export import Drained
    from edactl.ops.tap import Tap

_SANDBOX_QUIET_SECONDS = 1.0
_FORMATS = frozenset({"table", "json", "ndjson", "text"})


def export(
    ctx: typer.Context,
    archive: Annotated[str, typer.Argument(metavar="ARCHIVE", help="Archive, by name or ARN.")],
    since: Annotated[
        str, typer.Option("--since", metavar="TIME", help="From when: 2h, 7d, or ISO 8601.")
    ] = "",
    until: Annotated[
        str, typer.Option("--until", metavar="TIME", help="Until when: now, 1h, or ISO 8601.")
    ] = "now",
    file: Annotated[
        str,
        typer.Option("-o", "--to", metavar="FILE|FORMAT", help="Write the events there [stdout]."),
    ] = "",
) -> int:
    """Write an archive's events into a file.

    AWS has no call for it: the window is replayed to one temporary rule and queue, which are then
    removed. No rule of yours fires. One event a line, as it was; AWS tells no order. Without
    --since the whole archive. The result says whether everything came: exit 2 when not.

    \b
    Examples:
      edactl archive export flix-all --since 2h -o events.ndjson
      edactl archive export flix-all --since 7d --until 6d | gzip > day.ndjson.gz
    """
    context = context_of(ctx)
    _ = context.emitter
    session = context.session()
    chosen, window = _window(context, session, archive, since, until)
    name = "" if file in _FORMATS else file
    with graceful_stop() as stop, _writer(context, name) as write:
        run = Export(context, session, chosen, window, stop)
        try:
            for line in run.lines():
                write(line)
                run.events += 1
        finally:
            context.progress.clear()
    return run.concluded(name)


def _window(
    context: CommandContext, session: AwsSession, archive: str, since: str, until: str
) -> tuple[Archive, Window]:
    from edactl.aws.archives import Archives
    from edactl.cli.archive_verbs import described
    from edactl.core.archive import check_window, whole_minutes
    from edactl.core.times import parse_time, rfc3339

    now = datetime.now(UTC)
    end = min(parse_time(until, now=now), now)
    start = parse_time(since, now=now) if since else None
    if start is not None:
        whole_minutes(start, end)  # a wrong window is told before AWS is asked
    found = described(Archives(session), archive)
    window = whole_minutes(start or found.created_at or now, end)
    for note in check_window(found, window, now):
        context.messages.warn(note)
    context.messages.note(
        f'archive "{found.name}" of bus "{found.bus}", whole minutes from'
        f" {rfc3339(window.start)} to {rfc3339(window.end)}"
    )
    return found, window


@contextmanager
def _writer(context: CommandContext, name: str) -> Iterator[Callable[[str], object]]:
    """What writes one line, to the file or to stdout; a file is on the disk when this ends."""
    if not name:
        stdout = context.terminal.stdout

        def show(line: str) -> None:
            stdout.write(line + "\n")
            stdout.flush()

        yield show
        return
    try:
        with Path(name).open("w", encoding="utf-8") as file:
            yield lambda line: file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise UnwritableFile(error, f"-o {name}") from None


@dataclass
class Export:
    """One export: what it reads, and what has come so far."""

    context: CommandContext
    session: AwsSession
    archive: Archive
    window: Window
    stop: StopSignal
    events: int = 0
    complete: bool = False
    replay: Replay | None = None
    started_at: float = field(default_factory=time.monotonic)

    def lines(self) -> Iterator[str]:
        """Each event's text; everything temporary goes away when this closes."""
        from edactl.aws.event_targets import RulesByTarget
        from edactl.aws.events import EventBuses
        from edactl.aws.replays import Replays
        from edactl.aws.sns import SnsTopics
        from edactl.aws.sqs import SqsQueues
        from edactl.core.tail import with_probe
        from edactl.ops.archive_export import exported, is_complete
        from edactl.ops.bus_tail import BusTail
        from edactl.ops.following import Follow
        from edactl.ops.tap import LIFETIME, Label, Services, feed_of_bus, tapped

        buses, queues, replays = (
            EventBuses(self.session),
            SqsQueues(self.session),
            Replays(self.session),
        )
        bus = buses.describe_bus(self.archive.bus)
        label = Label(os.urandom(4).hex(), datetime.now(UTC) + LIFETIME)
        drained = self._drained(label.name, replays)
        feeds = feed_of_bus(bus, with_probe({"replay-name": [label.name]}, label.name))
        services = Services(queues, RulesByTarget(self.session), SnsTopics(self.session))
        with tapped(feeds, label, services, on_leftover=self._left) as tap:
            follow = Follow(self._ended(tap, drained), self.stop.wait, time.monotonic)
            tail = BusTail(bus.name, label.name, tap.queue, queues, buses, follow)
            try:
                yield from exported(
                    tail,
                    drained,
                    lambda: replays.start(label.name, self.archive, self.window, tap.rule_arns),
                )
                self.complete = not self.stop() and is_complete(drained, tap.queue, queues)
            finally:
                self._settle(replays, drained)

    def _drained(self, name: str, replays: Replays) -> Drained:
        from edactl.cli.replay_progress import progress_line
        from edactl.ops.archive_export import QUIET_SECONDS, Drained

        quiet_seconds = _SANDBOX_QUIET_SECONDS if self.context.sandbox else QUIET_SECONDS
        show = progress_line(self.context)
        return Drained(name, replays, time.monotonic, show, quiet_seconds)

    def _ended(self, tap: Tap, drained: Drained) -> Callable[[], bool]:
        from edactl.ops.tap import KeptAlive

        keep = KeptAlive(tap, lambda: datetime.now(UTC), self.context.messages.warn)

        def ended() -> bool:
            keep()
            return self.stop() or drained()

        return ended

    def _settle(self, replays: Replays, drained: Drained) -> None:
        """Have AWS cancel a replay that still runs: it ends by itself, and reaches nothing more."""
        self.replay = drained.replay
        if self.replay is not None and not self.replay.ended:
            with suppress(EdactlError):
                self.replay = replays.cancel(self.replay.replay_name)

    def _left(self, text: str) -> None:
        self.context.messages.warn(f"{text}; edactl bus sweep removes it once it has expired")

    def concluded(self, name: str) -> int:
        """The result and the exit status."""
        messages = self.context.messages
        where = f" into {name}" if name else ""
        messages.note(f'archive "{self.archive.name}": {self.events} events{where}')
        if name:
            self.context.emitter.result(self._result(name))
        if self.stop():
            messages.warn("stopped early: the export is not complete")
            return self.stop.status
        if not self.complete:
            state = self.replay.state if self.replay else "not started"
            reason = f": {self.replay.state_reason}" if self.replay else ""
            messages.warn(f"the export is not complete: the replay is {state}{reason}")
            return ExitStatus.PARTLY
        return ExitStatus.DONE

    def _result(self, name: str) -> dict[str, JsonValue]:
        from edactl.core.record import to_json_value

        return {
            "archive": self.archive.name,
            "bus": self.archive.bus,
            "file": name,
            "events": self.events,
            "complete": self.complete and not self.stop(),
            "event_start_time": to_json_value(self.window.start),
            "event_end_time": to_json_value(self.window.end),
            "replay_name": self.replay.replay_name if self.replay else None,
            "duration_seconds": round(time.monotonic() - self.started_at, 3),
        }
