"""`edactl put-event`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import CommandContext, context_of
from edactl.cli.opened import text_or_file
from edactl.cli.rate import checked_rate
from edactl.cli.root import single, verb
from edactl.cli.send_options import ConcurrencyOption, FailedToOption, SendDryRunOption
from edactl.errors import UsageError

if TYPE_CHECKING:
    from edactl.core.event_input import Shaping
    from edactl.core.record import JsonValue

app = single()


@verb(app)
def put_event(
    ctx: typer.Context,
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILE|-]...", help="JSON, JSON array or NDJSON; - is stdin."),
    ] = None,
    bus: Annotated[
        str | None, typer.Option("--bus", metavar="BUS", help="Bus, by name or ARN [default].")
    ] = None,
    source: Annotated[
        str | None, typer.Option("--source", metavar="TEXT", help="Who sends, as com.flix.")
    ] = None,
    detail_type: Annotated[
        str | None, typer.Option("--detail-type", metavar="TEXT", help="What happened.")
    ] = None,
    detail: Annotated[
        str | None, typer.Option("--detail", metavar="JSON|@FILE", help="The payload, an object.")
    ] = None,
    resource: Annotated[
        list[str] | None,
        typer.Option("--resource", metavar="ARN", help="What it is about (repeatable)."),
    ] = None,
    time: Annotated[
        str | None,
        typer.Option("--time", metavar="TIME", help="When, as ISO 8601, now or 10m ago."),
    ] = None,
    trace_header: Annotated[
        str | None, typer.Option("--trace-header", metavar="TEXT", help="X-Ray trace header.")
    ] = None,
    edits: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Edit each event, as detail.a.b=1."),
    ] = None,
    override: Annotated[
        bool, typer.Option("--override", help="Options win over what an event says.")
    ] = False,
    idempotency_key: Annotated[
        str | None,
        typer.Option(
            "--idempotency-key",
            metavar="auto|KEY",
            help="Fill detail.metadata.idempotency-key where absent; auto: from the content.",
        ),
    ] = None,
    concurrency: ConcurrencyOption = 8,
    rate: Annotated[
        float | None, typer.Option("--rate", metavar="N", help="At most N events a second.")
    ] = None,
    no_check: Annotated[
        bool, typer.Option("--no-check", help="Do not check first that the bus exists.")
    ] = False,
    endpoint_id: Annotated[
        str | None,
        typer.Option("--endpoint-id", metavar="ID", help="Global endpoint (needs edactl[crt])."),
    ] = None,
    failed_to: FailedToOption = None,
    from_index: Annotated[
        int, typer.Option("--from-index", metavar="N", min=0, help="Skip the events before N.")
    ] = 0,
    dry_run: SendDryRunOption = False,
) -> int:
    """Send events to a bus, from flags, files or stdin.

    Reads EventBridge envelopes, PutEvents entries and CloudEvents. Options fill what an event
    lacks. The first 20,000 events (or 32 MB) are checked before any is sent; a wrong line further
    on stops the run with exact counts. At least once: a lost answer is sent again.

    \b
    Examples:
      edactl put-event --bus flix --source com.flix --detail-type ChannelCreated --detail '{"id":1}'
      edactl put-event --bus flix events.ndjson --failed-to failed.ndjson
      edactl bus tail flix -o ndjson | edactl put-event --bus copy --override -
      edactl put-event --dry-run --set detail.data.city=Melbourne event.json
    """
    from edactl.cli.put_event_run import Plan, run

    context = context_of(ctx)
    fields = _fields(bus, source, detail_type, detail, resource, time, trace_header)
    plan = Plan(
        files=_inputs(context, files or [], own_event=detail is not None),
        shaping=_shaping(fields, edits or [], idempotency_key, override=override),
        own_event=detail is not None and not files,
        concurrency=concurrency,
        rate=checked_rate(rate),
        check=not no_check,
        endpoint_id=endpoint_id,
        failed_to=failed_to,
        from_index=from_index,
        dry_run=dry_run,
    )
    return run(context, plan)


def _fields(  # one parameter for each option that describes an event
    bus: str | None,
    source: str | None,
    detail_type: str | None,
    detail: str | None,
    resource: list[str] | None,
    time: str | None,
    trace_header: str | None,
) -> dict[str, JsonValue]:
    from datetime import UTC, datetime

    from edactl.core.times import parse_time, rfc3339

    given: dict[str, JsonValue] = {
        "bus": bus,
        "source": source,
        "detail-type": detail_type,
        "detail": None if detail is None else text_or_file(detail, "--detail"),
        "resources": list(resource) if resource else None,
        "time": rfc3339(parse_time(time, now=datetime.now(UTC))) if time else None,
        "trace-header": trace_header,
    }
    return {name: value for name, value in given.items() if value is not None}


def _shaping(
    fields: dict[str, JsonValue], edits: list[str], key: str | None, *, override: bool
) -> Shaping:
    from edactl.core.event_edit import parse_edit
    from edactl.core.event_input import Shaping

    return Shaping(fields, override, tuple(parse_edit(text) for text in edits), key)


def _inputs(context: CommandContext, files: list[str], *, own_event: bool) -> list[str]:
    if files or own_event:
        return files
    terminal = context.terminal
    if terminal.is_tty(terminal.stdin):
        raise UsageError(
            "there is nothing to send: no FILE, and no --detail",
            hint="edactl put-event events.ndjson, or - to type events here",
        )
    return ["-"]
