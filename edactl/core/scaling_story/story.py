"""The story of a service's scaling: one sentence, its causes, and the timeline behind it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.core.scaling_story import inward_causes, outcome_causes, outward_causes, setup_causes
from edactl.core.scaling_story.missing_data import missing_data
from edactl.core.scaling_story.timeline import Moment, timeline

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from edactl.core.scaling_story.cause import Cause
    from edactl.core.scaling_story.facts import Facts

_RULES: tuple[Callable[[Facts], Cause | None], ...] = (
    setup_causes.not_registered,
    setup_causes.no_policy,
    setup_causes.suspended,
    setup_causes.failed_activity,
    outward_causes.tasks_do_not_start,
    outward_causes.at_maximum,
    outward_causes.tasks_are_missing,
    missing_data,
    outward_causes.unscalable,
    inward_causes.scale_in_disabled,
    inward_causes.policies_disagree,
    inward_causes.deployment,
    inward_causes.protected,
    outward_causes.cooldown,
    inward_causes.flapping,
    inward_causes.at_minimum,
    outcome_causes.silent_alarm,
    outcome_causes.scaled,
    outcome_causes.as_wanted,
    outcome_causes.within_target,
)


@dataclass(frozen=True)
class Story:
    """Why a service did or did not scale.

    `verdict` is the sentence of the first cause, `next` what to type, `code` its stable name.
    `unread` names what could not be read, and why. Task counts are those of now.
    """

    service: str
    verdict: str
    code: str
    next: str
    desired_tasks: int
    running_tasks: int
    minimum_tasks: int | None
    maximum_tasks: int | None
    visible_messages: int | None
    since: datetime
    causes: tuple[Cause, ...]
    timeline: tuple[Moment, ...]
    unread: tuple[str, ...] = ()


def explain(facts: Facts, unread: tuple[str, ...] = ()) -> Story:
    """The story of these facts."""
    found = [cause for rule in _RULES if (cause := rule(facts)) is not None]
    found = found or [outcome_causes.nothing_happened(facts)]
    scaling, first = facts.scaling, found[0]
    return Story(
        service=str(facts.place),
        verdict=first.sentence + _waiting(facts),
        code=first.code,
        next=first.hint,
        desired_tasks=facts.service.desired,
        running_tasks=facts.service.running,
        minimum_tasks=scaling.minimum_tasks if scaling else None,
        maximum_tasks=scaling.maximum_tasks if scaling else None,
        visible_messages=facts.queue.visible if facts.queue else None,
        since=facts.since,
        causes=tuple(found),
        timeline=timeline(facts),
        unread=unread,
    )


def _waiting(facts: Facts) -> str:
    if facts.queue is None:
        return ""
    each = facts.queue.visible / max(1, facts.service.running)
    return (
        f"; {facts.queue.visible} messages wait in {facts.queue.name}, {each:.3g} for each task"
        f" that runs"
    )
