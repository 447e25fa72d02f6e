"""One look at a queue and the service that works on it, and what an operator waits for in it."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.core.times import parse_duration_seconds
from edactl.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

_HINT = "backlog=0, empty, stable, within-slo; in quotes 'running>=4' or 'oldest-age<=30s'"
_COMPARED = re.compile(r"([a-z-]+)\s*(<=|>=|=|<|>)\s*(\S+)")
_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}


@dataclass(frozen=True)
class Look:
    """A queue's counts (approximate), its service's tasks, and how much of the latency is used.

    `oldest_age_seconds` comes from CloudWatch, a minute or more late; null where it has no data.
    `slo_used` is that age over the latency. `slo_burn` is the share of the last hour's looks in
    which the oldest message was late, over the share of messages that may be: above 1 the
    latency's budget runs out. Both are null without a latency.
    """

    at: datetime
    queue: str
    service: str
    visible: int
    in_flight: int
    delayed: int
    backlog_per_task: float
    target: float | None
    running_tasks: int
    desired_tasks: int
    pending_tasks: int
    minimum_tasks: int | None
    maximum_tasks: int | None
    deployments: int
    oldest_age_seconds: float | None
    latency_seconds: float | None
    slo_used: float | None = None
    slo_burn: float | None = None

    @property
    def within_slo(self) -> bool:
        """Whether no message is known to wait longer than the latency; an unknown age is not."""
        if self.oldest_age_seconds is None:
            return self.visible == 0
        return self.latency_seconds is None or self.oldest_age_seconds <= self.latency_seconds

    @property
    def is_stable(self) -> bool:
        """As `aws ecs wait services-stable` has it: one deployment, and every task that is wanted.

        Source: botocore's waiter ServicesStable.
        """
        return self.deployments == 1 and self.running_tasks == self.desired_tasks

    @property
    def is_empty(self) -> bool:
        """Whether no message is visible, in flight or delayed."""
        return not (self.visible or self.in_flight or self.delayed)


_VALUES: dict[str, Callable[[Look], float | None]] = {
    "backlog": lambda look: look.visible,
    "in-flight": lambda look: look.in_flight,
    "delayed": lambda look: look.delayed,
    "backlog-per-task": lambda look: look.backlog_per_task,
    "running": lambda look: look.running_tasks,
    "desired": lambda look: look.desired_tasks,
    "pending": lambda look: look.pending_tasks,
    "oldest-age": lambda look: look.oldest_age_seconds,
}
_STATES: dict[str, Callable[[Look], bool]] = {
    "empty": lambda look: look.is_empty,
    "stable": lambda look: look.is_stable,
    "within-slo": lambda look: look.within_slo,
}


@dataclass(frozen=True)
class Condition:
    """Something to wait for; `text` is how it was typed."""

    text: str
    holds: Callable[[Look], bool]

    def __str__(self) -> str:
        return self.text


def parse_condition(text: str) -> Condition:
    """`backlog=0`, `running>=4`, `oldest-age<=30s`, `empty`, `stable` or `within-slo`.

    A comparison with a value that is not known does not hold. Raises UsageError.
    """
    if text in _STATES:
        return Condition(text, _STATES[text])
    match = _COMPARED.fullmatch(text)
    if match is None or match[1] not in _VALUES:
        raise UsageError(f'--wait-for "{text}" is no condition', hint=_HINT)
    value, compare, wanted = _VALUES[match[1]], _OPERATORS[match[2]], _number(match[3], text)

    def holds(look: Look) -> bool:
        found = value(look)
        return found is not None and compare(found, wanted)

    return Condition(text, holds)


def _number(text: str, whole: str) -> float:
    try:
        return parse_duration_seconds(text)
    except InputError:
        raise UsageError(f'--wait-for "{whole}" compares with no number', hint=_HINT) from None


def slo_burn(late: Sequence[bool], percentile: float) -> float | None:
    """The share of looks that were late, over the share that may be; None without a look."""
    if not late:
        return None
    return round(sum(late) / len(late) / (1 - percentile / 100), 3)
