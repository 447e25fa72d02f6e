from __future__ import annotations

import gzip
import io
import json
import os
import signal
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from edactl.sandbox.state import SandboxState
from tests.running import Run
from tests.sandbox_queues import SandboxQueues
from tests.scripted_ecs import (
    ACCOUNT,
    INTERRUPTED,
    SUCCESS,
    Launch,
    Scenario,
    exited,
    failed_to_start,
    scripted_ecs,
    view,
)

Edactl = Callable[..., Run]
MAP = ("task", "map", "--cluster", "jobs", "--task-definition", "orders", "--subnet", "subnet-1")
CAPACITY = "Capacity is unavailable at this time. Please try again later"


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATESTTESTTEST0000")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_REGION", "us-east-1")


@contextmanager
def ecs(monkeypatch: pytest.MonkeyPatch, *launches: Launch, **settings: Any) -> Iterator[Scenario]:
    """A scripted ECS that every command of the block talks to."""
    scenario = Scenario(launches=list(launches), **settings)
    with scripted_ecs(scenario) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        yield scenario


@pytest.fixture
def films(tmp_path: Path) -> str:
    """Three items."""
    path = tmp_path / "films.ndjson"
    path.write_text('{"id":1,"key":"a"}\n{"id":2,"key":"b"}\n{"id":3,"key":"c"}\n', "utf-8")
    return str(path)


def test_each_item_fills_its_own_task_and_the_balance_is_told(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str
) -> None:
    with ecs(monkeypatch, otherwise=Launch([exited(0)])) as scenario:
        run = edactl(
            *MAP, "--each", films, "--env", "ID={id}", "--tag", "a=b", "--", "run", "{key}"
        )

    assert run.status == 0, run.err
    balance = json.loads(run.out)
    assert list(balance) == [
        "run_id",
        "cluster",
        "task_definition",
        "items",
        "succeeded",
        "failed",
        "never_started",
        "interrupted",
        "timed_out",
        "cancelled",
        "left",
        "tasks_launched",
        "possibly_repeated",
        "cost_usd",
        "duration_seconds",
        "state_file",
        "failed_to",
        "failures",
    ]
    assert (balance["items"], balance["succeeded"], balance["left"]) == (3, 3, 0)
    assert balance["cost_usd"] > 0
    assert "edactl: 3 items: 3 succeeded, 0 left\n" in run.err
    sent = scenario.sent("RunTask")
    containers = [one["overrides"]["containerOverrides"] for one in sent]
    assert sorted(containers, key=str) == [
        [{"name": "app", "command": ["run", key], "environment": [{"name": "ID", "value": number}]}]
        for key, number in (("a", "1"), ("b", "2"), ("c", "3"))
    ]
    assert {one["count"] for one in sent} == {1}
    assert len({one["startedBy"] for one in sent}) == 3
    assert all(one["startedBy"].startswith("edactl/") for one in sent)
    state = Path(balance["state_file"])
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    assert json.loads(state.read_text("utf-8").splitlines()[-1])["end"]["succeeded"] == 3


def test_a_record_an_item_is_on_stdout_when_lines_are_asked_for(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str
) -> None:
    launches = [Launch([exited(0)]), Launch([exited(7)])]
    with ecs(monkeypatch, *launches, otherwise=Launch(failure="ATTRIBUTE")):
        run = edactl(*MAP, "--each", films, "--parallel", "1", "-o", "ndjson")

    assert run.status == 2
    records = [json.loads(line) for line in run.out.splitlines()]
    assert [(one["index"], one["line"], one["outcome"]) for one in records] == [
        (0, 1, "succeeded"),
        (1, 2, "failed"),
        (2, 3, "never_started"),
    ]
    assert records[1]["item"] == {"id": 2, "key": "b"}
    assert records[1]["exit_code"] == 7
    assert records[1]["attempts"][0]["outcome"] == "failed"
    assert records[2]["task_arn"] is None
    assert "item 1 (line 2) failed: container app ended with 7" in run.err
    assert "3 items: 1 succeeded, 1 failed, 1 never_started, 0 left" in run.err


