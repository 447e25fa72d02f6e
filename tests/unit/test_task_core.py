from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from edactl.core.fargate_prices import PRICES, Price, prices_from
from edactl.core.record import JsonValue
from edactl.core.task import (
    ContainerDefinition,
    LogStream,
    LogTarget,
    Task,
    TaskContainer,
    TaskDefinition,
    dropped_perhaps,
    log_streams,
    timeline,
    unshown_logs,
)
from edactl.core.task_cost import Cost, cost_of
from edactl.core.task_failure import RULES, classify
from edactl.core.task_failure_rule import FailureClass
from edactl.core.task_log import LogLine, LogPage, LogReading
from edactl.core.task_outcome import (
    Outcome,
    StoppedFor,
    deciding,
    exit_status,
    judge,
    with_essentials,
)
from edactl.core.task_request import (
    Overrides,
    TaskRequest,
    check_overrides,
    checked_started_by,
    client_token,
    job_id,
    network_of,
    strategy_of,
)
from edactl.core.task_result import Ended
from edactl.core.task_size import SIZES, check_size, check_storage, nearest_sizes
from edactl.errors import InputError

FAILURES = json.loads((Path(__file__).parents[1] / "cases" / "task_failures.json").read_text())
NOON = datetime(2026, 6, 1, 12, 0, 0, tzinfo=UTC)
APP = ContainerDefinition("app", log=LogTarget("awslogs", "/ecs/app", "eu-west-1", "ecs"))
DEFINITION = TaskDefinition("arn:td", "orders", 7, cpu=256, memory=512, containers=(APP,))


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def a_task(**changes: Any) -> Task:
    task = Task(
        task_arn="arn:aws:ecs:us-east-1:123456789012:task/jobs/abc",
        cluster_arn="arn:aws:ecs:us-east-1:123456789012:cluster/jobs",
        task_definition_arn="arn:td",
        last_status="STOPPED",
        stop_code="EssentialContainerExited",
        stopped_reason="Essential container in task exited",
        containers=(TaskContainer("app", "STOPPED", 0),),
        started_at=at(40),
        stopped_at=at(110),
    )
    return replace(task, **changes)


# -- sizes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cpu", "least", "most", "count"),
    [
        (256, 512, 2048, 3),
        (512, 1024, 4096, 4),
        (1024, 2048, 8192, 7),
        (2048, 4096, 16384, 13),
        (4096, 8192, 30720, 23),
        (8192, 16384, 61440, 12),
        (16384, 32768, 122880, 12),
    ],
)
def test_the_memory_sizes_of_each_cpu_size(cpu: int, least: int, most: int, count: int) -> None:
    assert (SIZES[cpu][0], SIZES[cpu][-1], len(SIZES[cpu])) == (least, most, count)
    check_size(cpu, least)
    check_size(cpu, most)


def test_a_wrong_pair_is_answered_with_the_nearest_that_are_large_enough() -> None:
    with pytest.raises(InputError) as raised:
        check_size(256, 4096)

    assert raised.value.message == "Fargate runs no task of 256 CPU units and 4096 MiB"
    assert "--cpu 512 --memory 4096" in (raised.value.hint or "")
    assert nearest_sizes(8192, 18432)[0] == (8192, 20480)
    assert nearest_sizes(99999, 999999, 1) == [(16384, 122880)]


@pytest.mark.parametrize(("cpu", "memory"), [(0, 512), (256, -1)])
def test_a_size_of_nothing_is_refused(cpu: int, memory: int) -> None:
    with pytest.raises(InputError, match="both are above 0"):
        check_size(cpu, memory)


def test_ephemeral_storage_is_from_21_to_200_gib() -> None:
    check_storage(21)
    check_storage(200)
    for gib in (20, 201):
        with pytest.raises(InputError, match="21 to 200"):
            check_storage(gib)


# -- the request -----------------------------------------------------------------------------------


def test_only_what_a_run_changes_is_overridden() -> None:
    assert Overrides("app").as_json() == {}
    assert Overrides(
        "app", ("echo", "x"), {"A": "1"}, 512, 1024, 30, "arn:task", "arn:exec"
    ).as_json() == {
        "containerOverrides": [
            {
                "name": "app",
                "command": ["echo", "x"],
                "environment": [{"name": "A", "value": "1"}],
            }
        ],
        "cpu": "512",
        "memory": "1024",
        "ephemeralStorage": {"sizeInGiB": 30},
        "taskRoleArn": "arn:task",
        "executionRoleArn": "arn:exec",
    }


