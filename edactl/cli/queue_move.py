"""`edactl queue move`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from edactl.cli import redrive_parameters as shared
from edactl.cli.context import context_of
from edactl.cli.rate import checked_rate


def move(
    ctx: typer.Context,
    source: Annotated[
        str, typer.Argument(metavar="QUEUE", help="Take from this queue.", show_default=False)
    ],
    destination: Annotated[
        str, typer.Argument(metavar="QUEUE", help="Send to this queue.", show_default=False)
    ],
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
    lease: shared.LeaseOption = "120s",
    allow_reorder: shared.ReorderOption = False,
    journal: shared.JournalOption = "",
    yes: shared.YesOption = False,
    confirm: shared.ConfirmOption = None,
    dry_run: shared.DryRunOption = False,
) -> int:
    """Move messages from one queue to another, and never lose one.

    As `dlq redrive --to`, between any two queues of one type: journaled, at least once, finished
    after a crash by `dlq redrive --resume`. A live queue's consumers do not see what is in hand,
    and each message's receive count rises. Canaries and --max-bounce look at what comes back: a
    queue that has the first as its DLQ sends back what still fails.

    \b
    Examples:
      edactl queue move orders-parked orders --rate 50 --yes
      edactl queue move orders orders-eu --where 'json_body.region == `"eu"`' --dry-run
      edactl queue move orders-parked orders --edit @fix.json --canary 5 --max-backlog 1000 --yes
    """
    from edactl.cli.redrive_build import new_job
    from edactl.cli.redrive_options import RedriveOptions, absolute, edit_text
    from edactl.cli.redrive_run import Guards, How, confirm_and_run

    now, context = datetime.now(UTC), context_of(ctx)
    options = RedriveOptions(
        where=where,
        cluster=cluster,
        older_than=absolute(older_than, "--older-than", now),
        newer_than=absolute(newer_than, "--newer-than", now),
        edit=edit_text(edit),
        limit=limit,
        allow_reorder=allow_reorder,
        lease_seconds=shared.lease_seconds(lease),
    )
    pause, percent = shared.seconds(canary_wait), shared.checked_percent(max_bounce)
    guards = Guards(canary, pause, percent, max_backlog)
    pace = checked_rate(rate)
    how = How(concurrency, pace, dry_run, yes, confirm, journal, guards=guards)
    return confirm_and_run(context, new_job(context, "move", (source, destination), options, how))
