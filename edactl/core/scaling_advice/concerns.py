"""What an operator should know before the advice is followed, as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.core.fargate_prices import PRICES_AS_OF
from edactl.core.queueing.estimates import EXACT_BELOW, dispersion_of
from edactl.core.scaling_advice.search import policy_of, tried
from edactl.core.scaling_sim.results import MODEL
from edactl.core.scaling_sim.work import Samples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.core.scaling_advice.case import Case
    from edactl.core.scaling_advice.measured import Circumstances
    from edactl.core.scaling_advice.proof import Proven

FEW_SAMPLES = 30
POISON_RATIO = 1.05
HEAVY_TAIL = 2.0
SLEEPING_MINUTES = 360
STOP_TIMEOUT_SECONDS = 30
_HELD_SHARE = 1.5
_ASSUMED = (
    "assumed, not documented by AWS: 3 of 3 one-minute datapoints scale out, 15 of 15 scale in;"
    " scale-in starts 10 % below the target and takes away a quarter of the tasks at most"
)


def assumptions(case: Case, proven: Proven) -> tuple[str, ...]:
    """What the numbers rest on, beside the inputs."""
    bursts = dispersion_of(case.trace.per_minute)
    replayed = "every message of the trace was replayed"
    if not proven.whole:
        replayed = (
            f"{proven.replayed_minutes} of {len(case.trace.per_minute)} minutes, around the longest"
            " wait, were replayed message by message; the rest is judged minute by minute"
        )
    return (
        MODEL,
        _ASSUMED,
        "a message is late when its age exceeds the latency as its work ends",
        replayed,
        "tasks that are stopped finish what they work on (task protection)",
        f"arrivals within a minute are Poisson; counts of minutes vary {bursts:.1f} times as much",
        f"price of Fargate on demand, Linux x86, us-east-1, {PRICES_AS_OF}; unverified elsewhere",
    )


def concerns(case: Case, proven: Proven, circumstances: Circumstances) -> tuple[str, ...]:
    """Warnings, the gravest first."""
    return (
        *_about_the_verdict(case, proven),
        *_about_traffic(case, circumstances),
        *_about_work(case, circumstances),
        *_about_the_consumer(case, circumstances),
        *circumstances.concerns,
    )


def _about_the_verdict(case: Case, proven: Proven) -> Iterator[str]:
    if case.wait_limit_seconds <= 0:
        yield (
            f"the work alone takes {case.work_percentile_seconds:.3g} s at p{case.percentile:g},"
            f" longer than the latency of {case.latency_seconds:g} s: no number of tasks meets it"
        )
        return
    if not proven.meets(case):
        yield (
            f"{case.bounds.maximum} tasks are too few at the peak of {case.peak_rate:.3g}"
            f" messages/s: the latency needs {case.steady_tasks(case.peak_rate)}"
        )
    surge = case.surge
    wait = surge.peak_wait_seconds(0)
    if wait > case.wait_limit_seconds:
        yield (
            f"a sudden rise from {case.baseline_rate:.3g} to {case.peak_rate:.3g} messages/s makes"
            f" some wait up to {wait:.0f} s before new tasks help, whatever the target;"
            f" {surge.least_tasks(case.wait_limit_seconds)} tasks always running would prevent it"
        )
    if any(case.trace.per_minute):
        textbook = policy_of("backlog", case.textbook_backlog_per_task)
        late = tried(case, textbook, case.bounds).fluid.late_fraction
        if late > case.late_allowed:
            yield (
                f"the textbook target of {case.textbook_backlog_per_task:g} would make"
                f" {late:.1%} of messages late"
            )


def _about_traffic(case: Case, circumstances: Circumstances) -> Iterator[str]:
    counts = case.trace.per_minute
    if not any(counts):
        yield "there is no traffic in the trace: the advice rests on the processing time alone"
    if case.trace.gaps:
        yield f"{case.trace.gaps} minutes have no count; they got the mean of those around them"
    if case.bounds.minimum == 0:
        yield (
            "with no task running the first message waits for a datapoint and a task's start, and"
            " RunningTaskCount has no data: a metric that divides by it then scales nothing"
        )
    if _longest_sleep(counts) >= SLEEPING_MINUTES:
        yield (
            "the queue sleeps for 6 hours or more: its metrics then come up to 15 minutes late"
            " when it wakes up, which the model leaves out"
        )
    if circumstances.redelivery_ratio > POISON_RATIO:
        yield (
            f"each message is received {circumstances.redelivery_ratio:g} times: poison messages"
            " hold tasks for nothing; set a DLQ (maxReceiveCount) before scaling"
        )


def _about_work(case: Case, circumstances: Circumstances) -> Iterator[str]:
    work = case.setting.work
    if circumstances.mean_only:
        yield (
            "only the mean of the processing time is known: it is taken as exponential; give"
            " --processing-time-metric, --processing-time-p95 or --samples"
        )
    if isinstance(work, Samples):
        count = len(work.ordered)
        if count < FEW_SAMPLES:
            yield f"{count} samples of the processing time are too few to trust: take 200 or more"
        elif count < EXACT_BELOW:
            yield f"{count} samples of the processing time: its percentile is uncertain"
    if work.variation > HEAVY_TAIL:
        ratio = work.percentile_seconds(99) / work.mean_seconds
        yield (
            f"the processing time has a heavy tail (p99 is {ratio:.1f} times the mean): a queue of"
            " their own for slow messages would need fewer tasks"
        )
    if work.percentile_seconds(99) > STOP_TIMEOUT_SECONDS:
        yield (
            "the slowest 1 % of messages take longer than ECS's stopTimeout (default 30 s):"
            " scale-in cuts them off unless the tasks use task protection"
        )


def _about_the_consumer(case: Case, circumstances: Circumstances) -> Iterator[str]:
    groups = circumstances.fifo_groups
    if circumstances.fifo and groups is None:
        yield (
            "on a FIFO queue at most one message of each group is worked on at once: give"
            " --fifo-groups, or the advice is too good"
        )
    elif groups is not None:
        yield f"{groups} message groups let at most {groups} messages be worked on at once"
    held = circumstances.in_flight_per_task
    if held is not None and held > _HELD_SHARE * case.setting.concurrency:
        yield (
            f"{held:.3g} messages are in flight for each running task at times, and"
            f" {case.setting.concurrency} are said to be worked on at once: see"
            " --concurrency-per-task, or the tasks prefetch messages"
        )
    if circumstances.batch_size > case.setting.concurrency:
        yield (
            f"a task that receives {circumstances.batch_size} messages and works on"
            f" {case.setting.concurrency} hides up to"
            f" {circumstances.batch_size - case.setting.concurrency} of them from the metric: lower"
            " the target, or receive fewer"
        )


def _longest_sleep(counts: tuple[float, ...]) -> int:
    longest = now = 0
    for count in counts:
        now = 0 if count else now + 1
        longest = max(longest, now)
    return longest
