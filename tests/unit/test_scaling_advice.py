"""The advice: verdicts, and the proof that they hold on their own trace."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from edactl.core.scaling_advice.advice import Advice, advise
from edactl.core.scaling_advice.case import Case
from edactl.core.scaling_advice.measured import Circumstances, inputs_of
from edactl.core.scaling_advice.proof import REPLAYED_MESSAGES, prove
from edactl.core.scaling_advice.search import tried
from edactl.core.scaling_sim.arrivals import Trace, parse_pattern
from edactl.core.scaling_sim.controllers import Bounds
from edactl.core.scaling_sim.policies import parse_policy
from edactl.core.scaling_sim.results import Contest
from edactl.core.scaling_sim.simulator import Setting
from edactl.core.scaling_sim.work import Constant, Exponential, LogNormal, Samples, Work
from tests.seeded import seeded

PLAIN = Circumstances("given", "given")
ANY = Bounds(1, 5000)
TAILED = LogNormal(2, 1.5)


def a_case(  # noqa: PLR0913 -- a case has as many sides
    pattern: str = "burst:5/s,20/s,at=30m,for=10m",
    *,
    minutes: int = 120,
    work: Work = TAILED,
    latency: float = 120,
    percentile: float = 95,
    bounds: Bounds = ANY,
    **setting: Any,
) -> Case:
    trace = parse_pattern(pattern).for_minutes(minutes)
    return Case(trace, Setting(work, **setting), latency, percentile, bounds, 0.05)


def advice_on(case: Case, circumstances: Circumstances = PLAIN) -> Advice:
    inputs = inputs_of(case, circumstances)
    return advise(case, inputs, circumstances, seeded(1))


def late_with(case: Case, advice: Advice, seed: int) -> float:
    kind = "load" if advice.metric == "load_per_slot" else "backlog"
    policy = parse_policy(f"{kind}:{advice.target_value}")
    bounds = Bounds(advice.minimum_tasks, advice.maximum_tasks)
    contest = Contest(case.trace, case.setting, bounds, case.latency_seconds, case.hour_usd)
    return contest.outcome(policy, contest.replay(policy, seeded(seed))).late_fraction


CASES = {
    "burst": a_case(),
    "steady": a_case("steady:5/s"),
    "day": a_case("diurnal:1/s,9/s,period=2h"),
    "a short latency": a_case(latency=30, work=Exponential(2)),
    "a high percentile": a_case(percentile=99),
    "many surges": a_case("burst:5/s,40/s,at=10m,for=6m,every=30m", latency=60),
    "four slots": a_case(concurrency=4),
    "slow starts": a_case(start_seconds=300),
    "one message now and then": a_case("steady:2/m", work=Constant(1)),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_said_to_be_reachable_is_reached(name: str) -> None:
    case = CASES[name]
    advice = advice_on(case)

    assert advice.verdict in {"reachable", "reachable_with_minimum"}
    assert advice.verdict == "reachable" or advice.minimum_tasks > 1
    assert advice.expected.late_fraction <= case.late_allowed
    first, other = (late_with(case, advice, seed) for seed in (1, 2))
    assert first == pytest.approx(advice.expected.late_fraction, abs=1e-6)
    assert other <= case.late_allowed


def test_surges_that_are_over_before_tasks_come_need_a_minimum() -> None:
    advice = advice_on(CASES["many surges"])

    assert advice.verdict == "reachable_with_minimum"
    assert advice.minimum_tasks > 10
    assert advice.maximum_tasks >= 60


def test_the_maximum_leaves_room_for_what_the_target_asks_at_the_peak() -> None:
    case = a_case("steady:5/s", work=Exponential(2))
    advice = advice_on(case)

    assert (advice.metric, advice.target_value) == ("load_per_slot", 0.75)
    assert advice.maximum_tasks >= math.ceil(5 * 2 / 0.75)


def test_the_textbook_s_number_and_the_acceptable_one() -> None:
    case = a_case(work=Constant(2), concurrency=4)

    advice = advice_on(case)

    assert advice.textbook_backlog_per_task == 60
    assert advice.acceptable_backlog_per_task == 4 * (120 - 2) / 2
    assert advice_on(a_case(work=Exponential(2))).acceptable_backlog_per_task == 57
    assert (advice.scale_out_cooldown_seconds, advice.scale_in_cooldown_seconds) == (60, 300)
    assert advice.expected.cost_per_day_usd == pytest.approx(
        advice.expected.mean_tasks * 24 * 0.05, abs=0.01
    )


def test_work_longer_than_the_latency_cannot_be_scaled_away() -> None:
    advice = advice_on(a_case(latency=5, work=Exponential(2), minutes=60))

    assert advice.verdict == "not_reachable"
    assert advice.target_value is None
    assert advice.acceptable_backlog_per_task == 0
    assert "the work alone takes 5.99 s at p95" in advice.warnings[0]
    assert not any(one.meets for one in advice.sensitivity)


NOT_REACHABLE = {
    "too few tasks": (a_case(bounds=Bounds(1, 12)), "12 tasks are too few at the peak of 20"),
    "too few slots": (a_case(bounds=Bounds(1, 3), concurrency=4), "3 tasks are too few"),
    "work too long": (a_case(latency=5, work=Exponential(2)), "the work alone takes"),
}


@pytest.mark.parametrize("name", NOT_REACHABLE)
def test_not_reachable_means_that_no_target_is(name: str) -> None:
    case, said = NOT_REACHABLE[name]
    advice = advice_on(case)

    assert advice.verdict == "not_reachable"
    assert advice.warnings[0].startswith(said)
    most = min(case.bounds.maximum, 500)
    wanted = [*(f"backlog:{one}" for one in (2, 5, 15, 60, 200))]
    wanted += [f"load:{one}" for one in (0.25, 0.5, 0.75, 1)]
    targets = [f"{one},min={least}" for one in wanted for least in (1, most)]
    for text in (f"fixed:{most}", *targets):
        contest = Contest(case.trace, case.setting, case.bounds, case.latency_seconds, 0.05)
        policy = parse_policy(text)
        late = contest.outcome(policy, contest.replay(policy, seeded(1))).late_fraction
        assert late > case.late_allowed


def test_a_candidate_that_fails_its_replay_gets_more_tasks_until_it_holds() -> None:
    case = a_case("steady:5/s", minutes=120)
    weak = tried(case, parse_policy("backlog:60"), Bounds(1, 40))

    proven = prove(case, [weak], seeded(1))

    assert weak.bounds.minimum < proven.candidate.bounds.minimum < 16
    assert proven.late_fraction <= 0.9 * case.late_allowed


def test_a_candidate_that_no_small_steps_mend_gets_what_the_peak_needs() -> None:
    case = a_case("burst:1/s,100/s,at=10m,for=5m,every=15m", minutes=30, latency=30)
    weak = tried(case, parse_policy("backlog:2000"), Bounds(1, 50))

    proven = prove(case, [weak], seeded(1))

    assert proven.candidate.bounds.minimum >= 200
    assert proven.meets(case)


def test_the_minimum_that_is_wanted_is_kept() -> None:
    advice = advice_on(a_case("steady:5/s", bounds=Bounds(20, 40)))

    assert (advice.verdict, advice.minimum_tasks) == ("reachable", 20)
    assert 20 <= advice.maximum_tasks <= 40


def test_a_long_trace_is_replayed_around_its_longest_wait() -> None:
    case = a_case("burst:10/s,40/s,at=4h,for=10m", minutes=500)
    assert case.trace.total > REPLAYED_MESSAGES

    advice = advice_on(case)

    assert advice.verdict == "reachable"
    assert any("minutes, around the longest wait" in one for one in advice.assumptions)
    late = late_with(case, advice, 3)
    assert late <= case.late_allowed
    assert late == pytest.approx(advice.expected.late_fraction, abs=0.01)


def test_a_very_busy_minute_is_replayed_by_itself() -> None:
    counts = (60_000.0,) * 20 + (310_000.0,) * 10 + (60_000.0,) * 10
    case = replace(a_case(work=Constant(0.01), latency=30), trace=Trace(counts, exact=True))

    advice = advice_on(case)

    assert advice.verdict != "not_reachable"
    assert any(one.startswith("1 of 40 minutes") for one in advice.assumptions)


def test_a_trace_of_messages_is_replayed_to_its_last() -> None:
    trace = parse_pattern("steady:5/s").for_messages(20_000)

    advice = advice_on(replace(a_case(), trace=trace))

    assert advice.verdict == "reachable"
    assert "every message of the trace was replayed" in advice.assumptions


def test_an_input_says_where_it_came_from_and_how_sure_it_is() -> None:
    samples = Samples(tuple(sorted(0.01 * number for number in range(1, 401))))
    circumstances = replace(PLAIN, work_source="--samples d", given=frozenset({"--percentile"}))
    inputs = advice_on(a_case(work=samples), circumstances).inputs

    work = inputs["processing_time"]
    assert (work.unit, work.source) == ("seconds", "--samples d")
    assert work.value == pytest.approx(2.005)
    assert work.samples == 400
    assert work.low is not None
    assert work.high is not None
    assert work.low < 2.005 < work.high
    assert inputs["processing_time_percentile"].value == pytest.approx(3.8)
    assert inputs["percentile"].source == "--percentile"
    assert inputs["task_start_time"].source == "default"
    assert inputs["arrivals"].samples == 120
    assert inputs["peak_arrivals"].value == 20


def test_one_minute_says_nothing_of_how_sure_its_mean_is() -> None:
    assert advice_on(a_case(minutes=1)).inputs["arrivals"].high is None


def warnings_of(case: Case, **circumstances: Any) -> str:
    return "\n".join(advice_on(case, replace(PLAIN, **circumstances)).warnings)


def test_nothing_is_warned_of_where_all_is_well() -> None:
    assert warnings_of(a_case("steady:20/s", work=Constant(0.1), bounds=Bounds(3, 9))) == ""


@pytest.mark.parametrize(
    ("said", "case", "circumstances"),
    [
        ("the textbook target of 60 would make", a_case("steady:5/s"), {}),
        ("a sudden rise from 5 to 20 messages/s makes some wait up to 1", a_case(), {}),
        ("no traffic", a_case("steady:0/s", minutes=30), {}),
        ("3 minutes have no count", replace(a_case(), trace=Trace((9.0,) * 30, True, 3)), {}),
        ("RunningTaskCount has no data", a_case(bounds=Bounds(0, 99)), {}),
        (
            "sleeps for 6 hours",
            replace(a_case(), trace=Trace((60.0, *[0.0] * 360, 60.0), exact=True)),
            {},
        ),
        ("received 1.2 times: poison", a_case(), {"redelivery_ratio": 1.2}),
        ("only the mean", a_case(), {"mean_only": True}),
        ("29 samples of the processing time are too few", a_case(work=Samples((1.0,) * 29)), {}),
        ("30 samples of the processing time: its", a_case(work=Samples((1.0,) * 30)), {}),
        ("heavy tail (p99 is", a_case(work=LogNormal(2, 2.5)), {}),
        ("scale-in cuts them off", a_case(work=Constant(31)), {}),
        ("give --fifo-groups", a_case(), {"fifo": True}),
        ("8 message groups let at most 8", a_case(), {"fifo": True, "fifo_groups": 8}),
        ("hides up to 9 of them", a_case(), {"batch_size": 10}),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_an_operator_should_know_is_said(
    said: str, case: Case, circumstances: dict[str, Any]
) -> None:
    assert said in warnings_of(case, **circumstances)


def test_results_say_that_they_are_a_model_s() -> None:
    advice = advice_on(a_case(minutes=30))

    assert "model" in advice.model
    assert any("not documented by AWS" in one for one in advice.assumptions)
    assert [one.change for one in advice.sensitivity] == [
        "processing time +25 %",
        "task start time +50 %",
        "arrivals +50 %",
    ]


def test_without_traffic_the_advice_is_the_processing_time_s() -> None:
    advice = advice_on(a_case("steady:0/s", minutes=30, work=Constant(2)))

    assert (advice.verdict, advice.textbook_backlog_per_task) == ("reachable", 60)
    assert advice.expected.late_fraction == 0
