"""`edactl bus tail`."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import CommandContext, context_of
from edactl.cli.opened import text_or_file
from edactl.cli.signals import graceful_stop
from edactl.cli.tail_end import End
from edactl.core.arn import parse_bus
from edactl.core.json_text import json_text
from edactl.core.readable import harmless
from edactl.core.tail import parse_pattern_object, wanted_pattern, with_probe
from edactl.core.times import parse_duration_seconds
from edactl.errors import DeadlinePassed, ExitStatus, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edactl.aws.rules import BusRules
    from edactl.core.bus import Bus
    from edactl.core.record import JsonValue

_EXPECT_SECONDS = 30.0
_DIM, _CYAN, _RESET = "\x1b[2m", "\x1b[36m", "\x1b[0m"


def tail(
    ctx: typer.Context,
    bus: Annotated[str, typer.Argument(metavar="BUS", help="Bus, by name or ARN.")] = "default",
    pattern: Annotated[
        str | None,
        typer.Option("--pattern", metavar="JSON|@FILE", help="Only events of this pattern."),
    ] = None,
    rule: Annotated[
        str | None,
        typer.Option("--rule", metavar="RULE", help="Only events of this rule's pattern."),
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option("--source", metavar="TEXT", help="Only from this source (repeatable)."),
    ] = None,
    detail_type: Annotated[
        list[str] | None,
        typer.Option("--detail-type", metavar="TEXT", help="Only this detail-type (repeatable)."),
    ] = None,
    expect: Annotated[
        str | None,
        typer.Option("--expect", metavar="JMESPATH", help="End with 0 at the first event it fits."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="End after N events.")
    ] = None,
    timeout: Annotated[
        str | None,
        typer.Option("--timeout", metavar="DURATION", help="End after that long (status 124)."),
    ] = None,
    expand: Annotated[
        bool, typer.Option("--expand", help="On a terminal: each event in full, over lines.")
    ] = False,
) -> int:
    """Follow the events of a bus through a temporary rule and queue, removed at the end.

    Says "listening" once a probe event has come through its own rule. What a kill -9 leaves is
    tagged with an expiry, and `edactl bus sweep` removes it. With --expect, the first event that
    the expression fits is printed and ends the tail with 0; 124 when none came (default 30s).

    \b
    Examples:
      edactl bus tail flix
      edactl bus tail flix --source com.flix --limit 10 -o ndjson > events.ndjson
      edactl bus tail flix --expect 'detail.data.region == `"AU"`' --timeout 30s
    """
    context = context_of(ctx)
    if rule and (pattern or source or detail_type):
        raise UsageError("--rule brings its own pattern", hint="drop --pattern and --source")
    wanted = wanted_pattern(
        pattern and text_or_file(pattern, "--pattern"), source or [], detail_type or []
    )
    fits = _expectation(expect)
    seconds = None if timeout is None else parse_duration_seconds(timeout)
    if fits and seconds is None:
        seconds = _EXPECT_SECONDS
    with graceful_stop() as signal:
        end = End(context, signal, None if seconds is None else time.monotonic() + seconds)
        shown = Shown(fits, limit)
        tailing = Tailing(context, bus, rule, wanted, end, shown)
        _show(context, tailing.events(), shown, expand=expand)
    status = end.status(reached=shown.done)
    if status == ExitStatus.TIMED_OUT and seconds is not None:
        context.messages.error(shown.missed(bus, seconds))
    return status


def _expectation(expression: str | None) -> Callable[[JsonValue], bool] | None:
    if expression is None:
        return None
    from edactl.out.query import compile_query

    select = compile_query(expression, option="--expect")
    return lambda event: select(event) not in (None, False, "", [], {})


@dataclass(frozen=True)
class Tailing:
    """One tail of one bus: what it wants, and until when."""

    context: CommandContext
    bus: str
    rule: str | None
    wanted: dict[str, JsonValue]
    end: End
    shown: Shown

    def events(self) -> Iterator[JsonValue]:
        """Each event once; everything temporary goes away when this closes."""
        session = self.context.session()
        from edactl.aws.event_targets import RulesByTarget
        from edactl.aws.events import EventBuses
        from edactl.aws.rules import BusRules
        from edactl.aws.sns import SnsTopics
        from edactl.aws.sqs import SqsQueues
        from edactl.ops.bus_tail import BusTail
        from edactl.ops.following import Follow
        from edactl.ops.tap import LIFETIME, KeptAlive, Label, Services, feed_of_bus, tapped

        buses, queues = EventBuses(session), SqsQueues(session)
        bus = buses.describe_bus(parse_bus(self.bus).name)
        wanted = self._rule_pattern(BusRules(session), bus) if self.rule else self.wanted
        label = Label(os.urandom(4).hex(), datetime.now(UTC) + LIFETIME)
        feeds = feed_of_bus(bus, with_probe(wanted, label.name))
        services = Services(queues, RulesByTarget(session), SnsTopics(session))
        with tapped(feeds, label, services, on_leftover=self._left) as tap:
            keep = KeptAlive(tap, lambda: datetime.now(UTC), self.context.messages.warn)
            follow = Follow(self.end.keeping(keep), self.end.wait, time.monotonic)
            tail = BusTail(bus.name, label.name, tap.queue, queues, buses, follow)
            yield from tail.events(lambda: self._listening(bus, wanted))

    def _rule_pattern(self, rules: BusRules, bus: Bus) -> dict[str, JsonValue]:
        rule = rules.describe(bus.name, str(self.rule))
        if rule.pattern is None:
            raise UsageError(f'rule "{rule.name}" has no event pattern: it runs on a schedule')
        return parse_pattern_object(rule.pattern)

    def _listening(self, bus: Bus, wanted: dict[str, JsonValue]) -> None:
        self.shown.listened = True
        self.context.messages.note(f'listening on bus "{bus.name}" for {json.dumps(wanted)}')

    def _left(self, text: str) -> None:
        self.context.messages.warn(f"{text}; edactl bus sweep removes it once it has expired")


@dataclass
class Shown:
    """Which events are printed, how many were, and when that is enough."""

    fits: Callable[[JsonValue], bool] | None
    limit: int | None
    printed: int = 0
    passed_over: int = 0
    listened: bool = False

    def takes(self, event: JsonValue) -> bool:
        """Whether to print this one; counts it."""
        wanted = self.fits is None or self.fits(event)
        self.printed += wanted
        self.passed_over += not wanted
        return wanted

    @property
    def done(self) -> bool:
        """Whether the expected one came, or as many as wanted."""
        return self.printed == (1 if self.fits else self.limit)

    def missed(self, bus: str, seconds: float) -> DeadlinePassed:
        """What did not come in that time, in words."""
        if not self.listened:
            what = f"the temporary rule did not work yet after {seconds:g} s"
        elif self.fits:
            what = f"no event fitted --expect in {seconds:g} s; {self.passed_over} others came"
        else:
            wanted = f" of {self.limit}" if self.limit else ""
            what = f"{self.printed}{wanted} events came in {seconds:g} s"
        return DeadlinePassed(f'bus "{bus}": {what}', hint="a longer --timeout, or edactl bus show")


def _show(
    context: CommandContext,
    events: Iterator[JsonValue],
    shown: Shown,
    *,
    expand: bool,
) -> None:
    """Print the events that are wanted, until they end or there are enough."""
    colored = context.terminal.colored(context.terminal.stdout)
    line = _expanded if expand else _line(context.terminal.width, colored=colored)
    with context.emitter.stream(line=line) as write:
        try:
            for event in events:
                if shown.takes(event):
                    write(event)
                if shown.done:
                    return
        finally:
            events.close()  # type: ignore[attr-defined] # a generator: it removes what it made


def _expanded(event: JsonValue) -> str:
    return json_text(event, indent=2, ascii_only=True)


def _line(width: int, *, colored: bool) -> Callable[[JsonValue], str]:
    """One event for a person: when, from whom, what, and as much detail as fits."""

    def render(event: JsonValue) -> str:
        if not isinstance(event, dict) or "detail-type" not in event:
            return json_text(event, ascii_only=True)
        head = harmless(f"{event.get('time')} ")
        what = harmless(f"{event.get('source')} {event.get('detail-type')} ")
        detail = json_text(event.get("detail"), ascii_only=True)
        detail = detail[: max(20, width - len(head) - len(what))]
        if not colored:
            return head + what + detail
        return f"{_DIM}{head}{_RESET}{_CYAN}{what}{_RESET}{detail}"

    return render
