"""One command line, from argv to exit status: the only place that turns errors into statuses."""

from __future__ import annotations

import os
import sys
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING

import typer

from edactl.cli.context import messages_for_errors
from edactl.cli.options import GlobalOptions
from edactl.cli.root import root_command
from edactl.cli.signals import raise_on_sigterm
from edactl.errors import EdactlError, ExitStatus, PipeClosed, Terminated, UsageError

if TYPE_CHECKING:
    from typing import Any

# typer vendors click; the base of its public BadParameter is the parser's usage error
_ParserError: type[Any] = typer.BadParameter.__mro__[1]


def run(arguments: list[str]) -> int:
    """Run one command and return its exit status; nothing but BaseExceptions of Python leave."""
    options = GlobalOptions()
    raise_on_sigterm()
    try:
        result = root_command().main(
            args=arguments, prog_name="edactl", standalone_mode=False, obj=options
        )
        sys.stdout.flush()
    except EdactlError as error:
        return _report(error, options)
    except _ParserError as error:
        return _report(_usage_error(error), options)
    except typer.Exit as exit_request:
        return exit_request.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return ExitStatus.INTERRUPTED
    except Terminated:
        return ExitStatus.TERMINATED
    except (BrokenPipeError, PipeClosed):
        return _pipe_closed()
    except Exception as error:  # noqa: BLE001 -- the last line of defence: status 255
        return _bug(error, options)
    return int(result) if isinstance(result, int) else ExitStatus.DONE


def _report(error: EdactlError, options: GlobalOptions) -> int:
    messages_for_errors(options).error(error)
    return error.status


def _usage_error(error: Any) -> UsageError:
    command = error.ctx.command_path if error.ctx else "edactl"
    return UsageError(error.format_message(), hint=f"{command} --help")


def _pipe_closed() -> int:
    """Quiet end; stdout goes to /dev/null so that Python's own flush at exit stays quiet too."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitStatus.PIPE_CLOSED


def _bug(error: Exception, options: GlobalOptions) -> int:
    """Say where, never what: a message may hold argv, environment or payload."""
    frames = traceback.extract_tb(error.__traceback__)
    where = next(
        (
            f"{frame.filename}:{frame.lineno}"
            for frame in reversed(frames)
            if "edactl" in frame.filename
        ),
        "unknown place",
    )
    report = EdactlError(
        f"a bug in edactl: {type(error).__name__} at {where}",
        hint="report it with this line; -vv shows the calls before it",
    )
    return _report(report, options)