@pytest.mark.parametrize("form", ["ndjson", "array", "gz", "stdin"])
def test_items_come_in_every_form_that_events_do(
    form: str, edactl: Edactl, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lines, stdin = b'{"id":1}\n{"id":2}\n', ""
    path = tmp_path / f"items.{form}"
    if form == "stdin":
        stdin = lines.decode()
    else:
        content = {"ndjson": lines, "array": b'[{"id":1},\n{"id":2}]', "gz": gzip.compress(lines)}
        path.write_bytes(content[form])
    with ecs(monkeypatch, otherwise=Launch([exited(0)])) as scenario:
        name = "-" if form == "stdin" else str(path)
        run = edactl(*MAP, "--each", name, stdin=stdin)

    assert run.status == 0, run.err
    variables = [
        one["overrides"]["containerOverrides"][0]["environment"] for one in scenario.sent("RunTask")
    ]
    assert sorted(variables, key=str) == [
        [{"name": "ITEM", "value": f'{{"id":{number}}}'}] for number in (1, 2)
    ]
    state = Path(json.loads(run.out)["state_file"])
    assert list(state.parent.glob("*.items")) == []


@pytest.mark.parametrize("text", ['"a"\n7\n', '["a",\n7]', '"a" 7'])
def test_items_may_be_no_objects(
    text: str, edactl: Edactl, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    items = tmp_path / "items.json"
    items.write_text(text, "utf-8")
    with ecs(monkeypatch, otherwise=Launch([exited(0)])) as scenario:
        run = edactl(*MAP, "--each", str(items), "--", "run", "{item}")

    assert run.status == 0, run.err
    commands = [
        one["overrides"]["containerOverrides"][0]["command"] for one in scenario.sent("RunTask")
    ]
    assert sorted(commands) == [["run", "7"], ["run", "a"]]


def test_a_dry_run_checks_every_item_and_starts_nothing(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str
) -> None:
    with ecs(monkeypatch) as scenario:
        run = edactl(*MAP, "--each", films, "--dry-run", "--pace", "2", "--", "run", "{key}")

    assert run.status == 0
    plan = json.loads(run.out)
    assert plan["dry_run"] is True
    assert (plan["items"], plan["parallel"], plan["least_seconds_to_launch"]) == (3, 50, 1.5)
    assert plan["run_task"]["overrides"]["containerOverrides"][0]["command"] == ["run", "a"]
    assert scenario.sent("RunTask") == []
    with ecs(monkeypatch):
        own = edactl(*MAP, "--each", films, "--dry-run", "--pace", "5000", "--", "run", "{key}")
        equal = edactl(*MAP, "--each", films, "--dry-run", "--pace", "5000", "--env", "ITEM=x")
    seconds = [json.loads(one.out)["least_seconds_to_launch"] for one in (own, equal)]
    assert seconds == [0.1, 0.0]  # RunTask takes 20 calls a second
    assert list(Path.home().rglob("*task-map/*.ndjson")) == []


@pytest.mark.parametrize(
    ("own", "pace"),
    [(("--", "run", "{key}"), "20"), (("--env", "ITEM=x"), "5000")],
    ids=["own", "equal"],
)
def test_no_pace_is_promised_that_runtask_does_not_take(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str, own: tuple[str, ...], pace: str
) -> None:
    with ecs(monkeypatch, otherwise=Launch([exited(0)])):
        run = edactl(*MAP, "--each", films, "--pace", "5000", *own)

    assert f"50 at once, at most {pace} launches a second" in run.err


def test_a_service_lends_its_network_and_capacity(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str
) -> None:
    service = {
        "serviceName": "orders",
        "serviceArn": f"arn:aws:ecs:us-east-1:{ACCOUNT}:service/jobs/orders",
        "status": "ACTIVE",
        "taskDefinition": f"arn:aws:ecs:us-east-1:{ACCOUNT}:task-definition/orders:7",
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-9"]}},
        "launchType": "FARGATE",
    }
    with ecs(monkeypatch, otherwise=Launch([exited(0)]), service=service) as scenario:
        run = edactl("task", "map", "--service", "orders", "--cluster", "jobs", "--each", films)

    assert run.status == 0, run.err
    network = scenario.sent("RunTask")[0]["networkConfiguration"]
    assert network == {"awsvpcConfiguration": {"subnets": ["subnet-9"]}}


def test_ten_equal_tasks_of_a_call_may_come_as_seven_and_three_failures(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    items = tmp_path / "items.ndjson"
    items.write_text("".join(f'{{"id":{number}}}\n' for number in range(10)), "utf-8")
    launches = [Launch([exited(0)], failure=CAPACITY, started=7)]
    with ecs(monkeypatch, *launches, otherwise=Launch([exited(0)])) as scenario:
        run = edactl(*MAP, "--each", str(items), "--env", "ITEM=same")

    assert run.status == 0, run.err
    assert [one["count"] for one in scenario.sent("RunTask")] == [10, 3]
    assert json.loads(run.out)["succeeded"] == 10
    assert len(scenario.tasks) == 10
    assert "AWS has no capacity for it now" in run.err


def test_a_ghost_is_watched_not_doubled(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str
) -> None:
    launches = [Launch([exited(0)], failure=CAPACITY)]
    with ecs(monkeypatch, *launches, otherwise=Launch([exited(0)])) as scenario:
        run = edactl(*MAP, "--each", films)

    assert run.status == 0, run.err
    assert len(scenario.tasks) == 3
    assert "ECS started, though no answer said so" in run.err


def test_an_interrupted_task_on_spot_runs_again_on_demand_after_two(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str
) -> None:
    lost = Launch([INTERRUPTED])
    with ecs(monkeypatch, lost, lost, otherwise=Launch(SUCCESS)) as scenario:
        one = Path(films)
        one.write_text('{"id":1}\n', "utf-8")
        run = edactl(*MAP, "--each", films, "--spot", "--fallback", "on-demand", "-o", "ndjson")

    assert run.status == 0, run.err
    strategies = [one["capacityProviderStrategy"][0] for one in scenario.sent("RunTask")]
    assert [one["capacityProvider"] for one in strategies] == [
        "FARGATE_SPOT",
        "FARGATE_SPOT",
        "FARGATE",
    ]
    attempts = json.loads(run.out)["attempts"]
    assert [one["outcome"] for one in attempts] == ["interrupted", "interrupted", "succeeded"]


def test_many_reasons_are_cut_short(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    items = tmp_path / "items.json"
    items.write_text(json.dumps(list(range(7))), "utf-8")
    with ecs(monkeypatch, *[Launch([exited(code)]) for code in range(1, 8)]):
        run = edactl(*MAP, "--each", str(items))

    assert run.status == 2
    assert run.err.count(" failed: container app ended with ") == 5
    assert "warning: and 2 other reasons\n" in run.err


def test_failed_items_run_again_as_often_as_asked(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str
) -> None:
    with ecs(monkeypatch, Launch([exited(1)]), otherwise=Launch([exited(0)])) as scenario:
        run = edactl(*MAP, "--each", films, "--retries", "1", "--pace", "100")

    assert run.status == 0, run.err
    assert len(scenario.sent("RunTask")) == 4


# -- what failed is kept ---------------------------------------------------------------------------


@pytest.fixture
def queues(sandbox: SandboxState, monkeypatch: pytest.MonkeyPatch) -> SandboxQueues:
    """SQS of the sandbox, beside a scripted ECS."""
    monkeypatch.setenv("EDACTL_SANDBOX", "0")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", sandbox.url)
    return SandboxQueues(sandbox)


def test_failed_items_are_kept_in_a_file_that_another_map_takes(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str, tmp_path: Path
) -> None:
    kept = tmp_path / "failed.ndjson"
    launches = [Launch([exited(0)]), Launch([exited(7)]), Launch([failed_to_start("CannotPull")])]
    with ecs(monkeypatch, *launches, otherwise=Launch([exited(0)])) as scenario:
        run = edactl(*MAP, "--each", films, "--parallel", "1", "--failed-to", str(kept))
        again = edactl(*MAP, "--each", str(kept), "--", "run", "{key}")

    assert (run.status, again.status) == (2, 0)
    assert json.loads(run.out)["failed_to"] == str(kept)
    records = [json.loads(line) for line in kept.read_text("utf-8").splitlines()]
    assert [(one["item"]["id"], one["outcome"]) for one in records] == [
        (2, "failed"),
        (3, "never_started"),
    ]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    commands = [
        one["overrides"]["containerOverrides"][0]["command"] for one in scenario.sent("RunTask")[3:]
    ]
    assert sorted(commands) == [["run", "b"], ["run", "c"]]


@pytest.mark.parametrize("name", ["failed", "failed.fifo"])
def test_failed_items_are_kept_in_a_queue_with_their_reason(
    name: str,
    edactl: Edactl,
    monkeypatch: pytest.MonkeyPatch,
    films: str,
    queues: SandboxQueues,
) -> None:
    queues.make(name)
    launches = [Launch([exited(0)]), Launch([exited(7)])]
    with ecs(monkeypatch, *launches, otherwise=Launch([exited(0)])) as scenario:
        run = edactl(*MAP, "--each", films, "--parallel", "1", "--failed-to", name)
        out = edactl("dlq", "export", name, "-o", "ndjson")
        again = edactl(*MAP, "--each", "-", "--", "run", "{key}", stdin=out.out)

    assert run.status == 2, run.err
    [letter] = [json.loads(line) for line in out.out.splitlines()]
    assert json.loads(letter["body"]) == {"id": 2, "key": "b"}
    attributes = {key: one["string_value"] for key, one in letter["message_attributes"].items()}
    assert attributes["edactl-outcome"] == "failed"
    assert attributes["edactl-explanation"] == "container app ended with 7"
    assert (attributes["edactl-index"], attributes["edactl-exit-code"]) == ("1", "7")
    assert attributes["edactl-run"] == json.loads(run.out)["run_id"]
    assert attributes["edactl-task-arn"].endswith("/t2")
    assert again.status == 0, again.err
    last = scenario.sent("RunTask")[-1]["overrides"]["containerOverrides"][0]
    assert last["command"] == ["run", "b"]


def test_what_a_queue_does_not_take_is_said(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, queues: SandboxQueues, tmp_path: Path
) -> None:
    queues.make("failed")
    items = tmp_path / "items.ndjson"
    items.write_text(json.dumps({"id": 1, "big": "x" * 1_100_000}) + "\n", "utf-8")
    with ecs(monkeypatch, Launch([exited(7)])):
        run = edactl(*MAP, "--each", str(items), "--env", "ID={id}", "--failed-to", "failed")

    assert run.status == 2
    assert "item 0 (line 1) is not kept in queue failed" in run.err


def test_a_queue_that_does_not_exist_is_found_before_anything_starts(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str, queues: SandboxQueues
) -> None:
    queues.make("failed")
    with ecs(monkeypatch) as scenario:
        run = edactl(*MAP, "--each", films, "--failed-to", "nowhere")

    assert run.status == 254
    assert 'queue "nowhere" does not exist' in run.err
    assert scenario.sent("RunTask") == []


def test_a_disk_that_is_full_is_said_once(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str
) -> None:
    with ecs(monkeypatch, otherwise=Launch([exited(7)])):
        run = edactl(*MAP, "--each", films, "--failed-to", "/dev/full")

    assert run.status == 2
    assert run.err.count("--failed-to /dev/full is not complete") == 1


# -- bad input -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"id":1}\n{"id":\n', "items.ndjson:2: "),
        ('{"id":1}\n{"key":1}\n', "items.ndjson:2: the item has no field {id}"),
        ("", "items.ndjson: there is no item in it"),
        ("\n\n", "items.ndjson: there is no item in it"),
        (
            '{"id":1}\n' + json.dumps({"id": "x" * 9000}) + "\n",
            "items.ndjson:2: the overrides are 90",
        ),
    ],
)
def test_bad_items_are_told_with_their_line_before_anything_is_asked_of_aws(
    text: str, message: str, edactl: Edactl, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    items = tmp_path / "items.ndjson"
    items.write_text(text, "utf-8")
    with ecs(monkeypatch) as scenario:
        run = edactl(*MAP, "--each", str(items), "--", "run", "{id}")

    assert run.status == 252
    assert message in run.err
    assert scenario.requests == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "which items?"),
        (("--each", "/nowhere.ndjson"), "/nowhere.ndjson: cannot be read"),
        (("--each", "ITEMS", "--pace", "0"), "--pace must be above 0"),
        (("--each", "ITEMS", "--state", "a", "--resume", "b"), "--state is for a new run"),
        (("--each", "ITEMS", "--timeout", "soon"), "--timeout"),
        (("--each", "ITEMS", "--failed-to", "ITEMS"), "is also an input"),
        (("--each", "ITEMS", "--failed-to", "/nowhere/failed.ndjson"), "cannot be written"),
        (("--each", "ITEMS", "--resume", "/nowhere"), "there is no such state file"),
        (("--each", "ITEMS", "--state", "ITEMS"), "is there already"),
        (("--each", "ITEMS", "--state", "/nowhere/state"), "there is no such folder"),
        (("--each", "ITEMS", "--fallback", "on-demand"), "--fallback is for --spot"),
    ],
)
def test_a_wrong_command_line_starts_nothing(
    arguments: tuple[str, ...],
    message: str,
    edactl: Edactl,
    monkeypatch: pytest.MonkeyPatch,
    films: str,
) -> None:
    with ecs(monkeypatch) as scenario:
        run = edactl(*MAP, *(films if one == "ITEMS" else one for one in arguments))

    assert run.status == 252, run.err
    assert message in run.err
    assert scenario.sent("RunTask") == []


