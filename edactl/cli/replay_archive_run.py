"""Running `replay archive` once its options are read: check, plan or start, watch, conclude."""

from __future__ import annotations

import os
import random
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from edactl.aws.archives import Archives
from edactl.aws.replays import Replays
from edactl.aws.rules import BusRules
from edactl.cli.archive_verbs import described
from edactl.cli.replay_progress import progress_line
from edactl.cli.signals import StopSignal, graceful_stop
from edactl.core.archive import MAX_REPLAY_NAME, check_window, checked_name, whole_minutes
from edactl.core.arn import parse_bus
from edactl.core.replay import MAX_RUNNING, RUNNING_STATES, new_name
from edactl.core.times import parse_duration_seconds, parse_time, rfc3339
from edactl.errors import AwsError, ExitStatus, NotFound, UsageError
from edactl.ops.replay_watch import Watch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.aws.session import AwsSession
    from edactl.cli.context import CommandContext
    from edactl.core.archive import Archive, Window
    from edactl.core.bus import Rule
    from edactl.core.replay import Replay


@dataclass(frozen=True)
class Wanted:
    """What the command line asks for."""

    archive: str
    since: str
    until: str
    rules: tuple[str, ...]
    bus: str
    only_to: str
    name: str
    wait: bool
    timeout: str
    dry_run: bool
    sample: str
    yes: bool


@dataclass(frozen=True)
class Checked:
    """A replay that AWS will not refuse for a reason that can be known beforehand."""

    archive: Archive
    window: Window
    rules: tuple[Rule, ...]
    name: str
    notes: tuple[str, ...]


def run(context: CommandContext, wanted: Wanted) -> int:
    """Plan the replay, or start and watch it; the exit status."""
    now = datetime.now(UTC)
    window = whole_minutes(
        parse_time(wanted.since, now=now), min(parse_time(wanted.until, now=now), now)
    )
    seconds = parse_duration_seconds(wanted.timeout) if wanted.timeout else None
    session = context.session(read_only=wanted.dry_run)
    checked = _checked(session, wanted, window, now)
    context.messages.note(
        f'archive "{checked.archive.name}" of bus "{checked.archive.bus}", whole minutes from'
        f" {rfc3339(window.start)} to {rfc3339(window.end)}"
    )
    if wanted.dry_run:
        from edactl.cli.replay_plan import show_plan

        return show_plan(context, session, wanted, checked)
    for note in checked.notes:
        context.messages.warn(note)
    if not (wanted.rules or wanted.only_to):
        context.messages.confirm(
            f'Every rule of bus "{checked.archive.bus}" may fire again. Replay?', yes=wanted.yes
        )
    deadline = None if seconds is None else time.monotonic() + seconds
    with graceful_stop() as stop:
        return _replay(context, session, wanted, checked, stop, deadline)


def _replay(
    context: CommandContext,
    session: AwsSession,
    wanted: Wanted,
    checked: Checked,
    stop: StopSignal,
    deadline: float | None,
) -> int:
    replays = Replays(session)
    with ExitStack() as stack:
        arns = [rule.arn for rule in checked.rules]
        if wanted.only_to:
            from edactl.cli.replay_only_to import temporary_rule

            arns = [stack.enter_context(temporary_rule(context, session, wanted.only_to, checked))]
        replay = replays.start(checked.name, checked.archive, checked.window, arns)
        context.messages.note(f'replay "{replay.replay_name}" is {replay.state}')
        if wanted.wait:
            watch = Watch(
                replays, stop, stop.wait, time.monotonic, random.random, progress_line(context)
            )
            replay = watch.until_ended(replay, deadline)
            if wanted.only_to and not replay.ended:
                replay = replays.cancel(replay.replay_name)  # its rule goes away now
        context.progress.clear()
    context.emitter.outcome(replay)
    return _concluded(context, wanted, replay, stop)


def _concluded(context: CommandContext, wanted: Wanted, replay: Replay, stop: StopSignal) -> int:
    if not wanted.wait:
        context.messages.note(f"follow it: edactl replay show {replay.replay_name}")
        return ExitStatus.DONE
    reason = f": {replay.state_reason}" if replay.state_reason else ""
    context.messages.note(f'replay "{replay.replay_name}" is {replay.state}{reason}')
    if stop():
        return stop.status
    match replay.state:
        case "COMPLETED":
            return ExitStatus.DONE
        case "FAILED":
            return ExitStatus.AWS
        case "CANCELLED" if not wanted.timeout:
            return ExitStatus.NO
    return ExitStatus.TIMED_OUT


def _checked(session: AwsSession, wanted: Wanted, window: Window, now: datetime) -> Checked:
    """Everything that can be known to be wrong, before anything is started."""
    archive = described(Archives(session), wanted.archive)
    if wanted.bus and parse_bus(wanted.bus).name != archive.bus:
        raise UsageError(
            f'archive "{archive.name}" is of bus "{archive.bus}", not of "{wanted.bus}":'
            " AWS replays an archive on its own bus alone",
            hint="edactl archive export, then edactl replay file --bus takes it to another bus",
        )
    notes = tuple(check_window(archive, window, now))
    rules = BusRules(session)
    chosen = tuple(rules.describe(archive.bus, name) for name in wanted.rules)
    notes += tuple(f'rule "{one.name}" is disabled' for one in chosen if one.state == "DISABLED")
    name = wanted.name or new_name(archive.name, now, os.urandom(3).hex())
    checked_name(name, "a replay", MAX_REPLAY_NAME)
    _refuse_busy(session, name, new=not wanted.name)
    return Checked(archive, window, chosen, name, notes)


def _refuse_busy(session: AwsSession, name: str, *, new: bool) -> None:
    """Raises AwsError for a name in use, and where ten replays run already."""
    replays = Replays(session)
    if not new and _exists(replays, name):
        raise AwsError(
            f'replay "{name}" exists: names cannot be used again while it is listed, for 90 days',
            code="ResourceAlreadyExistsException",
            operation="events:StartReplay",
            hint="leave --name out: a new one is made",
        )
    running = sorted(_running(replays))
    if len(running) >= MAX_RUNNING:
        raise AwsError(
            f"{len(running)} replays run already, as many as an account may have in a region:"
            f" {', '.join(running)}",
            code="LimitExceededException",
            operation="events:StartReplay",
            hint=f"wait for one, or edactl replay cancel {running[0]}",
        )


def _exists(replays: Replays, name: str) -> bool:
    try:
        replays.describe(name)
    except NotFound:
        return False
    return True


def _running(replays: Replays) -> Iterator[str]:
    for state in sorted(RUNNING_STATES):
        yield from (one.replay_name for one in replays.list(state=state))
