"""The simulator against closed forms, and against itself."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from edactl.core.queueing.surge import Surge
from edactl.core.queueing.waits import mean_wait_seconds
from edactl.core.scaling_sim.arrivals import Trace, parse_pattern
from edactl.core.scaling_sim.controllers import Bounds, Datapoint, Fixed
from edactl.core.scaling_sim.minute_model import MinuteModel, wait_percentile
from edactl.core.scaling_sim.policies import parse_policy
from edactl.core.scaling_sim.results import Contest, Outcome, task_hour_usd
from edactl.core.scaling_sim.simulator import Replay, Setting, Simulation
from edactl.core.scaling_sim.work import Constant, Exponential, LogNormal, Work
from tests.running import name_of
from tests.seeded import generator, seeded

CASES: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "cases" / "queueing.json").read_text("utf-8")
)
MANY = 400_000


def fixed(rate: float, work: Work, tasks: int, seed: int = 0, messages: int = MANY) -> Outcome:
    trace = parse_pattern(f"steady:{rate}/s").for_messages(messages)
    contest = Contest(trace, Setting(work), Bounds(1, 1000), 120.0, 0.05)
    policy = parse_policy(f"fixed:{tasks}")
    return contest.outcome(policy, contest.replay(policy, seeded(seed)))


@pytest.mark.parametrize(
    ("case", "seed"), [*zip(CASES["mmc_waits"]["cases"], (3, 5, 0), strict=True)], ids=name_of
)
def test_exponential_work_waits_as_erlang_says(case: list[float], seed: int) -> None:
    rate, tasks, mean, p95, p99 = case
    found = fixed(rate, Exponential(1), int(tasks), seed)

    assert found.messages == MANY
    assert found.mean_wait_seconds == pytest.approx(mean, rel=0.03)
    assert found.p95_wait_seconds == pytest.approx(p95, rel=0.03)
    assert found.p99_wait_seconds == pytest.approx(p99, rel=0.03)


@pytest.mark.parametrize(
    ("work", "mean", "seed"), [(Constant(1), 2.0, 0), (LogNormal(1, 1.5), 6.5, 0)], ids=name_of
)
def test_other_work_waits_as_pollaczek_and_khinchine_say(
    work: Work, mean: float, seed: int
) -> None:
    assert fixed(0.8, work, 1, seed).mean_wait_seconds == pytest.approx(mean, rel=0.03)


def test_work_with_a_tail_on_ten_slots_waits_as_allen_and_cunneen_say_nearly() -> None:
    found = fixed(9, LogNormal(1, 1.5), 10, messages=200_000)

    expected = mean_wait_seconds(9, 1, 10, variation=1.5)
    assert expected == pytest.approx(1.087, rel=0.01)
    assert found.mean_wait_seconds == pytest.approx(expected, rel=0.15)


def a_contest(pattern: str, minutes: int, *, concurrency: int = 1, most: int = 1000) -> Contest:
    setting = Setting(LogNormal(2, 1.5), concurrency)
    trace = parse_pattern(pattern).for_minutes(minutes)
    return Contest(trace, setting, Bounds(1, most), 120.0, task_hour_usd(1024, 2048))


POLICIES = (
    "fixed:12",
    "step",
    "step-only",
    "cpu:70",
    "queue-depth:100",
    "backlog:60",
    "load:0.75",
    "step1:15,min=12",
    "step1:load=0.75",
)


@pytest.mark.parametrize("text", POLICIES)
def test_messages_are_neither_lost_nor_made_and_little_s_law_holds(text: str) -> None:
    contest, policy = a_contest("burst:5/s,20/s,at=20m,for=10m", 90), parse_policy(text)
    replay = contest.replay(policy, seeded(1))

    assert replay.arrived == len(replay.waits) + replay.left
    assert replay.arrived == sum(minute.sent for minute in replay.minutes)
    assert min(replay.waits) >= 0
    assert all(wait < age for wait, age in zip(replay.waits, replay.ages, strict=True))
    queued = sum(minute.backlog for minute in replay.minutes) * 60
    assert queued == pytest.approx(math.fsum(replay.waits), rel=0.1)


@pytest.mark.parametrize("text", POLICIES)
def test_the_same_seed_gives_the_same_and_another_does_not(text: str) -> None:
    contest, policy = a_contest("burst:5/s,20/s,at=10m,for=10m", 30), parse_policy(text)
    first, again, other = (
        contest.outcome(policy, contest.replay(policy, seeded(seed))) for seed in (1, 1, 2)
    )

    assert first == again
    assert first != other


def test_every_policy_gets_the_same_messages() -> None:
    contest = a_contest("burst:5/s,20/s,at=10m,for=10m", 30)
    works = []
    for text in POLICIES:
        replay = contest.replay(parse_policy(text), seeded(1))
        works.append(sorted(a - w for w, a in zip(replay.waits, replay.ages, strict=True)))

    for work in works:
        assert work == pytest.approx(works[0])


@pytest.mark.parametrize(
    ("target", "before", "after", "tasks", "predicted"), CASES["surges"]["cases"]
)
def test_the_peak_wait_of_a_surge_is_the_closed_form_s(
    target: float, before: float, after: float, tasks: int, predicted: float
) -> None:
    """The surge begins at five moments of its minute, since the alarm sees whole minutes."""
    bounds = Bounds(tasks, 1000)
    peaks = []
    for seed in range(5):
        share = (seed + 0.5) / 5
        first = 60 * (before * share + after * (1 - share))
        trace = Trace((*[60 * before] * 10, first, *[60 * after] * 20))
        contest = Contest(trace, Setting(LogNormal(2, 1.5)), bounds, 120.0, 0.05, tasks)
        replay = contest.replay(parse_policy(f"backlog:{target}"), seeded(seed))
        peaks.append(max(minute.longest_wait_seconds for minute in replay.minutes))

    found = sum(peaks) / len(peaks)
    assert Surge(after, tasks, 0.5, 60, 60).peak_wait_seconds(target) == pytest.approx(
        predicted, abs=1
    )
    assert 0.8 * predicted <= found <= 1.05 * predicted


def test_the_textbook_target_misses_its_latency_under_a_steady_load() -> None:
    contest = a_contest("steady:5/s", 480)
    outcomes = {
        text: contest.outcome(policy, contest.replay(policy, seeded(1)))
        for text in ("fixed:12", "backlog:60", "backlog:15", "load:0.75")
        for policy in [parse_policy(text)]
    }

    assert 0.12 < outcomes["backlog:60"].late_fraction < 0.2
    assert outcomes["backlog:60"].scaling_actions > 60
    assert outcomes["backlog:15"].late_fraction < 0.005
    assert outcomes["load:0.75"].late_fraction == 0
    assert outcomes["load:0.75"].scaling_actions <= 6
    assert outcomes["fixed:12"].task_hours == 96
    assert outcomes["fixed:12"].mean_tasks == 12
    assert outcomes["fixed:12"].cost_usd == pytest.approx(96 * 0.04937)


class Script:
    """A policy that says what it was told to, minute by minute, and keeps what it saw."""

    def __init__(self, *wanted: int) -> None:
        self.wanted = list(wanted)
        self.seen: list[Datapoint] = []

    def decide(self, point: Datapoint, desired: int, now: float) -> int:
        self.seen.append(point)
        return self.wanted.pop(0) if self.wanted else desired


def scripted(script: Script, tasks: int, setting: Setting, counts: tuple[float, ...]) -> Replay:
    simulation = Simulation(setting, script, tasks)
    return simulation.run(Trace(counts, exact=True), arrivals=generator(1), works=generator(2))


def test_a_task_helps_once_it_has_started_and_is_paid_for_from_the_decision() -> None:
    script = Script(3)
    setting = Setting(Constant(1), start_seconds=90, publish_seconds=0)
    replay = scripted(script, 1, setting, (0.0,) * 5)

    assert [minute.running_tasks for minute in replay.minutes] == [1, 1, 3, 3, 3]
    assert [minute.desired_tasks for minute in replay.minutes] == [3, 3, 3, 3, 3]
    assert replay.task_seconds == 60 + 4 * 3 * 60
    assert replay.actions == 1


def test_a_datapoint_is_seen_when_it_is_published() -> None:
    script = Script()
    scripted(script, 1, Setting(Constant(1), publish_seconds=61), (60.0, 0.0, 0.0, 0.0))

    assert [point.at_seconds for point in script.seen] == [60, 120]
    assert script.seen[0].sent == 60


def test_tasks_that_still_start_go_first_and_those_at_work_finish() -> None:
    script = Script(5, 3, 1)
    setting = Setting(Constant(200), start_seconds=1000, publish_seconds=0)
    replay = scripted(script, 2, setting, (2.0, 0.0, 0.0, 0.0))

    assert [minute.desired_tasks for minute in replay.minutes[:4]] == [5, 3, 1, 1]
    assert [minute.running_tasks for minute in replay.minutes[:4]] == [2, 2, 1, 1]
    assert len(replay.waits) == 2
    drained = replay.task_seconds - (2 + 5 + 3 + 1) * 60
    assert 0 < drained < 200


def test_a_slot_of_a_task_serves_one_message_each() -> None:
    one = scripted(Script(), 1, Setting(Constant(60), 1), (10.0, 0.0))
    four = scripted(Script(), 1, Setting(Constant(60), 4), (10.0, 0.0))

    assert [minute.in_flight for minute in one.minutes[:1]] == [1]
    assert [minute.in_flight for minute in four.minutes[:1]] == [4]
    assert math.fsum(four.waits) < math.fsum(one.waits) / 3


def test_the_busy_share_is_the_work_done_over_the_room_for_it() -> None:
    script = Script()
    scripted(script, 2, Setting(Constant(3), publish_seconds=0), (0.0, 20.0, 0.0, 0.0))
    shares = [point.busy_share or 0.0 for point in script.seen]

    assert shares[0] == 0
    assert sum(shares) == pytest.approx(60 / 120)


def test_without_a_task_messages_are_left_and_the_metric_is_missing() -> None:
    script = Script()
    replay = scripted(script, 0, Setting(Constant(1)), (3.0, 0.0))

    assert (replay.left, len(replay.waits), replay.task_seconds) == (3, 0, 0)
    assert script.seen[0].busy_share is None


def test_what_is_left_counts_as_late() -> None:
    trace = Trace((60.0,), exact=True)
    contest = Contest(trace, Setting(Constant(1)), Bounds(0, 5), 60.0, 1.0)
    policy = parse_policy("fixed:0")
    outcome = contest.outcome(policy, contest.replay(policy, seeded(1)))

    assert (outcome.messages_left, outcome.late_fraction) == (60, 1)
    assert (outcome.mean_wait_seconds, outcome.p99_wait_seconds) == (0, 0)


def test_no_traffic_is_no_error() -> None:
    contest = Contest(Trace((0.0, 0.0)), Setting(Constant(1)), Bounds(1, 5), 60.0, 1.0)
    policy = parse_policy("backlog:5")
    outcome = contest.outcome(policy, contest.replay(policy, seeded(1)))

    assert (outcome.messages, outcome.late_fraction, outcome.mean_tasks) == (0, 0, 1)


def test_a_trace_of_messages_ends_with_the_last_of_them() -> None:
    outcome = fixed(10, Constant(0.1), 2, messages=6000)

    assert outcome.task_hours == pytest.approx(2 * 600 / 3600, rel=0.05)
    assert outcome.mean_tasks == pytest.approx(2, rel=1e-3)


@pytest.mark.parametrize("text", ["backlog:60", "backlog:60,min=12", "load:0.75", "fixed:12"])
@pytest.mark.parametrize("pattern", ["steady:5/s", "burst:5/s,20/s,at=1h,for=20m"])
def test_minute_by_minute_is_near_to_message_by_message(text: str, pattern: str) -> None:
    contest, policy = a_contest(pattern, 240), parse_policy(text)
    outcome = contest.outcome(policy, contest.replay(policy, seeded(1)))
    limit = 120 - contest.setting.work.percentile_seconds(95)
    tasks = policy.first_tasks(contest.bounds, 10, 1)
    controller = policy.controller(contest.bounds, contest.setting, 120)
    fluid = MinuteModel(contest.setting, controller, tasks, limit).run(contest.trace.per_minute)

    assert fluid.late_fraction == pytest.approx(outcome.late_fraction, abs=0.05)
    assert fluid.mean_tasks == pytest.approx(outcome.mean_tasks, rel=0.1)


def fluid_of(script: Script, tasks: int, counts: list[float], **settings: float) -> Any:
    setting = Setting(Constant(1), publish_seconds=0, **settings)  # type: ignore[arg-type]  # two floats
    return MinuteModel(setting, script, tasks, 30).run(counts)


def test_minute_by_minute_tasks_start_late_and_those_that_start_go_first() -> None:
    fluid = fluid_of(Script(5, 3, 1, 1), 2, [0.0] * 6, start_seconds=1000)
    assert [one.desired_tasks for one in fluid.minutes] == [2, 5, 3, 1, 1, 1]

    fluid = fluid_of(Script(2), 1, [60.0, 120.0, 120.0, 120.0], start_seconds=30)
    assert [one.backlog for one in fluid.minutes] == [0, 30, 30, 30]


def test_minute_by_minute_no_task_means_an_endless_wait() -> None:
    fluid = fluid_of(Script(), 0, [60.0])

    assert fluid.late_fraction == 1
    assert math.isinf(wait_percentile(fluid.minutes, 50))
    assert wait_percentile([], 50) == 0


def test_minute_by_minute_a_part_of_a_minute_can_be_late() -> None:
    fluid = fluid_of(Script(), 1, [100.0, 0.0])

    assert fluid.minutes[0].late == pytest.approx(25)
    assert fluid.highest_backlog == 40


def test_the_price_of_a_task_is_that_of_its_size() -> None:
    assert task_hour_usd(1024, 2048) == pytest.approx(0.04048 + 2 * 0.004445)


def test_the_controller_of_a_fixed_policy_is_fixed() -> None:
    policy = parse_policy("fixed:3")

    assert isinstance(policy.controller(Bounds(1, 9), Setting(Constant(1)), 60), Fixed)
    assert policy.bounds(Bounds(1, 2)) == Bounds(3, 3)
