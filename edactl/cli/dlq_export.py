"""`edactl dlq export`."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli import redrive_parameters as shared
from edactl.cli.context import CommandContext, context_of
from edactl.cli.queue_parameters import counted
from edactl.cli.signals import graceful_stop
from edactl.core.record import record_of
from edactl.errors import ExitStatus, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from edactl.cli.redrive_options import RedriveOptions
    from edactl.cli.redrive_source import Source
    from edactl.core.message import Message
    from edactl.ops.dlq_inspect import Inspected


def export(
    ctx: typer.Context,
    dlq: shared.DlqArgument,
    file: Annotated[
        str, typer.Argument(metavar="[FILE|-]", help="A new file. - is stdout, the default.")
    ] = "-",
    where: shared.WhereOption = "",
    cluster: shared.ClusterOption = "",
    limit: shared.LimitOption = None,
    older_than: shared.OlderOption = "",
    newer_than: shared.NewerOption = "",
    delete: Annotated[
        bool, typer.Option("--delete", help="Delete each letter, once the file has it on disk.")
    ] = False,
    concurrency: shared.ConcurrencyOption = 8,
    lease: shared.LeaseOption = "120s",
    yes: shared.YesOption = False,
    confirm: shared.ConfirmOption = None,
) -> int:
    """Write letters as NDJSON, lossless: one full message record a line, binary as base64.

    Without --delete every letter is given back; its receive count rises by one, and of a FIFO
    group only the first letters show (status 2 when there are more). With it, a letter is deleted
    once its line is on disk. `dlq import` sends the file to a queue; `bus` and `replay` read it
    too.

    \b
    Examples:
      edactl dlq export orders-dlq > letters.ndjson
      edactl dlq export orders-dlq letters.ndjson --cluster 1f0c9a3e --delete --yes
      edactl dlq export orders-dlq --older-than 3d | jq -r .body
    """
    from edactl.cli.redrive_options import RedriveOptions, absolute

    now, context = datetime.now(UTC), context_of(ctx)
    options = RedriveOptions(
        where=where,
        cluster=cluster,
        older_than=absolute(older_than, "--older-than", now),
        newer_than=absolute(newer_than, "--newer-than", now),
        limit=limit,
        lease_seconds=shared.lease_seconds(lease),
    )
    work = _Export(context, dlq, file, options, concurrency)
    return work.take_out(yes=yes, confirm=confirm) if delete else work.copy()


@dataclass
class _Export:
    context: CommandContext
    dlq: str
    file: str
    options: RedriveOptions
    concurrency: int

    def copy(self) -> int:
        """Write the letters, and give every one back."""
        from edactl.cli.redrive_options import filters, wanted_cluster
        from edactl.cli.redrive_report import is_cut_by_groups, is_missed
        from edactl.core.letter_origins import classify
        from edactl.ops.dlq_inspect import Inspection, inspect

        wanted = wanted_cluster(self.options)
        chosen = filters(self.options, wanted)
        source, limit, written = self._source(), self.options.limit, 0
        with graceful_stop() as stop, ExitStack() as stack:
            write = self._writer(stack)

            def visit(message: Message) -> None:
                nonlocal written
                letter = classify(message)
                if any(reason(letter) for reason in chosen) or written == limit:
                    return
                write(message)
                written += 1

            look = Inspection(
                limit=limit if limit is not None and not chosen else _EVERY_LETTER,
                expected=source.depth,
                redrive_policy=None,
                clock=time.monotonic,
                stop=lambda: stop() or written == limit,
            )
            done = inspect(source.queue, source.queues, look, visit)
        self._say_copied(source, written, done)
        if stop() or written == limit:
            return stop.status
        if is_cut_by_groups(self.context, source, done.looked_at):
            self.context.messages.note("export --delete takes all of them, into a file")
            return ExitStatus.PARTLY
        missed = is_missed(self.context, source.queue.name, wanted)
        return ExitStatus.NO if missed else ExitStatus.DONE

    def _say_copied(self, source: Source, written: int, done: Inspected) -> None:
        self.context.messages.note(
            f"exported {counted(written, 'letter')} of {source.queue.name} and gave all back"
        )
        if done.not_released:
            self.context.messages.warn(
                f"{counted(done.not_released, 'letter')} show again only when their lease ends"
            )

    def take_out(self, *, yes: bool, confirm: str | None) -> int:
        """Write the letters, and delete each that the disk has."""
        from edactl.cli.letter_file import new_letter_file
        from edactl.cli.redrive_options import decider, wanted_cluster
        from edactl.cli.redrive_run import How, Job, header_of, run
        from edactl.core.redrive_route import FILE_DOOR, Route
        from edactl.ops.redrive_doors import DoorCache
        from edactl.ops.redrive_keepsakes import FileDoor

        self._refuse_lossy()
        place = Route(FILE_DOOR, self.file)
        wanted = wanted_cluster(self.options)
        chooser = decider(self.options, place, wanted)
        source = self._source()
        name = "stdout" if self.file == "-" else self.file
        what = (
            f"Delete letters of {source.queue.name} in {source.queue.region}, about"
            f" {source.depth}, once they are in {name}?"
        )
        job = Job(
            source=source,
            header=header_of("export", source, None, record_of(self.options)),
            options=self.options,
            chooser=chooser,
            wanted=wanted,
            doors=DoorCache({}),
            how=How(self.concurrency, yes=yes, confirm=confirm),
            what=what,
            journal=None,
            shows_report=self.file != "-",
        )
        job.confirm(self.context)
        file = new_letter_file(self.file, self.context.terminal.stdout)
        job.doors = DoorCache({FILE_DOOR: lambda _route: FileDoor(file)})
        try:
            return run(self.context, job)
        finally:
            file.close()

    def _source(self) -> Source:
        from edactl.cli.redrive_source import open_source

        return open_source(self.context, self.dlq, concurrency=self.concurrency)

    def _writer(self, stack: ExitStack) -> Callable[[Message], None]:
        if self.file == "-":
            write = stack.enter_context(self.context.emitter.stream())
            return lambda message: write(record_of(message))
        from edactl.cli.letter_file import new_letter_file
        from edactl.core.journal import line

        file = new_letter_file(self.file, self.context.terminal.stdout)
        stack.callback(file.close)
        stack.callback(file.sync)
        return lambda message: file.write(line(record_of(message)))

    def _refuse_lossy(self) -> None:
        emitter = self.context.emitter
        if self.file == "-" and (emitter.query or emitter.format not in {None, "ndjson"}):
            raise UsageError(
                "--delete writes whole records as ndjson: --query and -o would lose some",
                hint="leave them out, or export without --delete",
            )


_EVERY_LETTER = 1 << 62
