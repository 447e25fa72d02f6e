from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from edactl.core.task import LaunchAnswer
from edactl.core.task_map_journal import OpenCall
from edactl.core.task_map_state import MapState
from edactl.errors import AccessDenied, AwsError, Throttled
from edactl.ops.task_map_crew import ThreadCrew
from edactl.ops.task_map_ports import Answer, StopSent
from tests.task_map_world import (
    CAPACITY,
    ON_SPOT,
    Answering,
    Mapped,
    World,
    a_map,
    item_run,
    lost_answer,
    refusal,
    run_map,
)

QUOTA = "You've reached the limit on the number of vCPUs you can run concurrently"


def balanced(mapped: Mapped, items: int) -> bool:
    """Whether every item ended once or is left."""
    tally = mapped.task_map.tally
    once = len({one.index for one in mapped.records}) == len(mapped.records)
    return once and len(mapped.records) + tally.left == items == tally.items


def test_each_item_gets_a_task_of_its_own() -> None:
    world = World()

    mapped = run_map(world, 5)

    assert mapped.outcomes == dict.fromkeys(range(5), "succeeded")
    assert [count for _, _, _, count in world.calls] == [1] * 5
    items = [dict(request.overrides.environment)["ITEM"] for _, request, _, _ in world.calls]
    assert items == [f'{{"id":{index}}}' for index in range(5)]
    assert len({token for _, _, token, _ in world.calls}) == 5
    assert world.kept == []


def test_equal_tasks_are_launched_ten_a_call() -> None:
    world = World()

    mapped = run_map(world, 24, text="same", pace=100)

    assert [count for _, _, _, count in world.calls] == [10, 10, 4]
    assert mapped.counted == {"succeeded": 24}


def test_no_more_items_are_in_hand_than_may_run_at_once() -> None:
    world = World()

    run_map(world, 30, parallel=4)

    assert world.most_at_once == 4


@pytest.mark.parametrize("pace", [2.0, 20.0, 50.0])
def test_launches_keep_the_pace(pace: float) -> None:
    world = World()

    run_map(world, 400, parallel=400, pace=pace, text="same")

    times = [at for at, _, _, count in world.calls for _ in range(count)]
    assert (len(times) - 1) / (times[-1] - times[0]) == pytest.approx(pace, rel=0.1)
    for number, at in enumerate(times):  # never more in a second than the pace and one burst
        assert sum(1 for one in times[number:] if one < at + 1) <= pace + max(10, pace / 2) + 1


def test_items_of_their_own_are_launched_by_at_most_twenty_calls_a_second() -> None:
    world = World()

    run_map(world, 200, parallel=200, pace=100)

    times = [at for at, *_ in world.calls]
    assert (len(times) - 21) / (times[-1] - times[0]) == pytest.approx(20, rel=0.1)


def test_tasks_that_wait_for_their_start_hold_launches_back() -> None:
    world = World(start_seconds=60)

    run_map(world, 100, pace=100, text="same", parallel=200, launch_seconds=6000, most_starting=30)

    assert world.most_starting == 30


def test_seven_tasks_and_three_failures_in_one_answer_are_ten_items() -> None:
    world = World(answers=[Answering(["succeeds"] * 7, failure=CAPACITY)])

    mapped = run_map(world, 10, text="same")

    assert mapped.counted == {"succeeded": 10}
    assert [count for _, _, _, count in world.calls] == [10, 3]
    assert len({token for _, _, token, _ in world.calls}) == 2
    attempts = sorted(len(one.result.attempts) for one in mapped.records)
    assert attempts == [1] * 7 + [2] * 3
    assert len(world.tasks) == 10


def test_no_capacity_is_waited_for_and_launches_go_on() -> None:
    world = World(answers=[Answering(failure=CAPACITY)] * 3)

    mapped = run_map(world, 2, parallel=1)

    assert mapped.counted == {"succeeded": 2}
    first = mapped.records[0].result
    assert [one.failure_class for one in first.attempts] == ["capacity"] * 3 + [None]
    assert len(world.warnings) == 1
    assert "AWS has no capacity for it now" in world.warnings[0]


