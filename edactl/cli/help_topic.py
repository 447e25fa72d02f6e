"""`edactl help [TOPIC|COMMAND…]`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from edactl.cli.context import context_of
from edactl.cli.root import COMMANDS, load_command, root_command, single, verb
from edactl.errors import ExitStatus, UsageError

app = single()

TOPICS = ("exit-status", "environment", "global-options")

_ENVIRONMENT = """\
AWS_PROFILE               profile, when --profile is not given
AWS_REGION                region, when --region is not given; before AWS_DEFAULT_REGION
AWS_ENDPOINT_URL          endpoint of every service; AWS_ENDPOINT_URL_SQS of one
EDACTL_SANDBOX=1          talk to the embedded local AWS (--sandbox)
EDACTL_SANDBOX_DIR        where the sandbox keeps its state
EDACTL_OUTPUT             output format, when -o is not given
EDACTL_ERRORS=json        errors as one JSON line on stderr
EDACTL_DEBUG=1            as -vv
NO_COLOR, FORCE_COLOR     colour, when --color is not given
CI                        never prompt (--no-input)
"""


@verb(app)
def help_topic(
    ctx: typer.Context,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[TOPIC|COMMAND]...", help="What to show.")
    ] = None,
) -> int:
    """Show a command's help, or a topic: exit-status, environment, global-options.

    \b
    Examples:
      edactl help exit-status
      edactl help bus tail
    """
    context = context_of(ctx)
    context.terminal.stdout.write(help_text(words or []) + "\n")
    return ExitStatus.DONE


def help_text(words: list[str]) -> str:
    """The help of a command or topic. Raises UsageError when there is none of that name."""
    match words:
        case ["exit-status"]:
            return "\n".join(f"{int(status):>3}  {status.meaning}" for status in ExitStatus)
        case ["environment"]:
            return _ENVIRONMENT.rstrip()
        case [] | ["global-options"]:
            return _command_help([])
    return _command_help(words)


def _command_help(words: list[str]) -> str:
    command: Any = root_command()
    parent = command.context_class(command, info_name="edactl", **command.context_settings)
    for word in words:
        command = _child(command, word, words)
        parent = command.context_class(
            command, info_name=word, parent=parent, **command.context_settings
        )
    return str(command.get_help(parent))


def _child(command: Any, word: str, words: list[str]) -> Any:
    children = getattr(command, "commands", {})
    if word in children:
        return children[word]
    if command.name != word and word in COMMANDS and words[0] == word:
        return load_command(word)
    raise UsageError(
        f'there is no help on "{" ".join(words)}"', hint=f"edactl help {', '.join(TOPICS)}"
    )
