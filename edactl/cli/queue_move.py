"""`edactl queue move`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from edactl.cli import redrive_parameters as shared
from edactl.cli.context import context_of


def move(
    ctx: typer.Context,
    source: Annotated[
        str, typer.Argument(metavar="QUEUE", help="Take from this queue.", show_default=False)
    ],
    destination: Annotated[
        str, typer.Argument(metavar="QUEUE", help="Send to this queue.", show_default=False)
    ],
    where: shared.WhereOption = "",
    limit: shared.LimitOption = None,
    older_than: shared.OlderOption = "",
    newer_than: shared.NewerOption = "",
    rate: shared.RateOption = None,
    concurrency: shared.ConcurrencyOption = 8,
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
    and each message's receive count rises.

    \b
    Examples:
      edactl queue move orders-parked orders --rate 50 --yes
      edactl queue move orders orders-eu --where 'json_body.region == `"eu"`' --dry-run
    """
    from edactl.cli.redrive_build import new_job
    from edactl.cli.redrive_options import RedriveOptions, absolute
    from edactl.cli.redrive_run import How, confirm_and_run

    now, context = datetime.now(UTC), context_of(ctx)
    options = RedriveOptions(
        where=where,
        older_than=absolute(older_than, "--older-than", now),
        newer_than=absolute(newer_than, "--newer-than", now),
        limit=limit,
        allow_reorder=allow_reorder,
        lease_seconds=shared.lease_seconds(lease),
    )
    how = How(concurrency, shared.checked_rate(rate), dry_run, yes, confirm, journal)
    return confirm_and_run(context, new_job(context, "move", (source, destination), options, how))
