"""`edactl scale apply`: what is put on a service, what is refused, and how it is taken back."""

from __future__ import annotations

import ast
import io
import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hcl2
import pytest

from edactl.cli import main
from tests.running import Run, name_of
from tests.scripted_scaling import ScalingWorld, service, with_data

Edactl = Callable[..., Run]
PLACE = ("--queue", "orders", "--service", "jobs/orders")
RANGE = ("--minimum", "2", "--maximum", "40")
TARGET = ("--target-value", "15", *RANGE)
OLD_POLICY: dict[str, Any] = {
    "PolicyName": "edactl-orders",
    "ServiceNamespace": "ecs",
    "ResourceId": "service/jobs/orders",
    "ScalableDimension": "ecs:service:DesiredCount",
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": 70.0,
        "PredefinedMetricSpecification": {
            "PredefinedMetricType": "ECSServiceAverageCPUUtilization"
        },
    },
}
ADVICE: dict[str, Any] = {
    "verdict": "reachable",
    "target_value": 0.75,
    "metric": "load_per_slot",
    "minimum_tasks": 1,
    "maximum_tasks": 20,
    "scale_out_cooldown_seconds": 60,
    "scale_in_cooldown_seconds": 300,
    "inputs": {
        "processing_time": {"value": 0.00025},
        "latency": {"value": 120.0},
        "concurrency_per_task": {"value": 4},
    },
}


Scaling = Callable[[ScalingWorld], ScalingWorld]


def report(run: Run) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run.out)
    return found


# -- applying ----------------------------------------------------------------------------------


def test_a_policy_and_its_range_are_put_on_a_service_that_had_none(
    edactl: Edactl, scaling: Scaling
) -> None:
    world = scaling(with_data())

    run = edactl("scale", "apply", *PLACE, *TARGET, "--yes")

    assert run.status == 0, run.err
    assert world.target == {"MinCapacity": 2, "MaxCapacity": 40}
    tracking = world.policies["edactl-orders"]["TargetTrackingScalingPolicyConfiguration"]
    assert tracking["TargetValue"] == 15
    assert (tracking["ScaleOutCooldown"], tracking["ScaleInCooldown"]) == (60, 300)
    metrics = tracking["CustomizedMetricSpecification"]["Metrics"]
    assert [one["Id"] for one in metrics if one["ReturnData"]] == ["backlog_per_task"]
    assert world.writes == ["RegisterScalableTarget", "PutScalingPolicy"]
    done = report(run)
    assert (done["action"], done["applied"], done["dry_run"]) == ("apply", True, False)
    assert done["before"] == {"range": None, "policy": None}
    assert done["after"]["policy"] == world.policies["edactl-orders"]
    assert [one["status"] for one in done["steps"]] == ["done", "done"]
    assert Path(done["backup"]).stat().st_mode & 0o777 == 0o600
    assert f"--rollback {done['run_id']}" in run.err
    assert "3 datapoints in 24 h: 16 at last, 18 at most" in run.err


def test_what_is_deployed_already_needs_nothing(edactl: Edactl, scaling: Scaling) -> None:
    world = scaling(with_data())
    assert edactl("scale", "apply", *PLACE, *TARGET, "--yes").status == 0
    world.requests.clear()

    run = edactl("scale", "apply", *PLACE, *TARGET)

    assert (run.status, world.writes) == (0, [])
    assert "nothing to do" in run.err
    assert report(run)["changes"] == report(run)["steps"] == []
    assert world.sent("GetMetricData") == []


def test_only_what_differs_is_sent_and_shown(edactl: Edactl, scaling: Scaling) -> None:
    world = scaling(with_data())
    assert edactl("scale", "apply", *PLACE, *TARGET, "--yes").status == 0
    world.requests.clear()

    run = edactl("scale", "apply", *PLACE, "--target-value", "10", *RANGE, "--yes")

    assert (run.status, world.writes) == (0, ["PutScalingPolicy"])
    assert report(run)["changes"] == [{"field": "policy.TargetValue", "before": 15, "after": 10}]
    assert "policy.TargetValue  15 → 10" in run.err
    world.requests.clear()
    tasks = ("--minimum", "3", "--maximum", "40")
    run = edactl("scale", "apply", *PLACE, "--target-value", "10", *tasks, "--yes")
    assert (run.status, world.writes) == (0, ["RegisterScalableTarget"])
    assert "the desired count goes from 2 to 3 at once" in run.err


