"""Every word for people, on stderr: notes, warnings, errors, confirmation."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.core.readable import harmless
from edactl.errors import (
    AccessDenied,
    AwsError,
    ConfigError,
    Declined,
    EdactlError,
    InputError,
    UsageError,
)

if TYPE_CHECKING:
    from edactl.out.progress import Progress
    from edactl.out.terminal import Terminal

_RED, _YELLOW, _DIM, _RESET = "\x1b[31m", "\x1b[33m", "\x1b[2m", "\x1b[0m"


@dataclass(frozen=True)
class Messages:
    """Words for people on stderr. `sandbox_account` marks every one of them when it is there.

    `command` is the one that is running, as typed: it completes hints that name no command.
    """

    terminal: Terminal
    quiet: bool = False
    verbosity: int = 0
    sandbox_account: str | None = None
    no_input: bool = False
    progress: Progress | None = None
    command: str = ""

    @property
    def _prefix(self) -> str:
        return f"edactl [sandbox {self.sandbox_account}]" if self.sandbox_account else "edactl"

    def _write(self, text: str, color: str) -> None:
        stderr = self.terminal.stderr
        if self.progress:
            self.progress.clear()
        if color and self.terminal.colored(stderr):
            text = f"{color}{text}{_RESET}"
        stderr.write(text + "\n")
        stderr.flush()

    def note(self, text: str) -> None:
        """Say what is going on; `-q` silences it."""
        if not self.quiet:
            self._write(f"{self._prefix}: {text}", "")

    def block(self, text: str) -> None:
        """Lines to copy as they are: no prefix on any of them; `-q` silences them."""
        if not self.quiet:
            self._write(text, "")

    def detail(self, text: str) -> None:
        """Say it only under `-v`."""
        if self.verbosity:
            self._write(f"{self._prefix}: {text}", _DIM)

    def warn(self, text: str) -> None:
        """Say what the operator should look at; `-q` does not silence it."""
        self._write(f"{self._prefix}: warning: {text}", _YELLOW)

    def error(self, error: EdactlError) -> None:
        """Two lines: what happened, and what to try. One JSON line under EDACTL_ERRORS=json."""
        if isinstance(error, AccessDenied) and error.hint and self.command:
            error.hint = error.hint.replace(
                "edactl iam-policy prints", f"edactl iam-policy {self.command} prints"
            )
        if self.terminal.environment.get("EDACTL_ERRORS") == "json":
            record = {**error_record(error), "sandbox_account": self.sandbox_account}
            self._write(json.dumps(record, ensure_ascii=False), "")
            return
        self._write(f"{self._prefix}: {_one_line(error.message)}", _RED)
        if error.hint:
            self._write(f"  try: {_one_line(error.hint)}", "")

    def confirm(self, question: str, *, yes: bool, flag: str = "--yes") -> None:
        """Return when the operator agrees.

        Raises Declined when not, and UsageError naming the flag when nobody can be asked.
        """
        if not yes and self._answer(question, "[y/N]", flag).lower() not in {"y", "yes"}:
            raise Declined("nothing was done")

    def confirm_by_name(self, question: str, name: str, *, given: str | None, flag: str) -> None:
        """Return when the operator types the resource's name, or gave it with the flag.

        Raises Declined when it is another name, and UsageError when nobody can be asked.
        """
        typed = given
        if typed is None:
            typed = self._answer(question, f'Type "{name}" to go on:', f"{flag} {name}")
        if typed != name:
            raise Declined(f'"{typed}" is not "{name}": nothing was done')

    @property
    def is_watched(self) -> bool:
        """Whether somebody may be looking at stderr."""
        return self.terminal.is_tty(self.terminal.stderr)

    @property
    def can_ask(self) -> bool:
        """Whether somebody is there to answer."""
        return self.is_watched and self.terminal.is_tty(self.terminal.stdin) and not self.no_input

    def _answer(self, question: str, prompt: str, flag: str) -> str:
        terminal = self.terminal
        if not self.can_ask:
            raise UsageError(
                f"{question} Nobody can be asked here, so nothing was done", hint=f"add {flag}"
            )
        terminal.stderr.write(f"{self._prefix}: {question} {prompt} ")
        terminal.stderr.flush()
        return terminal.stdin.readline().strip()

    def ask(self, question: str) -> str:
        """What the operator types in answer, without the line's end.

        Data may be coming in on stdin, so the answer is then read from the terminal itself. Raises
        ConfigError when nobody can be asked.
        """
        terminal = self.terminal
        keyboard = None
        if not self.no_input and terminal.is_tty(terminal.stderr):
            keyboard = terminal.keyboard()
        if keyboard is None:
            raise ConfigError(
                f"{question.rstrip(': ')}: nobody can be asked here, so nothing was sent",
                hint="run edactl whoami with the same options on a terminal first: the login is"
                " kept for an hour",
            )
        terminal.stderr.write(f"{self._prefix}: {question}")
        terminal.stderr.flush()
        answer = keyboard.readline()
        if keyboard is not terminal.stdin:
            keyboard.close()
        return answer.rstrip("\n")


def error_record(error: EdactlError) -> dict[str, object]:
    """The error as EDACTL_ERRORS=json prints it; absent facts are null."""
    aws = error if isinstance(error, AwsError) else None
    return {
        "message": error.message,
        "hint": error.hint,
        "status": int(error.status),
        "kind": type(error).__name__,
        "code": aws.code if aws else None,
        "operation": aws.operation if aws else None,
        "request_id": aws.request_id if aws else None,
        "action": error.action if isinstance(error, AccessDenied) else None,
        "where": error.where if isinstance(error, InputError) else None,
    }


def _one_line(text: str) -> str:
    return harmless(" ".join(text.split()))