def test_a_refusal_for_good_starts_nothing_and_is_aws_own(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str
) -> None:
    refused = Launch(error=("AccessDeniedException", "not authorized to perform: iam:PassRole"))
    with ecs(monkeypatch, otherwise=refused) as scenario:
        run = edactl(*MAP, "--each", films, "--parallel", "1")

    assert run.status == 254
    assert "iam:PassRole" in run.err
    assert len(scenario.sent("RunTask")) == 1
    assert json.loads(run.out)["left"] == 3
    assert "--resume" in run.err


# -- the state file --------------------------------------------------------------------------------


def _stopped_state(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str, tmp_path: Path
) -> Path:
    """The state of a run that was refused at once: nothing has ended."""
    state = tmp_path / "state.ndjson"
    refused = Launch(error=("AccessDeniedException", "no"))
    with ecs(monkeypatch, otherwise=refused):
        edactl(*MAP, "--each", films, "--state", str(state))
    return state


def test_a_run_goes_on_from_its_state(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str, tmp_path: Path
) -> None:
    state = _stopped_state(edactl, monkeypatch, films, tmp_path)
    with state.open("a", encoding="utf-8") as file:
        file.write('{"ended":{"index":0,"outcome":"failed","cost_usd":0.5}}\n{"launch')  # cut off
    with ecs(monkeypatch, otherwise=Launch([exited(0)])) as scenario:
        run = edactl(*MAP, "--each", films, "--resume", str(state))
        done = edactl(*MAP, "--each", films, "--resume", str(state))

    assert run.status == 2, run.err
    assert "1 of 3 items ended" in run.err
    balance = json.loads(run.out)
    assert (balance["failed"], balance["succeeded"], balance["left"]) == (1, 2, 0)
    assert balance["cost_usd"] > 0.5
    assert len(scenario.sent("RunTask")) == 2
    assert done.status == 2
    assert json.loads(done.out)["tasks_launched"] == 2


