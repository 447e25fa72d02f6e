"""The exception tree and the exit-status table.

Everything that can go wrong for a known reason is an `EdactlError`: it says what happened, to which
resource, and what to type next. One place (`edactl.cli.run`) turns it into two lines and a status.
"""

from __future__ import annotations

from enum import IntEnum


class ExitStatus(IntEnum):
    """What the shell sees. 252 to 254 are the AWS CLI's own, so that one `case $?` serves both."""

    DONE = 0
    NO = 1
    PARTLY = 2
    GUARDED = 3
    TIMED_OUT = 124
    INTERRUPTED = 130
    PIPE_CLOSED = 141
    TERMINATED = 143
    USAGE = 252
    CONFIG = 253
    AWS = 254
    BUG = 255

    @property
    def meaning(self) -> str:
        """One line for people, as shown by `edactl help exit-status`."""
        return _MEANINGS[self]


_MEANINGS = {
    ExitStatus.DONE: "done; the answer is yes; also 'nothing to do'",
    ExitStatus.NO: "ran to the end, the answer is no: no match, check failed, declined",
    ExitStatus.PARTLY: "partly done: some items failed; they are listed and kept",
    ExitStatus.GUARDED: "a guard stopped it on purpose (breaker, receive-count budget, age limit)",
    ExitStatus.TIMED_OUT: "--timeout passed while waiting",
    ExitStatus.INTERRUPTED: "Ctrl-C (SIGINT), after clean-up",
    ExitStatus.PIPE_CLOSED: "the reader closed the pipe (quiet)",
    ExitStatus.TERMINATED: "SIGTERM, after clean-up",
    ExitStatus.USAGE: "wrong command line or invalid input file; nothing was sent",
    ExitStatus.CONFIG: "profile, credentials, region or login missing; nothing was sent",
    ExitStatus.AWS: "AWS refused or could not be reached: code and request id shown",
    ExitStatus.BUG: "a bug in edactl; never prints argv or environment",
}


class EdactlError(Exception):
    """Something went wrong for a reason we know: what happened, and what to type next."""

    status = ExitStatus.BUG

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(EdactlError):
    """The command line is wrong; nothing was sent."""

    status = ExitStatus.USAGE


class InputError(EdactlError):
    """An input file or value is invalid; `where` is its path in the input, as `events.json:12`."""

    status = ExitStatus.USAGE

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(f"{where}: {message}" if where else message, hint=hint)
        self.where = where


class UnreadableFile(InputError):
    """A file of the command line could not be opened or read; `where` is its name."""

    def __init__(self, error: Exception, where: str) -> None:
        reason = (isinstance(error, OSError) and error.strerror) or str(error)
        if isinstance(error, UnicodeDecodeError):
            reason = f"not UTF-8 at byte {error.start + 1}"
        name = where.rpartition(" ")[2]
        super().__init__(f"cannot be read: {reason}", where=where, hint=f"ls -l {name}")


class UnwritableFile(InputError):
    """A file of the command line could not be written; `where` is its name."""

    def __init__(self, error: OSError, where: str) -> None:
        super().__init__(
            f"cannot be written: {error.strerror}",
            where=where,
            hint="name a file in a folder that is there and that you may write to",
        )


class ConfigError(EdactlError):
    """Profile, credentials, region or login are missing; nothing was sent."""

    status = ExitStatus.CONFIG


class Declined(EdactlError):
    """The operator said no at the prompt."""

    status = ExitStatus.NO


class GuardError(EdactlError):
    """A guard stopped the command on purpose."""

    status = ExitStatus.GUARDED


class DryRunBroken(GuardError):
    """A dry run was about to change something: the session stopped it, and edactl has a bug."""

    status = ExitStatus.BUG


class DeadlinePassed(EdactlError):
    """`--timeout` passed while waiting."""

    status = ExitStatus.TIMED_OUT


class AwsError(EdactlError):
    """AWS refused a call or could not be reached.

    `code` is AWS's error code (or botocore's exception name when there was no answer),
    `operation` is `service:Operation`, as in `sqs:SendMessage`.
    """

    status = ExitStatus.AWS

    def __init__(
        self,
        message: str,
        *,
        code: str,
        operation: str | None = None,
        request_id: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.code = code
        self.operation = operation
        self.request_id = request_id


class NotFound(AwsError):
    """The named resource does not exist in this account and region."""


class AccessDenied(AwsError):
    """The caller lacks an IAM action; `action` names it, as in `events:PutEvents`."""

    def __init__(  # noqa: PLR0913 -- AwsError's fields and the action
        self,
        message: str,
        *,
        code: str,
        action: str,
        operation: str | None = None,
        request_id: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, code=code, operation=operation, request_id=request_id, hint=hint)
        self.action = action


class Throttled(AwsError):
    """AWS said slow down, after the retries of the session layer."""


class FailedInside(AwsError):
    """AWS failed while it worked on the call: a write may or may not have happened."""


class Unreachable(AwsError):
    """No answer: connection refused, DNS, TLS or time-out. A write may or may not have happened."""


class Terminated(BaseException):
    """SIGTERM arrived. A BaseException, as KeyboardInterrupt is: nothing may swallow it."""


class PipeClosed(Exception):
    """The reader of stdout has gone; a BrokenPipeError would leave the parser as status 1."""
