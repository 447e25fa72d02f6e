"""Causes for which a service did not scale out, or its new tasks do not run.

Sources: Application Auto Scaling user guide, "How target tracking scaling works"
(cooldown periods); its API reference, NotScaledReason; ECS developer guide, "Service auto scaling".
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from edactl.core.deployed_scaling import DEFAULT_COOLDOWN_SECONDS
from edactl.core.scaling_story.cause import Cause, clock, decided, show_service, since
from edactl.core.scaling_story.service_events import trouble_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from edactl.core.ecs_service import ServiceEvent
    from edactl.core.scaling_story.facts import Facts

START_TIME = timedelta(minutes=10)
"""Tasks that were wanted longer ago should run. An assumption."""


def tasks_do_not_start(facts: Facts) -> Cause | None:
    """The count was raised, but tasks do not come up, and an event says why."""
    service = facts.service
    if service.running >= service.desired:
        return None
    newest = max(_troubles(facts), default=None, key=lambda one: one.at or facts.since)
    trouble = trouble_in(newest.message) if newest else None
    if newest is None or trouble is None:
        return None
    return Cause(
        trouble.code,
        f"{facts.place} wants {service.desired} tasks and {service.running} run: {trouble.words}",
        trouble.hint.format(service=facts.place.service, cluster=facts.place.cluster),
        newest.at,
    )


def _troubles(facts: Facts) -> Iterator[ServiceEvent]:
    for one in facts.service.events:
        if one.at is not None and one.at >= facts.since and trouble_in(one.message):
            yield one


def tasks_are_missing(facts: Facts) -> Cause | None:
    """Tasks have been wanted for long, do not run, and no event says why."""
    service = facts.service
    wanted = [*(one.started_at for one in facts.scaled[:1]), *_deployed(facts)]
    lately = any(facts.now - moment < START_TIME for moment in wanted)
    if service.running >= service.desired or lately or any(_troubles(facts)):
        return None
    return Cause(
        "tasks_missing",
        f"{facts.place} wants {service.desired} tasks and {service.running} run,"
        f" {service.pending} are starting, and no event says why",
        f"edactl task list --cluster {facts.place.cluster} --status stopped;"
        " edactl task explain TASK",
    )


def _deployed(facts: Facts) -> Iterator[datetime]:
    for one in facts.service.deployments:
        if one.updated_at is not None:
            yield one.updated_at


def at_maximum(facts: Facts) -> Cause | None:
    """More tasks are wanted than may run."""
    alarm, decision = facts.wants("out"), decided(facts, "AlreadyAtMaxCapacity")
    scaling, desired = facts.scaling, facts.service.desired
    if scaling is None or desired < scaling.maximum_tasks or not (alarm or decision):
        return None
    return Cause(
        "at_maximum",
        f"{facts.place} did not scale out: it is at its maximum of {scaling.maximum_tasks} tasks",
        f"edactl scale apply --service {facts.place} … --maximum N, or ask edactl scale advise"
        " what N has to be",
        since(alarm, decision),
    )


def unscalable(facts: Facts) -> Cause | None:
    """ECS said that the service cannot be scaled now."""
    decision = decided(facts, "TargetServicePutResourceAsUnscalable")
    if decision is None:
        return None
    return Cause(
        "unscalable",
        f"ECS let nobody scale {facts.place} at {clock(decision.started_at)}",
        f"{show_service(facts)}: is a deployment going on?",
        decision.started_at,
    )


def cooldown(facts: Facts) -> Cause | None:
    """It scaled out a moment ago, and waits before it does so again."""
    alarm, last = facts.wants("out"), next(iter(facts.scaled), None)
    if alarm is None or last is None:
        return None
    policy = next((one for one in facts.policies if alarm.name in one.alarms), None)
    seconds = policy.configuration.get("ScaleOutCooldown") if policy else None
    wait = seconds if isinstance(seconds, int) else DEFAULT_COOLDOWN_SECONDS
    until = (last.ended_at or last.started_at) + timedelta(seconds=wait)
    if until <= facts.now:
        return None
    return Cause(
        "cooldown",
        f"{facts.place} scaled at {clock(last.started_at)} and waits until {clock(until)} before"
        " it scales out again, unless even more is needed",
        f"edactl scale apply --service {facts.place} … --scale-out-cooldown 60s for a shorter wait",
        last.started_at,
    )
