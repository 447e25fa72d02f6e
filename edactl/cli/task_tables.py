"""Tasks and services as a person reads them: a line for each thing, and nothing that is empty.

Scripts get the records themselves; these are for tables that nobody queries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.core.record import record_of, to_json_value
from edactl.core.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from edactl.cli.context import CommandContext
    from edactl.core.ecs_service import Service
    from edactl.core.record import JsonValue
    from edactl.core.task import Task, TaskContainer, Timeline
    from edactl.core.task_result import TaskResult


def emit_task_result(context: CommandContext, result: TaskResult) -> None:
    """Write how a task ended."""
    emitter = context.emitter
    if emitter.resolve("json") == "text":
        emitter.outcome(result)
        return
    _emit(context, record_of(result), dict(_result_rows(result)))


def emit_task(context: CommandContext, record: Mapping[str, JsonValue], task: Task) -> None:
    """Write a task as it is; `record` is what scripts get."""
    rows = {name: value for name, value in record.items() if name not in {"containers", "tags"}}
    rows |= dict(_container_rows(task.containers))
    rows |= {f"tag {name}": value for name, value in (task.tags or {}).items()}
    _emit(context, record, rows)


def emit_service(context: CommandContext, service: Service) -> None:
    """Write a service as it is."""
    record = record_of(service)
    nested = {"deployments", "events", "scaling", "scaling_summary"}
    rows = {name: value for name, value in record.items() if name not in nested}
    rows["scaling"] = service.scaling_summary
    for number, one in enumerate(service.deployments, start=1):
        state = " ".join(filter(None, [one.status, one.rollout, one.task_definition]))
        counts = f"{one.running} of {one.desired} running, {one.pending} pending"
        reason = f": {one.reason}" if one.reason else ""
        rows[f"deployment {number}"] = f"{state}, {counts}, {one.failed} failed{reason}"
    for number, event in enumerate(service.events, start=1):
        at = f"{rfc3339(event.at)} " if event.at else ""
        rows[f"event {number}"] = f"{at}{event.message}"
    _emit(context, record, rows)


def _emit(
    context: CommandContext, record: Mapping[str, JsonValue], rows: Mapping[str, JsonValue]
) -> None:
    emitter = context.emitter
    if emitter.resolve("json") != "table" or emitter.query is not None:
        emitter.result(record)
        return
    emitter.result({name: value for name, value in rows.items() if value not in (None, "", [])})


def _result_rows(result: TaskResult) -> Iterator[tuple[str, JsonValue]]:
    yield from (
        (name, to_json_value(value))
        for name, value in {
            "task": result.task_arn,
            "cluster": result.cluster,
            "task_definition": result.task_definition,
            "outcome": result.outcome or "not ended",
            "exit_code": result.exit_code,
            "explanation": result.explanation,
            "stop_code": result.stop_code,
            "stopped_reason": result.stopped_reason,
        }.items()
    )
    yield from _container_rows(result.containers)
    for one in result.attempts[:-1]:
        yield f"attempt_{one.number}", f"on {one.capacity_provider}: {one.explanation}"
    yield "capacity_provider", result.capacity_provider
    yield "network_interface", result.network_interface_id
    yield "time", _times(result.timeline)
    yield "cost_usd", _cost(result)
    for stream in result.log_streams:
        yield f"log_of_{stream.container}", f"{stream.group} {stream.stream}"


def _container_rows(containers: tuple[TaskContainer, ...]) -> Iterator[tuple[str, JsonValue]]:
    for one in containers:
        code = [] if one.exit_code is None else [f"exit code {one.exit_code}"]
        known = [one.last_status or "", *code, one.reason or ""]
        said = [*known, "" if one.essential else "not essential"]
        yield f"container {one.name}", ", ".join(word for word in said if word)


def _times(timeline: Timeline) -> str:
    parts = {
        "queued": timeline.queued_seconds,
        "pull": timeline.pull_seconds,
        "start": timeline.start_seconds,
        "run": timeline.run_seconds,
    }
    known = {name: seconds for name, seconds in parts.items() if seconds is not None}
    return ", ".join(f"{name} {seconds:g} s" for name, seconds in known.items())


def _cost(result: TaskResult) -> str:
    amount = "-" if result.cost_usd is None else f"{result.cost_usd:.6f}".rstrip("0").rstrip(".")
    return f"{amount} ({result.cost_note})" if result.cost_note else amount
