"""One timeline of what happened to a service, from everything that tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from edactl.core.scaling_story.facts import Activity, Facts, NotScaled

Source = Literal["verdict", "activity", "not scaled", "alarm", "deployment", "service", "task"]


@dataclass(frozen=True)
class Moment:
    """Something that happened, who tells of it, and what it was."""

    at: datetime
    source: Source
    what: str


def timeline(facts: Facts) -> tuple[Moment, ...]:
    """What happened from `since` on, the oldest first; alarms also as they are."""
    found = [
        *map(_activity, facts.activities),
        *_alarms(facts),
        *_deployments(facts),
        *_events(facts),
        *_protected(facts),
    ]
    return tuple(sorted((one for one in found if one.at >= facts.since), key=lambda one: one.at))


def _activity(activity: Activity) -> Moment:
    if activity.not_scaled:
        reasons = ", ".join(map(reason_in_words, activity.not_scaled))
        return Moment(activity.started_at, "not scaled", f"{reasons}; {activity.cause}")
    outcome = activity.message if activity.status == "Failed" else activity.cause
    what = f"{activity.description.rstrip('.')} ({activity.status.lower()}): {outcome}"
    return Moment(activity.started_at, "activity", what)


def reason_in_words(reason: NotScaled) -> str:
    """A reason with the numbers that AWS gives to it."""
    numbers = {"now": reason.current, "minimum": reason.minimum, "maximum": reason.maximum}
    told = ", ".join(f"{name} {value}" for name, value in numbers.items() if value is not None)
    return f"{reason.code} ({told})" if told else reason.code


def _alarms(facts: Facts) -> Iterator[Moment]:
    for change in facts.alarm_changes:
        words = f"{change.alarm}: {change.before} → {change.after}: {change.reason}"
        yield Moment(change.at, "alarm", words)
    told = {(one.alarm, one.after) for one in facts.alarm_changes}
    for alarm in facts.alarms:
        if alarm.since is not None and (alarm.name, alarm.state) not in told:
            since = max(alarm.since, facts.since)
            yield Moment(since, "alarm", f"{alarm.name} is {alarm.state}: {alarm.reason}")


def _deployments(facts: Facts) -> Iterator[Moment]:
    for one in facts.service.deployments:
        if one.updated_at is not None:
            rollout = f" {one.rollout}" if one.rollout else ""
            tasks = f"{one.running} of {one.desired} tasks run, {one.failed} failed"
            what = f"{one.status}{rollout} {one.task_definition}: {tasks}"
            yield Moment(one.updated_at, "deployment", what)


def _events(facts: Facts) -> Iterator[Moment]:
    for one in facts.service.events:
        if one.at is not None:
            yield Moment(one.at, "service", one.message)


def _protected(facts: Facts) -> Iterator[Moment]:
    for one in facts.protected:
        until = f" until {one.until:%Y-%m-%d %H:%M}Z" if one.until else ""
        yield Moment(facts.now, "task", f"{one.task} is protected from scale-in{until}")
