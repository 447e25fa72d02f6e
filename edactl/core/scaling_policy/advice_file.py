"""An advice of `scale advise -o json`, read back: what it says of the policy."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.core.scaling_policy.wanted import METRICS
from edactl.errors import InputError

if TYPE_CHECKING:
    from edactl.core.record import JsonValue
    from edactl.core.scaling_policy.wanted import Metric

_HINT = "edactl scale advise … -o json > advice.json"
_VERDICTS = ("reachable", "reachable_with_minimum", "not_reachable")


@dataclass(frozen=True)
class AdvisedPolicy:
    """What an advice says of the policy; `target_value` is None when nothing meets the latency.

    `queue` and `service` are empty where the advice is for none in particular.
    """

    verdict: str
    metric: Metric
    target_value: float | None
    minimum_tasks: int
    maximum_tasks: int
    scale_out_cooldown_seconds: int
    scale_in_cooldown_seconds: int
    processing_time_seconds: float
    latency_seconds: float
    concurrency_per_task: int
    queue: str = ""
    service: str = ""

    @property
    def is_reachable(self) -> bool:
        """Whether this policy was found to meet its latency."""
        return self.verdict != "not_reachable"


def read_advice(text: str, where: str) -> AdvisedPolicy:
    """The policy of an advice. Raises InputError that names the field which is wrong."""
    try:
        document: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError("it is not JSON", where=where, hint=_HINT) from None
    if not isinstance(document, dict) or "verdict" not in document:
        raise InputError("it is no advice: it has no verdict", where=where, hint=_HINT)
    advice = _Fields(document, where)
    inputs = _Fields(advice.fields("inputs"), where, "inputs.")
    target = None if document.get("target_value") is None else advice.number("target_value")
    verdict = advice.word("verdict", _VERDICTS)
    if target is None and verdict != "not_reachable":
        raise advice.wrong("target_value", "a number above 0")
    return AdvisedPolicy(
        verdict=verdict,
        metric=_metric(advice.word("metric", METRICS)),
        target_value=target,
        minimum_tasks=advice.whole("minimum_tasks"),
        maximum_tasks=advice.whole("maximum_tasks"),
        scale_out_cooldown_seconds=advice.whole("scale_out_cooldown_seconds"),
        scale_in_cooldown_seconds=advice.whole("scale_in_cooldown_seconds"),
        processing_time_seconds=inputs.value("processing_time"),
        latency_seconds=inputs.value("latency"),
        concurrency_per_task=int(inputs.value("concurrency_per_task")),
        queue=advice.name("queue"),
        service=advice.name("service"),
    )


def _metric(text: str) -> Metric:
    return "load_per_slot" if text == "load_per_slot" else "backlog_per_task"


@dataclass(frozen=True)
class _Fields:
    """The fields of an object of the file, each by what it must be."""

    document: dict[str, JsonValue]
    where: str
    path: str = ""

    def fields(self, name: str) -> dict[str, JsonValue]:
        found = self.document.get(name)
        if not isinstance(found, dict):
            raise self.wrong(name, "an object")
        return found

    def word(self, name: str, allowed: tuple[str, ...]) -> str:
        found = self.document.get(name)
        if not isinstance(found, str) or found not in allowed:
            raise self.wrong(name, f"one of {', '.join(allowed)}")
        return found

    def name(self, name: str) -> str:
        found = self.document.get(name)
        if found is not None and not isinstance(found, str):
            raise self.wrong(name, "a name")
        return found or ""

    def number(self, name: str) -> float:
        found = self.document.get(name)
        if isinstance(found, bool) or not isinstance(found, int | float) or not _is_sane(found):
            raise self.wrong(name, "a number above 0")
        return float(found)

    def whole(self, name: str) -> int:
        found = self.document.get(name)
        if isinstance(found, bool) or not isinstance(found, int) or found < 0:
            raise self.wrong(name, "a whole number, 0 or more")
        return found

    def value(self, name: str) -> float:
        """The value of a measured input."""
        return _Fields(self.fields(name), self.where, f"{self.path}{name}.").number("value")

    def wrong(self, name: str, wanted: str) -> InputError:
        return InputError(f"{self.path}{name} is not {wanted}", where=self.where, hint=_HINT)


def _is_sane(number: float) -> bool:
    return 0 < number < math.inf
