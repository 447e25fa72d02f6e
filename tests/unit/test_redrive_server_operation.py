from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from edactl.core.move_task import MoveTask
from edactl.errors import AwsError, NotFound
from edactl.ops.redrive_server import TaskWatch

DLQ = "arn:aws:sqs:eu-west-1:1:dlq"
OLD = MoveTask(DLQ, "COMPLETED", datetime(2026, 11, 1, tzinfo=UTC), 7, 7)
NEW = MoveTask(DLQ, "RUNNING", datetime(2026, 11, 25, tzinfo=UTC), 0, 10, handle="h")


@dataclass
class ScriptedTasks:
    """Tasks as SQS lists them, look by look; the old one is always there."""

    looks: list[MoveTask | None]
    started: list[tuple[str | None, int | None]] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    over: bool = False

    def start(
        self, dlq_arn: str, *, destination_arn: str | None, rate_per_second: int | None
    ) -> str:
        self.started.append((destination_arn, rate_per_second))
        return "h"

    def recent(self, _dlq_arn: str) -> Sequence[MoveTask]:
        if not self.started:
            return [OLD]
        look = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        return [OLD] if look is None else [look, OLD]

    def cancel(self, handle: str, _dlq_arn: str) -> int:
        self.cancelled.append(handle)
        if self.over:
            raise NotFound("it is over", code="ResourceNotFoundException")
        self.looks[:] = [replace(NEW, status="CANCELLED", moved=4)]
        return 4


@dataclass
class Clock:
    now: float = 0.0
    stop_at: float = float("inf")

    def time(self) -> float:
        return self.now

    def stop(self) -> bool:
        return self.now >= self.stop_at

    def wait(self, seconds: float) -> None:
        self.now += seconds


def watched(tasks: ScriptedTasks, clock: Clock, seen: list[int]) -> MoveTask:
    watch = TaskWatch(
        tasks, clock.stop, clock.wait, clock.time, lambda task: seen.append(task.moved)
    )
    return watch.run(DLQ, destination_arn=None, rate_per_second=50)


def test_a_task_is_watched_to_its_end() -> None:
    done = replace(NEW, status="COMPLETED", moved=10)
    tasks, seen = ScriptedTasks([None, replace(NEW, moved=3), done]), list[int]()

    assert watched(tasks, Clock(), seen) == done
    assert seen == [3, 10]
    assert tasks.started == [(None, 50)]


def test_asked_to_stop_sqs_is_asked_to_cancel() -> None:
    tasks = ScriptedTasks([replace(NEW, moved=2)])

    task = watched(tasks, Clock(stop_at=1.0), [])

    assert (task.status, task.moved) == ("CANCELLED", 4)
    assert tasks.cancelled == ["h"]


def test_a_cancel_that_takes_for_ever_is_left_to_sqs_after_a_minute() -> None:
    tasks, clock = ScriptedTasks([NEW], over=True), Clock(stop_at=0.0)

    task = watched(tasks, clock, [])

    assert task.status == "RUNNING"
    assert clock.now >= 60.0
    assert tasks.cancelled == ["h"]


def test_a_task_that_is_never_listed_is_an_error_that_tells_where_to_look() -> None:
    with pytest.raises(AwsError, match="does not list it") as raised:
        watched(ScriptedTasks([None]), Clock(), [])

    assert raised.value.hint == "edactl dlq status dlq"
