"""`scale advise --plot`: the advised policy on the traffic that it was found for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.cli.scale_parameters import generators
from edactl.cli.scale_report import plots

if TYPE_CHECKING:
    from edactl.cli.context import CommandContext
    from edactl.core.scaling_advice.advice import Advice
    from edactl.core.scaling_advice.case import Case


def plot_advice(context: CommandContext, case: Case, advice: Advice, seed: int) -> None:
    """Backlog, tasks and longest wait over time, on stderr; a note where there is nothing to plot.

    Raises ConfigError without plotille.
    """
    from edactl.core.scaling_advice.proof import REPLAYED_MESSAGES
    from edactl.core.scaling_advice.search import policy_of
    from edactl.core.scaling_sim.controllers import Bounds
    from edactl.core.scaling_sim.results import Contest

    if advice.target_value is None:
        context.messages.note("no plot: no policy meets the latency")
        return
    if case.trace.total > REPLAYED_MESSAGES:
        context.messages.warn(
            f"no plot of more than {REPLAYED_MESSAGES} messages: shorten --lookback or --duration"
        )
        return
    kind = "load" if advice.metric == "load_per_slot" else "backlog"
    policy = policy_of(kind, advice.target_value)
    bounds = Bounds(advice.minimum_tasks, advice.maximum_tasks)
    contest = Contest(case.trace, case.setting, bounds, case.latency_seconds, case.hour_usd, None)
    plots(context, [(policy.text, contest.replay(policy, generators(seed)).minutes)])
