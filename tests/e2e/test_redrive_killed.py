"""A redrive that is killed at random instants, and resumed: no letter is lost."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import pytest

from edactl.sandbox.state import SandboxState
from tests.faulty_sqs import Dice, faulty_sqs
from tests.redrive_world import (
    CHANCES,
    PATIENCE_SECONDS,
    RedriveWorld,
    killed_runs,
    wait_for_growth,
)

SLOW = {"SendMessageBatch": {"late": 1.0}, "DeleteMessageBatch": {"late": 1.0}}


@pytest.mark.parametrize("fifo", [False, True], ids=["standard", "fifo"])
def test_killed_at_random_and_resumed_no_letter_is_lost_or_changed(
    sandbox: SandboxState, tmp_path: Path, *, fifo: bool
) -> None:
    world = RedriveWorld(sandbox, letters=20 if fifo else 80, fifo=fifo)
    with faulty_sqs(sandbox.port, Dice(SLOW, seed=1)) as endpoint:
        report = killed_runs(world, tmp_path / "j.ndjson", endpoint, kills=2, seed=3)

    assert report["received"] == report["deleted"] == world.letters
    world.check(report)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("fifo", [False, True], ids=["standard", "fifo"])
def test_hundreds_of_killed_runs_under_faults_lose_no_letter(
    sandbox: SandboxState, tmp_path: Path, seed: int, *, fifo: bool
) -> None:
    """50 redrives, each killed four times."""
    world = RedriveWorld(sandbox, letters=60 if fifo else 300, fifo=fifo)
    with faulty_sqs(sandbox.port, Dice(CHANCES, seed)) as endpoint:
        report = killed_runs(world, tmp_path / "j.ndjson", endpoint, kills=4, seed=seed)

    assert report["received"] == world.letters
    world.check(report)


@pytest.mark.parametrize(
    ("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["ctrl-c", "sigterm"]
)
def test_a_first_signal_finishes_what_is_in_hand_and_names_the_way_on(
    sandbox: SandboxState, tmp_path: Path, sent: signal.Signals, status: int
) -> None:
    world = RedriveWorld(sandbox, letters=80)
    journal = tmp_path / "j.ndjson"
    process = subprocess.Popen(
        world.command(world.dlq.name, "--rate", "40", "--journal", str(journal)),
        env=world.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for_growth(journal, 0, process)  # type: ignore[arg-type] # text or not
    process.send_signal(sent)
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    stopped = json.loads(out)
    depth = world.queues.depth(world.dlq)
    done = world.run(world.dlq.name, "--resume", str(journal))

    assert process.returncode == status, err
    assert stopped["received"] == stopped["sent"] == stopped["deleted"] < 80
    assert depth == (80 - stopped["sent"], 0)
    assert f"edactl dlq redrive orders-dlq --resume {journal}" in err
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["sent"], report["ambiguous"]) == (80, 0)
    world.check(report)
