"""`edactl sandbox up|down|status|env|reset`: the embedded local AWS."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from edactl.cli.context import CommandContext, context_of
from edactl.errors import ConfigError, ExitStatus


def up(
    ctx: typer.Context,
    port: Annotated[
        int, typer.Option(metavar="PORT", help="Listen on this port; 0 takes a free one.")
    ] = 0,
    python: Annotated[
        str,
        typer.Option(metavar="FILE", help="Interpreter that has the emulator [this one]."),
    ] = "",
) -> int:
    """Start the sandbox; fine when it already runs.

    It listens on 127.0.0.1 only and runs until `edactl sandbox down`.

    \b
    Examples:
      edactl sandbox up
      edactl sandbox up --port 4566
      edactl sandbox up --python ~/.venvs/emulator/bin/python
    """
    from edactl.sandbox import server, state

    context = context_of(ctx)
    started = server.start(
        state.state_directory(context.environment), python=python or sys.executable, port=port
    )
    context.messages.note(
        f"the sandbox runs at {started.url}, account {started.account_id};"
        " use it with --sandbox, or export EDACTL_SANDBOX=1"
    )
    return _show(context)


def down(ctx: typer.Context) -> int:
    """Stop the sandbox and drop what it holds; fine when none runs.

    \b
    Examples:
      edactl sandbox down
    """
    from edactl.sandbox import server, state

    context = context_of(ctx)
    stopped = server.stop(state.state_directory(context.environment))
    context.messages.note(
        "the sandbox is stopped" if stopped else "no sandbox was running; nothing to do"
    )
    return ExitStatus.DONE


def status(ctx: typer.Context) -> int:
    """Show whether the sandbox runs, and where; exit 1 when it does not.

    \b
    Examples:
      edactl sandbox status
      edactl sandbox status --query endpoint_url -o text
    """
    return _show(context_of(ctx))


def env(ctx: typer.Context) -> int:
    """Print shell exports that point AWS tools at the sandbox.

    Version 1 of the AWS CLI asks AWS itself about queues in spite of them, with keys that AWS
    refuses: say --endpoint-url there.

    \b
    Examples:
      eval "$(edactl sandbox env)"
      aws events list-event-buses
      aws sqs list-queues --endpoint-url "$AWS_ENDPOINT_URL"
    """
    from edactl.sandbox.state import environment_exports, running_state

    context = context_of(ctx)
    running = running_state(context.environment)
    lines = [f"export {name}={value}" for name, value in environment_exports(running).items()]
    context.terminal.stdout.write("\n".join(lines) + "\n")
    return ExitStatus.DONE


def reset(
    ctx: typer.Context,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Do not ask.")] = False,
) -> int:
    """Drop every resource that the sandbox holds; it goes on running.

    Asks first on a terminal. Scripts, which empty it between two tests, are not asked.

    \b
    Examples:
      edactl sandbox reset
      edactl sandbox reset --yes
    """
    from edactl.sandbox import server
    from edactl.sandbox.state import running_state

    context = context_of(ctx)
    running = running_state(context.environment)
    if context.messages.can_ask:
        context.messages.confirm(f"Drop all that the sandbox at {running.url} holds?", yes=yes)
    try:
        server.reset(running)
    except OSError as error:
        raise ConfigError(
            f"the sandbox at {running.url} does not answer: {error}", hint="edactl sandbox up"
        ) from None
    context.messages.note(f"the sandbox at {running.url} is empty")
    return ExitStatus.DONE


def _show(context: CommandContext) -> int:
    from edactl.sandbox import server, state

    directory = state.state_directory(context.environment)
    found = state.read_state(directory)
    running = found is not None and state.is_alive(found.pid) and server.answers(found)
    context.emitter.result(state.status_of(found if running else None, directory))
    return ExitStatus.DONE if running else ExitStatus.NO
