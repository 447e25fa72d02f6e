"""`edactl queue send`."""

from __future__ import annotations

import json
import random
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import CommandContext, context_of
from edactl.cli.failed_to import check_failed_to
from edactl.cli.queue_input import Inputs, check_sources, text_or_file
from edactl.cli.queue_parameters import QueueArgument, counted
from edactl.cli.signals import StopSignal, graceful_stop
from edactl.core.arn import parse_queue
from edactl.core.message import NotSent, Outgoing, Sent
from edactl.core.message_input import Defaults, parse_attributes
from edactl.core.message_rules import check_for_queue
from edactl.core.record import to_json_value
from edactl.core.times import parse_duration_seconds
from edactl.errors import ExitStatus, InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edactl.aws.sqs import SqsQueues
    from edactl.core.queue import Queue
    from edactl.core.record import JsonValue
    from edactl.ops.queue_send import Tried

_SHOWN_FAILURES = 5
_LISTED_FAILURES = 1000


def send(
    ctx: typer.Context,
    queue: QueueArgument,
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILE…|-]", help="NDJSON: a body or a message a line. - is stdin."),
    ] = None,
    body: Annotated[
        str | None, typer.Option("--body", metavar="TEXT|@FILE", help="Send this one body.")
    ] = None,
    group_id: Annotated[
        str | None,
        typer.Option("--group-id", metavar="GROUP", help="Message group of those without one."),
    ] = None,
    deduplication_id: Annotated[
        str | None,
        typer.Option("--deduplication-id", metavar="ID", help="Of the one message sent (FIFO)."),
    ] = None,
    attribute: Annotated[
        list[str] | None,
        typer.Option(
            "--attribute",
            metavar="NAME[:TYPE]=VALUE",
            help="Message attribute of those without it. Types: String, Number, Binary (base64).",
        ),
    ] = None,
    delay: Annotated[
        str | None,
        typer.Option("--delay", metavar="DURATION", help="Hide each message first, up to 15m."),
    ] = None,
    concurrency: Annotated[
        int, typer.Option("--concurrency", metavar="N", min=1, max=64, help="Batches in flight.")
    ] = 8,
    failed_to: Annotated[
        str | None,
        typer.Option("--failed-to", metavar="FILE", help="Keep what failed, to send again."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("-n", "--dry-run", help="Check and size everything; send nothing.")
    ] = False,
) -> int:
    """Send messages to a queue, from NDJSON or one --body; batches of 10, FIFO order kept.

    A line that is a JSON string is a body. A line that is an object with a string "body" and only
    fields of a message record is a message, as `queue peek` and `queue tail` print it. Any other
    JSON value is itself the body. Options fill what a message lacks. At least once: a lost answer
    is sent again.

    \b
    Examples:
      edactl queue send orders --body '{"id":1}' --attribute tenant=acme
      edactl queue send orders.fifo --body @order.json --group-id customer-7
      edactl queue peek orders-dlq -o ndjson | edactl queue send orders -
      edactl queue send orders bodies.ndjson --failed-to failed.ndjson
    """
    context = context_of(ctx)
    names = check_sources(files or [], body, stdin_is_tty=_stdin_is_tty(context))
    seconds = None if delay is None else _whole_seconds(delay)
    defaults = Defaults(parse_attributes(attribute or []), group_id, deduplication_id, seconds)
    with Inputs(defaults) as inputs:
        _read(inputs, names, body, context)
        plan = Plan(
            queue, concurrency, dry_run=dry_run, failed_to=check_failed_to(failed_to, names)
        )
        return run_inputs(context, inputs, plan)


@dataclass(frozen=True)
class Plan:
    """What to do with the messages once they are read and checked."""

    queue: str
    concurrency: int
    dry_run: bool
    failed_to: str | None


@dataclass
class Report:
    """Counts that add up; `failures` lists the first 1,000, `failed` counts them all."""

    queue: str
    dry_run: bool
    sent: int = 0
    failed: int = 0
    failures: list[dict[str, JsonValue]] = field(default_factory=list)

    @property
    def tried(self) -> int:
        """How many messages have an outcome."""
        return self.sent + self.failed

    def add(self, tried: Tried) -> dict[str, JsonValue]:
        """Count one outcome and give its record."""
        outcome = tried.outcome
        if isinstance(outcome, Sent):
            self.sent += 1
            code = text = None
        else:
            code, text = outcome.error_code, outcome.error_message
            self._fail({"index": tried.index, "error_code": code, "error_message": text})
        return {
            "index": tried.index,
            "message_id": (outcome.message_id or None) if isinstance(outcome, Sent) else None,
            "error_code": code,
            "error_message": text,
        }

    def _fail(self, failure: dict[str, JsonValue]) -> None:
        self.failed += 1
        if len(self.failures) < _LISTED_FAILURES:
            self.failures.append(failure)

    def result(self, duration_seconds: float) -> dict[str, JsonValue]:
        """The one document of `-o json`."""
        result: dict[str, JsonValue] = {
            "queue": self.queue,
            "sent": self.sent,
            "failed": self.failed,
            "duration_seconds": round(duration_seconds, 3),
            "failures": list(self.failures),
        }
        return result | ({"dry_run": True} if self.dry_run else {})