def test_overrides_of_8192_characters_pass_and_one_more_is_refused_by_name() -> None:
    empty = len(json.dumps(Overrides("app", ("x",), {"A": ""}).as_json(), separators=(",", ":")))
    fits = Overrides("app", ("x",), {"A": "é" * (8192 - empty)})
    check_overrides(fits, DEFINITION, fargate=True)

    with pytest.raises(InputError, match=r"8193 characters.*the biggest is --env A with"):
        check_overrides(
            replace(fits, environment={"A": "é" * (8193 - empty)}), DEFINITION, fargate=True
        )
    with pytest.raises(InputError, match="the biggest is the command"):
        check_overrides(Overrides("app", ("x" * 9000,)), DEFINITION, fargate=True)


def test_an_unknown_container_is_answered_with_those_there_are() -> None:
    with pytest.raises(InputError) as raised:
        check_overrides(Overrides("web"), DEFINITION, fargate=True)

    assert raised.value.message == 'task definition orders:7 has no container "web"'
    assert raised.value.hint == "--container app"


def test_one_half_of_a_size_is_checked_with_the_definitions_other_half() -> None:
    with pytest.raises(InputError, match="256 CPU units and 4096"):
        check_overrides(Overrides("app", memory=4096), DEFINITION, fargate=True)
    check_overrides(Overrides("app", memory=4096), DEFINITION, fargate=False)
    check_overrides(Overrides("app", cpu=512, memory=4096), DEFINITION, fargate=True)
    unsized = replace(DEFINITION, cpu=None)
    check_overrides(Overrides("app", memory=4096), unsized, fargate=True)
    with pytest.raises(InputError, match="21 to 200"):
        check_overrides(Overrides("app", ephemeral_storage_gib=1), DEFINITION, fargate=True)


REQUEST = TaskRequest("jobs", "orders:7", Overrides("app"), "edactl-1")