def test_a_run_id_is_enough_to_go_on(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str
) -> None:
    with ecs(monkeypatch, otherwise=Launch(error=("AccessDeniedException", "no"))):
        refused = edactl(*MAP, "--each", films)
    with ecs(monkeypatch, otherwise=Launch([exited(0)])):
        run = edactl(*MAP, "--each", films, "--resume", json.loads(refused.out)["run_id"])

    assert run.status == 0, run.err


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("items", "it is the state of other items"),
        ("cluster", 'the run began with cluster "jobs", not "web"'),
        ("command", "the run began with overrides"),
        ("version", "a state of version 2; this edactl reads 1"),
        ("middle", "state.ndjson:2: not a line of a task map's state"),
        ("nothing", "not the state of a task map"),
        ("binary", "cannot be read"),
    ],
)
def test_a_state_that_is_not_of_this_map_is_refused(
    change: str, message: str, edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str
) -> None:
    state = _stopped_state(edactl, monkeypatch, films, Path(films).parent)
    text = state.read_text("utf-8")
    more: tuple[str, ...] = ()
    match change:
        case "items":
            Path(films).write_text('{"id":4}\n', "utf-8")
        case "cluster":
            more = ("--cluster", "web")
        case "command":
            more = ("--", "other", "{id}")
        case "version":
            state.write_text(text.replace('"edactl_task_map":1', '"edactl_task_map":2'), "utf-8")
        case "middle":
            state.write_text(text.replace('{"launching', "what", 1), "utf-8")
        case "nothing":
            state.write_text("", "utf-8")
        case "binary":
            state.write_bytes(b"\xff\xfe")
    with ecs(monkeypatch) as scenario:
        run = edactl(*MAP, "--each", films, "--resume", str(state), *more)

    assert run.status == 252, run.err
    assert message in run.err
    assert scenario.sent("RunTask") == []


