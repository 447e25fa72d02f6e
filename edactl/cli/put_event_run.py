"""Running `put-event` once its options are read: check the bus, send, count, conclude."""

from __future__ import annotations

import random
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from edactl.aws.events import EventBuses
from edactl.cli.put_event_input import numbered_events, one_event, read_ahead
from edactl.cli.put_event_report import FailedFile, Tally
from edactl.cli.signals import StopSignal, graceful_stop
from edactl.core.arn import parse_bus
from edactl.errors import (
    AccessDenied,
    ConfigError,
    EdactlError,
    ExitStatus,
    NotFound,
    Terminated,
    UsageError,
)
from edactl.ops.put_events import Sender

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edactl.cli.context import CommandContext
    from edactl.core.bus import Bus
    from edactl.core.event import Numbered
    from edactl.core.event_input import Shaping
    from edactl.core.record import JsonValue


@dataclass(frozen=True)
class Plan:
    """What to send, how, and what to do with what fails."""

    files: list[str]
    shaping: Shaping
    own_event: bool
    concurrency: int
    rate: float | None
    check: bool
    endpoint_id: str | None
    failed_to: str | None
    from_index: int
    dry_run: bool


def _events(context: CommandContext, plan: Plan, stop: StopSignal) -> Iterator[Numbered | None]:
    if plan.own_event:
        return iter(list(one_event({}, plan.shaping)))
    stdin = context.terminal.stdin
    events = numbered_events(plan.files, stdin, plan.shaping, from_index=plan.from_index, stop=stop)
    return read_ahead(events, lambda event: event.size_bytes)


def run(context: CommandContext, plan: Plan) -> int:
    """Send the plan's events and report; the exit status."""
    if plan.endpoint_id:
        _require_crt()
    _ = context.emitter
    started = time.monotonic()
    tally = Tally(str(plan.shaping.fields.get("bus", "default")), next_index=plan.from_index)
    failure: EdactlError | None = None
    with graceful_stop() as stop, closing(_kept(context, plan)) as failed:
        events = _events(context, plan, stop)
        show = _progress(context)
        with context.emitter.stream() if _wants_each(context) else _silence() as write:
            try:
                for record in _records(context, plan, events, tally, failed, stop):
                    write(record)
                    show(tally)
            except (KeyboardInterrupt, Terminated):
                _tell_of_what_is_lost(context, tally)
                raise
            except EdactlError as error:
                if not (tally.sent or tally.failed) or plan.dry_run:
                    raise
                failure = error
    seconds = time.monotonic() - started
    context.progress.clear()
    if not _wants_each(context):
        context.emitter.outcome(tally.result(seconds, dry_run=plan.dry_run))
    return _conclude(context, tally, failure, stop, dry_run=plan.dry_run)


def _kept(context: CommandContext, plan: Plan) -> FailedFile:
    return FailedFile(plan.failed_to, plan.files, context.messages.warn)


def _tell_of_what_is_lost(context: CommandContext, tally: Tally) -> None:
    context.messages.warn(
        f'bus "{tally.bus}": {tally.sent} sent, {tally.failed} failed when it was stopped at once;'
        f" --from-index {tally.next_index} goes on, and sends again what was in flight"
    )


def _conclude(
    context: CommandContext,
    tally: Tally,
    failure: EdactlError | None,
    stop: StopSignal,
    *,
    dry_run: bool,
) -> int:
    messages = context.messages
    verb_done = "would be sent" if dry_run else "sent"
    messages.note(f'bus "{tally.bus}": {tally.sent} {verb_done}, {tally.failed} failed')
    for item in tally.failures[:5]:
        if isinstance(item, dict):
            messages.warn(f"event {item['index']}: {item['error_message']} ({item['error_code']})")
    if failure or stop():
        messages.warn(f"stopped early; go on with --from-index {tally.next_index}")
    if failure:
        messages.error(failure)
        return failure.status if failure.status == ExitStatus.AWS else ExitStatus.PARTLY
    if stop():
        return stop.status
    return ExitStatus.PARTLY if tally.failed else ExitStatus.DONE


def _records(
    context: CommandContext,
    plan: Plan,
    events: Iterator[Numbered | None],
    tally: Tally,
    failed: FailedFile,
    stop: StopSignal,
) -> Iterator[dict[str, JsonValue]]:
    """The record of each event, in input order, as it is settled."""
    session = context.session(read_only=plan.dry_run, workers=plan.concurrency)
    buses = EventBuses(session, plan.endpoint_id)
    checked = _checked(events, buses, session.region) if plan.check else events
    if plan.dry_run:
        for event in checked:
            if event is not None:
                yield tally.count_valid(event)
        return
    sender = Sender(buses, stop, time.monotonic, random.random, plan.concurrency, plan.rate)
    for put in sender.run(checked):
        if put.outcome.error_code is not None:
            failed.keep(put.event)
        yield tally.add(put)


def _checked(
    events: Iterator[Numbered | None], buses: EventBuses, region: str
) -> Iterator[Numbered | None]:
    """The same events; each new bus is looked up first, since AWS silently takes a missing one."""
    known: set[str] = set()
    for event in events:
        if event is not None and event.entry.bus not in known:
            check_bus(event.entry.bus, buses, region)
            known.add(event.entry.bus)
        yield event


def check_bus(name: str, buses: EventBuses, region: str) -> Bus:
    """The bus. Raises NotFound, or UsageError for one of another region or account."""
    reference = parse_bus(name)
    if reference.region and reference.region != region:
        raise UsageError(
            f'bus "{name}" is in {reference.region}, the command talks to {region}',
            hint=f"add --region {reference.region}",
        )
    try:
        found = buses.describe_bus(reference.name)
    except NotFound as error:
        if reference.account:
            raise _other_account(name) from error
        raise
    except AccessDenied as error:  # it may be allowed to send, and not to look
        error.hint = f"--no-check sends without looking first; {error.hint}"
        raise
    if reference.account and f":{reference.account}:" not in found.arn:
        raise _other_account(name)
    return found


def _other_account(name: str) -> UsageError:
    return UsageError(
        f'bus "{name}" is in another account: whether it exists cannot be checked from here',
        hint="add --no-check to send unchecked; AWS silently accepts events for a missing bus",
    )


def _require_crt() -> None:
    if find_spec("awscrt") is None:
        raise ConfigError(
            "--endpoint-id needs signatures of version 4A, which are not installed",
            hint="pip install 'edactl[crt]'",
        )


def _progress(context: CommandContext) -> Callable[[Tally], None]:
    """Shows how far a run is, unless its records go to the same screen."""
    terminal = context.terminal
    if _wants_each(context) and terminal.is_tty(terminal.stdout):
        return lambda _tally: None
    show = context.progress.show
    return lambda tally: show(
        lambda: f'bus "{tally.bus}": {tally.sent} sent, {tally.failed} failed'
    )


def _wants_each(context: CommandContext) -> bool:
    return context.emitter.format == "ndjson"


@contextmanager
def _silence() -> Iterator[Callable[[object], None]]:
    yield lambda _record: None
