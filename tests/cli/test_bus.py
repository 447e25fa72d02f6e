from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from edactl.cli.bus_tail import Shown
from edactl.sandbox.state import SandboxState
from tests.running import Run
from tests.sandbox_queues import SandboxQueues

Edactl = Callable[..., Run]


@pytest.fixture
def flix(sandbox: SandboxState) -> SandboxQueues:
    """A sandbox with the bus flix and a rule that feeds a queue."""
    queues = SandboxQueues(sandbox)
    queues.feed_by_rule(queues.make("orders"), "flix", "au", {"source": ["com.flix"]})
    return queues


def test_buses_are_listed_by_prefix(edactl: Edactl, flix: SandboxQueues) -> None:
    every = edactl("bus", "list", "-o", "json")
    some = edactl("bus", "list", "--prefix", "fl")

    assert [bus["name"] for bus in json.loads(every.out)] == ["default", "flix"]
    [record] = [json.loads(line) for line in some.out.splitlines()]
    assert record["arn"].endswith(":event-bus/flix")
    assert "policy" not in record


def test_a_bus_is_shown_with_its_rules_targets_and_missing_dlqs(
    edactl: Edactl, flix: SandboxQueues
) -> None:
    run = edactl("bus", "show", "flix")

    shown = json.loads(run.out)
    assert run.status == 0
    [rule] = shown["rules"]
    assert (rule["name"], rule["state"], rule["targets_without_dlq"]) == ("au", "ENABLED", 1)
    assert rule["targets"][0]["arn"].endswith(":orders")


@pytest.mark.parametrize("verb", ["show", "tail"])
def test_an_unknown_bus_is_254(edactl: Edactl, flix: SandboxQueues, verb: str) -> None:
    run = edactl("bus", verb, "flicks")

    assert run.status == 254
    assert 'bus "flicks" does not exist' in run.err
    assert flix.leftovers() == []


def test_an_unknown_rule_is_254_and_leaves_nothing(edactl: Edactl, flix: SandboxQueues) -> None:
    run = edactl("bus", "tail", "flix", "--rule", "nope")

    assert run.status == 254
    assert "nope" in run.err
    assert flix.leftovers() == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--rule", "au", "--source", "x"), "--rule brings its own pattern"),
        (("--pattern", '{"a":"1"}'), '"a" must be an object or an array'),
        (("--pattern", "@/nowhere"), "cannot be read"),
        (("--limit", "0"), "--limit"),
    ],
)
def test_a_wrong_command_line_makes_nothing(
    edactl: Edactl, flix: SandboxQueues, options: tuple[str, ...], words: str
) -> None:
    run = edactl("bus", "tail", "flix", *options)

    assert run.status == 252
    assert words in run.err
    assert flix.leftovers() == []


def test_a_tail_that_sees_nothing_ends_with_124_and_cleans_up(
    edactl: Edactl, flix: SandboxQueues
) -> None:
    run = edactl("bus", "tail", "flix", "--rule", "au", "--timeout", "6s")

    assert (run.status, run.out) == (124, "")
    assert 'listening on bus "flix"' in run.err
    assert 'bus "flix": 0 events came in 6 s\n  try: ' in run.err
    assert flix.leftovers() == []


def test_an_expected_event_that_never_comes_is_124(edactl: Edactl, flix: SandboxQueues) -> None:
    run = edactl("bus", "tail", "flix", "--expect", "detail.n == `1`", "--timeout", "3s")

    assert (run.status, run.out) == (124, "")
    assert flix.leftovers() == []


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (Shown(bool, None, passed_over=2, listened=True), "no event fitted --expect in 3 s; 2 oth"),
        (Shown(None, 5, printed=1, listened=True), "1 of 5 events came in 3 s"),
        (Shown(None, 5), "the temporary rule did not work yet after 3 s"),
    ],
)
def test_what_did_not_come_in_time_is_said(shown: Shown, words: str) -> None:
    assert words in shown.missed("flix", 3).message


def test_a_sweep_with_nothing_to_sweep_is_done(edactl: Edactl, flix: SandboxQueues) -> None:
    run = edactl("bus", "sweep", "--yes", "-o", "json")

    assert (run.status, json.loads(run.out)) == (0, [])
    assert "there is nothing to sweep" in run.err