def test_a_request_holds_only_what_was_asked_for() -> None:
    assert REQUEST.as_json("t") == {
        "cluster": "jobs",
        "taskDefinition": "orders:7",
        "count": 1,
        "startedBy": "edactl-1",
        "clientToken": "t",
    }
    whole = replace(
        REQUEST,
        overrides=Overrides("app", ("x",)),
        network=network_of(["subnet-1"], ["sg-1"], public_ip=True),
        strategy=strategy_of("FARGATE_SPOT"),
        platform_version="1.4.0",
        enable_execute_command=True,
        tags={"team": "orders"},
    )
    sent = whole.as_json("t")
    assert sent["networkConfiguration"] == {
        "awsvpcConfiguration": {
            "subnets": ["subnet-1"],
            "securityGroups": ["sg-1"],
            "assignPublicIp": "ENABLED",
        }
    }
    assert sent["capacityProviderStrategy"] == [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
    assert (sent["platformVersion"], sent["enableExecuteCommand"]) == ("1.4.0", True)
    assert sent["tags"] == [{"key": "team", "value": "orders"}]
    assert sent["overrides"] == {"containerOverrides": [{"name": "app", "command": ["x"]}]}


def test_without_security_groups_the_vpcs_own_applies() -> None:
    assert network_of(["subnet-1"], [], public_ip=False) == {
        "awsvpcConfiguration": {"subnets": ["subnet-1"], "assignPublicIp": "DISABLED"}
    }


def test_a_request_knows_its_provider_and_whether_it_may_be_interrupted() -> None:
    spot = replace(REQUEST, strategy=strategy_of("FARGATE_SPOT"))
    mixed: JsonValue = [
        {"capacityProvider": "FARGATE", "weight": 1},
        {"capacityProvider": "FARGATE_SPOT", "weight": 1},
    ]

    assert (REQUEST.provider, REQUEST.on_spot) == (None, False)
    assert (spot.provider, spot.on_spot) == ("FARGATE_SPOT", True)
    assert (spot.on_demand().provider, spot.on_demand().on_spot) == ("FARGATE", False)
    assert replace(REQUEST, launch_type="EC2").provider == "EC2"
    both = replace(REQUEST, strategy=mixed)
    assert (both.provider, both.on_spot) == (None, True)
    assert (REQUEST.on_fargate, spot.on_fargate, both.on_fargate) == (False, True, True)
    assert replace(REQUEST, launch_type="FARGATE").on_fargate
    assert not replace(REQUEST, strategy=strategy_of("my-group")).on_fargate


def test_started_by_is_128_of_ecss_characters() -> None:
    assert checked_started_by("a/B-1_" + "x" * 122) == "a/B-1_" + "x" * 122
    for text in ("", "x" * 129, "a b", "a:b"):
        with pytest.raises(InputError, match="not taken by ECS"):
            checked_started_by(text)


def test_a_token_is_of_one_job_and_one_attempt_and_short_enough() -> None:
    tokens = {client_token(job_id(key), attempt) for key in ("a", "b") for attempt in (1, 2)}

    assert len(tokens) == 4
    assert all(len(token) <= 64 for token in tokens)
    assert client_token(job_id("a"), 1) == client_token(job_id("a"), 1)


# -- retry classes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("case", FAILURES["cases"], ids=lambda case: case["text"][:60])
def test_a_failure_is_of_its_class(case: dict[str, str]) -> None:
    rule = classify(case["where"], case["code"], case["text"])  # type: ignore[arg-type] # JSON

    assert rule.kind.value == case["class"]
    assert case["source"] in FAILURES["sources"]
    assert rule.says
    assert rule.fix


def test_every_row_of_the_table_has_a_case() -> None:
    used = {classify(one["where"], one["code"], one["text"]) for one in FAILURES["cases"]}

    assert set(RULES) <= used


def test_configuration_and_the_unknown_are_never_tried_again() -> None:
    assert {kind for kind in FailureClass if not kind.retried} == {
        FailureClass.CONFIGURATION,
        FailureClass.UNKNOWN,
    }


# -- outcomes --------------------------------------------------------------------------------------

OOM = "OutOfMemoryError: Container killed due to memory usage"
SIDECAR = TaskContainer("proxy", "STOPPED", 143, essential=False)


def ended(name: str, code: int | None, reason: str | None = None) -> TaskContainer:
    return TaskContainer(name, "STOPPED", code, reason)


@pytest.mark.parametrize(
    ("containers", "outcome", "code"),
    [
        ((ended("app", 0),), "succeeded", 0),
        ((ended("app", 3),), "failed", 3),
        ((ended("app", 0), SIDECAR), "succeeded", 0),
        ((SIDECAR, ended("app", 7)), "failed", 7),
        ((ended("app", 0), ended("web", 143)), "succeeded", 0),
        ((ended("web", 9), ended("app", 143)), "failed", 9),
        ((ended("web", 0), ended("app", 143)), "failed", 143),
        ((ended("web", 1), ended("app", 137, OOM)), "failed", 137),
        ((ended("app", None),), "failed", None),
    ],
)
def test_the_essential_container_that_ended_the_task_decides(
    containers: tuple[TaskContainer, ...], outcome: Outcome, code: int | None
) -> None:
    judged = judge(a_task(containers=containers), "app")

    assert (judged.outcome, judged.exit_code) == (outcome, code)


def test_out_of_memory_is_said_with_what_to_do() -> None:
    judged = judge(a_task(containers=(ended("app", 137, OOM),)), "app")

    assert judged.explanation.startswith("container app ended with 137: it ran out of memory")
    assert "more --memory" in judged.explanation


@pytest.mark.parametrize(
    ("code", "reason", "words"),
    [
        (127, None, "the command was not found in the image"),
        (3, None, "container app ended with 3"),
        (3, "because", "container app ended with 3: because"),
    ],
)
def test_an_exit_code_is_explained(code: int, reason: str | None, words: str) -> None:
    judged = judge(a_task(containers=(ended("app", code, reason),)), "app")

    assert judged.explanation.endswith(words)


def test_a_task_whose_image_cannot_be_pulled_never_started() -> None:
    reason = "CannotPullContainerError: pull image manifest: orders:nope: not found"
    task = a_task(
        stop_code="TaskFailedToStart",
        stopped_reason=reason,
        started_at=None,
        containers=(ended("app", None, reason),),
    )

    judged = judge(task, "app")

    assert judged.outcome == "never_started"
    assert judged.failure is not None
    assert judged.failure.kind is FailureClass.CONFIGURATION
    assert judged.explanation.startswith(f"the image does not exist: {reason}. What to do: ")


def test_a_task_that_stopped_without_a_word_never_started() -> None:
    task = a_task(
        stop_code=None, stopped_reason=None, started_at=None, containers=(ended("app", None),)
    )

    judged = judge(task, "app")

    assert judged.outcome == "never_started"
    assert "no reason given" in judged.explanation


def test_a_task_knows_its_id_and_whether_it_has_come_to_its_end() -> None:
    assert (a_task().task_id, a_task().stopped) == ("abc", True)
    assert not a_task(last_status="RUNNING").stopped


def test_running_may_pass_unseen() -> None:
    assert judge(a_task(started_at=None), "app").outcome == "succeeded"


def test_capacity_taken_back_is_an_interruption_whatever_the_code() -> None:
    task = a_task(stop_code="SpotInterruption", containers=(ended("app", 143),))

    assert judge(task, "app", StoppedFor.TIMEOUT).outcome == "interrupted"


@pytest.mark.parametrize(
    ("stopped_for", "outcome", "words"),
    [
        (StoppedFor.CANCEL, "cancelled", "on your request"),
        (StoppedFor.TIMEOUT, "timed_out", "--timeout passed"),
        (StoppedFor.LAUNCH_TIMEOUT, "never_started", "--launch-timeout"),
        (None, "cancelled", "somebody stopped it: by ops"),
    ],
)
def test_a_stopped_task_is_judged_by_who_stopped_it(
    stopped_for: StoppedFor | None, outcome: Outcome, words: str
) -> None:
    task = a_task(
        stop_code="UserInitiated", stopped_reason="by ops", containers=(ended("app", 143),)
    )

    judged = judge(task, "app", stopped_for)

    assert (judged.outcome, judged.exit_code) == (outcome, 143)
    assert words in judged.explanation


def test_a_task_that_ended_by_itself_before_the_stop_keeps_its_own_end() -> None:
    assert judge(a_task(), "app", StoppedFor.TIMEOUT).outcome == "succeeded"


@pytest.mark.parametrize(
    ("outcome", "code", "status"),
    [
        ("succeeded", 0, 0),
        ("failed", 42, 42),
        ("failed", None, 1),
        ("never_started", None, 125),
        ("interrupted", 143, 75),
        ("timed_out", 143, 124),
        ("cancelled", 143, 130),
    ],
)
def test_what_the_shell_gets(outcome: Outcome, code: int | None, status: int) -> None:
    assert exit_status(outcome, code) == status


def test_the_definition_tells_which_containers_are_essential() -> None:
    proxy = ContainerDefinition("proxy", essential=False)
    task = a_task(containers=(ended("app", 0), ended("proxy", 1), ended("guard", 1)))

    marked = with_essentials(task, replace(DEFINITION, containers=(APP, proxy)))

    assert [one.essential for one in marked.containers] == [True, False, True]
    assert deciding(marked, "app") == ended("app", 0)
    assert deciding(a_task(containers=(SIDECAR,)), "app") is None


# -- time and money --------------------------------------------------------------------------------

TIMED = a_task(
    created_at=at(0),
    pull_started_at=at(20),
    pull_stopped_at=at(32.5),
    started_at=at(40),
    execution_stopped_at=at(100),
    stopped_at=at(120),
    cpu=1024,
    memory=2048,
)


def test_a_tasks_time_is_split_by_its_timestamps() -> None:
    found = timeline(TIMED)

    assert (found.queued_seconds, found.pull_seconds) == (20, 12.5)
    assert (found.start_seconds, found.run_seconds) == (7.5, 60)
    unseen = timeline(a_task(created_at=None, started_at=None))
    assert (unseen.queued_seconds, unseen.run_seconds) == (None, None)


def test_cost_is_from_pull_to_end_at_the_regions_price() -> None:
    assert cost_of(TIMED, "us-east-1", "X86_64") == Cost(
        round(80 / 3600 * (0.04048 + 2 * 0.004445), 6), "prices of 2026-09"
    )
    arm = cost_of(TIMED, "us-east-1", "ARM64").usd
    assert arm == round(80 / 3600 * (0.03238 + 2 * 0.00356), 6)


def test_a_minute_is_the_least_and_storage_above_20_gib_is_paid() -> None:
    short = replace(TIMED, execution_stopped_at=at(21), ephemeral_storage_gib=120)
    hourly = 0.04048 + 2 * 0.004445 + 100 * 0.000111

    found = cost_of(short, "us-east-1", "X86_64")
    assert found == Cost(round(hourly / 60, 6), "prices of 2026-09")
    elsewhere = cost_of(short, "eu-west-1", "X86_64")
    assert elsewhere.usd == found.usd
    assert elsewhere.note == "prices of 2026-09; storage at the price of us-east-1"


def test_a_price_that_one_reading_alone_gives_is_marked() -> None:
    assert cost_of(TIMED, "sa-east-1", "ARM64").note == "prices of 2026-09, unverified"


def test_spot_is_an_estimate_and_says_so() -> None:
    found = cost_of(replace(TIMED, capacity_provider="FARGATE_SPOT"), "us-east-1", "X86_64")

    assert found.usd == round(80 / 3600 * 0.3 * (0.04048 + 2 * 0.004445), 6)
    assert found.note == "an estimate: Spot at 70 % off; prices of 2026-09"


@pytest.mark.parametrize(
    ("task", "region", "note"),
    [
        (TIMED, "mars-1", "no price of X86_64 in mars-1 is known"),
        (replace(TIMED, launch_type="EC2"), "us-east-1", "instances of your own"),
        (replace(TIMED, execution_stopped_at=None, stopped_at=None), "us-east-1", "not ended"),
        (replace(TIMED, cpu=None), "us-east-1", "not told"),
    ],
)
def test_a_cost_that_cannot_be_told_is_null_with_a_note(task: Task, region: str, note: str) -> None:
    found = cost_of(task, region, "X86_64")

    assert found.usd is None
    assert note in (found.note or "")


def test_a_task_that_never_pulled_an_image_costs_nothing() -> None:
    assert cost_of(replace(TIMED, pull_started_at=None), "us-east-1", "X86_64") == Cost(0.0)


def test_a_price_file_adds_to_the_packages_prices() -> None:
    mine: JsonValue = {"vcpu_hour": 1, "gb_hour": 0.5}
    stored: JsonValue = {"vcpu_hour": 2, "gb_hour": 1, "storage_gb_hour": 0.1}
    prices = prices_from({"eu-west-1": {"ARM64": mine, "WINDOWS": stored}}, "p.json")

    assert prices["eu-west-1", "ARM64"] == Price(1, 0.5, None, "prices of p.json")
    assert prices["eu-west-1", "WINDOWS"].storage == 0.1
    assert prices["us-east-1", "X86_64"] == PRICES["us-east-1", "X86_64"]


NO_PRICE = "it needs the numbers vcpu_hour and gb_hour, may have storage_gb_hour, and nothing else"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "p.json: it is no JSON object of regions"),
        ({"eu-west-1": 1}, "p.json eu-west-1: it is no object of X86_64, ARM64, WINDOWS"),
        (
            {"eu-west-1": {"ARM64": {"vcpu_hour": 1}}},
            f"p.json eu-west-1.ARM64: {NO_PRICE}",
        ),
        ({"eu-west-1": {"arm": {}}}, "p.json eu-west-1: it is no object of X86_64, ARM64, WINDOWS"),
        *(
            (
                {"eu-west-1": {"ARM64": {"vcpu_hour": 1, "gb_hour": 1} | odd}},
                f"p.json eu-west-1.ARM64: {NO_PRICE}",
            )
            for odd in (
                {"gb_hour": -1},
                {"gb_hour": True},
                {"gb_hour": float("nan")},
                {"storage_gb_hour": "x"},
                {"gbhour": 1},
            )
        ),
        (
            {"eu-west-1": {"ARM64": 3}},
            f"p.json eu-west-1.ARM64: {NO_PRICE}",
        ),
    ],
)
def test_a_bad_price_file_is_refused_with_the_place(document: JsonValue, message: str) -> None:
    with pytest.raises(InputError) as raised:
        prices_from(document, "p.json")

    assert raised.value.message == message


