"""`edactl dlq drop`."""

from __future__ import annotations

from datetime import UTC, datetime

import typer

from edactl.cli import redrive_parameters as shared
from edactl.cli.context import context_of
from edactl.errors import UsageError


def drop(
    ctx: typer.Context,
    dlq: shared.DlqArgument,
    cluster: shared.ClusterOption = "",
    where: shared.WhereOption = "",
    limit: shared.LimitOption = None,
    older_than: shared.OlderOption = "",
    newer_than: shared.NewerOption = "",
    concurrency: shared.ConcurrencyOption = 8,
    lease: shared.LeaseOption = "120s",
    journal: shared.JournalOption = "",
    yes: shared.YesOption = False,
    confirm: shared.ConfirmOption = None,
    dry_run: shared.DryRunOption = False,
) -> int:
    """Delete chosen letters of a DLQ; a journal keeps each in full, and can bring it back.

    A letter is deleted only when it is on disk. In the report, sent are those that the journal
    took. `dlq restore` puts them back into the DLQ, as new messages. To delete every letter
    without keeping any there is `queue purge`.

    \b
    Examples:
      edactl dlq drop orders-dlq --cluster 1f0c9a3e --dry-run
      edactl dlq drop orders-dlq --where 'json_body.test' --yes
    """
    from edactl.cli.redrive_build import new_job
    from edactl.cli.redrive_options import RedriveOptions, absolute
    from edactl.cli.redrive_run import How, confirm_and_run

    now, context = datetime.now(UTC), context_of(ctx)
    options = RedriveOptions(
        where=where,
        cluster=cluster,
        older_than=absolute(older_than, "--older-than", now),
        newer_than=absolute(newer_than, "--newer-than", now),
        limit=limit,
        lease_seconds=shared.lease_seconds(lease),
    )
    if not options.chooses:
        raise UsageError(
            "drop which letters?",
            hint="--cluster ID (dlq inspect shows them), --where, --older-than or --limit",
        )
    how = How(concurrency, None, dry_run, yes, confirm, journal)
    return confirm_and_run(context, new_job(context, "drop", (dlq, ""), options, how))
