"""Follow the log streams of a task's containers, and drain them once it has stopped."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from edactl.core.task_log import LogReading
from edactl.errors import AwsError, FailedInside, Throttled, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edactl.core.task import LogStream, Task
    from edactl.core.task_log import LogLine, LogPage

DRAIN_SECONDS = 10.0
"""A stopped container's last lines may come as late as this; unverified, AWS promises nothing."""
_LEAST_DRAIN_SECONDS = 1.0
_PAGES_AT_ONCE = 50


class Logs(Protocol):
    """Reads log streams."""

    def read(self, stream: LogStream, token: str | None, /) -> LogPage | None:
        """The page at a token; None while there is no such stream."""
        ...

    def since(self, stream: LogStream, start: int, /) -> list[LogLine]:
        """Every line from a time on, in milliseconds since 1970."""
        ...


@dataclass(frozen=True)
class Timing:
    """Time as operations see it: `wait` sleeps that many seconds, or less when asked to stop.

    `random` is below 1: pauses are spread by it.
    """

    clock: Callable[[], float]
    wait: Callable[[float], object]
    random: Callable[[], float]


@dataclass
class LogFollow:
    """The streams of one task, each read on from where it was left.

    `on_line` gets each line once; a stream that cannot be read is told to `warn` and left out.
    """

    logs: Logs
    streams: Sequence[LogStream]
    on_line: Callable[[LogStream, LogLine], None]
    warn: Callable[[str], None]
    _readings: dict[LogStream, LogReading] = field(default_factory=dict)
    _unreadable: set[LogStream] = field(default_factory=set)

    def read(self) -> bool:
        """Give what is new; whether there was anything."""
        return sum(self._read(stream) for stream in self._readable()) > 0

    def drain(self, task: Task, timing: Timing) -> None:
        """Give what is still to come of a stopped task: read until it has been quiet for long.

        What ECS took from the containers' end to its own STOPPED counts as quiet already. At last
        each stream's end is swept for lines that came late, with times of before.
        """
        if not self._readable():
            return
        quiet_seconds = quiet_seconds_after(task)
        until = timing.clock() + quiet_seconds
        while timing.clock() < until:
            if self.read():
                until = timing.clock() + quiet_seconds
            timing.wait(_LEAST_DRAIN_SECONDS)
        self.read()
        for stream in self._readable():
            self._sweep(stream)

    def _readable(self) -> list[LogStream]:
        return [stream for stream in self.streams if stream not in self._unreadable]

    def _read(self, stream: LogStream) -> bool:
        reading = self._readings.get(stream, LogReading())
        found = False
        for _ in range(_PAGES_AT_ONCE):
            page = self._page(stream, reading.token)
            if page is None:
                return found
            self._readings[stream] = reading
            for line in reading.take(page):
                self.on_line(stream, line)
                found = True
            if reading.at_end:
                return found
        return found

    def _page(self, stream: LogStream, token: str | None) -> LogPage | None:
        try:
            return self.logs.read(stream, token)
        except (Throttled, FailedInside, Unreachable):
            return None  # the next reading goes on from here
        except AwsError as error:
            self._give_up(stream, error)
            return None

    def _sweep(self, stream: LogStream) -> None:
        reading = self._readings.get(stream)
        if reading is None:
            self.warn(
                f"container {stream.container} logged nothing, or log group {stream.group} does"
                " not exist"
            )
            return
        try:
            lines = self.logs.since(stream, reading.sweep_from)
        except AwsError as error:
            self._give_up(stream, error)
            return
        for line in reading.sweep(lines):
            self.on_line(stream, line)

    def _give_up(self, stream: LogStream, error: AwsError) -> None:
        self._unreadable.add(stream)
        self.warn(f"the lines of container {stream.container} are not shown: {error.message}")


def quiet_seconds_after(task: Task) -> float:
    """How long the streams of a stopped task must be quiet to be taken for complete."""
    if not task.ran:
        return _LEAST_DRAIN_SECONDS
    waited = 0.0
    if task.execution_stopped_at and task.stopped_at:
        waited = (task.stopped_at - task.execution_stopped_at).total_seconds()
    return max(_LEAST_DRAIN_SECONDS, DRAIN_SECONDS - max(0.0, waited))
