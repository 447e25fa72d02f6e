"""`edactl whoami`."""

from __future__ import annotations

import typer

from edactl.cli.context import context_of
from edactl.cli.root import single, verb

app = single()


@verb(app)
def whoami(ctx: typer.Context) -> int:
    """Show account, principal, region, and where each setting came from."""
    context = context_of(ctx)
    session = context.session()
    from edactl.aws.sts import caller_identity

    context.emitter.result(caller_identity(session))
    return 0
