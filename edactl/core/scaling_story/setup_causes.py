"""Causes in how scaling is set up: nothing can scale, or nothing may.

Sources: Application Auto Scaling user guide, "Register a scalable target", "Suspend and resume
scaling"; its API reference, ScalingActivity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.core.scaling_story.cause import Cause, clock, show_service

if TYPE_CHECKING:
    from edactl.core.scaling_story.facts import Facts


def not_registered(facts: Facts) -> Cause | None:
    """Without a scalable target nothing scales."""
    if facts.scaling is not None:
        return None
    return Cause(
        "not_registered",
        f"{facts.place} is not behind Application Auto Scaling: nothing scales it",
        _apply(facts),
    )


def no_policy(facts: Facts) -> Cause | None:
    """A target without policies is changed by hand and by schedule alone."""
    if facts.scaling is None or facts.policies:
        return None
    tasks = f"{facts.scaling.minimum_tasks} to {facts.scaling.maximum_tasks}"
    return Cause(
        "no_policy",
        f"{facts.place} may have {tasks} tasks, but has no policy that scales it",
        _apply(facts),
    )


def suspended(facts: Facts) -> Cause | None:
    """Suspended scaling does not act, whatever the alarms say."""
    words = facts.scaling.suspended if facts.scaling else ()
    dynamic = [one for one in words if one != "scheduled scaling"]
    wanted = [f"scale-{one}" for one in ("out", "in") if facts.wants(one)]
    if not dynamic or (wanted and not set(wanted) & set(dynamic)):
        return None
    resume = ",".join(f"DynamicScaling{one[6:].title()}Suspended=false" for one in dynamic)
    return Cause(
        "suspended",
        f"{' and '.join(dynamic)} of {facts.place} is suspended",
        "aws application-autoscaling register-scalable-target --service-namespace ecs"
        " --scalable-dimension ecs:service:DesiredCount"
        f" --resource-id {facts.place.resource_id} --suspended-state {resume}",
    )


def failed_activity(facts: Facts) -> Cause | None:
    """The newest activity could not be carried out."""
    last = facts.last_decision
    if last is None or last.not_scaled or last.status not in {"Failed", "Unfulfilled"}:
        return None
    return Cause(
        "activity_failed",
        f"the last scaling of {facts.place} failed at {clock(last.started_at)}:"
        f" {last.message or last.description}",
        show_service(facts),
        last.started_at,
    )


def _apply(facts: Facts) -> str:
    queue = facts.queue.name if facts.queue else "QUEUE"
    return (
        f"edactl scale apply --service {facts.place} --queue {queue} --target-value N --minimum N"
        " --maximum N"
    )
