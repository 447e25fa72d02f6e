"""`edactl completion SHELL`."""

from __future__ import annotations

from typing import Annotated

import typer

from edactl.cli.completion_scripts import SCRIPTS
from edactl.cli.context import context_of
from edactl.cli.root import single, verb
from edactl.errors import ExitStatus, UsageError

app = single()


@verb(app)
def completion(
    ctx: typer.Context,
    shell: Annotated[str, typer.Argument(metavar="bash|zsh|fish", help="Whose script.")],
) -> int:
    """Print the completion script of bash, zsh or fish.

    It completes commands, options, and the names of your buses, queues, rules and topics, which it
    remembers for five minutes.

    \b
    Examples:
      eval "$(edactl completion bash)"
      edactl completion fish > ~/.config/fish/completions/edactl.fish
    """
    if shell not in SCRIPTS:
        raise UsageError(f'there is no completion for "{shell}"', hint="bash, zsh or fish")
    context_of(ctx).terminal.stdout.write(SCRIPTS[shell])
    return ExitStatus.DONE
