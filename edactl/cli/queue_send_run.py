"""Sending what `queue send` or `dlq import` has read and checked: counts, records, leftovers."""

from __future__ import annotations

import json
import random
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.queue_parameters import counted
from edactl.cli.signals import StopSignal, graceful_stop
from edactl.core.arn import parse_queue
from edactl.core.message import NotSent, Outgoing, Sent
from edactl.core.message_rules import check_for_queue
from edactl.core.record import to_json_value
from edactl.errors import ExitStatus, InputError, Terminated, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from edactl.aws.sqs import SqsQueues
    from edactl.cli.context import CommandContext
    from edactl.cli.queue_input import Inputs
    from edactl.core.queue import Queue
    from edactl.core.record import JsonValue
    from edactl.ops.queue_send import Tried

FromIndexOption = Annotated[
    int, typer.Option("--from-index", metavar="N", min=0, help="Skip the messages before N.")
]
_SHOWN_FAILURES = 5
_LISTED_FAILURES = 1000


@dataclass(frozen=True)
class Plan:
    """What to do with the messages once they are read and checked."""

    queue: str
    concurrency: int
    dry_run: bool
    failed_to: str | None


@dataclass
class Report:
    """Counts that add up; `failures` lists the first 1,000, `failed` counts them all.

    Indexes are places in the input, whose messages before `first` were left out.
    """

    queue: str
    dry_run: bool
    first: int
    sent: int = 0
    failed: int = 0
    failures: list[dict[str, JsonValue]] = field(default_factory=list)

    @property
    def next_index(self) -> int:
        """The first message that has no outcome."""
        return self.first + self.sent + self.failed

    def add(self, tried: Tried) -> dict[str, JsonValue]:
        """Count one outcome and give its record."""
        index, outcome = self.first + tried.index, tried.outcome
        if isinstance(outcome, Sent):
            self.sent += 1
            code = text = None
        else:
            code, text = outcome.error_code, outcome.error_message
            self._fail({"index": index, "error_code": code, "error_message": text})
        return {
            "index": index,
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


def check_any(inputs: Inputs, names: Sequence[str]) -> None:
    """Raises InputError when there is no message to send."""
    if inputs.survey.count:
        return
    from_there = f" from --from-index {inputs.first} on" if inputs.first else ""
    raise InputError(
        f"no message in it{from_there}",
        where=", ".join("stdin" if name == "-" else name for name in names),
        hint="one JSON value a line, or --body TEXT",
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
    report = Report(queue.name, plan.dry_run, inputs.first)
    started = time.monotonic()
    with graceful_stop() as stop:
        _send_all(context, inputs, queue, queues, plan, report, stop)
    context.progress.clear()
    _finish(context, report, time.monotonic() - started)
    if stop() and report.next_index < inputs.first + inputs.survey.count:
        context.messages.warn(f"stopped early; go on with --from-index {report.next_index}")
        return stop.status
    return ExitStatus.PARTLY if report.failed else ExitStatus.DONE


def _send_all(
    context: CommandContext,
    inputs: Inputs,
    queue: Queue,
    queues: SqsQueues,
    plan: Plan,
    report: Report,
    stop: StopSignal,
) -> None:
    """Send, record and count each message; a second Ctrl-C leaves with what is known."""
    with ExitStack() as stack:
        write = _writer(context, stack)
        show = _progress(context, inputs.survey.count)
        keep = _keeper(plan.failed_to, stack)
        try:
            for tried in _tries(inputs, queue, queues, plan, stop):
                write(report.add(tried))
                show(report)
                if isinstance(tried.outcome, NotSent):
                    keep(tried.message)
        except (KeyboardInterrupt, Terminated):
            context.messages.warn(
                f"{report.sent} sent, {report.failed} failed when it was stopped at once;"
                f" --from-index {report.next_index} goes on, and sends again what was in flight"
            )
            raise


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
    if context.emitter.resolve("json") != "ndjson":
        context.emitter.outcome(report.result(seconds))