def _stdin_is_tty(context: CommandContext) -> bool:
    return context.terminal.is_tty(context.terminal.stdin)


def _whole_seconds(delay: str) -> int:
    seconds = parse_duration_seconds(delay)
    if seconds != int(seconds):
        raise InputError("SQS counts delays in whole seconds", where=f"--delay {delay}")
    return int(seconds)


def _read(inputs: Inputs, names: list[str], body: str | None, context: CommandContext) -> None:
    if body is not None:
        inputs.add_message(Outgoing(text_or_file(body, "--body")), "--body")
    inputs.add_lines(names, context.terminal.stdin)
    count = inputs.survey.count
    if count == 0:
        raise InputError(
            "no message in it",
            where=", ".join("stdin" if name == "-" else name for name in names),
            hint="one JSON value a line, or --body TEXT",
        )
    if inputs.defaults.deduplication_id is not None and count > 1:
        raise UsageError(
            f"--deduplication-id for {count} messages: SQS would keep one of them",
            hint="give each message a deduplication_id of its own",
        )


def run_inputs(context: CommandContext, inputs: Inputs, plan: Plan) -> int:
    """Send what was read and checked, and report; the exit status."""
    session = context.session(read_only=plan.dry_run, workers=plan.concurrency)
    from edactl.aws.sqs import SqsQueues

    queues = SqsQueues(session)
    queue = queues.find(parse_queue(plan.queue))
    check_for_queue(inputs.survey, queue, queues.attributes(queue))
    if inputs.defaults.deduplication_id is not None and not queue.is_fifo:
        raise UsageError(
            f'queue "{queue.name}" is no FIFO queue; it takes no --deduplication-id',
            hint="leave --deduplication-id out",
        )
    report = Report(queue.name, plan.dry_run)
    started = time.monotonic()
    with graceful_stop() as stop, ExitStack() as stack:
        write = _writer(context, stack)
        show = _progress(context, inputs.survey.count)
        keep = _keeper(plan.failed_to, stack)
        for tried in _tries(inputs, queue, queues, plan, stop):
            write(report.add(tried))
            show(report)
            if isinstance(tried.outcome, NotSent):
                keep(tried.message)
    context.progress.clear()
    _finish(context, report, time.monotonic() - started)
    if stop() and report.tried < inputs.survey.count:
        context.messages.warn(
            f"stopped; go on from message {report.tried + 1} of {inputs.survey.count}"
        )
        return stop.status
    return ExitStatus.PARTLY if report.failed else ExitStatus.DONE


def _tries(
    inputs: Inputs, queue: Queue, queues: SqsQueues, plan: Plan, stop: StopSignal
) -> Iterator[Tried]:
    from edactl.ops.queue_send import Pace, Tried, send_messages

    if plan.dry_run:
        return (Tried(index, one, Sent("")) for index, one in enumerate(inputs.messages()))
    pace = Pace(sleep=stop.wait, random=random.random, stop=stop)
    return send_messages(inputs.messages(), queue, queues, concurrency=plan.concurrency, pace=pace)


def _writer(context: CommandContext, stack: ExitStack) -> Callable[[object], None]:
    """Writes each record at once where ndjson was asked for; the other formats get one result."""
    if context.emitter.resolve("json") == "ndjson":
        return stack.enter_context(context.emitter.stream())
    return lambda _record: None


def _progress(context: CommandContext, count: int) -> Callable[[Report], None]:
    """Shows how far a run is, unless its records go to the same screen."""
    terminal = context.terminal
    if context.emitter.resolve("json") == "ndjson" and terminal.is_tty(terminal.stdout):
        return lambda _report: None
    show = context.progress.show
    return lambda report: show(
        lambda: f"{report.queue}: {report.sent} of {count} sent, {report.failed} failed"
    )


def _keeper(failed_to: str | None, stack: ExitStack) -> Callable[[Outgoing], None]:
    """Writes failed messages to a file, each as a record that `queue send` reads again."""
    if failed_to is None:
        return lambda _message: None
    file = Path(failed_to).open("w", encoding="utf-8")  # noqa: SIM115 -- the stack closes it
    stack.enter_context(file)

    def keep(message: Outgoing) -> None:
        file.write(json.dumps(to_json_value(message), ensure_ascii=False) + "\n")
        file.flush()  # what failed outlives a kill

    return keep


def _finish(context: CommandContext, report: Report, seconds: float) -> None:
    for failure in report.failures[:_SHOWN_FAILURES]:
        context.messages.warn(
            f"message {failure['index']} failed: {failure['error_message']}"
            f" ({failure['error_code']})"
        )
    verb = "would send" if report.dry_run else "sent"
    failed = f", {report.failed} failed" if report.failed else ""
    context.messages.note(f"{verb} {counted(report.sent)} to {report.queue}{failed}")
    match context.emitter.resolve("json"):
        case "ndjson":
            return
        case "text" if context.emitter.query is None:
            scalars = report.result(seconds)
            del scalars["failures"]
            context.emitter.result(scalars)
        case _:
            context.emitter.result(report.result(seconds))
