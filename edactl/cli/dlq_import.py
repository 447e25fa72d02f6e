"""`edactl dlq import`."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import context_of
from edactl.cli.queue_input import Inputs
from edactl.cli.queue_parameters import QueueArgument
from edactl.cli.queue_send_run import FromIndexOption, Plan, run_inputs
from edactl.cli.send_options import (
    ConcurrencyOption,
    FailedToOption,
    SendDryRunOption,
    check_failed_to,
)
from edactl.core.message_input import RECORD_FIELDS, Defaults, parse_line
from edactl.errors import InputError
from edactl.ops.redrive_sqs import deduplication_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO

    from edactl.core.message import Outgoing


def import_(
    ctx: typer.Context,
    queue: QueueArgument,
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE|-...", help="What dlq export wrote. - is stdin."),
    ],
    concurrency: ConcurrencyOption = 8,
    failed_to: FailedToOption = None,
    from_index: FromIndexOption = 0,
    dry_run: SendDryRunOption = False,
) -> int:
    """Send exported letters to a queue: bodies, attributes of every type, groups, trace headers.

    Every line is checked before the first letter goes. A line that is no message record is
    refused, so that a slip in an edit is not sent as a body. FIFO queues get new deduplication
    ids: SQS would drop a letter whose id it has seen in the last five minutes. At least once: a
    lost answer is sent again.

    \b
    Examples:
      edactl dlq import orders letters.ndjson
      edactl dlq export orders-dlq | jq -c '.body |= sub("v1"; "v2")' | edactl dlq import orders -
    """
    with LetterInputs(Defaults(), from_index) as inputs:
        inputs.add_lines(files, context_of(ctx).terminal.stdin)
        kept = check_failed_to(failed_to, files)
        plan = Plan(queue, concurrency, dry_run=dry_run, failed_to=kept)
        return run_inputs(context_of(ctx), inputs, plan)


class LetterInputs(Inputs):
    """Message records only, each with a deduplication id of its own."""

    def add_lines(self, names: Sequence[str], stdin: TextIO) -> None:
        """Check every line and keep it. Raises InputError for what is no message record."""
        for where, line in self._lines(names, stdin):
            _check_record(line, where)
            self._see(parse_line(line, where), where)
            self._spool.write(line.encode() + b"\n")

    def messages(self) -> Iterator[Outgoing]:
        """Every letter, in input order."""
        import_id = os.urandom(8).hex()
        for number, message in enumerate(super().messages()):
            yield replace(message, deduplication_id=deduplication_id(import_id, str(number)))


def _check_record(line: str, where: str) -> None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return  # parse_line says what is wrong
    hint = "one message record a line, as edactl dlq export writes it; queue send takes any JSON"
    if not isinstance(value, dict) or not isinstance(value.get("body"), str):
        raise InputError("is no message record: it has no body", where=where, hint=hint)
    if odd := sorted(value.keys() - RECORD_FIELDS):
        raise InputError(f'is no message record: it has "{odd[0]}"', where=where, hint=hint)
