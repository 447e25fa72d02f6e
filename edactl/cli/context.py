"""What every command needs, built on first use: messages, output, AWS session, sandbox."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, cast

from edactl.errors import EdactlError, UsageError
from edactl.out.terminal import ColorChoice, Terminal

if TYPE_CHECKING:
    from collections.abc import Mapping

    import typer

    from edactl.aws.session import AwsSession
    from edactl.cli.options import GlobalOptions
    from edactl.core.settings import ConnectionOptions, SandboxEndpoint
    from edactl.out.emit import Emitter
    from edactl.out.messages import Messages
    from edactl.out.progress import Progress


DEBUG_VERBOSITY = 2


class CommandContext:
    """One run's collaborators. Nothing is built before it is asked for."""

    def __init__(self, options: GlobalOptions, terminal: Terminal) -> None:
        self._options = options
        color = cast("ColorChoice", options.text("color") or "auto")  # checked by the parser
        self.terminal = replace(terminal, color=color)

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment variables, read once at the edge."""
        return self.terminal.environment

    @cached_property
    def sandbox(self) -> SandboxEndpoint | None:
        """The running sandbox when the command is to talk to it.

        Raises ConfigError, with the command to start it, when it is asked for and not running.
        """
        # any other word than 0 is yes: a misspelt one must not reach a real account
        said = self.environment.get("EDACTL_SANDBOX", "") not in {"", "0"}
        wanted = self._options.flag("sandbox") or said
        if not wanted:
            return None
        from edactl.sandbox.state import running_endpoint

        return running_endpoint(self.environment)

    @property
    def _sandbox_account(self) -> str | None:
        """The account to mark messages with; a sandbox that is not running marks none."""
        with suppress(EdactlError, OSError):  # whoever needs the sandbox itself will be told
            return self.sandbox.account_id if self.sandbox else None
        return None

    @cached_property
    def messages(self) -> Messages:
        """Words for people."""
        options, environment = self._options, self.environment
        from edactl.out.messages import Messages

        return Messages(
            self.terminal,
            quiet=options.flag("quiet"),
            verbosity=DEBUG_VERBOSITY if environment.get("EDACTL_DEBUG") else options.verbosity,
            sandbox_account=self._sandbox_account,
            no_input=options.flag("no_input") or bool(environment.get("CI")),
            progress=self.progress,
            command=options.command,
        )

    @cached_property
    def progress(self) -> Progress:
        """The line that tells how far a long command is; shown on a TTY only."""
        from edactl.out.progress import Progress

        return Progress(self.terminal, time.monotonic, quiet=self._options.flag("quiet"))

    @cached_property
    def emitter(self) -> Emitter:
        """Data on stdout. Raises UsageError for a bad --query or EDACTL_OUTPUT."""
        from edactl.out.emit import FORMATS, Emitter

        chosen = self._options.text("output") or self.environment.get("EDACTL_OUTPUT") or None
        if chosen is not None and chosen not in FORMATS:
            raise UsageError(f'EDACTL_OUTPUT is "{chosen}"', hint=f"one of {', '.join(FORMATS)}")
        query = self._options.text("query")
        compiled = None
        if query:
            from edactl.out.query import compile_query

            compiled = compile_query(query)
        return Emitter(self.terminal, chosen, compiled)

    @cached_property
    def connection(self) -> ConnectionOptions:
        """Flags and environment, as the session layer takes them."""
        names = ("profile", "region", "endpoint_url", "role_arn", "external_id", "mfa_serial")
        flags = {name: self._options.text(name) for name in names}
        from edactl.core.settings import connection_options

        return connection_options(flags, self.environment, sandbox=self.sandbox)

    def session(
        self, *, read_only: bool = False, looks: bool = False, workers: int = 1, region: str = ""
    ) -> AwsSession:
        """A session to AWS, or to the sandbox. The output options are checked first.

        `region` is for what a resource of another region has to be told; the operator's otherwise.
        """
        _ = self.emitter
        from edactl.aws.session import AwsSession
        from edactl.core.settings import Setting

        messages, connection = self.messages, self.connection
        if region:
            connection = replace(connection, region=Setting(region, "the resource's ARN"))
        return AwsSession(
            connection,
            read_only=read_only,
            looks=looks,
            workers=workers,
            on_log=messages.detail if messages.verbosity >= DEBUG_VERBOSITY else None,
            ask_mfa_code=messages.ask,
            on_wait=messages.note if messages.is_watched else messages.detail,
            on_call=lambda report: messages.detail(
                f"{report.service}:{report.operation} {report.seconds * 1000:.0f} ms"
                f" request id {report.request_id or '-'} {report.error_code or 'ok'}"
            ),
        )


def context_of(ctx: typer.Context) -> CommandContext:
    """The collaborators of the running command."""
    state = ctx.find_root().meta.get("edactl.context")
    if isinstance(state, CommandContext):
        return state
    built = CommandContext(ctx.obj, Terminal.of_process())
    ctx.find_root().meta["edactl.context"] = built
    return built


def messages_for_errors(options: GlobalOptions) -> Messages:
    """Words for people when there is no command to speak for."""
    return CommandContext(options, Terminal.of_process()).messages
