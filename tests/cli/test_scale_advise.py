"""`edactl scale advise`, through the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.running import Run

Edactl = Callable[..., Run]
GOAL = ("scale", "advise", "--latency", "2m")
TRAFFIC = ("--pattern", "burst:5/s,20/s,at=30m,for=10m", "--duration", "2h")
WORK = ("--processing-time", "2s", "--processing-time-p95", "6s")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def advice(run: Run, status: int = 0) -> dict[str, Any]:
    assert run.status == status, run.err
    found: dict[str, Any] = json.loads(run.out)
    return found


def test_the_answer_has_the_fields_that_scripts_rely_on(edactl: Edactl) -> None:
    run = edactl(*GOAL, *TRAFFIC, *WORK, "--queue", "orders", "--service", "flix/orders")
    found = advice(run)

    assert found["verdict"] == "reachable"
    assert (found["queue"], found["service"]) == ("orders", "flix/orders")
    assert found["textbook_backlog_per_task"] == 60
    assert found["acceptable_backlog_per_task"] == 57
    assert found["metric"] in {"backlog_per_task", "load_per_slot"}
    assert found["target_value"] > 0
    assert found["minimum_tasks"] == 1
    assert found["maximum_tasks"] >= 40
    assert found["scale_out_cooldown_seconds"] == 60
    assert found["scale_in_cooldown_seconds"] == 300
    assert set(found["expected"]) == {
        "p50_seconds",
        "p95_seconds",
        "p99_seconds",
        "late_fraction",
        "mean_tasks",
        "cost_per_day_usd",
    }
    assert found["expected"]["late_fraction"] <= 0.05
    assert found["expected"]["p95_seconds"] <= 120
    for one in found["inputs"].values():
        assert set(one) == {"value", "unit", "source", "samples", "low", "high"}
    assert found["inputs"]["task_start_time"]["source"] == "default"
    assert found["inputs"]["latency"]["value"] == 120
    assert len(found["sensitivity"]) == 3
    assert found["assumptions"]
    assert "95 % of messages within 120 s:" in run.err


def test_what_was_given_is_told_from_defaults(edactl: Edactl) -> None:
    found = advice(edactl(*GOAL, *TRAFFIC, *WORK, "--task-start-time", "90s"))

    assert found["inputs"]["task_start_time"] == {
        "value": 90,
        "unit": "seconds",
        "source": "--task-start-time",
        "samples": None,
        "low": None,
        "high": None,
    }


def test_files_of_counts_and_durations(edactl: Edactl) -> None:
    Path("counts").write_text("300\n" * 60)
    Path("work").write_text("3\n1\n2\n2\n" * 100)
    found = advice(edactl(*GOAL, "--arrivals", "counts", "--samples", "work"))

    assert found["inputs"]["processing_time"]["samples"] == 400
    assert found["inputs"]["processing_time"]["value"] == 2
    assert found["inputs"]["arrivals"]["source"] == "--arrivals counts"
    piped = edactl(*GOAL, "--arrivals", "counts", "--samples", "-", stdin="2\n" * 300)
    assert advice(piped)["acceptable_backlog_per_task"] == 59


def test_work_longer_than_the_latency_is_status_1(edactl: Edactl) -> None:
    run = edactl("scale", "advise", "--latency", "5s", *TRAFFIC, *WORK)
    found = advice(run, status=1)

    assert (found["verdict"], found["target_value"]) == ("not_reachable", None)
    assert "cannot be reached by scaling" in run.err
    assert "warning: the work alone takes" in run.err


def test_a_mean_alone_is_taken_as_exponential_and_any_distribution_can_be_said(
    edactl: Edactl,
) -> None:
    run = edactl(*GOAL, *TRAFFIC, "--processing-time", "2s")
    assert advice(run)["acceptable_backlog_per_task"] == 57
    assert advice(run)["inputs"]["processing_time"]["source"] == "--processing-time"
    assert "it is taken as exponential" in run.err

    run = edactl(*GOAL, *TRAFFIC, "--service-time", "constant:2s")
    assert advice(run)["acceptable_backlog_per_task"] == 59
    assert advice(run)["inputs"]["processing_time"]["source"] == "--service-time constant:2s"
    assert "exponential" not in run.err


def test_redelivered_messages_are_more_work(edactl: Edactl) -> None:
    run = edactl(*GOAL, *TRAFFIC, *WORK, "--redelivery-ratio", "1.5")

    assert advice(run)["inputs"]["peak_arrivals"]["value"] == pytest.approx(30)
    assert "poison messages" in run.err


def test_a_fifo_queue_works_on_no_more_messages_than_groups(edactl: Edactl) -> None:
    fifo = (*GOAL, *TRAFFIC, *WORK, "--queue", "orders.fifo")
    assert "give --fifo-groups" in edactl(*fifo).err

    found = advice(edactl(*fifo, "--fifo-groups", "100", "--concurrency-per-task", "4"))
    assert found["inputs"]["maximum_tasks"]["value"] == 25
    found = advice(edactl(*fifo, "--fifo-groups", "3", "--concurrency-per-task", "4"), status=1)
    assert found["inputs"]["concurrency_per_task"]["value"] == 3
    assert found["maximum_tasks"] == 1


def test_a_table_is_for_people(edactl: Edactl) -> None:
    run = edactl(*GOAL, *TRAFFIC, *WORK, "-o", "table")

    assert run.status == 0
    assert "expected late fraction" in run.out
    assert "processing time percentile" in run.out
    assert "task start time +50 %" in run.out
    assert "not documented by AWS" in run.err


def test_the_same_seed_prints_the_same_bytes(edactl: Edactl) -> None:
    Path("work").write_text("3\n1\n2\n2\n" * 10)
    arguments = (*GOAL, *TRAFFIC, "--samples", "work", "--seed", "7")

    assert edactl(*arguments).out == edactl(*arguments).out
    assert edactl(*arguments).out != edactl(*arguments, "--seed", "8").out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("scale", "advise", *TRAFFIC, *WORK), "there is no --latency"),
        ((*GOAL, *TRAFFIC), "no processing time, and no --queue"),
        ((*GOAL, *WORK), "no arrivals, and no --queue"),
        ((*GOAL, *WORK, "--queue", "orders", "--lookback", "16d"), "minutes for 15 days"),
        ((*GOAL, *WORK, "--queue", "orders", "--lookback", "0s"), "--lookback must be above 0"),
        ((*GOAL, *WORK, "--queue", "or ders"), "names no queue"),
        ((*GOAL, *TRAFFIC, *WORK, "--percentile", "100"), "not between 0 and 100"),
        ((*GOAL, *TRAFFIC, *WORK, "--percentile", "0"), "not between 0 and 100"),
        ((*GOAL, *TRAFFIC, *WORK, "--percentile", "nan"), "not between 0 and 100"),
        ((*GOAL, *TRAFFIC, *WORK, "--concurrency-per-task", "0"), "--concurrency-per-task"),
        ((*GOAL, *TRAFFIC, *WORK, "--redelivery-ratio", "0.5"), "--redelivery-ratio"),
        ((*GOAL, *TRAFFIC, *WORK, "--redelivery-ratio", "nan"), "--redelivery-ratio"),
        (
            (*GOAL, *TRAFFIC, *WORK, "--minimum-tasks", "9", "--maximum-tasks", "3"),
            "is above the 3",
        ),
        ((*GOAL, *TRAFFIC, "--samples", "negative"), 'negative:2: "-1" is not a duration'),
        ((*GOAL, "--arrivals", "negative", *WORK), 'negative:2: "-1" is not a count'),
        ((*GOAL, *TRAFFIC, "--samples", "-", "--arrivals", "-"), "stdin can be read once"),
        (("scale", "advise", "--latency", "0s", *TRAFFIC, *WORK), "--latency must be above 0"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_wrong_question_is_refused_with_what_to_type(
    edactl: Edactl, arguments: tuple[str, ...], said: str
) -> None:
    Path("negative").write_text("1\n-1\n")
    run = edactl(*arguments)

    assert run.status == 252
    assert said in run.err
    assert "try:" in run.err