def test_an_item_that_gets_no_capacity_in_time_never_started_and_is_kept() -> None:
    world = World(otherwise=Answering(failure=CAPACITY))

    mapped = run_map(world, 2, launch_seconds=30)

    assert mapped.counted == {"never_started": 2}
    assert [one.index for one in world.kept] == [one.index for one in mapped.records]
    assert CAPACITY in mapped.records[0].result.explanation
    assert world.seconds < 120


def test_what_is_configured_wrongly_is_not_tried_again() -> None:
    world = World(answers=[Answering(["succeeds"], failure="ATTRIBUTE")])

    mapped = run_map(world, 3, text="same")

    assert mapped.counted == {"succeeded": 1, "never_started": 2}
    assert len(world.calls) == 1
    assert world.searches == []


def test_an_answer_that_holds_nothing_ends_its_item() -> None:
    mapped = run_map(World(answers=[Answering()]), 1)

    assert mapped.outcomes == {0: "never_started"}
    assert "neither a task nor a failure" in mapped.records[0].result.explanation


def test_a_lost_answer_is_asked_for_again_with_the_same_token() -> None:
    world = World(answers=[Answering(["succeeds"], error=lost_answer())])

    mapped = run_map(world, 1)

    assert mapped.counted == {"succeeded": 1}
    (_, _, first, _), (_, _, second, _) = world.calls
    assert first == second
    assert len(world.tasks) == 1


def test_a_throttled_launch_is_sent_again_with_the_same_token() -> None:
    throttle = Throttled("Rate exceeded", code="ThrottlingException", operation="ecs:RunTask")
    world = World(answers=[Answering(error=throttle)] * 2)

    mapped = run_map(world, 3, text="same")

    assert mapped.counted == {"succeeded": 3}
    assert len({token for _, _, token, _ in world.calls}) == 1


def test_a_ghost_is_found_and_watched_instead_of_launched_again() -> None:
    ghost = Answering(["succeeds"], failure=CAPACITY, shown=False)
    world = World(answers=[ghost])

    mapped = run_map(world, 1)

    assert mapped.counted == {"succeeded": 1}
    assert len(world.tasks) == len(world.calls) == 1
    assert world.searches == ["edactl/job/1"]
    assert any("no answer said so" in one for one in world.warnings)


def test_a_ghost_of_an_item_whose_time_is_up_is_still_looked_for() -> None:
    world = World(answers=[Answering(["succeeds"], error=lost_answer())], start_seconds=0)

    mapped = run_map(world, 1, launch_seconds=0)

    assert mapped.counted == {"succeeded": 1}
    assert len(world.calls) == 1


def test_a_search_that_fails_is_made_again_before_anything_is_launched() -> None:
    throttle = Throttled("Rate exceeded", code="ThrottlingException", operation="ecs:ListTasks")
    world = World(answers=[Answering(failure=CAPACITY)], search_errors=[throttle])

    mapped = run_map(world, 1)

    assert mapped.counted == {"succeeded": 1}
    assert len(world.searches) == 2


def test_where_tasks_may_not_be_looked_for_the_item_is_left() -> None:
    denied = AccessDenied("no", code="AccessDenied", action="ecs:ListTasks")
    world = World(answers=[Answering(failure=CAPACITY)], search_errors=[denied])

    mapped = run_map(world, 1)

    assert mapped.records == []
    assert mapped.task_map.tally.left == 1
    assert any("cannot look for tasks" in one for one in world.warnings)


def test_the_quota_is_waited_for_while_own_tasks_run() -> None:
    world = World(run_seconds=900)
    world.answers = [Answering(["succeeds"]), *[Answering(failure=QUOTA)] * 10]

    mapped = run_map(world, 2, launch_seconds=100)

    assert mapped.counted == {"succeeded": 2}
    assert world.calls[-1][0] > 100


