"""`edactl whoami`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from edactl.cli.context import context_of
from edactl.cli.root import single, verb
from edactl.errors import ExitStatus

if TYPE_CHECKING:
    from edactl.aws.session import AwsSession
    from edactl.core.record import JsonValue
    from edactl.core.settings import Setting

app = single()


@verb(app)
def whoami(ctx: typer.Context) -> int:
    """Show account, principal, region, and where each setting came from.

    \b
    Examples:
      edactl whoami
      edactl whoami --profile prod --query account -o text
    """
    context = context_of(ctx)
    session = context.session()
    from edactl.aws.sts import caller_identity

    caller = caller_identity(session)
    found = _settings(session)
    values = {str(one["name"]): one["value"] for one in found}
    record: dict[str, JsonValue] = {
        "account": caller.account,
        "principal": caller.arn,
        "user_id": caller.user_id,
        "region": values["region"],
        "profile": values["profile"],
        "endpoint_url": values["endpoint_url"],
        "credentials_source": values["credentials"],
        "sandbox": context.sandbox is not None,
        "settings": [*found],
    }
    context.emitter.result(record)
    return ExitStatus.DONE


def _settings(session: AwsSession) -> list[dict[str, JsonValue]]:
    found: list[tuple[str, Setting | None]] = [
        ("profile", session.profile_setting),
        ("region", session.region_setting),
        ("endpoint_url", session.endpoint_of("sts")),
    ]
    settings: list[dict[str, JsonValue]] = [
        {
            "name": name,
            "value": one.value if one else None,
            "source": one.source if one else "AWS default",
        }
        for name, one in found
    ]
    source = session.credentials_source
    return [*settings, {"name": "credentials", "value": source, "source": "credential chain"}]
