"""A redrive through a network and a service that fail: no letter is lost, and counts tell all."""

from __future__ import annotations

import json

import pytest

from edactl.sandbox.state import SandboxState
from tests.faulty_sqs import Dice, faulty_sqs
from tests.redrive_world import CERTAIN, CHANCES, RedriveWorld


@pytest.mark.parametrize("fifo", [False, True], ids=["standard", "fifo"])
def test_under_every_fault_no_letter_is_lost_or_changed(
    sandbox: SandboxState, *, fifo: bool
) -> None:
    world = RedriveWorld(sandbox, letters=15 if fifo else 120, fifo=fifo)
    dice = Dice(CHANCES, seed=7, certain=CERTAIN)
    with faulty_sqs(sandbox.port, dice) as endpoint:
        done = world.run(world.dlq.name, "--lease", "2s", endpoint=endpoint)

    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert all(dice.fired[f"{name} {one}"] for name, faults in CERTAIN.items() for one in faults)
    assert report["received"] == report["deleted"] == world.letters
    assert report["ambiguous"] == 0 if fifo else report["ambiguous"] > 0
    world.check(report)
