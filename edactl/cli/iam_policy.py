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
    partition: Annotated[
        str, typer.Option(metavar="NAME", help="aws, aws-cn or aws-us-gov.")
    ] = "aws",
) -> int:
    """Print the least IAM policy that a command needs.

    What is not named is *: any bus, queue, account. --region names the region. Calls no AWS. What
    only an option brings in is in the policy too, and said on stderr.

    \b
    Examples:
      edactl iam-policy put-event --bus flix
      edactl iam-policy bus tail, queue list > policy.json
      edactl iam-policy queue --queue orders --account 123456789012 --region eu-west-1
    """
    from edactl.core.iam import conditional_needs, policy

    context = context_of(ctx)
    commands = _commands(words or [], everything=everything)
    values = {
        "Bus": _name(bus),
        "Queue": _name(queue),
        "Account": account,
        "Region": ctx.obj.text("region") or "",
        "Partition": partition,
    }
    for need in conditional_needs(commands):
        context.messages.note(need)
    document = policy(commands, values)
    if context.emitter.format or context.emitter.query:
        context.emitter.result(document)
    else:
        context.terminal.stdout.write(json.dumps(document, indent=2) + "\n")
    return ExitStatus.DONE


def _name(resource: str) -> str:
    """The name in a name, URL or ARN."""
    return resource.rstrip("/").replace("/", ":").rsplit(":", 1)[-1]


def _commands(words: list[str], *, everything: bool) -> list[str]:
    """The commands in these words: a noun alone is all its verbs."""
    from edactl.core.iam import NEEDS, OFFLINE

    if everything:
        return list(NEEDS)
    if not words:
        raise UsageError("name a command, or say --all", hint="edactl iam-policy put-event")
    rest = " ".join(words).replace(",", " ").removeprefix("edactl ").split()
    found: list[str] = []
    while rest:
        pair = " ".join(rest[:2])
        size = 2 if pair in NEEDS or pair in OFFLINE else 1
        name, rest = " ".join(rest[:size]), rest[size:]
        verbs = [command for command in NEEDS if command.split()[0] == name or command == name]
        if not verbs and name not in OFFLINE:
            raise UsageError(f'there is no command "{name}"', hint=f"one of {', '.join(NEEDS)}")
        found += verbs
    return found