# -- logs ------------------------------------------------------------------------------------------


def test_a_stream_is_named_by_prefix_container_and_task() -> None:
    assert log_streams("abc", DEFINITION) == (
        LogStream("app", "/ecs/app", "ecs/app/abc", "eu-west-1"),
    )


def test_containers_whose_lines_cannot_be_shown_are_told() -> None:
    silent = ContainerDefinition("silent")
    fluent = ContainerDefinition("fluent", log=LogTarget("awsfirelens"))
    bare = ContainerDefinition("bare", log=LogTarget("awslogs", "/g"))
    definition = replace(DEFINITION, containers=(APP, silent, fluent, bare))

    told = unshown_logs(definition)

    assert [one.split()[1] for one in told] == ["silent", "fluent", "bare"]
    assert "no log driver" in told[0]
    assert "awsfirelens" in told[1]
    assert "awslogs-stream-prefix" in told[2]
    assert [one.container for one in log_streams("abc", definition)] == ["app"]


def line(time: int, text: str = "x") -> LogLine:
    return LogLine(time, time + 5, text)


def taken(reading: LogReading, token: str, *lines: LogLine) -> tuple[list[LogLine], bool]:
    """What is new in a page, and whether the stream is then at its end."""
    return reading.take(LogPage(lines, token)), reading.at_end