def test_a_dry_run_shows_all_and_changes_nothing(edactl: Edactl, scaling: Scaling) -> None:
    world = scaling(with_data(target={"MinCapacity": 1, "MaxCapacity": 9}))

    run = edactl("scale", "apply", *PLACE, *TARGET, "--dry-run")

    assert (run.status, world.writes) == (0, [])
    planned = report(run)
    assert (planned["dry_run"], planned["applied"], planned["backup"]) == (True, False, None)
    assert [one["status"] for one in planned["steps"]] == ["planned", "planned"]
    assert planned["before"]["range"] == {"minimum_tasks": 1, "maximum_tasks": 9}
    assert "maximum_tasks                     9 → 40" in run.err
    assert edactl("scale", "apply", "--rollback", "latest").status == 252  # it left no log


def test_nobody_is_asked_without_a_terminal(edactl: Edactl, scaling: Scaling) -> None:
    world = scaling(with_data())

    run = edactl("scale", "apply", *PLACE, *TARGET)

    assert (run.status, run.out, world.writes) == (252, "", [])
    assert "--yes" in run.err
    assert "policy.TargetValue" in run.err  # what would change was shown


def test_an_advice_gives_the_policy_and_options_win_over_it(
    edactl: Edactl, scaling: Scaling, tmp_path: Path
) -> None:
    world = scaling(with_data())
    file = tmp_path / "advice.json"
    file.write_text(json.dumps(ADVICE))

    assert edactl("scale", "apply", str(file), *PLACE, "--yes", "--maximum", "30").status == 0

    assert world.target == {"MinCapacity": 1, "MaxCapacity": 30}
    tracking = world.policies["edactl-orders"]["TargetTrackingScalingPolicyConfiguration"]
    assert tracking["TargetValue"] == 0.75
    *_, held = tracking["CustomizedMetricSpecification"]["Metrics"]
    assert held["Id"] == "load_per_slot"
    assert held["Expression"] == "(sent / 60 * 0.00025 + visible * 0.00025 / 120) / (4 * tasks)"
    options = ("--processing-time", "2s", "--latency", "1m", "--concurrency-per-task", "1")
    cooldowns = ("--scale-out-cooldown", "30s", "--scale-in-cooldown", "10m")
    run = edactl(
        *("scale", "apply", "-", *PLACE, "-y", *options, *cooldowns, "--target-value", "0.5"),
        stdin=json.dumps(ADVICE),
    )
    assert run.status == 0, run.err
    tracking = world.policies["edactl-orders"]["TargetTrackingScalingPolicyConfiguration"]
    *_, held = tracking["CustomizedMetricSpecification"]["Metrics"]
    assert held["Expression"] == "(sent / 60 * 2 + visible * 2 / 60) / (1 * tasks)"
    assert (tracking["ScaleOutCooldown"], tracking["ScaleInCooldown"]) == (30, 600)
    assert tracking["TargetValue"] == 0.5


def test_an_advice_knows_its_queue_and_service_and_is_refused_for_others(
    edactl: Edactl, scaling: Scaling
) -> None:
    world = scaling(with_data())
    advice = json.dumps(ADVICE | {"queue": "orders", "service": "jobs/orders"})
    apply = ("scale", "apply", "-", "--yes")

    for other in (("--queue", "others"), ("--service", "jobs/others")):
        run = edactl(*apply, *other, stdin=advice)
        assert (run.status, world.requests) == (3, [])
        assert "the advice is for" in run.err
    assert edactl(*apply, stdin=advice).status == 0
    assert list(world.policies) == ["edactl-orders"]
    assert edactl(*apply, "--queue", "others", "--force", stdin=advice).status == 0
    assert set(world.policies) == {"edactl-orders", "edactl-others"}


def test_an_advice_of_scale_advise_is_applied_as_it_is(edactl: Edactl, scaling: Scaling) -> None:
    world = scaling(with_data())
    given = ("--pattern", "steady:1/s", "--duration", "1h", "--processing-time", "2s")
    advice = edactl("scale", "advise", "--latency", "2m", *given, "-o", "json")
    assert advice.status == 0, advice.err

    run = edactl("scale", "apply", "-", *PLACE, "--yes", stdin=advice.out)

    assert run.status == 0, run.err
    said = json.loads(advice.out)
    tracking = world.policies["edactl-orders"]["TargetTrackingScalingPolicyConfiguration"]
    assert tracking["TargetValue"] == said["target_value"]
    assert world.target == {
        "MinCapacity": said["minimum_tasks"],
        "MaxCapacity": said["maximum_tasks"],
    }
    assert (said["queue"], said["service"]) == (None, None)


