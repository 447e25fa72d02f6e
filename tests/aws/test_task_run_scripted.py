"""`task run` from RunTask to the last line, against a scripted ECS; time is the test's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from edactl.aws.ecs import EcsTasks
from edactl.aws.session import AwsSession
from edactl.aws.task_logs import TaskLogs
from edactl.core.fargate_prices import PRICES
from edactl.core.settings import ConnectionOptions, SandboxEndpoint
from edactl.core.task import Task, log_streams
from edactl.core.task_request import RUN_TAG, Overrides, TaskRequest, strategy_of
from edactl.core.task_result import TaskResult, result_of
from edactl.errors import AccessDenied, Terminated
from edactl.ops.task_log_follow import LogFollow, Timing
from edactl.ops.task_run import RunLimits, TaskRun
from tests.scripted_ecs import (
    ACCOUNT,
    INTERRUPTED,
    NOON,
    SUCCESS,
    Launch,
    Line,
    Scenario,
    container,
    containers,
    exited,
    failed_to_start,
    launch_of,
    scripted_ecs,
    view,
)

CAPACITY = "Capacity is unavailable at this time. Please try again later"
DISGUISED = (
    "InvalidParameterException",
    "Error retrieving subnet information for [subnet-1]: Rate exceeded (ErrorCode: Throttling)",
)
T1 = f"arn:aws:ecs:us-east-1:{ACCOUNT}:task/jobs/t1"
SHOW_T1 = f"edactl task show {T1}"
SPOT = TaskRequest(
    "jobs", "orders:7", Overrides("app"), "edactl-1", strategy=strategy_of("FARGATE_SPOT")
)
PLAIN = replace(SPOT, strategy=None, launch_type="FARGATE")


@dataclass
class Clock:
    """Time that passes only when somebody waits; `at_each_wait` is what happens then."""

    now: float = 1000.0
    waits: list[float] = field(default_factory=list)
    at_each_wait: Callable[[], None] = lambda: None

    def wait(self, seconds: float) -> None:
        self.at_each_wait()
        self.waits.append(seconds)
        self.now += seconds


@dataclass
class World:
    """One run of a scenario, and what it said."""

    scenario: Scenario
    clock: Clock = field(default_factory=Clock)
    limits: RunLimits = field(default_factory=lambda: RunLimits(600))
    stop: Callable[[], bool] = lambda: False
    resumed: bool = False
    lines: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def run(self, request: TaskRequest = PLAIN) -> TaskResult:
        with scripted_ecs(self.scenario) as url:
            session = AwsSession(ConnectionOptions(sandbox=SandboxEndpoint(url, ACCOUNT)))
            tasks = EcsTasks(session)
            definition = tasks.definition("orders")
            logs = TaskLogs(lambda _region: session)

            def follow(task: Task) -> LogFollow:
                return LogFollow(
                    logs,
                    log_streams(task.task_id, definition),
                    lambda stream, line: self.lines.append((stream.container, line.message)),
                    self.warnings.append,
                )

            timing = Timing(lambda: self.clock.now, self.clock.wait, lambda: 0.5)
            run = TaskRun(
                tasks,
                definition,
                "job",
                self.limits,
                timing,
                self.stop,
                follow,
                self.notes.append,
                self.warnings.append,
                self.resumed,
            )
            ended = run.run(request)
            return result_of(
                ended, definition, request.cluster, attempts=run.attempts, prices=PRICES
            )

    def tokens(self) -> list[str]:
        return [body["clientToken"] for body in self.scenario.sent("RunTask")]


def played(*launches: Launch, **settings: Any) -> World:
    return World(Scenario(launches=list(launches), **settings))


SCENARIOS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "cases" / "ecs_scenarios.json").read_text("utf-8")
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[one["name"] for one in SCENARIOS])
def test_a_scenario_ends_as_its_file_says(scenario: dict[str, Any]) -> None:
    world = played(*map(launch_of, scenario["launches"]))
    spot = bool(scenario.get("spot"))
    world.limits = RunLimits(600, fallback=spot)

    result = world.run(SPOT if spot else PLAIN)

    expected = scenario["expected"]
    assert (result.outcome, result.exit_code) == (expected["outcome"], expected["exit_code"])
    assert [one.failure_class for one in result.attempts] == expected["classes"]
    assert len(world.scenario.sent("RunTask")) == expected["asked"]
    assert len(set(world.tokens())) == expected["tokens"]
    capacity = [one.capacity_provider for one in result.attempts]
    assert capacity == expected.get("capacity", ["FARGATE"] * len(capacity))


def test_a_task_that_succeeds_is_told_with_its_times_and_cost() -> None:
    world = played(Launch(SUCCESS))

    result = world.run()

    assert (result.outcome, result.exit_code, result.stop_code) == (
        "succeeded",
        0,
        "EssentialContainerExited",
    )
    assert result.task_arn == f"arn:aws:ecs:us-east-1:{ACCOUNT}:task/jobs/t1"
    assert (result.timeline.queued_seconds, result.timeline.pull_seconds) == (10, 10)
    assert (result.timeline.start_seconds, result.timeline.run_seconds) == (5, 60)
    assert result.cost_usd == round(75 / 3600 * (0.25 * 0.04048 + 0.5 * 0.004445), 6)
    assert [one.outcome for one in result.attempts] == ["succeeded"]
    assert world.notes == [
        "task t1 is provisioning",
        "task t1 is pending",
        "task t1 is running",
        "task t1 is stopped",
    ]
    assert world.warnings == []


def test_no_capacity_is_tried_again_with_another_token_after_a_look_for_ghosts() -> None:
    world = played(Launch(failure=CAPACITY), Launch(SUCCESS))

    result = world.run()

    assert result.outcome == "succeeded"
    assert [one.failure_class for one in result.attempts] == ["capacity", None]
    assert world.tokens() == ["edactl-job-1", "edactl-job-2"]
    assert [name for name, _ in world.scenario.requests][:5] == [
        "DescribeTaskDefinition",
        "RunTask",
        "ListTasks",
        "ListTasks",
        "RunTask",
    ]
    assert world.scenario.sent("ListTasks")[0]["startedBy"] == "edactl-1"
    assert world.clock.waits[0] == 2.0


@pytest.mark.parametrize(
    "error", [DISGUISED, ("ThrottlingException", "Rate exceeded"), ("ServerException", "down")]
)
def test_a_throttle_however_disguised_is_asked_again_with_the_same_token(
    error: tuple[str, str],
) -> None:
    world = played(Launch(error=error), Launch(SUCCESS))

    result = world.run()

    assert result.outcome == "succeeded"
    assert world.tokens() == ["edactl-job-1", "edactl-job-1"]


def test_a_task_that_was_started_though_the_answer_failed_is_found_not_doubled() -> None:
    world = played(Launch(SUCCESS, failure=CAPACITY))

    result = world.run()

    assert result.outcome == "succeeded"
    assert len(world.scenario.tasks) == 1
    assert len(world.scenario.sent("RunTask")) == 1
    assert "found task t1, which an earlier attempt of this run started" in world.notes


def test_a_ghost_is_told_from_the_tasks_of_others_by_the_runs_tag() -> None:
    theirs = Launch(SUCCESS)
    ours = Launch(SUCCESS, failure=CAPACITY)
    world = played(theirs)
    world.run(replace(PLAIN, started_by="ops", tags={RUN_TAG: "another"}))
    world.scenario.launches.append(ours)
    world.scenario.tasks["other"] = world.scenario.tasks.popitem()[1]
    world.scenario.tasks["other"].token = "theirs"
    world.scenario.tasks["other"].fields["taskArn"] = "other"

    result = world.run(replace(PLAIN, started_by="ops", tags={RUN_TAG: "job"}))

    assert result.task_arn == f"arn:aws:ecs:us-east-1:{ACCOUNT}:task/jobs/t2"


def test_a_run_that_an_earlier_process_began_is_taken_up() -> None:
    world = played(Launch(SUCCESS))
    world.run()
    again = World(world.scenario, resumed=True)

    result = again.run()

    assert result.outcome == "succeeded"
    assert len(world.scenario.sent("RunTask")) == 1


def test_ghosts_that_may_not_be_looked_for_are_warned_of() -> None:
    world = played(
        Launch(failure=CAPACITY), Launch(SUCCESS), errors={"ListTasks": ("AccessDenied", "no")}
    )

    assert world.run().outcome == "succeeded"
    assert world.warnings[0].startswith("cannot look for tasks of earlier attempts: ")


def test_a_fresh_task_may_be_missing_for_a_minute() -> None:
    world = played(Launch([view("", missing=True)] * 5 + SUCCESS))

    assert world.run().outcome == "succeeded"


def test_a_task_that_stays_missing_never_started_and_is_not_tried_again() -> None:
    world = played(Launch([view("", missing=True)]))

    result = world.run()

    assert result.outcome == "never_started"
    assert result.explanation == "ECS took the task, and does not know it after a minute"
    assert 60 < world.clock.now - 1000 < 90
    assert len(result.attempts) == 1


def test_an_image_that_is_not_there_never_started_and_is_not_tried_again() -> None:
    reason = "CannotPullContainerError: failed to resolve ref orders:nope: not found"
    world = played(Launch([view("PENDING"), failed_to_start(reason)]))

    result = world.run()

    assert (result.outcome, result.exit_code, result.stop_code) == (
        "never_started",
        None,
        "TaskFailedToStart",
    )
    assert result.explanation.startswith(f"the image does not exist: {reason}")
    assert len(result.attempts) == 1
    assert result.cost_usd is None


def test_out_of_memory_is_a_failure_with_the_containers_code() -> None:
    world = played(Launch([exited(137, reason="OutOfMemoryError: Container killed")]))

    result = world.run()

    assert (result.outcome, result.exit_code) == ("failed", 137)
    assert "it ran out of memory" in result.explanation


def test_spot_interrupted_twice_goes_on_on_demand() -> None:
    world = played(Launch([INTERRUPTED]), Launch([INTERRUPTED]), Launch(SUCCESS))
    world.limits = RunLimits(600, fallback=True)

    result = world.run(SPOT)

    assert [(one.capacity_provider, one.outcome) for one in result.attempts] == [
        ("FARGATE_SPOT", "interrupted"),
        ("FARGATE_SPOT", "interrupted"),
        ("FARGATE", "succeeded"),
    ]
    assert result.capacity_provider == "FARGATE"
    lost = "AWS took the Spot capacity back; its work may be half done (interrupted)"
    assert [text for text in world.notes if "attempt" in text] == [
        f"{lost}: attempt 2, on FARGATE_SPOT, in 2 s",
        f"{lost}: attempt 3, on FARGATE instead of Spot, in 4 s",
    ]
    strategies = [body["capacityProviderStrategy"] for body in world.scenario.sent("RunTask")]
    assert strategies[2] == [{"capacityProvider": "FARGATE", "weight": 1}]


def test_without_a_fallback_three_interruptions_are_the_end() -> None:
    world = played(*[Launch([INTERRUPTED])] * 3)

    result = world.run(SPOT)

    assert (result.outcome, len(result.attempts)) == ("interrupted", 3)
    assert result.explanation.startswith("AWS took the Spot capacity back")


def test_a_lost_host_is_not_tried_again_on_demand_for_the_work_may_be_half_done() -> None:
    world = played(Launch([exited(None, stopCode="InfrastructureHealth")]))

    result = world.run()

    assert (result.outcome, len(result.attempts)) == ("interrupted", 1)


def test_spot_without_capacity_falls_back_too() -> None:
    world = played(Launch(failure=CAPACITY), Launch(failure=CAPACITY), Launch(SUCCESS))
    world.limits = RunLimits(600, fallback=True)

    result = world.run(SPOT)

    assert [one.capacity_provider for one in result.attempts] == [
        "FARGATE_SPOT",
        "FARGATE_SPOT",
        "FARGATE",
    ]


def test_a_sidecar_that_is_stopped_with_143_is_no_failure() -> None:
    world = played(
        Launch([exited(0, containers=containers(("proxy", 143), ("app", 0)))]),
        containers=[container("app"), container("proxy", essential=False)],
    )

    result = world.run()

    assert (result.outcome, result.exit_code) == ("succeeded", 0)
    assert [(one.name, one.essential) for one in result.containers] == [
        ("proxy", False),
        ("app", True),
    ]


def test_lines_come_once_and_none_is_lost_though_late_out_of_order_and_in_pages_twice() -> None:
    lines = [Line(NOON + number, f"line {number}") for number in range(7)]
    late = [Line(NOON + 9, "the last", late=3), Line(NOON + 2, "late, of before", late=4)]
    world = played(
        Launch([view("RUNNING"), view("RUNNING"), exited(0)]),
        containers=[container("app", log=True), container("proxy", log=True)],
        lines={"ecs/app/t1": lines + late, "ecs/proxy/t1": [Line(NOON, "ready")]},
        pages_twice=True,
    )

    result = world.run()

    assert result.outcome == "succeeded"
    mine = [text for name, text in world.lines if name == "app"]
    assert sorted(mine) == sorted(line.text for line in lines + late)
    assert mine[:7] == [line.text for line in lines]
    assert [text for name, text in world.lines if name == "proxy"] == ["ready"]
    assert [one.stream for one in result.log_streams] == ["ecs/app/t1", "ecs/proxy/t1"]


def test_a_container_without_a_line_is_said_at_the_end() -> None:
    world = played(Launch(SUCCESS), containers=[container("app", log=True)])

    world.run()

    assert world.warnings == ["container app logged nothing, or log group /ecs/app does not exist"]


def test_lines_that_may_not_be_read_do_not_stop_the_run() -> None:
    world = played(
        Launch(SUCCESS),
        containers=[container("app", log=True)],
        lines={"ecs/app/t1": [Line(NOON, "x")]},
        errors={"GetLogEvents": ("AccessDeniedException", "no")},
    )

    assert world.run().outcome == "succeeded"
    [warning] = world.warnings
    assert warning.startswith("the lines of container app are not shown: ")
    assert len(world.scenario.sent("GetLogEvents")) == 1


def stopping_at(world: World, seconds: float) -> World:
    world.stop = lambda: world.clock.now >= 1000 + seconds
    return world


def test_ctrl_c_stops_the_task_and_waits_for_its_end() -> None:
    world = stopping_at(played(Launch([view("RUNNING", startedAt=NOON)])), 30)

    result = world.run()

    assert (result.outcome, result.exit_code) == ("cancelled", 143)
    assert world.notes[-2:] == [
        "stopping it, and waiting for its end; another Ctrl-C does not wait (task t1)",
        "task t1 is stopped",
    ]
    assert world.scenario.sent("StopTask") == [
        {"cluster": "jobs", "task": result.task_arn, "reason": "edactl: cancel"}
    ]


def test_with_keep_ctrl_c_leaves_the_task_running() -> None:
    world = stopping_at(played(Launch([view("RUNNING", startedAt=NOON)])), 30)
    world.limits = RunLimits(600, keep=True)

    result = world.run()

    assert (result.outcome, result.explanation) == (
        None,
        f"the task is RUNNING. Follow it: edactl task logs -f {T1}",
    )
    assert world.scenario.sent("StopTask") == []


def test_a_timeout_stops_the_task() -> None:
    world = played(Launch([view("RUNNING", startedAt=NOON)]))
    world.limits = RunLimits(600, seconds=120)

    result = world.run()

    assert (result.outcome, result.exit_code) == ("timed_out", 143)
    assert 120 <= world.clock.now - 1000 < 122


def test_with_keep_a_timeout_leaves_the_task_running() -> None:
    world = played(Launch([view("RUNNING", startedAt=NOON)]))
    world.limits = RunLimits(600, seconds=120, keep=True)

    result = world.run()

    assert result.outcome == "timed_out"
    assert result.explanation == f"it was left to run; it is still RUNNING: {SHOW_T1}"
    assert world.scenario.sent("StopTask") == []


def test_a_task_that_stays_pending_is_stopped_at_the_launch_timeout() -> None:
    stopped = view("STOPPED", stopCode="UserInitiated", containers=containers(("app", None)))
    world = played(Launch([view("PENDING")], stopped=stopped))
    world.limits = RunLimits(60, keep=True)

    result = world.run()

    assert result.outcome == "never_started"
    assert "--launch-timeout" in result.explanation
    assert len(world.scenario.sent("StopTask")) == 1


def test_a_task_that_does_not_stop_is_left_after_five_minutes() -> None:
    world = stopping_at(played(Launch([view("RUNNING")], stopped=view("DEPROVISIONING"))), 30)

    result = world.run()

    assert result.outcome == "cancelled"
    assert result.explanation == f"it was asked to stop; it is still DEPROVISIONING: {SHOW_T1}"
    assert 330 <= world.clock.now - 1000 < 350


def test_a_stop_that_is_refused_is_tried_again() -> None:
    world = stopping_at(
        played(Launch([view("RUNNING")]), errors={"StopTask": ("ClientException", "no")}), 30
    )

    result = world.run()

    assert result.outcome == "cancelled"
    assert len(world.scenario.sent("StopTask")) > 10
    assert world.warnings[0].startswith("the task could not be stopped yet: ")


def test_launches_that_fail_until_the_launch_timeout_never_started() -> None:
    world = played(*[Launch(failure=CAPACITY)] * 50)
    world.limits = RunLimits(60)

    result = world.run()

    assert result.outcome == "never_started"
    assert result.task_arn is None
    assert result.explanation.startswith("AWS has no capacity for it now: ")
    assert 60 <= world.clock.now - 1000 < 80
    assert 5 < len(result.attempts) < 15


def test_ctrl_c_between_attempts_ends_without_another() -> None:
    world = stopping_at(played(*[Launch(failure=CAPACITY)] * 50), 5)

    result = world.run()

    assert result.outcome == "cancelled"
    assert result.explanation == "stopped on your request, before another attempt"


def test_a_task_that_runs_though_its_answer_failed_is_told_when_ctrl_c_comes_first() -> None:
    life = [view("RUNNING")]
    world = stopping_at(played(Launch(life, error=("ServerException", "down"))), 1)

    result = world.run()

    assert (result.outcome, result.task_arn) == ("cancelled", None)
    arn = f"arn:aws:ecs:us-east-1:{ACCOUNT}:task/jobs/t1"
    assert world.warnings == [f"ECS did start task t1: edactl task stop {arn}"]


def test_a_timeout_between_attempts_ends_without_another() -> None:
    world = played(*[Launch(failure=CAPACITY)] * 50)
    world.limits = RunLimits(600, seconds=5)

    result = world.run()

    assert result.outcome == "timed_out"
    assert "AWS has no capacity" in result.explanation


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (("ClientException", "TaskDefinition is inactive"), "the task definition is inactive"),
        (("ClientException", "something new"), "ECS refused it"),
        (
            (
                "AccessDeniedException",
                "User: u is not authorized to perform: iam:PassRole on resource: r",
            ),
            "the caller may not pass the task's roles to ECS",
        ),
    ],
)
def test_what_cannot_get_better_is_not_tried_again(error: tuple[str, str], said: str) -> None:
    world = played(Launch(error=error))

    result = world.run()

    assert (result.outcome, len(result.attempts)) == ("never_started", 1)
    assert result.explanation.startswith(f"{said}: ")
    assert "What to do: " in result.explanation


def test_detached_it_ends_once_the_task_is_made() -> None:
    world = played(Launch(SUCCESS))
    world.limits = RunLimits(600, detach=True)

    result = world.run()

    assert (result.outcome, result.task_arn) == (
        None,
        f"arn:aws:ecs:us-east-1:{ACCOUNT}:task/jobs/t1",
    )
    assert world.scenario.sent("DescribeTasks") == []


def test_an_answer_with_neither_task_nor_failure_is_not_taken_for_a_task() -> None:
    result = played(Launch()).run()

    assert result.outcome == "never_started"
    assert "neither a task nor a failure" in result.explanation


def test_who_may_not_look_is_told_that_the_task_may_run() -> None:
    world = played(Launch(SUCCESS), errors={"DescribeTasks": ("AccessDeniedException", "no")})

    with pytest.raises(AccessDenied):
        world.run()

    assert world.warnings == [
        f"task t1 may still run: edactl task show arn:aws:ecs:us-east-1:{ACCOUNT}:task/jobs/t1"
    ]


@pytest.mark.parametrize("signal", [KeyboardInterrupt, Terminated])
def test_a_second_signal_names_the_task_that_may_still_run(signal: type[BaseException]) -> None:
    world = played(Launch([view("RUNNING")], stopped=view("DEPROVISIONING")))

    def during_the_wait_for_its_end() -> None:
        if world.scenario.sent("StopTask"):
            raise signal

    world = stopping_at(world, 5)
    world.clock.at_each_wait = during_the_wait_for_its_end
    with pytest.raises(signal):
        world.run()

    assert world.warnings == [f"task t1 may still run: {SHOW_T1}"]


def test_a_second_signal_while_the_last_lines_are_awaited_says_that_the_task_has_ended() -> None:
    world = played(
        Launch([exited(0)]),
        containers=[container("app", log=True)],
        lines={"ecs/app/t1": [Line(NOON, "x")]},
    )

    def during_the_drain() -> None:
        if world.scenario.reads_after_stop:
            raise KeyboardInterrupt

    world.clock.at_each_wait = during_the_drain
    with pytest.raises(KeyboardInterrupt):
        world.run()

    assert world.warnings == [f"task t1 has ended: edactl task explain {T1}"]
