"""What every command needs, built on first use: messages, output, AWS session, sandbox."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, cast

from edactl.core.settings import ConnectionOptions, connection_options
from edactl.errors import ConfigError, UsageError
from edactl.out.emit import FORMATS, Emitter
from edactl.out.messages import Messages
from edactl.out.terminal import ColorChoice, Terminal

if TYPE_CHECKING:
    from collections.abc import Mapping

    import typer

    from edactl.aws.session import AwsSession
    from edactl.cli.options import GlobalOptions
    from edactl.core.settings import SandboxEndpoint


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
        wanted = self._options.flag("sandbox") or self.environment.get("EDACTL_SANDBOX") == "1"
        if not wanted:
            return None
        from edactl.sandbox.state import running_endpoint

        return running_endpoint(self.environment)

    @cached_property
    def messages(self) -> Messages:
        """Words for people."""
        options, environment = self._options, self.environment
        return Messages(
            self.terminal,
            quiet=options.flag("quiet"),
            verbosity=DEBUG_VERBOSITY if environment.get("EDACTL_DEBUG") else options.verbosity,
            sandbox_account=self.sandbox.account_id if self.sandbox else None,
            no_input=options.flag("no_input") or bool(environment.get("CI")),
        )

    @cached_property
    def emitter(self) -> Emitter:
        """Data on stdout. Raises UsageError for a bad --query or EDACTL_OUTPUT."""
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
        _check_together(flags, sandboxed=self.sandbox is not None)
        return connection_options(flags, self.environment, sandbox=self.sandbox)

    def session(self, *, read_only: bool = False, workers: int = 1) -> AwsSession:
        """A session to AWS, or to the sandbox. The output options are checked first."""
        _ = self.emitter
        from edactl.aws.session import AwsSession

        messages = self.messages
        if messages.verbosity >= DEBUG_VERBOSITY:
            from edactl.aws.wire_log import log_calls

            log_calls(messages.detail)
        return AwsSession(
            self.connection,
            read_only=read_only,
            workers=workers,
            ask_mfa_code=self._ask_mfa_code,
            on_call=lambda report: messages.detail(
                f"{report.service}:{report.operation} {report.seconds * 1000:.0f} ms"
                f" request id {report.request_id or '-'} {report.error_code or 'ok'}"
            ),
        )

    def _ask_mfa_code(self, prompt: str) -> str:
        """The code that the operator types. Raises ConfigError when nobody can be asked."""
        terminal = self.terminal
        if self.messages.no_input or not terminal.is_tty(terminal.stdin):
            raise ConfigError(
                "an MFA code is needed, and nobody can be asked here",
                hint="run edactl whoami with the same options on a terminal first: it is cached",
            )
        terminal.stderr.write(prompt)
        terminal.stderr.flush()
        return terminal.stdin.readline().strip()


def _check_together(flags: dict[str, str | None], *, sandboxed: bool) -> None:
    """Raises UsageError for options that contradict each other."""
    for name in ("external_id", "mfa_serial"):
        if flags[name] and not flags["role_arn"]:
            raise UsageError(f"{_spelt(name)} goes with --role-arn", hint="add --role-arn ARN")
    for name in ("profile", "endpoint_url", "role_arn"):
        if sandboxed and flags[name]:
            raise UsageError(
                f"{_spelt(name)} is for a real account, and this command talks to the sandbox",
                hint=f"drop {_spelt(name)}, or --sandbox (EDACTL_SANDBOX)",
            )


def _spelt(name: str) -> str:
    return "--" + name.replace("_", "-")


def context_of(ctx: typer.Context) -> CommandContext:
    """The collaborators of the running command."""
    state = ctx.find_root().meta.get("edactl.context")
    if isinstance(state, CommandContext):
        return state
    built = CommandContext(ctx.obj, Terminal.of_process())
    ctx.find_root().meta["edactl.context"] = built
    return built


def messages_for_errors(options: GlobalOptions) -> Messages:
    """Messages that never fail, to report an error with: sandbox trouble is itself an error."""
    context = CommandContext(options, Terminal.of_process())
    account = None
    with suppress(Exception):
        account = context.sandbox.account_id if context.sandbox else None
    return Messages(
        context.terminal,
        verbosity=options.verbosity,
        sandbox_account=account,
    )