def test_lines_are_given_once_though_a_page_comes_twice() -> None:
    reading = LogReading()

    assert taken(reading, "f/1", line(1), line(1)) == ([line(1), line(1)], False)
    assert taken(reading, "f/1", line(2)) == ([line(2)], False)
    assert taken(reading, "f/1", line(2), line(2)) == ([line(2)], False)
    assert taken(reading, "f/1", line(2), line(2)) == ([], True)
    assert taken(reading, "f/2", line(3)) == ([line(3)], False)


def test_a_page_that_comes_again_under_another_token_is_given_once() -> None:
    reading = LogReading()

    assert taken(reading, "f/0", line(1), line(1)) == ([line(1), line(1)], False)
    assert taken(reading, "f/1", line(1), line(1)) == ([], False)
    assert taken(reading, "f/2", line(2)) == ([line(2)], False)
    assert reading.sweep([line(1), line(1), line(1), line(2)]) == [line(1)]


def test_an_empty_page_is_not_the_end_before_its_token_repeats() -> None:
    reading = LogReading()

    assert taken(reading, "f/1") == ([], False)
    assert taken(reading, "f/1") == ([], True)


def test_a_sweep_finds_what_came_late_and_nothing_twice() -> None:
    reading = LogReading()
    reading.take(LogPage((line(10, "a"), line(30, "c")), "f/1"))

    assert reading.sweep_from == 0
    whole = [line(10, "a"), line(20, "b"), line(30, "c"), line(30, "c")]
    assert reading.sweep(whole) == [line(20, "b"), line(30, "c")]
    assert reading.sweep(whole) == []


