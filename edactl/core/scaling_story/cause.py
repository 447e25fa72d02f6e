"""One cause for which a service did or did not scale, and what the rules share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from edactl.core.scaling_story.facts import Activity, Alarm, Facts


@dataclass(frozen=True)
class Cause:
    """One cause: a stable code, a sentence, what to type next, and since when it holds."""

    code: str
    sentence: str
    hint: str
    at: datetime | None = None


def clock(moment: datetime) -> str:
    """A moment as sentences have it."""
    return f"{moment:%Y-%m-%d %H:%M}Z"


def show_service(facts: Facts) -> str:
    """The command that shows the service."""
    return f"edactl service show {facts.place}"


def decided(facts: Facts, code: str) -> Activity | None:
    """The newest activity, when it was a decision for this reason."""
    last = facts.last_decision
    if last is not None and any(one.code == code for one in last.not_scaled):
        return last
    return None


def since(alarm: Alarm | None, decision: Activity | None) -> datetime | None:
    """Since when: of the alarm, else of the decision."""
    if alarm is not None:
        return alarm.since
    return decision.started_at if decision else None