def test_the_quota_ends_an_item_when_no_task_of_the_run_will_make_room() -> None:
    mapped = run_map(World(otherwise=Answering(failure=QUOTA)), 1, launch_seconds=30)

    assert mapped.counted == {"never_started": 1}


def test_the_first_refusal_for_good_ends_everything_and_no_item() -> None:
    denied = AccessDenied("no", code="AccessDeniedException", action="ecs:RunTask")
    world = World(otherwise=Answering(error=denied))

    mapped = run_map(world, 100, parallel=1)

    assert mapped.task_map.halted is denied
    assert mapped.records == []
    assert mapped.task_map.tally.left == 100
    assert len(world.calls) == 1


def test_ten_refusals_in_a_row_end_the_launching() -> None:
    world = World(otherwise=Answering(error=refusal("InvalidParameterException", "what?")))
    world.answers = [Answering(["succeeds"])]

    mapped = run_map(world, 100, parallel=1)

    assert mapped.counted == {"succeeded": 1, "never_started": 10}
    assert mapped.task_map.halted is not None
    assert balanced(mapped, 100)


def test_ten_failures_for_good_in_a_row_end_the_launching_too() -> None:
    mapped = run_map(World(otherwise=Answering(failure="ATTRIBUTE")), 100, parallel=1)

    assert mapped.counted == {"never_started": 10}
    assert mapped.task_map.halted is not None
    assert mapped.task_map.halted.code == "ATTRIBUTE"


def test_a_failed_item_runs_again_as_often_as_asked() -> None:
    world = World(answers=[Answering(["fails"])] * 3)

    mapped = run_map(world, 1, retries=2)

    [record] = mapped.records
    assert record.result.outcome == "failed"
    assert record.result.exit_code == 3
    assert [one.outcome for one in record.result.attempts] == ["failed"] * 3
    assert [one.number for one in record.result.attempts] == [1, 2, 3]
    assert world.kept == [record]


def test_a_task_that_never_started_for_a_reason_that_passes_is_launched_again() -> None:
    world = World(answers=[Answering(["starts later"])])

    mapped = run_map(world, 1)

    assert mapped.counted == {"succeeded": 1}
    assert [one.failure_class for one in mapped.records[0].result.attempts] == ["transient", None]


def test_a_task_that_cannot_start_is_not_launched_again() -> None:
    mapped = run_map(World(answers=[Answering(["never starts"])]), 1, retries=5)

    assert mapped.counted == {"never_started": 1}


def test_an_interrupted_task_on_spot_runs_again() -> None:
    world = World(answers=[Answering(["is interrupted"])])

    mapped = run_map(world, 1, request=ON_SPOT)

    assert mapped.counted == {"succeeded": 1}
    assert [one.outcome for one in mapped.records[0].result.attempts] == [
        "interrupted",
        "succeeded",
    ]


def test_after_two_losses_on_spot_it_goes_on_demand() -> None:
    world = World(answers=[Answering(["is interrupted"])] * 2)

    mapped = run_map(world, 1, request=ON_SPOT, fallback=True)

    assert mapped.counted == {"succeeded": 1}
    assert [request.provider for _, request, _, _ in world.calls] == [
        "FARGATE_SPOT",
        "FARGATE_SPOT",
        "FARGATE",
    ]
    assert '"fell_back":true' in world.lines[-3]


def test_three_interruptions_end_an_item_on_spot() -> None:
    world = World(otherwise=Answering(["is interrupted"]))

    mapped = run_map(world, 1, request=ON_SPOT)

    assert mapped.counted == {"interrupted": 1}
    assert len(world.calls) == 3


def test_off_spot_an_interrupted_task_runs_again_only_when_asked() -> None:
    interrupted = [Answering(["is interrupted"])]

    assert run_map(World(answers=[*interrupted]), 1).counted == {"interrupted": 1}
    assert run_map(World(answers=[*interrupted]), 1, retries=1).counted == {"succeeded": 1}


