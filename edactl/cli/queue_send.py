"""`edactl queue send`."""

from __future__ import annotations

from typing import Annotated

import typer

from edactl.cli.context import CommandContext, context_of
from edactl.cli.opened import text_or_file
from edactl.cli.queue_input import Inputs, check_sources
from edactl.cli.queue_parameters import QueueArgument
from edactl.cli.queue_send_run import FromIndexOption, Plan, check_any, run_inputs
from edactl.cli.send_options import (
    ConcurrencyOption,
    FailedToOption,
    SendDryRunOption,
    check_failed_to,
)
from edactl.core.message import Outgoing
from edactl.core.message_input import Defaults, parse_attributes
from edactl.core.times import parse_duration_seconds
from edactl.errors import InputError, UsageError


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
    concurrency: ConcurrencyOption = 8,
    failed_to: FailedToOption = None,
    from_index: FromIndexOption = 0,
    dry_run: SendDryRunOption = False,
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
    with Inputs(defaults, from_index) as inputs:
        _read(inputs, names, body, context)
        plan = Plan(
            queue, concurrency, dry_run=dry_run, failed_to=check_failed_to(failed_to, names)
        )
        return run_inputs(context, inputs, plan)


def _stdin_is_tty(context: CommandContext) -> bool:
    return context.terminal.is_tty(context.terminal.stdin)


def _whole_seconds(delay: str) -> int:
    seconds = parse_duration_seconds(delay)
    if seconds != int(seconds):
        raise InputError("SQS counts delays in whole seconds", where=f"--delay {delay}")
    return int(seconds)


def _read(inputs: Inputs, names: list[str], body: str | None, context: CommandContext) -> None:
    if body is not None:
        if inputs.first:
            raise UsageError("--from-index counts the lines of FILE, and --body has none")
        inputs.add_message(Outgoing(text_or_file(body, "--body")), "--body")
    inputs.add_lines(names, context.terminal.stdin)
    check_any(inputs, names)
    count = inputs.survey.count
    if inputs.defaults.deduplication_id is not None and count > 1:
        raise UsageError(
            f"--deduplication-id for {count} messages: SQS would keep one of them",
            hint="give each message a deduplication_id of its own",
        )
