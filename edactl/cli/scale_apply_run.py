"""A run of `scale apply` or its rollback: show, confirm, keep what was, change, report."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from edactl.cli.scale_apply_log import RunLogFile, add_line, log_path, runs
from edactl.cli.scale_apply_report import Report
from edactl.cli.scale_deployed import deployed_scaling
from edactl.cli.signals import graceful_stop
from edactl.core.readable import harmless
from edactl.core.scaling_policy.plan import change_lines, refuse_changed_meanwhile
from edactl.core.scaling_policy.run_log import RunHeader
from edactl.core.scaling_policy.state import state_of
from edactl.core.times import rfc3339
from edactl.errors import EdactlError, ExitStatus
from edactl.ops.scale_apply import carry_out

if TYPE_CHECKING:
    from pathlib import Path

    from edactl.cli.context import CommandContext
    from edactl.cli.scale_apply_input import How
    from edactl.cli.scale_apply_world import World
    from edactl.core.scaling_policy.state import State
    from edactl.ops.scale_apply import Result


class PartlyApplied(EdactlError):
    """Some calls of a run were answered well, a later one was not."""

    status = ExitStatus.PARTLY


def run_steps(
    context: CommandContext, world: World, report: Report, how: How, rolled_back: Path | None = None
) -> int:
    """Show, confirm, change and report; `rolled_back` is the log of the run that is taken back."""
    messages = context.messages
    if not report.steps:
        messages.note(f"{report.service} is as it should be: nothing to do")
        report.emit(context)
        return ExitStatus.DONE
    _show(context, report)
    if how.dry_run:
        messages.note("dry run: nothing was changed")
        report.emit(context)
        return ExitStatus.DONE
    verb = "Apply this to" if report.action == "apply" else "Put this back on"
    messages.confirm(f"{verb} {report.service}?", yes=how.yes)
    if not how.yes:  # an answer may have taken long
        found = state_of(deployed_scaling(context, world.session, world.place), report.policy_name)
        refuse_changed_meanwhile(_shown(report), found, world.place)
    return _change(context, world, report, rolled_back)


def _shown(report: Report) -> State:
    """What was there when the operator was shown the changes."""
    assert report.before is not None  # noqa: S101 -- only --write does not look
    return report.before


def _show(context: CommandContext, report: Report) -> None:
    messages = context.messages
    for text in change_lines(report.changes):
        messages.note(harmless(text))
    held = report.metric.held if report.metric else None
    if held and held.datapoints:
        messages.note(
            f"its metric had {held.datapoints} datapoints in 24 h: {held.latest_value:g} at last,"
            f" {held.highest_value:g} at most"
        )
    for text in report.warnings:
        messages.warn(harmless(text))


def _change(context: CommandContext, world: World, report: Report, rolled_back: Path | None) -> int:
    now = datetime.now(UTC)
    header = _header(context, world, report, now)
    log = RunLogFile(log_path(context.environment, header.run_id), header)
    with graceful_stop() as stop:  # two short calls: a signal waits for them
        result = carry_out(report.steps, world.targets, log)
    done = any(one.status == "done" for one in result.steps)
    done_report = replace(
        report, applied=done, steps=result.steps, run_id=header.run_id, backup=str(log.path)
    )
    if result.error is None and rolled_back:
        add_line(rolled_back, {"rolled_back_by": header.run_id})
    done_report.emit(context)
    _conclude(context, header, result)
    return stop.status


def _header(context: CommandContext, world: World, report: Report, now: datetime) -> RunHeader:
    """The header of a new run. What a run left open was before is what was before this one too."""
    before = _shown(report)
    same = (
        run
        for _, run in runs(context.environment)
        if run.header.service_arn == world.service.arn
        and run.header.policy_name == report.policy_name
    )
    last = next(same, None)
    if report.action == "apply" and last and last.is_half_way(before):
        context.messages.note(
            f"run {last.header.run_id} had not ended: a rollback goes back to before it"
        )
        before = last.header.before
    return RunHeader(
        run_id=f"{now:%Y%m%dT%H%M%S.%fZ}",
        kind="apply" if report.action == "apply" else "rollback",
        service_arn=world.service.arn,
        region=world.session.region,
        service=report.service,
        policy_name=report.policy_name,
        before=before,
        after=report.after,
        started_at=rfc3339(now),
        of=report.of,
    )


def _conclude(context: CommandContext, header: RunHeader, result: Result) -> None:
    """Say how to undo it; raise the error that stopped it."""
    undo = f"edactl scale apply --rollback {header.run_id}"
    if result.error is None:
        context.messages.note(f"done; to undo: {undo}")
        return
    done = [one.operation for one in result.steps if one.status == "done"]
    if not done:
        context.messages.note(f"should it have happened all the same, this takes it back: {undo}")
        raise result.error
    raise PartlyApplied(
        f"{header.service} is changed in part, by {' and '.join(done)}: {result.error.message}",
        hint=f"{result.error.hint or 'mend that'}; then run it again, or take it back: {undo}",
    )
