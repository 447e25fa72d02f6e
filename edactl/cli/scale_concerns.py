"""What measuring a queue and its service showed beside the numbers, as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.cli.scale_measured import Found
    from edactl.cli.scale_question import Question
    from edactl.ops.scale_measure import MeasuredQueue, MeasuredService

_FEW_STARTS = 5
_SLOWER = 1.5


def concerns_of_measuring(question: Question, found: Found) -> tuple[str, ...]:
    """Warnings on what was measured."""
    return (
        *(_of_queue(question, found.queue, found.lookback) if found.queue else ()),
        *(_of_service(question, found.service, found.lookback) if found.service else ()),
        *(_of_both(found.queue, found.service) if found.queue and found.service else ()),
    )


def _of_queue(question: Question, queue: MeasuredQueue, lookback: str) -> Iterator[str]:
    from edactl.core.scaling_advice.queue_minutes import never_deleted

    if received := never_deleted(queue.minutes):
        yield (
            f"{received:.0f} messages were received from {question.queue} in {lookback} and none"
            " was deleted: its consumers fail on all of them, and no task more helps"
        )
    groups = max((one for one in queue.minutes.busy_groups if one is not None), default=0.0)
    if groups and question.limits.fifo_groups is None:
        yield (
            f"at most {groups:.0f} message groups of {question.queue} were worked on at once in"
            f" {lookback}: --fifo-groups {groups:.0f}, if no more of them have messages"
        )


def _of_service(question: Question, service: MeasuredService, lookback: str) -> Iterator[str]:
    facts = service.facts
    if facts.running is None:
        yield (
            f"CloudWatch has no data on running tasks of {facts.name} in {lookback}: none ran, or"
            " the name differs"
        )
    if "--task-start-time" not in question.given:
        if facts.start is None:
            yield (
                f"no task of {facts.name} is there to time its start on (ended ones are kept for"
                f" an hour): {question.consumer.start_time} is taken"
            )
        elif facts.start.samples < _FEW_STARTS:
            yield f"the task start time rests on {facts.start.samples} tasks of {facts.name}"
    yield from facts.concerns


def _of_both(queue: MeasuredQueue, service: MeasuredService) -> Iterator[str]:
    from edactl.core.scaling_advice.service_facts import slowdown_with_tasks

    slower = slowdown_with_tasks(queue.minutes, service.minutes.running_tasks)
    if slower is not None and slower > _SLOWER:
        yield (
            f"work takes {slower:.1f} times as long while many tasks run as while few do: something"
            " behind them may be the limit, and more tasks then help little"
        )