def test_the_table_leaves_the_documents_out(edactl: Edactl, scaling: Scaling) -> None:
    scaling(with_data())

    run = edactl("scale", "apply", *PLACE, *TARGET, "--yes", "-o", "table")

    assert run.status == 0
    assert "policy name  edactl-orders" in run.out
    assert "PutScalingPolicy        done" in run.out
    assert "TargetValue" not in run.out
    again = edactl("scale", "apply", *PLACE, *TARGET, "--yes", "-o", "table")
    assert (again.status, "OPERATION" in again.out) == (0, False)


class Typed(io.StringIO):
    """A terminal's stream; `asked` is called before the answer is read."""

    asked: Callable[[], object] = staticmethod(lambda: None)

    def isatty(self) -> bool:
        return True

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override] # StringIO's own
        self.asked()
        return super().readline(-1 if size is None else size)


@pytest.mark.parametrize(("answer", "status", "writes"), [("y\n", 0, 2), ("n\n", 1, 0), ("", 1, 0)])
def test_somebody_who_is_asked_has_seen_what_changes(
    scaling: Scaling, monkeypatch: pytest.MonkeyPatch, answer: str, status: int, writes: int
) -> None:
    world, screen = scaling(with_data()), Typed()
    monkeypatch.setattr(sys, "stdin", Typed(answer))
    monkeypatch.setattr(sys, "stderr", screen)

    ended = main(["scale", "apply", *PLACE, *TARGET])

    before, _, _ = screen.getvalue().partition("Apply this to jobs/orders? [y/N]")
    assert (ended, len(world.writes)) == (status, writes)
    assert "policy.TargetValue" in before


def test_what_changes_while_somebody_is_asked_is_not_overwritten(
    scaling: Scaling, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, screen, keys = scaling(with_data()), Typed(), Typed("y\n")
    keys.asked = lambda: setattr(world, "target", {"MinCapacity": 5, "MaxCapacity": 7})
    monkeypatch.setattr(sys, "stdin", keys)
    monkeypatch.setattr(sys, "stderr", screen)

    ended = main(["scale", "apply", *PLACE, *TARGET])

    assert (ended, world.writes) == (3, [])
    assert "was changed while you looked: minimum_tasks, maximum_tasks" in screen.getvalue()


# -- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("missing", "options", "said"),
    [
        ("visible", (), ("queue orders has sent no Approximate", "edactl queue show orders")),
        ("running", (), ("no task of jobs/orders has sent CPUUtilization", "edactl service show")),
        (
            "running",
            ("--running-tasks", "container-insights"),
            ("Container Insights has no RunningTaskCount", "--running-tasks cpu-samples"),
        ),
        ("backlog_per_task", (), ("its expression visible / tasks gives no data", "--write DIR")),
    ],
)
def test_a_metric_without_data_is_refused_and_named(
    edactl: Edactl, scaling: Scaling, missing: str, options: tuple[str, ...], said: tuple[str, ...]
) -> None:
    world = with_data()
    del world.points[missing]
    world.points.pop("backlog_per_task", None)
    scaling(world)

    run = edactl("scale", "apply", *PLACE, *TARGET, *options, "--yes")

    assert (run.status, run.out, world.writes) == (3, "", [])
    assert [part in run.err for part in said] == [True, True]
    forced = edactl("scale", "apply", *PLACE, *TARGET, *options, "--yes", "--force")
    assert (forced.status, len(world.writes)) == (0, 2)
    assert said[0] in forced.err


