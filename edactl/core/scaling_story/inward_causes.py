"""Causes for which a service did not scale in, or its old tasks go on.

Sources: Application Auto Scaling user guide, "How target tracking scaling works" (several policies,
scale-in); its API reference, NotScaledReason; ECS developer guide, "Service auto scaling"
(deployments) and "Protect your tasks from being terminated by scale-in events".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.core.scaling_story.cause import Cause, clock, decided, show_service, since

if TYPE_CHECKING:
    from edactl.core.deployed_scaling import DeployedPolicy
    from edactl.core.scaling_story.facts import Alarm, Facts


def _asks_in_vain(facts: Facts) -> Alarm | None:
    """The alarm that asks for fewer tasks than there are, where fewer may run."""
    if facts.scaling is None or facts.service.desired <= facts.scaling.minimum_tasks:
        return None
    return facts.wants("in")


def scale_in_disabled(facts: Facts) -> Cause | None:
    """The policy that asks for fewer tasks may not take any away."""
    alarm = _asks_in_vain(facts)
    for policy in facts.policies:
        off = policy.configuration.get("DisableScaleIn") is True
        if alarm and off and alarm.name in policy.alarms:
            return Cause(
                "scale_in_disabled",
                f"{facts.place} did not scale in: policy {policy.name} has scale-in disabled",
                f"edactl scale apply --service {facts.place} … --policy-name {policy.name}",
                alarm.since,
            )
    return None


def policies_disagree(facts: Facts) -> Cause | None:
    """Of several target tracking policies all must agree to scale in."""
    alarm = _asks_in_vain(facts)
    tracking = [one for one in facts.policies if one.kind == "TargetTrackingScaling"]
    asks = [one for one in tracking if _asks(facts, one)]
    against = [one for one in tracking if one not in asks]
    if alarm is None or not asks or not against:
        return None
    names = " and ".join(one.name for one in against)
    return Cause(
        "policies_disagree",
        f"{facts.place} did not scale in: policy {asks[0].name} asks for it, {names} does not, and"
        " all must agree",
        f"{show_service(facts)} --query scaling",
        alarm.since,
    )


def _asks(facts: Facts, policy: DeployedPolicy) -> bool:
    return any(one.state == "ALARM" and one.direction == "in" for one in facts.alarms_of(policy))


def deployment(facts: Facts) -> Cause | None:
    """Scale-in is off while a deployment is going on; scale-out is not."""
    alarm = _asks_in_vain(facts)
    rolling = [one for one in facts.service.deployments if one.rollout == "IN_PROGRESS"]
    if alarm is None or not rolling:
        return None
    return Cause(
        "deployment",
        f"{facts.place} did not scale in: a deployment of {rolling[0].task_definition} is going"
        " on, and scale-in waits for its end",
        show_service(facts),
        rolling[0].updated_at,
    )


def protected(facts: Facts) -> Cause | None:
    """The count was lowered, but protected tasks go on."""
    service, count = facts.service, len(facts.protected)
    if not count or service.running <= service.desired:
        return None
    until = [one.until for one in facts.protected if one.until]
    last = f" until {clock(max(until))} at most" if until else ""
    return Cause(
        "protected",
        f"{facts.place} wants {service.desired} tasks and {service.running} run: {count} are"
        f" protected from scale-in{last}",
        "wait for their work to end; aws ecs update-task-protection --no-protection-enabled"
        " gives it up",
    )


def flapping(facts: Facts) -> Cause | None:
    """One task less would push the metric over its target again."""
    decision = decided(facts, "AutoScalingAnticipatedFlapping")
    if decision is None:
        return None
    return Cause(
        "flapping",
        f"{facts.place} did not scale in at {clock(decision.started_at)}: with fewer tasks the"
        " metric would be over its target again",
        "nothing; if it keeps too many tasks, edactl scale simulate compares targets",
        decision.started_at,
    )


def at_minimum(facts: Facts) -> Cause | None:
    """Fewer tasks are wanted than must run."""
    alarm, decision = facts.wants("in"), decided(facts, "AlreadyAtMinCapacity")
    scaling, desired = facts.scaling, facts.service.desired
    if scaling is None or desired > scaling.minimum_tasks or not (alarm or decision):
        return None
    return Cause(
        "at_minimum",
        f"{facts.place} has little to do, and is at its minimum of {scaling.minimum_tasks} tasks",
        f"nothing, or edactl scale apply --service {facts.place} … --minimum N",
        since(alarm, decision),
    )
