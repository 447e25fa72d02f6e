"""One command line, from argv to exit status: the only place that turns errors into statuses."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from edactl.cli.context import messages_for_errors
from edactl.cli.options import GlobalOptions, ParserError
from edactl.cli.root import root_command
from edactl.cli.signals import raise_on_sigterm
from edactl.errors import (
    EdactlError,
    ExitStatus,
    PipeClosed,
    Terminated,
    UsageError,
)

if TYPE_CHECKING:
    from typing import Any

PACKAGE = Path(__file__).parents[1]
_DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


def run(arguments: list[str]) -> int:
    """Run one command and return its exit status; nothing but BaseExceptions of Python leave."""
    options = GlobalOptions()
    raise_on_sigterm()
    _speak_utf8()
    try:
        result = root_command().main(
            args=arguments, prog_name="edactl", standalone_mode=False, obj=options
        )
        sys.stdout.flush()
    except EdactlError as error:
        return _report(error, options)
    except ParserError as error:
        return _report(_usage_error(error), options)
    except typer.Exit as exit_request:
        return exit_request.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return ExitStatus.INTERRUPTED
    except Terminated:
        return ExitStatus.TERMINATED
    except Exception as error:  # noqa: BLE001 -- the last line of defence: status 255
        return ended_by(error, options)
    return int(result) if isinstance(result, int) else ExitStatus.DONE


def ended_by(error: Exception, options: GlobalOptions | None = None) -> int:
    """The status of a run that ended with an error nobody foresaw, or with a closed pipe."""
    if isinstance(error, BrokenPipeError | PipeClosed):
        return _pipe_closed()
    return _unexpected(error, options or GlobalOptions())


def _speak_utf8() -> None:
    """Data is UTF-8 whatever the locale; half a surrogate pair becomes JSON's own escape."""
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123 -- for the run
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 -- the same
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 -- the same
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure:
        reconfigure(encoding="utf-8", errors="backslashreplace")


def _report(error: EdactlError, options: GlobalOptions) -> int:
    with suppress(OSError, ValueError):  # nobody reads stderr; the status still tells
        messages_for_errors(options).error(error)
    return error.status


def _usage_error(error: Any) -> UsageError:
    command = error.ctx.command_path if error.ctx else "edactl"
    message = error.format_message().replace("a valid int range", "a whole number")
    message = message.replace("a valid float", "a number")
    return UsageError(message, hint=f"{command} --help")


def _pipe_closed() -> int:
    """Quiet end: whoever closed the pipe does not want to hear more."""
    _drop_stdout()
    return ExitStatus.PIPE_CLOSED


def _drop_stdout() -> None:
    """Point stdout to /dev/null, so that Python's own flush at exit cannot fail."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unexpected(error: Exception, options: GlobalOptions) -> int:
    if isinstance(error, OSError) and error.errno in _DISK_FULL:
        _drop_stdout()
        reason = os.strerror(error.errno)
        return _report(
            EdactlError(
                f"the output could not be written: {reason}; it is not complete",
                hint="df -h; then run it again",
            ),
            options,
        )
    if isinstance(error, MemoryError):
        return _report(EdactlError("out of memory", hint="less at once: --limit N"), options)
    return _bug(error, options)


def _bug(error: Exception, options: GlobalOptions) -> int:
    """Say where, never what: a message may hold argv, environment or payload."""
    frames = traceback.extract_tb(error.__traceback__)
    with suppress(OSError, ValueError):
        messages = messages_for_errors(options)
        if messages.verbosity > 1:
            for frame in frames:
                messages.detail(f"at {_place(frame)} in {frame.name}")
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(PACKAGE)]
    where = _place(ours[-1]) if ours else "an unknown place"
    report = EdactlError(
        f"a bug in edactl: {type(error).__name__} at {where}",
        hint="report it with this line and what -vv shows before it",
    )
    return _report(report, options)


def _place(frame: traceback.FrameSummary) -> str:
    path = Path(frame.filename)
    if path.is_relative_to(PACKAGE):
        path = path.relative_to(PACKAGE.parent)
    return f"{path}:{frame.lineno}"