def test_an_advice_that_nothing_meets_is_refused_unless_forced(
    edactl: Edactl, scaling: Scaling
) -> None:
    world = scaling(with_data())
    advice = json.dumps(ADVICE | {"verdict": "not_reachable", "target_value": None})

    run = edactl("scale", "apply", "-", *PLACE, "--yes", stdin=advice)
    assert (run.status, world.requests) == (3, [])
    assert "no policy that meets its latency" in run.err
    run = edactl("scale", "apply", "-", *PLACE, "--yes", "--force", stdin=advice)
    assert (run.status, world.requests) == (252, [])
    assert "--target-value" in run.err
    run = edactl(
        *("scale", "apply", "-", *PLACE, "--yes", "--force", "--target-value", "1"), stdin=advice
    )
    assert (run.status, len(world.writes)) == (0, 2)
    assert "--force goes on" in run.err


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("{", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ("[]", "it has no verdict"),
        ("{}", "it has no verdict"),
        ({"verdict": "maybe"}, "verdict is not one of"),
        ({"metric": 3}, "metric is not one of"),
        ({"target_value": None}, "target_value is not a number above 0"),
        ({"target_value": True}, "target_value is not a number above 0"),
        ({"target_value": -1}, "target_value is not a number above 0"),
        ({"minimum_tasks": 1.5}, "minimum_tasks is not a whole number"),
        ({"maximum_tasks": -1}, "maximum_tasks is not a whole number"),
        ({"scale_in_cooldown_seconds": True}, "scale_in_cooldown_seconds is not a whole number"),
        ({"queue": 3}, "queue is not a name"),
        ({"inputs": []}, "inputs is not an object"),
        ({"inputs": {}}, "inputs.processing_time is not an object"),
        (
            {"inputs": {"processing_time": {"value": "2s"}}},
            "inputs.processing_time.value is not a number above 0",
        ),
    ],
    ids=lambda value: name_of(value)[:60],
)
def test_a_malformed_advice_is_refused_before_anything_is_asked(
    edactl: Edactl, scaling: Scaling, change: str | dict[str, Any], said: str
) -> None:
    world = scaling(with_data())
    text = change if isinstance(change, str) else json.dumps(ADVICE | change)

    run = edactl("scale", "apply", "-", *PLACE, "--yes", stdin=text)

    assert (run.status, run.out, world.requests) == (252, "", [])
    assert "<stdin>: " in run.err
    assert said in run.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (TARGET, "one queue and one service"),
        ((*PLACE, *RANGE), "no target to hold"),
        ((*PLACE, "--target-value", "15", "--minimum", "1"), "there is no --maximum"),
        ((*PLACE, "--target-value", "0", *RANGE), "holds nothing"),
        ((*PLACE, "--target-value", "inf", *RANGE), "holds nothing"),
        ((*PLACE, *TARGET, "--minimum", "50"), "50 to 40 tasks is no range"),
        ((*PLACE, *TARGET, "--minimum", "0", "--maximum", "0"), "0 to 0 tasks is no range"),
        ((*PLACE, *TARGET, "--metric", "cpu"), '--metric "cpu" is unknown'),
        ((*PLACE, *TARGET, "--running-tasks", "x"), '--running-tasks "x" is unknown'),
        ((*PLACE, *TARGET, "--metric", "load_per_slot"), "a processing time and a latency"),
        (
            (
                *(*PLACE, *TARGET, "--metric", "load_per_slot", "--processing-time", "2s"),
                *("--latency", "2m", "--concurrency-per-task", "0"),
            ),
            "1 message at least",
        ),
        ((*PLACE, *TARGET, "--scale-in-cooldown", "soon"), "is not a duration"),
        (("--queue", "o", "--service", "a/b/c", *TARGET), '"a/b/c" names no service'),
        (("--queue", "o", "--service", "arn:aws:sqs:r:1:q", *TARGET), "not the ARN of a service"),
        (("--queue", "o!", "--service", "jobs/orders", *TARGET), "names no queue"),
        ((*PLACE, *TARGET, "--policy-name", "x" * 257), "at most 256"),
        (("--rollback", "latest", "--write", "x"), "--rollback takes no policy"),
        (("--rollback", "latest", "--queue", "orders"), "--rollback takes no policy"),
        (("--rollback", "latest"), "no run of scale apply in this account"),
        (
            ("--rollback", "latest", "--service", "jobs/orders"),
            "of jobs/orders in this account",
        ),
        (("--rollback", "20260101"), 'no run "20260101" is known here'),
    ],
)
def test_a_wrong_command_line_asks_aws_for_nothing(
    edactl: Edactl, scaling: Scaling, arguments: tuple[str, ...], said: str
) -> None:
    world = scaling(with_data())

    run = edactl("scale", "apply", *arguments, "--yes")

    assert (run.status, run.out, world.requests) == (252, "", [])
    assert said in run.err


