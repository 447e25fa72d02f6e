"""The options that `scale advise` and `scale simulate` share, and what they mean together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.opened import lines_of, shown
from edactl.core.scaling_sim.arrivals import MOST_MINUTES, parse_pattern, read_counts
from edactl.core.scaling_sim.work import (
    Exponential,
    from_mean_and_p95,
    parse_work,
    read_samples,
)
from edactl.core.times import parse_duration_seconds
from edactl.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random
    from typing import TextIO

    from edactl.core.scaling_sim.arrivals import Trace
    from edactl.core.scaling_sim.work import Work

DEFAULT_DURATION = "8h"
MOST_SIMULATED = 10_000_000
"""Messages that each policy of a simulation may get: some 9 s of CPU and 0.6 GB each."""
_ARRIVALS_HINT = "--pattern steady:5/s, or --arrivals FILE with one count a line, a minute each"
_WORK_HINT = "--processing-time 2s --processing-time-p95 6s, --samples FILE or --service-time"

LatencyOption = Annotated[
    str, typer.Option("--latency", metavar="DURATION", help="A message older when done is late.")
]
PatternOption = Annotated[
    str,
    typer.Option(
        "--pattern",
        metavar="PATTERN",
        help="Arrivals: steady:5/s, burst:5/s,20/s,at=1h,for=20m, diurnal:2/s,20/s.",
    ),
]
ArrivalsOption = Annotated[
    str,
    typer.Option("--arrivals", metavar="FILE|-", help="Arrivals: one count a line, a minute each."),
]
MessagesOption = Annotated[
    int | None, typer.Option("--messages", metavar="N", min=1, help="End with the Nth message.")
]
DurationOption = Annotated[
    str, typer.Option("--duration", metavar="DURATION", help="How long the pattern lasts; 8h.")
]
ServiceTimeOption = Annotated[
    str,
    typer.Option(
        "--service-time",
        metavar="TIME",
        help="Work: exponential:1s, constant:1s, lognormal:2s,cv=1.5 or samples:FILE.",
    ),
]
ProcessingTimeOption = Annotated[
    str, typer.Option("--processing-time", metavar="DURATION", help="Work: its mean.")
]
ProcessingTimeP95Option = Annotated[
    str,
    typer.Option("--processing-time-p95", metavar="DURATION", help="Work: its 95th percentile."),
]
SamplesOption = Annotated[
    str, typer.Option("--samples", metavar="FILE|-", help="Work: measured durations, one a line.")
]
ConcurrencyOption = Annotated[
    int,
    typer.Option(
        "--concurrency-per-task",
        metavar="N",
        min=1,
        max=1000,
        help="Messages a task works on at once.",
    ),
]
StartTimeOption = Annotated[
    str, typer.Option("--task-start-time", metavar="DURATION", help="From the decision to RUNNING.")
]
PublishDelayOption = Annotated[
    str, typer.Option("--publish-delay", metavar="DURATION", help="How late metrics are seen.")
]
MinimumOption = Annotated[
    int, typer.Option("--minimum-tasks", metavar="N", min=0, help="Always running.")
]
TaskCpuOption = Annotated[
    int, typer.Option("--task-cpu", metavar="UNITS", min=1, help="Of a task, for its price.")
]
TaskMemoryOption = Annotated[
    int, typer.Option("--task-memory", metavar="MIB", min=1, help="Of a task, for its price.")
]
SeedOption = Annotated[
    int, typer.Option("--seed", metavar="N", help="The same seed gives the same numbers.")
]


@dataclass(frozen=True)
class TrafficOptions:
    """How arrivals were given."""

    pattern: str
    arrivals: str
    messages: int | None
    duration: str

    def trace(self, stdin: TextIO) -> Trace:
        """The trace. Raises UsageError and InputError."""
        if bool(self.pattern) == bool(self.arrivals):
            raise UsageError(
                "arrivals come from one of --pattern and --arrivals", hint=_ARRIVALS_HINT
            )
        if self.arrivals:
            if self.messages or self.duration:
                raise UsageError(
                    "--messages and --duration are for --pattern", hint="head -n 480 counts"
                )
            return read_counts(lines_of(self.arrivals, stdin), shown(self.arrivals))
        pattern = parse_pattern(self.pattern)
        if not self.messages:
            seconds = positive_seconds("--duration", self.duration or DEFAULT_DURATION)
            minutes = max(1, round(seconds / 60))
            if minutes > MOST_MINUTES:
                raise UsageError("--duration is longer than a year", hint="--duration 7d")
            return pattern.for_minutes(minutes)
        if self.duration:
            raise UsageError("--messages and --duration both end the trace", hint="say one of them")
        return pattern.for_messages(self.messages)

    @property
    def is_absent(self) -> bool:
        """Whether nothing was given."""
        return not (self.pattern or self.arrivals)

    @property
    def source(self) -> str:
        """Where they came from."""
        return f"--pattern {self.pattern}" if self.pattern else f"--arrivals {self.arrivals}"


@dataclass(frozen=True)
class WorkOptions:
    """How the time of the work was given."""

    service_time: str
    processing_time: str
    processing_time_p95: str
    samples: str

    def work(self, stdin: TextIO) -> Work:
        """The distribution of the work. Raises UsageError and InputError."""
        given = [self.service_time, self.processing_time, self.samples]
        if sum(map(bool, given)) != 1:
            raise UsageError(
                "the time of the work comes from one of --processing-time, --samples and"
                " --service-time",
                hint=_WORK_HINT,
            )
        if self.processing_time_p95 and not self.processing_time:
            raise UsageError("--processing-time-p95 goes with --processing-time", hint=_WORK_HINT)
        if self.processing_time:
            return self._from_numbers()
        found = parse_work(self.service_time or f"samples:{self.samples}")
        if isinstance(found, str):
            return read_samples(lines_of(found, stdin), shown(found))
        return found

    def _from_numbers(self) -> Work:
        mean = positive_seconds("--processing-time", self.processing_time)
        if not self.processing_time_p95:
            return Exponential(mean)
        p95 = positive_seconds("--processing-time-p95", self.processing_time_p95)
        return from_mean_and_p95(mean, p95)

    @property
    def is_absent(self) -> bool:
        """Whether nothing was given."""
        return not (self.service_time or self.processing_time or self.samples)

    @property
    def from_stdin(self) -> bool:
        """Whether durations come on stdin."""
        return "-" in {self.samples, self.service_time.removeprefix("samples:")}

    @property
    def source(self) -> str:
        """Where it came from."""
        if self.service_time:
            return f"--service-time {self.service_time}"
        if self.samples:
            return f"--samples {self.samples}"
        return "--processing-time" + (
            " and --processing-time-p95" if self.processing_time_p95 else ""
        )

    @property
    def mean_only(self) -> bool:
        """Whether nothing is known of the spread."""
        return bool(self.processing_time) and not self.processing_time_p95


def checked_stdin(traffic: TrafficOptions, work: WorkOptions) -> None:
    """Raise UsageError when stdin would be read twice."""
    if traffic.arrivals == "-" and work.from_stdin:
        raise UsageError("stdin can be read once", hint="- for one of --arrivals and --samples")


def seconds_of(option: str, text: str) -> float:
    """Seconds that an option says, 0 or more. Raises UsageError that names the option."""
    try:
        return parse_duration_seconds(text)
    except InputError:
        raise UsageError(f'{option} "{text}" is not a duration', hint=f"{option} 90s") from None


def positive_seconds(option: str, text: str) -> float:
    """The same, above 0."""
    seconds = seconds_of(option, text)
    if seconds <= 0:
        raise UsageError(f"{option} must be above 0", hint=f"{option} 90s")
    return seconds


def generators(seed: int) -> Callable[[str], Random]:
    """A fresh generator for each name, the same for the same seed."""
    from random import Random

    return lambda name: Random(f"{seed} {name}")  # noqa: S311 -- a simulation, no secret
