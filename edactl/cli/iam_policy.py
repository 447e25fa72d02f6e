"""`edactl iam-policy`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from edactl.cli.context import context_of
from edactl.cli.root import single, verb
from edactl.errors import ExitStatus, UsageError

app = single()


@verb(app)
def iam_policy(
    ctx: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="COMMAND...", help="Commands, as put-event or bus tail."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every command.")] = False,
    bus: Annotated[str, typer.Option(metavar="BUS", help="Only this bus.")] = "",
    queue: Annotated[str, typer.Option(metavar="QUEUE", help="Only this queue.")] = "",
    account: Annotated[str, typer.Option(metavar="ID", help="Only this account.")] = "",
    in_region: Annotated[str, typer.Option(metavar="REGION", help="Only this region.")] = "",
    partition: Annotated[str, typer.Option(metavar="NAME", help="AWS partition.")] = "aws",
) -> int:
    """Print the least IAM policy that a command needs.

    \b
    Examples:
      edactl iam-policy put-event --bus flix
      edactl iam-policy bus tail, queue list > policy.json
    """
    from edactl.core.iam import NEEDS, policy

    context = context_of(ctx)
    commands = list(NEEDS) if everything else _commands(words or [])
    values = {
        "Bus": bus,
        "Queue": queue,
        "Account": account,
        "Region": in_region,
        "Partition": partition,
    }
    document = policy(commands, values)
    for command in commands:
        for need in NEEDS[command]:
            if need.when:
                context.messages.note(f"{command} needs {need.action} only with {need.when}")
    if context.emitter.format or context.emitter.query:
        context.emitter.result(document)
    else:
        context.terminal.stdout.write(json.dumps(document, indent=2) + "\n")
    return ExitStatus.DONE


def _commands(words: list[str]) -> list[str]:
    """The commands in these words: a verb after its noun belongs to it."""
    from edactl.core.iam import NEEDS, OFFLINE

    rest = " ".join(words).replace(",", " ").split()
    found: list[str] = []
    while rest:
        size = next((n for n in (2, 1) if " ".join(rest[:n]) in {*NEEDS, *OFFLINE}), 0)
        if not size:
            raise UsageError(f'there is no command "{rest[0]}"', hint=f"one of: {', '.join(NEEDS)}")
        name, rest = " ".join(rest[:size]), rest[size:]
        if name in NEEDS:
            found.append(name)
    if not words:
        raise UsageError("name a command, or say --all", hint="edactl iam-policy put-event")
    return found