def test_a_service_that_does_not_exist_is_named(edactl: Edactl, scaling: Scaling) -> None:
    world = scaling(with_data(service=None))

    run = edactl("scale", "apply", *PLACE, *TARGET, "--yes")

    assert (run.status, world.writes) == (254, [])
    assert 'service "orders" does not exist in cluster "jobs"' in run.err


def test_a_policy_of_that_name_but_another_type_stays(edactl: Edactl, scaling: Scaling) -> None:
    stepped = {**OLD_POLICY, "PolicyType": "StepScaling"}
    target = {"MinCapacity": 2, "MaxCapacity": 40}
    world = scaling(with_data(target=target, policies={"edactl-orders": stepped}))

    run = edactl("scale", "apply", *PLACE, *TARGET, "--yes")

    assert (run.status, world.writes) == (3, [])
    assert "--policy-name" in run.err
    assert edactl("scale", "apply", *PLACE, *TARGET, "-y", "--policy-name", "own").status == 0
    assert set(world.policies) == {"edactl-orders", "own"}


# -- what an operator is warned of ----------------------------------------------------------------


def test_what_works_against_the_policy_is_said(edactl: Edactl, scaling: Scaling) -> None:
    target = {
        "MinCapacity": 1,
        "MaxCapacity": 9,
        "SuspendedState": {
            "DynamicScalingInSuspended": True,
            "DynamicScalingOutSuspended": True,
            "ScheduledScalingSuspended": False,
        },
    }
    world = with_data(target=target, service=service(desiredCount=50, runningCount=1))
    world.policies["cpu"] = {**OLD_POLICY, "PolicyName": "cpu"}
    world.points["backlog_per_task"] = [(time.time() - 3600, 1.0)]
    world.points["running"] = [(time.time() - 60, 3.0)]
    scaling(world)

    run = edactl("scale", "apply", *PLACE, *TARGET, "--dry-run")

    assert run.status == 0, run.err
    assert "policy cpu scales jobs/orders too" in run.err
    assert "scale-out and scale-in of jobs/orders is suspended" in run.err
    assert "from 50 to 40 at once" in run.err
    assert "the newest backlog_per_task is 60 minutes old" in run.err
    assert "CPU samples count 3 tasks where 1 run" in run.err
    assert report(run)["other_policies"] == ["cpu"]
    assert len(report(run)["warnings"]) == 5


def test_fifo_queues_and_a_minimum_of_none_are_warned_of(edactl: Edactl, scaling: Scaling) -> None:
    scaling(with_data())

    run = edactl(
        *("scale", "apply", "--queue", "orders.fifo", "--service", "jobs/orders", "-n"),
        *("--target-value", "15", "--minimum", "0", "--maximum", "4"),
    )

    assert run.status == 0
    assert "active message groups" in run.err
    assert "--minimum 1 avoids it" in run.err
    [tasks] = [one for one in report(run)["metric"]["series"] if one["id"] == "tasks"]
    assert tasks["what"] == "IF(FILL(running, 0) > 0, FILL(running, 0), 1)"


# -- files -----------------------------------------------------------------------------------------


def test_files_are_written_without_any_call_and_each_can_be_read(
    edactl: Edactl, scaling: Scaling, tmp_path: Path
) -> None:
    world = scaling(with_data())
    folder = tmp_path / "policy"
    write = ("scale", "apply", "-", *PLACE, "--write", str(folder))

    run = edactl(*write, stdin=json.dumps(ADVICE))

    assert (run.status, world.requests) == (0, [])
    done = report(run)
    assert (done["action"], done["applied"], done["before"]) == ("write", False, None)
    assert {Path(name).parent for name in done["files"]} == {folder}
    assert "nothing was applied" in run.err
    policy = json.loads((folder / "scaling-policy.json").read_text())
    assert policy == done["after"]["policy"]
    register = json.loads((folder / "register-scalable-target.json").read_text())
    assert (register["MinCapacity"], register["MaxCapacity"]) == (1, 20)
    configuration = policy["TargetTrackingScalingPolicyConfiguration"]
    template = json.loads((folder / "cloudformation.json").read_text())["Resources"]
    assert template["ScalableTarget"]["Properties"] == register
    assert template["ScalingPolicy"]["Properties"] == {
        "PolicyName": "edactl-orders",
        "PolicyType": "TargetTrackingScaling",
        "ScalingTargetId": {"Ref": "ScalableTarget"},
        "TargetTrackingScalingPolicyConfiguration": configuration,
    }
    cdk = ast.parse((folder / "scaling_cdk.py").read_text())
    names = {one.attr for one in ast.walk(cdk) if isinstance(one, ast.Attribute)}
    assert {"CfnScalableTarget", "TargetTrackingMetricDataQueryProperty"} <= names
    terraform = hcl2.loads((folder / "scaling.tf").read_text())
    target, scaling_policy = (bare(one) for one in terraform["resource"])
    held = scaling_policy["aws_appautoscaling_policy"]["tasks"]
    assert target["aws_appautoscaling_target"]["tasks"] == in_terraform(register)
    assert (held["name"], held["policy_type"]) == ("edactl-orders", "TargetTrackingScaling")
    assert held["target_tracking_scaling_policy_configuration"] == [in_terraform(configuration)]


