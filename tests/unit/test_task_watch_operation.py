"""Watching and reading on fakes that fail as AWS does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from math import inf

import pytest

from edactl.core.task import LogStream, Task, TaskContainer
from edactl.core.task_log import LogLine, LogPage
from edactl.errors import AccessDenied, AwsError, Throttled
from edactl.ops.task_log_follow import LogFollow, Timing, quiet_seconds_after
from edactl.ops.task_watch import TaskWatch, Watched

APP = LogStream("app", "/ecs/app", "ecs/app/t1")
RUNNING = Task("arn:t1", "arn:jobs", "arn:td", "RUNNING")
ENDED = Task(
    "arn:t1", "arn:jobs", "arn:td", "STOPPED", containers=(TaskContainer("app", "STOPPED", 0),)
)
THROTTLED = Throttled("slow down", code="ThrottlingException")
DENIED = AccessDenied("no", code="AccessDeniedException", action="logs:GetLogEvents")


@dataclass
class FakeTasks:
    """Answers in order; the last one stays."""

    answers: list[Task | AwsError]
    looks: int = 0

    def describe(self, cluster: str, arns: Sequence[str], /) -> list[Task]:
        self.looks += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, AwsError):
            raise answer
        return [answer]

    def stop(self, cluster: str, arn: str, reason: str, /) -> None:
        raise AssertionError(arn)


@dataclass
class FakeLogs:
    """A stream whose pages, or errors, come in order; then it is at its end."""

    answers: list[LogPage | AwsError]
    sweep: list[LogLine] | AwsError = field(default_factory=list)

    def read(self, stream: LogStream, token: str | None, /) -> LogPage | None:
        if not self.answers:
            return LogPage((), token or "f/0")
        answer = self.answers.pop(0)
        if isinstance(answer, AwsError):
            raise answer
        return answer

    def since(self, stream: LogStream, start: int, /) -> list[LogLine]:
        if isinstance(self.sweep, AwsError):
            raise self.sweep
        return self.sweep


@dataclass
class Clock:
    now: float = 0.0

    def wait(self, seconds: float) -> None:
        self.now += seconds

    @property
    def timing(self) -> Timing:
        return Timing(lambda: self.now, self.wait, lambda: 0.5)


def watch(tasks: FakeTasks, clock: Clock, warnings: list[str]) -> Watched:
    logs = LogFollow(FakeLogs([]), [], lambda _stream, _line: None, warnings.append)
    return TaskWatch(
        tasks,
        "jobs",
        logs,
        clock.timing,
        lambda: False,
        inf,
        None,
        keep=False,
        note=lambda _text: None,
        warn=warnings.append,
    ).until_stopped(RUNNING)


def line(number: int) -> LogLine:
    return LogLine(number, number, f"line {number}")


def test_an_ecs_that_does_not_answer_for_a_while_is_asked_again() -> None:
    tasks = FakeTasks([RUNNING, THROTTLED, THROTTLED, RUNNING, THROTTLED, ENDED])

    watched = watch(tasks, Clock(), [])

    assert watched == Watched(ENDED)
    assert tasks.looks == 6


def test_an_ecs_that_does_not_answer_for_five_minutes_is_an_error() -> None:
    clock, warnings = Clock(), list[str]()

    with pytest.raises(Throttled):
        watch(FakeTasks([THROTTLED]), clock, warnings)

    assert 300 < clock.now < 330
    assert warnings == ["task arn:t1 may still run: edactl task show arn:t1"]


def test_a_throttled_reading_goes_on_where_it_was() -> None:
    given, warnings = list[LogLine](), list[str]()
    logs = FakeLogs([LogPage((line(1),), "f/1"), THROTTLED, LogPage((line(2),), "f/2")])
    follow = LogFollow(logs, [APP], lambda _stream, one: given.append(one), warnings.append)

    follow.read()
    assert given == [line(1)]
    follow.read()

    assert given == [line(1), line(2)]
    assert warnings == []


def test_a_long_stream_does_not_keep_the_watch_from_looking() -> None:
    given = list[LogLine]()
    logs = FakeLogs([LogPage((line(number),), f"f/{number}") for number in range(200)])
    follow = LogFollow(logs, [APP], lambda _stream, one: given.append(one), list[str]().append)

    assert follow.read()
    assert len(given) == 50


def test_a_sweep_that_is_refused_is_told() -> None:
    given, warnings, clock = list[LogLine](), list[str](), Clock()
    logs = FakeLogs([LogPage((line(1),), "f/1")], sweep=DENIED)
    follow = LogFollow(logs, [APP], lambda _stream, one: given.append(one), warnings.append)

    follow.drain(ENDED, clock.timing)

    assert given == [line(1)]
    assert warnings == ["the lines of container app are not shown: no"]
    assert clock.now >= 10


def test_a_sweep_gives_what_reading_missed() -> None:
    given = list[LogLine]()
    logs = FakeLogs([LogPage((line(2),), "f/2")], sweep=[line(1), line(2)])
    follow = LogFollow(logs, [APP], lambda _stream, one: given.append(one), list[str]().append)

    follow.drain(ENDED, Clock().timing)

    assert given == [line(2), line(1)]


@dataclass
class LateLogs:
    """A stream that is made with its first line, at ten seconds."""

    clock: Clock

    def read(self, stream: LogStream, token: str | None, /) -> LogPage | None:
        return LogPage((line(1),), "f/1") if self.clock.now >= 10 else None

    def since(self, stream: LogStream, start: int, /) -> list[LogLine]:
        return []


def test_a_stream_that_comes_with_the_end_of_the_wait_is_read() -> None:
    given, warnings, clock = list[LogLine](), list[str](), Clock()
    follow = LogFollow(
        LateLogs(clock), [APP], lambda _stream, one: given.append(one), warnings.append
    )

    follow.drain(ENDED, clock.timing)

    assert (given, warnings, clock.now) == ([line(1)], [], 10)


def test_what_ecs_took_to_stop_a_task_counts_as_quiet() -> None:
    ended = datetime(2026, 6, 1, 12, tzinfo=UTC)

    def quiet_seconds(seconds: float) -> float:
        stopped = ended + timedelta(seconds=seconds)
        return quiet_seconds_after(replace(ENDED, execution_stopped_at=ended, stopped_at=stopped))

    assert [quiet_seconds(one) for one in (-5, 0, 4, 60)] == [10, 10, 6, 1]


def test_the_streams_of_a_task_that_never_ran_are_not_waited_for() -> None:
    assert quiet_seconds_after(RUNNING) == 1.0
    assert quiet_seconds_after(ENDED) == 10.0