def test_a_run_that_is_still_at_work_is_not_resumed_beside_itself(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str, tmp_path: Path
) -> None:
    import fcntl

    state = _stopped_state(edactl, monkeypatch, films, tmp_path)
    with state.open("a", encoding="utf-8") as file, ecs(monkeypatch):
        fcntl.flock(file, fcntl.LOCK_EX)
        run = edactl(*MAP, "--each", films, "--resume", str(state))

    assert run.status == 252
    assert "still at work in another process" in run.err


def test_items_from_stdin_are_kept_for_a_run_that_is_to_go_on(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ecs(monkeypatch, otherwise=Launch(error=("AccessDeniedException", "no"))):
        refused = edactl(*MAP, "--each", "-", stdin='{"id":1}\n')
    state = json.loads(refused.out)["state_file"]
    [kept] = Path(state).parent.glob("*.items")
    assert f"--each {kept} --resume {state}" in refused.err
    with ecs(monkeypatch, otherwise=Launch([exited(0)])):
        run = edactl(*MAP, "--each", str(kept), "--resume", state)

    assert run.status == 0, run.err


# -- stopping --------------------------------------------------------------------------------------

RUNS_ON = Launch([view("RUNNING", startedAt=1)])


@contextmanager
def signals_when(happened: Callable[[], bool], *numbers: int) -> Iterator[None]:
    """Send these signals to this process, each once that has happened."""

    def send() -> None:
        deadline = time.monotonic() + 30
        for number in numbers:
            while not happened() and time.monotonic() < deadline:
                time.sleep(0.01)
            os.kill(os.getpid(), number)
            time.sleep(0.1)

    thread = threading.Thread(target=send)
    thread.start()
    yield
    thread.join()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_stops_the_tasks_and_waits_for_their_end(
    number: int, status: int, edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str
) -> None:
    with ecs(monkeypatch, otherwise=RUNS_ON) as scenario:
        launched = lambda: len(scenario.sent("DescribeTasks")) > 0  # noqa: E731 -- a condition
        with signals_when(launched, number):
            run = edactl(*MAP, "--each", films, "--parallel", "2")

    assert run.status == status, run.err
    balance = json.loads(run.out)
    assert (balance["cancelled"], balance["left"]) == (2, 1)
    assert len(scenario.sent("StopTask")) == 2
    assert "2 tasks were stopped with the run" in run.err
    assert f"--resume {balance['state_file']}" in run.err
    with ecs(monkeypatch, otherwise=Launch([exited(0)])) as scenario:
        again = edactl(*MAP, "--each", films, "--parallel", "2", "--resume", balance["state_file"])
    assert again.status == 0, again.err
    assert len(scenario.sent("RunTask")) == 3


def test_with_keep_ctrl_c_leaves_the_tasks_to_run_and_a_resumed_run_follows_them(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str
) -> None:
    with ecs(monkeypatch, otherwise=RUNS_ON) as scenario:
        launched = lambda: len(scenario.sent("DescribeTasks")) > 0  # noqa: E731 -- a condition
        with signals_when(launched, signal.SIGINT):
            run = edactl(*MAP, "--each", films, "--parallel", "2", "--keep")
        assert scenario.sent("StopTask") == []
        for played in scenario.tasks.values():
            played.views = [exited(0)]
        scenario.otherwise = Launch([exited(0)])
        state = json.loads(run.out)["state_file"]
        again = edactl(*MAP, "--each", films, "--resume", state)

    assert run.status == 130
    assert "2 tasks still running" in run.err
    assert again.status == 0, again.err
    assert json.loads(again.out)["succeeded"] == 3
    assert len(scenario.tasks) == 3


def test_a_second_ctrl_c_does_not_wait(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str
) -> None:
    stubborn = Launch([view("RUNNING", startedAt=1)], stopped=view("STOPPING"))
    with ecs(monkeypatch, otherwise=stubborn) as scenario:

        def launched() -> bool:
            return 3 in [len(one["tasks"]) for one in scenario.sent("DescribeTasks")]

        with signals_when(launched, signal.SIGINT, signal.SIGINT):
            run = edactl(*MAP, "--each", films)

    assert run.status == 130
    assert "3 tasks still running" in run.err
    assert "--resume" in run.err


def test_when_nobody_reads_on_the_tasks_are_stopped(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str
) -> None:
    class Closed(io.StringIO):
        def write(self, _text: str) -> int:
            raise BrokenPipeError

    with ecs(monkeypatch, Launch([exited(0)]), otherwise=RUNS_ON) as scenario:
        monkeypatch.setattr(sys, "stdout", Closed())
        run = edactl(*MAP, "--each", films, "-o", "ndjson")

    assert run.status == 141
    assert len(scenario.sent("StopTask")) == 2


def test_looks_that_are_refused_say_what_may_still_run(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str
) -> None:
    denied = {"DescribeTasks": ("AccessDeniedException", "not authorized: ecs:DescribeTasks")}
    with ecs(monkeypatch, otherwise=RUNS_ON, errors=denied):
        run = edactl(*MAP, "--each", films)

    assert run.status == 2
    assert "ecs:DescribeTasks" in run.err
    assert " still running\n" in run.err  # how many depends on which answer comes first
    assert "--resume" in run.err


def test_on_a_terminal_a_table_tells_how_far_it_is(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch, films: str
) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Screen()
    with ecs(monkeypatch, otherwise=Launch(SUCCESS)):
        monkeypatch.setattr(sys, "stderr", screen)
        monkeypatch.setenv("COLUMNS", "200")
        run = edactl(*MAP, "--each", films)

    assert run.status == 0
    shown = screen.getvalue()
    assert "items  waiting  starting  running  succeeded  failed\n" in shown
    assert "    3        0         3        0          0       0\n" in shown
    assert "\x1b[2A\r\x1b[J" in shown
    assert shown.endswith("3 items: 3 succeeded, 0 left\n")
