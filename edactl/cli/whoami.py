"""`edactl whoami`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from edactl.cli.context import context_of
from edactl.cli.root import single, verb
from edactl.errors import ExitStatus

if TYPE_CHECKING:
    from edactl.aws.session import AwsSession
    from edactl.cli.context import CommandContext
    from edactl.core.identity import Identity
    from edactl.core.settings import Setting

app = single()


@verb(app)
def whoami(ctx: typer.Context) -> int:
    """Show account, principal, region, and where each setting came from.

    \b
    Examples:
      edactl whoami
      edactl whoami --profile prod --region eu-west-1
      edactl whoami --query account -o text
      edactl whoami --query 'settings[].[name, value, source]' -o text
    """
    context = context_of(ctx)
    identity = _identity(context)
    emitter = context.emitter
    if emitter.resolve("json") == "table" and emitter.query is None:
        emitter.records(identity.rows, columns=("name", "value", "source"))
    else:
        emitter.result(identity)
    return ExitStatus.DONE


def _identity(context: CommandContext) -> Identity:
    from edactl.aws.sts import caller_identity
    from edactl.core.identity import Identity, named_settings

    session = context.session()
    caller = caller_identity(session)
    settings = _settings(session, context.connection.role_arn)
    return Identity(
        account=caller.account,
        principal=caller.arn,
        user_id=caller.user_id,
        region=session.region,
        profile=session.profile_setting.value,
        endpoint_url=session.endpoint_setting.value if session.endpoint_setting else None,
        credentials_source=settings["credentials"].source if settings["credentials"] else "none",
        sandbox=context.sandbox is not None,
        settings=named_settings(settings),
    )


def _settings(session: AwsSession, role_arn: str | None) -> dict[str, Setting | None]:
    from edactl.core.settings import Setting

    found: dict[str, Setting | None] = {
        "profile": session.profile_setting,
        "region": session.region_setting,
        "credentials": session.credentials_setting,
        "endpoint_url": session.endpoint_setting,
    }
    if role_arn:
        found["role_arn"] = Setting(role_arn, "--role-arn")
    return found | {
        f"endpoint_url of {name}": url for name, url in session.service_endpoints.items()
    }
