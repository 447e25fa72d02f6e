"""`edactl demo`: the story of an event on a sandbox of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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

app = single()


@verb(app)
def demo(ctx: typer.Context) -> int:
    """Watch events flow on a fresh sandbox, each command shown.

    Starts an embedded local AWS of its own, makes a bus, a rule and a queue, runs real edactl
    commands and checks what each did, then removes everything. Touches no AWS account and no
    sandbox of yours. Exit 1 when a step did not do what it says.

    \b
    Examples:
      edactl demo
    """
    context = context_of(ctx)
    from edactl.ops.demo import run_story, story

    with _fresh_sandbox(context) as (state, environment):
        _make_resources(context, state)
        broken = run_story(story(), _Runner(environment), lambda text: _say(context, text))
    for promise in broken:
        context.messages.warn(promise)
    _say(context, "\n# The sandbox is gone. Next: edactl sandbox up, then any command --sandbox")
    return ExitStatus.NO if broken else ExitStatus.DONE


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
    return kept | {"EDACTL_SANDBOX": "1", "EDACTL_SANDBOX_DIR": str(directory)}


def _make_resources(context: CommandContext, state: SandboxState) -> None:
    """The bus, its rule, the queue and its DLQ, by the API calls that are shown."""
    from edactl.aws.session import AwsSession
    from edactl.core.settings import ConnectionOptions, SandboxEndpoint
    from edactl.ops.demo import BUS, DLQ, PATTERN, QUEUE, RULE

    endpoint = SandboxEndpoint(state.url, state.account_id)
    _say(
        context,
        f"\n# A bus, a rule for Australia and New Zealand, a queue and its DLQ, by the API:\n"
        f"#   events:CreateEventBus {BUS}\n"
        f"#   sqs:CreateQueue {DLQ}; sqs:CreateQueue {QUEUE} with a redrive policy to it\n"
        f"#   events:PutRule {RULE} {PATTERN}; events:PutTargets {QUEUE}",
    )
    _create(AwsSession(ConnectionOptions(sandbox=endpoint)))


def _create(session: AwsSession) -> None:
    import json

    from edactl.aws.event_targets import RulesByTarget
    from edactl.aws.events import EventBuses
    from edactl.aws.sqs import SqsQueues
    from edactl.core.feed import RuleDelivery, RuleFeed, TargetInput
    from edactl.ops.demo import BUS, DLQ, PATTERN, QUEUE, RULE

    bus = EventBuses(session).create_bus(BUS)
    queues = SqsQueues(session)
    dlq = queues.create(DLQ, attributes={}, tags={})
    redrive = json.dumps({"deadLetterTargetArn": dlq.arn, "maxReceiveCount": 5})
    queue = queues.create(QUEUE, attributes={"RedrivePolicy": redrive}, tags={})
    rule = RuleDelivery(
        RuleFeed(BUS, RULE), bus.arn, PATTERN, enabled=True, inputs=(TargetInput(),)
    )
    RulesByTarget(session).put_copy(RULE, rule, queue.arn, {})


class _Runner:
    """Runs edactl as a child process, as an operator would."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment

    def __call__(self, arguments: Sequence[str]) -> Finished:
        from edactl.ops.demo import Finished

        done = subprocess.run(  # noqa: S603 -- our own command line
            [sys.executable, "-m", "edactl", *arguments],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
        return Finished(done.returncode, done.stdout)