def test_a_sweep_of_a_long_stream_goes_only_where_it_can_tell_old_from_new() -> None:
    reading = LogReading()
    lines = tuple(line(time) for time in range(30_000))
    reading.take(LogPage(lines, "f/1"))

    start = reading.sweep_from

    assert start == 20_000
    late = LogLine(25_000, 99_999, "late")
    assert reading.sweep([*lines[start:], late]) == [late]


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        ("Scaling activity initiated by (deployment ecs-svc/1)", "cancelled"),
        ("Task failed ELB health checks in (target-group arn:x)", "failed"),
    ],
)
def test_a_task_that_its_service_stopped_is_told_by_the_services_reason(
    reason: str, outcome: str
) -> None:
    containers = (ended("app", 143),)
    task = a_task(
        stop_code="ServiceSchedulerInitiated", stopped_reason=reason, containers=containers
    )

    judged = judge(task, "app")

    assert (judged.outcome, judged.exit_code) == (outcome, 143)
    assert judged.explanation == f"its service stopped it: {reason}"


@pytest.mark.parametrize(
    ("lines", "mode", "group", "told"),
    [
        (10_000, None, "/ecs/app", True),
        (9_999, None, "/ecs/app", False),
        (10_000, "blocking", "/ecs/app", False),
        (10_000, None, None, False),
    ],
)
def test_a_driver_that_may_have_dropped_some_of_many_lines_is_told(
    lines: int, mode: str | None, group: str | None, told: bool
) -> None:
    log = LogTarget("awslogs", group, None, "ecs", mode)
    definition = TaskDefinition(
        "arn:td", "orders", 7, containers=(ContainerDefinition("app", log=log),)
    )

    said = dropped_perhaps(definition, {"app": lines})

    assert bool(said) is told
    assert all("container app logged 10000 lines" in one for one in said)
    assert dropped_perhaps(definition, {}) == []


def test_where_there_is_no_task_that_is_said() -> None:
    assert Ended(None, None, "token").explanation == "there is no task"


@pytest.mark.parametrize("code", [256, 3221225786, -1])
def test_a_code_that_no_shell_can_have_is_a_failure_all_the_same(code: int) -> None:
    assert exit_status("failed", code) == 1