def test_a_task_that_runs_too_long_is_stopped() -> None:
    world = World(run_seconds=500)

    mapped = run_map(world, 1, seconds=60)

    assert mapped.counted == {"timed_out": 1}
    assert [reason for _, reason in world.stopped] == ["edactl: timeout"]
    assert 60 <= world.seconds < 80


def test_a_task_that_does_not_start_in_time_is_stopped() -> None:
    world = World(start_seconds=500)

    mapped = run_map(world, 1, launch_seconds=60)

    assert mapped.counted == {"never_started": 1}
    assert [reason for _, reason in world.stopped] == ["edactl: launch timeout"]


def test_a_stop_that_fails_is_asked_for_again() -> None:
    throttle = Throttled("Rate exceeded", code="ThrottlingException", operation="ecs:StopTask")
    world = World(run_seconds=500, stop_errors=[throttle])

    mapped = run_map(world, 1, seconds=60)

    assert mapped.counted == {"timed_out": 1}
    assert len(world.stopped) == 2
    assert any("could not be stopped yet" in one for one in world.warnings)


def test_a_task_that_does_not_stop_is_given_up() -> None:
    mapped = run_map(World(run_seconds=5000, stop_seconds=4000), 1, seconds=60)

    assert mapped.counted == {"timed_out": 1}
    assert "still RUNNING" in mapped.records[0].result.explanation


def test_a_task_that_ecs_does_not_know_after_a_minute_never_started() -> None:
    world = World()
    world.forgotten.add("arn:aws:ecs:us-east-1:000000000000:task/jobs/t1")

    mapped = run_map(world, 1)

    assert mapped.counted == {"never_started": 1}
    assert "does not know it" in mapped.records[0].result.explanation
    assert world.seconds > 60


def test_throttled_looks_are_waited_out() -> None:
    throttle = Throttled("Rate exceeded", code="ThrottlingException", operation="ecs:DescribeTasks")

    mapped = run_map(World(describe_errors=[throttle] * 5), 1)

    assert mapped.counted == {"succeeded": 1}


def test_looks_that_are_refused_end_the_run_with_their_error() -> None:
    denied = AccessDenied("no", code="AccessDenied", action="ecs:DescribeTasks")

    with pytest.raises(AccessDenied):
        run_map(World(describe_errors=[denied]), 1)


def test_looks_that_stay_unanswered_end_the_run_with_their_error() -> None:
    with pytest.raises(AwsError):
        run_map(World(describe_errors=[lost_answer()] * 9999), 1)


def test_ctrl_c_stops_what_runs_and_launches_nothing_more() -> None:
    world = World(run_seconds=500, stop_at=2)

    mapped = run_map(world, 100, parallel=10)

    assert mapped.counted == {"cancelled": 10}
    assert {reason for _, reason in world.stopped} == {"edactl: cancel"}
    assert mapped.task_map.stopped == set(mapped.outcomes)
    assert balanced(mapped, 100)
    assert world.kept == []
    assert world.state(100).done.count == 0
    assert world.state(100).in_hand() == set()


def test_ctrl_c_with_keep_leaves_the_tasks_to_run() -> None:
    world = World(run_seconds=500, stop_at=2)

    mapped = run_map(world, 100, parallel=10, keep=True)

    assert mapped.records == []
    assert world.stopped == []
    assert mapped.task_map.in_flight == 10
    assert len(world.state(100).launched) == 10


def test_a_task_that_ended_by_itself_as_it_was_stopped_keeps_its_own_outcome() -> None:
    world = World(run_seconds=5, stop_at=8.01)

    mapped = run_map(world, 1)

    assert mapped.counted == {"succeeded": 1}
    assert mapped.task_map.stopped == set()


