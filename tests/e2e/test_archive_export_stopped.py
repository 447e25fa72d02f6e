"""An export that is stopped: what it says, and what is left."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator

import pytest

from edactl.sandbox.state import SandboxState
from tests.executable import EXECUTABLE, PATIENCE_SECONDS, run
from tests.sandbox_queues import SandboxQueues


@pytest.fixture
def export(sandbox: SandboxState) -> Iterator[subprocess.Popen[str]]:
    """An export that has made its temporary rule."""
    session = SandboxQueues(sandbox).session
    session.call("events", "create_event_bus", Name="flix")
    assert run("archive", "create", "all", "--bus", "flix").returncode == 0
    process = subprocess.Popen(
        [EXECUTABLE, "archive", "export", "all"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while "edactl-tail-" not in str(session.call("events", "list_rules", EventBusName="flix")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    yield process
    process.kill()
    process.communicate()


def leftovers() -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(
        run("bus", "sweep", "--all", "--dry-run", "-o", "json").stdout
    )
    return found


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_and_leaves_nothing(
    export: subprocess.Popen[str], number: signal.Signals, status: int
) -> None:
    export.send_signal(number)
    _, err = export.communicate(timeout=PATIENCE_SECONDS)

    assert export.returncode == status
    assert "the export is not complete" in err
    assert leftovers() == []


def test_what_a_kill_leaves_a_sweep_removes(export: subprocess.Popen[str]) -> None:
    export.kill()
    export.communicate(timeout=PATIENCE_SECONDS)

    assert {str(one["kind"]) for one in leftovers()} == {"rule", "queue"}
    assert run("bus", "sweep", "--all", "--yes").returncode == 0
    assert leftovers() == []
