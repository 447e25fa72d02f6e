"""`edactl scale simulate`, through the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.running import Run

Edactl = Callable[..., Run]
FIELDS = {
    "policy",
    "messages",
    "mean_wait_seconds",
    "p50_wait_seconds",
    "p95_wait_seconds",
    "p99_wait_seconds",
    "late_fraction",
    "mean_tasks",
    "task_hours",
    "scaling_actions",
    "cost_usd",
}
STEADY = ("scale", "simulate", "--pattern", "steady:5/s", "--duration", "30m")
WORK = ("--service-time", "exponential:1s")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def records(run: Run) -> list[dict[str, Any]]:
    assert run.status == 0, run.err
    return [json.loads(line) for line in run.out.splitlines()]


def test_a_record_a_policy_with_the_fields_that_scripts_rely_on(edactl: Edactl) -> None:
    run = edactl(*STEADY, *WORK, "--policy", "fixed:10", "--policy", "backlog:60,min=2")
    first, second = records(run)

    assert set(first) >= FIELDS
    assert (first["policy"], first["mean_tasks"], first["scaling_actions"]) == ("fixed:10", 10, 0)
    assert first["task_hours"] == 5
    assert first["cost_usd"] == pytest.approx(5 * 0.04937)
    assert second["policy"] == "backlog:60,min=2"
    assert second["messages"] == first["messages"]
    assert "model" in first["model"]
    assert "not AWS's algorithm" in run.err


def test_the_usual_policies_compete_where_none_is_named(edactl: Edactl) -> None:
    names = [one["policy"] for one in records(edactl(*STEADY, *WORK))]

    assert names[1:4] == ["step", "cpu:70", "queue-depth:100"]
    assert names[0].startswith("fixed:")
    assert names[4:] == ["backlog:120", "backlog:117", "load:0.75", "step1:117"]


def test_usual_policies_are_there_for_work_longer_than_the_latency(edactl: Edactl) -> None:
    run = edactl(*STEADY, "--service-time", "constant:3m", "--duration", "5m")

    assert "backlog:1" in [one["policy"] for one in records(run)]


def test_the_same_seed_prints_the_same_bytes(edactl: Edactl) -> None:
    arguments = (*STEADY, *WORK, "--policy", "backlog:10", "--seed", "7")

    assert edactl(*arguments).out == edactl(*arguments).out
    assert edactl(*arguments).out != edactl(*arguments, "--seed", "8").out


def test_it_ends_with_the_nth_message(edactl: Edactl) -> None:
    run = edactl(
        *("scale", "simulate", "--pattern", "steady:8/s", "--messages", "5000"),
        *("--service-time", "exponential:1s", "--policy", "fixed:10"),
    )

    assert records(run)[0]["messages"] == 5000


def test_arrivals_and_durations_come_from_files_or_stdin(edactl: Edactl) -> None:
    Path("counts").write_text("60\n120\n\n60\n")
    Path("work").write_text("2\n1\n500ms\n")
    named = ("--arrivals", "counts", "--policy", "fixed:5")

    for work in (("--samples", "work"), ("--service-time", "samples:work")):
        assert records(edactl("scale", "simulate", *named, *work))[0]["messages"] == 330
    piped = ("--arrivals", "-", "--samples", "work", "--policy", "fixed:5")
    assert records(edactl("scale", "simulate", *piped, stdin="3\n4\n"))[0]["messages"] == 7
    both = ("--arrivals", "counts", "--processing-time", "1s", "--processing-time-p95", "3s")
    assert records(edactl("scale", "simulate", *both, "--policy", "fixed:5"))


def test_a_series_is_a_record_a_minute_and_policy(edactl: Edactl) -> None:
    arguments = (*STEADY, *WORK, "--policy", "fixed:10", "--policy", "backlog:9", "--series")
    found = records(edactl(*arguments))

    assert [one["policy"] for one in found[:30]] == ["fixed:10"] * 30
    assert found[0] == {
        "policy": "fixed:10",
        "at_seconds": 60,
        "sent": found[0]["sent"],
        "backlog": 0,
        "in_flight": found[0]["in_flight"],
        "running_tasks": 10,
        "desired_tasks": 10,
        "longest_wait_seconds": found[0]["longest_wait_seconds"],
    }
    assert 200 < found[0]["sent"] < 400


def test_a_table_is_for_people(edactl: Edactl) -> None:
    run = edactl(*STEADY, *WORK, "--policy", "fixed:10", "-o", "table")

    assert run.out.splitlines()[0].split() == [
        *("POLICY", "LATE", "P50", "S", "P95", "S", "P99", "S", "MEAN", "TASKS"),
        *("TASK", "HOURS", "ACTIONS", "COST", "USD"),
    ]
    assert "fixed:10" in run.out


def test_bounds_starts_and_prices_can_be_given(edactl: Edactl) -> None:
    (found,) = records(
        edactl(
            *(*STEADY, *WORK, "--policy", "backlog:1000", "--initial-tasks", "7"),
            *("--minimum-tasks", "7", "--maximum-tasks", "9", "--task-cpu", "512"),
            *("--task-memory", "1024", "--concurrency-per-task", "2", "--task-start-time", "0s"),
        )
    )

    assert found["mean_tasks"] == 7
    assert found["cost_usd"] == pytest.approx(3.5 * 0.04937 / 2, abs=1e-6)


def test_messages_that_nobody_works_on_are_told_of(edactl: Edactl) -> None:
    run = edactl(*STEADY, *WORK, "--policy", "fixed:0")

    assert records(run)[0]["late_fraction"] == 1
    assert "messages were never worked on" in run.err


def test_an_existing_policy_s_json_competes(edactl: Edactl) -> None:
    cpu = {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}
    policy = {"TargetValue": 70, "PredefinedMetricSpecification": cpu}
    Path("cpu.json").write_text(json.dumps(policy))
    named = ("--policy", "cpu.json", "--policy", "cpu:70", "--policy", "@./cpu")
    Path("cpu").write_text(json.dumps({**policy, "TargetValue": 40}))
    found = records(edactl(*STEADY, *WORK, *named))

    assert [one["policy"] for one in found] == ["cpu.json", "cpu:70", "cpu"]
    assert found[0]["mean_tasks"] == found[1]["mean_tasks"] < found[2]["mean_tasks"]


def test_reports_are_written(edactl: Edactl) -> None:
    run = edactl(
        *(*STEADY, *WORK, "--policy", "fixed:10", "--policy", "backlog:9"),
        *("--svg", "out.svg", "--html", "out.html"),
    )

    assert run.status == 0
    assert "wrote out.svg and out.html" in run.err
    svg = Path("out.svg").read_text("utf-8")
    assert svg.startswith("<svg ")
    assert svg.count("<polyline") == 6
    page = Path("out.html").read_text("utf-8")
    assert "<td>backlog:9</td>" in page
    assert svg in page


def test_plots_go_to_stderr_and_data_stays_whole(edactl: Edactl) -> None:
    pytest.importorskip("plotille")
    run = edactl(*STEADY, *WORK, "--policy", "fixed:10", "--plot")

    assert records(run)[0]["policy"] == "fixed:10"
    assert "(backlog, messages, fixed:10)" in run.err
    assert "(longest wait, s, fixed:10)" in run.err
    assert "⠤" in run.err or "⣀" in run.err


def test_without_the_library_plots_say_what_to_install(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "plotille", None)
    run = edactl(*STEADY, *WORK, "--policy", "fixed:10", "--plot")

    assert run.status == 253
    assert "edactl[plot]" in run.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (WORK, "arrivals come from one of"),
        ((*STEADY[2:], *WORK, "--arrivals", "x"), "arrivals come from one of"),
        (STEADY[2:], "the time of the work comes from one of"),
        ((*STEADY[2:], *WORK, "--samples", "x"), "the time of the work comes from one of"),
        ((*STEADY[2:], *WORK, "--processing-time-p95", "2s"), "goes with --processing-time"),
        ((*STEADY[2:], "--service-time", "gamma:1s"), "not a service time"),
        ((*STEADY[2:], "--processing-time", "0s"), "--processing-time must be above 0"),
        (("--pattern", "wavy:1/s", *WORK), "not a pattern"),
        ((*STEADY[2:], *WORK, "--policy", "backlog"), "not a policy"),
        ((*STEADY[2:], *WORK, "--policy", "step", "--policy", "step"), "named twice"),
        ((*STEADY[2:], *WORK, "--policy", "no/such"), "cannot be read"),
        ((*STEADY[2:], *WORK, "--messages", "5"), "both end the trace"),
        (("--arrivals", "x", "--messages", "5", *WORK), "are for --pattern"),
        (("--arrivals", "no-such", *WORK), "cannot be read"),
        (("--arrivals", "-", "--samples", "-"), "stdin can be read once"),
        (("--pattern", "steady:1/s", "--duration", "400d", *WORK), "longer than a year"),
        (("--pattern", "steady:9000/s", *WORK), "more than the 10000000 that are simulated"),
        ((*STEADY[2:], *WORK, "--latency", "soon"), "--latency"),
        ((*STEADY[2:], *WORK, "--concurrency-per-task", "0"), "--concurrency-per-task"),
        ((*STEADY[2:], *WORK, "--minimum-tasks", "9", "--maximum-tasks", "8"), "above --maximum"),
        ((*STEADY[2:], *WORK, "--live", "a b"), "names no service"),
        ((*WORK, "--queue", "a b"), "names no queue"),
        ((*WORK, "--queue", "orders", "--lookback", "16d"), "15 days"),
        ((*STEADY[2:], *WORK, "--policy", "fixed:1", "--svg", "no/such.svg"), "cannot be written"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_wrong_command_line_is_refused_with_what_to_type(
    edactl: Edactl, arguments: tuple[str, ...], said: str
) -> None:
    run = edactl("scale", "simulate", *arguments)

    assert run.status == 252
    assert said in run.err
    assert "try:" in run.err
