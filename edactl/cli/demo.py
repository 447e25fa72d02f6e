"""`edactl demo`: the story of an event on a sandbox of its own."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from edactl.cli.context import CommandContext, context_of
from edactl.cli.root import single, verb
from edactl.errors import ExitStatus

if TYPE_CHECKING:
    from edactl.aws.session import AwsSession
    from edactl.ops.demo import Finished
    from edactl.sandbox.state import SandboxState

_PATIENCE_SECONDS = 60

app = single()


@verb(app)
def demo(ctx: typer.Context) -> int:
    """Watch events flow on a fresh sandbox, each command shown.

    Starts an embedded local AWS of its own, makes a bus, a rule and a queue, runs real edactl
    commands, from an event to a dead letter's way back, a one-off task and how many tasks the queue
    needs, and checks what each did, then removes everything. Touches no AWS account and no sandbox
    of yours. Exit 1 when a step did not do what it says.

    \b
    Examples:
      edactl demo
    """
    context = context_of(ctx)
    from edactl.ops.demo import run_story
    from edactl.ops.demo_story import story

    with _fresh_sandbox(context) as (state, environment):
        from edactl.cli.demo_resources import make_resources, said_of_resources

        _say(context, f"\n{said_of_resources()}")
        session = make_resources(state)
        directory = Path(environment["EDACTL_SANDBOX_DIR"])
        with closing(_Runner(environment, directory, session)) as runner:
            broken = run_story(story(plots=_can_plot()), runner, lambda text: _say(context, text))
    for promise in broken:
        context.messages.warn(promise)
    _say(context, "\n# The sandbox is gone. Next: edactl sandbox up, then any command --sandbox")
    return ExitStatus.NO if broken else ExitStatus.DONE


def _can_plot() -> bool:
    return importlib.util.find_spec("plotille") is not None


def _say(context: CommandContext, text: str) -> None:
    context.terminal.stdout.write(text + "\n")
    context.terminal.stdout.flush()


@contextmanager
def _fresh_sandbox(context: CommandContext) -> Iterator[tuple[SandboxState, dict[str, str]]]:
    from edactl.sandbox import server

    with tempfile.TemporaryDirectory(prefix="edactl-demo-") as name:
        directory = Path(name)
        _say(context, "# An AWS of our own, on loopback only.\n$ edactl sandbox up")
        try:
            yield server.start(directory), _environment(directory)
        finally:
            server.stop(directory)


def _environment(directory: Path) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "EDACTL_"))
    }
    own = {"EDACTL_SANDBOX_DIR": str(directory), "XDG_STATE_HOME": str(directory)}
    return kept | {"EDACTL_SANDBOX": "1"} | own


class _Runner:
    """Runs edactl as a child process, as an operator would; its files lie in `directory`."""

    def __init__(self, environment: dict[str, str], directory: Path, session: AwsSession) -> None:
        self._environment = environment
        self._directory = directory
        self._session = session
        self._tail: subprocess.Popen[str] | None = None
        self._written = directory

    def __call__(self, arguments: Sequence[str]) -> Finished:
        from edactl.ops.demo import Finished

        done = subprocess.run(  # noqa: S603 -- our own command line
            self._command(arguments),
            env=self._environment,
            cwd=self._directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
            timeout=_PATIENCE_SECONDS,
        )
        return Finished(done.returncode, done.stdout)

    def start(self, arguments: Sequence[str], into: str) -> None:
        """Start a tail; it listens when it says so, and what it says is shown."""
        self._written = self._directory / into
        with self._written.open("w", encoding="utf-8") as file:
            self._tail = subprocess.Popen(  # noqa: S603 -- our own command line
                self._command(arguments),
                env=self._environment,
                cwd=self._directory,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.PIPE,
                text=True,
            )
        assert self._tail.stderr is not None  # noqa: S101 -- as asked for above
        sys.stderr.write(self._tail.stderr.readline())

    def consume(self, queue: str) -> None:
        """Receive until the queue is empty; delete what the consumer gets along with."""
        from edactl.aws.sqs import SqsQueues
        from edactl.core.arn import parse_queue
        from edactl.ops.demo_story import can_work

        queues, deadline = SqsQueues(self._session), time.monotonic() + _PATIENCE_SECONDS
        found = queues.find(parse_queue(queue))
        while queues.attributes(found).visible and time.monotonic() < deadline:
            taken = queues.receive(found, count=10, wait_seconds=0, visibility_seconds=30)
            worked = [one.receipt_handle for one in taken if can_work(one.message.body)]
            queues.delete_messages(found, worked)
            queues.release(
                found, [o.receipt_handle for o in taken if o.receipt_handle not in worked]
            )

    def ended(self) -> Finished:
        """Wait for the tail; what it wrote, and nothing when there is none."""
        from edactl.ops.demo import Finished

        if self._tail is None:
            return Finished(0, "")
        _, said = self._tail.communicate(timeout=_PATIENCE_SECONDS)
        sys.stderr.write(said)
        return Finished(self._tail.returncode, self._written.read_text("utf-8"))

    def close(self) -> None:
        """End a tail that still runs."""
        if self._tail is not None and self._tail.poll() is None:
            self._tail.terminate()
            self._tail.communicate()

    def _command(self, arguments: Sequence[str]) -> list[str]:
        return [sys.executable, "-m", "edactl", *arguments]