def bare(value: Any) -> Any:
    """What the parser of HCL says, without its marks and quotes."""
    if isinstance(value, dict):
        return {bare(name): bare(one) for name, one in value.items() if name != "__is_block__"}
    if isinstance(value, list):
        return [bare(one) for one in value]
    return json.loads(value) if isinstance(value, str) and value.startswith('"') else value


def in_terraform(document: dict[str, Any]) -> dict[str, Any]:
    """An AWS document as the provider has it: names in snake case, each object a block."""
    found = {}
    for name, value in document.items():
        blocks = [value] if isinstance(value, dict) else value
        if isinstance(blocks, list):
            value = [in_terraform(one) for one in blocks]  # noqa: PLW2901 -- the same field
        found[re.sub("(?<=[a-z])(?=[A-Z])", "_", name).lower()] = value
    return found


def test_a_name_with_a_template_s_marks_stays_a_name_in_terraform(
    edactl: Edactl, scaling: Scaling, tmp_path: Path
) -> None:
    scaling(with_data())
    name = ("--policy-name", 'a "${b}" %{c}')

    run = edactl("scale", "apply", *PLACE, *TARGET, *name, "--write", str(tmp_path))

    assert run.status == 0, run.err
    assert ' = "a \\"$${b}\\" %%{c}"' in (tmp_path / "scaling.tf").read_text()


def test_files_with_other_contents_are_overwritten_only_when_told_to(
    edactl: Edactl, tmp_path: Path
) -> None:
    write = ("scale", "apply", *PLACE, *RANGE, "--write", str(tmp_path), "--target-value")
    assert edactl(*write, "15", "--dry-run").status == 0
    assert list(tmp_path.glob("scal*")) == []
    assert edactl(*write, "15").status == 0
    assert edactl(*write, "15").status == 0  # the same again

    run = edactl(*write, "16")
    assert run.status == 252
    assert "Overwrite" in run.err
    assert '"TargetValue": 15.0' in (tmp_path / "scaling-policy.json").read_text()
    assert edactl(*write, "16", "--yes").status == 0
    assert '"TargetValue": 16.0' in (tmp_path / "scaling-policy.json").read_text()
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    run = edactl("scale", "apply", *PLACE, *TARGET, "--write", str(in_the_way))
    assert run.status == 252
    assert "cannot be written" in run.err


@pytest.mark.parametrize(
    ("options", "advised"),
    [
        (("--target-value", "15"), "backlog:15"),
        (
            (
                *("--metric", "load_per_slot", "--target-value", "0.75"),
                *("--processing-time", "2s", "--latency", "2m", "--concurrency-per-task", "2"),
            ),
            "load:0.75",
        ),
    ],
)
@pytest.mark.parametrize("minimum", ["0", "1"])
def test_what_is_written_replays_as_the_policy_that_was_advised(
    edactl: Edactl, tmp_path: Path, options: tuple[str, ...], advised: str, minimum: str
) -> None:
    written = ("--minimum", minimum, "--maximum", "30", "--write", str(tmp_path))
    assert edactl("scale", "apply", *PLACE, *options, *written).status == 0

    run = edactl(
        *("scale", "simulate", "--pattern", "burst:1/s,8/s", "--duration", "3h"),
        *("--service-time", "constant:2s", "--concurrency-per-task", "2"),
        *("--minimum-tasks", minimum, "--maximum-tasks", "30"),
        *("--policy", str(tmp_path / "scaling-policy.json"), "--policy", advised),
    )

    assert run.status == 0, run.err
    ours, theirs = (json.loads(text) for text in run.out.splitlines())
    assert theirs["scaling_actions"] > 0
    assert ours | {"policy": advised} == theirs
