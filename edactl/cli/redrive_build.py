"""Building the job of a redrive: its queues checked, its router, filters and doors put together."""

from __future__ import annotations

import time
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from edactl.aws.move_tasks import MoveTasks
from edactl.aws.sqs import SqsQueues
from edactl.cli.journal_file import (
    JournalFile,
    cut_after,
    journal_entries,
    journal_path,
    read_journal_header,
)
from edactl.cli.journal_runs import broken_run
from edactl.cli.queue_parameters import counted
from edactl.cli.redrive_doors import Locator, Ways, place_of
from edactl.cli.redrive_options import (
    RedriveOptions,
    decider,
    refuse_other_options,
    wanted_cluster,
)
from edactl.cli.redrive_report import say_edit
from edactl.cli.redrive_run import How, Job, header_of, journal_for
from edactl.cli.redrive_source import Source, open_source
from edactl.core.arn import parse_queue
from edactl.core.journal_reading import refuse_other
from edactl.core.queue_explain import coarse_span
from edactl.core.record import record_of
from edactl.core.redrive_origins import ToOrigin
from edactl.core.redrive_plan import ShowingEdits
from edactl.core.redrive_route import DROP_DOOR, SQS_DOOR, Route
from edactl.errors import GuardError, InputError, NotFound, UsageError
from edactl.ops.queue_list import sources_of
from edactl.ops.queue_peek import Look, peek, refuse_to_use_up_receives
from edactl.ops.redrive_doors import OpeningChooser
from edactl.ops.redrive_preflight import Preflight, nobodys, refuse_nobodys
from edactl.ops.redrive_resume import read_back

if TYPE_CHECKING:
    from pathlib import Path

    from edactl.cli.context import CommandContext
    from edactl.core.journal import JournalHeader
    from edactl.core.redrive_plan import Chooser

VIA_BUS = "bus"
_WORKERS = 16
_SAMPLE = 10


def new_job(
    context: CommandContext, kind: str, names: tuple[str, str], options: RedriveOptions, how: How
) -> Job:
    """The job of a new run; `names` are the queue to take from and the one to go to, or empty.

    Raises UsageError, InputError or GuardError for what cannot or must not run.
    """
    decider(options, Route(SQS_DOOR, ""))  # a bad expression is said before AWS is asked
    source = open_source(context, names[0], concurrency=how.concurrency, dry_run=how.dry_run)
    ways = Ways(context, source.session, source.queue, "", how.dry_run, how.concurrency)
    place = ways.named_place(names[1]) if names[1] else None
    _preflight(context, source, ways, place, kind)
    header = header_of(kind, source, place.destination if place else None, record_of(options))
    return _job(context, source, header, options, how, journal_for(context, header, how))


def _job(
    context: CommandContext,
    source: Source,
    header: JournalHeader,
    options: RedriveOptions,
    how: How,
    journal: JournalFile | None,
) -> Job:
    """The job of a header; a dry run's chooser tries each letter's door, too."""
    place = _place(header)
    ways = Ways(context, source.session, source.queue, header.run_id, how.dry_run, how.concurrency)
    doors = ways.doors(one_place=place is not None)
    if place is not None and how.guards.max_backlog is not None:
        doors.open(place)  # its backlog counts before the first letter goes
    locator = Locator(context, source.session, source.queue)
    origins = ToOrigin(source.queue.arn, locator, via_bus=options.via == VIA_BUS)
    wanted = wanted_cluster(options)
    chooser: Chooser = decider(options, place or origins, wanted)
    if options.edit and not how.dry_run:
        chooser = ShowingEdits(chooser, partial(say_edit, context, "edit"))
    return Job(
        source=source,
        header=header,
        options=options,
        chooser=OpeningChooser(chooser, doors) if how.dry_run else chooser,
        wanted=wanted,
        doors=doors,
        depths=ways,
        how=how,
        what=_in_words(source, header, options),
        journal=journal,
    )


def _place(header: JournalHeader) -> Route | None:
    if header.kind == "drop":
        return Route(DROP_DOOR, header.queue_arn)
    return place_of(header.destination) if header.destination else None


def _in_words(source: Source, header: JournalHeader, options: RedriveOptions) -> str:
    verb, place = "Send", " back to where each came from"
    if header.kind == "drop":
        verb, place = "Drop", ", keeping them in a journal only"
    elif header.destination:
        place = f" to {header.destination.rpartition(':')[2]}"
    count = f"about {counted(source.depth, 'letter')}"
    if options.limit is not None:
        count = f"up to {options.limit} of {count}"
    elif options.chooses:
        count = f"those chosen of {count}"
    return f"{verb} {count} of {source.queue.name} in {source.queue.region}{place}?"


def _preflight(
    context: CommandContext, source: Source, ways: Ways, place: Route | None, kind: str
) -> None:
    destination = None
    if place is not None and place.door == SQS_DOOR:
        destination = ways.find(parse_queue(place.destination))
    hidden_by = _say_broken(context, source)
    checks = Preflight(source.queue, source.attributes, destination, hidden_by)
    checks.check_destination()
    if destination is not None:
        ways.attributes(destination)  # whether it may be asked at all
    warnings = [] if kind == "move" else checks.check_tasks(MoveTasks(source.session))
    for warning in (*warnings, *checks.warnings()):
        context.messages.warn(warning)
    if place is None and kind == "redrive":
        _check_is_dlq(context, source)


