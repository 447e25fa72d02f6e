"""What is left when nothing stood in the way: it scaled, it had no reason to, or nobody knows.

How long an alarm may ask before its silence is strange is an assumption.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from edactl.core.scaling_story.cause import Cause, clock, decided, show_service
from edactl.core.scaling_story.missing_data import missing_data

if TYPE_CHECKING:
    from edactl.core.scaling_story.facts import Alarm, Direction, Facts

PATIENCE = timedelta(minutes=5)
"""An alarm that asks for longer without any answer is strange."""
_DIRECTIONS: tuple[Direction, ...] = ("out", "in")


def silent_alarm(facts: Facts) -> Cause | None:
    """An alarm asks, and nothing answers."""
    asking = [alarm for one in _DIRECTIONS if (alarm := facts.wants(one)) is not None]
    alarm = next((one for one in asking if _is_unanswered(facts, one)), None)
    if alarm is None:
        return None
    asks = f"alarm {alarm.name} has asked to scale {facts.place} {alarm.direction}"
    if not alarm.acts:
        return Cause(
            "alarm_disabled",
            f"{asks}, but its actions are disabled",
            f"aws cloudwatch enable-alarm-actions --alarm-names '{alarm.name}'",
            alarm.since,
        )
    return Cause(
        "alarm_silent",
        f"{asks} for {_minutes(facts, alarm)} minutes, and nothing answered, for no reason that can"
        " be seen",
        f"aws cloudwatch describe-alarms --alarm-names '{alarm.name}'",
        alarm.since,
    )


def _is_unanswered(facts: Facts, alarm: Alarm) -> bool:
    since = alarm.since
    if since is None or facts.now - since < PATIENCE:
        return False
    return all(one.started_at < since for one in facts.activities)


def _minutes(facts: Facts, alarm: Alarm) -> int:
    return int((facts.now - (alarm.since or facts.now)) / timedelta(minutes=1))


def scaled(facts: Facts) -> Cause | None:
    """It did scale."""
    last = next(iter(facts.scaled), None)
    if last is None or last.started_at < facts.since:
        return None
    tasks = f"to {last.tasks} tasks " if last.tasks is not None else ""
    return Cause(
        "scaled",
        f"{facts.place} scaled {tasks}at {clock(last.started_at)}: {last.cause or last.message}",
        show_service(facts),
        last.started_at,
    )


def within_target(facts: Facts) -> Cause | None:
    """The alarms and the metrics have data, and ask for nothing."""
    quiet = [one for one in facts.alarms if one.state == "OK"]
    if not quiet or facts.wants("out") or facts.wants("in") or missing_data(facts):
        return None
    queue = facts.queue.name if facts.queue else "QUEUE"
    told = "".join(
        f"; {evidence.held.id} is {evidence.held.latest_value:g}, its target {_target(facts, name)}"
        for name, evidence in facts.metrics
        if evidence.held.latest_value is not None
    )
    return Cause(
        "within_target",
        f"{facts.place} had no reason to scale: its metrics stayed at their targets{told}",
        f"edactl scale advise --service {facts.place} --queue {queue} --latency 2m says whether the"
        " targets fit",
    )


def _target(facts: Facts, policy: str) -> object:
    found = next(one for one in facts.policies if one.name == policy)
    return found.configuration.get("TargetValue")


def as_wanted(facts: Facts) -> Cause | None:
    """The policy asked for the count that there is."""
    decision = decided(facts, "AlreadyAtDesiredCapacity")
    if decision is None:
        return None
    return Cause(
        "as_wanted",
        f"{facts.place} has the {facts.service.desired} tasks that its policy wants",
        show_service(facts),
        decision.started_at,
    )


def nothing_happened(facts: Facts) -> Cause:
    """What is left when no rule has a word."""
    return Cause(
        "unknown",
        f"nothing says why {facts.place} did or did not scale since {clock(facts.since)}",
        "--since 24h to look further back",
    )