def test_ctrl_c_while_there_is_no_capacity_leaves_the_items() -> None:
    world = World(otherwise=Answering(failure=CAPACITY), stop_at=5)

    mapped = run_map(world, 3)

    assert mapped.records == []
    assert balanced(mapped, 3)
    assert world.seconds < 8


def test_a_ghost_that_is_found_after_ctrl_c_is_stopped() -> None:
    lost = Answering(["succeeds"], error=lost_answer())
    world = World(answers=[lost], run_seconds=500, stop_at=0.2)

    mapped = run_map(world, 1)

    assert mapped.counted == {"cancelled": 1}
    assert len(world.stopped) == 1


def test_a_failed_item_is_left_for_the_next_run_when_it_is_stopped() -> None:
    world = World(answers=[Answering(["fails"])], stop_at=8.6)

    mapped = run_map(world, 1, retries=100)

    assert mapped.records == []
    assert mapped.task_map.tally.left == 1
    assert len(world.calls) == 1
    assert world.state(1).in_hand() == {0}


def test_ctrl_c_while_launches_are_throttled_leaves_the_items() -> None:
    throttle = Throttled("Rate exceeded", code="ThrottlingException", operation="ecs:RunTask")
    world = World(otherwise=Answering(error=throttle), stop_at=5)

    mapped = run_map(world, 3)

    assert mapped.records == []
    assert balanced(mapped, 3)
    assert world.searches[-3:] == ["edactl/job/1", "edactl/job/2", "edactl/job/3"]


def test_items_that_wait_for_their_turn_are_left_by_ctrl_c() -> None:
    world = World(stop_at=1.0)

    mapped = run_map(world, 100, parallel=50, pace=2, text="same")

    assert mapped.counted == {"cancelled": len(world.tasks)}
    assert len(world.tasks) < 10
    assert balanced(mapped, 100)


def test_a_task_too_many_is_told() -> None:
    world = World()
    world.otherwise.ends = ["succeeds"] * 10
    launcher = a_map(world, 1)
    [step, *_] = launcher.run()
    assert step == []
    call = launcher.launcher.call(OpenCall(7, (5,), 1, 0.0), [item_run(5)])
    launcher.launcher.in_flight += 1
    two = tuple(
        replace(one.task, task_arn=f"arn:x/{n}")
        for n in (1, 2)
        for one in list(world.tasks.values())[:1]
    )
    launcher.answers.answered(call, LaunchAnswer(two))

    assert world.warnings == ["ECS started one task too many: edactl task stop arn:x/2"]


# -- going on with what a process left that died ---------------------------------------------------


def killed_after(world: World, steps: int, items: int, **how: Any) -> None:
    """Run so many steps of a map, then be gone."""
    running = a_map(world, items, **how).run()
    for _ in range(steps):
        if next(running, None) is None:
            return


@pytest.mark.parametrize("steps", range(1, 60, 3))
def test_a_resumed_run_launches_nothing_twice(steps: int) -> None:
    world = World()
    killed_after(world, steps, 12, parallel=5)
    before = world.state(12)

    mapped = run_map(world, 12, parallel=5, done=before)

    assert len(world.tasks) == 12
    assert set(mapped.outcomes) == set(range(12)) - {
        index for index in range(12) if index in before.done
    }
    assert mapped.task_map.tally.left == 0
    assert world.state(12).done.count == 12
    assert world.state(12).possibly_repeated == 0


def test_a_launch_without_an_answer_is_asked_for_again_with_its_token() -> None:
    world = World()
    killed_after(world, 1, 3, text="same")
    state = read_without(world, "launched", 3)
    tasks = set(world.tasks)

    mapped = run_map(world, 3, text="same", done=state)

    assert mapped.counted == {"succeeded": 3}
    assert set(world.tasks) == tasks


def test_ctrl_c_before_a_resumed_launch_is_asked_for_again_leaves_it_open() -> None:
    world = World()
    killed_after(world, 1, 1)
    state = read_without(world, "launched", 1)
    world.tasks.clear()
    world.stop_at = 0.0

    mapped = run_map(world, 1, done=state)

    assert mapped.records == []
    assert len(world.calls) == 1
    assert world.state(1).in_hand() == {0}


