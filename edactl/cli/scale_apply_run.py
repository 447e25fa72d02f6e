"""`scale apply` and its rollback: look, show, confirm, keep what was, change, report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from edactl.cli.scale_apply_log import RunLogFile, add_line, log_path, named_run, runs
from edactl.cli.scale_apply_report import Report
from edactl.cli.scale_deployed import deployed_scaling
from edactl.cli.signals import graceful_stop
from edactl.core.scaling_policy.deployed import (
    changes,
    other_policies,
    policy_differs,
    state_of,
)
from edactl.core.scaling_policy.plan import (
    change_lines,
    notices,
    refuse_changed_since,
    refuse_other_type,
    refuse_to_orphan,
    wanted_state,
)
from edactl.core.scaling_policy.run_log import RunHeader
from edactl.core.scaling_policy.service_place import parse_service_place
from edactl.core.times import rfc3339
from edactl.errors import EdactlError, ExitStatus, UsageError
from edactl.ops.scale_apply import carry_out, steps

if TYPE_CHECKING:
    from pathlib import Path

    from edactl.aws.app_autoscaling import ScalingTargets
    from edactl.aws.session import AwsSession
    from edactl.cli.context import CommandContext
    from edactl.cli.scale_apply_input import How
    from edactl.core.deployed_scaling import DeployedScaling
    from edactl.core.ecs_service import Service
    from edactl.core.scaling_policy.evidence import Evidence
    from edactl.core.scaling_policy.run_log import LoggedRun
    from edactl.core.scaling_policy.service_place import ServicePlace
    from edactl.core.scaling_policy.wanted import WantedPolicy
    from edactl.ops.scale_apply import Result


class PartlyApplied(EdactlError):
    """Some calls of a run were answered well, a later one was not."""

    status = ExitStatus.PARTLY


@dataclass(frozen=True)
class World:
    """The service as it is, and the way to change it."""

    session: AwsSession
    targets: ScalingTargets
    place: ServicePlace
    service: Service
    deployed: DeployedScaling | None


def apply_policy(context: CommandContext, wanted: WantedPolicy, how: How) -> int:
    """Bring the wanted policy onto its service."""
    from edactl.aws.app_autoscaling import refuse_invalid

    world = _world(context, wanted.place, how)
    found, after = state_of(world.deployed, wanted.policy_name), wanted_state(wanted)
    refuse_other_type(found, after, wanted.place)
    planned = steps(found, after, wanted.place)
    refuse_invalid({one.operation: one.request for one in planned})
    evidence, doubts = None, wanted.warnings
    if policy_differs(found, after):
        evidence, doubts = _evidence(world, wanted, how)
    report = Report(
        action="apply",
        dry_run=how.dry_run,
        applied=False,
        service=str(wanted.place),
        policy_name=wanted.policy_name,
        before=found,
        after=after,
        changes=changes(found, after),
        steps=planned,
        metric=evidence,
        other_policies=other_policies(world.deployed, wanted.policy_name),
        warnings=(*notices(found, after, world.deployed, world.service), *doubts),
    )
    return _run(context, world, report, how)


def roll_back(context: CommandContext, name: str, service: str, how: How) -> int:
    """Put back what was there before a run."""
    wanted_service = str(parse_service_place(service)) if service else ""
    path, run = named_run(context.environment, name, wanted_service)
    header = run.header
    if run.rolled_back_by:
        return _rolled_back_already(context, run, how)
    place = parse_service_place(header.service)
    world = _world(context, place, how)
    if world.service.arn != header.service_arn:
        raise UsageError(
            f"run {header.run_id} was on {header.service_arn}, and this is {world.service.arn}",
            hint=f"--region {header.region}, and the --profile of that account",
        )
    found = state_of(world.deployed, header.policy_name)
    after = header.before
    if not how.force:
        refuse_changed_since(run, found)
        refuse_to_orphan(found, after, world.deployed, place)
    report = Report(
        action="rollback",
        dry_run=how.dry_run,
        applied=False,
        service=header.service,
        policy_name=header.policy_name,
        before=found,
        after=after,
        changes=changes(found, after),
        steps=steps(found, after, place),
        other_policies=other_policies(world.deployed, header.policy_name),
        warnings=notices(found, after, world.deployed, world.service),
        of=header.run_id,
    )
    return _run(context, world, report, how, rolled_back=path)


def _rolled_back_already(context: CommandContext, run: LoggedRun, how: How) -> int:
    header = run.header
    context.messages.note(
        f"run {header.run_id} was rolled back by {run.rolled_back_by}: nothing to do; name an older"
        " run to go further back"
    )
    Report(
        action="rollback",
        dry_run=how.dry_run,
        applied=False,
        service=header.service,
        policy_name=header.policy_name,
        before=None,
        after=header.before,
        of=header.run_id,
    ).emit(context)
    return ExitStatus.DONE


def _world(context: CommandContext, place: ServicePlace, how: How) -> World:
    session = context.session(read_only=how.dry_run)
    from edactl.aws.app_autoscaling import ScalingTargets
    from edactl.aws.ecs_services import EcsServices

    service = EcsServices(session).describe(place.cluster, place.service)
    deployed = deployed_scaling(context, session, place)
    return World(session, ScalingTargets(session), place, service, deployed)


def _evidence(world: World, wanted: WantedPolicy, how: How) -> tuple[Evidence, tuple[str, ...]]:
    """What the metric gave, and the doubts it leaves. Raises GuardError when it gave nothing."""
    from edactl.aws.metric_math import MetricMath
    from edactl.core.scaling_policy.evidence import LOOKED_BACK, doubts, evidence_of, no_data
    from edactl.core.scaling_policy.metric_math import metric_queries

    now = datetime.now(UTC)
    queries = metric_queries(wanted)
    points = MetricMath(world.session).points(
        queries, resource=f"the metric of {wanted.place}", start=now - LOOKED_BACK, end=now
    )
    evidence = evidence_of(queries, points)
    missing = no_data(evidence, wanted)
    if missing and not how.force:
        raise missing
    found = doubts(evidence, wanted, running_tasks=world.service.running, now=now)
    return evidence, (*wanted.warnings, *found, *([missing.message] if missing else []))


def _run(
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
    return _change(context, world, report, rolled_back)


def _show(context: CommandContext, report: Report) -> None:
    messages = context.messages
    for text in change_lines(report.changes):
        messages.note(text)
    held = report.metric.held if report.metric else None
    if held and held.datapoints:
        messages.note(
            f"its metric had {held.datapoints} datapoints in 24 h: {held.latest_value:g} at last,"
            f" {held.highest_value:g} at most"
        )
    for text in report.warnings:
        messages.warn(text)


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
    before = report.before
    assert before is not None  # noqa: S101 -- looked at by both commands
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
        raise result.error
    raise PartlyApplied(
        f"{header.service} is changed in part, by {' and '.join(done)}: {result.error.message}",
        hint=f"{result.error.hint or 'mend that'}; then run it again, or take it back: {undo}",
    )
