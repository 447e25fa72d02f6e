"""Where each input of an advice came from, and how sure it is."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edactl.core.queueing.estimates import mean_estimate, percentile_estimate
from edactl.core.scaling_sim.work import Samples

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edactl.core.queueing.estimates import Estimate
    from edactl.core.scaling_advice.case import Case


@dataclass(frozen=True)
class Input:
    """An input. `samples`, `low` and `high` (95 % confidence) are None where it was just given."""

    value: float
    unit: str
    source: str
    samples: int | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Circumstances:
    """What the numbers do not tell: whose they are, how the queue is consumed, and their sources.

    `measured` are inputs that were found on AWS: they stand for those of the same name.
    """

    work_source: str
    arrivals_source: str
    work_estimate: Estimate | None = None
    measured: Mapping[str, Input] = field(default_factory=dict)
    given: frozenset[str] = frozenset()
    redelivery_ratio: float = 1.0
    batch_size: int = 1
    fifo: bool = False
    fifo_groups: int | None = None
    mean_only: bool = False
    in_flight_per_task: float | None = None
    concerns: tuple[str, ...] = ()
    queue: str | None = None
    service: str | None = None


def inputs_of(case: Case, circumstances: Circumstances) -> dict[str, Input]:
    """Each input with its unit, source and confidence."""
    setting = case.setting
    counts = case.trace.per_minute
    mean = mean_estimate([count / 60 for count in counts])
    found = {
        "latency": Input(case.latency_seconds, "seconds", "--latency"),
        "percentile": Input(case.percentile, "percent", _source("--percentile", circumstances)),
        **_work(case, circumstances),
        "arrivals": estimated_input(mean, "messages/s", circumstances.arrivals_source),
        "peak_arrivals": Input(
            case.peak_rate,
            "messages/s",
            f"{circumstances.arrivals_source}, busiest 5 minutes",
            len(counts),
        ),
        "redelivery_ratio": Input(
            circumstances.redelivery_ratio,
            "receives/message",
            _source("--redelivery-ratio", circumstances),
        ),
    }
    for name, value, unit in (
        ("concurrency_per_task", setting.concurrency, "messages"),
        ("task_start_time", setting.start_seconds, "seconds"),
        ("publish_delay", setting.publish_seconds, "seconds"),
        ("minimum_tasks", case.bounds.minimum, "tasks"),
        ("maximum_tasks", case.bounds.maximum, "tasks"),
    ):
        option = "--" + name.replace("_", "-")
        found[name] = Input(value, unit, _source(option, circumstances))
    return found | dict(circumstances.measured)


def _work(case: Case, circumstances: Circumstances) -> dict[str, Input]:
    work, source = case.setting.work, circumstances.work_source
    if circumstances.work_estimate:
        mean = estimated_input(circumstances.work_estimate, "seconds", source)
    else:
        mean = Input(work.mean_seconds, "seconds", source)
    if isinstance(work, Samples):
        percentile = percentile_estimate(work.ordered, case.percentile)
        return {
            "processing_time": estimated_input(mean_estimate(work.ordered), "seconds", source),
            "processing_time_percentile": estimated_input(percentile, "seconds", source),
        }
    return {
        "processing_time": mean,
        "processing_time_percentile": Input(
            case.work_percentile_seconds, "seconds", f"{source}, by its distribution"
        ),
    }


def estimated_input(estimate: Estimate, unit: str, source: str) -> Input:
    """An input that was estimated; a bound that is not known is None."""
    high = estimate.high if math.isfinite(estimate.high) else None
    return Input(estimate.value, unit, source, estimate.samples, estimate.low, high)


def _source(option: str, circumstances: Circumstances) -> str:
    return option if option in circumstances.given else "default"
