"""`scale apply`: bring the wanted policy onto its service."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from edactl.cli.scale_apply_report import Report
from edactl.cli.scale_apply_run import run_steps
from edactl.cli.scale_apply_world import World, look
from edactl.core.scaling_policy.plan import notices, refuse_other_type, wanted_state
from edactl.core.scaling_policy.state import (
    changes,
    other_policies,
    policy_differs,
    state_of,
)
from edactl.ops.scale_apply import steps

if TYPE_CHECKING:
    from edactl.cli.context import CommandContext
    from edactl.cli.scale_apply_input import How
    from edactl.core.scaling_policy.evidence import Evidence
    from edactl.core.scaling_policy.wanted import WantedPolicy


def apply_policy(context: CommandContext, wanted: WantedPolicy, how: How) -> int:
    """Bring the wanted policy onto its service."""
    from edactl.aws.app_autoscaling import refuse_invalid

    world = look(context, wanted.place, how)
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
    return run_steps(context, world, report, how)


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
