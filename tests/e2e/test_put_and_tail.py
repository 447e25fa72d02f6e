from __future__ import annotations

import json
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edactl.sandbox.state import SandboxState
from tests.executable import EXECUTABLE, PATIENCE_SECONDS, run
from tests.scripted_sqs import error, scripted_sqs

FLAGS = ("--source", "com.flix", "--detail-type", "T", "--detail", '{"n":1}')
EVENT = '{"source":"com.flix","detail-type":"T","detail":{"n":%d}}\n'


def until_listening(tail: subprocess.Popen[str]) -> None:
    assert tail.stderr is not None
    line = tail.stderr.readline()
    assert "listening on bus" in line, line


def leftovers() -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(
        run("bus", "sweep", "--all", "--dry-run", "-o", "json").stdout
    )
    return found


def test_a_tail_shows_what_is_put_and_leaves_nothing(
    start: Callable[..., subprocess.Popen[str]],
) -> None:
    tail = start("bus", "tail", "--limit", "1", "--source", "com.flix")
    until_listening(tail)

    assert run("put-event", "--source", "other", *FLAGS[2:]).returncode == 0
    assert run("put-event", *FLAGS).returncode == 0
    out, _ = tail.communicate(timeout=PATIENCE_SECONDS)

    [event] = [json.loads(line) for line in out.splitlines()]
    assert tail.returncode == 0
    assert (event["source"], event["detail"]) == ("com.flix", {"n": 1})
    assert {"id", "account", "time", "region", "version"} <= set(event)
    assert leftovers() == []


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["INT", "TERM"]
)
def test_a_signal_ends_a_tail_and_leaves_nothing(
    start: Callable[..., subprocess.Popen[str]], number: signal.Signals, status: int
) -> None:
    tail = start("bus", "tail")
    until_listening(tail)

    tail.send_signal(number)
    tail.communicate(timeout=PATIENCE_SECONDS)

    assert tail.returncode == status
    assert leftovers() == []


def test_a_closed_pipe_ends_a_tail_and_leaves_nothing(
    start: Callable[..., subprocess.Popen[str]],
) -> None:
    tail = start("bus", "tail")
    until_listening(tail)
    assert tail.stdout is not None
    tail.stdout.close()

    run("put-event", *FLAGS)

    assert tail.wait(timeout=PATIENCE_SECONDS) == 141
    assert leftovers() == []


def test_a_timeout_ends_a_tail_with_124_and_leaves_nothing(sandbox: SandboxState) -> None:
    assert run("bus", "tail", "--timeout", "2s").returncode == 124
    assert leftovers() == []


def test_what_a_kill_leaves_is_swept_and_nothing_else(
    start: Callable[..., subprocess.Popen[str]],
) -> None:
    tail = start("bus", "tail")
    until_listening(tail)
    tail.kill()
    tail.communicate(timeout=PATIENCE_SECONDS)

    assert sorted(str(one["kind"]) for one in leftovers()) == ["queue", "rule"]
    young = run("bus", "sweep", "--yes", "-o", "json")
    assert json.loads(young.stdout) == []
    assert "nothing has expired: 2 temporary resources may be in use" in young.stderr
    assert run("bus", "sweep", "--all").returncode == 252
    assert len(leftovers()) == 2
    assert run("bus", "sweep", "--all", "--yes").returncode == 0
    assert leftovers() == []


def test_an_expected_event_ends_the_tail_with_0(
    start: Callable[..., subprocess.Popen[str]],
) -> None:
    tail = start("bus", "tail", "--expect", "detail.n == `2`", "--timeout", "60s")
    until_listening(tail)

    run("put-event", "-", stdin=EVENT % 1 + EVENT % 2)
    out, _ = tail.communicate(timeout=PATIENCE_SECONDS)

    assert tail.returncode == 0
    assert json.loads(out)["detail"] == {"n": 2}


def test_an_event_that_does_not_come_is_124(sandbox: SandboxState) -> None:
    done = run("bus", "tail", "--expect", "detail.n == `2`", "--timeout", "2s")

    assert (done.returncode, done.stdout) == (124, "")


