"""What a task map needs of the world: ECS, threads that call it, a state file, clocks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

from edactl.ops.task_watch import Tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edactl.core.task import LaunchAnswer, Task
    from edactl.core.task_map import ItemRun
    from edactl.core.task_map_record import ItemRecord
    from edactl.core.task_outcome import Judgement
    from edactl.core.task_request import TaskRequest
    from edactl.errors import AwsError


class MapTasks(Tasks, Protocol):
    """Starts tasks, looks at them, looks for them, and stops them."""

    def run_many(self, request: TaskRequest, token: str, count: int, /) -> LaunchAnswer:
        """So many equal tasks, and why there are not more."""
        ...

    def started_by(self, cluster: str, started_by: str, /) -> list[Task]:
        """The tasks that somebody of this name started."""
        ...


class StateFile(Protocol):
    """Where each step is written down."""

    def write(self, lines: str, /) -> None:
        """Add whole lines."""
        ...

    def sync(self) -> None:
        """Return when they are on disk."""
        ...


@dataclass
class Call:
    """One RunTask for `count` equal tasks, and the items that wait for one of them.

    `number` makes its token and startedBy. `known` are the tasks that it is known to have started.
    An item of `waiting` comes with its end, if no task is found for it. `answered` when another
    such request may follow. `asked_at` is in seconds since 1970.
    """

    number: int
    request: TaskRequest
    token: str
    count: int
    waiting: list[tuple[ItemRun, Judgement | None]]
    asked_at: float
    answered: bool = False
    known: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Launched:
    """The answer to a call, or the error instead of one."""

    call: Call
    answer: LaunchAnswer | AwsError


@dataclass(frozen=True)
class Searched:
    """The tasks that a call started."""

    call: Call
    found: list[Task] | AwsError


@dataclass(frozen=True)
class Looked:
    """Tasks as they are now; those that are not known are left out."""

    arns: Sequence[str]
    found: list[Task] | AwsError


@dataclass(frozen=True)
class StopSent:
    """Whether ECS was asked to stop a task."""

    arn: str
    error: AwsError | None


Answer: TypeAlias = Launched | Searched | Looked | StopSent


class Crew(Protocol):
    """Makes calls in parallel."""

    def start(self, work: Callable[[], Answer], /) -> None:
        """Do it, some time."""
        ...

    def collect(self, seconds: float, /) -> list[Answer]:
        """The answers that are there; waits so long for the first one."""
        ...


@dataclass(frozen=True)
class MapTiming:
    """`clock` runs evenly; `now` is in seconds since 1970; `random` is below 1."""

    clock: Callable[[], float]
    now: Callable[[], float]
    random: Callable[[], float]


class Keeper(Protocol):
    """`--failed-to`."""

    def keep(self, records: Sequence[ItemRecord], /) -> None:
        """Keep items that did not succeed."""
        ...
