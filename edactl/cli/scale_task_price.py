"""What an hour of a task costs, of the size that was given or that the service's tasks have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edactl.cli.scale_measured import Found
    from edactl.cli.scale_question import Question
    from edactl.core.scaling_advice.measured import Input


@dataclass(frozen=True)
class TaskPrice:
    """US dollars for an hour, and the inputs that it was made of."""

    hour_usd: float
    inputs: Mapping[str, Input]

    @classmethod
    def of(cls, question: Question, found: Found, cpu: int, memory: int) -> TaskPrice:
        """A size that was given wins over the task definition's."""
        from edactl.core.scaling_advice.measured import Input
        from edactl.core.scaling_sim.results import task_hour_usd

        facts = found.service.facts if found.service else None
        inputs: dict[str, Input] = {}
        for name, default, defined, unit in (
            ("task_cpu", cpu, facts and facts.cpu, "cpu units"),
            ("task_memory", memory, facts and facts.memory, "MiB"),
        ):
            option = "--" + name.replace("_", "-")
            if option in question.given:
                inputs[name] = Input(default, unit, option)
            elif facts and defined:
                inputs[name] = Input(defined, unit, f"task definition {facts.definition}")
            else:
                inputs[name] = Input(default, unit, "default")
        size = (round(inputs["task_cpu"].value), round(inputs["task_memory"].value))
        hour_usd = task_hour_usd(*size)
        if facts and facts.running:
            now = round(facts.running.value * 24 * hour_usd, 2)
            source = f"running tasks of {facts.name}, {found.lookback}, at the same price"
            inputs["cost_per_day_now"] = Input(now, "US dollars", source)
        return cls(hour_usd, inputs)
