"""A small ECS for task maps: what each launch and each task does is written down; time is a number.

Calls are made as they are asked for, and their answers come at once. The clock moves when the map
waits.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from edactl.core.fargate_prices import PRICES
from edactl.core.task import (
    ContainerDefinition,
    LaunchAnswer,
    LaunchFailure,
    Task,
    TaskContainer,
    TaskDefinition,
)
from edactl.core.task_map import ItemRun, MapPolicy
from edactl.core.task_map_item import MapItem, Templates
from edactl.core.task_map_journal import ItemsFile, MapHeader
from edactl.core.task_map_record import ItemRecord, MapTally
from edactl.core.task_map_state import MapState, read_state
from edactl.core.task_request import Overrides, TaskRequest, strategy_of
from edactl.errors import AwsError, Unreachable
from edactl.ops.task_map import MapPlan, TaskMap, Unfinished
from edactl.ops.task_map_ports import Answer, MapTiming

EPOCH = 1_780_315_200.0
CAPACITY = "Capacity is unavailable at this time. Please try again later"
DEFINITION = TaskDefinition(
    "arn:aws:ecs:us-east-1:000000000000:task-definition/orders:7",
    "orders",
    7,
    network_mode="awsvpc",
    compatibilities=("FARGATE",),
    containers=(ContainerDefinition("app"),),
)
REQUEST = TaskRequest("jobs", DEFINITION.arn, Overrides("app"), "map", launch_type="FARGATE")
ON_SPOT = replace(REQUEST, launch_type=None, strategy=strategy_of("FARGATE_SPOT"))
ENDS = {
    "succeeds": ("EssentialContainerExited", "Essential container in task exited", 0),
    "fails": ("EssentialContainerExited", "Essential container in task exited", 3),
    "is interrupted": ("SpotInterruption", "Your Spot Task was interrupted.", 143),
    "never starts": ("TaskFailedToStart", "CannotPullContainerError: not found", None),
    "starts later": (
        "TaskFailedToStart",
        "Timeout waiting for network interface provisioning to complete",
        None,
    ),
}


@dataclass
class Answering:
    """How one RunTask is answered: so many tasks, each with its end, the rest with a failure.

    With `error` the answer is lost after that; with `refused` nothing was started.
    """

    ends: Sequence[str] = ()
    failure: str = ""
    error: AwsError | None = None
    shown: bool = True


@dataclass
class Played:
    """A task: from `runs_at` it runs, from `ends_at` it has ended."""

    task: Task
    token: str
    runs_at: float
    ends_at: float
    end: str
    asked_to_stop: float | None = None


@dataclass
class World:
    """ECS, crew, state file, keeper and clock in one."""

    answers: list[Answering] = field(default_factory=list)
    otherwise: Answering = field(default_factory=lambda: Answering(["succeeds"] * 10))
    start_seconds: float = 3.0
    run_seconds: float = 5.0
    stop_seconds: float = 4.0
    seconds: float = 0.0
    tasks: dict[str, Played] = field(default_factory=dict)
    calls: list[tuple[float, TaskRequest, str, int]] = field(default_factory=list)
    stopped: list[tuple[str, str]] = field(default_factory=list)
    describes: int = 0
    searches: list[str] = field(default_factory=list)
    describe_errors: list[AwsError] = field(default_factory=list)
    search_errors: list[AwsError] = field(default_factory=list)
    stop_errors: list[AwsError] = field(default_factory=list)
    forgotten: set[str] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)
    synced: int = 0
    kept: list[ItemRecord] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    stop_at: float | None = None
    most_at_once: int = 0
    most_starting: int = 0
    _waiting: list[Answer] = field(default_factory=list)

    # -- ECS ---------------------------------------------------------------------------------------

    def run_many(self, request: TaskRequest, token: str, count: int) -> LaunchAnswer:
        assert self.synced == len(self.lines), "a launch that is not on disk"
        self.calls.append((self.seconds, request, token, count))
        again = [one.task for one in self.tasks.values() if one.token == token]
        if again:
            return LaunchAnswer(tuple(again))
        answer = self.answers.pop(0) if self.answers else self.otherwise
        made = [self._made(request, token, end) for end in answer.ends[:count]]
        if answer.error is not None:
            raise answer.error
        if not answer.shown:
            made = []
        failures = [LaunchFailure(answer.failure)] * (count - len(made)) if answer.failure else []
        return LaunchAnswer(tuple(made), tuple(failures))

    def _made(self, request: TaskRequest, token: str, end: str) -> Task:
        arn = f"arn:aws:ecs:us-east-1:000000000000:task/jobs/t{len(self.tasks) + 1}"
        created = datetime.fromtimestamp(EPOCH + self.seconds, UTC)
        task = Task(
            arn,
            "jobs",
            DEFINITION.arn,
            "PROVISIONING",
            started_by=request.started_by,
            capacity_provider=request.provider,
            created_at=created,
        )
        runs_at = self.seconds + self.start_seconds
        self.tasks[arn] = Played(task, token, runs_at, runs_at + self.run_seconds, end)
        starting = [one for one in self.tasks.values() if self.seconds < one.runs_at]
        alive = [one for one in self.tasks.values() if not self._now(one).stopped]
        self.most_starting = max(self.most_starting, len(starting))
        self.most_at_once = max(self.most_at_once, len(alive))
        return task

    def describe(self, cluster: str, arns: Sequence[str]) -> list[Task]:
        assert cluster == "jobs"
        assert len(arns) <= 100
        self.describes += 1
        if self.describe_errors:
            raise self.describe_errors.pop(0)
        known = [arn for arn in arns if arn in self.tasks and arn not in self.forgotten]
        return [self._now(self.tasks[arn]) for arn in known]

    def started_by(self, cluster: str, started_by: str) -> list[Task]:
        assert cluster == "jobs"
        self.searches.append(started_by)
        if self.search_errors:
            raise self.search_errors.pop(0)
        return [
            self._now(one)
            for arn, one in self.tasks.items()
            if one.task.started_by == started_by and arn not in self.forgotten
        ]

    def stop(self, cluster: str, arn: str, reason: str) -> None:
        assert cluster == "jobs"
        self.stopped.append((arn, reason))
        if self.stop_errors:
            raise self.stop_errors.pop(0)
        self.tasks[arn].asked_to_stop = self.seconds

    def _now(self, played: Played) -> Task:
        stopped_at = played.asked_to_stop
        if stopped_at is not None and stopped_at < played.ends_at:
            if self.seconds >= stopped_at + self.stop_seconds:
                return self._ended(played, "UserInitiated", "edactl", 143)
        elif self.seconds >= played.ends_at:
            return self._ended(played, *ENDS[played.end])
        if self.seconds >= played.runs_at and "start" not in played.end:
            started = datetime.fromtimestamp(EPOCH + played.runs_at, UTC)
            return replace(played.task, last_status="RUNNING", started_at=started)
        return replace(played.task, last_status="PENDING")

    def _ended(self, played: Played, code: str, reason: str, exit_code: int | None) -> Task:
        return replace(
            played.task,
            last_status="STOPPED",
            stop_code=code,
            stopped_reason=reason,
            containers=(TaskContainer("app", "STOPPED", exit_code),),
        )

    # -- crew, state file, keeper, clock -----------------------------------------------------------

    def new_process(self) -> None:
        """What an earlier process was still to be answered is lost with it."""
        self._waiting.clear()

    def start(self, work: Callable[[], Answer]) -> None:
        self._waiting.append(work())

    def collect(self, seconds: float) -> list[Answer]:
        assert seconds >= 0
        found, self._waiting = self._waiting, []
        if not found:
            self.seconds += max(seconds, 0.001)
        return found

    def write(self, lines: str) -> None:
        self.lines += lines.splitlines(keepends=True)

    def sync(self) -> None:
        self.synced = len(self.lines)

    def keep(self, records: Sequence[ItemRecord]) -> None:
        self.kept += records

    def told_to_stop(self) -> bool:
        return self.stop_at is not None and self.seconds >= self.stop_at

    def state(self, items: int) -> MapState:
        """What a new process reads in the state file."""
        return read_state([header(items).line(), *self.lines], "run.ndjson")


def header(items: int, **changes: Any) -> MapHeader:
    """The header of a map of so many items."""
    file = ItemsFile("items.ndjson", 10, "abc", items)
    usual = MapHeader("run-1", "jobs", "us-east-1", DEFINITION.arn, file, {"a": 1}, "2026-11-25")
    return replace(usual, **changes)


def item_run(index: int, request: TaskRequest = REQUEST, text: str = "{json}") -> ItemRun:
    """An item whose task differs from the others, unless `text` names none of it."""
    item = MapItem(index, index + 1, {"id": index})
    overrides = Templates.over(Overrides("app", environment={"ITEM": text})).of(item, "items")
    return ItemRun(item, replace(request, overrides=overrides))


@dataclass
class Mapped:
    """A map that was run: its records, and the map itself."""

    records: list[ItemRecord]
    task_map: TaskMap

    @property
    def outcomes(self) -> dict[int, str | None]:
        return {one.index: one.result.outcome for one in self.records}

    @property
    def counted(self) -> Counter[str | None]:
        return Counter(self.outcomes.values())


def a_map(  # noqa: PLR0913 -- the knobs of a map, each by keyword
    world: World,
    items: int,
    *,
    request: TaskRequest = REQUEST,
    text: str = "{json}",
    parallel: int = 50,
    pace: float = 20.0,
    keep: bool = False,
    most_starting: int = 10_000,
    done: MapState | None = None,
    dice: int = 7,
    **policy: Any,
) -> TaskMap:
    """A map over so many items; with `done` it goes on with what that state says."""
    world.new_process()
    runs = {index: item_run(index, request, text) for index in range(items)}
    tally, unfinished = MapTally(items), Unfinished()
    if done is not None:
        held = done.in_hand()
        unfinished = Unfinished(
            done.calls,
            [(call, [runs[one] for one in call.items]) for call in done.open_calls.values()],
            [(runs[one], Task(arn, "", "", "UNKNOWN")) for one, arn in done.launched.items()],
        )
        tally.outcomes.update(done.outcomes)
        runs = {one: run for one, run in runs.items() if one not in held and one not in done.done}
    limits = MapPolicy(**{"launch_seconds": 600.0, **policy})
    plan = MapPlan("job", "jobs", DEFINITION, limits, parallel, pace, PRICES, most_starting, keep)
    random_ = random.Random(dice).random  # noqa: S311 -- pauses, not secrets
    timing = MapTiming(lambda: world.seconds, lambda: EPOCH + world.seconds, random_)
    sources: Iterator[ItemRun] = iter(list(runs.values()))
    return TaskMap(
        plan,
        sources,
        world,
        world,
        world,
        world,
        timing,
        world.told_to_stop,
        world.warnings.append,
        tally,
        unfinished,
    )


def run_map(world: World, items: int, **how: Any) -> Mapped:
    """Run it to its end."""
    task_map = a_map(world, items, **how)
    return Mapped([one for step in task_map.run() for one in step], task_map)


def lost_answer() -> AwsError:
    """No answer came."""
    return Unreachable("no answer from ecs", code="ReadTimeoutError", operation="ecs:RunTask")


def refusal(code: str, message: str) -> AwsError:
    """ECS refused the request."""
    return AwsError(message, code=code, operation="ecs:RunTask")
