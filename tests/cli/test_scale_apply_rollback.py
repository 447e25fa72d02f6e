"""`scale apply` that dies, is refused half-way, or is taken back."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_scale_apply import OLD_POLICY, PLACE, TARGET, Scaling, report
from tests.running import Run
from tests.scripted_scaling import ScalingWorld, service, with_data

Edactl = Callable[..., Run]
APPLY = ("scale", "apply", *PLACE, *TARGET, "--yes")
BACK = ("scale", "apply", "--rollback", "latest", "--yes")
OLD_TARGET = {"MinCapacity": 1, "MaxCapacity": 9}


def settled_world() -> ScalingWorld:
    """A service that scales by CPU, with a policy of the name that edactl takes."""
    return with_data(target=dict(OLD_TARGET), policies={"edactl-orders": OLD_POLICY})


def logs() -> list[Path]:
    return sorted((Path.home() / ".local/state/edactl/scale").glob("*.ndjson"))


def killed(world: ScalingWorld, url: str, *arguments: str) -> int:
    """Run the command in a process of its own, which the endpoint kills; its status."""
    code = (
        "import os, sys; os.write(1, b'%d\\n' % os.getpid()); sys.stdin.readline();"
        f"from edactl.cli import main; sys.exit(main({list(arguments)!r}))"
    )
    environment = {**os.environ, "AWS_ENDPOINT_URL": url}
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    ) as process:
        assert process.stdout is not None
        world.victim = int(process.stdout.readline())
        process.communicate(b"\n")
    world.kill_at = ""
    return process.returncode


# -- rollback ------------------------------------------------------------------------------------


def test_a_rollback_puts_back_the_former_range_and_policy(edactl: Edactl, scaling: Scaling) -> None:
    world = scaling(settled_world())
    applied = report(edactl(*APPLY))

    run = edactl(*BACK)

    assert run.status == 0, run.err
    assert world.target == OLD_TARGET
    assert world.policies == {"edactl-orders": OLD_POLICY}
    done = report(run)
    assert (done["action"], done["of"], done["applied"]) == ("rollback", applied["run_id"], True)
    assert done["after"] == applied["before"]
    again = edactl(*BACK)
    assert again.status == 0
    assert f"rolled back by {done['run_id']}: nothing to do" in again.err
    assert world.target == OLD_TARGET


def test_a_rollback_to_nothing_deletes_the_policy_and_deregisters(
    edactl: Edactl, scaling: Scaling
) -> None:
    world = scaling(with_data())
    assert edactl(*APPLY).status == 0
    world.requests.clear()

    dry = edactl(*BACK, "--dry-run")
    assert (dry.status, world.writes) == (0, [])
    assert edactl(*BACK, "--service", "jobs/orders").status == 0

    assert "the scheduled actions of jobs/orders are deleted with its registration" in dry.err
    assert world.writes == ["DeleteScalingPolicy", "DeregisterScalableTarget"]
    assert (world.target, world.policies) == (None, {})


def test_a_rollback_can_be_taken_back_by_its_name(edactl: Edactl, scaling: Scaling) -> None:
    world = scaling(with_data())
    applied = report(edactl(*APPLY))
    back = report(edactl("scale", "apply", "--rollback", applied["run_id"], "--yes"))

    run = edactl("scale", "apply", "--rollback", back["backup"], "--yes")

    assert run.status == 0, run.err
    assert world.target == {"MinCapacity": 2, "MaxCapacity": 40}
    assert world.policies["edactl-orders"] == applied["after"]["policy"]


def test_what_somebody_changed_since_is_not_overwritten_unless_forced(
    edactl: Edactl, scaling: Scaling
) -> None:
    world = scaling(settled_world())
    assert edactl(*APPLY).status == 0
    assert world.target is not None
    world.target["MaxCapacity"] = 77
    world.requests.clear()

    run = edactl(*BACK)

    assert (run.status, run.out, world.writes) == (3, "", [])
    assert "was changed since run" in run.err
    assert "maximum_tasks" in run.err
    assert edactl(*BACK, "--force").status == 0
    assert world.target == OLD_TARGET


def test_policies_that_came_since_are_not_deleted_with_the_target_unless_forced(
    edactl: Edactl, scaling: Scaling
) -> None:
    world = scaling(with_data())
    assert edactl(*APPLY).status == 0
    world.policies["cpu"] = {**OLD_POLICY, "PolicyName": "cpu"}

    run = edactl(*BACK)

    assert run.status == 3
    assert "now has the policies cpu, which would be deleted too" in run.err
    assert world.target is not None
    assert edactl(*BACK, "--force").status == 0
    assert world.target is None


def test_a_run_of_another_account_is_not_rolled_back_here(edactl: Edactl, scaling: Scaling) -> None:
    scaling(with_data())
    assert edactl(*APPLY).status == 0
    run_id = report(edactl(*APPLY, "--target-value", "9"))["run_id"]
    arn = "arn:aws:ecs:eu-west-1:999999999999:service/jobs/orders"
    other = scaling(with_data(service=service(serviceArn=arn)))

    named = edactl("scale", "apply", "--rollback", run_id, "--yes")
    latest = edactl(*BACK)

    assert (named.status, latest.status, other.writes) == (252, 252, [])
    assert "--region eu-west-1" in named.err
    assert "no run of scale apply in this account" in latest.err


def test_the_latest_run_is_the_latest_of_this_account_and_region(
    edactl: Edactl, scaling: Scaling, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = "arn:aws:ecs:eu-west-1:999999999999:service/jobs/orders"
    here = with_data()
    scaling(here)
    assert edactl(*APPLY).status == 0
    ours = report(edactl("scale", "apply", "--rollback", "latest", "--dry-run"))["of"]
    scaling(with_data(service=service(serviceArn=arn)))
    assert edactl(*APPLY).status == 0
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    assert edactl(*APPLY).status == 0
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    scaling(here)

    run = edactl(*BACK)

    assert run.status == 0, run.err
    assert report(run)["of"] == ours
    assert here.target is None


def test_a_run_of_another_service_is_not_taken_for_it(edactl: Edactl, scaling: Scaling) -> None:
    scaling(with_data())
    run_id = report(edactl(*APPLY))["run_id"]

    run = edactl("scale", "apply", "--rollback", run_id, "--service", "jobs/others", "--yes")

    assert run.status == 252
    assert f"run {run_id} is of jobs/orders, not of jobs/others" in run.err


@pytest.mark.parametrize(
    "text",
    ["", "{", "{}\n", "[]\n", "x\n", '{"edactl_scale_run":2}\n', "[" * 100_000 + "\n"],
    ids=["empty", "cut off", "object", "list", "no json", "version", "deep"],
)
def test_a_broken_log_is_refused_by_name_and_left_out_of_the_latest(
    edactl: Edactl, scaling: Scaling, text: str
) -> None:
    world = scaling(with_data())
    assert edactl(*APPLY).status == 0
    broken = logs()[0].with_name("29990101T000000.000000Z.ndjson")
    broken.write_text(text)

    run = edactl("scale", "apply", "--rollback", broken.stem, "--yes")

    assert run.status == 252
    assert str(broken) in run.err
    assert edactl(*BACK).status == 0
    assert world.target is None


@pytest.mark.parametrize(
    "state",
    [
        "x",
        {"range": {"minimum_tasks": "1", "maximum_tasks": 2}, "policy": None},
        {"range": None, "policy": 3},
    ],
    ids=["word", "range", "policy"],
)
def test_a_log_with_a_state_that_is_none_is_refused(
    edactl: Edactl, scaling: Scaling, state: Any
) -> None:
    world = scaling(with_data())
    assert edactl(*APPLY).status == 0
    world.requests.clear()
    [log] = logs()
    header, *rest = log.read_text().splitlines(keepends=True)
    log.write_text("".join([json.dumps(json.loads(header) | {"before": state}) + "\n", *rest]))

    run = edactl("scale", "apply", "--rollback", log.stem, "--yes")

    assert (run.status, world.requests) == (252, [])
    assert "it is no log of a run" in run.err


def test_a_log_that_cannot_be_read_is_named(edactl: Edactl, scaling: Scaling) -> None:
    scaling(with_data())
    assert edactl(*APPLY).status == 0
    [log] = logs()
    log.write_bytes(b"\xff")

    run = edactl("scale", "apply", "--rollback", log.stem, "--yes")

    assert run.status == 252
    assert "cannot be read" in run.err


def test_lines_that_a_crash_left_in_pieces_tell_nothing(edactl: Edactl, scaling: Scaling) -> None:
    world = scaling(with_data())
    assert edactl(*APPLY).status == 0
    [log] = logs()
    header = log.read_text().splitlines(keepends=True)[0]
    log.write_text(header + '[]\n{"sen')

    first, second = edactl(*BACK), edactl(*BACK)

    assert (first.status, second.status) == (0, 0)
    assert world.target is None
    assert "nothing to do; name an older run" in second.err


# -- failures and deaths ---------------------------------------------------------------------------


def test_without_a_backup_nothing_is_sent(
    edactl: Edactl, scaling: Scaling, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    world = scaling(with_data())
    state = tmp_path / "state/edactl/scale"
    state.mkdir(parents=True)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    state.chmod(0o500)
    if os.access(state, os.W_OK):  # root may write anywhere
        state.rmdir()
        state.symlink_to("/proc/self/fdinfo")

    run = edactl(*APPLY)

    assert (run.status, world.writes) == (252, [])
    assert "cannot be written" in run.err


def test_without_a_folder_for_backups_nothing_is_sent(
    edactl: Edactl, scaling: Scaling, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = scaling(with_data())
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/null")

    run = edactl(*APPLY)

    assert (run.status, run.out, world.writes) == (252, "", [])
    assert "the folder for backups cannot be made" in run.err
    assert "XDG_STATE_HOME=FOLDER" in run.err


def test_a_first_call_that_is_refused_changes_nothing(edactl: Edactl, scaling: Scaling) -> None:
    world = scaling(settled_world())
    world.errors["RegisterScalableTarget"] = ("AccessDeniedException", "not authorized")

    run = edactl(*APPLY)

    assert run.status == 254
    assert "application-autoscaling:RegisterScalableTarget" in run.err
    assert "iam-policy scale apply" in run.err
    assert f"--rollback {report(run)['run_id']}" in run.err
    assert [one["status"] for one in report(run)["steps"]] == ["failed", "planned"]
    assert report(run)["applied"] is False
    assert world.target == OLD_TARGET


def test_a_second_call_that_is_refused_is_said_and_can_be_taken_back(
    edactl: Edactl, scaling: Scaling
) -> None:
    world = scaling(settled_world())
    world.errors["PutScalingPolicy"] = ("AccessDeniedException", "not authorized")

    run = edactl(*APPLY)

    assert run.status == 2
    done = report(run)
    assert [one["status"] for one in done["steps"]] == ["done", "failed"]
    assert done["applied"] is True
    assert "is changed in part, by RegisterScalableTarget" in run.err
    assert "application-autoscaling:PutScalingPolicy" in run.err
    assert f"--rollback {done['run_id']}" in run.err
    assert world.target == {"MinCapacity": 2, "MaxCapacity": 40}
    assert edactl(*BACK).status == 0
    assert world.target == OLD_TARGET
    assert world.policies == {"edactl-orders": OLD_POLICY}


def test_a_rollback_that_is_refused_half_way_is_not_taken_for_one_that_is_done(
    edactl: Edactl, scaling: Scaling
) -> None:
    world = scaling(with_data())
    assert edactl(*APPLY).status == 0
    world.errors["DeregisterScalableTarget"] = ("AccessDeniedException", "not authorized")

    half = edactl(*BACK)
    assert (half.status, world.policies) == (2, {})
    world.errors.clear()

    assert edactl(*BACK).status == 0
    assert (world.target, world.policies) == (None, {})


def test_the_backup_is_on_the_disk_before_the_first_call(
    edactl: Edactl, scaling: Scaling, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = scaling(settled_world())
    synced: list[tuple[bool, list[str]]] = []
    sync = os.fsync

    def recorded(descriptor: int) -> None:
        held = stat.S_ISREG(os.fstat(descriptor).st_mode)
        synced.append((held and os.fstat(descriptor).st_size > 0, list(world.writes)))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", recorded)
    assert edactl(*APPLY).status == 0

    file, folder = synced[:2]
    assert (file, folder) == ((True, []), (False, []))


def test_a_run_that_failed_half_way_is_finished_and_then_taken_back_to_before_both(
    edactl: Edactl, scaling: Scaling
) -> None:
    world = scaling(settled_world())
    world.errors["PutScalingPolicy"] = ("AccessDeniedException", "not authorized")
    half = report(edactl(*APPLY))
    world.errors.clear()
    world.requests.clear()

    rest = edactl(*APPLY)

    assert (rest.status, world.writes) == (0, ["PutScalingPolicy"])
    assert f"run {half['run_id']} had not ended" in rest.err
    assert edactl(*BACK).status == 0
    assert world.target == OLD_TARGET
    assert world.policies == {"edactl-orders": OLD_POLICY}


@pytest.mark.parametrize("carried_out", [False, True])
@pytest.mark.parametrize("operation", ["RegisterScalableTarget", "PutScalingPolicy"])
def test_a_run_killed_in_any_call_can_be_taken_back(
    edactl: Edactl, scaling: Scaling, operation: str, *, carried_out: bool
) -> None:
    world = scaling(settled_world())
    world.kill_at, world.carried_out = operation, carried_out

    status = killed(world, os.environ["AWS_ENDPOINT_URL"], *APPLY)

    assert status == -signal.SIGKILL
    back = edactl(*BACK)
    assert back.status == 0, back.err
    assert world.target == OLD_TARGET
    assert world.policies == {"edactl-orders": OLD_POLICY}


@pytest.mark.parametrize("carried_out", [False, True])
@pytest.mark.parametrize("operation", ["DeleteScalingPolicy", "DeregisterScalableTarget"])
def test_a_rollback_killed_in_any_call_is_finished_by_another(
    edactl: Edactl, scaling: Scaling, operation: str, *, carried_out: bool
) -> None:
    world = scaling(with_data())
    assert edactl(*APPLY).status == 0
    world.kill_at, world.carried_out = operation, carried_out

    status = killed(world, os.environ["AWS_ENDPOINT_URL"], *BACK)

    assert status == -signal.SIGKILL
    back = edactl(*BACK)
    assert back.status == 0, back.err
    assert (world.target, world.policies) == (None, {})


def test_a_run_that_was_killed_at_its_end_is_not_half_way(edactl: Edactl, scaling: Scaling) -> None:
    world = scaling(settled_world())
    world.kill_at, world.carried_out = "PutScalingPolicy", True
    killed(world, os.environ["AWS_ENDPOINT_URL"], *APPLY)

    second = edactl("scale", "apply", *PLACE, *TARGET, "--target-value", "9", "--yes")

    assert "had not ended" not in second.err
    assert edactl(*BACK).status == 0
    put_back = world.policies["edactl-orders"]["TargetTrackingScalingPolicyConfiguration"]
    assert put_back["TargetValue"] == 15


def test_ctrl_c_between_the_two_calls_waits_for_both(edactl: Edactl, scaling: Scaling) -> None:
    world = scaling(settled_world())
    world.kill_at, world.carried_out = "RegisterScalableTarget", True
    world.signal = signal.SIGINT

    status = killed(world, os.environ["AWS_ENDPOINT_URL"], *APPLY)

    assert status == 130
    assert world.writes == ["RegisterScalableTarget", "PutScalingPolicy"]
    assert edactl(*BACK).status == 0
    assert world.policies == {"edactl-orders": OLD_POLICY}