def test_what_a_tail_prints_put_event_reads(
    start: Callable[..., subprocess.Popen[str]],
) -> None:
    tail = start("bus", "tail", "--limit", "2")
    until_listening(tail)
    run("put-event", "-", stdin=EVENT % 1 + EVENT % 2)
    captured, _ = tail.communicate(timeout=PATIENCE_SECONDS)

    again = start("bus", "tail", "--limit", "2")
    until_listening(again)
    assert run("put-event", "-", stdin=captured).returncode == 0
    replayed, _ = again.communicate(timeout=PATIENCE_SECONDS)

    assert sorted(json.loads(line)["detail"]["n"] for line in replayed.splitlines()) == [1, 2]


def test_ctrl_c_ends_a_put_with_exact_counts_and_where_to_go_on(
    start: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    path = tmp_path / "events.ndjson"
    # a hundred seconds' worth, so that it is not done before the first arrives on a busy machine
    path.write_text("".join(EVENT % n for n in range(5000)), "utf-8")
    tail = start("bus", "tail")
    until_listening(tail)
    put = start("put-event", str(path), "--rate", "50", "-o", "json")
    assert tail.stdout is not None
    first = tail.stdout.readline()

    put.send_signal(signal.SIGINT)
    out, err = put.communicate(timeout=PATIENCE_SECONDS)
    sent = json.loads(out)["sent"]
    give_up = threading.Timer(PATIENCE_SECONDS, tail.kill)
    give_up.start()
    arrived = [first, *(tail.stdout.readline() for _ in range(sent - 1))]
    give_up.cancel()
    tail.send_signal(signal.SIGINT)
    more, _ = tail.communicate(timeout=PATIENCE_SECONDS)

    assert put.returncode == 130
    assert 0 < sent < 5000
    assert f"go on with --from-index {sent}" in err
    assert sorted(json.loads(line)["detail"]["n"] for line in arrived) == list(range(sent))
    assert more == ""


def test_a_slow_pipe_does_not_wait_for_a_full_batch(
    start: Callable[..., subprocess.Popen[str]],
) -> None:
    put = start("put-event", "-", "-o", "ndjson")
    assert put.stdin is not None
    assert put.stdout is not None
    put.stdin.write(EVENT % 1)
    put.stdin.flush()

    record = json.loads(put.stdout.readline())
    put.stdin.close()

    assert record["index"] == 0
    assert put.wait(timeout=PATIENCE_SECONDS) == 0


def test_a_pipe_that_starts_late_is_checked_before_anything_is_sent(
    start: Callable[..., subprocess.Popen[str]],
) -> None:
    late = f"sleep 1.3; printf '%s' '{EVENT % 1}nonsense'"
    done = subprocess.run(
        ["/bin/sh", "-c", f"({late}) | {EXECUTABLE} put-event - -v"],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    assert (done.returncode, done.stdout) == (252, "")
    assert "<stdin>:2: not JSON" in done.stderr
    assert "put_events" not in done.stderr


def test_a_second_signal_ends_a_put_at_once_and_says_what_may_be_sent_twice(
    start: Callable[..., subprocess.Popen[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, over = threading.Event(), threading.Event()

    def answer(operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if operation == "DescribeEventBus":
            return 200, {"Name": "default", "Arn": "arn:aws:events:us-east-1:1:event-bus/default"}
        asked.set()
        over.wait(PATIENCE_SECONDS)
        return error("InternalFailure", 500)

    path = tmp_path / "events.ndjson"
    path.write_text("".join(EVENT % n for n in range(20)), "utf-8")
    monkeypatch.setenv("EDACTL_SANDBOX", "0")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    with scripted_sqs(answer) as (url, _):
        put = start("put-event", str(path), "--endpoint-url", url, "--region", "us-east-1")
        assert asked.wait(PATIENCE_SECONDS)
        put.send_signal(signal.SIGINT)
        put.send_signal(signal.SIGTERM)
        _, err = put.communicate(timeout=PATIENCE_SECONDS / 2)
        assert not over.is_set()
        over.set()

    # whichever of the two the kernel hands over last
    assert put.returncode in {130, 143}
    assert 'bus "default": 0 sent, 0 failed when it was stopped at once' in err
    assert "--from-index 0 goes on" in err