def _say_broken(context: CommandContext, source: Source) -> str:
    """Name a killed run of this queue, which a new one knows nothing of; says what it hides."""
    now = time.time()
    broken = broken_run(context.environment, source.queue.arn, now)
    if broken is None:
        return ""
    if broken.twice != 0:
        letters = "letters" if broken.twice is None else counted(broken.twice, "letter")
        context.messages.warn(
            f"run {broken.run_id} out of {source.queue.name} was broken off: a new one may send"
            f" {letters} a second time; edactl dlq redrive --resume {broken.run_id} finishes it"
        )
    if broken.hides_until <= now:
        return ""
    return f"run {broken.run_id} hides letters until about {_at(broken.hides_until)}"


def _at(seconds: float) -> str:
    """A moment soon, and how long it takes."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%H:%M:%SZ} (in {coarse_span(max(1.0, seconds - time.time()))})"


def _check_is_dlq(context: CommandContext, source: Source) -> None:
    finder = SqsQueues(source.session)
    sources = sources_of(source.queue, finder, workers=_WORKERS)
    if sources:
        return
    if not source.depth:
        context.messages.note(
            f"no queue names {source.queue.name} as its DLQ in a redrive policy; what other"
            " services leave there tells where it goes back to, and --to QUEUE sends it elsewhere"
        )
        return
    policy = source.attributes.redrive_policy
    try:
        refuse_to_use_up_receives(source.queue, policy)
    except GuardError:  # it has a DLQ of its own, and may not even be looked into
        raise nobodys(source.queue) from None
    look = Look(_SAMPLE, source.depth, policy, time.monotonic, lambda: False)
    locate = Locator(context, source.session, source.queue)
    refuse_nobodys(source.queue, peek(source.queue, finder, look).messages, locate)


# -- going on with an earlier run ------------------------------------------------------------------


def resumed_job(
    context: CommandContext, name: str, names: tuple[str, str], given: RedriveOptions, how: How
) -> Job:
    """The job that finishes the run of a journal.

    `names` are the queues to take from and to go to: empty, or the same as in the journal.

    Raises InputError or UsageError for a journal that is none, or of something else.
    """
    path = journal_path(name, context.environment)
    header = read_journal_header(path)
    options = RedriveOptions.of_journal(header.options, str(path))
    refuse_other_options(given, options)
    source = _source_of(context, header, names[0], how, path)
    _check_same_destination(header, names[1], path)
    journal = None if how.dry_run else JournalFile.going_on(path)
    with ExitStack() as stack:
        if journal is not None:
            stack.callback(journal.close)
        resumed = read_back(journal_entries(path), str(path))
        stack.pop_all()  # it is read: from here on the run closes it
    if journal is not None:
        cut_after(path, resumed.size_bytes)
    job = _job(context, source, header, options, how, journal)
    job.resumed = resumed
    # it extended its leases without a line in the journal, so what is sure is only this
    job.hidden_seconds = float(options.lease_seconds)
    _say_hidden(context, job, time.time() + job.hidden_seconds)
    job.what = f"Go on with run {header.run_id}: {job.what[0].lower()}{job.what[1:]}"
    return job


def _say_hidden(context: CommandContext, job: Job, until: float) -> None:
    """Say for how long the run waits for letters that the journal does not know."""
    known = len(job.resumed.handles) if job.resumed else 0
    more = job.source.attributes.in_flight - known
    if job.hidden_seconds and more > 0:
        context.messages.note(
            f"{counted(more, 'letter')} more that the run had in hand may show again only at"
            f" {_at(until)}: waiting for them"
        )


def _check_same_destination(header: JournalHeader, name: str, path: Path) -> None:
    begun = header.destination.rpartition(":")[2] if header.destination else ""
    if name and parse_queue(name).name != begun:
        raise UsageError(
            f"the run of {path} goes {f'to {begun}' if begun else 'back to source queues'}",
            hint="--resume needs only the journal, which has the options",
        )


def _source_of(
    context: CommandContext, header: JournalHeader, queue: str, how: How, path: Path
) -> Source:
    name = queue or header.queue_name
    if parse_queue(name).name != header.queue_name:
        raise UsageError(
            f'{path} is the journal of queue "{header.queue_name}", not of "{name}"',
            hint=f"edactl dlq redrive {header.queue_name} --resume {path}",
        )
    if header.kind not in {"redrive", "move", "drop"}:
        raise InputError(f'a journal of kind "{header.kind}"', where=str(path))
    try:
        source = open_source(context, name, concurrency=how.concurrency, dry_run=how.dry_run)
    except NotFound as error:
        error.hint = (
            f"the journal is of account {header.account} in {header.region};"
            " edactl whoami shows where this command looks"
        )
        raise
    refuse_other(header, source.queue.account, source.queue.region, str(path))
    return source
