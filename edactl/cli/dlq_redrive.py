"""`edactl dlq redrive`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from edactl.cli import redrive_parameters as shared
from edactl.cli.context import context_of
from edactl.cli.rate import checked_rate
from edactl.errors import UsageError


def redrive(
    ctx: typer.Context,
    dlq: Annotated[
        str,
        typer.Argument(metavar="[DLQ]", help="DLQ by name, URL or ARN.", show_default=False),
    ] = "",
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="QUEUE|TOPIC|BUS",
            help="Send all there, bodies as they are; a topic or bus by its ARN.",
        ),
    ] = "",
    via: Annotated[
        str,
        typer.Option(
            "--via", metavar="bus", help="Events onto their rule's bus, where every rule fires."
        ),
    ] = "",
    where: shared.WhereOption = "",
    cluster: shared.ClusterOption = "",
    limit: shared.LimitOption = None,
    older_than: shared.OlderOption = "",
    newer_than: shared.NewerOption = "",
    edit: shared.EditOption = "",
    rate: shared.RateOption = None,
    concurrency: shared.ConcurrencyOption = 8,
    canary: shared.CanaryOption = None,
    canary_wait: shared.CanaryWaitOption = "",
    max_bounce: shared.BounceOption = None,
    max_backlog: shared.BacklogOption = None,
    engine: Annotated[
        str,
        typer.Option(
            "--engine",
            metavar="auto|server|client",
            help="SQS's own move task, or edactl's engine; auto: the task where it can do it all.",
        ),
    ] = "auto",
    lease: shared.LeaseOption = "120s",
    allow_reorder: shared.ReorderOption = False,
    journal: shared.JournalOption = "",
    resume: Annotated[
        str,
        typer.Option("--resume", metavar="JOURNAL", help="Finish the run of this file or run id."),
    ] = "",
    yes: shared.YesOption = False,
    confirm: shared.ConfirmOption = None,
    dry_run: shared.DryRunOption = False,
) -> int:
    """Send dead letters back to where each came from, or elsewhere, and never lose one.

    SQS's letters go to their source queue; a rule's to the target that failed, with that target's
    input transformation; a subscription's to its endpoint; a function's to the function, invoked
    asynchronously; a schedule's to its target. What cannot go back stays, and the plan says why.

    A letter is written to a journal before it is sent, and deleted only when the journal says that
    it arrived. Whatever ends the run, --resume finishes it. At least once: where an answer was
    lost a letter is sent again, counted as ambiguous and listed. Attributes of every type, groups
    and the trace header go along. Letters that are not chosen are hidden until the end, and given
    back then. The first three edits of --edit are shown as diffs. A dry run looks at the letters
    under a lease, which raises their receive counts.

    \b
    Examples:
      edactl dlq redrive orders-dlq --dry-run
      edactl dlq redrive orders-dlq --where 'json_body.customer == `7`' --rate 20 --yes
      edactl dlq redrive orders-dlq --to orders-v2 --cluster 1f0c9a3e --limit 10 --yes
      edactl dlq redrive orders-dlq --via bus --where 'json_body.source == `"shop"`' --dry-run
      edactl dlq redrive orders-dlq --edit @fix.json --dry-run
      edactl dlq redrive --resume 20260131T080000Z-1f0c9a
    """
    from edactl.cli.redrive_build import new_job, resumed_job
    from edactl.cli.redrive_options import RedriveOptions, absolute, edit_text
    from edactl.cli.redrive_run import Guards, How, confirm_and_run

    now, context = datetime.now(UTC), context_of(ctx)
    options = RedriveOptions(
        where=where,
        cluster=cluster,
        older_than=absolute(older_than, "--older-than", now),
        newer_than=absolute(newer_than, "--newer-than", now),
        edit=edit_text(edit),
        via=shared.checked_via(via, to),
        limit=limit,
        allow_reorder=allow_reorder,
        lease_seconds=shared.lease_seconds(lease),
    )
    pause, percent = shared.seconds(canary_wait), shared.checked_percent(max_bounce)
    guards = Guards(canary, pause, percent, max_backlog)
    pace, way = checked_rate(rate), shared.checked_engine(engine)
    how = How(concurrency, pace, dry_run, yes, confirm, journal, way, guards)
    if resume:
        return confirm_and_run(context, resumed_job(context, resume, (dlq, to), options, how))
    if not dlq:
        raise UsageError("which DLQ?", hint="edactl dlq list; or --resume JOURNAL")
    return confirm_and_run(context, new_job(context, "redrive", (dlq, to), options, how))
