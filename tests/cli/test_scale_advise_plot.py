"""`scale advise --plot`."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.running import Run

Edactl = Callable[..., Run]
TRAFFIC = ("scale", "advise", "--latency", "2m", "--duration", "2h")
WORK = ("--processing-time", "2s", "--processing-time-p95", "6s", "--plot")
BURST = ("--pattern", "burst:1/s,4/s,at=30m,for=10m")


def test_the_advised_policy_is_plotted_on_stderr(edactl: Edactl) -> None:
    pytest.importorskip("plotille")
    run = edactl(*TRAFFIC, *BURST, *WORK)

    assert run.status == 0
    advised = json.loads(run.out)
    name = "load" if advised["metric"] == "load_per_slot" else "backlog"
    for title in ("backlog, messages", "tasks", "longest wait, s"):
        assert f"({title}, {name}:{advised['target_value']:g})" in run.err


def test_it_is_the_plot_of_the_advised_policy_within_the_advised_bounds(edactl: Edactl) -> None:
    pytest.importorskip("plotille")
    run = edactl(*TRAFFIC, *BURST, *WORK, "--latency", "20s")
    advised = json.loads(run.out)
    name = "load" if advised["metric"] == "load_per_slot" else "backlog"
    policy = (
        f"{name}:{advised['target_value']:g},min={advised['minimum_tasks']}"
        f",max={advised['maximum_tasks']}"
    )

    simulated = edactl("scale", "simulate", *TRAFFIC[4:], *BURST, *WORK, "--policy", policy)

    assert advised["minimum_tasks"] > 1
    assert drawn(run.err) == drawn(simulated.err) != []


def drawn(text: str) -> list[str]:
    """The lines of plots, without the names above them."""
    return [line for line in text.splitlines() if " | " in line]


def test_where_no_policy_meets_the_latency_nothing_is_plotted(edactl: Edactl) -> None:
    run = edactl(*TRAFFIC, *BURST, *WORK, "--maximum-tasks", "1")

    assert run.status == 1
    assert "no plot: no policy meets the latency" in run.err


def test_more_messages_than_are_replayed_are_not_plotted(edactl: Edactl) -> None:
    run = edactl(*TRAFFIC, "--pattern", "steady:60/s", *WORK)

    assert run.status == 0
    assert "no plot of more than 300000 messages: shorten --lookback or --duration" in run.err