def test_a_launch_that_did_not_arrive_is_sent_with_its_token() -> None:
    world = World()
    killed_after(world, 1, 1)
    state = read_without(world, "launched", 1)
    world.tasks.clear()

    mapped = run_map(world, 1, done=state)

    assert mapped.counted == {"succeeded": 1}
    assert world.calls[0][2] == world.calls[1][2]
    assert not mapped.records[0].possibly_repeated


def test_a_task_of_one_item_is_not_taken_for_another_ones_when_the_run_is_resumed() -> None:
    world = World(answers=[Answering(["succeeds"] * 3, failure=CAPACITY)])
    killed_after(world, 1, 5, text="same")

    mapped = run_map(world, 5, text="same", done=world.state(5))

    assert mapped.counted == {"succeeded": 5}
    assert len({one.result.task_arn for one in mapped.records}) == 5
    assert len(world.tasks) == 5


def test_a_launch_that_may_have_been_is_reported_when_ecs_forgot() -> None:
    world = World()
    killed_after(world, 1, 1)
    state = read_without(world, "launched", 1)
    world.tasks.clear()
    world.seconds = 4000

    mapped = run_map(world, 1, done=state)

    assert mapped.counted == {"succeeded": 1}
    assert mapped.records[0].possibly_repeated
    assert any("may have run already" in one for one in world.warnings)
    assert world.calls[0][2] != world.calls[1][2]
    assert world.state(1).possibly_repeated == 1


def test_the_rest_of_an_old_launch_that_was_found_is_launched_anew() -> None:
    world = World()
    killed_after(world, 1, 2, text="same")
    state = read_without(world, "launched", 2)
    world.forgotten.add(list(world.tasks)[1])
    world.seconds = 4000

    mapped = run_map(world, 2, text="same", done=state)

    assert mapped.counted == {"succeeded": 2}
    assert [one.possibly_repeated for one in mapped.records] == [False, False]


def test_a_task_whose_end_ecs_forgot_is_not_run_again() -> None:
    world = World()
    killed_after(world, 2, 1)
    world.forgotten |= set(world.tasks)

    mapped = run_map(world, 1, done=world.state(1), retries=3)

    assert mapped.counted == {"interrupted": 1}
    assert "look at its logs" in mapped.records[0].result.explanation
    assert len(world.calls) == 1


def test_a_resumed_task_is_timed_from_its_own_start() -> None:
    world = World(run_seconds=1000)
    killed_after(world, 2, 1)
    world.seconds = 50

    mapped = run_map(world, 1, done=world.state(1), seconds=60)

    assert mapped.counted == {"timed_out": 1}
    assert world.seconds < 80


def read_without(world: World, kind: str, items: int) -> MapState:
    """The state as it is when the process died before it wrote lines of this kind."""
    world.lines = [line for line in world.lines if not line.startswith(f'{{"{kind}"')]
    world.synced = len(world.lines)
    return world.state(items)


# -- threads ---------------------------------------------------------------------------------------


def test_a_crew_gives_the_answers_of_its_calls() -> None:
    with ThreadPoolExecutor(2) as pool:
        crew = ThreadCrew(pool)
        answer = StopSent("arn", None)
        crew.start(lambda: answer)
        crew.start(lambda: answer)
        found: list[Answer] = []
        while len(found) < 2:
            found += crew.collect(1)

        assert found == [answer, answer]
        assert crew.collect(0) == []


def test_what_a_call_of_a_crew_raises_comes_out_where_answers_do() -> None:
    def broken() -> Answer:
        raise KeyError("a bug")

    with ThreadPoolExecutor(1) as pool:
        crew = ThreadCrew(pool)
        crew.start(broken)

        with pytest.raises(KeyError):
            crew.collect(5)
