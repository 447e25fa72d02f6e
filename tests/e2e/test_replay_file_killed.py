"""A file replay that is killed, and resumed: every event arrives, few arrive twice."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from edactl.core.queue import Queue
from edactl.sandbox.state import SandboxState
from tests.sandbox_queues import SandboxQueues

EXECUTABLE = str(Path(sys.executable).parent / "edactl")
EVENTS, CONCURRENCY, KILLS = 600, 2, 3
PATIENCE_SECONDS = 60.0


@pytest.fixture
def arrived(sandbox: SandboxState) -> tuple[SandboxQueues, Queue]:
    """The queue that gets every event of bus flix."""
    queues = SandboxQueues(sandbox)
    queue = queues.make("arrived")
    queues.session.call("events", "create_event_bus", Name="flix")
    pattern = json.dumps({"source": ["com.flix"]})
    queues.session.call("events", "put_rule", Name="all", EventBusName="flix", EventPattern=pattern)
    target = {"Id": "1", "Arn": queue.arn}
    queues.session.call("events", "put_targets", Rule="all", EventBusName="flix", Targets=[target])
    return queues, queue


def _file(path: Path) -> str:
    line = '{"source":"com.flix","detail-type":"T","detail":{"n":%d}}\n'
    path.write_text("".join(line % n for n in range(EVENTS)), "utf-8")
    return str(path)


def _counts(queues: SandboxQueues, queue: Queue) -> Counter[int]:
    return Counter(json.loads(body)["detail"]["n"] for body in queues.bodies(queue))


def test_killed_at_random_and_resumed_every_event_arrives(
    arrived: tuple[SandboxQueues, Queue], tmp_path: Path
) -> None:
    checkpoint = tmp_path / "checkpoint.ndjson"
    command = [EXECUTABLE, "replay", "file", _file(tmp_path / "events.ndjson"), "--bus", "flix"]
    command += ["--checkpoint", str(checkpoint), "--concurrency", str(CONCURRENCY), "-o", "json"]
    dice, kills = random.Random(7), 0  # noqa: S311 -- instants, not secrets
    while kills < KILLS:
        resume = ["--resume"] if checkpoint.exists() else []
        before = checkpoint.stat().st_size if resume else 0
        process = subprocess.Popen([*command, "--rate", "300", *resume], stderr=subprocess.DEVNULL)
        _wait_for_growth(checkpoint, before, process)
        time.sleep(dice.uniform(0, 0.25))
        process.kill()
        kills += process.wait() == -signal.SIGKILL
    done = subprocess.run(
        [*command, "--resume"],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "at least once" in done.stderr
    counts = _counts(*arrived)
    assert set(counts) == set(range(EVENTS))
    assert counts.total() - EVENTS <= KILLS * CONCURRENCY * 10


def _wait_for_growth(checkpoint: Path, size: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (checkpoint.exists() and checkpoint.stat().st_size > size):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.01)


def test_ctrl_c_leaves_nothing_in_flight_and_names_the_way_on(
    arrived: tuple[SandboxQueues, Queue], tmp_path: Path
) -> None:
    checkpoint = tmp_path / "checkpoint.ndjson"
    command = [EXECUTABLE, "replay", "file", _file(tmp_path / "events.ndjson"), "--bus", "flix"]
    command += ["--checkpoint", str(checkpoint), "-o", "json"]
    process = subprocess.Popen(
        [*command, "--rate", "300"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    _wait_for_growth(checkpoint, 0, process)  # type: ignore[arg-type] # text or not
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    first = json.loads(out)
    done = subprocess.run(
        [*command, "--resume"],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    assert process.returncode == 130
    assert "go on with the same command and --resume" in err
    assert done.returncode == 0, done.stderr
    assert "at least once" not in done.stderr
    assert json.loads(done.stdout)["already_done"] == first["sent"]
    assert _counts(*arrived) == Counter(range(EVENTS))
