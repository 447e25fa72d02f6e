"""`scale apply --rollback`: put back what was there before a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.cli.scale_apply_log import LATEST, applied_runs, named_run
from edactl.cli.scale_apply_report import Report
from edactl.cli.scale_apply_run import run_steps
from edactl.cli.scale_apply_world import World, look
from edactl.core.scaling_policy.plan import notices, refuse_changed_since, refuse_to_orphan
from edactl.core.scaling_policy.service_place import parse_service_place
from edactl.core.scaling_policy.state import changes, other_policies, state_of
from edactl.errors import ExitStatus, UsageError
from edactl.ops.scale_apply import steps

if TYPE_CHECKING:
    from pathlib import Path

    from edactl.cli.context import CommandContext
    from edactl.cli.scale_apply_input import How
    from edactl.core.scaling_policy.run_log import LoggedRun


def roll_back(context: CommandContext, name: str, service: str, how: How) -> int:
    """Put back what was there before a run."""
    wanted = str(parse_service_place(service)) if service else ""
    if name == LATEST:
        path, run, world = _latest(context, wanted, how)
    else:
        path, run = named_run(context.environment, name, wanted)
        world = look(context, parse_service_place(run.header.service), how)
    header = run.header
    if world.service.arn != header.service_arn:
        raise UsageError(
            f"run {header.run_id} was on {header.service_arn}, and this is {world.service.arn}",
            hint=f"--region {header.region}, and the --profile of that account",
        )
    if run.rolled_back_by:
        return _rolled_back_already(context, run, how)
    found, after = state_of(world.deployed, header.policy_name), header.before
    if not how.force:
        refuse_changed_since(run, found)
        refuse_to_orphan(found, after, world.deployed, world.place)
    report = Report(
        action="rollback",
        dry_run=how.dry_run,
        applied=False,
        service=header.service,
        policy_name=header.policy_name,
        before=found,
        after=after,
        changes=changes(found, after),
        steps=steps(found, after, world.place),
        other_policies=other_policies(world.deployed, header.policy_name),
        warnings=notices(found, after, world.deployed, world.service),
        of=header.run_id,
    )
    return run_steps(context, world, report, how, rolled_back=path)


def _latest(context: CommandContext, service: str, how: How) -> tuple[Path, LoggedRun, World]:
    """The newest `apply` on a service of this account and region. Raises UsageError."""
    region = context.session(read_only=True).region
    worlds: dict[str, World] = {}
    for path, run in applied_runs(context.environment, service, region):
        place = run.header.service
        if place not in worlds:
            worlds[place] = look(context, parse_service_place(place), how)
        if worlds[place].service.arn == run.header.service_arn:
            return path, run, worlds[place]
    whose = f" of {service}" if service else ""
    raise UsageError(
        f"no run of scale apply{whose} in this account and region is known here",
        hint="it has to be this machine and user; --rollback RUN names one",
    )


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
